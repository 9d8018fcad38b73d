"""
Activations and their slopes
============================

The activation bends a neuron's sum. Five of them, their slopes, and why the slope is written from
the output.

Run: python examples/lecture/activations.py

Needs, in the project's folder: ``pip install '.[plot]'``
"""

import matplotlib.pyplot as plt
import numpy as np

import shallownet_native as sn

# %%
# Training will need the slope ``g'(z)`` of every activation. On the way back the *output*
# ``a = g(z)`` is at hand, so the slope is written from that: ``a (1 - a)`` for the sigmoid,
# ``1 - a^2`` for tanh, and no exponential is taken twice.

slopes = {
    "sigmoid": lambda a: a * (1 - a),
    "tanh": lambda a: 1 - a**2,
    "relu": lambda a: (a > 0) * 1.0,
    "leaky_relu": lambda a: np.where(a > 0, 1.0, 0.01),
    "identity": np.ones_like,
}

# %%
# Are these slopes right? A derivative can be had to the last digit by a tiny *imaginary* step:
# ``g(z + ih) = g(z) + ih g'(z) + ...``, so the imaginary part divided by ``h`` is the slope, and as
# nothing is subtracted, nothing cancels. The oracle's functions take complex numbers.

z = np.linspace(-4, 4, 801)
z = z[z != 0]  # relu has no derivative there; the library says 0 (leaky_relu: c)
h = 1e-20
for name, slope in slopes.items():
    a = sn.activate(z, name)
    g, _ = sn.reference.ACTIVATIONS[name]
    by_step = g(z + 1j * h, 0.01).imag / h
    difference = np.abs(slope(a) - by_step).max()
    print(f"{name:10}: slope differs from the complex step by {difference:.0e}")

# %%
# Sigmoid and tanh saturate
# -------------------------
# Both are flat far from 0. There a neuron hardly reacts, and, as the slope is a factor in its
# gradient, hardly learns.

for name in ("sigmoid", "tanh"):
    for at in (0.0, 2.0, 10.0):
        a = sn.activate(np.array([at]), name)[0]
        print(f"{name:7} at z = {at:4g}: a = {a:.6f}, slope {slopes[name](a):.6f}")

# %%
# They are one curve at two scales, ``tanh(z) = 2 sigmoid(2 z) - 1``. What makes tanh the better
# hidden unit is its centre: outputs around 0 rather than around 1/2, and four times the slope.

difference = sn.activate(z, "tanh") - (2 * sn.activate(2 * z, "sigmoid") - 1)
print(f"tanh z against 2 sigmoid(2 z) - 1: {np.abs(difference).max():.0e}")

# %%
# Relu does not, on one side
# --------------------------
# Its slope is 1 however large ``z`` gets, and 0 on the other side, from where a unit may not come
# back (:doc:`../shapes/dying_relu`). Leaky relu keeps a small slope ``c`` there.
# It is the larger of ``z`` and ``c z``, as long as ``c`` is not above 1.

for c in (0.01, 0.5, 2.0):
    leaky = sn.activate(z, "leaky_relu", negative_slope=c)
    print(f"leaky_relu with c = {c:g} is max(z, c z):", np.array_equal(leaky, np.maximum(z, c * z)))

# %%
# The curves, and below them their slopes. Note the scales: the sigmoid's slope never exceeds 1/4.

figure, axes = plt.subplots(2, 5, figsize=(11, 4), sharex=True, layout="constrained")
for (upper, lower), (name, slope) in zip(axes.T, slopes.items(), strict=True):
    a = sn.activate(z, name)
    upper.plot(z, a, "C0")
    lower.plot(z, slope(a), "C1")
    upper.set(title=name, ylim=(-1.5, 1.5))
    lower.set(xlabel="z", ylim=(-0.1, 1.2))
    for one in (upper, lower):
        one.grid(alpha=0.3)
axes[0, 0].set_ylabel("a = g(z)")
axes[1, 0].set_ylabel("slope g'(z)")
plt.show()
