"""How long one example takes through a trained network, called from Python, on one thread.

`footprint.py` runs this file as a program and prints what it writes to standard output, as JSON.
Every call is a statement for `timeit`, so that nothing but itself is timed, with everything made
ready that its library can keep from one example to the next. Answers, or the labels where a call
returns labels, are compared with the oracle's first; then the calls take turns.
"""

from __future__ import annotations

import argparse
import json
import warnings
from timeit import Timer
from typing import Any, NamedTuple

import numpy as np

import shallownet_native as sn
from shallownet_native import reference
from shallownet_native.bench.problems import Problem, draw
from shallownet_native.network import split

NETWORKS = ((30, 16, 1), (64, 100, 10))
LIMIT = 100  # units of the dtype's epsilon: outputs are at most 1, sums have at most 100 terms
TURN_SECONDS = 1e-3

Call = tuple[str, dict[str, Any]]  # a statement, and what its names mean


class Network(NamedTuple):
    """What every call is given: W1 (n_h, n_x), b1 (n_h,), W2 (n_y, n_h), b2 (n_y,), x (n_x,)."""

    W1: Any
    b1: Any
    W2: Any
    b2: Any
    x: Any

    @property
    def output(self) -> str:
        return "sigmoid" if len(self.W2) == 1 else "softmax"


def draw_network(shape: tuple[int, int, int], dtype: str) -> Network:
    """Return a network of this shape and one example."""
    data = draw(Problem("one example", *shape, 1), dtype)
    W1, b1, W2, b2 = split(data.theta, shape)
    return Network(W1, b1[:, 0], W2, b2[:, 0], data.x[0])


def expected(network: Network) -> tuple[Any, int]:
    """Return the oracle's outputs in float64, and the label."""
    W1, b1, W2, b2, x = (np.asarray(P, np.float64) for P in network)
    columns = (b1[:, np.newaxis], W2, b2[:, np.newaxis], x[:, np.newaxis])
    A2 = reference.forward(W1, *columns, "tanh", network.output)[-1].ravel()
    return A2, int(A2[0] > 0.5) if len(A2) == 1 else int(A2.argmax())


# The calls of each rival


def calls_of_shallownet(network: Network) -> dict[str, Call]:
    W1, b1, W2, b2, x = network
    arrays = (W1, b1[:, np.newaxis], W2, b2[:, np.newaxis])
    P, frozen = sn.Parameters(*arrays), sn.Parameters(*map(np.copy, arrays)).freeze()
    kind = f"'tanh', '{network.output}'"
    return {
        "predict_one, frozen": (f"predict(P, x, {kind})", names(sn.predict_one, frozen, x)),
        "predict_one": (f"predict(P, x, {kind})", names(sn.predict_one, P, x)),
        "predict, one column": (f"predict(P, x, {kind})", names(sn.predict, P, x[:, np.newaxis])),
    }


def names(predict: Any, P: Any, x: Any) -> dict[str, Any]:
    return {"predict": predict, "P": P, "x": x}


def calls_of_numpy(network: Network) -> dict[str, Call]:
    Z2 = "W2 @ tanh(W1 @ x + b1) + b2"
    binary = network.output == "sigmoid"
    outputs = f"1 / (1 + exp(-({Z2})))" if binary else f"(e := exp({Z2})) / e.sum()"
    return {"NumPy expression": (outputs, {**network._asdict(), "tanh": np.tanh, "exp": np.exp})}


def calls_of_scikit_learn(network: Network) -> dict[str, Call]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    W1, b1, W2, b2, x = network
    warnings.simplefilter("ignore", ConvergenceWarning)
    model = MLPClassifier((len(W1),), activation="tanh", max_iter=1)
    n_labels = max(len(W2), 2)
    model.fit(np.zeros((n_labels, len(x)), x.dtype), np.arange(n_labels))
    model.coefs_, model.intercepts_ = [W1.T, W2.T], [b1, b2]
    known = {"model": model, "row": x[np.newaxis]}
    return {"MLPClassifier.predict": ("model.predict(row)", known)}


def calls_of_torch(network: Network) -> dict[str, Call]:
    import torch

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    (n_h, n_x), n_y = network.W1.shape, len(network.W2)
    outputs = torch.nn.Sigmoid() if n_y == 1 else torch.nn.Softmax(dim=0)
    layers = (torch.nn.Linear(n_x, n_h), torch.nn.Tanh(), torch.nn.Linear(n_h, n_y), outputs)
    x = torch.from_numpy(network.x)
    model = torch.nn.Sequential(*layers).to(x.dtype)
    for P, given in zip(model.parameters(), network, strict=False):
        P.copy_(torch.from_numpy(given))
    return {"torch eager": ("model(x)", {"model": model, "x": x})}


def calls_of_jax(network: Network) -> dict[str, Call]:
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)  # handing over takes longer
    *given, x = (jax.numpy.asarray(P) for P in network)

    def model(P: Any, x: Any) -> Any:
        W1, b1, W2, b2 = P
        Z2 = W2 @ jax.numpy.tanh(W1 @ x + b1) + b2
        return jax.nn.sigmoid(Z2) if len(Z2) == 1 else jax.nn.softmax(Z2)

    known = {"model": jax.jit(model), "P": given, "x": x}
    return {"JAX under jit": ("model(P, x).block_until_ready()", known)}


CALLS = {  # the rival's name in `rivals/`
    "shallownet": calls_of_shallownet,
    "numpy_in_place": calls_of_numpy,
    "scikit_learn": calls_of_scikit_learn,
    "torch_eager": calls_of_torch,
    "jax_jit": calls_of_jax,
}

# Checking and timing


def check_answer(call: Call, network: Network) -> float:
    """Return the distance from the oracle's outputs, or raise; a label must be the oracle's."""
    statement, known = call
    answer = np.asarray(eval(statement, dict(known)))
    outputs, label = expected(network)
    if answer.dtype.kind in "bi":
        distance, limit = float(np.abs(int(answer.item()) - label)), 0.0
    else:
        distance = float(np.abs(answer.ravel() - outputs).max())
        limit = LIMIT * float(np.finfo(network.x.dtype).eps)
    if not distance <= limit:
        raise RuntimeError(f"{statement} is {distance:.1e} off the oracle")
    return distance


def time_alternately(calls: list[Call], n_rounds: int) -> list[float]:
    """Return each call's best time in microseconds, after rounds of all of them."""
    timers = [Timer(statement, globals=dict(known)) for statement, known in calls]
    once = [min(timer.repeat(3, 10)) / 10 for timer in timers]
    counts = [max(1, round(TURN_SECONDS / seconds)) for seconds in once]
    best = [float("inf")] * len(calls)
    for _ in range(n_rounds):
        for k, timer in enumerate(timers):
            best[k] = min(best[k], timer.timeit(counts[k]) / counts[k])
    return [1e6 * seconds for seconds in best]


def measure_latency(rivals: list[str], n_rounds: int) -> list[dict[str, Any]]:
    """Return microseconds of each rival's calls, on each network in each dtype."""
    rows: list[dict[str, Any]] = []
    for shape in NETWORKS:
        for dtype in ("float32", "float64"):
            network = draw_network(shape, dtype)
            calls = {k: call for name in rivals for k, call in CALLS[name](network).items()}
            distances = [check_answer(call, network) for call in calls.values()]
            times = time_alternately(list(calls.values()), n_rounds)
            where = {"network": "-".join(map(str, shape)), "dtype": dtype}
            found = zip(calls.items(), times, distances, strict=True)
            rows += [
                {**where, "call": label, "statement": call[0], "us": took, "distance": distance}
                for (label, call), took, distance in found
            ]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rivals", choices=CALLS, nargs="+")
    parser.add_argument("--rounds", type=int, default=200, help="200 take about ten seconds")
    given = parser.parse_args()
    print(json.dumps(measure_latency(given.rivals, given.rounds), indent=1))


if __name__ == "__main__":
    main()
