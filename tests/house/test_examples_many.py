"""The example of a grid: it shows that its networks are those of train, and where they fail."""

from __future__ import annotations

from example_runs import found, numbers, run


def test_examples_a_grid_of_networks_has_a_valley() -> None:
    first, alone, *losses = run("shapes/grid.py")
    assert numbers(first)[0] == 8 * 9 * 5 and numbers(first)[1] > 10_000
    assert alone.endswith("the same: True")
    best = numbers(losses[0])
    assert 3 <= best[0] <= 40 and 1e-5 < best[1] < 1e-2 and best[2] < 0.35
    [seen, new] = [found(pattern, losses[1:2])[0] for pattern in (r"(\S+) seen", r"(\S+) left out")]
    assert seen < 0.05 and new > 1, "the corner that has learned the noise"
    [lowest, highest, with_decay] = numbers(losses[2])
    assert lowest <= seen < 0.5 < highest and best[2] <= with_decay < 0.45
