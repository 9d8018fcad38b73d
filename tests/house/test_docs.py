"""What the pages say is run: Python blocks, docstrings, commands, links and tables of names.

A page's Python blocks share one namespace, from top to bottom, in an empty folder. They must print
what the page prints. `console` blocks are run after the page's Python; `bash` blocks
(installation, long runs) are only parsed, and their `shallownet` options looked up in `--help`.
"""

import doctest
import functools
import importlib
import inspect
import pkgutil
import re
import shlex
import subprocess
import sys

import pytest

import shallownet_native as sn
from absent import without
from docs_pages import LINKING, PAGES, PROGRAMS, ROOT, SCRIPTS, blocks, page_id
from shallownet_native._native import backend
from shallownet_native.cli import program
from shallownet_native.network.initialization import INITIALIZERS


def pages_with(*languages):
    return [page for page in PAGES if any(blocks(page, language) for language in languages)]


def run_python(page, each_alone=False):
    names = {}
    for line, text in blocks(page, "python"):
        assert ">>> " in text, f"{page.name}:{line}: write it with >>>, so that it is compared"
        known = {} if each_alone else names
        example = doctest.DocTestParser().get_doctest(text, known, page.name, str(page), line)
        report = []
        runner = doctest.DocTestRunner()
        result = runner.run(example, out=report.append, clear_globs=False)
        assert result.failed == 0, "".join(report)
        names.update(example.globs)


def run_command(command, capfd):
    """Run the command line in this process, which is quicker, and anything else by bash."""
    capfd.readouterr()
    words = shlex.split(command)
    try:
        is_ours = words[0] == "shallownet"
        code = program.main(words[1:]) if is_ours else subprocess.call(["bash", "-c", command])
    except SystemExit as stop:
        code = stop.code
    return code, "".join(capfd.readouterr()).strip()


def run_console(page, capfd):
    for _, text in blocks(page, "console"):
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
            code, said = run_command(command, capfd)
            is_error = re.match("shallownet: (?!note: )", expected)
            assert code == (2 if is_error else 0), said
            # "..." on the page stands for what differs between machines and runs.
            pattern = r".*?".join(map(re.escape, expected.strip().split("...")))
            assert re.fullmatch(pattern, said, re.DOTALL), (
                f"{command}\nprinted\n{said}\nthe page says\n{expected}"
            )


def shallownet_commands(page):
    """Return every use of the command line on a page, joined over continued lines, as words."""
    lines = []
    for language in ("bash", "console"):
        for _, text in blocks(page, language):
            lines += text.replace("\\\n", " ").splitlines()
    commands = [shlex.split(line.removeprefix("$ "), comments=True) for line in lines]
    return [words[words.index("shallownet") + 1 :] for words in commands if "shallownet" in words]


@pytest.mark.parametrize("page", pages_with("python", "console"), ids=page_id)
def test_docs_blocks_print_what_they_say(page, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    run_python(page)  # writes the files that the commands read
    if sys.platform != "win32":  # the console blocks are written for a POSIX shell
        run_console(page, capfd)


@pytest.mark.parametrize("page", ["README.md", "docs/guides/engineer.md"])
def test_docs_blocks_that_are_copied_alone_bring_their_imports(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the files that a block writes are there for the next one
    run_python(ROOT / page, each_alone=True)


def test_docs_readme_blocks_need_what_its_command_installs(tmp_path):
    """In front of them stands `pip install '.[sklearn]'`, which brings none of these."""
    text = "\n".join(text for _, text in blocks(ROOT / "README.md", "python"))
    (tmp_path / "blocks.txt").write_text(text, encoding="utf-8")
    others = ["pandas", "polars", "pyarrow", "matplotlib", "tqdm", "dask", "mapie", "crepes"]
    code = "import doctest; sys.exit(doctest.testfile('blocks.txt', module_relative=False).failed)"
    command = [sys.executable, "-c", without(*others) + code]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("page", [*PAGES, *LINKING, *SCRIPTS], ids=page_id)
def test_docs_install_commands_name_this_folder_and_its_extras(page):
    listed = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = listed.split("[project.optional-dependencies]\n")[1].split("\n\n")[0]
    extras = set(re.findall(r"^(\w+) = \[", listed, re.MULTILINE))
    for named in re.findall(r"pip install '([^']*)'", page.read_text(encoding="utf-8")):
        assert re.fullmatch(r"\.\[[\w,]+\]", named), "nothing of that name is on any index"
        assert set(named[2:-1].split(",")) <= extras


@pytest.mark.skipif(sys.platform == "win32", reason="bash is not part of the system there")
@pytest.mark.parametrize("page", pages_with("bash"), ids=page_id)
def test_docs_shell_blocks_parse(page):
    for line, text in blocks(page, "bash"):
        run = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True)
        assert run.returncode == 0, f"{page.name}:{line}: {run.stderr}"


@functools.cache
def help_of(*command):
    words = [sys.executable, "-m", "shallownet_native", *command, "--help"]
    run = subprocess.run(words, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if shallownet_commands(page)], ids=page_id)
def test_docs_commands_and_options_exist(page):
    for words in shallownet_commands(page):
        listed = help_of(*[word for word in words[:1] if not word.startswith("-")])
        for option in (word.partition("=")[0] for word in words if word.startswith("--")):
            assert re.search(rf"(?<!\S){option}\b", listed), f"{option} of {words} does not exist"


def modules():
    """Name the package's modules that are written in Python, as installed."""
    found = pkgutil.walk_packages(sn.__path__, f"{sn.__name__}.")
    names = [module.name for module in found if not module.name.endswith("__main__")]
    return [name for name in names if inspect.getsourcefile(importlib.import_module(name))]


@pytest.mark.parametrize("name", [sn.__name__, *modules()])
def test_docs_docstrings_print_what_they_say(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0


CLASSES = [name for name in dir(sn) if inspect.isclass(getattr(sn, name))]


@pytest.mark.parametrize("name", CLASSES)
def test_docs_docstrings_of_public_classes_print_what_they_say(name, tmp_path, monkeypatch):
    """Their `__module__` is the package, so that doctest does not find their methods by files."""
    monkeypatch.chdir(tmp_path)
    found = doctest.DocTestFinder().find(getattr(sn, name), module=False, globs=vars(sn))
    assert sum(doctest.DocTestRunner().run(example).failed for example in found) == 0


def table_names(page, heading):
    """Return the names in the first column of the first table below a heading."""
    section = page.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Activations", backend.core.activations),
        ("Outputs and their losses", backend.core.outputs),
        ("Descent", tuple(backend.core.optimizers)),
        ("Schedules", backend.core.schedules),
        ("Initial values", tuple(INITIALIZERS)),
    ],
)
def test_docs_tables_list_what_the_code_has(heading, names):
    assert sorted(table_names(ROOT / "docs/method.md", heading)) == sorted(names)


def test_docs_reading_order_names_every_source_file():
    text = (ROOT / "src/cpp/README.md").read_text(encoding="utf-8")
    named = re.findall(r"(?<!\S)(\w+\.[ch]pp)(?!\S)", text)
    files = {path.name for path in (ROOT / "src/cpp").rglob("*.[ch]pp")}
    assert not files - set(named), "not on the page"
    assert not set(named) - files, "no longer there"


def test_docs_design_page_names_every_folder_of_the_core():
    section = (ROOT / "docs/design.md").read_text(encoding="utf-8").split("\n## The core\n")[1]
    named = re.findall(r"^\| `(\w+)/` \|", section.split("\n## ")[0], re.MULTILINE)
    assert sorted(named) == sorted(p.name for p in (ROOT / "src/cpp").iterdir() if p.is_dir())


@pytest.mark.parametrize("page", [*PAGES, *PROGRAMS], ids=page_id)
def test_docs_paths_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    folders = "tests|benchmarks|src/cpp|python|docs|examples|[.]ci"
    paths = re.findall(rf"(?<![\w/.-])((?:{folders})/[\w/.-]*\w[*]?)", text)
    # regressions once something is found, the others when the site is built
    made = {"tests/regressions", "docs/gallery", "docs/reference/generated"}
    assert not {path for path in paths if not any(ROOT.glob(path))} - made


@pytest.mark.parametrize("program", PROGRAMS, ids=page_id)
def test_docs_programs_name_modules_that_exist(program):
    text = program.read_text(encoding="utf-8").replace("_build_config", "")  # comes with a build
    text = re.sub(r"from (shallownet_native[.\w]*) import (\w+)", r"\1.\2", text)
    for name in re.findall(r"\bshallownet_native(?:\.\w+)+\b(?!\{)", text):
        pkgutil.resolve_name(name)


def test_docs_ci_leaves_out_tests_that_exist():
    text = (ROOT / ".ci/run").read_text(encoding="utf-8").replace("\\\n", "")
    [names] = re.findall(r"for name in ([\w ]+); do\n +around_the_core", text)
    files = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert {f"test_{name}.py" for name in names.split()} <= files


def test_docs_sklearn_page_names_every_addition():
    neural_network = pytest.importorskip("sklearn.neural_network")
    page = (ROOT / "docs/sklearn.md").read_text(encoding="utf-8")
    more = page.split("\n## What is more\n")[1].split("\n## ")[0]
    for name in ("Classifier", "Regressor"):
        ours, theirs = getattr(sn, f"ShallowNet{name}"), getattr(neural_network, f"MLP{name}")
        parameters, lacking = (set(inspect.signature(c).parameters) for c in (ours, theirs))
        methods = {n for n in set(dir(ours)) - set(dir(theirs)) if not n.startswith(("_", "set_"))}
        added = (parameters - lacking - {"loss"}) | methods  # loss came in 1.7
        missing = [n for n in added if not re.search(rf"`[^`]*\b{n}\b", more)]
        assert added and not missing


def test_docs_changelog_describes_this_version():
    version = sn.__version__
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", text, re.MULTILINE)


@pytest.mark.parametrize("ending", ["&& shallownet demo", "&& pytest"])
def test_docs_readme_holds_the_commands_that_ci_runs(ending):
    commands = "".join(text for _, text in blocks(ROOT / "README.md", "bash")).splitlines()
    assert [c for c in commands if c.startswith("pip install '.[") and c.endswith(ending)]
