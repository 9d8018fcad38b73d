"""How Sphinx builds the site: MyST pages, the reference from docstrings, the gallery, furo.

`python docs/build.py` is the command. The pages are the Markdown files of the project, read where
they lie (`extensions/repository_links.py` makes their links lead to pages), and nothing that a page
needs when it is looked at comes from another host.
"""

import os
import sys
from pathlib import Path

import shallownet_native

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "extensions"))
os.environ["MPLBACKEND"] = "Agg"  # examples are run without a display
os.environ.pop("DISPLAY", None)

project = "shallownet-native"
author = "shallownet-native developers"
copyright = "shallownet-native developers, BSD-3-Clause"  # noqa: A001
version = release = shallownet_native.__version__
language = "en"
smartquotes = False  # "tanh" is a name

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "gallery_order",
    "repository_links",
    "public_reference",
]
exclude_patterns = ["README.md", "playground/**", "_templates/**", "gallery/**/*.ipynb"]
templates_path = ["_templates"]

# Markdown as code hosts show it.
myst_heading_anchors = 4
myst_url_schemes = {  # site: is what repository_links writes
    "http": None,
    "https": None,
    "mailto": None,
    "site": {"url": "{{path}}"},
}
suppress_warnings = ["config.cache"]  # functions among sphinx-gallery's settings

# The reference.
autosummary_generate = True
autodoc_typehints = "none"  # the docstrings say more than the annotations
# It looks for sources by __module__, which is the package for public classes: Python 3.13 misreads.
autodoc_use_type_comments = False
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_use_ivar = True
default_role = "py:obj"  # `name` in a docstring leads to what has that name, if anything has
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"

# The gallery: every script is run, in the order of its folder, and one that fails ends the build.
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "subsection_order": "gallery_order.subsection",
    "within_subsection_order": "gallery_order.example",
    "doc_module": ("shallownet_native",),
    "backreferences_dir": "gallery/backreferences",
    "write_computation_times": False,
    "show_signature": False,
    "download_all_examples": False,
    "copyfile_regex": r".*\.csv",
    "capture_repr": (),
    "min_reported_time": 1e9,
    "abort_on_example_error": False,
}

# Prompts and output are not copied with the code.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "shallownet-native"
html_logo = "_static/logo.svg"
html_favicon = "_static/logo.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5394", "color-brand-content": "#0b5394"},
    "dark_css_variables": {"color-brand-primary": "#8ec5ff", "color-brand-content": "#8ec5ff"},
}

linkcheck_timeout = 30
linkcheck_retries = 2
linkcheck_workers = 4
