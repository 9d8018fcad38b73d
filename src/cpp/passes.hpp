// Forward and backward over one tile of examples, everything in cache, without allocation. Tiles keep units in the
// lanes for the first layer (A1[i][unit]) and examples in the lanes for the outputs (Z2[k][i]). What depends on the
// activation or the loss are four short loops, chosen once by name; the products around them depend on the scalar alone,
// so nothing is compiled for every pair. Includes activations, losses, kernels, network.
#pragma once

#include "activations.hpp"
#include "kernels.hpp"
#include "losses.hpp"
#include "network.hpp"

namespace shallownet {

constexpr Index tile_examples = 96;  // a multiple of every width; 48 .. 576 measure alike

// A batch of examples: X (m, n_x), Y (m, n_y) and weights (m), which may be absent. `order`, if given, holds m indices
// into the user's rows.
template <class Scalar>
struct Examples {
  Rows<Scalar> X, Y;
  const Scalar* weights = nullptr;
  const std::int64_t* order = nullptr;

  Index place(Index i) const { return order ? static_cast<Index>(order[i]) : i; }
  Examples from(Index begin) const {
    if (order) return {X, Y, weights, order + begin};
    return {{X.data + begin * X.row, X.row, X.column},
            {Y.data + begin * Y.row, Y.row, Y.column},
            weights ? weights + begin : nullptr,
            nullptr};
  }
};

// The arrays of one thread, allocated once.
template <class Scalar>
struct Workspace {
  Buffer<Scalar> A1;   // (tile, units): pre-activations, then activations
  Buffer<Scalar> dZ1;  // (tile, units)
  Buffer<Scalar> Z2;   // (n_y, tile): logits, then outputs, then dZ2
  Buffer<Scalar> Y;    // (n_y, tile)
  Buffer<Scalar> weights;  // (tile): 0 behind the last example
  Buffer<Scalar> X;    // (tile, n_x): copy of rows that do not lie side by side
  Buffer<Scalar> dX;   // (n_x, tile), only where asked for

  Workspace(const Layout<Scalar>& at, bool want_dX = false)
      : A1(tile_examples * at.units), dZ1(tile_examples * at.units), Z2(at.shape.n_y * tile_examples),
        Y(at.shape.n_y * tile_examples), weights(tile_examples), X(tile_examples * at.shape.n_x),
        dX(want_dX ? at.shape.n_x * tile_examples : 0) {}
};

// One tile: n examples of the batch, their inputs as rows.
template <class Scalar>
struct Tile {
  Index n;
  const Scalar* X;
  Index ldx;
};

// The inputs in place where a row's numbers lie side by side, else copied.
template <class Scalar>
Tile<Scalar> load_inputs(const Layout<Scalar>& at, const Examples<Scalar>& examples, Index n, Workspace<Scalar>& work) {
  const Rows<Scalar>& X = examples.X;
  const Index n_x = at.shape.n_x;
  if (!examples.order && X.column == 1) return {n, X.data, X.row};
  auto copy = matrix(work.X.data(), n, n_x, n_x, 1);
  if (examples.order) {
    for (Index i = 0; i < n; ++i) copy.row(i) = matrix(X.data + examples.place(i) * X.row, 1, n_x, n_x, X.column);
  } else {
    copy = matrix(X.data, n, n_x, X.row, X.column);
  }
  return {n, work.X.data(), n_x};
}

// Targets (n_y, tile) and weights (tile), 0 behind the last example so that nothing there counts.
template <class Scalar>
void load_targets(const Layout<Scalar>& at, const Examples<Scalar>& examples, Index n, Workspace<Scalar>& work) {
  const Rows<Scalar>& Y = examples.Y;
  const Index n_y = at.shape.n_y, behind = round_up(n, width<Scalar>) - n;
  auto targets = matrix(work.Y.data(), n_y, n, tile_examples, 1);
  if (examples.order) {
    for (Index i = 0; i < n; ++i) targets.col(i) = matrix(Y.data + examples.place(i) * Y.row, n_y, 1, Y.column, 1);
  } else {
    targets = matrix(Y.data, n_y, n, Y.column, Y.row);
  }
  for (Index i = 0; i < n; ++i) work.weights[i] = examples.weights ? examples.weights[examples.place(i)] : Scalar(1);
  std::fill_n(work.weights.data() + n, behind, Scalar(0));
  matrix(work.Y.data() + n, n_y, behind, tile_examples, 1).setZero();
}

// Calls f(first unit, number of vectors) for blocks of units as even as possible.
template <class Scalar, class F>
void for_each_block(Index units, F&& f) {
  const Index vectors = units / width<Scalar>, n_blocks = (vectors + max_vectors - 1) / max_vectors;
  for (Index b = 0; b < n_blocks; ++b) {
    const Index begin = chunk_begin(vectors, n_blocks, b), end = chunk_begin(vectors, n_blocks, b + 1);
    f(begin * width<Scalar>, static_cast<int>(end - begin));
  }
}

// A1 = g1(Z1 + b1) in place, for a block of units `vectors` wide; Z1 with its bias also goes to `Z1`, if that is given.
template <class Scalar, class Activation>
void activate_block(Scalar* A, Index lda, Index n, int vectors, const Scalar* b1, Scalar c, Scalar* Z1) {
  const Vector<Scalar> slope = broadcast(c);
  for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>) {
    const Vector<Scalar> bias = load(b1 + v);
    for (Index i = 0; i < n; ++i) {
      const Vector<Scalar> z = load(A + i * lda + v) + bias;
      if (Z1) store(Z1 + i * lda + v, z);
      store(A + i * lda + v, Activation::value(z, slope));
    }
  }
}

// dZ1 = dA1 * g1'(A1) in place, for a block of units.
template <class Scalar, class Activation>
void slope_block(Scalar* D, const Scalar* A, Index lda, Index n, int vectors, Scalar c) {
  const Vector<Scalar> slope = broadcast(c);
  for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>)
    for (Index i = 0; i < n; ++i) {
      Scalar* d = D + i * lda + v;
      store(d, load(d) * Activation::slope(load(A + i * lda + v), slope));
    }
}

// A2 in place of Z2.
template <class Scalar, class Loss>
void outputs(Workspace<Scalar>& work, Index n, Index n_y) {
  for (Index i = 0; i < n; i += width<Scalar>) Loss::output(work.Z2.data() + i, n_y, tile_examples);
}

// dZ2 = s (A2 - Y) in place of Z2; returns sum of s L (0 unless wanted), in double so that many tiles lose nothing.
template <class Scalar, class Loss>
double deltas(Workspace<Scalar>& work, Index n, Index n_y, bool want_loss) {
  using V = Vector<Scalar>;
  double total = 0;
  for (Index i = 0; i < n; i += width<Scalar>) {
    Scalar* z = work.Z2.data() + i;
    const Scalar* y = work.Y.data() + i;
    const V s = load(work.weights.data() + i);
    if (want_loss) {
      const V loss = Loss::output_and_loss(z, y, n_y, tile_examples);
      total += static_cast<double>(sum(s == Scalar(0) ? V{} : s * loss));
    } else {
      Loss::output(z, n_y, tile_examples);
    }
    for (Index k = 0; k < n_y; ++k) {
      const V error = load(z + k * tile_examples) - load(y + k * tile_examples);
      store(z + k * tile_examples, s == Scalar(0) ? V{} : s * error);
    }
  }
  return total;
}

// A network's shape with its activation and loss.
template <class Scalar>
struct Network {
  Layout<Scalar> at;
  Scalar negative_slope;
  decltype(&activate_block<Scalar, Identity>) activate;
  decltype(&slope_block<Scalar, Identity>) slope;
  decltype(&outputs<Scalar, IdentitySquaredError>) output;
  decltype(&deltas<Scalar, IdentitySquaredError>) delta;

  // Without a hidden layer the activation's name is not looked at: the first layer's units are the logits.
  Network(const Shape& shape, const std::string& hidden, const std::string& output_name, double c)
      : at(shape), negative_slope(static_cast<Scalar>(c)) {
    with_named(Activations{}, shape.has_hidden() ? hidden : Identity::name, [&](auto type) {
      activate = &activate_block<Scalar, typename decltype(type)::type>;
      slope = &slope_block<Scalar, typename decltype(type)::type>;
    });
    with_named(Losses{}, output_name, [&](auto type) {
      output = &outputs<Scalar, typename decltype(type)::type>;
      delta = &deltas<Scalar, typename decltype(type)::type>;
    });
  }
};

// Z1 = W1 X + b1 (into work.dZ1, if wanted), A1 = g1(Z1) in work.A1, Z2 = W2 A1 + b2 in work.Z2.
template <class Scalar>
void forward(const Network<Scalar>& net, const Scalar* p, const Tile<Scalar>& tile, Workspace<Scalar>& work,
             bool want_Z1 = false) {
  const Layout<Scalar>& at = net.at;
  for_each_block<Scalar>(at.units, [&](Index u, int vectors) {
    Scalar* A = work.A1.data() + u;
    product<Scalar>(Into::store, vectors, A, at.units, tile.n, p + u, at.units, {tile.X, 1, tile.ldx}, at.shape.n_x);
    net.activate(A, at.units, tile.n, vectors, p + at.b1 + u, net.negative_slope,
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
    for (Scalar* z = Z2 + k * tile_examples; z < Z2 + k * tile_examples + tile.n; z += width<Scalar>)
      store(z, load(z) + bias);
  }
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

// dZ1 = (W2^T dZ2) * g1'(A1) in work.dZ1, for a block of units.
template <class Scalar>
void hidden_delta(const Network<Scalar>& net, const Scalar* p, const Tile<Scalar>& tile, Workspace<Scalar>& work, Index u,
                  int vectors) {
  const Layout<Scalar>& at = net.at;
  const Scalar* dZ2 = work.Z2.data();
  const Index n_y = at.shape.n_y;
  if (at.shape.has_hidden()) {
    Scalar* D = work.dZ1.data() + u;
    product<Scalar>(Into::store, vectors, D, at.units, tile.n, p + at.w2 + u, at.units, {dZ2, tile_examples, 1}, n_y);
    net.slope(D, work.A1.data() + u, at.units, tile.n, vectors, net.negative_slope);
    return;
  }
  const Index n = std::min(n_y - u, vectors * width<Scalar>);
  matrix(work.dZ1.data() + u, n, tile.n, 1, at.units) = matrix(dZ2 + u * tile_examples, n, tile.n, tile_examples, 1);
}

// From dZ2 in work.Z2: sums of the gradients over the tile, written to or added to g (in the layout of the parameters).
// No division by the number of examples and no penalty here: they come once, with the step.
template <class Scalar>
void backward(const Network<Scalar>& net, const Scalar* p, const Tile<Scalar>& tile, Workspace<Scalar>& work, Into into,
              Scalar* g) {
  const Layout<Scalar>& at = net.at;
  const Scalar* dZ2 = work.Z2.data();
  const Index n_y = at.shape.n_y;
  for_each_block<Scalar>(at.units, [&](Index u, int vectors) {
    if (at.shape.has_hidden())
      product<Scalar>(into, vectors, g + at.w2 + u, at.units, n_y, work.A1.data() + u, at.units,
                      {dZ2, 1, tile_examples}, tile.n);
    hidden_delta(net, p, tile, work, u, vectors);
    const Scalar* D = work.dZ1.data() + u;
    add_rows(into, g + at.b1 + u, D, at.units, tile.n, vectors);
    product<Scalar>(into, vectors, g + u, at.units, at.shape.n_x, D, at.units, {tile.X, tile.ldx, 1}, tile.n);
  });
  if (!at.shape.has_hidden()) return;
  for (Index k = 0; k < n_y; ++k) {
    Vector<Scalar> db2{};
    for (Index i = 0; i < tile.n; i += width<Scalar>) db2 += load(dZ2 + k * tile_examples + i);
    g[at.b2 + k] = (into == Into::store ? Scalar(0) : g[at.b2 + k]) + sum(db2);
    // Padded units have no weights, but sigmoid(0) is not 0, so their dW2 is taken out.
    for (Index u = at.first_units; u < at.units; ++u) g[at.w2 + k * at.units + u] = 0;
  }
}

// dX = W1^T dZ1 in work.dX (n_x, tile), from dZ2 in work.Z2.
template <class Scalar>
void input_delta(const Network<Scalar>& net, const Scalar* p, const Tile<Scalar>& tile, Workspace<Scalar>& work) {
  const Layout<Scalar>& at = net.at;
  for_each_block<Scalar>(at.units, [&](Index u, int vectors) { hidden_delta(net, p, tile, work, u, vectors); });
  dot_products(work.dX.data(), tile_examples, work.dZ1.data(), at.units, tile.n, p, at.units, at.shape.n_x, at.units);
}

}  // namespace shallownet
