// Copies of matrices. One that turns rows into columns goes by squares of vectors, which are turned in the registers: number
// by number it takes several times as long.
#pragma once

#include <algorithm>

#include "simd/vector.hpp"

namespace shallownet {

namespace detail {

// Of each square of 2 half x 2 half lanes, the two quarters beside the diagonal change places.
template <int half, class V, int... lane>
inline void swap_quarters(V* rows, std::integer_sequence<int, lane...>) {
  constexpr int n = sizeof...(lane);
#pragma GCC unroll 16
  for (int i = 0; i < n; ++i) {
    if (i & half) continue;
    const V u = rows[i], v = rows[i + half];
    rows[i] = pick<(lane & half ? n + lane - half : lane)...>(u, v);
    rows[i + half] = pick<(lane & half ? n + lane : lane + half)...>(u, v);
  }
}

// Turns a square of vectors: lane j of row i and lane i of row j change places.
template <class V, int half = static_cast<int>(sizeof(V) / sizeof(ScalarOf<V>) / 2)>
inline void turn(V* rows) {
  if constexpr (half > 0) {
    swap_quarters<half>(rows, std::make_integer_sequence<int, static_cast<int>(width<ScalarOf<V>>)>{});
    turn<V, half / 2>(rows);
  }
}

}  // namespace detail

// to[c * ldt + r] = row_at(r)[c] for r < n_rows and c < n_columns.
template <class Scalar, class RowAt>
void turn_rows(Index n_rows, Index n_columns, RowAt&& row_at, Scalar* to, Index ldt) {
  constexpr Index w = width<Scalar>;
  if (n_rows < w || n_columns < w) {
    for (Index r = 0; r < n_rows; ++r) {
      const Scalar* row = row_at(r);
      for (Index c = 0; c < n_columns; ++c) to[c * ldt + r] = row[c];
    }
    return;
  }
  for (Index next = 0; next < n_rows; next += w) {
    const Index r = std::min(next, n_rows - w);  // the last squares overlap others
    const Scalar* rows[w];
    for (Index i = 0; i < w; ++i) rows[i] = row_at(r + i);
    for (Index next_column = 0; next_column < n_columns; next_column += w) {
      const Index c = std::min(next_column, n_columns - w);
      Vector<Scalar> square[w];
#pragma GCC unroll 16
      for (Index i = 0; i < w; ++i) square[i] = load(rows[i] + c);
      detail::turn(square);
#pragma GCC unroll 16
      for (Index i = 0; i < w; ++i) store(to + (c + i) * ldt + r, square[i]);
    }
  }
}

// One matrix(...) to another of the same shape.
template <class From, class To>
void copy(const From& from, To to) {
  const auto turn = [](const auto& rows, auto& columns) {  // rows with numbers side by side to such columns
    turn_rows(
        rows.rows(), rows.cols(), [&](Index r) { return rows.data() + r * rows.rowStride(); }, columns.data(),
        columns.colStride());
  };
  if (from.colStride() == 1 && to.rowStride() == 1) {
    turn(from, to);
  } else if (from.rowStride() == 1 && to.colStride() == 1) {
    const auto rows = from.transpose();
    auto columns = to.transpose();
    turn(rows, columns);
  } else {
    to = from;
  }
}

}  // namespace shallownet
