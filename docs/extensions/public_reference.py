"""What the reference pages show of the package: public names, with their own methods.

scikit-learn's methods (`get_params`, `set_output` ...) are left to its own documentation, whose
docstrings refer to pages that are not here. The docstrings are written to be read as they are:
what reStructuredText would take for a reference in them (`coefs_`) is escaped here, and a page that
they name (docs/method.md) becomes a link to it.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

PACKAGE = "shallownet_native"
PAGE = re.compile(r"(?<![\w/`])docs/([\w/-]+)\.md\b")  # as docstrings name pages
FITTED = re.compile(r"(?<![\\`\w])(\w*[^\W_])_(?![\w`])")  # ends as a reference to a target would


def is_ours(member: Any) -> bool:
    """Tell whether a method or property was written in this package."""
    function = member.fget if isinstance(member, property) else inspect.unwrap(member)
    return str(getattr(function, "__module__", PACKAGE) or PACKAGE).startswith(PACKAGE)


def on_skip_member(app: Any, what: str, name: str, member: Any, skip: bool, options: Any) -> Any:
    """Leave out what is private, or another package's."""
    if what not in ("class", "exception"):
        return None
    return True if name.startswith("_") or not is_ours(member) else None


def on_docstring(
    app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Escape names that end in an underscore, and link to pages; code is left alone."""
    in_code = False
    for k, line in enumerate(lines):
        in_code = bool(line.strip()) and (in_code or line.lstrip().startswith(">>> "))
        if not in_code:
            lines[k] = PAGE.sub(r":doc:`/\1`", FITTED.sub(r"\1\\_", line))


def setup(app: Any) -> dict[str, bool]:
    """Take part in the build."""
    app.connect("autodoc-skip-member", on_skip_member)
    app.connect("autodoc-process-docstring", on_docstring, priority=900)  # after napoleon
    return {"parallel_read_safe": True, "parallel_write_safe": True}
