"""Why hidden units need a nonlinear activation: without one the network is a single linear map.

    W2 (W1 x + b1) + b2  =  (W2 W1) x + (W2 b1 + b2)  =  W x + b

However many hidden units it has, it can do no more than logistic regression.

Run: python examples/identity_collapses.py
"""

import numpy as np

import shallownet_native as sn

X, Y = sn.datasets.flower()

network = sn.train(
    sn.initialize(2, 20, 1, seed=3), X, Y, hidden="identity", learning_rate=0.5, n_iterations=5000
).parameters

# The same map in one layer: parameters without a hidden one.
collapsed = sn.Parameters(None, None, network.W2 @ network.W1, network.W2 @ network.b1 + network.b2)
A2 = sn.forward(network, X, hidden="identity").A2
print(
    f"largest difference of the two outputs: {np.abs(A2 - sn.forward(collapsed, X).A2).max():.1e}"
)

logistic = sn.train(
    sn.initialize(2, 0, 1, scheme="zeros"), X, Y, learning_rate=0.5, n_iterations=5000
).parameters
for name, parameters in (("20 identity units", network), ("logistic regression", logistic)):
    cost = sn.cost(parameters, X, Y, hidden="identity")
    accuracy = (sn.predict(parameters, X, hidden="identity") == Y).mean()
    print(f"{name:19}: cost {cost:.4f}, accuracy {accuracy:.3f}")

bent = sn.train(sn.initialize(2, 20, 1, seed=3), X, Y, learning_rate=0.5, n_iterations=5000)
accuracy = (sn.predict(bent.parameters, X) == Y).mean()
print(f"{'20 tanh units':19}: cost {bent.costs[-1]:.4f}, accuracy {accuracy:.3f}")
