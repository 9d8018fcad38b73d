// What a thread makes of one tile's values at a point for the sums of second derivatives: rows (., lead), examples in the lanes.
#pragma once

#include <utility>

#include "passes/points.hpp"

namespace shallownet {

// Pairs (k, k') of n inputs and the one behind them, k' <= k, in the order k, k'.
constexpr Index n_pairs_of(Index n) { return n * (n + 1) / 2; }

template <class Scalar>
class CurvatureRoom {
 public:
  // Of two inputs each, so many at a time. With one output they stay in the first-level cache.
  const Index n_products;

  CurvatureRoom(const Network<Scalar>& net, Index lead)
      : n_products(net.at.shape.n_y == 1 ? 24 : 240), A2(lead * net.at.shape.n_y), slope(lead * net.at.shape.n_h),
        dZ1(lead * net.at.shape.n_h), bend(lead * net.at.shape.n_h), V(lead * net.at.shape.n_y),
        pairs(lead * net.at.shape.n_h), products(lead * n_rows(net.at.shape)),
        scaled(net.at.shape.n_y == 1 ? products.size() : 0), factor(net.at.shape.n_y == 1 ? pairs.size() : 0),
        net_(net), shape_(net.at.shape), W2_(Places(shape_).w2), lead_(lead) {}

  // Makes ready for a tile at the parameters theta: A2, and what follows from the activations of the first n_units units.
  void begin(const Scalar* theta, const ExampleTile<Scalar>& examples, const PointTile<Scalar>& at, Index n_units,
             bool wants_bend) {
    theta_ = theta;
    weights_ = examples.weights.data();
    n_ = examples.n;
    std::copy_n(at.Z2.data(), shape_.n_y * lead_, A2.data());
    net_.units.output({}, A2.data(), lead_, shape_.n_y, n_);
    if (n_units == 0) return;
    const int vectors = static_cast<int>(n_ / width<Scalar>);
    const Scalar c = net_.units.negative_slope;
    net_.units.slopes(slope.data(), at.slope_source(), lead_, n_units, vectors, c);
    tile_product<Scalar>(dZ1.data(), n_units, at.dZ2.data(), shape_.n_y, {theta + W2_, shape_.n_h, 1}, lead_, n_);
    if (wants_bend) {
      std::copy_n(dZ1.data(), n_units * lead_, bend.data());
      net_.units.curvature(bend.data(), at.slope_source(), lead_, n_units, vectors, c);
    }
    multiply(dZ1.data(), slope.data(), n_units);
    if (shape_.n_y > 1) return;
    find_unit_column(0);
    for (Index j = 0; j < n_units; ++j) scale(slope.data() + j * lead_, theta[W2_ + j], factor.data() + j * lead_);
  }
  // V = s H e_l of output l, H the loss's second derivatives by the logits and s the weights.
  void find_unit_column(Index l) {
    for (Index k = 0; k < shape_.n_y; ++k) std::fill_n(V.data() + k * lead_, n_, Scalar(k == l));
    weigh_slopes();
  }
  // s H (W2)_j g'_j of unit j (n_y rows); with one output without s H, which is V.
  const Scalar* find_column(Index j) {
    if (shape_.n_y == 1) return factor.data() + j * lead_;
    for (Index l = 0; l < shape_.n_y; ++l) std::fill_n(V.data() + l * lead_, n_, theta_[W2_ + l * shape_.n_h + j]);
    weigh_slopes();
    for (Index l = 0; l < shape_.n_y; ++l)
      multiply(V.data() + l * lead_, V.data() + l * lead_, slope.data() + j * lead_);
    return V.data();
  }
  // Rows whose products are those of unit j's pairs with the units up to itself (j + 1) and n products of inputs; with one
  // output those are weighed, and the fewer rows are multiplied by the unit's.
  std::pair<const Scalar*, const Scalar*> find_pairs(Index j, Index n) {
    const Scalar* column = find_column(j);
    if (shape_.n_y == 1 && n <= j + 1) {
      find_products_with(column, products.data(), n, scaled.data());
      return {factor.data(), scaled.data()};
    }
    if (shape_.n_y == 1) {
      find_products_with(column, factor.data(), j + 1, pairs.data());
    } else {
      tile_product<Scalar>(pairs.data(), j + 1, column, shape_.n_y, {theta_ + W2_, shape_.n_h, 1}, lead_, n_);
      multiply(pairs.data(), slope.data(), j + 1);
    }
    return {pairs.data(), products.data()};
  }

  // So many products of two of the inputs, from the pair `first` on.
  void find_products(const Scalar* inputs, Index first, Index number) {
    Index k = 0;
    while (n_pairs_of(k + 1) <= first) ++k;
    Index l = first - n_pairs_of(k);
    Scalar* to = products.data();
    for (Index e = 0; e < number; ++e, to += lead_) {
      multiply(to, inputs + k * lead_, inputs + l * lead_);
      if (++l > k) {
        ++k;
        l = 0;
      }
    }
  }
  // With one output: n rows times V, in the place of products.
  const Scalar* weigh(const Scalar* rows, Index n) {
    find_products_with(V.data(), rows, n, products.data());
    return products.data();
  }
  // The products of n inputs with a row.
  void find_products_with(const Scalar* row, const Scalar* inputs, Index n, Scalar* to) const {
    for (Index k = 0; k < n; ++k) multiply(to + k * lead_, inputs + k * lead_, row);
  }
  void multiply(Scalar* to, const Scalar* a, const Scalar* b) const {
    const Index n = n_;  // else it would be read again after each store
    for (Index i = 0; i < n; i += width<Scalar>) store(to + i, load(a + i) * load(b + i));
  }

  Buffer<Scalar> A2;        // (n_y)
  Buffer<Scalar> slope;     // (n_h): g'(Z1)
  Buffer<Scalar> dZ1;       // (n_h)
  Buffer<Scalar> bend;      // (n_h): W2^T dZ2 * g''(Z1)
  Buffer<Scalar> V;         // (n_y)
  Buffer<Scalar> pairs;     // (n_h)
  Buffer<Scalar> products;  // (n_products, or all with one of the inputs)
  Buffer<Scalar> scaled;    // as products: with one output, times V and the factor of a unit

 private:
  Buffer<Scalar> factor;  // (n_h): with one output, slope times weight

  Index n_rows(const Shape& s) const {
    const Index n_inputs = std::max(s.n_x, s.n_h) + 1;
    return std::max(std::min(n_products, std::max(n_pairs_of(n_inputs), s.n_h * s.n_y * (s.n_x + 1))), n_inputs);
  }

  void scale(const Scalar* from, Scalar by, Scalar* to) const {
    for (Index i = 0; i < n_; i += width<Scalar>) store(to + i, load(from + i) * broadcast(by));
  }
  void multiply(Scalar* rows, const Scalar* by, Index n) const {
    for (Index r = 0; r < n; ++r) multiply(rows + r * lead_, rows + r * lead_, by + r * lead_);
  }
  void weigh_slopes() {
    net_.units.times_output_slope({}, A2.data(), V.data(), lead_, shape_.n_y, n_);
    for (Index l = 0; l < shape_.n_y; ++l)
      for (Index i = 0; i < n_; i += width<Scalar>) {
        Scalar* v = V.data() + l * lead_ + i;
        const Vector<Scalar> s = load(weights_ + i);
        store(v, s == Scalar(0) ? Vector<Scalar>{} : s * load(v));
      }
  }

  const Network<Scalar>& net_;
  const Shape shape_;
  const Index W2_, lead_;  // where W2 begins; numbers from row to row
  const Scalar *theta_ = nullptr, *weights_ = nullptr;
  Index n_ = 0;
};

}  // namespace shallownet
