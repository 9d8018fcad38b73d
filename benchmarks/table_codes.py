"""Time the training of table networks whose codes are looked up, beside codes multiplied out.

    python benchmarks/table_codes.py                   # some seconds, on an idle machine

The same core, first weights and orders: only the inputs differ. After 16 epochs both must agree to
1e-5 in their losses and outputs; then they take turns, and each one's best counts.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from shallownet_native import reference
from shallownet_native._native.backend import core
from solver_clock import print_table
from wall_clock import bind, by_turns, refuse_unless

OPTIONS = {
    "hidden": "mish", "output": "identity", "batch_size": 64, "first_epoch": 0, "max_epochs": 16,
    "schedule": "coslog4", "learning_rate": 0.04, "bias_rate": 0.1, "scale_rate": 6.0,
    "beta_1": 0.9, "beta_2": 0.95, "epsilon": 1e-8, "weight_decay": 0.05, "average": 0.998,
    "average_every": 8, "output_range": None, "best_loss": float("inf"),
}  # fmt: skip
N, N_COLUMNS, N_MEMBERS = 1000, 12, 4


def draw(n_bins: int, n_hidden: int) -> tuple[list[Any], list[Any]]:
    """Return the core's arguments for a bag: with codes looked up, and multiplied out."""
    rng = np.random.default_rng(0)
    dense = rng.standard_normal((N, N_COLUMNS), np.float32)
    y = np.sin(2 * dense[:, :1]) + dense[:, 1:2] * dense[:, 2:3]
    places = (dense.argsort(0).argsort(0) * n_bins / N).astype(np.float32)  # by quantiles
    bins = places.astype(np.int32)
    none = np.zeros((N, 0), np.int32)
    counts = np.full(N_COLUMNS, n_bins, np.int32)
    looked_up = (dense, none, 0, bins, (places - bins).astype(np.float32), counts)
    wide = np.ascontiguousarray(reference.multiply_out(*looked_up), np.float32)
    multiplied = (wide, none, 0, none, none.astype(np.float32), counts[:0])
    D, H = wide.shape[1], n_hidden
    first = np.zeros((N_MEMBERS, D * H + H + H + 1 + D), np.float32)
    first[:, : D * H + H] = rng.standard_normal((N_MEMBERS, D * H + H), np.float32)
    first[:, -D:] = 1
    folds = np.array_split(np.arange(N, dtype=np.int32), N_MEMBERS)
    members = []
    for fold in folds:
        rest = np.setdiff1d(np.arange(N, dtype=np.int32), fold)
        members.append((rng.permuted(np.tile(rest, (16, 1)), axis=1), fold))
    state = (np.zeros((N_MEMBERS, 2, first.shape[1]), np.float32), first.copy())
    steps = np.zeros(N_MEMBERS, np.int64)
    options = {**OPTIONS, "n_hidden": n_hidden}
    rest_of = [y, np.ones(N, np.float32), members, first, *state, steps, options, 1]
    return [looked_up, *rest_of], [multiplied, *rest_of]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hidden", type=int, default=256, help="hidden units (256)")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    bind(1)
    rows = []
    for n_bins in (16, 31, 64, 128):
        looked_up, multiplied = draw(n_bins, asked.hidden)
        one, other = core.train_bag(*looked_up), core.train_bag(*multiplied)
        off = max(
            float(np.abs(one[name] - other[name]).max() / np.abs(other[name]).max())
            for name in ("losses", "curve")
        )
        refuse_unless(off <= 1e-5, f"losses off by {off:.1e} with {n_bins} bins")
        fast, slow = by_turns(
            [lambda a=looked_up: core.train_bag(*a), lambda a=multiplied: core.train_bag(*a)],
            asked.rounds,
        )
        rows.append((f"{n_bins}", f"{off:.0e}", f"{fast:.3f}", f"{slow:.3f}", f"{slow / fast:.1f}"))
    head = ("bins", "losses off by", "looked up, s", "multiplied out, s", "ratio")
    title = f"{N} rows, {N_COLUMNS} columns, {N_MEMBERS} networks, 16 epochs, one thread"
    print_table(title, head, rows)


if __name__ == "__main__":
    main()
