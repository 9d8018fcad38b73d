"""The pages of the project, and the blocks in them: for test_docs.py and test_docs_site.py."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE = {"gallery", "generated"}  # folders below docs/ that a build of the site fills
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(
        page
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if not MADE & set(page.relative_to(ROOT).parts)
    ),
]
LINKING = [  # more pages of the site
    ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", ROOT / "src/cpp/README.md",
    ROOT / "examples/README.md", ROOT / "benchmarks/README.md",
]  # fmt: skip
PROGRAMS = [  # that no test runs
    ROOT / "SECURITY.md", ROOT / "CHANGELOG.md", ROOT / "pyproject.toml", ROOT / "CMakeLists.txt",
    *sorted((ROOT / ".ci").glob("*")), *sorted((ROOT / ".github").rglob("*.yml")),
    *sorted((ROOT / "benchmarks").rglob("*.py")), *sorted((ROOT / "tests/campaigns").glob("*.py")),
    *sorted((ROOT / "docs").glob("*.py")), *sorted((ROOT / "docs/pictures").glob("*.py")),
]  # fmt: skip
SCRIPTS = sorted((ROOT / "examples").glob("*/*.py"))  # pages of the gallery
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page_id(path):
    return str(path.relative_to(ROOT))


def blocks(page, language):
    """Return (line number, text) of every block of this language."""
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, match.start(2)), match[2])
        for match in BLOCK.finditer(text)
        if match[1] == language
    ]
