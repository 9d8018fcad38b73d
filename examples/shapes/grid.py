"""
A grid of networks
==================

How many hidden units, and how much decay? Every pair is tried, in five folds: hundreds of networks
in one call of ``sn.train_many``, and one picture of what they know.

Run: python examples/shapes/grid.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# Two hundred points of the flower, eight sizes, nine decays, five folds: each network has its own
# start, its own decay, and its own fifth of the points that it does not see. ``held_out`` has a
# row for each network, True where a point is left out.

X, Y = sn.datasets.flower(200)
sizes = [1, 2, 3, 4, 6, 10, 20, 40]
decays = np.logspace(-6, -1, 9)
n_folds = 5

fold = np.random.default_rng(0).permutation(X.shape[1]) % n_folds
grid = [(n_h, l2, k) for n_h in sizes for l2 in decays for k in range(n_folds)]
results = sn.train_many(
    [sn.initialize(2, n_h, 1, scheme="glorot_uniform", seed=k) for n_h, _, k in grid],
    X, Y, optimizer="lbfgs", n_iterations=300,
    l2=[l2 for _, l2, _ in grid],
    held_out=np.array([fold == k for _, _, k in grid]),
)  # fmt: skip
print(f"{len(results)} networks, {sum(result.n_iterations for result in results)} iterations")

# %%
# Every network is, to the last bit, the one that ``sn.train`` makes of its points alone. Take one:

n_h, l2, k = grid[77]
start = sn.initialize(2, n_h, 1, scheme="glorot_uniform", seed=k)
seen = fold != k
alone = sn.train(start, X[:, seen], Y[:, seen], optimizer="lbfgs", n_iterations=300, l2=l2)
print("one of them, trained alone, is the same:", alone.parameters == results[77].parameters)

# %%
# What they know of the points that they have not seen is in ``held_out_outputs``, NaN elsewhere.
# The five folds of a pair leave out each point once, so that their losses can be averaged: the
# cross-validated loss. Beside it, the loss on the points that the networks learned from.

shape = (len(sizes), len(decays), n_folds)
A2 = results.held_out_outputs[:, 0]  # (n_networks, m)
losses = -np.log(np.maximum(np.where(Y == 1, A2, 1 - A2), 1e-12))
new = np.nansum(losses, axis=1).reshape(shape).sum(axis=2) / X.shape[1]
learned = np.array(
    [
        sn.cost(result.parameters, X[:, fold != k], Y[:, fold != k])
        for result, (_, _, k) in zip(results, grid, strict=True)
    ]
)
learned = learned.reshape(shape).mean(axis=2)

row, column = np.unravel_index(new.argmin(), new.shape)
print(f"best: {sizes[row]} units, decay {decays[column]:.0e}, cross-validated loss {new.min():.3f}")
print(f"most units, least decay: loss {learned[-1, 0]:.3f} seen, {new[-1, 0]:.3f} left out")
print(f"most units, best decay: loss {learned[-1].min():.3f} to {learned[-1].max():.3f} seen, "
      f"{new[-1].min():.3f} left out")  # fmt: skip

# %%
# The grid as a picture
# ---------------------
# On the points that were seen, more units and less decay are always better: darkest below on the
# left. Of those that were not, this very corner knows least. In between runs a valley, aslant: the
# more units, the more decay. A network that is too large does little harm where its decay is right;
# one that is too small cannot be helped. The lowest of 72 numbers is in part a lucky one, so the
# valley is what to believe, not its one darkest field.


def draw(one: plt.Axes, losses: np.ndarray, title: str) -> None:
    """Draw the grid's losses as a map."""
    image = one.imshow(losses, cmap="viridis", vmin=0, vmax=0.75)
    one.set_xticks(range(len(decays)), [f"{l2:.0e}" for l2 in decays], rotation=60)
    one.set_yticks(range(len(sizes)), sizes)
    one.set(title=title, xlabel="decay (l2)", ylabel="hidden units")
    figure.colorbar(image, ax=one, shrink=0.8, extend="max")


figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
draw(left, learned, "loss on points seen")
draw(right, new, "loss on points left out")
right.plot(column, row, "o", markersize=14, fillstyle="none", markeredgewidth=2, color="white")

# %%
# What the corners of the grid have learned, and the best, each by its network that did not see the
# first fold. With forty units and hardly any decay the boundary bends around single points, and is
# sure of it; with too much it is a line.

pairs = {
    "most units, least decay": (len(sizes) - 1, 0),
    "most units, most decay": (len(sizes) - 1, len(decays) - 1),
    "the best": (row, column),
}
figure, axes = plt.subplots(1, 3, figsize=(11, 3.8), layout="constrained")
for one, (title, (i, j)) in zip(axes, pairs.items(), strict=True):
    chosen = results[int(np.ravel_multi_index((i, j, 0), shape))]
    sn.plotting.decision_boundary(chosen, X, Y, ax=one)
    one.set_title(f"{title} ({sizes[i]}, {decays[j]:.0e})")

# %%
# ``ShallowNetClassifierCV`` does all this for tables in one line, and fits the best pair to all
# rows; :doc:`/many` says which way to use when.

plt.show()
