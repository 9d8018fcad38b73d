// Sums over examples of the products of two rows each, examples in the lanes: what second derivatives are made of. Every sum
// has one accumulator per lane and the same tree over the lanes, so it does not depend on how the rows are blocked.
#pragma once

#include <utility>

#include "kernels/product.hpp"

namespace shallownet {

namespace detail {

constexpr int rows_left = vector_registers >= 32 ? 4 : 2, rows_right = 4;  // with the operands they fill the registers

// C[a][b] += sum over i of L[a][i] * R[b][i], for `left` times `right` rows.
template <class Scalar, int left, int right>
inline void row_block(const Scalar* L, const Scalar* R, Index lead, Index n, Scalar* C, Index ldc) {
  using V = Vector<Scalar>;
  constexpr Index w = width<Scalar>, n_sums = round_up(left * right, w);
  V acc[n_sums] = {};
  for (Index i = 0; i < n; i += w) {
    V r[right];
#pragma GCC unroll 4
    for (int b = 0; b < right; ++b) r[b] = load(R + b * lead + i);
#pragma GCC unroll 4
    for (int a = 0; a < left; ++a) {
      const V l = load(L + a * lead + i);
#pragma GCC unroll 4
      for (int b = 0; b < right; ++b) acc[a * right + b] = fma(l, r[b], acc[a * right + b]);
    }
  }
  Scalar sums[n_sums];
  for (Index s = 0; s < n_sums; s += w) store(sums + s, sum_each<Scalar>([&](Index j) { return acc[s + j]; }));
  for (int a = 0; a < left; ++a)
    for (int b = 0; b < right; ++b) C[a * ldc + b] += sums[a * right + b];
}

template <class Scalar>
using RowBlock = void (*)(const Scalar*, const Scalar*, Index, Index, Scalar*, Index);

// The blocks of 1 .. rows_left by 1 .. rows_right rows, one after the other.
template <class Scalar, int... number>
inline const RowBlock<Scalar>* row_blocks(std::integer_sequence<int, number...>) {
  static constexpr RowBlock<Scalar> table[] = {&row_block<Scalar, number / rows_right + 1, number % rows_right + 1>...};
  return table;
}

}  // namespace detail

// C[a][b] += sum over the n examples, in whole vectors, of L[a][i] * R[b][i], for n_left and n_right rows of `lead` numbers;
// C has ldc numbers from row to row.
template <class Scalar>
void add_row_products(const Lookout& lookout, const Scalar* L, Index n_left, const Scalar* R, Index n_right, Index lead,
                      Index n, Scalar* C, Index ldc) {
  using namespace detail;
  const RowBlock<Scalar>* run = row_blocks<Scalar>(std::make_integer_sequence<int, rows_left * rows_right>{});
  in_pieces(lookout, n_left, static_cast<double>(n_right * n), [&](Index begin, Index end) {
    for (Index a = begin; a < end; a += rows_left) {
      const Index left = std::min<Index>(rows_left, end - a);
      for (Index b = 0; b < n_right; b += rows_right) {
        const Index right = std::min<Index>(rows_right, n_right - b);
        run[(left - 1) * rows_right + right - 1](L + a * lead, R + b * lead, lead, n, C + a * ldc + b, ldc);
      }
    }
  });
}

}  // namespace shallownet
