// Sums over examples of the products of two rows each, examples in the lanes: what second derivatives are made of. Every sum
// has one accumulator per lane and the same tree over the lanes, so it does not depend on how the rows are blocked.
#pragma once

#include <algorithm>
#include <utility>

#include "kernels/product.hpp"

namespace shallownet {

namespace detail {

// With the operands they fill the registers.
constexpr int rows_left = vector_registers >= 32 ? 4 : 2, rows_right = vector_registers >= 32 ? 6 : 4;

// to[j] += the sum over the lanes of vector j, from number s on, `width` of them at a time. No loop over the vectors, so that
// every index is a constant, and they stay in registers.
template <class Scalar, int n, int s = 0>
inline void add_sums_of(const Vector<Scalar> (&vectors)[n], Scalar* to) {
  constexpr int w = static_cast<int>(width<Scalar>), here = std::min(w, n - s);
  if constexpr (here > 0) {
    Scalar sums[w];
    store(sums, sum_each<Scalar>([&](Index j) { return s + j < n ? vectors[s + j] : Vector<Scalar>{}; }));
#pragma GCC unroll 16
    for (int j = 0; j < here; ++j) to[s + j] += sums[j];
    add_sums_of<Scalar, n, s + w>(vectors, to);
  }
}

// C[a][b] += sum over i of L[a][i] * R[b][i], for `left` times `right` rows.
template <class Scalar, int left, int right>
inline void row_block(const Scalar* L, const Scalar* R, Index lead, Index n, Scalar* C, Index ldc) {
  using V = Vector<Scalar>;
  V acc[left][right];
#pragma GCC unroll 4
  for (int a = 0; a < left; ++a)
#pragma GCC unroll 6
    for (int b = 0; b < right; ++b) acc[a][b] = V{};
  for (Index i = 0; i < n; i += width<Scalar>) {
    V r[right];
#pragma GCC unroll 6
    for (int b = 0; b < right; ++b) r[b] = load(R + b * lead + i);
#pragma GCC unroll 4
    for (int a = 0; a < left; ++a) {
      const V l = load(L + a * lead + i);
#pragma GCC unroll 6
      for (int b = 0; b < right; ++b) acc[a][b] = fma(l, r[b], acc[a][b]);
    }
  }
#pragma GCC unroll 4
  for (int a = 0; a < left; ++a) add_sums_of<Scalar>(acc[a], C + a * ldc);
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
  // So many right rows at a time as stay in the first-level cache while the left ones pass by.
  constexpr Index cached = 24 * 1024 / static_cast<Index>(sizeof(Scalar));
  const Index group = std::max<Index>(cached / n / rows_right, 1) * rows_right;
  in_pieces(lookout, n_left, static_cast<double>(n_right * n), [&](Index begin, Index end) {
    for (Index first = 0; first < n_right; first += group)
      for (Index a = begin; a < end; a += rows_left) {
        const Index left = std::min<Index>(rows_left, end - a), last = std::min(n_right, first + group);
        for (Index b = first; b < last; b += rows_right) {
          const Index right = std::min<Index>(rows_right, last - b);
          run[(left - 1) * rows_right + right - 1](L + a * lead, R + b * lead, lead, n, C + a * ldc + b, ldc);
        }
      }
  });
}

}  // namespace shallownet
