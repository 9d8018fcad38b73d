// What depends on the activation or the loss: short loops over a tile, chosen once by name. The products around them
// depend on the scalar alone, so nothing is compiled for every pair of names.
#pragma once

#include <string>

#include "kernels/product.hpp"
#include "registry/activations.hpp"
#include "registry/losses.hpp"

namespace shallownet {

// A1 = g1(Z1 + b1) in place, for n rows of a block `vectors` wide; Z1 with its bias also goes to `Z1`, if that is given.
// The units, and so the biases, run along the rows' lanes (wide networks) or from row to row (narrow ones).
template <class Scalar, class Activation, bool units_in_lanes>
void activate_block(Scalar* A, Index lda, Index n, int vectors, const Scalar* b1, Scalar c, Scalar* Z1) {
  const Vector<Scalar> slope = broadcast(c);
  for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>) {
    Vector<Scalar> bias = units_in_lanes ? without_sign_of_zero(load(b1 + v)) : Vector<Scalar>{};
    for (Index i = 0; i < n; ++i) {
      if constexpr (!units_in_lanes) bias = without_sign_of_zero(broadcast(b1[i]));
      const Vector<Scalar> z = load(A + i * lda + v) + bias;
      if (Z1) store(Z1 + i * lda + v, z);
      store(A + i * lda + v, Activation::value(z, slope));
    }
  }
}

// dZ1 = dA1 * g1'(Z1) in place, for n rows of a block `vectors` wide; slopes are written from A1, or from Z1, given as `from`.
template <class Scalar, class Activation>
void slope_block(Scalar* D, const Scalar* from, Index lda, Index n, int vectors, Scalar c) {
  const Vector<Scalar> slope = broadcast(c);
  for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>)
    for (Index i = 0; i < n; ++i) {
      Scalar* d = D + i * lda + v;
      store(d, load(d) * Activation::slope(load(from + i * lda + v), slope));
    }
}

// g1'(Z1) alone.
template <class Scalar, class Activation>
void slopes_of_block(Scalar* to, const Scalar* from, Index lda, Index n, int vectors, Scalar c) {
  const Vector<Scalar> slope = broadcast(c);
  for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>)
    for (Index i = 0; i < n; ++i) store(to + i * lda + v, Activation::slope(load(from + i * lda + v), slope));
}

// D * g''(Z1) in place.
template <class Scalar, class Activation>
void curvature_block(Scalar* D, const Scalar* from, Index lda, Index n, int vectors, Scalar c) {
  const Vector<Scalar> slope = broadcast(c);
  for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>)
    for (Index i = 0; i < n; ++i) {
      Scalar* d = D + i * lda + v;
      store(d, load(d) * Activation::curvature(load(from + i * lda + v), slope));
    }
}

// As slope_block for one output, whose row of W2 and dZ2 (n) are given, and with it dW2 = sum of dZ2 A1, in one pass.
template <class Scalar, class Activation>
void one_output_block(Into into, Scalar* D, const Scalar* A, const Scalar* from, Index lda, Index n, int vectors,
                      Scalar c, const Scalar* W2, const Scalar* dZ2, Scalar* dW2) {
  const Vector<Scalar> slope = broadcast(c);
  for (Index v = 0; v < vectors * width<Scalar>; v += width<Scalar>) {
    const Vector<Scalar> w2 = load(W2 + v);
    Vector<Scalar> dw2{};
    for (Index i = 0; i < n; ++i) {
      const Vector<Scalar> dz2 = broadcast(dZ2[i]), a = load(A + i * lda + v);
      dw2 = fma(a, dz2, dw2);
      store(D + i * lda + v, w2 * dz2 * Activation::slope(Activation::of_input ? load(from + i * lda + v) : a, slope));
    }
    store(dW2 + v, into == Into::store ? dw2 : load(dW2 + v) + dw2);
  }
}

// Row h of A1 = g1(W1 X + b1) over a block of examples `vectors` wide, examples in the lanes: stored, and in the registers.
// Z1 is stored only where slopes are written from it.
// W1 (n_h, n_x) has its units side by side, ldw numbers from input to input.
template <class Scalar, class Activation, int vectors>
[[gnu::always_inline]] inline void activate_unit(Index h, Index n_x, const Scalar* X, Index ldx, const Scalar* W1,
                                                 Index ldw, const Scalar* b1, Vector<Scalar> slope, Scalar* A,
                                                 Scalar* Z, Index lda, Vector<Scalar> (&a)[vectors]) {
  using V = Vector<Scalar>;
  constexpr Index w = width<Scalar>;
  V z[vectors] = {};
  for (Index k = 0; k < n_x; ++k) {
    const V weight = broadcast(W1[k * ldw + h]);
    for (int v = 0; v < vectors; ++v) z[v] = fma(load(X + k * ldx + v * w), weight, z[v]);
  }
  const V bias = without_sign_of_zero(broadcast(b1[h]));
  for (int v = 0; v < vectors; ++v) {
    if constexpr (Activation::of_input) store(Z + h * lda + v * w, z[v] + bias);
    a[v] = Activation::value(z[v] + bias, slope);
    store(A + h * lda + v * w, a[v]);
  }
}

// All rows of A1.
template <class Scalar, class Activation, int vectors>
void narrow_activations(Index n_x, Index n_h, const Scalar* X, Index ldx, const Scalar* W1, Index ldw, const Scalar* b1,
                        Scalar c, Scalar* A, Scalar* Z, Index lda) {
  Vector<Scalar> a[vectors];
  for (Index h = 0; h < n_h; ++h)
    activate_unit<Scalar, Activation>(h, n_x, X, ldx, W1, ldw, b1, broadcast(c), A, Z, lda, a);
}

// dZ1 = (W2^T dZ2) * g1'(Z1) over such a block: D (n_h) and dZ2 (n_y) lie as A1. W2 has ldw numbers from output to output.
template <class Scalar, class Activation, int vectors>
void narrow_delta(Index n_h, Index n_y, const Scalar* W2, Index ldw, Scalar c, const Scalar* from, const Scalar* dZ2,
                  Index lead, Scalar* D) {
  using V = Vector<Scalar>;
  constexpr Index w = width<Scalar>;
  const V slope = broadcast(c);
  for (Index h = 0; h < n_h; ++h) {
    V d[vectors] = {};
    for (Index k = 0; k < n_y; ++k) {
      const V weight = broadcast(W2[k * ldw + h]);
      for (int v = 0; v < vectors; ++v) d[v] = fma(load(dZ2 + k * lead + v * w), weight, d[v]);
    }
    for (int v = 0; v < vectors; ++v) {
      const Index at = h * lead + v * w;
      store(D + at, d[v] * Activation::slope(load(from + at), slope));
    }
  }
}

// Forward of a narrow network with one output over such a block, without leaving the registers: Z2 = w2 A1 + b2, too.
template <class Scalar, class Activation, int vectors>
void narrow_forward(Index n_x, Index n_h, const Scalar* X, Index ldx, const Scalar* W1, Index ldw, const Scalar* b1,
                    const Scalar* w2, Scalar b2, Scalar c, Scalar* A, Scalar* Z, Index lda, Scalar* Z2) {
  using V = Vector<Scalar>;
  constexpr Index w = width<Scalar>;
  V a[vectors], z2[vectors] = {};
  for (Index h = 0; h < n_h; ++h) {
    activate_unit<Scalar, Activation>(h, n_x, X, ldx, W1, ldw, b1, broadcast(c), A, Z, lda, a);
    const V weight = broadcast(w2[h]);
    for (int v = 0; v < vectors; ++v) z2[v] = fma(a[v], weight, z2[v]);
  }
  for (int v = 0; v < vectors; ++v) store(Z2 + v * w, z2[v] + without_sign_of_zero(broadcast(b2)));
}

// Its backward from dZ2: each parameter's gradient as a vector of sums, one per lane, stored or added to `lanes`, in the
// order dW1[h][:], db1[h], dw2[h] for each unit h, and db2.
template <class Scalar, class Activation, int vectors>
void narrow_backward(Into into, Index n_x, Index n_h, const Scalar* X, Index ldx, const Scalar* w2, Scalar c,
                     const Scalar* A, const Scalar* from, Index lda, const Scalar* dZ2, Scalar* lanes) {
  using V = Vector<Scalar>;
  constexpr Index w = width<Scalar>;
  const V slope = broadcast(c);
  const auto add = [&](V total) {
    store(lanes, into == Into::store ? total : load(lanes) + total);
    lanes += w;
  };
  const auto sum_of = [](const V(&terms)[vectors]) {
    V total = terms[0];
    for (int v = 1; v < vectors; ++v) total += terms[v];
    return total;
  };
  V dz2[vectors];
  for (int v = 0; v < vectors; ++v) dz2[v] = load(dZ2 + v * w);
  for (Index h = 0; h < n_h; ++h) {
    const V weight = broadcast(w2[h]);
    V d[vectors], dw2{};
    for (int v = 0; v < vectors; ++v) {
      const V a = load(A + h * lda + v * w);
      d[v] = weight * dz2[v] * Activation::slope(Activation::of_input ? load(from + h * lda + v * w) : a, slope);
      dw2 = fma(a, dz2[v], dw2);
    }
    for (Index k = 0; k < n_x; ++k) {
      V dw1{};
      for (int v = 0; v < vectors; ++v) dw1 = fma(load(X + k * ldx + v * w), d[v], dw1);
      add(dw1);
    }
    add(sum_of(d));
    add(dw2);
  }
  add(sum_of(dz2));
}

// Calls f(begin, end) for pieces of n examples with n_y outputs each, in whole vectors, until it is to break off.
template <class Scalar, class F>
void for_each_piece(const Lookout& lookout, Index n, Index n_y, F&& f) {
  constexpr Index w = width<Scalar>;
  in_pieces(lookout, (n + w - 1) / w, static_cast<double>(work_per_number * w * n_y),
            [&](Index begin, Index end) { f(begin * w, end * w); });
}

// A2 in place of Z2 (n_y, n), with `lead` numbers from row to row.
template <class Scalar, class Loss>
void outputs(const Lookout& lookout, Scalar* Z2, Index lead, Index n_y, Index n) {
  for_each_piece<Scalar>(lookout, n, n_y, [&](Index begin, Index end) {
    for (Index i = begin; i < end; i += width<Scalar>) Loss::output(Z2 + i, n_y, lead);
  });
}

// The derivatives of the outputs A2 by the logits, a matrix per example, times V (n_y, n), in its place.
template <class Scalar, class Loss>
void times_output_slopes(const Lookout& lookout, const Scalar* A2, Scalar* V, Index lead, Index n_y, Index n) {
  for_each_piece<Scalar>(lookout, n, n_y, [&](Index begin, Index end) {
    for (Index i = begin; i < end; i += width<Scalar>) Loss::times_slope(A2 + i, V + i, lead, n_y);
  });
}

// dZ2 = s (A2 - Y), or another delta, in place of Z2 for examples begin <= i < end; returns `total` and their s L, if that is
// wanted.
template <class Scalar, class Loss>
Vector<Scalar> deltas_of(Vector<Scalar> total, Index begin, Index end, Scalar* Z2, Index lead, Index n_y,
                         const Scalar* Y, Index ldy, const Scalar* weights, bool want_loss, Scalar level) {
  using V = Vector<Scalar>;
  const V quantile = broadcast(level);
  for (Index i = begin; i < end; i += width<Scalar>) {
    const V s = load(weights + i);
    if (want_loss) {
      const V loss = Loss::output_and_loss(Z2 + i, lead, Y + i, ldy, n_y, quantile);
      total += s == Scalar(0) ? V{} : s * loss;
    } else {
      Loss::output(Z2 + i, n_y, lead);
    }
    for (Index k = 0; k < n_y; ++k) {
      Scalar* z = Z2 + k * lead + i;
      store(z, s == Scalar(0) ? V{} : s * Loss::delta(load(z), load(Y + k * ldy + i), quantile));
    }
  }
  return total;
}

// The same for all n; returns sum of s L (0 unless wanted), in double so that many tiles lose nothing.
template <class Scalar, class Loss>
double deltas(const Lookout& lookout, Scalar* Z2, Index lead, Index n_y, Index n, const Scalar* Y, Index ldy,
              const Scalar* weights, bool want_loss, Scalar level) {
  Vector<Scalar> total{};
  for_each_piece<Scalar>(lookout, n, n_y, [=, &total](Index begin, Index end) {
    total = deltas_of<Scalar, Loss>(total, begin, end, Z2, lead, n_y, Y, ldy, weights, want_loss, level);
  });
  return static_cast<double>(sum<Scalar>(total));
}

// The same without weights and loss, from the outputs A2: in place of Y.
template <class Scalar, class Loss>
void differences(const Lookout& lookout, const Scalar* A2, Scalar* Y, Index lead, Index n_y, Index n, Scalar level) {
  for_each_piece<Scalar>(lookout, n, n_y, [&](Index begin, Index end) {
    for (Index k = 0; k < n_y; ++k)
      for (Index i = k * lead + begin; i < k * lead + end; i += width<Scalar>)
        store(Y + i, Loss::delta(load(A2 + i), load(Y + i), broadcast(level)));
  });
}

// The units of a network: activation and loss.
template <class Scalar>
struct Units {
  Scalar negative_slope, level;
  bool of_input, is_smooth;  // the activation
  decltype(&activate_block<Scalar, Identity, true>) activate, activate_rows;
  decltype(&slope_block<Scalar, Identity>) slope, slopes, curvature;
  decltype(&one_output_block<Scalar, Identity>) one_output;
  decltype(&narrow_activations<Scalar, Identity, 1>) activations[max_vectors];  // for 1 .. max_vectors vectors
  decltype(&narrow_delta<Scalar, Identity, 1>) hidden_delta[max_vectors];
  decltype(&narrow_forward<Scalar, Identity, 1>) forward[max_vectors];
  decltype(&narrow_backward<Scalar, Identity, 1>) backward[max_vectors];
  decltype(&outputs<Scalar, IdentitySquaredError>) output;
  decltype(&times_output_slopes<Scalar, IdentitySquaredError>) times_output_slope;
  decltype(&deltas<Scalar, IdentitySquaredError>) delta;
  decltype(&differences<Scalar, IdentitySquaredError>) difference;

  Units(const std::string& hidden, const std::string& output_name, double c, double quantile)
      : negative_slope(static_cast<Scalar>(c)), level(static_cast<Scalar>(quantile)) {
    with_named(Activations{}, hidden, [&](auto type) {
      using Activation = typename decltype(type)::type;
      of_input = Activation::of_input;
      is_smooth = Activation::is_smooth;
      activate = &activate_block<Scalar, Activation, true>;
      activate_rows = &activate_block<Scalar, Activation, false>;
      slope = &slope_block<Scalar, Activation>;
      slopes = &slopes_of_block<Scalar, Activation>;
      curvature = &curvature_block<Scalar, Activation>;
      one_output = &one_output_block<Scalar, Activation>;
      set_narrow<Activation>(std::make_integer_sequence<int, max_vectors>{});
    });
    with_named(Losses{}, output_name, [&](auto type) {
      using Loss = typename decltype(type)::type;
      output = &outputs<Scalar, Loss>;
      times_output_slope = &times_output_slopes<Scalar, Loss>;
      delta = &deltas<Scalar, Loss>;
      difference = &differences<Scalar, Loss>;
    });
  }

 private:
  template <class Activation, int... i>
  void set_narrow(std::integer_sequence<int, i...>) {
    ((activations[i] = &narrow_activations<Scalar, Activation, i + 1>), ...);
    ((hidden_delta[i] = &narrow_delta<Scalar, Activation, i + 1>), ...);
    ((forward[i] = &narrow_forward<Scalar, Activation, i + 1>), ...);
    ((backward[i] = &narrow_backward<Scalar, Activation, i + 1>), ...);
  }
};

}  // namespace shallownet
