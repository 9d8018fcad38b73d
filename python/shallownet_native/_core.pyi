# One stub for every build of the core: the levels differ in instructions, never in names.
# Rows are examples here: x is (m, n_x), y (m, n_y), z1 and a1 (m, n_h), z2 and a2 (m, n_y).
# shape is (n_x, n_h, n_y), with n_h = 0 where there is no hidden layer (then hidden is "").
# theta is one vector: W1 (n_h, n_x), b1, W2 (n_y, n_h), b2, each in C order and unpadded.

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ._native.sparse import SparseRows
from .network import Parameters

_Floats: TypeAlias = npt.NDArray[np.floating[Any]]
_Shape: TypeAlias = tuple[int, int, int]
_Places: TypeAlias = npt.NDArray[np.int32]

level: str
compiler: str
flags: str
version: str
vector_bytes: int
eigen_version: str
pybind11_version: str

activations: tuple[str, ...]
slopes_of_input: tuple[str, ...]  # of them, those whose slope is written from z
outputs: tuple[str, ...]
smooth_outputs: tuple[str, ...]  # of them, those whose loss has second derivatives
optimizers: dict[str, int]  # name -> number of state vectors that it keeps
schedules: tuple[str, ...]

def n_parameters(shape: _Shape) -> int: ...
def n_chunks(m: int) -> int: ...
def suggested_threads(shape: _Shape, batch_size: int, limit: int) -> int: ...
def all_finite(a: _Floats) -> bool: ...
def activate(z: _Floats, name: str, negative_slope: float) -> _Floats: ...
def slope(from_: _Floats, name: str, negative_slope: float) -> _Floats: ...
def math(z: _Floats, name: str) -> _Floats: ...
def forward(
    theta: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    hidden: str,
    output: str,
    negative_slope: float,
    n_threads: int,
) -> tuple[_Floats | None, _Floats | None, _Floats, _Floats]: ...
def predict(
    theta: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    hidden: str,
    output: str,
    negative_slope: float,
    n_threads: int,
    must_be_finite: bool = ...,
) -> Any: ...  # floats (m, n_y), or None if inputs must be finite and one is not
def classes(
    theta: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    hidden: str,
    output: str,
    negative_slope: float,
    n_threads: int,
    must_be_finite: bool = ...,
) -> Any: ...  # int64 (m,), or None as in predict
def cost(
    theta: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    y: _Floats,
    weights: _Floats | None,
    hidden: str,
    output: str,
    negative_slope: float,
    l2: float,
    n_threads: int,
    quantile: float = ...,
) -> float: ...
def gradients(
    theta: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    y: _Floats,
    weights: _Floats | None,
    hidden: str,
    output: str,
    negative_slope: float,
    l2: float,
    n_threads: int,
    want_dx: bool,
    want_gradient: bool = ...,
    quantile: float = ...,
) -> tuple[float, _Floats, _Floats | None]: ...
def hessian(
    theta: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    y: _Floats,
    weights: _Floats | None,
    hidden: str,
    output: str,
    negative_slope: float,
    l2: float,
    n_threads: int,
    is_exact: bool,
) -> _Floats: ...  # (p, p)
def hessian_vector_product(
    theta: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    y: _Floats,
    weights: _Floats | None,
    hidden: str,
    output: str,
    negative_slope: float,
    l2: float,
    n_threads: int,
    vector: _Floats,
) -> _Floats: ...  # (p,)
def hessian_products(
    theta: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    y: _Floats,
    weights: _Floats | None,
    hidden: str,
    output: str,
    negative_slope: float,
    l2: float,
    n_threads: int,
    most_kept: int,
    vector: _Floats,
    follower: Callable[[_Floats], _Floats | None],  # (p,) -> (p,)
) -> None: ...
def example_gradients(
    theta: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    y: _Floats,
    hidden: str,
    output: str,
    negative_slope: float,
    n_threads: int,
    quantile: float = ...,
) -> _Floats: ...  # (m, p)
def jacobian(
    theta: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    hidden: str,
    output: str,
    negative_slope: float,
    n_threads: int,
    by_inputs: bool,
    of_logits: bool,
) -> _Floats: ...  # (m, n_y, p) or (m, n_y, n_x)

# options: as training.TrainOptions.for_call gives them; always_together (for tests that need a team at
#   work whether it pays or not) is optional. state: what the optimizer keeps; then, if average or
#   scale_rate is not 0, what steps move in place of theta, and with average that of these. With
#   scale_rate each row goes on with the n_x scales of the inputs, or what belongs to them.
# The answer: theta, state, costs, n_epochs, status ("done", "stalled", "diverged", "interrupted"),
#   error, steps_done, seen, best_cost, stalled, learning_rate.
def train(
    theta: _Floats,
    state: _Floats,
    shape: _Shape,
    x: _Floats | SparseRows,
    y: _Floats,
    weights: _Floats | None,
    order: npt.NDArray[np.int64] | None,
    options: Mapping[str, Any],
) -> dict[str, Any]: ...

# options: as training.solvers has them. memory is empty before the first call, else one vector of
#   float64: parameters, gradient, up to ten pairs of their changes, six numbers.
# The answer: memory, costs (after each iteration), first_cost (of a first call: that of the start),
#   status ("done", "minimum", "flat", "stuck", "evaluations", "diverged", "interrupted"), error.
def minimize(
    theta: _Floats,
    memory: npt.NDArray[np.float64],
    shape: _Shape,
    x: _Floats | SparseRows,
    y: _Floats,
    weights: _Floats | None,
    options: Mapping[str, Any],
) -> dict[str, Any]: ...

# Iterations of Levenberg and Marquardt's method on all examples, in float64. `options`: hidden, output, negative_slope,
#   decays (of W1, b1, W2, b2), loss_scale, n_iterations, max_solves (of the whole training), tol, flat, unit, patience,
#   n_threads. memory: empty, or what the last call has answered: the parameters and eight numbers.
# The answer: memory, costs (after each iteration), first_cost (of a first call: that of the start),
#   status ("done", "minimum", "flat", "stuck", "solves", "diverged", "interrupted"), error.
def fit_lm(
    theta: npt.NDArray[np.float64],
    memory: npt.NDArray[np.float64],
    shape: _Shape,
    x: npt.NDArray[np.float64] | SparseRows,
    y: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64] | None,
    options: Mapping[str, Any],
) -> dict[str, Any]: ...

# calls: the name of train, minimize or fit_lm, and its arguments. What each returns is appended to
#   outcomes. The answer: the exception of a signal's handler, or None.
def run_together(
    calls: list[tuple[Any, ...]], n_threads: int, outcomes: list[dict[str, Any]]
) -> BaseException | None: ...

# Of a table's n rows: dense (n, n_dense), levels (n, ..) as places among n_levels or -1, n_levels,
#   bins (n, n_columns), fractions (n, n_columns), n_bins (n_columns,); indices are int32.
_TableRows: TypeAlias = tuple[_Floats, _Places, int, _Places, _Floats, _Places]

# members: (order (n_epochs, its rows), the rows it leaves out (its left-out,)) of each.
# The answer has status and, if it is not "interrupted", parameters, moments, averages and n_steps to
#   go on from, losses (n_epochs, n_members), curve (n_epochs,), best_epoch of this call or -1, and
#   best_parameters and best_outputs of that one.
def train_bag(
    inputs: _TableRows,
    y: _Floats,
    weights: _Floats,
    members: list[tuple[_Places, _Places]],
    parameters: _Floats,
    moments: _Floats,
    averages: _Floats,
    n_steps: npt.NDArray[np.int64],
    options: dict[str, Any],
    n_threads: int,
) -> dict[str, Any]: ...
def table_outputs(
    inputs: _TableRows,
    parameters: _Floats,
    hidden: str,
    n_hidden: int,
    n_outputs: int,
    n_threads: int,
) -> _Floats: ...
def table_hidden(
    inputs: _TableRows, parameters: _Floats, n_hidden: int, n_outputs: int
) -> _Floats: ...
def predict_one(
    parameters: Parameters,
    x: npt.ArrayLike,
    /,
    hidden: str | None = None,
    output: str | None = None,
    negative_slope: float | None = None,
) -> _Floats: ...
