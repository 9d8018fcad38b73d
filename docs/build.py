"""Build the site with playground and gallery into build/site, and serve it if asked to.

    python docs/build.py                        all of it
    python docs/build.py --without-playground   no compiler to WebAssembly is needed
    python docs/build.py --serve                and then on http://127.0.0.1:8000
    python docs/build.py --check-links          asks other hosts whether our links to them hold

Every example is run, unless it has not changed since the last build. A warning is an error.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import importlib.util
import shutil
import subprocess
import sys
import time
from pathlib import Path

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
EXAMPLES = ROOT / "examples"
GALLERY = DOCS / "gallery"
OUT = ROOT / "build" / "site"

MODULES = {  # what the extra brings: module -> package
    "sphinx": "sphinx",
    "myst_parser": "myst-parser",
    "furo": "furo",
    "sphinx_gallery": "sphinx-gallery",
    "sphinx_copybutton": "sphinx-copybutton",
    "matplotlib": "matplotlib",
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "pandas": "pandas",
    "shallownet_native": "shallownet-native",
}


def missing_modules() -> str | None:
    """Say in one line what has to be installed, if anything has."""
    missing = [MODULES[name] for name in MODULES if importlib.util.find_spec(name) is None]
    return f"missing: {', '.join(missing)}: pip install '.[docs]'" if missing else None


def remove_leftovers() -> None:
    """Remove pages that an earlier build wrote and this one might not."""
    for folder in (OUT, DOCS / "reference" / "generated"):
        shutil.rmtree(folder, ignore_errors=True)
    if GALLERY.exists():
        scripts, pages = (
            {path.relative_to(folder) for path in folder.glob("*/*.py")}
            for folder in (EXAMPLES, GALLERY)
        )
        if scripts != pages:
            shutil.rmtree(GALLERY)


def run_sphinx(builder: str, out: Path) -> int:
    """Run Sphinx, warnings being errors, and return its exit code."""
    doctrees = ROOT / "build" / "doctrees"
    options = ["--fail-on-warning", "--keep-going", "--quiet", "-b", builder, "-d", doctrees]
    command = [sys.executable, "-m", "sphinx", *options, DOCS, out]
    return subprocess.run(command, check=False).returncode


def leave_playground_out() -> None:
    """Write a page to which the links lead that would have led to the playground."""
    (OUT / "playground").mkdir(parents=True)
    text = "This site was built without the playground: python docs/build.py builds it."
    page = f"<!doctype html><html lang='en'><title>Playground</title><p>{text}</p></html>\n"
    (OUT / "playground" / "index.html").write_text(page, encoding="utf-8")


def build_playground() -> str | None:
    """Call the playground's own builder, and return what it says is missing."""
    path = DOCS / "playground" / "build.py"
    spec = importlib.util.spec_from_file_location("playground_build", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        module.build(OUT / "playground")
    except module.BuildError as error:
        return f"{error}; or build --without-playground"
    return None


def report(started: float, with_playground: bool) -> None:
    """Print what has been built."""
    files = [path for path in OUT.rglob("*") if path.is_file()]
    pages = sum(path.suffix == ".html" for path in files)
    scripts = len(list(EXAMPLES.glob("*/*.py")))
    run_now = sum(path.stat().st_mtime > started for path in GALLERY.rglob("*.py.md5"))
    print(f"{pages} pages in {len(files)} files, {sum(map(size, files)) / 1e6:.1f} MB, in {OUT}")
    print(f"{scripts} examples, {run_now} of them run now, the others unchanged")
    if with_playground:
        playground = [path for path in files if OUT / "playground" in path.parents]
        packed = sum(len(gzip.compress(path.read_bytes())) for path in playground) / 1e3
        whole = sum(map(size, playground)) / 1e3
        print(f"playground: {whole:.0f} kB, compressed {packed:.0f} kB")
    print(f"{time.time() - started:.0f} s")


def size(path: Path) -> int:
    """Return the size of a file in bytes."""
    return path.stat().st_size


def serve(port: int) -> int:
    """Serve the site to this machine until Ctrl-C."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(OUT))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        return fail(f"port {port}: {error.strerror}; take another one: --serve {port + 1}")
    print(f"http://127.0.0.1:{port}, until Ctrl-C", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
    return 0


def fail(message: str) -> int:
    """Say in one line why there is no site."""
    print(f"docs/build.py: {message}", file=sys.stderr)
    return 1


def main(arguments: list[str] | None = None) -> int:
    """Build, and return 0, or 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="Build the site into build/site.")
    parser.add_argument("--without-playground", action="store_true", help="leave it out")
    parser.add_argument("--check-links", action="store_true", help="only those to other hosts")
    parser.add_argument(
        "--serve", nargs="?", type=int, const=8000, metavar="PORT", help="afterwards, locally"
    )
    options = parser.parse_args(arguments)
    with_playground = not (options.without_playground or options.check_links)
    if message := missing_modules():
        return fail(message)
    started = time.time()
    remove_leftovers()
    if options.check_links:
        return run_sphinx("linkcheck", ROOT / "build" / "links")
    if not with_playground:
        leave_playground_out()
    elif message := build_playground():
        return fail(message)
    if run_sphinx("html", OUT) != 0:
        return fail("Sphinx found what is said above")
    report(started, with_playground)
    return 0 if options.serve is None else serve(options.serve)


if __name__ == "__main__":
    sys.exit(main())
