// All examples in tiles with examples in the lanes, and what a network makes of them at one point: kept from the cost to the
// second derivatives, which so need no second forward pass. Parameters lie as the user's vector, see Places.
#pragma once

#include <vector>

#include "passes/derivatives.hpp"

namespace shallownet {

// Rows (., lead): behind the last example inputs and weights are 0.
template <class Scalar>
struct ExampleTile {
  Index n = 0;             // its examples, and those behind that fill the last vector
  Buffer<Scalar> X;        // (n_x + 1): inputs, and a row of ones
  Buffer<Scalar> Y;        // (n_y)
  Buffer<Scalar> weights;  // (1): shares of the sum of all weights
};

// Rows (., lead) at a point.
template <class Scalar>
struct PointTile {
  Buffer<Scalar> A1;   // (n_h + 1): activations, and a row of ones; empty without a hidden layer
  Buffer<Scalar> Z1;   // (n_h): only where slopes are written from it
  Buffer<Scalar> Z2;   // (n_y): logits
  Buffer<Scalar> dZ2;  // (n_y): s (A2 - Y)

  const Scalar* slope_source() const { return (Z1.size() > 0 ? Z1 : A1).data(); }
};

template <class Scalar>
struct Point {
  std::vector<PointTile<Scalar>> tiles;
  std::vector<double> losses;  // of each tile

  double loss() const {
    double total = 0;
    for (const double one : losses) total += one;
    return total;
  }
};

// The examples, cut into tiles by their number and the network's units alone.
template <class Scalar>
struct ExampleTiles {
  Shape shape;
  Index lead;
  std::vector<ExampleTile<Scalar>> tiles;

  ExampleTiles(const Shape& s, const Examples<Scalar>& examples, Index m, InterruptWatch& watch) : shape(s) {
    constexpr Index w = width<Scalar>;
    // With few units a tile's rows stay in the first-level cache; with many, fewer sums over lanes count for more.
    const Index most = (s.has_hidden() ? s.n_h : s.n_y) <= 32 ? 128 : 256, n_tiles = (m + most - 1) / most;
    const Index n_vectors = (m + w - 1) / w;
    lead = w * cut(n_vectors, n_tiles, 1);
    if (lead * static_cast<Index>(sizeof(Scalar)) % 512 == 0)
      lead += w;  // else rows would fall on the same lines of the cache
    const double total = weight_sum(examples, m);
    for (Index t = 0; t < n_tiles; ++t) {
      const Index begin = w * cut(n_vectors, n_tiles, t), end = std::min(m, w * cut(n_vectors, n_tiles, t + 1));
      tiles.push_back(tile_of(examples.from(begin), end - begin, total, {&watch}));
      if (watch.check(0, static_cast<double>(work_per_number * lead * s.n_x))) return;
    }
  }

  Point<Scalar> make_point(bool keeps_Z1) const {
    Point<Scalar> point;
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      point.tiles.push_back({Buffer<Scalar>(shape.has_hidden() ? lead * (shape.n_h + 1) : 0),
                             Buffer<Scalar>(keeps_Z1 ? lead * shape.n_h : 0), Buffer<Scalar>(lead * shape.n_y),
                             Buffer<Scalar>(lead * shape.n_y)});
      if (shape.has_hidden()) std::fill_n(point.tiles.back().A1.data() + shape.n_h * lead, lead, Scalar(1));
    }
    point.losses.resize(tiles.size());
    return point;
  }

 private:
  ExampleTile<Scalar> tile_of(const Examples<Scalar>& examples, Index n, double total, const Lookout& lookout) const {
    ExampleTile<Scalar> tile{round_up(n, width<Scalar>), Buffer<Scalar>(lead * (shape.n_x + 1)),
                             Buffer<Scalar>(lead * shape.n_y), Buffer<Scalar>(lead)};
    if (examples.sparse.numbers) {
      Tile<Scalar> rows;
      rows.n = n;
      rows.sparse = examples.sparse;
      for (Index i = 0; i < n; ++i) for_each_number(rows, i, [&](Index k, Scalar x) { tile.X[k * lead + i] = x; });
    } else {
      copy_columns(lookout, examples.X, examples, shape.n_x, n, tile.X.data(), lead);
    }
    copy_columns(lookout, examples.Y, examples, shape.n_y, n, tile.Y.data(), lead);
    std::fill_n(tile.X.data() + shape.n_x * lead, lead, Scalar(1));
    for (Index i = 0; i < n; ++i)
      tile.weights[i] = static_cast<Scalar>((examples.weights ? static_cast<double>(examples.weights[i]) : 1) / total);
    return tile;
  }
};

// What the outputs take in: its rows, the ones behind them.
template <class Scalar>
const Scalar* output_inputs(const ExampleTile<Scalar>& examples, const PointTile<Scalar>& at) {
  return (at.A1.size() > 0 ? at.A1 : examples.X).data();
}

// C (n_columns rows) = sum over r < n_rows of P[r] * B(r, c), for n examples.
template <class Scalar>
void tile_product(Scalar* C, Index n_columns, const Scalar* P, Index n_rows, StridedScalars<Scalar> B, Index lead,
                  Index n) {
  for_each_lane_block<Scalar>(n, [&](Index i, int vectors) {
    product<Scalar>(Into::store, vectors, C + i, lead, n_columns, P + i, lead, B, n_rows);
  });
}

// All of a tile at the parameters theta, and its loss: sum of s L.
template <class Scalar>
double find_point(const Network<Scalar>& net, const Scalar* theta, const ExampleTile<Scalar>& examples, Index lead,
                  PointTile<Scalar>& at) {
  const Shape& shape = net.at.shape;
  const Places places(shape);
  const Index n = examples.n;
  if (shape.has_hidden()) {
    tile_product<Scalar>(at.A1.data(), shape.n_h, examples.X.data(), shape.n_x, {theta, 1, shape.n_x}, lead, n);
    net.units.activate_rows(at.A1.data(), lead, shape.n_h, static_cast<int>(n / width<Scalar>), theta + places.b1,
                            net.units.negative_slope, at.Z1.size() > 0 ? at.Z1.data() : nullptr);
  }
  tile_product<Scalar>(at.Z2.data(), shape.n_y, output_inputs(examples, at), places.n_inputs,
                       {theta + places.w2, 1, places.n_inputs}, lead, n);
  add_bias({}, at.Z2.data(), lead, shape.n_y, n, theta + places.b2);
  for (Index l = 0; l < shape.n_y; ++l) std::copy_n(at.Z2.data() + l * lead, n, at.dZ2.data() + l * lead);
  return net.units.delta({}, at.dZ2.data(), lead, shape.n_y, n, examples.Y.data(), lead, examples.weights.data(), true,
                         net.units.level);
}

}  // namespace shallownet
