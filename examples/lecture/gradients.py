"""
Gradients by hand, and how to check them
========================================

Six lines of the chain rule give the derivative of the cost by every parameter. A complex step
tells to the last digit whether they are right, and catches the usual mistakes.

Run: python examples/lecture/gradients.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# Forward
# -------
# Two inputs, four tanh units, one sigmoid output, five examples. What the forward pass computes
# is kept: the way back needs it.

random = np.random.default_rng(0)
X = random.standard_normal((2, 5))
Y = np.array([[1, 0, 1, 1, 0]])
m = X.shape[1]
parameters = sn.initialize(2, 4, 1, scheme="glorot_normal", seed=0)
W1, b1, W2, b2 = parameters

A1 = np.tanh(W1 @ X + b1)  # (4, 5)
A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))  # (1, 5)

# %%
# The chain rule, entry by entry
# ------------------------------
# Take one example, and write ``d...`` for the derivative of its loss by ``...``. At the logits it
# is ``dz2 = a2 - y`` (:doc:`loss`). From there it goes back the way the signal came. ``W2[j, k]``
# enters ``z2[j]`` only, and is multiplied by ``a1[k]`` there; ``a1[k]`` enters every ``z2[j]``, by
# way of ``W2[j, k]``, so its effects add up; and ``a1[k]`` is ``g(z1[k])``:
#
# .. code-block:: text
#
#     dW2[j, k] = dz2[j] a1[k]                 db2[j] = dz2[j]
#     da1[k]    = sum over j of W2[j, k] dz2[j]
#     dz1[k]    = da1[k] g'(z1[k])
#     dW1[k, l] = dz1[k] x[l]                  db1[k] = dz1[k]

# %%
# Backward
# --------
# The same for all entries and examples at once. The sum over ``j`` runs down the columns of ``W2``:
# that is the product with its transpose. And as the cost is the mean over the examples, so are its
# derivatives: ``dZ2 @ A1.T`` adds up the examples' ``dz2[j] a1[k]``.

dZ2 = A2 - Y  # (1, 5)
dW2 = dZ2 @ A1.T / m  # (1, 4)
db2 = dZ2.sum(axis=1, keepdims=True) / m  # (1, 1)
dZ1 = (W2.T @ dZ2) * (1 - A1**2)  # (4, 5): one product of matrices, one entry by entry
dW1 = dZ1 @ X.T / m  # (4, 2)
db1 = dZ1.sum(axis=1, keepdims=True) / m  # (4, 1)

by_hand = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
for name, gradient in by_hand.items():
    print(f"{name} {gradient.shape} like {name[1:]} {parameters.as_dict()[name[1:]].shape}")

# %%
# Two other opinions
# ------------------
# The oracle ``sn.reference.gradients`` is written in the same NumPy; ``sn.gradients`` is the
# native core, in C++, in tiles and vectors. All three agree to rounding.

J, *oracle = sn.reference.gradients(*parameters, X, Y, "tanh", "sigmoid")
cost, native = sn.gradients(parameters, X, Y, hidden="tanh", output="sigmoid")
print(f"cost {J:.6f} by the oracle, {cost:.6f} by the core")
for k, (name, gradient) in enumerate(by_hand.items()):
    print(
        f"{name}: differs from the oracle by {np.abs(gradient - oracle[k]).max():.0e}, "
        f"from the core by {np.abs(gradient - getattr(native, name)).max():.0e}"
    )

by_example = sn.reference.gradients_by_example(*parameters, X, Y)  # a loop over the examples
difference = max(
    np.abs(loop - whole).max() for loop, whole in zip(by_example, by_hand.values(), strict=True)
)
print(f"the mean of single examples' gradients: differs by {difference:.0e}")

# %%
# A judge that knows no chain rule
# --------------------------------
# Three programs could share one misunderstanding. The definition of a derivative cannot: move
# one parameter a little, and see what the cost does. A *real* step has to choose between two
# errors: too long, and the cost is not straight; too short, and the difference of two nearly equal
# costs has lost its digits. An *imaginary* step subtracts nothing: ``J(w + ih) = J(w) + ih J'(w) +
# ...``, and its imaginary part over ``h`` is right to the last digits for any tiny ``h``.


def by_complex_step(h: float = 1e-20) -> dict[str, np.ndarray]:
    """Return the derivatives of the oracle's cost, one parameter after the other."""
    derivatives = {}
    for name, array in parameters.as_dict().items():
        derivatives["d" + name] = np.empty_like(array)
        for place in np.ndindex(array.shape):
            moved = {key: values.astype(complex) for key, values in parameters.as_dict().items()}
            moved[name][place] += 1j * h
            derivatives["d" + name][place] = sn.reference.cost(**moved, X=X, Y=Y).imag / h
    return derivatives


judge = by_complex_step()
for name, gradient in by_hand.items():
    print(f"{name}: differs from the complex step by {np.abs(gradient - judge[name]).max():.0e}")

# %%
# What mistakes look like
# -----------------------
# A correct gradient differs from the judge by some 1e-16. A wrong one is off by a good part of
# itself, so that no threshold has to be chosen with care. Each mistake has its own signature:

mistakes = {
    "correct": dW1,
    "slope of tanh forgotten": (W2.T @ dZ2) @ X.T / m,
    "slope of the sigmoid": (W2.T @ dZ2 * A1 * (1 - A1)) @ X.T / m,
    "1/m forgotten": dZ1 @ X.T,
    "sign": (W2.T @ (Y - A2) * (1 - A1**2)) @ X.T / m,
}
for name, wrong in mistakes.items():
    error = np.linalg.norm(wrong - judge["dW1"]) / np.linalg.norm(judge["dW1"])
    print(f"{name:24}: relative error {error:.1e}")

# %%
# The step and its error
# ----------------------
# The relative error of one derivative, over the length of the step. Differences are at their best
# around 1e-7 (one-sided) and 1e-5 (two-sided), and never very good; the complex step only gets
# better.


def cost_at(w: complex) -> complex:
    """Return the oracle's cost with w in place of the first hidden weight."""
    moved = W1.astype(complex)
    moved[0, 0] = w
    return sn.reference.cost(moved, b1, W2, b2, X, Y)


steps = 10.0 ** -np.arange(1, 17)
w, true = W1[0, 0], judge["dW1"][0, 0]
estimates = {
    "one-sided difference": [(cost_at(w + h) - cost_at(w)).real / h for h in steps],
    "two-sided difference": [(cost_at(w + h) - cost_at(w - h)).real / (2 * h) for h in steps],
    "complex step": [cost_at(w + 1j * h).imag / h for h in steps],
}

figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
for name, estimate in estimates.items():
    errors = np.abs(np.array(estimate) / true - 1)
    print(f"{name:20}: best error {errors.min():.0e}, at a step of 1e-16 {errors[-1]:.0e}")
    axes.loglog(steps, np.maximum(errors, 1e-17), "o-", label=name)
axes.set(xlabel="step h", ylabel="relative error of the derivative")
axes.invert_xaxis()
axes.legend()
plt.show()
