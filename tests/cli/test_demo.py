"""`shallownet demo` and `shallownet bench`: their parts, and both as a user runs them."""

import re
import subprocess
import sys

import numpy as np
import pytest

import shallownet_native as sn
from absent import without
from shallownet_native import datasets
from shallownet_native.cli import demo as _demo
from shallownet_native.cli import program
from shallownet_native.plotting import figure
from shallownet_native.tables.lessons import split_rows

PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The whole demo in a process of its own: its folder and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "shallownet_native", "demo", "--quick"],
        cwd=folder, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return folder, done.stdout


@pytest.mark.parametrize("title", ["breast cancer", "digits"])
def test_demo_prints_a_held_out_accuracy_of_096(demo, title):
    accuracy, n = re.search(rf"^{title} +held-out accuracy (\S+) on (\d+)", demo[1], re.M).groups()
    assert float(accuracy) >= 0.96 and int(n) > 100


def test_demo_prints_a_ratio_for_every_set(demo):
    rows = re.findall(r"^(.*), (float\d\d) +(\d+) +(\S+) +(\S+) +(\S+) +(\S+)$", demo[1], re.M)
    assert {(row[0], row[1]) for row in rows} == {
        (title, dtype)
        for title in ("breast cancer", "digits", "flower")
        for dtype in ("float32", "float64")
    }
    for *_, oracle, theirs, ours, ratio in rows:
        assert float(oracle) > 0
        # printed to two and one decimals: the quotient is known to some per cent of small times
        assert float(ratio) == pytest.approx(float(theirs) / float(ours), rel=0.1, abs=0.1)


def test_demo_writes_its_picture_and_says_where(demo):
    folder, printed = demo
    path = folder / "shallownet-demo.png"
    assert printed.splitlines()[-1] == f"the picture is in {path}"
    assert path.read_bytes().startswith(PNG) and path.stat().st_size > 20_000
    assert [p.name for p in folder.iterdir()] == [path.name]


@pytest.mark.parametrize("exhibit", _demo.EXHIBITS, ids=lambda exhibit: exhibit.title)
def test_demo_counts_right_labels_on_examples_it_did_not_see(exhibit, monkeypatch):
    """Labels drawn at random can be learnt by heart, but not foretold."""
    X, y = exhibit.load(return_rows=True)
    shuffled = np.random.default_rng(0).permutation(y)
    monkeypatch.setattr(datasets, exhibit.loader, lambda return_rows: (X, shuffled))
    learnt = _demo.learn(exhibit)
    chance = np.bincount(y).max() / len(y)
    assert learnt.held_out_accuracy < chance + 0.1
    assert learnt.accuracy > learnt.held_out_accuracy + 0.02
    assert learnt.n_held_out == pytest.approx(0.25 * len(X), abs=5)


def test_demo_splits_rows_alike_in_every_class():
    groups = np.repeat([0, 1, 2], [80, 19, 1])
    assert 99 in split_rows(100, groups, 0.75, seed=0)[0]  # the only one of its class
    fitted, held_out = split_rows(100, groups, 0.25, seed=0)
    assert np.array_equal(np.sort(np.concatenate((fitted, held_out))), np.arange(100))
    assert np.bincount(groups[held_out], minlength=3).tolist() == [20, 5, 0]
    assert not np.array_equal(held_out, split_rows(100, groups, 0.25, seed=1)[1])
    assert len(split_rows(10, None, 0.0, seed=0)[1]) == 0


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_demo_draws_in_the_format_of_the_ending(tmp_path, ending):
    X, Y = datasets.flower()
    start = sn.initialize(2, 4, 1, seed=0)
    result = sn.train(start, X, Y, n_iterations=3, validation=(X, Y))
    path = tmp_path / f"picture.{ending}"
    figure.draw(str(path), [("flower", result)], (start, X, Y))
    assert path.stat().st_size > 1000


@pytest.mark.parametrize("name", ["picture.txt", "picture", "png"])
def test_demo_refuses_an_ending_that_is_no_picture(tmp_path, capsys, name):
    assert program.main(["demo", "--out", str(tmp_path / name)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and ".png" in err


@pytest.mark.parametrize("package", ["sklearn", "matplotlib"])
def test_demo_names_the_extra_that_it_needs(tmp_path, package):
    code = without(package) + ("from shallownet_native.cli import main\nsys.exit(main(['demo']))")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "pip install 'shallownet-native[demo]'" in done.stderr
    assert not list(tmp_path.iterdir())


def test_demo_imports_nothing_heavy_for_the_other_commands(tmp_path):
    code = (
        "import sys\n"
        "from shallownet_native.cli import main\n"
        "main(['info'])\n"
        "print(sorted({'sklearn', 'matplotlib', 'tqdm', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_demo_bench_prints_its_table(capsys):
    assert program.main(["bench", "--quick", "--seconds", "0.01", "--threads", "1"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert "NumPy" in header and "native" in header and "ratio" in header
    assert len(rows) >= 6
    assert all(float(row.split()[-1]) > 0 for row in rows)
