"""
Why hidden units must bend
==========================

Leave the bend out, and a network of any number of hidden units is a single linear map: logistic
regression in disguise.

Run: python examples/lecture/why_nonlinear.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# With the identity as its hidden activation the two layers can be multiplied out:
#
# .. code-block:: text
#
#     W2 (W1 x + b1) + b2  =  (W2 W1) x + (W2 b1 + b2)  =  W x + b
#
# Take 20 such units, train them on the flower, and multiply.

X, Y = sn.datasets.flower()

network = sn.train(
    sn.initialize(2, 20, 1, seed=3), X, Y, hidden="identity", learning_rate=0.5, n_iterations=5000
).parameters

collapsed = sn.Parameters(None, None, network.W2 @ network.W1, network.W2 @ network.b1 + network.b2)
A2 = sn.forward(network, X).A2
print(
    f"largest difference of the two outputs: {np.abs(A2 - sn.forward(collapsed, X).A2).max():.1e}"
)

# %%
# The collapsed map is a single neuron with three parameters in place of 81, and it answers the
# same. So training 20 identity units can reach no more than training one neuron, and both end at
# the same cost:

logistic = sn.train(
    sn.initialize(2, 0, 1, scheme="zeros"), X, Y, learning_rate=0.5, n_iterations=5000
).parameters
for name, parameters in (("20 identity units", network), ("logistic regression", logistic)):
    accuracy = (sn.predict(parameters, X) == Y).mean()
    print(f"{name:19}: cost {sn.cost(parameters, X, Y):.4f}, accuracy {accuracy:.3f}")

# %%
# Now bend them. The same 20 units with tanh, from the same start:

bent = sn.train(sn.initialize(2, 20, 1, seed=3), X, Y, learning_rate=0.5, n_iterations=5000)
accuracy = (sn.predict(bent.parameters, X) == Y).mean()
print(f"{'20 tanh units':19}: cost {bent.costs[-1]:.4f}, accuracy {accuracy:.3f}")

# %%
# Left, one straight line through everything; right, lines that have been bent and added up.

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), layout="constrained")
sn.plotting.decision_boundary(network, X, Y, ax=left)
left.set_title("20 identity units")
sn.plotting.decision_boundary(bent, X, Y, ax=right)
right.set_title("20 tanh units")
plt.show()
