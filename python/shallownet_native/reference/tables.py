"""The network of tables in plain NumPy: inputs, passes, gradients, steps, members, bags.

Rows are examples here, as in tables: `X` is ``(n, D)``, ``W1 (D, H)`` has a row per input, ``W2``
is ``(K, H)``; `s` ``(D,)`` scales the inputs. One flat vector holds ``W1, b1, W2, b2, s``, each in
C order. The core looks codes and levels up in tables; here they are multiplied out. The formulas
of the loss hold for complex numbers too, as those of `method` do.
"""
# fmt: off

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .descent import SCHEDULES
from .method import ACTIVATIONS, OUTPUTS, Array, slopes

Inputs = tuple[Array, Array, int, Array, Array, Array]
Options = Mapping[str, Any]


# Inputs and parameters.

def multiply_out(
    dense: Array, levels: Array, n_levels: int, bins: Array, fractions: Array, n_bins: Array
) -> Array:
    """Return the inputs ``X (n, D)``, ``D = d + n_levels + sum(n_bins)``.

    `dense` ``(n, d)`` comes first, then a column per level, 1 where one of `levels` ``(n, L)``
    names it (-1 names none). Then, of each column of numbers, the code of its bin `k` and of
    the fraction `f` of that bin: ``1/2`` for the bins before it, ``f - 1/2``, then ``-1/2``.

    >>> no_levels, bins, fractions = np.empty((1, 0), int), np.array([[1]]), np.array([[0.75]])
    >>> multiply_out(np.array([[5.0]]), no_levels, 0, bins, fractions, np.array([3]))
    array([[ 5.  ,  0.5 ,  0.25, -0.5 ]])
    """
    n = len(dense)
    one_hot = np.zeros((n, n_levels), dense.dtype)
    for row, column in np.argwhere(levels >= 0):
        one_hot[row, levels[row, column]] += 1
    parts = [dense, one_hot]
    for k, f, nb in zip(bins.T, fractions.T, n_bins, strict=True):
        ahead = k[:, None] - np.arange(nb)  # of each code's own bin
        parts.append(np.where(ahead > 0, 0.5, np.where(ahead == 0, f[:, None] - 0.5, -0.5)))
    return np.hstack(parts).astype(dense.dtype)


def split(parameters: Array, D: int, H: int, K: int) -> tuple[Array, Array, Array, Array, Array]:
    """Return ``W1 (D, H), b1 (H,), W2 (K, H), b2 (K,), s (D,)`` of the flat vector, as views."""
    W1, b1, W2, b2, s = np.split(parameters, np.cumsum([D * H, H, K * H, K]))
    return W1.reshape(D, H), b1, W2.reshape(K, H), b2, s


# Passes and gradients.

def table_forward(
    parameters: Array, X: Array, hidden: str, H: int, K: int
) -> tuple[Array, Array, Array]:
    """Return ``Z1, A1 (n, H)`` and the logits ``Z2 (n, K)``; both sums are over the root of terms.

    So weights of variance 1 give sums of variance 1 whatever their number.
    """
    D = X.shape[1]
    W1, b1, W2, b2, s = split(parameters, D, H, K)
    Z1 = (X * s) @ W1 / np.sqrt(D) + b1
    A1 = ACTIVATIONS[hidden][0](Z1, 0.0)
    return Z1, A1, A1 @ W2.T / np.sqrt(H) + b2


def example_losses(logits: Array, y: Array, output: str) -> Array:
    """Return the loss ``(n,)`` of each row of logits and targets ``(n, K)``."""
    return OUTPUTS[output][1](logits.T, y.T)


def table_cost(
    parameters: Array, X: Array, y: Array, weights: Array, hidden: str, output: str, H: int
) -> Any:
    """Return ``sum(w L) / sum(w)``."""
    _, _, Z2 = table_forward(parameters, X, hidden, H, y.shape[1])
    return (weights * example_losses(Z2, y, output)).sum() / weights.sum()


def table_gradients(
    parameters: Array, X: Array, y: Array, weights: Array, hidden: str, output: str, H: int
) -> Array:
    """Return the derivatives of `table_cost` by the parameters, as flat as they are."""
    D, K = X.shape[1], y.shape[1]
    W1, _, W2, _, s = split(parameters, D, H, K)
    Z1, A1, Z2 = table_forward(parameters, X, hidden, H, K)
    A2 = OUTPUTS[output][0](Z2.T).T

    dZ2 = weights[:, None] * (A2 - y) / weights.sum()  # (n, K)
    dW2 = dZ2.T @ A1 / np.sqrt(H)  # (K, H)
    dZ1 = dZ2 @ W2 / np.sqrt(H) * slopes(hidden, Z1, A1, 0.0)  # (n, H)
    dW = X.T @ dZ1 / np.sqrt(D)  # (D, H), of the product diag(s) W1
    dW1, ds = s[:, None] * dW, (W1 * dW).sum(axis=1)
    return np.concatenate([dW1.ravel(), dZ1.sum(axis=0), dW2.ravel(), dZ2.sum(axis=0), ds])


# Steps.

def rates_and_decays(D: int, H: int, K: int, rate: float, options: Options) -> tuple[Array, Array]:
    """Return the rate of each parameter, and the part of it that its decay takes: not of biases."""
    sizes = [D * H, H, K * H, K, D]
    factors = [1.0, options["bias_rate"], 1.0, options["bias_rate"], options["scale_rate"]]
    decays = [options["weight_decay"] * is_decayed for is_decayed in (1, 0, 1, 0, 1)]
    rates = rate * np.repeat(factors, sizes)
    return rates, rates * np.repeat(decays, sizes)


def step_adamw(
    p: Array, g: Array, moments: Array, t: int, rates: Array, decays: Array, options: Options
) -> tuple[Array, Array]:
    """Return the parameters after step `t` (from 1), and the two moments ``(2, P)``.

    ``p - decay p - rate m' / sqrt(v' + epsilon^2)`` of the moments ``m', v'`` freed of their start.
    """
    beta_1, beta_2 = options["beta_1"], options["beta_2"]
    m = beta_1 * moments[0] + (1 - beta_1) * g
    v = beta_2 * moments[1] + (1 - beta_2) * g * g
    root = np.sqrt(v / (1 - beta_2**t) + options["epsilon"] ** 2)
    return (1 - decays) * p - rates * (m / (1 - beta_1**t)) / root, np.stack([m, v])


def average_factor(t: int, options: Options) -> float:
    """Return what step `t` leaves of the moving average: less in the beginning."""
    return float(min(options["average"], (1 + t) / (10 + t)))


# A member, and a bag of them.

class MemberRun(NamedTuple):
    """What some epochs of a member have made: where it stands, and what each epoch's end was."""

    parameters: Array  # (P,)
    moments: Array  # (2, P)
    average: Array  # (P,)
    n_steps: int
    averages: Array  # (E, P) after each epoch
    outputs: Array  # (E, v, K) logits of the rows left out, by the average
    losses: Array  # (E,) sums over them


def train_epoch(
    X: Array, y: Array, weights: Array, order: Array, state: tuple[Array, Array, Array, int],
    epoch: int, options: Options,
) -> tuple[Array, Array, Array, int]:
    """Return parameters, moments, average and number of steps after one epoch in that order."""
    p, moments, average, t = state
    D, H, K = X.shape[1], options["n_hidden"], y.shape[1]
    n_batches = max(1, len(order) // options["batch_size"])
    kept = 1.0  # of the average, since it was last taken
    for b in range(n_batches):
        rows = order[b * options["batch_size"] : (b + 1) * options["batch_size"]]
        if weights[rows].sum() == 0:
            continue  # nothing to learn, and no step
        t += 1
        part = (epoch + b / n_batches) / options["max_epochs"]
        rate = options["learning_rate"] * SCHEDULES[options["schedule"]](part)
        names = options["hidden"], options["output"]
        g = table_gradients(p, X[rows], y[rows], weights[rows], *names, H)
        rates, decays = rates_and_decays(D, H, K, rate, options)
        p, moments = step_adamw(p, g, moments, t, rates, decays, options)
        kept *= average_factor(t, options)
        if t % options["average_every"] == 0:
            average, kept = kept * average + (1 - kept) * p, 1.0
    return p, moments, kept * average + (1 - kept) * p, t


def train_member(
    X: Array, y: Array, weights: Array, member: tuple[Array, Array],
    state: tuple[Array, Array, Array, int], options: Options,
) -> MemberRun:
    """MemberRun an epoch per row of `order` ``(E, n_m)``; `left_out` ``(v,)`` are rows to judge by.

    Of squared error the logits of these are clipped to ``options["output_range"]``.
    """
    order, left_out = member
    kept, outputs, losses = [], [], []
    for e, epoch_order in enumerate(order):
        state = train_epoch(X, y, weights, epoch_order, state, options["first_epoch"] + e, options)
        sizes = options["n_hidden"], y.shape[1]
        _, _, Z2 = table_forward(state[2], X[left_out], options["hidden"], *sizes)
        if options["output"] == "identity" and options["output_range"] is not None:
            Z2 = np.clip(Z2, *options["output_range"])
        kept.append(state[2])
        outputs.append(Z2)
        of_each = example_losses(Z2, y[left_out], options["output"])
        losses.append((weights[left_out] * of_each).sum())
    p, moments, average, t = state
    of_epochs = np.stack(kept), np.stack(outputs), np.stack(losses)
    return MemberRun(p, moments, average, t, *of_epochs)


def train_bag(
    inputs: Inputs, y: Array, weights: Array, members: Sequence[tuple[Array, Array]],
    parameters: Array, moments: Array, averages: Array, n_steps: Array, options: Options,
) -> dict[str, Any]:
    """Train members side by side, all for as many epochs; return what the core's does.

    The curve is the mean loss of all rows left out; the best epoch is the last with the smallest,
    one for all members, if that is at most ``options["best_loss"]``, and else -1.
    """
    X = multiply_out(*inputs)
    runs = [
        train_member(X, y, weights, member, (p, m, a, int(t)), options)
        for member, p, m, a, t in zip(members, parameters, moments, averages, n_steps, strict=True)
    ]
    losses = np.stack([run.losses for run in runs], axis=1)  # (E, M)
    total = sum(weights[left_out].sum() for _, left_out in members)
    curve = losses.sum(axis=1) / total if total > 0 else np.full(len(losses), np.nan)
    best = -1
    if total > 0 and curve.min() <= options["best_loss"]:
        best = int(np.flatnonzero(curve == curve.min())[-1])
    return {
        "parameters": np.stack([run.parameters for run in runs]),
        "moments": np.stack([run.moments for run in runs]),
        "averages": np.stack([run.average for run in runs]),
        "n_steps": np.array([run.n_steps for run in runs]),
        "losses": losses, "curve": curve, "n_epochs": len(curve), "best_epoch": best,
        "best_parameters": np.stack([run.averages[best] for run in runs]),
        "best_outputs": [run.outputs[best] for run in runs],
    }


def table_hidden(inputs: Inputs, parameters: Array, H: int, K: int) -> Array:
    """Return ``Z1 (n, H)`` of one member."""
    X = multiply_out(*inputs)
    W1, b1, _, _, s = split(parameters, X.shape[1], H, K)
    Z1: Array = (X * s) @ W1 / np.sqrt(X.shape[1]) + b1
    return Z1


def table_outputs(inputs: Inputs, parameters: Array, hidden: str, H: int, K: int) -> Array:
    """Return the logits ``(M, n, K)`` of members whose vectors are the rows of `parameters`."""
    X = multiply_out(*inputs)
    return np.stack([table_forward(p, X, hidden, H, K)[2] for p in parameters])
