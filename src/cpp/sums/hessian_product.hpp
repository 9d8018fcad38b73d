// The Hessian times a vector v, without the Hessian: the derivative R of the gradient along v = V1, c1, V2, c2 (Pearlmutter
// 1994), summed in chunks as the gradient is, so that the bits do not depend on the threads.
#pragma once

#include <atomic>

#include "parallel/threads.hpp"
#include "passes/derivatives.hpp"
#include "sums/chunks.hpp"

namespace shallownet {

// The values of a tile and what the product needs besides: R of them, (., tile) each.
template <class Scalar>
struct ProductRoom {
  TileValues<Scalar> values;
  Buffer<Scalar> RZ1, RA1, RdZ1;  // (n_h)
  Buffer<Scalar> RdZ2;            // (n_y): RZ2, then RdZ2

  explicit ProductRoom(const Shape& s)
      : values(s), RZ1(tile_lead<Scalar> * s.n_h), RA1(tile_lead<Scalar> * s.n_h), RdZ1(tile_lead<Scalar> * s.n_h),
        RdZ2(tile_lead<Scalar> * s.n_y) {}
};

// RZ2 = W2 RA1 + V2 A1 + c2, with RA1 = g' (V1 x + c1), in the room of RdZ2.
template <class Scalar>
void forward_along(const Lookout& lookout, const Shape& shape, const Scalar* theta, const Scalar* v,
                   ProductRoom<Scalar>& room) {
  const TileValues<Scalar>& values = room.values;
  const Places at(shape);
  const Index n = values.n;
  Scalar *RZ1 = room.RZ1.data(), *RA1 = room.RA1.data(), *RZ2 = room.RdZ2.data();
  row_product<Scalar>(lookout, Into::store, RZ2, shape.n_y, values.inputs(), at.n_inputs, {v + at.w2, 1, at.n_inputs},
                      n);
  add_bias(lookout, RZ2, tile_lead<Scalar>, shape.n_y, n, v + at.b2);
  if (!shape.has_hidden()) return;
  row_product<Scalar>(lookout, Into::store, RZ1, shape.n_h, values.X.data(), shape.n_x, {v, 1, shape.n_x}, n);
  add_bias(lookout, RZ1, tile_lead<Scalar>, shape.n_h, n, v + at.b1);
  for_each_vector<Scalar>(lookout, shape.n_h, n,
                          [&](Index i) { store(RA1 + i, load(values.slope.data() + i) * load(RZ1 + i)); });
  row_product<Scalar>(lookout, Into::add, RZ2, shape.n_y, RA1, shape.n_h, {theta + at.w2, 1, shape.n_h}, n);
}

// RdZ1 = g' (W2^T RdZ2 + V2^T dZ2) + bend RZ1.
template <class Scalar>
void backward_along(const Lookout& lookout, const Shape& shape, const Scalar* theta, const Scalar* v,
                    ProductRoom<Scalar>& room) {
  const TileValues<Scalar>& values = room.values;
  const Places at(shape);
  Scalar* RdZ1 = room.RdZ1.data();
  const StridedScalars<Scalar> W2{theta + at.w2, shape.n_h, 1}, V2{v + at.w2, shape.n_h, 1};
  row_product<Scalar>(lookout, Into::store, RdZ1, shape.n_h, room.RdZ2.data(), shape.n_y, W2, values.n);
  row_product<Scalar>(lookout, Into::add, RdZ1, shape.n_h, values.dZ2.data(), shape.n_y, V2, values.n);
  for_each_vector<Scalar>(lookout, shape.n_h, values.n, [&](Index i) {
    const Vector<Scalar> bent = load(values.bend.data() + i) * load(room.RZ1.data() + i);
    store(RdZ1 + i, fma(load(values.slope.data() + i), load(RdZ1 + i), bent));
  });
}

// Adds a tile's part of the product to `sums`.
template <class Scalar>
void add_product(const Lookout& lookout, const Network<Scalar>& net, const Scalar* theta, const Scalar* v,
                 ProductRoom<Scalar>& room, Scalar* sums) {
  const Shape& shape = net.at.shape;
  const TileValues<Scalar>& values = room.values;
  const Places at(shape);
  const auto add = [&](const Scalar* left, Index n_left, const Scalar* right, Index n_right, Scalar* to) {
    add_row_products(lookout, left, n_left, right, n_right, tile_lead<Scalar>, values.n, to, n_right);
  };
  const Scalar* ones = values.X.data() + shape.n_x * tile_lead<Scalar>;
  forward_along(lookout, shape, theta, v, room);
  times_output_slopes_of(lookout, net, values, room.RdZ2.data(), true);
  add(room.RdZ2.data(), shape.n_y, values.inputs(), at.n_inputs, sums + at.w2);
  add(room.RdZ2.data(), shape.n_y, ones, 1, sums + at.b2);
  if (!shape.has_hidden()) return;
  add(values.dZ2.data(), shape.n_y, room.RA1.data(), shape.n_h, sums + at.w2);
  backward_along(lookout, shape, theta, v, room);
  add(room.RdZ1.data(), shape.n_h, values.X.data(), shape.n_x, sums);
  add(room.RdZ1.data(), shape.n_h, ones, 1, sums + at.b1);
}

// Whether parameter i of the user's vector bears the penalty.
inline bool is_penalized(const Places& at, Index i) { return i < at.b1 || (i >= at.w2 && i < at.b2); }

// H v at theta into `product`, all in the user's order.
template <class Scalar>
void hessian_product(const Network<Scalar>& net, const Scalar* theta, const Scalar* v, const Examples<Scalar>& batch,
                     Index m, double l2, Index n_threads, InterruptWatch& watch, Scalar* product) {
  const Places at(net.at.shape);
  const Index n = n_chunks(m);
  const double share = 1 / weight_sum(batch, m);
  Team team(std::min(n_threads, n));
  std::vector<ProductRoom<Scalar>> rooms;
  for (Index t = 0; t < team.size(); ++t) rooms.emplace_back(net.at.shape);
  Buffer<Scalar> sums(n * at.size);  // (chunk, p)
  std::atomic<Index> next{0};
  const auto job = [&](Index thread) {
    ProductRoom<Scalar>& room = rooms[static_cast<std::size_t>(thread)];
    const Lookout lookout = net.at.lookout(&watch, thread);
    for (Index c; (c = next.fetch_add(1)) < n;) {
      const Index end = cut_examples(net.at, m, n, c + 1);
      for (Index i = cut_examples(net.at, m, n, c); i < end; i += tile_examples) {
        if (watch.check(thread, static_cast<double>(2 * tile_examples * at.size))) return;
        find_values(lookout, net, theta, batch.from(i), std::min(tile_examples, end - i), share, room.values);
        add_product(lookout, net, theta, v, room, sums.data() + c * at.size);
      }
    }
  };
  team.run(job, [&] { watch.look(0); });
  for_each_block_of(0, at.size, net.at.lookout(&watch), [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      Scalar total = sums[i];
      for (Index c = 1; c < n; ++c) total += sums[c * at.size + i];
      product[i] = is_penalized(at, i) ? total + static_cast<Scalar>(l2) * v[i] : total;
    }
  });
}

}  // namespace shallownet
