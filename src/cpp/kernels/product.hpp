// The product that all passes are made of. Nothing is packed: one operand is read as vectors along the units, the
// other one number at a time, broadcast. Every sum runs in ascending order with one accumulator, so a result
// depends neither on how the work is blocked nor on its neighbours.
#pragma once

#include <algorithm>
#include <utility>

#include "kernels/layout.hpp"

namespace shallownet {

// What a product does with its sum: overwrite, go on from what stands there, or add the finished sum to it.
enum class Into { store, resume, add };

// The broadcast operand: number (r, c) stands at data[r * row + c * column]; one of the two steps is 1.
template <class Scalar>
struct StridedScalars {
  const Scalar* data;
  Index row, column;
};

// Calls f(constant) with a number of vectors, 1 .. max_vectors, as a constant.
template <class F>
void for_vectors(int n, F&& f) {
  const auto run = [&](auto constant) {
    if constexpr (decltype(constant)::value <= max_vectors) f(constant);
  };
  switch (n) {
    case 1: return run(std::integral_constant<int, 1>{});
    case 2: return run(std::integral_constant<int, 2>{});
    case 3: return run(std::integral_constant<int, 3>{});
    default: return run(std::integral_constant<int, 4>{});
  }
}

constexpr Index sum_block = 128;  // rows of one product step: its vectors (up to 4 per row) fit the first-level cache

// Columns of the accumulator block for so many vectors side by side: together they fill the registers.
constexpr int max_columns(int vectors) {
  if (vector_registers >= 32) return vectors == 1 ? 24 : vectors == 2 ? 12 : vectors == 3 ? 8 : 6;
  return vectors == 1 ? 12 : 6;
}

namespace detail {

// C[c][:] (into)= sum over r of P[r][:] * B(r, c), for `vectors` vectors and `columns` columns held in registers.
template <class Scalar, int vectors, int columns, bool unit_row, Into into>
inline void block(Scalar* C, Index ldc, const Scalar* P, Index ldp, StridedScalars<Scalar> B, Index n_rows) {
  using V = Vector<Scalar>;
  constexpr Index w = width<Scalar>;
  V acc[columns][vectors];  // whose every index is a constant once all loops are unrolled: so they stay in registers
#pragma GCC unroll 24
  for (int c = 0; c < columns; ++c)
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) acc[c][v] = into == Into::resume ? load(C + c * ldc + v * w) : V{};
  const Index row = unit_row ? 1 : B.row, column = unit_row ? B.column : 1;
  for (Index r = 0; r < n_rows; ++r) {
    V p[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) p[v] = load(P + r * ldp + v * w);
#pragma GCC unroll 24
    for (int c = 0; c < columns; ++c) {
      const V b = broadcast(B.data[r * row + c * column]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) acc[c][v] = fma(p[v], b, acc[c][v]);
    }
  }
#pragma GCC unroll 24
  for (int c = 0; c < columns; ++c)
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      Scalar* to = C + c * ldc + v * w;
      store(to, into == Into::add ? load(to) + acc[c][v] : acc[c][v]);
    }
}

template <class Scalar>
using Block = void (*)(Scalar*, Index, const Scalar*, Index, StridedScalars<Scalar>, Index);

// The blocks for 1 .. max_columns(vectors) columns.
template <class Scalar, int vectors, bool unit_row, Into into, int... columns>
inline const Block<Scalar>* blocks(std::integer_sequence<int, columns...>) {
  static constexpr Block<Scalar> table[] = {&block<Scalar, vectors, columns + 1, unit_row, into>...};
  return table;
}

template <class Scalar, int vectors, bool unit_row, Into into>
inline void product_of(Scalar* C, Index ldc, Index n_columns, const Scalar* P, Index ldp, StridedScalars<Scalar> B,
                       Index n_rows) {
  constexpr Index most = max_columns(vectors);
  const Block<Scalar>* run = blocks<Scalar, vectors, unit_row, into>(std::make_integer_sequence<int, int(most)>{});
  // Even blocks: 13 columns are cut 7 + 6 and not 12 + 1, which would wait for the latency of its one sum.
  for (Index left = n_columns; left > 0;) {
    const Index n_blocks = (left + most - 1) / most, n = (left + n_blocks - 1) / n_blocks;
    run[n - 1](C, ldc, P, ldp, B, n_rows);
    C += n * ldc;
    B.data += n * B.column;
    left -= n;
  }
}

template <class Scalar, int vectors, bool unit_row>
inline void product_in_steps(Into into, Scalar* C, Index ldc, Index n_columns, const Scalar* P, Index ldp,
                             StridedScalars<Scalar> B, Index n_rows) {
  if (into == Into::add) {
    product_of<Scalar, vectors, unit_row, Into::add>(C, ldc, n_columns, P, ldp, B, n_rows);
    return;
  }
  const Index first = into == Into::store ? std::min(n_rows, sum_block) : 0;
  if (into == Into::store) product_of<Scalar, vectors, unit_row, Into::store>(C, ldc, n_columns, P, ldp, B, first);
  for (Index r = first; r < n_rows; r += sum_block) {
    const StridedScalars<Scalar> rest{B.data + r * B.row, B.row, B.column};
    product_of<Scalar, vectors, unit_row, Into::resume>(C, ldc, n_columns, P + r * ldp, ldp, rest,
                                                        std::min(sum_block, n_rows - r));
  }
}

}  // namespace detail

// C (n_columns, n_vectors vectors) stored or added to: C[c][:] = sum over r < n_rows of P[r][:] * B(r, c), where the
// rows of C and P hold vectors along the units. n_vectors <= max_vectors.
template <class Scalar>
void product(Into into, int n_vectors, Scalar* C, Index ldc, Index n_columns, const Scalar* P, Index ldp,
             StridedScalars<Scalar> B, Index n_rows) {
  for_vectors(n_vectors, [&](auto number) {
    constexpr int vectors = decltype(number)::value;
    if (B.row == 1) {
      detail::product_in_steps<Scalar, vectors, true>(into, C, ldc, n_columns, P, ldp, B, n_rows);
    } else {
      detail::product_in_steps<Scalar, vectors, false>(into, C, ldc, n_columns, P, ldp, B, n_rows);
    }
  });
}

// in_pieces with a watch; a function of its own, so that small networks have only the call of f.
template <class F>
[[gnu::noinline]] void in_watched_pieces(const Lookout& lookout, Index n, double work_each, const F& f) {
  constexpr double work = 3e7;  // some milliseconds
  const Index piece = std::max<Index>(static_cast<Index>(work / work_each) / 4 * 4, 4);
  for (Index begin = 0; begin < n; begin += piece) {
    const Index end = std::min(begin + piece, n);
    if (lookout.breaks_off(work_each * static_cast<double>(end - begin))) return;
    f(begin, end);
  }
}

// Calls f(begin, end) for pieces of n rows or columns, each of which are so many multiply-adds, until it is to break off.
template <class F>
inline void in_pieces(const Lookout& lookout, Index n, double work_each, const F& f) {
  lookout.watch ? in_watched_pieces(lookout, n, work_each, f) : f(Index(0), n);
}

// The product in pieces, bit for bit: of rows, whose sums go on, or of columns. Small networks pay one comparison for it.
template <class Scalar>
[[gnu::noinline]] void product_in_pieces(const Lookout& lookout, Into into, int n_vectors, Scalar* C, Index ldc,
                                         Index n_columns, const Scalar* P, Index ldp, StridedScalars<Scalar> B,
                                         Index n_rows) {
  const bool by_rows = into == Into::store && n_rows > n_columns;
  const Index n = by_rows ? n_rows : n_columns, others = by_rows ? n_columns : n_rows;
  const Index step_C = by_rows ? 0 : ldc, step_P = by_rows ? ldp : 0, step_B = by_rows ? B.row : B.column;
  in_pieces(lookout, n, static_cast<double>(others * n_vectors * width<Scalar>), [&](Index begin, Index end) {
    const Index here = end - begin;
    product<Scalar>(by_rows && begin > 0 ? Into::resume : into, n_vectors, C + begin * step_C, ldc,
                    by_rows ? n_columns : here, P + begin * step_P, ldp, {B.data + begin * step_B, B.row, B.column},
                    by_rows ? here : n_rows);
  });
}
template <class Scalar>
void product(const Lookout& lookout, Into into, int n_vectors, Scalar* C, Index ldc, Index n_columns, const Scalar* P,
             Index ldp, StridedScalars<Scalar> B, Index n_rows) {
  if (lookout.watch) return product_in_pieces(lookout, into, n_vectors, C, ldc, n_columns, P, ldp, B, n_rows);
  product<Scalar>(into, n_vectors, C, ldc, n_columns, P, ldp, B, n_rows);
}

// Adds b[k] to row k of Z (n_rows, n), whole vectors of it.
template <class Scalar>
void add_bias(const Lookout& lookout, Scalar* Z, Index ldz, Index n_rows, Index n, const Scalar* b) {
  in_pieces(lookout, n_rows, static_cast<double>(work_per_number * n), [&](Index begin, Index end) {
    for (Index k = begin; k < end; ++k)
      for (Index i = 0; i < n; i += width<Scalar>)
        store(Z + k * ldz + i, load(Z + k * ldz + i) + without_sign_of_zero(broadcast(b[k])));
  });
}

}  // namespace shallownet
