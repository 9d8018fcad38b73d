// The passes of networks with at least a vector of hidden units: units in the lanes of the first layer (A1[i][unit]),
// examples in the lanes of the outputs (Z2[k][i]). Blocks of units go through all stages before the next ones,
// so that they stay in the first-level cache.
#pragma once

#include "kernels/sparse.hpp"
#include "passes/units.hpp"

namespace shallownet {

// out[k][i] = sum over the units u of a part of A[i][u] * B[k][u] for i < n and k < n_b, units along the lanes of both,
// summed by the fixed tree of sum_each and stored or added. A holds blocks of units; b_at(k, u, lanes) tells where those
// of row k of B stand. Rows of A up to the next multiple of the width are read and their (meaningless) sums written, so
// that no lane is special; a single row is summed by the same tree alone.
template <class Scalar, class BAt>
void dot_products(Into into, Scalar* out, const Scalar* A, Index n, const Blocks<Scalar>& blocks,
                  typename Blocks<Scalar>::Part part, Index n_b, BAt&& b_at) {
  constexpr Index w = width<Scalar>;
  if (n == 1) {
    constexpr Index group = 4;  // rows of B at a time: enough to hide the latency of a sum
    for (Index k = 0; k < n_b; k += group) {
      Vector<Scalar> sums[group] = {};
      for_each_block(blocks, part, [&](Index u, int vectors) __attribute__((always_inline)) {
        const Scalar* b[group];
        for (Index j = 0; j < group; ++j) b[j] = b_at(std::min(k + j, n_b - 1), u, vectors * w);
        for (Index v = 0; v < vectors * w; v += w) {
          const Vector<Scalar> a = load(A + u * tile_examples + v);
#pragma GCC unroll 4
          for (Index j = 0; j < group; ++j) sums[j] = fma(a, load(b[j] + v), sums[j]);
        }
      });
      for (Index j = 0; j < std::min(group, n_b - k); ++j) {
        Scalar& to = out[(k + j) * tile_examples];
        to = into == Into::store ? sum<Scalar>(sums[j]) : to + sum<Scalar>(sums[j]);
      }
    }
    return;
  }
  for (Index i = 0; i < n; i += w)
    for (Index k = 0; k < n_b; ++k) {
      Vector<Scalar> sums[w] = {};
      for_each_block(blocks, part, [&](Index u, int vectors) __attribute__((always_inline)) {
        const Index lanes = vectors * w;
        const Scalar *a = A + u * tile_examples + i * lanes, *b = b_at(k, u, lanes);
        for (Index v = 0; v < lanes; v += w) {
          const Vector<Scalar> factor = load(b + v);
#pragma GCC unroll 16
          for (Index j = 0; j < w; ++j) sums[j] = fma(load(a + j * lanes + v), factor, sums[j]);
        }
      });
      const Vector<Scalar> totals = sum_each<Scalar>([&](Index j) { return sums[j]; });
      Scalar* to = out + k * tile_examples + i;
      store(to, into == Into::store ? totals : load(to) + totals);
    }
}

// The same in pieces of the rows of B.
template <class Scalar, class BAt>
void dot_products(const Lookout& lookout, Into into, Scalar* out, const Scalar* A, Index n,
                  const Blocks<Scalar>& blocks, typename Blocks<Scalar>::Part part, Index n_b, BAt&& b_at) {
  if (!lookout.watch) return dot_products(into, out, A, n, blocks, part, n_b, b_at);
  const Index n_units = blocks.first_unit(part.end) - blocks.first_unit(part.begin);
  in_pieces(lookout, n_b, static_cast<double>(n * n_units), [&](Index begin, Index end) {
    dot_products(into, out + begin * tile_examples, A, n, blocks, part, end - begin,
                 [&](Index k, Index u, Index lanes) { return b_at(begin + k, u, lanes); });
  });
}

// The first n_units units of n examples, from blocks to a matrix with the given steps from unit to unit and on.
template <class Scalar>
void copy_units(const Lookout& lookout, const Layout<Scalar>& at, const Scalar* blocks, Index n_units, Index n,
                Scalar* to, Index unit_step, Index example_step) {
  for_each_block(at.blocks, [&](Index u, int vectors) {
    const Index lanes = vectors * width<Scalar>, here = std::min(lanes, n_units - u);
    if (lookout.breaks_off(static_cast<double>(work_per_number * n * lanes))) return;
    copy(matrix(blocks + u * tile_examples, here, n, 1, lanes),
         matrix(to + u * unit_step, here, n, unit_step, example_step));
  });
}

// For the units of a part: Z1 = W1 X + b1 (into its place, if wanted), A1 = g1(Z1) in work.A1, and what they add to
// W2 A1 stored in or added to Z2 (n_y, tile).
template <class Scalar>
void forward_part(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                  Workspace<Scalar>& work, typename Blocks<Scalar>::Part part, Into into, Scalar* Z2,
                  bool want_Z1 = false) {
  Scalar* Z1 = work.place_of_Z1(want_Z1);
  for_each_block(at.blocks, part, [&](Index u, int vectors) {
    const Index lanes = vectors * width<Scalar>;
    if (work.lookout.breaks_off(static_cast<double>(work_per_number * tile.n * lanes))) return;
    Scalar* A = work.A1.data() + u * tile_examples;
    const Scalar* w1 = p + u * at.shape.n_x;
    if (tile.sparse.numbers) {
      sparse_product(work.lookout, vectors, A, lanes, w1, lanes, tile);
    } else if (tile.nonzeros) {
      tile.nonzeros->product(work.lookout, vectors, A, w1);
    } else {
      product<Scalar>(work.lookout, Into::store, vectors, A, lanes, tile.n, w1, lanes, {tile.X, 1, tile.ldx},
                      at.shape.n_x);
    }
    units.activate(A, lanes, tile.n, vectors, p + at.b1 + u, units.negative_slope,
                   Z1 ? Z1 + u * tile_examples : nullptr);
  });
  if (at.shape.has_hidden())
    dot_products(work.lookout, into, Z2, work.A1.data(), tile.n, at.blocks, part, at.shape.n_y,
                 [&](Index k, Index u, Index) { return p + at.w2 + k * at.units + u; });
}

// Z1 in its place, if wanted, A1 in work.A1 and Z2 = W2 A1 + b2 in work.Z2.
template <class Scalar>
void forward_wide(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                  Workspace<Scalar>& work, bool want_Z1) {
  Scalar* Z2 = work.Z2.data();
  for (Index i = 0; i < at.blocks.n_parts(); ++i)
    forward_part(at, units, p, tile, work, at.blocks.part(i), i == 0 ? Into::store : Into::add, Z2, want_Z1);
  if (at.shape.has_hidden()) {
    add_bias(work.lookout, Z2, tile_examples, at.shape.n_y, tile.n, p + at.b2);
  } else {
    copy_units(work.lookout, at, work.A1.data(), at.shape.n_y, tile.n, Z2, tile_examples, 1);
  }
}

// dZ1 = (W2^T dZ2) * g1'(Z1) in work.dZ1, for a block of units.
template <class Scalar>
void hidden_delta(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, Index n,
                  Workspace<Scalar>& work, Index u, int vectors) {
  const Scalar* dZ2 = work.Z2.data();
  Scalar* D = work.dZ1.data() + u * tile_examples;
  const Index n_y = at.shape.n_y, lanes = vectors * width<Scalar>;
  if (at.shape.has_hidden()) {
    product<Scalar>(work.lookout, Into::store, vectors, D, lanes, n, p + at.w2 + u, at.units, {dZ2, tile_examples, 1},
                    n_y);
    units.slope(D, work.slope_source() + u * tile_examples, lanes, n, vectors, units.negative_slope);
    return;
  }
  const Index outputs = std::min(n_y - u, lanes);
  copy(matrix(dZ2 + u * tile_examples, outputs, n, tile_examples, 1), matrix(D, outputs, n, 1, lanes));
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

// From dZ2 in work.Z2: sums of the gradients over the tile, written to or added to g (in the layout of the parameters),
// for the units of a part.
template <class Scalar>
void backward_part(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                   Workspace<Scalar>& work, typename Blocks<Scalar>::Part part, Into into, Scalar* g) {
  const Scalar* dZ2 = work.Z2.data();
  const Index n_y = at.shape.n_y;
  for_each_block(at.blocks, part, [&](Index u, int vectors) {
    const Index lanes = vectors * width<Scalar>, n_x = at.shape.n_x;
    if (work.lookout.breaks_off(static_cast<double>(work_per_number * tile.n * lanes))) return;
    const Scalar* A = work.A1.data() + u * tile_examples;
    Scalar* D = work.dZ1.data() + u * tile_examples;
    if (at.shape.has_hidden() && n_y == 1) {
      units.one_output(into, D, A, work.slope_source() + u * tile_examples, lanes, tile.n, vectors,
                       units.negative_slope, p + at.w2 + u, dZ2, g + at.w2 + u);
    } else {
      if (at.shape.has_hidden())
        product<Scalar>(work.lookout, into, vectors, g + at.w2 + u, at.units, n_y, A, lanes, {dZ2, 1, tile_examples},
                        tile.n);
      hidden_delta(at, units, p, tile.n, work, u, vectors);
    }
    add_rows(into, g + at.b1 + u, D, lanes, tile.n, vectors);
    if (tile.sparse.numbers) {
      sparse_gradient(work.lookout, into, vectors, g + u * n_x, lanes, n_x, D, lanes, tile);
    } else if (tile.nonzeros && is_finite(D, tile.n * lanes)) {
      tile.nonzeros->gradient(work.lookout, into, vectors, g + u * n_x, D);
    } else {
      product<Scalar>(work.lookout, into, vectors, g + u * n_x, lanes, n_x, D, lanes, {tile.X, tile.ldx, 1}, tile.n);
    }
    // Padded units have no weights, but sigmoid(0) is not 0, so their dW2 is taken out.
    for (Index k = 0; k < n_y && at.shape.has_hidden(); ++k)
      for (Index pad = std::max(u, at.first_units); pad < u + lanes; ++pad) g[at.w2 + k * at.units + pad] = 0;
  });
}

// The same for b2.
template <class Scalar>
void backward_bias(const Layout<Scalar>& at, Index n, Workspace<Scalar>& work, Into into, Scalar* g) {
  in_pieces(work.lookout, at.shape.n_y, static_cast<double>(work_per_number * n), [&](Index begin, Index end) {
    for (Index k = begin; k < end; ++k) {
      Vector<Scalar> db2{};
      for (Index i = 0; i < n; i += width<Scalar>) db2 += load(work.Z2.data() + k * tile_examples + i);
      g[at.b2 + k] = (into == Into::store ? Scalar(0) : g[at.b2 + k]) + sum<Scalar>(db2);
    }
  });
}

template <class Scalar>
void backward_wide(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                   Workspace<Scalar>& work, Into into, Scalar* g) {
  backward_part(at, units, p, tile, work, at.blocks.all(), into, g);
  if (at.shape.has_hidden()) backward_bias(at, tile.n, work, into, g);
}

// dX = W1^T dZ1 in work.dX (n_x, tile), from dZ2 in work.Z2.
template <class Scalar>
void input_delta_wide(const Layout<Scalar>& at, const Units<Scalar>& units, const Scalar* p, const Tile<Scalar>& tile,
                      Workspace<Scalar>& work) {
  for_each_block(at.blocks, [&](Index u, int vectors) {
    if (work.lookout.breaks_off(static_cast<double>(work_per_number * tile.n * vectors * width<Scalar>))) return;
    hidden_delta(at, units, p, tile.n, work, u, vectors);
  });
  const Index n_x = at.shape.n_x;
  dot_products(work.lookout, Into::store, work.dX.data(), work.dZ1.data(), tile.n, at.blocks, at.blocks.all(), n_x,
               [&](Index k, Index u, Index lanes) { return p + u * n_x + k * lanes; });
}

}  // namespace shallownet
