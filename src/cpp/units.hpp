// What depends on the activation or the loss: four short loops over a tile, chosen once by name. The products around them
// depend on the scalar alone, so nothing is compiled for every pair of names. Includes activations, losses.
#pragma once

#include <string>

#include "activations.hpp"
#include "losses.hpp"

namespace shallownet {

// A1 = g1(Z1 + b1) in place, for n rows of a block `vectors` wide; Z1 with its bias also goes to `Z1`, if that is given.
// The units, and so the biases, run along the rows' lanes (wide networks) or from row to row (narrow ones).
template <class Scalar, class Activation, bool units_in_lanes>
void activate_block(Scalar* A, Index lda, Index n, int vectors, const Scalar* b1, Scalar c, Scalar* Z1) {
  const Vector<Scalar> slope = broadcast(c);
  for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>) {
    Vector<Scalar> bias = units_in_lanes ? load(b1 + v) : Vector<Scalar>{};
    for (Index i = 0; i < n; ++i) {
      if constexpr (!units_in_lanes) bias = broadcast(b1[i]);
      const Vector<Scalar> z = load(A + i * lda + v) + bias;
      if (Z1) store(Z1 + i * lda + v, z);
      store(A + i * lda + v, Activation::value(z, slope));
    }
  }
}

// dZ1 = dA1 * g1'(A1) in place, for n rows of a block `vectors` wide.
template <class Scalar, class Activation>
void slope_block(Scalar* D, const Scalar* A, Index lda, Index n, int vectors, Scalar c) {
  const Vector<Scalar> slope = broadcast(c);
  for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>)
    for (Index i = 0; i < n; ++i) {
      Scalar* d = D + i * lda + v;
      store(d, load(d) * Activation::slope(load(A + i * lda + v), slope));
    }
}

// Adds b[k] to row k of a block `vectors` wide.
template <class Scalar>
void add_bias(Scalar* Z, Index ldz, Index n, int vectors, const Scalar* b) {
  for (Index k = 0; k < n; ++k)
    for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>)
      store(Z + k * ldz + v, load(Z + k * ldz + v) + broadcast(b[k]));
}

// A2 in place of Z2 (n_y, n), with `lead` numbers from row to row.
template <class Scalar, class Loss>
void outputs(Scalar* Z2, Index lead, Index n_y, Index n) {
  for (Index i = 0; i < n; i += width<Scalar>) Loss::output(Z2 + i, n_y, lead);
}

// dZ2 = s (A2 - Y) in place of Z2; returns sum of s L (0 unless wanted), in double so that many tiles lose nothing.
template <class Scalar, class Loss>
double deltas(Scalar* Z2, Index lead, Index n_y, Index n, const Scalar* Y, Index ldy, const Scalar* weights,
              bool want_loss) {
  using V = Vector<Scalar>;
  V total{};
  for (Index i = 0; i < n; i += width<Scalar>) {
    const V s = load(weights + i);
    if (want_loss) {
      const V loss = Loss::output_and_loss(Z2 + i, lead, Y + i, ldy, n_y);
      total += s == Scalar(0) ? V{} : s * loss;
    } else {
      Loss::output(Z2 + i, n_y, lead);
    }
    for (Index k = 0; k < n_y; ++k) {
      Scalar* z = Z2 + k * lead + i;
      store(z, s == Scalar(0) ? V{} : s * (load(z) - load(Y + k * ldy + i)));
    }
  }
  return static_cast<double>(sum<Scalar>(total));
}

// The units of a network: activation and loss.
template <class Scalar>
struct Units {
  Scalar negative_slope;
  decltype(&activate_block<Scalar, Identity, true>) activate, activate_rows;
  decltype(&slope_block<Scalar, Identity>) slope;
  decltype(&outputs<Scalar, IdentitySquaredError>) output;
  decltype(&deltas<Scalar, IdentitySquaredError>) delta;

  Units(const std::string& hidden, const std::string& output_name, double c) : negative_slope(static_cast<Scalar>(c)) {
    with_named(Activations{}, hidden, [&](auto type) {
      using Activation = typename decltype(type)::type;
      activate = &activate_block<Scalar, Activation, true>;
      activate_rows = &activate_block<Scalar, Activation, false>;
      slope = &slope_block<Scalar, Activation>;
    });
    with_named(Losses{}, output_name, [&](auto type) {
      using Loss = typename decltype(type)::type;
      output = &outputs<Scalar, Loss>;
      delta = &deltas<Scalar, Loss>;
    });
  }
};

}  // namespace shallownet
