// The passes of networks with fewer hidden units than a vector has lanes: examples in the lanes throughout (A1[unit][i]),
// so that no lane is idle; numbers of the parameters are broadcast, gradients are sums over lanes.
#pragma once

#include "kernels/sparse.hpp"
#include "passes/units.hpp"

namespace shallownet {

// Calls f(first example, number of vectors) for blocks of a tile, as even as possible.
template <class Scalar, class F>
void for_each_lane_block(Index n, F&& f) {
  const Index vectors = (n + width<Scalar> - 1) / width<Scalar>, n_blocks = (vectors + max_vectors - 1) / max_vectors;
  for (Index b = 0; b < n_blocks; ++b) {
    const Index begin = cut(vectors, n_blocks, b);
    f(begin * width<Scalar>, static_cast<int>(cut(vectors, n_blocks, b + 1) - begin));
  }
}

namespace detail {

// Z2 = W2 A1 + b2 for `rows` outputs over a block of examples `vectors` wide, sums in the registers.
template <class Scalar, int rows, int vectors>
void narrow_logits(Index n_h, const Scalar* A, const Scalar* W2, Index ldw, const Scalar* b2, Scalar* Z2) {
  using V = Vector<Scalar>;
  constexpr Index w = width<Scalar>, T = tile_examples;
  V z[rows][vectors] = {};
  for (Index h = 0; h < n_h; ++h) {
    V a[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) a[v] = load(A + h * T + v * w);
#pragma GCC unroll 4
    for (int k = 0; k < rows; ++k) {
      const V weight = broadcast(W2[k * ldw + h]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) z[k][v] = fma(a[v], weight, z[k][v]);
    }
  }
#pragma GCC unroll 4
  for (int k = 0; k < rows; ++k)
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) store(Z2 + k * T + v * w, z[k][v] + without_sign_of_zero(broadcast(b2[k])));
}

template <class Scalar>
using Logits = void (*)(Index, const Scalar*, const Scalar*, Index, const Scalar*, Scalar*);

// For 1 .. max_vectors vectors and one output, then for two, and so on.
template <class Scalar, int... number>
inline const Logits<Scalar>* logits_of(std::integer_sequence<int, number...>) {
  static constexpr Logits<Scalar> table[] = {
      &narrow_logits<Scalar, number / max_vectors + 1, number % max_vectors + 1>...};
  return table;
}

// Of n rows the sums over the examples of each times row k of `by`: side by side from to + k * step on, 0 behind them.
template <class Scalar, int n>
void unit_sums(Into into, const Scalar* rows, const Scalar* by, Index ld, Index n_by, Index n_examples, Scalar* to,
               Index step) {
  using V = Vector<Scalar>;
  for (Index k = 0; k < n_by; ++k) {
    V sums[n] = {};
    for (Index i = 0; i < n_examples; i += width<Scalar>) {
      const V factor = load(by + k * ld + i);
#pragma GCC unroll 16
      for (int j = 0; j < n; ++j) sums[j] = fma(load(rows + j * tile_examples + i), factor, sums[j]);
    }
    const V totals = sum_each<Scalar>([&](Index j) { return j < n ? sums[j] : V{}; });
    Scalar* here = to + k * step;
    store(here, into == Into::store ? totals : load(here) + totals);
  }
}

template <class Scalar>
using UnitSums = void (*)(Into, const Scalar*, const Scalar*, Index, Index, Index, Scalar*, Index);

template <class Scalar, int... n>
inline UnitSums<Scalar> unit_sums_of(Index number, std::integer_sequence<int, n...>) {
  static constexpr UnitSums<Scalar> table[] = {&unit_sums<Scalar, n + 1>...};
  return table[number - 1];
}

}  // namespace detail

// Z2 = W2 A1 + b2 over a block of examples.
template <class Scalar>
void narrow_logits(const Layout<Scalar>& at, const Scalar* p, int vectors, const Scalar* A, Scalar* Z2) {
  constexpr int most = 4;  // outputs at a time
  const Index n_y = at.shape.n_y, n_blocks = (n_y + most - 1) / most;
  const detail::Logits<Scalar>* run = detail::logits_of<Scalar>(std::make_integer_sequence<int, most * max_vectors>{});
  for (Index b = 0; b < n_blocks; ++b) {
    const Index k = cut(n_y, n_blocks, b), rows = cut(n_y, n_blocks, b + 1) - k;
    run[(rows - 1) * max_vectors + vectors - 1](at.shape.n_h, A, p + at.w2 + k * at.units, at.units, p + at.b2 + k,
                                                Z2 + k * tile_examples);
  }
}

// The same for any number of rows up to a vector's lanes.
template <class Scalar>
void unit_sums(const Lookout& lookout, Into into, const Scalar* rows, Index n_rows, const Scalar* by, Index ld,
               Index n_by, Index n_examples, Scalar* to, Index step) {
  const auto run = detail::unit_sums_of<Scalar>(n_rows, std::make_integer_sequence<int, int(width<Scalar>)>{});
  in_pieces(lookout, n_by, static_cast<double>(work_per_number * n_examples * n_rows), [&](Index begin, Index end) {
    run(into, rows, by + begin * ld, ld, end - begin, n_examples, to + begin * step, step);
  });
}

// forward_narrow by the kernels of the activation, for one output or for several.
template <class Scalar>
void forward_by_kernels(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                        Workspace<Scalar>& work) {
  constexpr Index T = tile_examples;
  const Index n_x = at.shape.n_x, n_h = at.shape.n_h;
  for_each_lane_block<Scalar>(tile.n, [&](Index i, int vectors) {
    const Scalar *X = tile.X + i, *b1 = p + at.b1;
    Scalar *A = work.A1.data() + i, *Z1 = at.keeps_Z1 ? work.Z1.data() + i : nullptr, *Z2 = work.Z2.data() + i;
    if (at.has_lanes()) {
      units.forward[vectors - 1](n_x, n_h, X, tile.ldx, p, at.units, b1, p + at.w2, p[at.b2], units.negative_slope, A,
                                 Z1, T, Z2);
    } else {
      units.activations[vectors - 1](n_x, n_h, X, tile.ldx, p, at.units, b1, units.negative_slope, A, Z1, T);
      narrow_logits(at, p, vectors, A, Z2);
    }
  });
}

template <class Scalar>
void forward_narrow(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                    Workspace<Scalar>& work, bool want_Z1) {
  constexpr Index T = tile_examples;
  const bool has_hidden = at.shape.has_hidden();
  const Index n_y = at.shape.n_y;
  if (at.has_kernels() && !tile.sparse.numbers && !want_Z1) return forward_by_kernels(at, units, p, tile, work);
  if (tile.sparse.numbers) {  // units in the lanes, then transposed
    sparse_product(work.lookout, 1, work.transposed.data(), at.units, p, at.units, tile);
    copy(matrix(work.transposed.data(), at.first_units, tile.n, 1, at.units),
         matrix((has_hidden ? work.A1 : work.Z2).data(), at.first_units, tile.n, T, 1));
  }
  Scalar* kept = work.place_of_Z1(want_Z1);
  for_each_lane_block<Scalar>(tile.n, [&](Index i, int vectors) {
    Scalar* Z1 = (has_hidden ? work.A1.data() : work.Z2.data()) + i;
    if (!tile.sparse.numbers)
      product<Scalar>(work.lookout, Into::store, vectors, Z1, T, at.first_units, tile.X + i, tile.ldx, {p, at.units, 1},
                      at.shape.n_x);
    if (has_hidden) {
      units.activate_rows(Z1, T, at.first_units, vectors, p + at.b1, units.negative_slope, kept ? kept + i : nullptr);
      product<Scalar>(work.lookout, Into::store, vectors, work.Z2.data() + i, T, n_y, Z1, T, {p + at.w2, 1, at.units},
                      at.first_units);
    }
    add_bias(work.lookout, work.Z2.data() + i, T, n_y, vectors * width<Scalar>, p + (has_hidden ? at.b2 : at.b1));
  });
}

// dZ1 = (W2^T dZ2) * g1'(Z1) in work.dZ1; without a hidden layer the units' dZ1 is dZ2 itself.
template <class Scalar>
const Scalar* hidden_delta_narrow(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, Index n,
                                  Workspace<Scalar>& work) {
  constexpr Index T = tile_examples;
  if (!at.shape.has_hidden()) return work.Z2.data();
  for_each_lane_block<Scalar>(n, [&](Index i, int vectors) {
    Scalar* D = work.dZ1.data() + i;
    const Scalar *from = work.slope_source() + i, *dZ2 = work.Z2.data() + i;
    if (at.has_kernels()) {
      units.hidden_delta[vectors - 1](at.shape.n_h, at.shape.n_y, p + at.w2, at.units, units.negative_slope, from, dZ2,
                                      T, D);
      return;
    }
    product<Scalar>(work.lookout, Into::store, vectors, D, T, at.first_units, dZ2, T, {p + at.w2, at.units, 1},
                    at.shape.n_y);
    units.slope(D, from, T, at.first_units, vectors, units.negative_slope);
  });
  return work.dZ1.data();
}

// backward_narrow where activation and products are one loop.
template <class Scalar>
void backward_in_one_loop(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p,
                          const Tile<Scalar>& tile, Workspace<Scalar>& work, Into into, Scalar* g) {
  const Index n_x = at.shape.n_x, n_h = at.shape.n_h, n = round_up(tile.n, width<Scalar>);
  constexpr Index full = max_vectors * width<Scalar>;  // full blocks and a rest: even ones would change the sums
  for (Index i = 0; i < n; i += full) {
    const Index vectors = std::min(full, n - i) / width<Scalar>;
    units.backward[vectors - 1](i == 0 ? Into::store : Into::add, n_x, n_h, tile.X + i, tile.ldx, p + at.w2,
                                units.negative_slope, work.A1.data() + i, work.slope_source() + i, tile_examples,
                                work.Z2.data() + i, work.lanes.data());
  }
  Scalar* sums = work.lanes.data();  // the sums over the lanes, in the place of the first of these
  for (Index s = 0; s < at.shape.n_parameters(); s += width<Scalar>)
    store(sums + s, sum_each<Scalar>([&](Index j) { return load(work.lanes.data() + (s + j) * width<Scalar>); }));
  const auto add = [&](Scalar* to) { *to = into == Into::store ? *sums++ : *to + *sums++; };
  for (Index h = 0; h < n_h; ++h) {
    for (Index k = 0; k < n_x; ++k) add(g + k * at.units + h);
    add(g + at.b1 + h);
    add(g + at.w2 + h);
  }
  add(g + at.b2);
}

template <class Scalar>
void backward_narrow(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                     Workspace<Scalar>& work, Into into, Scalar* g) {
  if (at.has_lanes() && !tile.sparse.numbers) return backward_in_one_loop(at, units, p, tile, work, into, g);
  const Index n_y = at.shape.n_y, n_units = at.first_units;
  const Scalar *D = hidden_delta_narrow(at, units, p, tile.n, work), *dZ2 = work.Z2.data();
  const auto sums = [&](const Scalar* rows, Index n_rows, const Scalar* by, Index ld, Index n_by, Scalar* to,
                        Index step) { unit_sums(work.lookout, into, rows, n_rows, by, ld, n_by, tile.n, to, step); };
  if (tile.sparse.numbers) {
    copy(matrix(D, n_units, tile.n, tile_examples, 1), matrix(work.transposed.data(), n_units, tile.n, 1, at.units));
    sparse_gradient(work.lookout, into, 1, g, at.units, at.shape.n_x, work.transposed.data(), at.units, tile);
  } else {
    sums(D, n_units, tile.X, tile.ldx, at.shape.n_x, g, at.units);
  }
  sums(D, n_units, work.ones.data(), 0, 1, g + at.b1, 0);
  if (!at.shape.has_hidden()) return;
  sums(work.A1.data(), n_units, dZ2, tile_examples, n_y, g + at.w2, at.units);
  for (Index k = 0; k < n_y; k += width<Scalar>)
    sums(dZ2 + k * tile_examples, std::min(width<Scalar>, n_y - k), work.ones.data(), 0, 1, g + at.b2 + k, 0);
}

// dX = W1^T dZ1 in work.dX (n_x, tile), from dZ2 in work.Z2.
template <class Scalar>
void input_delta_narrow(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                        Workspace<Scalar>& work) {
  const Scalar* D = hidden_delta_narrow(at, units, p, tile.n, work);
  for_each_lane_block<Scalar>(tile.n, [&](Index i, int vectors) {
    product<Scalar>(work.lookout, Into::store, vectors, work.dX.data() + i, tile_examples, at.shape.n_x, D + i,
                    tile_examples, {p, 1, at.units}, at.first_units);
  });
}

}  // namespace shallownet
