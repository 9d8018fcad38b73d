// The passes of networks with fewer hidden units than a vector has lanes: examples in the lanes throughout (A1[unit][i]),
// so that no lane is idle; numbers of the parameters are broadcast, gradients are sums over lanes.
#pragma once

#include "kernels/sparse.hpp"
#include "passes/units.hpp"

namespace shallownet {

// Sums over the lanes of many vectors, `width` of them at a time, each added to or stored in its own place.
template <class Scalar>
class LaneSums {
 public:
  explicit LaneSums(Into into) : into_(into) {}

  void add(Vector<Scalar> v, Scalar* to) {
    vectors_[n_] = v;
    to_[n_] = to;
    if (++n_ == width<Scalar>) flush();
  }
  void flush() {
    Scalar totals[width<Scalar>];
    store(totals, sum_each<Scalar>([&](Index j) { return vectors_[j]; }));
    for (Index j = 0; j < n_; ++j) *to_[j] = into_ == Into::store ? totals[j] : *to_[j] + totals[j];
    n_ = 0;
  }

 private:
  const Into into_;
  Vector<Scalar> vectors_[width<Scalar>] = {};
  Scalar* to_[width<Scalar>] = {};
  Index n_ = 0;
};

// Calls f(first example, number of vectors) for blocks of a tile.
template <class Scalar, class F>
void for_each_lane_block(Index n, F&& f) {
  const Index vectors = (n + width<Scalar> - 1) / width<Scalar>;
  for (Index v = 0; v < vectors; v += max_vectors)
    f(v * width<Scalar>, static_cast<int>(std::min<Index>(max_vectors, vectors - v)));
}

// Whether activation and products are one loop: for one output, and sums in the lanes that fit the cache.
template <class Scalar>
bool in_one_loop(const Layout<Scalar>& at, const Tile<Scalar>& tile) {
  return at.has_lanes() && !tile.sparse.numbers;
}

template <class Scalar>
void forward_narrow(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                    Workspace<Scalar>& work, bool want_Z1) {
  constexpr Index T = tile_examples;
  const bool has_hidden = at.shape.has_hidden();
  const Index n_y = at.shape.n_y;
  if (in_one_loop(at, tile) && !want_Z1) {
    for_each_lane_block<Scalar>(tile.n, [&](Index i, int vectors) {
      units.forward[vectors - 1](at.shape.n_x, at.shape.n_h, tile.X + i, tile.ldx, p, at.units, p + at.b1, p + at.w2,
                                 p[at.b2], units.negative_slope, work.A1.data() + i, T, work.Z2.data() + i);
    });
    return;
  }
  if (tile.sparse.numbers) {  // units in the lanes, then transposed
    sparse_product(work.lookout, 1, work.transposed.data(), at.units, p, at.units, tile);
    matrix((has_hidden ? work.A1 : work.Z2).data(), at.first_units, tile.n, T, 1) =
        matrix(work.transposed.data(), at.first_units, tile.n, 1, at.units);
  }
  for_each_lane_block<Scalar>(tile.n, [&](Index i, int vectors) {
    Scalar* Z1 = (has_hidden ? work.A1.data() : work.Z2.data()) + i;
    if (!tile.sparse.numbers)
      product<Scalar>(work.lookout, Into::store, vectors, Z1, T, at.first_units, tile.X + i, tile.ldx, {p, at.units, 1},
                      at.shape.n_x);
    if (has_hidden) {
      units.activate_rows(Z1, T, at.first_units, vectors, p + at.b1, units.negative_slope,
                          want_Z1 ? work.dZ1.data() + i : nullptr);
      product<Scalar>(work.lookout, Into::store, vectors, work.Z2.data() + i, T, n_y, Z1, T, {p + at.w2, 1, at.units},
                      at.first_units);
    }
    add_bias(work.lookout, work.Z2.data() + i, T, n_y, vectors * width<Scalar>, p + (has_hidden ? at.b2 : at.b1));
  });
}

// dZ1 = (W2^T dZ2) * g1'(A1) in work.dZ1; without a hidden layer the units' dZ1 is dZ2 itself.
template <class Scalar>
const Scalar* hidden_delta_narrow(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, Index n,
                                  Workspace<Scalar>& work) {
  constexpr Index T = tile_examples;
  if (!at.shape.has_hidden()) return work.Z2.data();
  for_each_lane_block<Scalar>(n, [&](Index i, int vectors) {
    Scalar* D = work.dZ1.data() + i;
    product<Scalar>(work.lookout, Into::store, vectors, D, T, at.first_units, work.Z2.data() + i, T,
                    {p + at.w2, at.units, 1}, at.shape.n_y);
    units.slope(D, work.A1.data() + i, T, at.first_units, vectors, units.negative_slope);
  });
  return work.dZ1.data();
}

// The part of one row of deltas in the gradients of its weights and bias.
template <class Scalar>
void add_row(const Lookout& lookout, LaneSums<Scalar>& sums, const Scalar* delta, Index n, const Scalar* inputs,
             Index ld, Index n_inputs, Scalar* dW, Index step, Scalar* db) {
  using V = Vector<Scalar>;
  constexpr Index w = width<Scalar>;
  in_pieces(lookout, n_inputs, static_cast<double>(work_per_number * n), [&](Index begin, Index end) {
    for (Index k = begin; k < end; ++k) {
      V total = load(delta) * load(inputs + k * ld);
      for (Index i = w; i < n; i += w) total = fma(load(delta + i), load(inputs + k * ld + i), total);
      sums.add(total, dW + k * step);
    }
  });
  V total = load(delta);
  for (Index i = w; i < n; i += w) total += load(delta + i);
  sums.add(total, db);
}

// backward_narrow where activation and products are one loop.
template <class Scalar>
void backward_in_one_loop(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p,
                          const Tile<Scalar>& tile, Workspace<Scalar>& work, Into into, Scalar* g) {
  const Index n_x = at.shape.n_x, n_h = at.shape.n_h;
  for_each_lane_block<Scalar>(tile.n, [&](Index i, int vectors) {
    units.backward[vectors - 1](i == 0 ? Into::store : Into::add, n_x, n_h, tile.X + i, tile.ldx, p + at.w2,
                                units.negative_slope, work.A1.data() + i, tile_examples, work.Z2.data() + i,
                                work.lanes.data());
  });
  LaneSums<Scalar> sums(into);
  const Scalar* lanes = work.lanes.data();
  const auto add = [&](Scalar* to) {
    sums.add(load(lanes), to);
    lanes += width<Scalar>;
  };
  for (Index h = 0; h < n_h; ++h) {
    for (Index k = 0; k < n_x; ++k) add(g + k * at.units + h);
    add(g + at.b1 + h);
    add(g + at.w2 + h);
  }
  add(g + at.b2);
  sums.flush();
}

template <class Scalar>
void backward_narrow(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                     Workspace<Scalar>& work, Into into, Scalar* g) {
  if (in_one_loop(at, tile)) return backward_in_one_loop(at, units, p, tile, work, into, g);
  const Scalar* D = hidden_delta_narrow(at, units, p, tile.n, work);
  LaneSums<Scalar> sums(into);
  const bool sparse = tile.sparse.numbers != nullptr;
  if (sparse) {
    matrix(work.transposed.data(), at.first_units, tile.n, 1, at.units) =
        matrix(D, at.first_units, tile.n, tile_examples, 1);
    sparse_gradient(work.lookout, into, 1, g, at.units, at.shape.n_x, work.transposed.data(), at.units, tile);
  }
  for (Index h = 0; h < at.first_units; ++h)
    add_row(work.lookout, sums, D + h * tile_examples, tile.n, tile.X, tile.ldx, sparse ? 0 : at.shape.n_x, g + h,
            at.units, g + at.b1 + h);
  for (Index k = 0; k < at.shape.n_y && at.shape.has_hidden(); ++k)
    add_row(work.lookout, sums, work.Z2.data() + k * tile_examples, tile.n, work.A1.data(), tile_examples,
            at.first_units, g + at.w2 + k * at.units, 1, g + at.b2 + k);
  sums.flush();
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
