"""Faults to plant in the derivatives beyond the gradient, for tests/campaigns/mutation.py."""

from __future__ import annotations

from campaigns.mutants import Mutant

DERIVATIVES = [
    Mutant("sums/hessian.hpp", "the Hessian without what bends the units",
           "      if («wants_exact_ ==> false»)\n        add(room.bend"),
    Mutant("sums/hessian.hpp", "the Hessian without the residuals at the weights of W2",
           "if («wants_exact_ ==> false») add_residuals("),
    Mutant("sums/hessian.hpp", "the penalty on the biases, too",
           "if («is_penalized(at, i) ==> true») H[i"),
    Mutant("sums/hessian.hpp", "the last tile left out",
           "t < «point.tiles.size() ==> std::max<std::size_t>(point.tiles.size(), 2) - 1»; ++t)\n"
           "        if (!add_tile"),
    Mutant("sums/hessian.hpp", "every tile takes the first one's examples",
           "add_tile(thread, theta, examples_.tiles[«t ==> 0»], point"),
    Mutant("passes/curvature.hpp", "the slope left out between units and outputs",
           "for (Index l = 0; l < «shape_.n_y ==> 0»; ++l)\n"
           "      multiply(V.data() + l * lead_, V.data()"),
    Mutant("passes/curvature.hpp", "nothing bends the units",
           "if («wants_bend ==> false») {"),
    Mutant("registry/activations.hpp", "silu's second derivative without |z|",
           "fma(«-at.m ==> broadcast(Scalar(-1))» * at.r,"),
    Mutant("registry/activations.hpp", "mish's second derivative without its cubic",
           "«fma(at.low * at.r, cubic, Scalar(2) + (e + e)) ==> Scalar(2) + (e + e)»;"),
    Mutant("sums/hessian_product.hpp", "the product without the second derivative of the units",
           "by_W2[u] + by_V2[u], «bent ==> Vector<Scalar>{}»)"),
    Mutant("sums/hessian_product.hpp", "the product without V2 on the way back",
           "by_V2[u] = fma(«d ==> Vector<Scalar>{}»,"),
    Mutant("sums/hessian_product.hpp", "the product's first chunk only",
           "for (Index c = 1; c < «n_chunks_ ==> 1»; ++c) total += sums"),
    Mutant("sums/hessian_product.hpp", "the values of the tile before, where they are not kept",
           "if («!is_kept ==> i == begin(c)» || !is_found_[number])"),
    Mutant("sums/hessian_product.hpp", "the first tile's values, where they are kept",
           "is_kept ? kept_[«number ==> 0»] : passing_[t];"),
    Mutant("sums/example_derivatives.hpp", "the outputs' Jacobian that of the logits",
           "if («!kind.of_logits ==> false») times_output"),
    Mutant("passes/derivatives.hpp", "an example of weight 0 counts where it overflows",
           "store(V + at, «s == Scalar(0) ? Vector<Scalar>{} : s * load(V + at) ==> "
           "s * load(V + at)»);"),
    Mutant("passes/derivatives.hpp", "sparse inputs of the last tile left behind",
           "store(values.X.data() + at, «Vector<Scalar>{} ==> load(values.X.data() + at)»);"),
    Mutant("kernels/row_products.hpp", "rows at the end of a group left out",
           "const Index right = std::min<Index>(rows_right, "
           "«last - b ==> last - b > 2 ? 2 : 1»);"),
    Mutant("kernels/row_products.hpp", "all rows behind the first group left out",
           "for (Index first = 0; first < «n_right ==> std::min(n_right, group)»; first +="),
    Mutant("passes/curvature.hpp", "with one output, the loss's second derivatives left out",
           "find_products_with(«V.data() ==> slope.data()», rows, n,"),
    Mutant("passes/curvature.hpp", "the unit's own factor left out of few products",
           "find_products_with(«column ==> V.data()», products.data(), n, scaled"),
    Mutant("passes/curvature.hpp", "the unit's own factor left out of few pairs",
           "find_products_with(«column ==> V.data()», factor.data(), j + 1,"),
    Mutant("network/derivatives/curvature.py", "any residual is close enough",
           "«beta * share ==> 0 * share» <= self.tol"),
    Mutant("network/derivatives/curvature.py", "the vector before left in",
           "(self.diagonal[-1] * self.v + «beta ==> 0.0» * self.before)"),
    Mutant("network/derivatives/memory.py", "an array is counted in numbers, not bytes",
           "math.prod(sizes.values()) * «itemsize ==> 1»\n"),
    Mutant("network/derivatives/second_order.py", "a vector of another length let through",
           "if v.«shape != problem.theta.shape ==> ndim != 1»:"),
]  # fmt: skip
