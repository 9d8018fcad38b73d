// Sums over examples of the products of two rows each, examples in the lanes: what second derivatives are made of. Every sum
// has one accumulator per lane and the same tree over the lanes, so it does not depend on how the rows are blocked.
#pragma once

#include <utility>

#include "kernels/product.hpp"

namespace shallownet {

namespace detail {

// With the operands they fill the registers.
constexpr int rows_left = vector_registers >= 32 ? 4 : 2, rows_right = vector_registers >= 32 ? 6 : 4;

// The sums over the lanes of n vectors, from number s on, `width` of them at a time; behind the n there is room for as many.
// No loop, so that every index is a constant, and the vectors stay in registers.
template <class Scalar, int n, int s = 0>
inline void sums_of(const Vector<Scalar> (&vectors)[n], Scalar* sums) {
  if constexpr (s < n) {
    store(sums + s, sum_each<Scalar>([&](Index j) { return s + j < n ? vectors[s + j] : Vector<Scalar>{}; }));
    sums_of<Scalar, n, s + static_cast<int>(width<Scalar>)>(vectors, sums);
  }
}

// C[a][b] += sum over i of L[a][i] * R[b][i], for `left` times `right` rows; `scaled`: of by[i] * L[a][i] instead of L[a][i].
template <class Scalar, int left, int right, bool scaled>
inline void row_block(const Scalar* L, const Scalar* by, const Scalar* R, Index lead, Index n, Scalar* C, Index ldc) {
  using V = Vector<Scalar>;
  constexpr int w = static_cast<int>(width<Scalar>), n_sums = left * right;
  V acc[n_sums];
#pragma GCC unroll 24
  for (int s = 0; s < n_sums; ++s) acc[s] = V{};
  for (Index i = 0; i < n; i += w) {
    V r[right];
#pragma GCC unroll 6
    for (int b = 0; b < right; ++b) r[b] = load(R + b * lead + i);
#pragma GCC unroll 4
    for (int a = 0; a < left; ++a) {
      const V l = scaled ? load(by + i) * load(L + a * lead + i) : load(L + a * lead + i);
#pragma GCC unroll 6
      for (int b = 0; b < right; ++b) acc[a * right + b] = fma(l, r[b], acc[a * right + b]);
    }
  }
  Scalar sums[n_sums + w];
  sums_of<Scalar>(acc, sums);
#pragma GCC unroll 4
  for (int a = 0; a < left; ++a)
#pragma GCC unroll 6
    for (int b = 0; b < right; ++b) C[a * ldc + b] += sums[a * right + b];
}

template <class Scalar>
using RowBlock = void (*)(const Scalar*, const Scalar*, const Scalar*, Index, Index, Scalar*, Index);

// The blocks of 1 .. rows_left by 1 .. rows_right rows, one after the other.
template <class Scalar, bool scaled, int... number>
inline const RowBlock<Scalar>* row_blocks(std::integer_sequence<int, number...>) {
  static constexpr RowBlock<Scalar> table[] = {
      &row_block<Scalar, number / rows_right + 1, number % rows_right + 1, scaled>...};
  return table;
}

}  // namespace detail

// C[a][b] += sum over the n examples, in whole vectors, of L[a][i] * R[b][i], for n_left and n_right rows of `lead` numbers;
// C has ldc numbers from row to row. With `by`, one row, each of L is multiplied by it first.
template <class Scalar>
void add_row_products(const Lookout& lookout, const Scalar* L, Index n_left, const Scalar* R, Index n_right, Index lead,
                      Index n, Scalar* C, Index ldc, const Scalar* by = nullptr) {
  using namespace detail;
  constexpr std::make_integer_sequence<int, rows_left * rows_right> numbers{};
  const RowBlock<Scalar>* run = by ? row_blocks<Scalar, true>(numbers) : row_blocks<Scalar, false>(numbers);
  // So many right rows at a time as stay in the first-level cache while the left ones pass by.
  constexpr Index cached = 24 * 1024 / static_cast<Index>(sizeof(Scalar));
  const Index group = std::max<Index>(cached / n / rows_right, 1) * rows_right;
  in_pieces(lookout, n_left, static_cast<double>(n_right * n), [&](Index begin, Index end) {
    for (Index first = 0; first < n_right; first += group)
      for (Index a = begin; a < end; a += rows_left) {
        const Index left = std::min<Index>(rows_left, end - a), last = std::min(n_right, first + group);
        for (Index b = first; b < last; b += rows_right) {
          const Index right = std::min<Index>(rows_right, last - b);
          run[(left - 1) * rows_right + right - 1](L + a * lead, by, R + b * lead, lead, n, C + a * ldc + b, ldc);
        }
      }
  });
}

}  // namespace shallownet
