"""Single faults to plant: the table of tests/campaigns/mutation.py, and how a source is changed.

A row quotes its source with the fault between guillemets, «right ==> wrong», once or more. Its text
stands in its file exactly once, which a short test checks, so that the table cannot rot. The rows
of the C++ files are in this module, those of L-BFGS in `mutants_lbfgs`, of Levenberg-Marquardt in
`mutants_lm`, of many networks in `mutants_many`, of the Python files in `mutants_python`, of tables
in `mutants_tables`, and of what lies beyond the gradient in `mutants_derivatives`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

MARK = re.compile("«(.*?) ==> (.*?)»")


class Mutant(NamedTuple):
    """One fault in a file below src/cpp or python/shallownet_native."""

    file: str
    what: str  # goes wrong
    text: str

    @property
    def is_python(self) -> bool:
        """Whether it is planted by itself; faults in C++ are all compiled at once."""
        return self.file.endswith(".py")

    @property
    def path(self) -> Path:
        """The file's place in the project."""
        return Path("python/shallownet_native" if self.is_python else "src/cpp", self.file)

    def applied(self, source: str, number: int = 0) -> str:
        """Return a file with the fault in it: in Python at once, in C++ behind a switch.

        ValueError unless the row's text stands there once.
        """
        right = MARK.sub(r"\1", self.text)
        if right == self.text or source.count(right) != 1:
            raise ValueError(f"{source.count(right)} places, not one, in {self.file}: {right}")
        switch = r"\2" if self.is_python else rf"(fault_is({number}) ? (\2) : (\1))"
        return source.replace(right, MARK.sub(switch, self.text))


CPP = [
    # the passes
    Mutant("sums/gradient.hpp", "1/m missing in the gradients",
           "broadcast(Scalar(«1 / total ==> 1»));"),
    Mutant("sums/gradient.hpp", "1/m missing in the cost",
           "return «chunks.loss() / total ==> chunks.loss()» + l2"),
    Mutant("sums/gradient.hpp", "dX divided by m, not by the sum of the weights",
           "1 / «weight_sum(examples, m) ==> static_cast<double>(m)»"),
    Mutant("kernels/examples.hpp", "weights summed in the order of the user, not of the batch",
           "batch.weights[«batch.place(i) ==> i»]"),
    Mutant("sums/gradient.hpp", "penalty without its 1/2", "«l2 / 2 ==> l2» * chunks.squares()"),
    Mutant("sums/penalty.hpp", "the last vector left out of a sum of squares",
           "j < n_sums && i + j * w < «n ==> n - w»; ++j) {"),
    Mutant("sums/penalty.hpp", "W2 bears no penalty",
           "k < «at.shape.n_y ==> 0» && at.shape.has_hidden()"),
    Mutant("simd/copy.hpp", "the rows of a turned square mixed up",
           "store(to + (c + i) * ldt + r, square[«i ==> i ^ 1»]);"),
    Mutant("simd/copy.hpp", "the last columns of a turned copy left out",
           "next_column < «n_columns ==> n_columns - n_columns % w»; next_column += w"),
    Mutant("kernels/tiles.hpp", "an infinite input only seen in a tile's first row",
           "is_finite(tile.X, «n_rows ==> 1» * length)"),
    Mutant("sums/penalty.hpp", "the hidden biases bear the penalty",
           "return i < «at.b1 ==> at.w2» || (i >="),
    Mutant("sums/gradient.hpp", "l2 off by 1e-4 in the gradients",
           "is_weight(net.at, i) ? «l2 ==> l2 * 1.0001» : 0"),
    Mutant("sums/chunks.hpp", "the last example of a tile left out where another follows",
           "n_tiles, t + 1) - «i ==> i - (t + 1 < n_tiles)»;"),
    Mutant("sums/chunks.hpp", "the last chunk's gradient left out of the sum",
           "c < «n_sums_ ==> n_sums_ - 1»; ++c) total"),
    Mutant("sums/chunks.hpp", "a later tile's gradient stored, not added",
           "t == 0 ? first : «Into::add ==> Into::store», g);"),
    Mutant("passes/wide.hpp", "dZ2 transposed on the way to dZ1",
           "at.units, {dZ2, «tile_examples ==> 1», «1 ==> tile_examples»},"),
    Mutant("passes/wide.hpp", "the padding's dW2 not masked",
           "pad = «std::max(u, at.first_units) ==> u + lanes»;"),
    Mutant("passes/wide.hpp", "the last examples left out of db2",
           "for (Index i = 0; i < «n ==> n - width<Scalar> + 1»; i += width<Scalar>) db2"),
    Mutant("passes/narrow.hpp", "examples behind the first vector left out of the sums over them",
           "i < «n_examples ==> 1»; i += width<Scalar>) {"),
    Mutant("passes/narrow.hpp", "a later tile's sums stored, not added",
           "store(here, «into == Into::store ==> true» ? totals : load(here) + totals);"),
    Mutant("passes/narrow.hpp", "the last block of examples left out",
           "for (Index b = 0; b < «n_blocks ==> std::max<Index>(n_blocks - 1, 1)»; ++b) {\n"
           "    const Index begin"),
    Mutant("passes/narrow.hpp", "outputs behind the first few have the weights of these",
           "p + at.w2 + «k ==> 0» * at.units, at.units, p + at.b2"),
    Mutant("passes/narrow.hpp", "logits of several outputs have the first one's bias",
           "broadcast(b2[«k ==> 0»])));"),
    Mutant("passes/narrow.hpp", "more outputs than lanes: the last ones' biases learn nothing",
           "k < «n_y ==> std::min(n_y, width<Scalar>)»; k += width<Scalar>)"),
    Mutant("passes/narrow.hpp", "the activations' part of a logit's weights from the deltas",
           "sums(«work.A1.data() ==> D», n_units, dZ2,"),
    Mutant("passes/narrow.hpp", "W1 not transposed on the way to dX",
           "{p, «1 ==> at.units», «at.units ==> 1»}, at.first_units);"),
    Mutant("passes/units.hpp", "several outputs: the first one's weights lead back from all",
           "broadcast(W2[«k * ldw ==> 0» + h]);\n"
           "      for (int v = 0; v < vectors; ++v) d[v]"),
    Mutant("passes/units.hpp", "several outputs: the slope left out of dZ1",
           "store(D + at, «d[v] * Activation::slope(load(from + at), slope) ==> d[v]»);"),
    Mutant("passes/units.hpp", "only the first vector of a block counts in db1",
           "add(«sum_of(d) ==> d[0]»);"),
    Mutant("passes/units.hpp", "a later tile's dW2 stored, not added",
           "store(dW2 + v, «into == Into::store ==> true» ? dw2 : load(dW2 + v) + dw2);"),
    Mutant("passes/units.hpp", "the loss does not heed the weights", "V{} : «s * loss ==> loss»;"),
    Mutant("kernels/tiles.hpp", "examples behind the last count with weight 1",
           "round_up(n, width<Scalar>) - n, «Scalar(0) ==> Scalar(1)»);"),
    Mutant("kernels/tiles.hpp", "weights not brought into the batch's order",
           "if (n % width<Scalar> == 0 && «!(examples.weights && examples.order) ==> true») {"),
    Mutant("kernels/product.hpp", "sums over many inputs begin anew after the first rows",
           "«into == Into::resume ==> false» ? load(C + c * ldc + v * w) : V{};"),
    Mutant("sums/unit_parallel.hpp", "the logits of the last part of the units left out",
           "part < «net_.at.blocks.n_parts() ==> net_.at.blocks.n_parts() - 1»; ++part)"),
    Mutant("kernels/nonzeros.hpp", "the last columns that are not 0 left out",
           "nonzero_bits(x, «end - k ==> 0»);"),
    Mutant("kernels/nonzeros.hpp", "sums over many columns begin anew after the first",
           "«into == Into::resume ==> false» ? load(to + v * w)"),
    Mutant("kernels/nonzeros.hpp", "a later tile's gradient of thin inputs stored, not added",
           "const auto run = «into == Into::store ==> true» ?"),
    Mutant("kernels/nonzeros.hpp", "columns told by the bits of rows",
           "«detail::transpose_bits(by_rows) ==> by_rows»;"),
    Mutant("kernels/examples.hpp", "zeros passed over where a parameter is infinite",
           "return many || «!is_finite(p, n, at.lookout(&watch)) ==> false» ?"),
    Mutant("passes/wide.hpp", "zeros passed over where a delta is infinite",
           "tile.nonzeros && «is_finite(D, tile.n * lanes) ==> true»)"),
    Mutant("kernels/sparse.hpp", "sparse examples not taken in the batch's order",
           "const Index row = «tile.order ? static_cast<Index>(tile.order[i]) : i ==> i»;"),
    Mutant("kernels/examples.hpp", "the last numbers not looked at for NaN",
           "load_first(x + i, «n - i ==> 0»);"),
    Mutant("bindings/predict_one.hpp", "parameters that were changed not noticed",
           "values_.data(), static_cast<std::size_t>(«values_.size() ==> 0»)"),
    # activations and losses
    Mutant("registry/activations.hpp", "relu has slope 1 at 0",
           "«a > ScalarOf<V>(0) ==> a >= ScalarOf<V>(0)» ? broadcast(ScalarOf<V>(1)) : V{};"),
    Mutant("registry/activations.hpp", "leaky_relu has slope 1 at 0",
           "return «a > ScalarOf<V>(0) ==> a >= ScalarOf<V>(0)» ? broadcast(ScalarOf<V>(1)) : c;"),
    Mutant("registry/activations.hpp", "leaky_relu is max(z, c z), which is another above c = 1",
           "return «z > ScalarOf<V>(0) ? z : c * z ==> at_least(z, c * z)»;"),
    Mutant("registry/activations.hpp", "mish's slope without that of its factor",
           "slope = «fma(Scalar(4) * at.ze * (Scalar(1) + at.e), at.r * at.r, t) ==> t»;"),
    Mutant("registry/activations.hpp", "mish loses the digits of small exponentials",
           "return «z < Scalar(-40) ? at.ze : z * t ==> z * t»;"),
    Mutant("registry/activations.hpp", "silu's slope has the wrong sign left of 0",
           "fma(«with_sign_of(at.me, z) ==> absolute(at.me)» * at.r, at.r, s);"),
    Mutant("kernels/tiles.hpp", "slopes written from A1, although Z1 is kept",
           "return («Z1.size() > 0 ? Z1 : A1 ==> A1»).data(); }\n};\n\n// One workspace"),
    Mutant("registry/losses.hpp", "at the quantile's kink the derivative below it",
           "return «a < y ==> a <= y» ? -level"),
    Mutant("registry/losses.hpp", "the quantile's loss symmetric",
           "loss += z < y ? «level ==> above» * (y - z)"),
    Mutant("registry/losses.hpp", "squared error without its 1/2",
           "loss += «ScalarOf<V>(0.5) ==> ScalarOf<V>(1)» * (z - y)"),
    Mutant("registry/losses.hpp", "cross-entropy without log1p(e^-|z|)",
           "- y * z) + «log1p_of_positive(e) ==> V{}»;"),
    Mutant("registry/losses.hpp", "softmax not shifted by the largest logit",
           "exponentials(z, n_y, ldz, «largest(z, n_y, ldz) ==> load(z)»);"),
    Mutant("registry/losses.hpp", "of two equal largest logits none is counted",
           "e == one ? «one - found ==> one» : V{};"),
    # optimizers
    Mutant("registry/optimizers.hpp", "Adam without the second bias correction",
           "o.learning_rate * «std::sqrt(1 - std::pow(o.beta_2, step)) ==> 1» /"),
    Mutant("registry/optimizers.hpp", "Adam's epsilon inside the root",
           "(«square_root(v) + epsilon ==> square_root(v + epsilon)»)"),
    Mutant("registry/optimizers.hpp", "momentum with the wrong sign",
           "= fma(«momentum ==> -momentum», load(s.slots[0] + i), -rate * g);"),
    Mutant("registry/optimizers.hpp", "Nesterov's look ahead forgotten",
           "(«nesterov ==> false» ? fma("),
    # the descent and its rules
    Mutant("solvers/descent.hpp", "the bias correction one step ahead",
           "progress_.steps_done + «1 ==> 2»), learning_rate"),
    Mutant("solvers/descent.hpp", "the schedule counts one example too many",
           "std::pow(progress_.seen + «1 ==> 2»,"),
    Mutant("solvers/optimizer_step.hpp", "no penalty on the weights",
           "«is_penalized ==> false» ? decay : 0}"),
    Mutant("solvers/optimizer_step.hpp", "the penalty on the biases, too",
           ", «false ==> true»};"),
    Mutant("solvers/optimizer_step.hpp", "biases decay with adamw",
           "options.bias_rate, «0 ==> 1»,"),
    Mutant("solvers/optimizer_step.hpp", "adam's epsilon not in the units of its weights",
           "part.options.epsilon /= «unit ==> 1»;"),
    Mutant("solvers/optimizer_step.hpp", "the rate of gd goes with the unit, not with its square",
           "? unit : «unit * unit ==> unit»,"),
    Mutant("solvers/optimizer_step.hpp", "the decay of scales without their own rate",
           "options.scale_rate, «options.scale_rate ==> 1», false}};"),
    Mutant("registry/optimizers.hpp", "adamw grows by its decay",
           "return adam(fma(«-shrink ==> shrink», p, p), g, s, i);"),
    Mutant("solvers/descent.hpp", "the schedule by whole epochs only",
           "static_cast<double>(epochs) + «static_cast<double>(batches) ==> 0.0» /"),
    Mutant("solvers/descent.hpp", "the average is one step older when it is warmed up",
           "t = progress_.steps_done + «1 ==> 0», kept"),
    Mutant("solvers/descent.hpp", "the average not taken back to the epoch's start",
           "if («options_.averages() ==> false») copy(snapshot_.back(), average_[current_]);"),
    Mutant("solvers/descent.hpp", "what is handed out is not the average",
           "shown = («options_.averages() ==> false» ? average_ : parameters_)"),
    Mutant("solvers/input_scale.hpp", "scales that make the network infinite are taken",
           "return «fold(step.vectors.next) && finite ==> (fold(step.vectors.next), finite)»;"),
    Mutant("solvers/input_scale.hpp", "the gradient of the weights without the scales",
           "store(g + i, by_seen * «scale ==> (scale - scale + Scalar(1))»);"),
    Mutant("solvers/input_scale.hpp", "the gradient of the scales not begun anew",
           "std::fill(ds, ds + «at_.shape.n_x ==> 0», Scalar(0));"),
    Mutant("solvers/input_scale.hpp", "what it writes taken for parameters by the team",
           "gradient_only_.moves = «false ==> true»;"),
    Mutant("solvers/descent.hpp", "an estimator's penalty shared by all examples, not by the batch",
           "options_.l2 / «weight ==> static_cast<double>(m_)» :"),
    Mutant("solvers/team_step.hpp", "penalty without its 1/2 in training's costs",
           "+ «step.decay / 2 ==> step.decay» * chunks_.squares()"),
    Mutant("solvers/descent.hpp", "an epoch's cost weighs batches by their weights in every case",
           "&& weight > 0 ? «static_cast<double>(n) ==> weight» : weight;"),
    Mutant("solvers/descent.hpp", "a batch without weight moves the parameters",
           "if («weight <= 0 ==> weight < 0») return;  //"),
    Mutant("solvers/descent.hpp", "an equal cost counts as stalled",
           "progress_.stalled = «cost > progress_.best_cost - options_.tol"
           " ==> cost >= progress_.best_cost - options_.tol» ?"),
    Mutant("solvers/descent.hpp", "patience one too short",
           "«progress_.stalled > options_.patience ==> progress_.stalled >= options_.patience»"),
    Mutant("solvers/descent.hpp", "compared with the last cost, not with the best",
           "«std::min(progress_.best_cost, cost) ==> cost»;"),
    Mutant("solvers/team_step.hpp", "after a batch without weight, gradients taken for parameters",
           "!copies_.empty() && «step.weight > 0 ==> true» && optimizer_.moves;"),
    Mutant("sums/chunks.hpp", "no parameters published for a thread without a chunk",
           "n_published_ = publishes ? «n_threads() ==> n_» : 0;"),
    Mutant("solvers/descent.hpp", "an infinite cost is no divergence",
           "want_cost_ && «!std::isfinite(cost) ==> std::isnan(cost)»)"),
    Mutant("solvers/descent.hpp", "the optimizer's state not taken back to the epoch's start",
           "s < «state_.size() ==> 0»; ++s) copy(snapshot_[s + 1], state_[s]);"),
]  # fmt: skip
