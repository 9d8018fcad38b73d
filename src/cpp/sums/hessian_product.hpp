// The Hessian times a vector v, without the Hessian: the derivative R of the gradient along v = V1, c1, V2, c2 (Pearlmutter
// 1994), summed in chunks as the gradient is, so that the bits do not depend on the threads.
#pragma once

#include <atomic>

#include "parallel/threads.hpp"
#include "passes/derivatives.hpp"
#include "sums/chunks.hpp"

namespace shallownet {

// What the product needs besides the values of a tile: R of them, (., tile) each.
template <class Scalar>
struct ProductRoom {
  Buffer<Scalar> RZ1, RA1, RdZ1;  // (n_h)
  Buffer<Scalar> RdZ2;            // (n_y): RZ2, then RdZ2

  explicit ProductRoom(const Shape& s)
      : RZ1(tile_lead<Scalar> * s.n_h), RA1(tile_lead<Scalar> * s.n_h), RdZ1(tile_lead<Scalar> * s.n_h),
        RdZ2(tile_lead<Scalar> * s.n_y) {}
};

// RZ2 = W2 RA1 + V2 A1 + c2, with RA1 = g' (V1 x + c1), in the room of RdZ2.
template <class Scalar>
void forward_along(const Lookout& lookout, const Shape& shape, const Scalar* theta, const Scalar* v,
                   const TileValues<Scalar>& values, ProductRoom<Scalar>& room) {
  const Places at(shape);
  const Index n = values.n;
  Scalar *RZ1 = room.RZ1.data(), *RA1 = room.RA1.data(), *RZ2 = room.RdZ2.data();
  row_product<Scalar>(lookout, Into::store, RZ2, shape.n_y, values.inputs(), at.n_inputs, {v + at.w2, 1, at.n_inputs},
                      n);
  add_bias(lookout, RZ2, tile_lead<Scalar>, shape.n_y, n, v + at.b2);
  if (!shape.has_hidden()) return;
  row_product<Scalar>(lookout, Into::store, RZ1, shape.n_h, values.X.data(), shape.n_x, {v, 1, shape.n_x}, n);
  for_each_vector<Scalar>(lookout, shape.n_h, n, [&](Index i, Index j) {
    const Vector<Scalar> z = load(RZ1 + i) + without_sign_of_zero(broadcast(v[at.b1 + j]));
    store(RZ1 + i, z);
    store(RA1 + i, load(values.slope.data() + i) * z);
  });
  row_product<Scalar>(lookout, Into::add, RZ2, shape.n_y, RA1, shape.n_h, {theta + at.w2, 1, shape.n_h}, n);
}

// RdZ1 = g' (W2^T RdZ2 + V2^T dZ2) + bend RZ1, some units at a time.
template <class Scalar>
void backward_along(const Lookout& lookout, const Shape& shape, const Scalar* theta, const Scalar* v,
                    const TileValues<Scalar>& values, ProductRoom<Scalar>& room) {
  constexpr Index lead = tile_lead<Scalar>;
  const Scalar *W2 = theta + Places(shape).w2, *V2 = v + Places(shape).w2;
  const auto write = [&](auto number, Index j) {
    constexpr int units = decltype(number)::value;
    for (Index i = 0; i < values.n; i += width<Scalar>) {
      Vector<Scalar> by_W2[units] = {}, by_V2[units] = {};
      for (Index k = 0; k < shape.n_y; ++k) {
        const Vector<Scalar> r = load(room.RdZ2.data() + k * lead + i), d = load(values.dZ2.data() + k * lead + i);
#pragma GCC unroll 4
        for (int u = 0; u < units; ++u) {
          by_W2[u] = fma(r, broadcast(W2[k * shape.n_h + j + u]), by_W2[u]);
          by_V2[u] = fma(d, broadcast(V2[k * shape.n_h + j + u]), by_V2[u]);
        }
      }
#pragma GCC unroll 4
      for (int u = 0; u < units; ++u) {
        const Index at = (j + u) * lead + i;
        const Vector<Scalar> bent = load(values.bend.data() + at) * load(room.RZ1.data() + at);
        store(room.RdZ1.data() + at, fma(load(values.slope.data() + at), by_W2[u] + by_V2[u], bent));
      }
    }
  };
  const auto work = static_cast<double>(values.n * (work_per_number + 2 * shape.n_y));
  in_pieces(lookout, shape.n_h, work, [&](Index begin, Index end) {
    for (Index j = begin; j < end; j += max_vectors)
      for_vectors(static_cast<int>(std::min<Index>(max_vectors, end - j)), [&](auto number) { write(number, j); });
  });
}

// Adds a tile's part of the product to `sums`.
template <class Scalar>
void add_product(const Lookout& lookout, const Network<Scalar>& net, const Scalar* theta, const Scalar* v,
                 const TileValues<Scalar>& values, ProductRoom<Scalar>& room, Scalar* sums) {
  const Shape& shape = net.at.shape;
  const Places at(shape);
  const auto add = [&](const Scalar* left, Index n_left, const Scalar* right, Index n_right, Scalar* to) {
    add_row_products(lookout, left, n_left, right, n_right, tile_lead<Scalar>, values.n, to, n_right);
  };
  const Scalar* ones = values.X.data() + shape.n_x * tile_lead<Scalar>;
  forward_along(lookout, shape, theta, v, values, room);
  times_output_slopes_of(lookout, net, values, room.RdZ2.data(), true);
  add(room.RdZ2.data(), shape.n_y, values.inputs(), at.n_inputs, sums + at.w2);
  add(room.RdZ2.data(), shape.n_y, ones, 1, sums + at.b2);
  if (!shape.has_hidden()) return;
  add(values.dZ2.data(), shape.n_y, room.RA1.data(), shape.n_h, sums + at.w2);
  backward_along(lookout, shape, theta, v, values, room);
  add(room.RdZ1.data(), shape.n_h, values.X.data(), shape.n_x, sums);
  add(room.RdZ1.data(), shape.n_h, ones, 1, sums + at.b1);
}

// Products of the Hessian at theta with one vector after another.
template <class Scalar>
class HessianProducts {
 public:
  // The values of the tiles do not depend on the vector: they are found for the first one only, and kept in up to so many
  // bytes.
  HessianProducts(const Network<Scalar>& net, const Scalar* theta, const Examples<Scalar>& batch, Index m, double l2,
                  Index n_threads, Index most_kept, InterruptWatch& watch)
      : net_(net), at_(net.at.shape), theta_(theta), batch_(batch), m_(m), n_chunks_(n_chunks(m)), l2_(l2),
        share_(1 / weight_sum(batch, m)), watch_(watch), team_(std::min(n_threads, n_chunks_)),
        n_sums_(team_.size() > 1 ? n_chunks_ : 1), sums_(std::min(n_chunks_, n_sums_ + 1) * at_.size) {
    for (Index c = 0; c < n_chunks_; ++c)
      first_tiles_.push_back(first_tiles_.back() +
                             (begin(c + 1) - begin(c) + derivative_examples - 1) / derivative_examples);
    for (Index t = 0; t < team_.size(); ++t) {
      rooms_.emplace_back(net.at.shape);
      passing_.emplace_back(net.at);
    }
    const Index fitting = most_kept / passing_.front().n_bytes();
    for (Index t = 0; t < std::min(fitting, first_tiles_.back()) && !watch.broken_off(); ++t)
      kept_.emplace_back(net.at);
    is_found_.resize(kept_.size());
  }

  // H v into `product`, both in the user's order; broken off, anything.
  void operator()(const Scalar* v, Scalar* product) {
    if (is_used_) std::fill_n(sums_.data(), sums_.size(), Scalar(0));  // new they are 0
    is_used_ = true;
    std::atomic<Index> next{0};
    const auto job = [&](Index thread) {
      for (Index c; (c = next.fetch_add(1)) < n_chunks_;) {
        add_chunk(v, c, thread);
        if (c >= n_sums_) take_in();
      }
    };
    team_.run(job, [&] { watch_.look(0); });
    for_each_block_of(0, at_.size, net_.at.lookout(&watch_), [&](Index from, Index to) {
      for (Index i = from; i < to; ++i) {
        Scalar total = sums_[i];
        for (Index c = 1; c < n_sums_; ++c) total += sums_[c * at_.size + i];
        product[i] = is_penalized(at_, i) ? total + static_cast<Scalar>(l2_) * v[i] : total;
      }
    });
  }

 private:
  Index begin(Index chunk) const { return cut_examples(net_.at, m_, n_chunks_, chunk); }

  void add_chunk(const Scalar* v, Index c, Index thread) {
    const auto t = static_cast<std::size_t>(thread);
    const Lookout lookout = net_.at.lookout(&watch_, thread);
    auto number = static_cast<std::size_t>(first_tiles_[static_cast<std::size_t>(c)]);
    for (Index i = begin(c), end = begin(c + 1); i < end; i += derivative_examples, ++number) {
      if (watch_.check(thread, static_cast<double>(2 * derivative_examples * at_.size))) return;
      const bool is_kept = number < kept_.size();
      TileValues<Scalar>& values = is_kept ? kept_[number] : passing_[t];
      if (!is_kept || !is_found_[number])
        find_values(lookout, net_, theta_, batch_.from(i), std::min(derivative_examples, end - i), share_, values);
      if (is_kept) is_found_[number] = 1;
      add_product(lookout, net_, theta_, v, values, rooms_[t], sums_.data() + std::min(c, n_sums_) * at_.size);
    }
  }

  // One thread adds the chunks up as it goes, in the same order.
  void take_in() {
    for_each_block_of(0, at_.size, net_.at.lookout(&watch_), [&](Index from, Index to) {
      for (Index i = from; i < to; ++i) {
        sums_[i] += sums_[at_.size + i];
        sums_[at_.size + i] = 0;
      }
    });
  }

  const Network<Scalar>& net_;
  const Places at_;
  const Scalar* theta_;
  const Examples<Scalar> batch_;
  const Index m_, n_chunks_;
  const double l2_, share_;
  InterruptWatch& watch_;
  Team team_;
  const Index n_sums_;                       // of the chunks, that are added up in the end
  Buffer<Scalar> sums_;                      // (chunk, p)
  std::vector<Index> first_tiles_ = {0};     // of each chunk, and behind the last how many there are
  std::vector<ProductRoom<Scalar>> rooms_;   // of each thread
  std::vector<TileValues<Scalar>> passing_;  // of each thread's tile, where it is not kept
  std::vector<TileValues<Scalar>> kept_;     // of the first tiles
  std::vector<char> is_found_;               // whether they are: each tile is one thread's, of one product at a time
  bool is_used_ = false;                     // whether sums of another vector are left
};

// H v at theta into `product`, all in the user's order.
template <class Scalar>
void hessian_product(const Network<Scalar>& net, const Scalar* theta, const Scalar* v, const Examples<Scalar>& batch,
                     Index m, double l2, Index n_threads, InterruptWatch& watch, Scalar* product) {
  HessianProducts<Scalar>(net, theta, batch, m, l2, n_threads, 0, watch)(v, product);
}

}  // namespace shallownet
