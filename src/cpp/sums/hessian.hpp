// The Hessian (p, p) of the cost, or its Gauss-Newton part, in the user's order of the parameters. Threads share out tiles
// first, for their values, and then rows of the matrix, each of which adds up the tiles in their order: so the bits
// do not depend on the threads, and there is one matrix however many they are.
#pragma once

#include <atomic>

#include "sums/hessian_product.hpp"

namespace shallownet {

// Of one tile, what a thread adds to a row of blocks. With x~ = (x, 1), h~ = (h, 1), H the loss's second derivatives by the
// logits and s the weights, a pair of units (j, j') gets  sum of s g'_j g'_j' (W2^T H W2)_jj' x~ x~^T,  a unit and an
// output (j, l)  sum of s g'_j (H W2)_lj x~ h~^T,  and a pair of outputs  sum of s H_ll' h~ h~^T.  The Hessian has
// W2^T dZ2 g''_j more where j = j', and dZ2_l g'_j x~ at the weight that joins j and l.
template <class Scalar>
class HessianRows {
 public:
  static constexpr Index lead = tile_lead<Scalar>;

  // The matrix H (p, p) must be 0. Without `is_exact` it becomes the Gauss-Newton matrix.
  HessianRows(const Network<Scalar>& net, const Scalar* theta, bool is_exact, Scalar* H)
      : net_(net), shape_(net.at.shape), at_(shape_), theta_(theta), is_exact_(is_exact), H_(H), V_(lead * shape_.n_y),
        pairs_(lead * std::max(shape_.n_h, shape_.n_y)), products_(lead * (std::max(shape_.n_x, at_.n_inputs) + 1)) {}

  // Rows of hidden unit j: its pairs with the units up to itself, and with every output.
  void add_unit(const Lookout& lookout, const TileValues<Scalar>& values, Index j) {
    const Scalar* W2 = theta_ + at_.w2;
    Scalar* pairs = pairs_.data();
    fill(lookout, values, [&](Index l) { return W2[l * shape_.n_h + j]; });
    times_output_slopes_of(lookout, net_, values, V_.data(), true);
    multiply(lookout, values, V_.data(), shape_.n_y, values.slope.data() + j * lead, V_.data());
    hidden_delta(lookout, values, W2, V_.data(), j + 1, pairs);
    if (is_exact_)
      for (Index i = 0; i < values.n; i += width<Scalar>)
        store(pairs + j * lead + i, load(pairs + j * lead + i) + load(values.bend.data() + j * lead + i));
    add_pairs(lookout, values, j, values.X.data(), shape_.n_x, 0, at_.b1);
    for (Index l = 0; l < shape_.n_y; ++l) add_mixed(lookout, values, j, l);
  }

  // Rows of output l: its pairs with the outputs up to itself.
  void add_output(const Lookout& lookout, const TileValues<Scalar>& values, Index l) {
    fill(lookout, values, [&](Index k) { return Scalar(k == l); });
    times_output_slopes_of(lookout, net_, values, V_.data(), true);
    std::copy_n(V_.data(), (l + 1) * lead, pairs_.data());
    add_pairs(lookout, values, l, values.inputs(), at_.n_inputs, at_.w2, at_.b2);
  }

 private:
  // V (n_y, tile): the same number for every example.
  template <class F>
  void fill(const Lookout& lookout, const TileValues<Scalar>& values, F&& number) {
    for_each_vector<Scalar>(lookout, shape_.n_y, values.n,
                            [&](Index at) { store(V_.data() + at, broadcast(number(at / lead))); });
  }

  // C = rows times a row, for n_rows of them.
  void multiply(const Lookout& lookout, const TileValues<Scalar>& values, const Scalar* rows, Index n_rows,
                const Scalar* row, Scalar* C) const {
    for_each_vector<Scalar>(lookout, n_rows, values.n,
                            [&](Index at) { store(C + at, load(rows + at) * load(row + at % lead)); });
  }

  // Of units' pairs (j, j'), j' <= j, the products with pairs of their inputs (k, k'), k' <= k; the rest is symmetric. The
  // weights begin at `w`, the biases at `b`.
  void add_pairs(const Lookout& lookout, const TileValues<Scalar>& values, Index j, const Scalar* inputs, Index n,
                 Index w, Index b) {
    for (Index k = 0; k <= n; ++k) {
      Scalar* row = H_ + (k < n ? w + j * n + k : b + j) * at_.size;
      multiply(lookout, values, inputs, k + 1, inputs + k * lead, products_.data());
      add(lookout, values, pairs_.data(), j + 1, products_.data(), std::min(k + 1, n), row + w, n);
      if (k == n) add(lookout, values, pairs_.data(), j + 1, products_.data() + n * lead, 1, row + b, 1);
    }
  }

  // Unit j and output l, whose V is times g'_j by now.
  void add_mixed(const Lookout& lookout, const TileValues<Scalar>& values, Index j, Index l) {
    const Index n_x = shape_.n_x, n_h = shape_.n_h, p = at_.size;
    const Scalar *X = values.X.data(), *A1 = values.A1.data(), *ones = A1 + n_h * lead;
    Scalar *weights = H_ + j * n_x * p, *bias = H_ + (at_.b1 + j) * p, *left = products_.data();
    const Index w2 = at_.w2 + l * n_h, b2 = at_.b2 + l;
    multiply(lookout, values, X, n_x + 1, V_.data() + l * lead, left);
    add(lookout, values, left, n_x, A1, n_h, weights + w2, p);
    add(lookout, values, left, n_x, ones, 1, weights + b2, p);
    add(lookout, values, left + n_x * lead, 1, A1, n_h, bias + w2, p);
    add(lookout, values, left + n_x * lead, 1, ones, 1, bias + b2, p);
    if (!is_exact_) return;
    multiply(lookout, values, values.dZ2.data() + l * lead, 1, values.slope.data() + j * lead, left);
    add(lookout, values, X, n_x, left, 1, weights + w2 + j, p);
    add(lookout, values, ones, 1, left, 1, bias + w2 + j, p);
  }

  void add(const Lookout& lookout, const TileValues<Scalar>& values, const Scalar* left, Index n_left,
           const Scalar* right, Index n_right, Scalar* to, Index step) const {
    add_row_products(lookout, left, n_left, right, n_right, lead, values.n, to, step);
  }

  const Network<Scalar>& net_;
  const Shape shape_;
  const Places at_;
  const Scalar* theta_;
  bool is_exact_;
  Scalar* H_;
  Buffer<Scalar> V_;         // (n_y)
  Buffer<Scalar> pairs_;     // (n_h or n_y): of a unit with others
  Buffer<Scalar> products_;  // (n_x + 1 or n_h + 1): of two rows of inputs, or of V and these
};

// Copies what `HessianRows` has left out of the square of n units' weights, from w, and biases, from b, n_inputs each.
template <class Scalar>
void mirror_units(Scalar* H, Index p, Index n_units, Index n_inputs, Index w, Index b, const Lookout& lookout) {
  const auto place = [&](Index j, Index k) { return k < n_inputs ? w + j * n_inputs + k : b + j; };
  for (Index j = 0; j < n_units; ++j)
    for (Index k = 0; k <= n_inputs; ++k) {
      if (lookout.breaks_off(static_cast<double>(work_per_number * (j + 1) * (k + 1)))) return;
      const Index here = place(j, k);
      for (Index i = 0; i <= j; ++i)
        for (Index l = 0; l <= k; ++l) {
          const Index other = place(i, l), mine = place(j, l), its = place(i, k);
          H[other * p + here] = H[mine * p + its] = H[its * p + mine] = H[here * p + other];
        }
    }
}

// The whole matrix from the blocks that were summed, and the penalty.
template <class Scalar>
void finish_matrix(Scalar* H, const Shape& shape, double l2, const Lookout& lookout) {
  const Places at(shape);
  mirror_units(H, at.size, shape.n_h, shape.n_x, 0, at.b1, lookout);
  mirror_units(H, at.size, shape.n_y, at.n_inputs, at.w2, at.b2, lookout);
  for (Index r = at.w2; r < at.size; ++r) {
    if (lookout.breaks_off(static_cast<double>(work_per_number * at.w2))) return;
    for (Index c = 0; c < at.w2; ++c) H[r * at.size + c] = H[c * at.size + r];
  }
  for (Index i = 0; i < at.size; ++i)
    if (is_penalized(at, i)) H[i * (at.size + 1)] += static_cast<Scalar>(l2);
}

// The matrix H (p, p) at theta; exact, or Gauss-Newton.
template <class Scalar>
void hessian_matrix(const Network<Scalar>& net, const Scalar* theta, const Examples<Scalar>& batch, Index m, double l2,
                    bool is_exact, Index n_threads, InterruptWatch& watch, Scalar* H) {
  constexpr Index group = 16;  // tiles whose values are kept at the same time
  const Shape& shape = net.at.shape;
  const Index p = shape.n_parameters(), n_units = shape.n_h + shape.n_y;
  const Index n_tiles = (m + tile_examples - 1) / tile_examples;
  const double share = 1 / weight_sum(batch, m);
  Team team(std::min(n_threads, n_units));
  std::vector<TileValues<Scalar>> values;
  for (Index t = 0; t < std::min(group, n_tiles); ++t) values.emplace_back(shape);
  std::vector<HessianRows<Scalar>> rows;
  for (Index t = 0; t < team.size(); ++t) rows.emplace_back(net, theta, is_exact, H);
  if (!for_each_block_of(0, p * p, {&watch}, [&](Index begin, Index end) { std::fill(H + begin, H + end, Scalar(0)); }))
    return;
  std::atomic<Index> next{0};
  for (Index first = 0; first < n_tiles; first += group) {
    const Index n = std::min(group, n_tiles - first);
    const auto find = [&](Index thread) {
      for (Index t; (t = next.fetch_add(1)) < n;) {
        if (watch.check(thread, static_cast<double>(tile_examples * p))) return;
        const Index i = (first + t) * tile_examples;
        find_values({&watch, thread}, net, theta, batch.from(i), std::min(tile_examples, m - i), share,
                    values[static_cast<std::size_t>(t)]);
      }
    };
    const auto add = [&](Index thread) {
      HessianRows<Scalar>& mine = rows[static_cast<std::size_t>(thread)];
      for (Index u; (u = next.fetch_add(1)) < n_units;)  // the last hidden unit first: it has the most pairs
        for (Index t = 0; t < n; ++t) {
          const TileValues<Scalar>& tile = values[static_cast<std::size_t>(t)];
          if (watch.check(thread, static_cast<double>(tile_examples * p))) return;
          if (u < shape.n_h) {
            mine.add_unit({&watch, thread}, tile, shape.n_h - 1 - u);
          } else {
            mine.add_output({&watch, thread}, tile, n_units - 1 - u);
          }
        }
    };
    next = 0;
    team.run(find, [&] { watch.look(0); });
    next = 0;
    team.run(add, [&] { watch.look(0); });
    if (watch.broken_off()) return;
  }
  finish_matrix(H, shape, l2, {&watch});
}

}  // namespace shallownet
