// The passes of networks with at least a vector of hidden units: units in the lanes of the first layer (A1[i][unit]),
// examples in the lanes of the outputs (Z2[k][i]). Blocks of units go through all stages before the next ones,
// so that they stay in the first-level cache. Includes sparse, units.
#pragma once

#include "sparse.hpp"
#include "units.hpp"

namespace shallownet {

// Calls f(first unit, number of vectors) for blocks of units as even as possible.
template <class Scalar, class F>
void for_each_block(Index units, F&& f) {
  const Index vectors = units / width<Scalar>, n_blocks = (vectors + max_vectors - 1) / max_vectors;
  for (Index b = 0; b < n_blocks; ++b) {
    const Index begin = cut(vectors, n_blocks, b), end = cut(vectors, n_blocks, b + 1);
    f(begin * width<Scalar>, static_cast<int>(end - begin));
  }
}

// Z1 = W1 X + b1 (into work.dZ1, if wanted), A1 = g1(Z1) in work.A1, Z2 = W2 A1 + b2 in work.Z2.
template <class Scalar>
void forward_wide(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                  Workspace<Scalar>& work, bool want_Z1) {
  for_each_block<Scalar>(at.units, [&](Index u, int vectors) {
    Scalar* A = work.A1.data() + u;
    if (tile.sparse.numbers) {
      sparse_product(vectors, A, at.units, p + u, at.units, tile);
    } else {
      product<Scalar>(Into::store, vectors, A, at.units, tile.n, p + u, at.units, {tile.X, 1, tile.ldx}, at.shape.n_x);
    }
    units.activate(A, at.units, tile.n, vectors, p + at.b1 + u, units.negative_slope,
                   want_Z1 ? work.dZ1.data() + u : nullptr);
  });
  Scalar* Z2 = work.Z2.data();
  const Index n_y = at.shape.n_y;
  if (!at.shape.has_hidden()) {
    matrix(Z2, n_y, tile.n, tile_examples, 1) = matrix(work.A1.data(), n_y, tile.n, 1, at.units);
    return;
  }
  dot_products(Z2, tile_examples, work.A1.data(), at.units, tile.n, p + at.w2, at.units, n_y, at.units);
  for (Index k = 0; k < n_y; ++k) {
    const Vector<Scalar> bias = broadcast(p[at.b2 + k]);
    Scalar* z = Z2 + k * tile_examples;
    for (Index i = 0; i < tile.n; i += width<Scalar>) store(z + i, load(z + i) + bias);
  }
}

// dZ1 = (W2^T dZ2) * g1'(A1) in work.dZ1, for a block of units.
template <class Scalar>
void hidden_delta(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, Index n,
                  Workspace<Scalar>& work, Index u, int vectors) {
  const Scalar* dZ2 = work.Z2.data();
  Scalar* D = work.dZ1.data() + u;
  const Index n_y = at.shape.n_y;
  if (at.shape.has_hidden()) {
    product<Scalar>(Into::store, vectors, D, at.units, n, p + at.w2 + u, at.units, {dZ2, tile_examples, 1}, n_y);
    units.slope(D, work.A1.data() + u, at.units, n, vectors, units.negative_slope);
    return;
  }
  const Index outputs = std::min(n_y - u, vectors * width<Scalar>);
  matrix(D, outputs, n, 1, at.units) = matrix(dZ2 + u * tile_examples, outputs, n, tile_examples, 1);
}

// Adds the sum of n rows of D, a block of units wide, to b (or stores it).
template <class Scalar>
void add_rows(Into into, Scalar* b, const Scalar* D, Index ldd, Index n, int vectors) {
  for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>) {
    Vector<Scalar> total{};
    for (Index i = 0; i < n; ++i) total += load(D + i * ldd + v);
    store(b + v, into == Into::store ? total : load(b + v) + total);
  }
}

// From dZ2 in work.Z2: sums of the gradients over the tile, written to or added to g (in the layout of the parameters).
template <class Scalar>
void backward_wide(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                   Workspace<Scalar>& work, Into into, Scalar* g) {
  const Scalar* dZ2 = work.Z2.data();
  const Index n_y = at.shape.n_y;
  for_each_block<Scalar>(at.units, [&](Index u, int vectors) {
    const Scalar* A = work.A1.data() + u;
    Scalar* D = work.dZ1.data() + u;
    if (at.shape.has_hidden() && n_y == 1) {
      units.one_output(into, D, A, at.units, tile.n, vectors, units.negative_slope, p + at.w2 + u, dZ2, g + at.w2 + u);
    } else {
      if (at.shape.has_hidden())
        product<Scalar>(into, vectors, g + at.w2 + u, at.units, n_y, A, at.units, {dZ2, 1, tile_examples}, tile.n);
      hidden_delta(at, units, p, tile.n, work, u, vectors);
    }
    add_rows(into, g + at.b1 + u, D, at.units, tile.n, vectors);
    if (tile.sparse.numbers) {
      sparse_gradient(into, vectors, g + u, at.units, at.shape.n_x, D, at.units, tile);
    } else {
      product<Scalar>(into, vectors, g + u, at.units, at.shape.n_x, D, at.units, {tile.X, tile.ldx, 1}, tile.n);
    }
  });
  if (!at.shape.has_hidden()) return;
  for (Index k = 0; k < n_y; ++k) {
    Vector<Scalar> db2{};
    for (Index i = 0; i < tile.n; i += width<Scalar>) db2 += load(dZ2 + k * tile_examples + i);
    g[at.b2 + k] = (into == Into::store ? Scalar(0) : g[at.b2 + k]) + sum<Scalar>(db2);
    // Padded units have no weights, but sigmoid(0) is not 0, so their dW2 is taken out.
    for (Index u = at.first_units; u < at.units; ++u) g[at.w2 + k * at.units + u] = 0;
  }
}

// dX = W1^T dZ1 in work.dX (n_x, tile), from dZ2 in work.Z2.
template <class Scalar>
void input_delta_wide(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                      Workspace<Scalar>& work) {
  for_each_block<Scalar>(at.units, [&](Index u, int v) { hidden_delta(at, units, p, tile.n, work, u, v); });
  dot_products(work.dX.data(), tile_examples, work.dZ1.data(), at.units, tile.n, p, at.units, at.shape.n_x, at.units);
}

}  // namespace shallownet
