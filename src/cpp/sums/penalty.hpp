// The penalty on the weights, l2 / 2 times the sum of their squares: which parameters bear it, and that sum.
#pragma once

#include "kernels/layout.hpp"

namespace shallownet {

// Sum of the squares of n numbers, a multiple of the width, in double: no finite weight overflows it.
template <class Scalar>
double squares(const Scalar* p, Index n) {
  constexpr Index w = width<double>, n_sums = 4;
  using Few [[gnu::vector_size(w * sizeof(Scalar))]] = Scalar;
  Vector<double> sums[n_sums] = {};
  for (Index i = 0; i < n; i += n_sums * w)
    for (Index j = 0; j < n_sums && i + j * w < n; ++j) {
      Few few;
      std::memcpy(&few, p + i + j * w, sizeof few);
      const Vector<double> v = __builtin_convertvector(few, Vector<double>);
      sums[j] = fma(v, v, sums[j]);
    }
  return sum<double>((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

// Sum of the squared weights of a part of the units, biases left out; padding adds 0. The penalty is l2 / 2 times that of all.
template <class Scalar>
double squared_weights(const Layout<Scalar>& at, const Scalar* p, typename Blocks<Scalar>::Part part) {
  const Index begin = at.blocks.first_unit(part.begin), n = at.blocks.first_unit(part.end) - begin;
  double total = squares(p + begin * at.shape.n_x, n * at.shape.n_x);
  for (Index k = 0; k < at.shape.n_y && at.shape.has_hidden(); ++k)
    total += squares(p + at.w2 + k * at.units + begin, n);
  return total;
}

// Whether parameter i bears the penalty. Ranges start and end on vector boundaries.
template <class Scalar>
bool is_weight(const Layout<Scalar>& at, Index i) {
  return i < at.b1 || (i >= at.w2 && i < at.b2);
}

}  // namespace shallownet
