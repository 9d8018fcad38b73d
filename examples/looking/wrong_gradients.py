"""
Four slips in a backward pass, found
====================================

A network that does not learn, because its gradients are wrong: what that looks like, and how
``sn.check_gradients`` finds the slips one after the other.

Run: python examples/looking/wrong_gradients.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# A first attempt
# ---------------
# Forward and backward for four relu units and a sigmoid output, as one writes them at the first
# try. There are four slips in these two functions. Can you see them?


def forward(X, parameters):
    Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
    A1 = np.maximum(0, Z1)
    Z2 = np.dot(parameters["W2"], A1)
    A2 = 1 / (1 + np.exp(-Z2))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def backward(parameters, cache, X, Y):
    m = X.shape[0]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(parameters["W2"].T, dZ2) * (1 - A1**2)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=0, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


# %%
# What the checker says
# ---------------------
# Both functions are run on a small made-up problem. The forward pass comes first, since a wrong
# one would make everything after it wrong. The backward pass then gets a right cache.

report = sn.check_gradients(backward, forward, hidden="relu")

# %%
# Four slips in one report, each found by its numbers: some wrong formula gives *exactly* what these
# functions return. ``b2`` is not added in ``Z2``. ``X.shape[0]`` is the number of inputs, not of
# examples, so all derivatives are too large by the same factor. ``1 - A1**2`` is the slope of tanh;
# that of relu is 1 where the unit is on. And ``db1`` is summed over the units in place of the
# examples.

print("slips:", ", ".join(report.slips))

# %%
# Mended
# ------


def mended_forward(X, parameters):
    cache = forward(X, parameters)[1]
    cache["Z2"] = cache["Z2"] + parameters["b2"]
    cache["A2"] = 1 / (1 + np.exp(-cache["Z2"]))
    return cache["A2"], cache


def mended_backward(parameters, cache, X, Y):
    m = X.shape[1]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(parameters["W2"].T, dZ2) * (A1 > 0)
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


assert sn.check_gradients(mended_backward, mended_forward, hidden="relu").ok

# %%
# What it was worth
# -----------------
# Descent on two moons with the right gradients, and with single slips in them. A wrong gradient
# need not stop the descent: most slips leave a direction that goes down a good way, and that is why
# they can stay unnoticed for weeks.

X, Y = sn.datasets.noisy_moons(200, seed=0)
start = sn.initialize(2, 8, 1, "he_normal", seed=1).as_dict()


def costs_of(backward_pass, n_iterations=2000, rate=0.5):
    parameters, costs = start, []
    for _ in range(n_iterations):
        A2, cache = mended_forward(X, parameters)
        costs.append(sn.course.compute_cost(A2, Y))
        grads = backward_pass(parameters, cache, X, Y)
        parameters = {name: parameters[name] - rate * grads["d" + name] for name in parameters}
    return costs


def with_slope_of_tanh(parameters, cache, X, Y):
    grads = mended_backward(parameters, cache, X, Y)
    slope = 1 - np.clip(cache["A1"], 0, 1) ** 2  # clipped, or the descent would diverge
    dZ1 = np.dot(parameters["W2"].T, cache["A2"] - Y) * slope
    m = X.shape[1]
    return {**grads, "dW1": dZ1 @ X.T / m, "db1": dZ1.sum(axis=1, keepdims=True) / m}


def without_hidden(parameters, cache, X, Y):
    grads = mended_backward(parameters, cache, X, Y)
    return {**grads, "dW1": 0 * grads["dW1"], "db1": 0 * grads["db1"]}


figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
for name, function in [
    ("right", mended_backward),
    ("slope of another activation", with_slope_of_tanh),
    ("hidden layer never updated", without_hidden),
]:
    costs = costs_of(function)
    print(f"{name:28}: cost {costs[0]:.3f}, then {costs[-1]:.3f}")
    axes.semilogy(costs, label=name)
axes.set(xlabel="iteration", ylabel="cost")
axes.legend()
plt.show()
