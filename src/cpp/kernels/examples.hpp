// A batch of examples as the user holds it: rows of inputs, dense or compressed, targets, weights, and the order they are
// taken in. What is to be known of all of them before they are cut into tiles: which of their numbers to read, whether
// they are finite, the sum of their weights.
#pragma once

#include <limits>

#include "kernels/layout.hpp"

namespace shallownet {

// Inputs of which most numbers are 0, in compressed rows: those of example i stand at begins[i] .. begins[i + 1], with
// ascending columns. Not owned.
template <class Scalar>
struct Sparse {
  const Scalar* numbers = nullptr;
  const std::int32_t* columns = nullptr;
  const std::int64_t* begins = nullptr;
};

// A batch of examples: X (m, n_x), Y (m, n_y) and weights (m), which may be absent. `order`, if given, holds m indices
// into the user's rows. X may come in `sparse` instead. `padded`: behind the last example there is memory to fill the
// vector, with weight 0.
template <class Scalar>
struct Examples {
  Rows<Scalar> X, Y;
  const Scalar* weights = nullptr;
  const std::int64_t* order = nullptr;
  bool padded = false;
  Sparse<Scalar> sparse = {};

  Index place(Index i) const { return order ? static_cast<Index>(order[i]) : i; }
  Examples from(Index begin) const {
    if (order) return {X, Y, weights, order + begin, false, sparse};
    return {{X.data + begin * X.row, X.row, X.column},
            {Y.data + begin * Y.row, Y.row, Y.column},
            weights ? weights + begin : nullptr,
            nullptr,
            padded,
            {sparse.numbers, sparse.columns, sparse.begins + begin}};
  }
};

// Whether none of n numbers is NaN or infinite.
template <class Scalar>
bool is_finite(const Scalar* x, Index n) {
  constexpr Index w = width<Scalar>;
  Vector<Scalar> bad{};  // x - x is 0 for finite x and NaN otherwise, and NaN stays
  Index i = 0;
  for (; i + w <= n; i += w) bad += load(x + i) - load(x + i);
  const Vector<Scalar> last = load_first(x + i, n - i);
  return sum<Scalar>(bad + (last - last)) == 0;
}

// The same of a long range; false, too, if it is broken off.
template <class Scalar>
bool is_finite(const Scalar* x, Index n, const Lookout& lookout) {
  bool finite = true;
  const auto look = [&](Index begin, Index end) { finite = finite && is_finite(x + begin, end - begin); };
  return for_each_block_of(0, n, lookout, look) && finite;
}

// What the passes read of the inputs: all numbers, those that are not 0 of a dense array, or those of compressed rows.
enum class InputKind { dense, nonzeros, sparse };

// What to read: judged by some of the first m examples, since it decides the time, not the results. Only where all n
// parameters at p are finite, because 0 times infinity is not 0; the backward pass asks the same of its deltas.
template <class Scalar>
InputKind input_kind_of(const Layout<Scalar>& at, const Examples<Scalar>& examples, Index m, const Scalar* p, Index n,
                        InterruptWatch& watch) {
  constexpr double most = vector_bytes == 64 ? 5 / 8.0 : 1 / 4.0;  // of the numbers: there both ways take as long
  if (examples.sparse.numbers) return InputKind::sparse;
  if (m < 16 || at.units < 4 * width<Scalar>) return InputKind::dense;  // finding them would take longer than it saves
  const Index n_rows = std::min<Index>(m / 16, 64);
  Index n_nonzeros = 0;
  for (Index r = 0; r < n_rows; ++r) {
    const Scalar* x = examples.X.data + examples.place(cut(m, n_rows, r)) * examples.X.row;
    for (Index k = 0; k < at.shape.n_x; ++k) n_nonzeros += x[k * examples.X.column] != 0;
  }
  const bool many = static_cast<double>(n_nonzeros) > most * static_cast<double>(n_rows * at.shape.n_x);
  return many || !is_finite(p, n, at.lookout(&watch)) ? InputKind::dense : InputKind::nonzeros;
}

// Sum of the weights s of a batch; m where there are none, and 0 if it is too small to divide by.
template <class Scalar>
double weight_sum(const Examples<Scalar>& batch, Index m) {
  if (!batch.weights) return static_cast<double>(m);
  double total = 0;
  for (Index i = 0; i < m; ++i) total += static_cast<double>(batch.weights[batch.place(i)]);
  return total < static_cast<double>(std::numeric_limits<Scalar>::min()) ? 0 : total;
}

}  // namespace shallownet
