"""The flower, with pictures: where the network decides for which class.

Prints the cost as it falls, then the decision as characters. With matplotlib installed and a file
name given it draws the picture as well.

Run: python examples/flower.py [picture.png]
"""

import sys

import numpy as np

import shallownet_native as sn

X, Y = sn.datasets.flower()
start = sn.initialize(2, 4, 1, seed=np.random.RandomState(3))  # the well-known start
result = sn.train(start, X, Y, learning_rate=1.2, n_iterations=5000)
for iteration in range(0, 5000, 1000):
    print(f"Cost after iteration {iteration}: {result.costs[iteration]:.6f}")
print(f"accuracy {(sn.predict(result.parameters, X) == Y).mean():.1%}")


def decide(n_columns: int, n_rows: int) -> np.ndarray:
    """Return the probability of class 1 on a grid over the flower, (n_rows, n_columns)."""
    across, down = np.meshgrid(np.linspace(-5, 5, n_columns), np.linspace(5, -5, n_rows))
    points = np.vstack((across.ravel(), down.ravel()))  # (2, n_columns * n_rows)
    return sn.forward(result.parameters, points).A2.reshape(n_rows, n_columns)


for row in decide(60, 24):
    print("".join("#" if probability > 0.5 else "." for probability in row))

if len(sys.argv) > 1:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5))
    axes = figure.subplots()
    axes.imshow(decide(400, 400), extent=(-5, 5, -5, 5), cmap="RdBu_r", alpha=0.6)
    axes.scatter(X[0], X[1], c=Y[0], cmap="RdBu_r", s=12, edgecolors="black", linewidths=0.3)
    figure.savefig(sys.argv[1], dpi=120)
    print(f"wrote {sys.argv[1]}")
