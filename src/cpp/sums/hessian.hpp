// The sums over examples that the Hessian of the cost, its Gauss-Newton part and the gradient are made of. Threads share out
// the units, and every one takes the tiles in their order: so the bits do not depend on the threads, and there is one
// matrix however many they are.
#pragma once

#include <atomic>

#include "parallel/threads.hpp"
#include "passes/curvature.hpp"

namespace shallownet {

// With x~ = (x, 1), h~ = (h, 1), H the loss's second derivatives by the logits and s the weights, a pair of units (j, j') gets
// sum of s g'_j g'_j' (W2^T H W2)_jj' x~ x~^T,  a unit and an output (j, l)  sum of s g'_j (H W2)_lj x~ h~^T,  and a pair
// of outputs  sum of s H_ll' h~ h~^T.  The Hessian has W2^T dZ2 g''_j more where j = j', and dZ2_l g'_j x~ at the weight
// that joins j and l. As x~ x~^T is symmetric, half of it is summed.
template <class Scalar>
class HessianSums {
 public:
  // With `wants_exact` what the Hessian has more is summed, too, apart.
  HessianSums(const Network<Scalar>& net, const ExampleTiles<Scalar>& examples, Index n_threads, bool wants_exact,
              InterruptWatch& watch)
      : net_(net), shape_(net.at.shape), places_(shape_), examples_(examples), lead_(examples.lead),
        wants_exact_(wants_exact && shape_.has_hidden()), watch_(watch),
        team_(std::min(n_threads, std::max(shape_.n_h, shape_.n_y))), q_(n_pairs_of(shape_.n_x + 1)),
        n_inputs_(places_.n_inputs + 1), units_(n_pairs_of(shape_.n_h) * q_),
        mixed_(shape_.n_h * shape_.n_y * (shape_.n_x + 1) * (shape_.n_h + 1)),
        outputs_(n_pairs_of(shape_.n_y) * n_inputs_ * n_inputs_), bends_(wants_exact_ ? shape_.n_h * q_ : 0),
        residuals_(wants_exact_ ? shape_.n_y * shape_.n_h * (shape_.n_x + 1) : 0), dW1_(shape_.n_h * (shape_.n_x + 1)),
        dW2_(shape_.n_y * (places_.n_inputs + 1)) {
    for (Index t = 0; t < team_.size(); ++t) rooms_.emplace_back(net, lead_);
  }

  // The loss at theta, and all that `sum` needs of it into `point`; broken off, anything.
  double find(const Scalar* theta, Point<Scalar>& point) {
    std::atomic<Index> next{0};
    const auto n_tiles = static_cast<Index>(point.tiles.size());
    const auto job = [&](Index thread) {
      for (Index t; (t = next.fetch_add(1, std::memory_order_relaxed)) < n_tiles;) {
        const auto i = static_cast<std::size_t>(t);
        if (watch_.check(thread, static_cast<double>(lead_ * places_.size))) return;
        point.losses[i] = find_point(net_, theta, examples_.tiles[i], lead_, point.tiles[i]);
      }
    };
    team_.run(job, [&] { watch_.look(0); });
    return point.loss();
  }

  // All sums at theta, of which `point` is; broken off, anything.
  void sum(const Scalar* theta, const Point<Scalar>& point) {
    for (Buffer<Scalar>* sums : {&units_, &mixed_, &outputs_, &bends_, &residuals_, &dW1_, &dW2_})
      if (!for_each_block_of(0, sums->size(), {&watch_}, [&](Index begin, Index end) {
            std::fill(sums->data() + begin, sums->data() + end, Scalar(0));
          }))
        return;
    const auto job = [&](Index thread) {
      for (std::size_t t = 0; t < point.tiles.size(); ++t)
        if (!add_tile(thread, theta, examples_.tiles[t], point.tiles[t])) return;
    };
    team_.run(job, [&] { watch_.look(0); });
  }

  // Element i of the gradient of the loss, in the user's order.
  Scalar gradient(Index i) const {
    const auto of = [](const Buffer<Scalar>& sums, Index n_inputs, Index weight, Index bias, bool is_weight) {
      return is_weight ? sums[weight / n_inputs * (n_inputs + 1) + weight % n_inputs]
                       : sums[bias * (n_inputs + 1) + n_inputs];
    };
    if (i < places_.w2) return of(dW1_, shape_.n_x, i, i - places_.b1, i < places_.b1);
    return of(dW2_, places_.n_inputs, i - places_.w2, i - places_.b2, i < places_.b2);
  }

  // Calls put(row, column, number) for each element of the Gauss-Newton matrix on one side of its diagonal, or on it.
  template <class Put>
  void for_each_number_of_gauss_newton(const Lookout& lookout, const Put& put) const {
    const Index n_x1 = shape_.n_x + 1, n_h1 = shape_.n_h + 1;
    for (Index j = 0; j < shape_.n_h; ++j) {
      if (lookout.breaks_off(static_cast<double>(work_per_number * n_x1 * (q_ + shape_.n_y * n_h1)))) return;
      for (Index i = 0; i <= j; ++i) put_pairs_of_units(j, i, put);
      const Scalar* from = mixed_.data() + j * shape_.n_y * n_x1 * n_h1;
      for (Index l = 0; l < shape_.n_y; ++l)
        for (Index k = 0; k < n_x1; ++k)
          for (Index i = 0; i < n_h1; ++i) put(at_output(l, i), at_unit(j, k), *from++);
    }
    for (Index l = 0; l < shape_.n_y; ++l)
      for (Index i = 0; i <= l; ++i) {
        if (lookout.breaks_off(static_cast<double>(work_per_number * n_inputs_ * n_inputs_))) return;
        put_pairs_of_outputs(l, i, put);
      }
  }

  // The same for what the Hessian has more.
  template <class Put>
  void for_each_number_more(const Lookout& lookout, const Put& put) const {
    if (!wants_exact_) return;
    for (Index j = 0; j < shape_.n_h; ++j) {
      if (lookout.breaks_off(static_cast<double>(work_per_number * q_))) return;
      const Scalar* from = bends_.data() + j * q_;
      for (Index k = 0; k <= shape_.n_x; ++k)
        for (Index i = 0; i <= k; ++i) put(at_unit(j, k), at_unit(j, i), *from++);
      for (Index l = 0; l < shape_.n_y; ++l) {
        from = residuals_.data() + (l * shape_.n_h + j) * (shape_.n_x + 1);
        for (Index k = 0; k <= shape_.n_x; ++k) put(at_output(l, j), at_unit(j, k), *from++);
      }
    }
  }

 private:
  Index at_unit(Index j, Index k) const { return k < shape_.n_x ? j * shape_.n_x + k : places_.b1 + j; }
  Index at_output(Index l, Index i) const {
    return i < places_.n_inputs ? places_.w2 + l * places_.n_inputs + i : places_.b2 + l;
  }

  template <class Put>
  void put_pairs_of_units(Index j, Index i, const Put& put) const {
    const Scalar* from = units_.data() + (n_pairs_of(j) + i) * q_;
    for (Index k = 0; k <= shape_.n_x; ++k)
      for (Index l = 0; l <= k; ++l, ++from) {
        put(at_unit(j, k), at_unit(i, l), *from);
        if (i < j && l < k) put(at_unit(j, l), at_unit(i, k), *from);
      }
  }
  template <class Put>
  void put_pairs_of_outputs(Index l, Index i, const Put& put) const {
    const Scalar* from = outputs_.data() + (n_pairs_of(l) + i) * n_inputs_ * n_inputs_;
    for (Index k = 0; k < n_inputs_; ++k)
      for (Index n = 0; n <= k; ++n) {
        const Scalar number = from[k * n_inputs_ + n];
        put(at_output(l, k), at_output(i, n), number);
        if (i < l && n < k) put(at_output(l, n), at_output(i, k), number);
      }
  }

  // A thread's share of n units, of which unit j has j + 1 pairs.
  Index first_unit(Index n, Index thread) const {
    const double share = static_cast<double>(thread) / static_cast<double>(team_.size());
    return std::lround(static_cast<double>(n) * std::sqrt(share));
  }

  // A thread's part of a tile; false if it is to break off.
  bool add_tile(Index thread, const Scalar* theta, const ExampleTile<Scalar>& examples, const PointTile<Scalar>& at) {
    CurvatureRoom<Scalar>& room = rooms_[static_cast<std::size_t>(thread)];
    const Index n_y = shape_.n_y, n = examples.n;
    const Index begin = first_unit(shape_.n_h, thread), end = first_unit(shape_.n_h, thread + 1);
    room.begin(theta, examples, at, end, wants_exact_);
    if (begin < end) {
      add(room.dZ1.data() + begin * lead_, end - begin, examples.X.data(), shape_.n_x + 1, n,
          dW1_.data() + begin * (shape_.n_x + 1), shape_.n_x + 1);
      if (!add_units(thread, examples, at, room, begin, end)) return false;
    }
    return add_outputs(thread, examples, at, room, first_unit(n_y, thread), first_unit(n_y, thread + 1));
  }

  // A thread's units, for some pairs of inputs after the others.
  bool add_units(Index thread, const ExampleTile<Scalar>& examples, const PointTile<Scalar>& at,
                 CurvatureRoom<Scalar>& room, Index begin, Index end) {
    const Index n = examples.n;
    for (Index first = 0; first < q_; first += room.n_products) {
      const Index n_here = std::min(room.n_products, q_ - first);
      room.find_products(examples.X.data(), first, n_here);
      if (wants_exact_)
        add(room.bend.data() + begin * lead_, end - begin, room.products.data(), n_here, n,
            bends_.data() + begin * q_ + first, q_);
      if (shape_.n_y == 1) room.weigh(room.products.data(), n_here);
      for (Index j = begin; j < end; ++j) {
        if (watch_.check(thread, static_cast<double>(n * (j + 2) * n_here))) return false;
        const auto [left, right] = room.find_pairs(j, n_here);
        add(left, j + 1, right, n_here, n, units_.data() + n_pairs_of(j) * q_ + first, q_);
      }
    }
    if (wants_exact_) add_residuals(examples, at, room, begin, end);
    return add_mixed(thread, examples, at, room, begin, end);
  }

  // A thread's units and the outputs: as many rows at a time, products of columns and inputs, as there is room for.
  bool add_mixed(Index thread, const ExampleTile<Scalar>& examples, const PointTile<Scalar>& at,
                 CurvatureRoom<Scalar>& room, Index begin, Index end) {
    const Index n = examples.n, n_y = shape_.n_y, n_x1 = shape_.n_x + 1, n_h1 = shape_.n_h + 1;
    const Index most = std::max<Index>(room.n_products / n_x1, 1);
    Scalar* rows = (n_y == 1 ? room.scaled : room.products).data();
    const Scalar* inputs = n_y == 1 ? room.weigh(examples.X.data(), n_x1) : examples.X.data();
    Index first = begin * n_y, number = 0;  // of pairs (j, l) in the room
    const auto flush = [&] {
      add(rows, number * n_x1, at.A1.data(), n_h1, n, mixed_.data() + first * n_x1 * n_h1, n_h1);
      first += number;
      number = 0;
      return !watch_.check(thread, static_cast<double>(n * most * n_x1 * n_h1));
    };
    for (Index j = begin; j < end; ++j) {
      const Scalar* column = room.find_column(j);
      for (Index l = 0; l < n_y; ++l) {
        room.find_products_with(column + l * lead_, inputs, n_x1, rows + number * n_x1 * lead_);
        if (++number == most && !flush()) return false;
      }
    }
    return flush();
  }

  // What the Hessian has more of a thread's units and the outputs.
  void add_residuals(const ExampleTile<Scalar>& examples, const PointTile<Scalar>& at, CurvatureRoom<Scalar>& room,
                     Index begin, Index end) {
    const Index n_x1 = shape_.n_x + 1;
    for (Index l = 0; l < shape_.n_y; ++l) {
      room.find_products_with(at.dZ2.data() + l * lead_, room.slope.data() + begin * lead_, end - begin,
                              room.pairs.data());
      add(room.pairs.data(), end - begin, examples.X.data(), n_x1, examples.n,
          residuals_.data() + (l * shape_.n_h + begin) * n_x1, n_x1);
    }
  }

  // The pairs of a thread's outputs, and their gradient. Of each pair's square of inputs the lower blocks.
  bool add_outputs(Index thread, const ExampleTile<Scalar>& examples, const PointTile<Scalar>& at,
                   CurvatureRoom<Scalar>& room, Index begin, Index end) {
    constexpr Index block = 4;
    const Scalar* inputs = output_inputs(examples, at);
    const Index n = examples.n;
    add(at.dZ2.data() + begin * lead_, end - begin, inputs, n_inputs_, n, dW2_.data() + begin * n_inputs_, n_inputs_);
    for (Index l = begin; l < end; ++l) {
      room.find_unit_column(l);
      for (Index i = 0; i <= l; ++i)
        for (Index k = 0; k < n_inputs_; k += block) {
          const Index here = std::min(block, n_inputs_ - k);
          if (watch_.check(thread, static_cast<double>(n * here * (k + here)))) return false;
          room.find_products_with(room.V.data() + i * lead_, inputs + k * lead_, here, room.products.data());
          add(room.products.data(), here, inputs, k + here, n,
              outputs_.data() + ((n_pairs_of(l) + i) * n_inputs_ + k) * n_inputs_, n_inputs_);
        }
    }
    return true;
  }

  void add(const Scalar* left, Index n_left, const Scalar* right, Index n_right, Index n, Scalar* to,
           Index step) const {
    add_row_products({}, left, n_left, right, n_right, lead_, n, to, step);
  }

  const Network<Scalar>& net_;
  const Shape shape_;
  const Places places_;
  const ExampleTiles<Scalar>& examples_;
  const Index lead_;
  const bool wants_exact_;
  InterruptWatch& watch_;
  Team team_;
  std::vector<CurvatureRoom<Scalar>> rooms_;  // one per thread
  const Index q_, n_inputs_;                  // pairs of inputs; of the outputs' inputs, the ones behind them
  Buffer<Scalar> units_;                      // (pairs of units, q)
  Buffer<Scalar> mixed_;                      // (n_h, n_y, n_x + 1, n_h + 1)
  Buffer<Scalar> outputs_;                    // (pairs of outputs, n_inputs, n_inputs)
  Buffer<Scalar> bends_, residuals_;          // (n_h, q), (n_y, n_h, n_x + 1): what the Hessian has more
  Buffer<Scalar> dW1_, dW2_;                  // with db1, db2 as last columns
};

// The matrix H (p, p) at theta; exact, or Gauss-Newton.
template <class Scalar>
void hessian_matrix(const Network<Scalar>& net, const Scalar* theta, const Examples<Scalar>& batch, Index m, double l2,
                    bool is_exact, Index n_threads, InterruptWatch& watch, Scalar* H) {
  const ExampleTiles<Scalar> examples(net.at.shape, batch, m, watch);
  HessianSums<Scalar> sums(net, examples, n_threads, is_exact, watch);
  Point<Scalar> point = examples.make_point(net.at.keeps_Z1);
  sums.find(theta, point);
  if (!watch.broken_off()) sums.sum(theta, point);
  if (watch.broken_off()) return;
  const Places at(net.at.shape);
  sums.for_each_number_of_gauss_newton(
      {&watch}, [&](Index r, Index c, Scalar number) { H[r * at.size + c] = H[c * at.size + r] = number; });
  sums.for_each_number_more({&watch}, [&](Index r, Index c, Scalar number) {
    H[r * at.size + c] += number;
    if (r != c) H[c * at.size + r] += number;
  });
  for (Index i = 0; i < at.size; ++i)
    if (is_penalized(at, i)) H[i * (at.size + 1)] += static_cast<Scalar>(l2);
}

}  // namespace shallownet
