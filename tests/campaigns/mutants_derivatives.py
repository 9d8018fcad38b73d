"""Faults to plant in the derivatives beyond the gradient, for tests/campaigns/mutation.py."""

from __future__ import annotations

from campaigns.mutants import Mutant

DERIVATIVES = [
    Mutant("sums/hessian.hpp", "the Hessian without what bends the units",
           "    if («is_exact_ ==> false»)\n      for (Index i"),
    Mutant("sums/hessian.hpp", "the Hessian without the residuals at the weights of W2",
           "if («!is_exact_ ==> true») return;"),
    Mutant("sums/hessian.hpp", "the slope left out between units and outputs",
           "multiply(lookout, values, V_.data(), shape_.n_y, values.slope.data() + j * lead, "
           "«V_.data() ==> products_.data()»);"),
    Mutant("sums/hessian.hpp", "the penalty on the biases, too",
           "if («is_penalized(at, i) ==> true») H[i"),
    Mutant("sums/hessian.hpp", "the last tile of a group left out",
           "for (Index t = 0; t < «n ==> (n > 1 ? n - 1 : n)»; ++t) {\n"),
    Mutant("sums/hessian.hpp", "every group of tiles takes the first one's examples",
           "const Index i = («first + t ==> t») * tile_examples;"),
    Mutant("sums/hessian_product.hpp", "the product without the second derivative of the units",
           "fma(load(values.slope.data() + i), load(RdZ1 + i), «bent ==> Vector<Scalar>{}»)"),
    Mutant("sums/hessian_product.hpp", "the product without V2 on the way back",
           "values.dZ2.data(), «shape.n_y ==> 0», V2, values.n"),
    Mutant("sums/hessian_product.hpp", "the product's first chunk only",
           "for (Index c = 1; c < «n ==> 1»; ++c) total += sums"),
    Mutant("sums/example_derivatives.hpp", "the outputs' Jacobian that of the logits",
           "if («!kind.of_logits ==> false») times_output"),
    Mutant("passes/derivatives.hpp", "an example of weight 0 counts where it overflows",
           "store(V + at, «s == Scalar(0) ? Vector<Scalar>{} : s * load(V + at) ==> "
           "s * load(V + at)»);"),
    Mutant("passes/derivatives.hpp", "sparse inputs of the last tile left behind",
           "store(values.X.data() + at, «Vector<Scalar>{} ==> load(values.X.data() + at)»);"),
    Mutant("kernels/row_products.hpp", "rows at the end of a block left out",
           "const Index right = std::min<Index>(rows_right, "
           "«n_right - b ==> n_right - b > 2 ? 2 : 1»);"),
    Mutant("network/derivatives/curvature.py", "any residual is close enough",
           "«beta * share ==> 0 * share» <= tol"),
    Mutant("network/derivatives/curvature.py", "the vector before left in",
           "w -= diagonal[-1] * v + «beta ==> 0.0» * before"),
    Mutant("network/derivatives/memory.py", "an array is counted in numbers, not bytes",
           "math.prod(sizes.values()) * «itemsize ==> 1»\n"),
    Mutant("network/derivatives/second_order.py", "a vector of another length let through",
           "if v.«shape != problem.theta.shape ==> ndim != 1»:"),
]  # fmt: skip
