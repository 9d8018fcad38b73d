"""Logistic regression against a network with one hidden layer, on the flower.

Both run through the same functions: `n_h=0` is a network without a hidden layer, a single neuron,
which can only part the plane by a straight line.

Run: python examples/logistic_vs_network.py
"""

import shallownet_native as sn

X, Y = sn.datasets.flower()

for n_h in (0, 1, 2, 3, 4, 5, 20):
    start = sn.initialize(2, n_h, 1, seed=3)
    result = sn.train(start, X, Y, learning_rate=1.2, n_iterations=5000)
    accuracy = (sn.predict(result.parameters, X) == Y).mean()
    name = f"{n_h:2} hidden units" if n_h else "logistic regression"
    print(f"{name:19}: cost {result.costs[-1]:.3f}, accuracy {accuracy:.1%}")
