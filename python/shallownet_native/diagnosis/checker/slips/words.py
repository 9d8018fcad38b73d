"""The vocabulary: a word for each slip, what it means, and what to look at.

`{slope}` stands for the slope of the hidden activation as it is written from A1.
"""

from __future__ import annotations

from collections.abc import Iterable

# in the order in which they are looked for: of two that explain the same numbers the first counts
SLIPS: dict[str, str] = {
    "wrong_sign": "the sign is wrong: dZ2 = A2 - Y, not Y - A2, and nothing is negated later",
    "missing_1_over_m": "1/m is missing: the cost is a mean over the m examples, and so are the "
    "derivatives: dW2 = dZ2 @ A1.T / m",
    "wrong_m": "it is divided by another number than m, the number of examples: m = X.shape[1]",
    "mean_taken_twice": "it is divided by m twice: once, in dW and db, is enough",
    "factor_2": "there is a factor 2 too much or too little: this cost has no 2 in it to begin "
    "with, and none comes of its derivative",
    "missing_slope": "the slope of the hidden activation is missing: dZ1 = (W2.T @ dZ2) * {slope}",
    "slope_at_Z": "the slope is taken at Z1 where A1 belongs: it is written from the activations, "
    "{slope}",
    "slope_at_A": "the activation or its slope is taken once more, at A1: it is {slope}",
    "slope_of_wrong_activation": "the slope is that of another activation: for this one it is "
    "{slope}",
    "slope_taken_twice": "the slope is multiplied in twice: dZ1 = (W2.T @ dZ2) * {slope}",
    "missing_square": "a square is missing in the slope: it is {slope}",
    "missing_output_slope": "the derivative by A2 stands where that by Z2 belongs: through "
    "the output unit it becomes dZ2 = A2 - Y",
    "extra_output_slope": "the slope of the output unit is one factor too many: this cost cancels "
    "it, dZ2 = A2 - Y",
    "labels_for_probabilities": "labels stand where probabilities belong: dZ2 = A2 - Y with A2 "
    "itself, not A2 > 0.5",
    "Z_for_A": "a sum stands where its activation belongs: Z1 for A1, or Z2 for A2",
    "missing_factor": "a factor is missing in dZ1 = (W2.T @ dZ2) * {slope}: W2",
    "updated_too_early": "parameters are updated before all derivatives are taken: compute dW2, "
    "db2, dW1, db1 from the old ones, then update all four",
    "transposed_factor": "a factor is transposed, or is not and should be: "
    "dW2 = dZ2 @ A1.T / m, dZ1 = (W2.T @ dZ2) * {slope}, dW1 = dZ1 @ X.T / m",
    "elementwise_product": "* multiplies entry by entry where a product of matrices belongs: "
    "np.dot(a, b) or a @ b",
    "missing_keepdims": "the sum lacks keepdims=True: db1 = np.sum(dZ1, axis=1, keepdims=True) "
    "/ m is of shape (n_h, 1), without it of shape (n_h,)",
    "sum_over_wrong_axis": "the sum goes over the wrong axis: examples are columns, so it is "
    "axis=1 with keepdims=True",
    "missing_bias": "a bias is forgotten: Z1 = W1 @ X + b1 and Z2 = W2 @ A1 + b2, and both have "
    "derivatives",
    "wrong_activation": "another activation is computed",
    "missing_activation": "an activation is missing",
    "missing_array": "a derivative is missing in what is returned",
    "swapped_arrays": "one derivative stands under another's name: as a tuple the order is dW1, "
    "db1, dW2, db2, and dW1 and db1 come of dZ1, dW2 and db2 of dZ2",
    "matrix_product": "np.dot or @ multiplies matrices where entries belong to entries: the slope "
    "is multiplied by *, (W2.T @ dZ2) * {slope}",
    "slope_of_wrong_layer": "the slope is taken at A2, where A1 belongs: {slope}",
    "activation_for_slope": "the activation stands where its slope belongs: {slope}",
    "extra_penalty": "a multiple of the weights is added, as a penalty has it: this cost has none",
}

# of the pass forward, where the same slip has other lines
FORWARD_LINES = {
    "wrong_sign": "a sign is wrong: Z1 = W1 @ X + b1, Z2 = W2 @ A1 + b2, and a sigmoid is "
    "1 / (1 + exp(-Z2))",
    "transposed_factor": "a factor is transposed, or is not and should be: Z1 = W1 @ X + b1, "
    "Z2 = W2 @ A1 + b2",
    "elementwise_product": "* multiplies entry by entry where a product of matrices belongs: "
    "Z1 = np.dot(W1, X) + b1, Z2 = np.dot(W2, A1) + b2",
    "sum_over_wrong_axis": "the sum goes over the wrong axis: examples are columns, so softmax "
    "divides by the sum with axis=0, over the outputs of an example",
    "labels_for_probabilities": "A2 is made of labels: it is the probability itself, not A2 > 0.5",
    "Z_for_A": "a sum stands where its activation belongs: Z2 = W2 @ A1 + b2",
    "missing_bias": "a bias is forgotten: Z1 = W1 @ X + b1 and Z2 = W2 @ A1 + b2",
}
FACTOR_OF_SQUARES = (
    "there is a factor 2 too much or too little: this cost is half the squared error, whose 2 "
    "cancels: dZ2 = A2 - Y, divided by m"
)
ACTIVATIONS = ("wrong_activation", "missing_activation")

SLOPES = {
    "identity": "1",
    "leaky_relu": "np.where(A1 > 0, 1, 0.01)",
    "mish": "(t + Z1 * (1 - t**2) * sigmoid(Z1)), where t = tanh(log(1 + exp(Z1)))",
    "relu": "(A1 > 0)",
    "sigmoid": "A1 * (1 - A1)",
    "silu": "(s + Z1 * s * (1 - s)), where s = sigmoid(Z1)",
    "tanh": "(1 - A1**2)",
}


def advice(slip: str, hidden: str, output: str, *, is_forward: bool = False) -> str:
    """Return what a slip means in one of the two passes, for a network with these activations."""
    if slip == "factor_2" and output == "identity":
        return FACTOR_OF_SQUARES
    if slip in ACTIVATIONS:
        return f"{SLIPS[slip]}; here A1 = {hidden}(Z1) and A2 = {output}(Z2)"
    lines = FORWARD_LINES if is_forward and slip in FORWARD_LINES else SLIPS
    return lines[slip].format(slope=SLOPES[hidden])


def in_order(words: Iterable[str]) -> tuple[str, ...]:
    """Return slips in the vocabulary's order."""
    return tuple(word for word in SLIPS if word in words)
