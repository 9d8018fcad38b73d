// Derivatives of each example by itself, of which none are summed: its loss's gradient, and the Jacobians of its outputs or
// logits by parameters or inputs. A row of a result is one example's gradient, from one dZ2.
#pragma once

#include <atomic>

#include "parallel/threads.hpp"
#include "passes/derivatives.hpp"

namespace shallownet {

// What is to be derived, and by what.
struct JacobianKind {
  bool by_inputs, of_logits;
};

// A tile's values, and the deltas of which rows are made.
template <class Scalar>
struct ExampleRoom {
  TileValues<Scalar> values;
  Buffer<Scalar> dZ2, dZ1, dX;  // (n_y), (n_h), (n_x), (., tile) each
  Buffer<Scalar> x;             // one example's inputs, or activations, side by side

  explicit ExampleRoom(const Layout<Scalar>& at)
      : values(at), dZ2(lead * at.shape.n_y), dZ1(lead * at.shape.n_h), dX(lead * at.shape.n_x),
        x(std::max(at.shape.n_x, at.shape.n_h)) {}

  static constexpr Index lead = tile_lead<Scalar>;
};

// The gradient by the weights and biases of one layer for example i: deltas (n_units, tile) times inputs (n_inputs, tile).
template <class Scalar>
void write_layer(const Scalar* delta, Index n_units, const Scalar* inputs, Index n_inputs, Index i, Scalar* x,
                 Scalar* dW, Scalar* db) {
  constexpr Index lead = tile_lead<Scalar>;
  for (Index k = 0; k < n_inputs; ++k) x[k] = inputs[k * lead + i];
  for (Index j = 0; j < n_units; ++j) {
    const Scalar d = delta[j * lead + i];
    for (Index k = 0; k < n_inputs; ++k) dW[j * n_inputs + k] = d * x[k];
    db[j] = d;
  }
}

// From dZ2 in the room: the gradients by the parameters of n examples, each `step` numbers after the last.
template <class Scalar>
void write_parameter_rows(const Lookout& lookout, const Scalar* theta, Index n, Scalar* rows, Index step,
                          ExampleRoom<Scalar>& room) {
  const TileValues<Scalar>& values = room.values;
  const Shape& shape = values.shape;
  const Places at(shape);
  Scalar *dZ1 = room.dZ1.data(), *x = room.x.data();
  if (shape.has_hidden()) hidden_delta(lookout, values, theta + at.w2, room.dZ2.data(), shape.n_h, dZ1);
  for (Index i = 0; i < n; ++i) {
    if (lookout.breaks_off(static_cast<double>(work_per_number * at.size))) return;
    Scalar* row = rows + i * step;
    if (shape.has_hidden()) write_layer(dZ1, shape.n_h, values.X.data(), shape.n_x, i, x, row, row + at.b1);
    write_layer(room.dZ2.data(), shape.n_y, values.inputs(), at.n_inputs, i, x, row + at.w2, row + at.b2);
  }
}

// The same by the inputs.
template <class Scalar>
void write_input_rows(const Lookout& lookout, const Scalar* theta, Index n, Scalar* rows, Index step,
                      ExampleRoom<Scalar>& room) {
  const TileValues<Scalar>& values = room.values;
  const Shape& shape = values.shape;
  const Places at(shape);
  const Scalar* delta = room.dZ2.data();
  const Index n_units = shape.has_hidden() ? shape.n_h : shape.n_y;
  if (shape.has_hidden()) {
    hidden_delta(lookout, values, theta + at.w2, delta, shape.n_h, room.dZ1.data());
    delta = room.dZ1.data();
  }
  row_product<Scalar>(lookout, Into::store, room.dX.data(), shape.n_x, delta, n_units, {theta, shape.n_x, 1}, values.n);
  in_pieces(lookout, shape.n_x, static_cast<double>(work_per_number * n), [&](Index begin, Index end) {
    copy(matrix(room.dX.data() + begin * tile_lead<Scalar>, n, end - begin, 1, tile_lead<Scalar>),
         matrix(rows + begin, n, end - begin, step, 1));
  });
}

// Calls f(lookout, room, begin, n) with the values of every tile, weights left out.
template <class Scalar, class F>
void for_each_room(const Network<Scalar>& net, const Scalar* theta, Examples<Scalar> examples, Index m, Index n_threads,
                   InterruptWatch& watch, F&& f) {
  const Index n_tiles = (m + derivative_examples - 1) / derivative_examples;
  examples.weights = nullptr;
  Team team(std::min(n_threads, n_tiles));
  std::vector<ExampleRoom<Scalar>> rooms;
  rooms.reserve(static_cast<std::size_t>(team.size()));
  for (Index t = 0; t < team.size(); ++t) rooms.emplace_back(net.at);
  std::atomic<Index> next{0};
  const auto job = [&](Index thread) {
    ExampleRoom<Scalar>& room = rooms[static_cast<std::size_t>(thread)];
    const Lookout lookout{&watch, thread};
    for (Index t; (t = next.fetch_add(1)) < n_tiles;) {
      if (watch.check(thread, static_cast<double>(derivative_examples * net.at.size))) return;
      const Index begin = t * derivative_examples, n = std::min(derivative_examples, m - begin);
      find_values(lookout, net, theta, examples.from(begin), n, 1, room.values);
      f(lookout, room, begin, n);
    }
  };
  team.run(job, [&] { watch.look(0); });
}

// rows (m, p): the gradient of each example's own loss.
template <class Scalar>
void example_gradients(const Network<Scalar>& net, const Scalar* theta, const Examples<Scalar>& examples, Index m,
                       Index n_threads, InterruptWatch& watch, Scalar* rows) {
  const Index p = net.at.shape.n_parameters();
  const auto write = [&](const Lookout& lookout, ExampleRoom<Scalar>& room, Index begin, Index n) {
    std::copy_n(room.values.dZ2.data(), room.dZ2.size(), room.dZ2.data());
    write_parameter_rows(lookout, theta, n, rows + begin * p, p, room);
  };
  for_each_room(net, theta, examples, m, n_threads, watch, write);
}

// J (m, n_y, p) or (m, n_y, n_x).
template <class Scalar>
void jacobian(const Network<Scalar>& net, const Scalar* theta, const Examples<Scalar>& examples, Index m,
              JacobianKind kind, Index n_threads, InterruptWatch& watch, Scalar* J) {
  const Shape& shape = net.at.shape;
  const Index n_y = shape.n_y, size = kind.by_inputs ? shape.n_x : shape.n_parameters();
  const auto write = [&](const Lookout& lookout, ExampleRoom<Scalar>& room, Index begin, Index n) {
    Scalar* dZ2 = room.dZ2.data();
    for (Index k = 0; k < n_y; ++k) {
      if (lookout.breaks_off(static_cast<double>(n * size))) return;
      for_each_vector<Scalar>(lookout, n_y, room.values.n,
                              [&](Index at, Index r) { store(dZ2 + at, broadcast(Scalar(r == k))); });
      if (!kind.of_logits) times_output_slopes_of(lookout, net, room.values, dZ2, false);
      Scalar* rows = J + (begin * n_y + k) * size;
      kind.by_inputs ? write_input_rows(lookout, theta, n, rows, n_y * size, room)
                     : write_parameter_rows(lookout, theta, n, rows, n_y * size, room);
    }
  };
  for_each_room(net, theta, examples, m, n_threads, watch, write);
}

}  // namespace shallownet
