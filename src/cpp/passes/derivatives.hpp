// What derivatives beyond the gradient need of a tile of examples: all with examples in the lanes, for narrow and wide
// networks alike, so that every sum over examples is one of `add_row_products`. Parameters lie as the user's
// vector, W1, b1, W2, b2, each in C order.
#pragma once

#include "kernels/row_products.hpp"
#include "passes/passes.hpp"

namespace shallownet {

// Of a tile: more than the passes', because each ends in a sum over lanes for every parameter.
constexpr Index derivative_examples = 128;

// From one row of a tile to the next. Rows 2048 bytes apart would fall on the same lines of the first-level cache.
template <class Scalar>
constexpr Index tile_lead = derivative_examples + 64 / static_cast<Index>(sizeof(Scalar));

// Where b1, W2, b2 begin in the user's vector, and its length; W1 stands at 0, if there is one.
struct Places {
  Index n_inputs;  // of the outputs: n_h, or n_x without a hidden layer
  Index b1, w2, b2, size;

  explicit Places(const Shape& s)
      : n_inputs(s.has_hidden() ? s.n_h : s.n_x), b1(s.n_h * s.n_x), w2(b1 + s.n_h), b2(w2 + s.n_y * n_inputs),
        size(b2 + s.n_y) {}
};

// Whether parameter i of the user's vector bears the penalty.
inline bool is_penalized(const Places& at, Index i) { return i < at.b1 || (i >= at.w2 && i < at.b2); }

// Rows (., tile) of one tile. Behind the last example weights are 0, and so is all that they are multiplied with.
template <class Scalar>
struct TileValues {
  Shape shape;
  Index n = 0;             // its examples, and those behind that fill the last vector
  Buffer<Scalar> X;        // (n_x + 1): inputs, and a row of ones
  Buffer<Scalar> A1;       // (n_h + 1): activations, and a row of ones; empty without a hidden layer
  Buffer<Scalar> Z1;       // (n_h): only where slopes are written from it
  Buffer<Scalar> slope;    // (n_h): g'(Z1)
  Buffer<Scalar> bend;     // (n_h): W2^T dZ2 * g''(Z1)
  Buffer<Scalar> A2;       // (n_y)
  Buffer<Scalar> dZ2;      // (n_y): s (A2 - Y), or the targets' place until then
  Buffer<Scalar> weights;  // (1): s

  explicit TileValues(const Layout<Scalar>& at)
      : shape(at.shape), X(lead * (shape.n_x + 1)), A1(shape.has_hidden() ? lead * (shape.n_h + 1) : 0),
        Z1(at.keeps_Z1 ? lead * shape.n_h : 0), slope(lead * shape.n_h), bend(lead * shape.n_h), A2(lead * shape.n_y),
        dZ2(lead * shape.n_y), weights(lead) {
    std::fill_n(X.data() + shape.n_x * lead, lead, Scalar(1));
    if (shape.has_hidden()) std::fill_n(A1.data() + shape.n_h * lead, lead, Scalar(1));
  }

  // What the outputs take in: its rows, the ones behind them.
  const Scalar* inputs() const { return (shape.has_hidden() ? A1 : X).data(); }
  const Scalar* slope_source() const { return (Z1.size() > 0 ? Z1 : A1).data(); }

  Index n_bytes() const {
    return static_cast<Index>(sizeof(Scalar)) *
           (X.size() + A1.size() + Z1.size() + slope.size() + bend.size() + A2.size() + dZ2.size() + weights.size());
  }

  static constexpr Index lead = tile_lead<Scalar>;
};

// Calls f(place, row) for each vector of n_rows rows of n examples: the place where it begins.
template <class Scalar, class F>
void for_each_vector(const Lookout& lookout, Index n_rows, Index n, F&& f) {
  in_pieces(lookout, n_rows, static_cast<double>(work_per_number * n), [&](Index begin, Index end) {
    for (Index r = begin; r < end; ++r)
      for (Index i = 0; i < n; i += width<Scalar>) f(r * tile_lead<Scalar> + i, r);
  });
}

// C (n_columns rows) stored or added to: C[c] = sum over r < n_rows of P[r] * B(r, c).
template <class Scalar>
void row_product(const Lookout& lookout, Into into, Scalar* C, Index n_columns, const Scalar* P, Index n_rows,
                 StridedScalars<Scalar> B, Index n) {
  constexpr Index lead = tile_lead<Scalar>;
  for_each_lane_block<Scalar>(n, [&](Index i, int vectors) {
    product<Scalar>(lookout, into, vectors, C + i, lead, n_columns, P + i, lead, B, n_rows);
  });
}

// V * s in place; 0 where s is 0, whatever V is.
template <class Scalar>
void times_weights(const Lookout& lookout, const TileValues<Scalar>& values, Scalar* V, Index n_rows) {
  for_each_vector<Scalar>(lookout, n_rows, values.n, [&](Index at, Index r) {
    const Vector<Scalar> s = load(values.weights.data() + at - r * tile_lead<Scalar>);
    store(V + at, s == Scalar(0) ? Vector<Scalar>{} : s * load(V + at));
  });
}

// The loss's second derivatives by the logits times V (n_y, tile), in its place; weighted, if wanted.
template <class Scalar>
void times_output_slopes_of(const Lookout& lookout, const Network<Scalar>& net, const TileValues<Scalar>& values,
                            Scalar* V, bool weighted) {
  const Index n_y = net.at.shape.n_y;
  net.units.times_output_slope(lookout, values.A2.data(), V, tile_lead<Scalar>, n_y, values.n);
  if (weighted) times_weights(lookout, values, V, n_y);
}

// D (n_rows, tile) = W2^T dZ2 * g'(Z1), from any dZ2 (n_y, tile).
template <class Scalar>
void hidden_delta(const Lookout& lookout, const TileValues<Scalar>& values, const Scalar* W2, const Scalar* dZ2,
                  Index n_rows, Scalar* D) {
  const Shape& shape = values.shape;
  row_product<Scalar>(lookout, Into::store, D, n_rows, dZ2, shape.n_y, {W2, shape.n_h, 1}, values.n);
  for_each_vector<Scalar>(lookout, n_rows, values.n,
                          [&](Index at, Index) { store(D + at, load(D + at) * load(values.slope.data() + at)); });
}

// The inputs' columns from dense rows or compressed ones, targets, and weights times `share`.
template <class Scalar>
void load_examples(const Lookout& lookout, const Examples<Scalar>& examples, Index n, double share,
                   TileValues<Scalar>& values) {
  constexpr Index lead = tile_lead<Scalar>;
  const Shape& shape = values.shape;
  values.n = round_up(n, width<Scalar>);
  if (examples.sparse.numbers) {
    Tile<Scalar> tile;
    tile.n = n;
    tile.sparse = examples.sparse;
    for_each_vector<Scalar>(lookout, shape.n_x, values.n,
                            [&](Index at, Index) { store(values.X.data() + at, Vector<Scalar>{}); });
    for (Index i = 0; i < n && !breaks_off(lookout, tile, i, 1); ++i)
      for_each_number(tile, i, [&](Index k, Scalar x) { values.X[k * lead + i] = x; });
  } else {
    copy_columns(lookout, examples.X, examples, shape.n_x, n, values.X.data(), lead);
  }
  if (examples.Y.data) copy_columns(lookout, examples.Y, examples, shape.n_y, n, values.dZ2.data(), lead);
  for (Index i = 0; i < n; ++i)
    values.weights[i] = static_cast<Scalar>(share * static_cast<double>(examples.weights ? examples.weights[i] : 1));
  std::fill_n(values.weights.data() + n, values.n - n, Scalar(0));
}

// dZ2 from the targets in its place, and the bend.
template <class Scalar>
void find_deltas(const Lookout& lookout, const Network<Scalar>& net, const Scalar* W2, TileValues<Scalar>& values) {
  const Shape& shape = net.at.shape;
  Scalar *dZ2 = values.dZ2.data(), *bend = values.bend.data();
  net.units.difference(lookout, values.A2.data(), dZ2, tile_lead<Scalar>, shape.n_y, values.n, net.units.level);
  times_weights(lookout, values, dZ2, shape.n_y);
  if (!shape.has_hidden()) return;
  row_product<Scalar>(lookout, Into::store, bend, shape.n_h, dZ2, shape.n_y, {W2, shape.n_h, 1}, values.n);
  for_each_lane_block<Scalar>(values.n, [&](Index i, int vectors) {
    net.units.curvature(bend + i, values.slope_source() + i, tile_lead<Scalar>, shape.n_h, vectors,
                        net.units.negative_slope);
  });
}

// All values of a tile of n examples, at the parameters theta; dZ2 and bend only where there are targets.
template <class Scalar>
void find_values(const Lookout& lookout, const Network<Scalar>& net, const Scalar* theta,
                 const Examples<Scalar>& examples, Index n, double share, TileValues<Scalar>& values) {
  constexpr Index lead = tile_lead<Scalar>;
  const Shape& shape = net.at.shape;
  const Places at(shape);
  load_examples(lookout, examples, n, share, values);
  if (shape.has_hidden()) {
    Scalar *A1 = values.A1.data(), *slope = values.slope.data();
    row_product<Scalar>(lookout, Into::store, A1, shape.n_h, values.X.data(), shape.n_x, {theta, 1, shape.n_x},
                        values.n);
    for_each_lane_block<Scalar>(values.n, [&](Index i, int vectors) {
      net.units.activate_rows(A1 + i, lead, shape.n_h, vectors, theta + at.b1, net.units.negative_slope,
                              values.Z1.size() > 0 ? values.Z1.data() + i : nullptr);
      net.units.slopes(slope + i, values.slope_source() + i, lead, shape.n_h, vectors, net.units.negative_slope);
    });
  }
  Scalar* A2 = values.A2.data();
  row_product<Scalar>(lookout, Into::store, A2, shape.n_y, values.inputs(), at.n_inputs,
                      {theta + at.w2, 1, at.n_inputs}, values.n);
  add_bias(lookout, A2, lead, shape.n_y, values.n, theta + at.b2);
  net.units.output(lookout, A2, lead, shape.n_y, values.n);
  if (examples.Y.data) find_deltas(lookout, net, theta + at.w2, values);
}

}  // namespace shallownet
