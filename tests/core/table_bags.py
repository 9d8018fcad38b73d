"""Random bags of table networks, as the core takes them and as the oracle does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from shallownet_native import reference
from shallownet_native._native.backend import core

LAYOUTS = {  # dense columns, rows of each column of levels, bins of each column of codes
    "dense": (5, (), ()),
    "levels": (0, (4, 3), ()),
    "codes": (0, (), (4, 9)),
    "all": (3, (4, 1, 2), (6, 2, 17)),
}
OPTIONS: dict[str, Any] = {
    "hidden": "mish", "output": "identity", "n_hidden": 5, "batch_size": 16, "first_epoch": 0,
    "max_epochs": 4, "schedule": "coslog4", "learning_rate": 0.04, "bias_rate": 0.1,
    "scale_rate": 6.0, "beta_1": 0.9, "beta_2": 0.95, "epsilon": 1e-8, "weight_decay": 0.05,
    "average": 0.998, "average_every": 8, "output_range": None, "best_loss": float("inf"),
}  # fmt: skip
STATE = ("parameters", "moments", "averages", "n_steps")
SINGLE = np.dtype(np.float32)


@dataclass(frozen=True)
class Bag:
    """A bag's arrays in float64, each number representable in `dtype`; the core gets `dtype`."""

    dtype: np.dtype[Any]
    inputs: tuple[Any, ...]
    y: Any  # (n, K)
    weights: Any  # (n,)
    members: list[tuple[Any, Any]]  # order (E, n_m), left out (v,)
    parameters: Any  # (M, P)
    moments: Any  # (M, 2, P)
    averages: Any  # (M, P)
    n_steps: Any  # (M,)
    options: dict[str, Any]

    def changed(self, **changes: Any) -> Bag:
        options = {name: changes.pop(name) for name in list(changes) if name in OPTIONS}
        return replace(self, options={**self.options, **options}, **changes)

    def cast(self, array: Any) -> Any:
        return np.ascontiguousarray(array, self.dtype)

    def core_inputs(self) -> tuple[Any, ...]:
        dense, levels, n_levels, bins, fractions, n_bins = self.inputs
        return (self.cast(dense), levels, n_levels, bins, self.cast(fractions), n_bins)

    def arguments(self) -> list[Any]:
        """Return what the core's train_bag takes, without the number of threads."""
        vectors = (self.cast(a) for a in (self.parameters, self.moments, self.averages))
        rows = (self.cast(self.y), self.cast(self.weights))
        return [self.core_inputs(), *rows, self.members, *vectors, self.n_steps, self.options]

    def train(self, n_threads: int = 1) -> dict[str, Any]:
        return dict(core.train_bag(*self.arguments(), n_threads))

    def oracle(self) -> dict[str, Any]:
        state = (self.parameters, self.moments, self.averages, self.n_steps)
        return reference.train_bag(
            self.inputs, self.y, self.weights, self.members, *state, self.options
        )

    def epochs(self, begin: int, end: int) -> Bag:
        """Return the same bag, which is to run these of its epochs."""
        members = [(np.ascontiguousarray(o[begin:end]), left_out) for o, left_out in self.members]
        return self.changed(members=members, first_epoch=self.options["first_epoch"] + begin)

    def going_on(self, result: dict[str, Any]) -> Bag:
        """Return this bag standing where a call has left it."""
        state = {name: np.array(result[name]) for name in STATE}
        return replace(
            self, **{k: a if k == "n_steps" else a.astype(float) for k, a in state.items()}
        )

    def at_start(self) -> Bag:
        """Return the bag as training begins: W2, b2 and moments 0, all scales 1."""
        D, H, K = n_inputs(self.inputs), self.options["n_hidden"], self.y.shape[1]
        first = self.parameters.copy()
        first[:, D * H + H : D * H + H + K * H + K] = 0
        first[:, -D:] = 1
        still = {"moments": np.zeros_like(self.moments), "n_steps": np.zeros_like(self.n_steps)}
        return self.changed(parameters=first, averages=first, **still)

    def alone(self, m: int) -> Bag:
        """Return the bag of one member."""
        state = {name: getattr(self, name)[m : m + 1] for name in STATE}
        return replace(self, members=self.members[m : m + 1], **state)


def draw_targets(output: str, n: int, K: int, rng: np.random.Generator) -> Any:
    """Return targets (n, K), some of them soft, by multiples of 1/4."""
    if output == "identity":
        return rng.standard_normal((n, K))
    if output == "sigmoid":
        return rng.choice([0.0, 0.25, 1.0], size=(n, K))
    share = rng.choice([1.0, 1.0, 0.75], size=(n, 1))
    first, second = rng.integers(K, size=(2, n))
    return share * np.eye(K)[first] + (1 - share) * np.eye(K)[second]


def draw_inputs(layout: str, n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """Return inputs of n rows: some without a level, some at the edges of their bins."""
    d, sizes, n_bins = LAYOUTS[layout]
    starts = np.cumsum([0, *sizes])
    levels = np.empty((n, len(sizes)), np.int32)
    for c, size in enumerate(sizes):
        places = rng.integers(-1, size, n)
        levels[:, c] = np.where(places < 0, -1, starts[c] + places)
    bins = rng.integers(0, np.array(n_bins, int), size=(n, len(n_bins))).astype(np.int32)
    fractions = rng.choice([0.0, 1.0, 0.25, 0.6875, 0.9], size=bins.shape)
    dense = rng.standard_normal((n, d))
    return dense, levels, int(starts[-1]), bins, fractions, np.array(n_bins, np.int32)


def n_inputs(inputs: tuple[Any, ...]) -> int:
    return inputs[0].shape[1] + inputs[2] + int(inputs[5].sum())


def draw_members(n: int, n_members: int, n_epochs: int, rng: np.random.Generator) -> list[Any]:
    """Return orders and left-out rows of folds, the last member's left-out part the smallest."""
    folds = np.array_split(rng.permutation(n).astype(np.int32), n_members + 1)
    members = []
    for m in range(n_members):
        left_out = np.sort(folds[m])[: -m or None]  # members of different sizes
        rest = np.setdiff1d(np.arange(n), left_out).astype(np.int32)
        members.append((np.stack([rng.permutation(rest) for _ in range(n_epochs)]), left_out))
    return members


def draw_bag(
    layout: str = "all", output: str = "identity", K: int = 1, *, n: int = 70, n_members: int = 3,
    n_epochs: int = 4, dtype: Any = np.float64, seed: int = 0, **options: Any,
) -> Bag:  # fmt: skip
    """Return a bag in the midst of its training: no vector of its state is at its beginning."""
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    all_options = {**OPTIONS, "max_epochs": n_epochs, "output": output, **options}
    if dtype == SINGLE and "epsilon" not in options:
        # what rounding makes of a gradient near 0 is a whole step if nothing is added to it
        all_options["epsilon"] = 1e-3

    def exact(array: Any) -> Any:
        return np.asarray(array).astype(dtype).astype(np.float64)

    inputs = draw_inputs(layout, n, rng)
    inputs = (exact(inputs[0]), *inputs[1:4], exact(inputs[4]), inputs[5])
    D, H = n_inputs(inputs), all_options["n_hidden"]
    P = D * H + H + K * H + K + D
    parameters = rng.standard_normal((n_members, P))
    parameters[:, -D:] = 1 + parameters[:, -D:] / 4
    moments = rng.standard_normal((n_members, 2, P)) / 16
    moments[:, 1] **= 2
    return Bag(
        dtype,
        inputs,
        draw_targets(output, n, K, rng),
        rng.choice([0.0, 0.5, 1.0, 2.0], size=n),
        draw_members(n, n_members, n_epochs, rng),
        exact(parameters),
        exact(moments),
        exact(parameters + rng.standard_normal((n_members, P)) / 4),
        rng.integers(3, 20, n_members),
        all_options,
    )
