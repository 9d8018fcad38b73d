// The output units, each fused with its loss and computed from the logit. A unit works on a column of `width`
// examples at once: logit k of the examples stands at z[k * ldz], target k at y[k * ldy]. `output` turns the
// logits into outputs in place; `output_and_loss` also returns each example's loss. For every smooth one the derivative
// of the loss by the logit (`delta`) is output - target, so its second derivatives are those of the outputs by the logits,
// a matrix that `times_slope` multiplies a vector v with, from the outputs a. `level` is the quantile, which only that
// loss uses. To add one: its struct, the list at the end, its rows in reference/.
#pragma once

#include "registry/registry.hpp"
#include "simd/vector_math.hpp"

namespace shallownet {

// A loss whose derivative by the output is cancelled by the output's slope but for output - target.
struct Canonical {
  static constexpr bool is_smooth = true;
  template <class V>
  static V delta(V a, V y, V) {
    return a - y;
  }
};

// A unit whose outputs do not depend on each other: `value(z)`, `value_and_loss(z, y, level, loss&)` and `slope(a)`.
template <class Unit>
struct Elementwise : Canonical {
  template <class Scalar>
  static void output(Scalar* z, Index n_y, Index ldz) {
    for (Index k = 0; k < n_y; ++k) store(z + k * ldz, Unit::value(load(z + k * ldz)));
  }
  template <class Scalar>
  static Vector<Scalar> output_and_loss(Scalar* z, Index ldz, const Scalar* y, Index ldy, Index n_y,
                                        Vector<Scalar> level) {
    Vector<Scalar> loss{};
    for (Index k = 0; k < n_y; ++k)
      store(z + k * ldz, Unit::value_and_loss(load(z + k * ldz), load(y + k * ldy), level, loss));
    return loss;
  }
  template <class Scalar>
  static void times_slope(const Scalar* a, Scalar* v, Index lead, Index n_y) {
    for (Index k = 0; k < n_y; ++k) store(v + k * lead, load(v + k * lead) * Unit::slope(load(a + k * lead)));
  }
};

// e^z with Poisson loss e^z - y z, for counts y >= 0.
struct ExpPoisson : Elementwise<ExpPoisson> {
  static constexpr const char* name = "exp";
  template <class V>
  static V value(V z) {
    return exp(z);
  }
  template <class V>
  static V slope(V a) {
    return a;
  }
  template <class V>
  static V value_and_loss(V z, V y, V, V& loss) {
    const V a = exp(z);
    loss += a - y * z;
    return a;
  }
};

// z with half the squared error.
struct IdentitySquaredError : Elementwise<IdentitySquaredError> {
  static constexpr const char* name = "identity";
  template <class V>
  static V value(V z) {
    return z;
  }
  template <class V>
  static V slope(V) {
    return broadcast(ScalarOf<V>(1));
  }
  template <class V>
  static V value_and_loss(V z, V y, V, V& loss) {
    loss += ScalarOf<V>(0.5) * (z - y) * (z - y);
    return z;
  }
};

// z with the loss whose mean is least at a quantile of the targets: level (y - z) where z is below y, (1 - level) (z - y)
// elsewhere; at the kink the derivative is taken as that above it.
struct IdentityPinball : Elementwise<IdentityPinball> {
  static constexpr const char* name = "quantile";
  static constexpr bool is_smooth = false;
  template <class V>
  static V value(V z) {
    return z;
  }
  template <class V>
  static V slope(V) {
    return broadcast(ScalarOf<V>(1));
  }
  template <class V>
  static V delta(V a, V y, V level) {
    const V above = ScalarOf<V>(1) - level;
    return a < y ? -level : a >= y ? above : a - y;  // NaN stays
  }
  template <class V>
  static V value_and_loss(V z, V y, V level, V& loss) {
    const V above = ScalarOf<V>(1) - level;
    loss += z < y ? level * (y - z) : above * (z - y);
    return z;
  }
};

// sigmoid(z) with binary cross-entropy max(z, 0) - y z + log1p(e^-|z|).
struct SigmoidCrossEntropy : Elementwise<SigmoidCrossEntropy> {
  static constexpr const char* name = "sigmoid";
  template <class V>
  static V value(V z) {
    return sigmoid(z);
  }
  template <class V>
  static V slope(V a) {
    return a * (ScalarOf<V>(1) - a);
  }
  template <class V>
  static V value_and_loss(V z, V y, V, V& loss) {
    const V e = exp_of_negative(-absolute(z));
    loss += (at_least(z, V{}) - y * z) + log1p_of_positive(e);
    return sigmoid(z, e);
  }
};

// softmax over the column with cross-entropy log(sum e^z) - sum y z.
struct SoftmaxCrossEntropy : Canonical {
  static constexpr const char* name = "softmax";

  template <class Scalar>
  static void output(Scalar* z, Index n_y, Index ldz) {
    exponentials(z, n_y, ldz, largest(z, n_y, ldz));
  }

  template <class Scalar>
  static Vector<Scalar> output_and_loss(Scalar* z, Index ldz, const Scalar* y, Index ldy, Index n_y, Vector<Scalar>) {
    using V = Vector<Scalar>;
    const V top = largest(z, n_y, ldz);
    V fit{};  // sum y (z - top); a target of 0 counts nothing, however far the logit
    for (Index k = 0; k < n_y; ++k) {
      const V target = load(y + k * ldy);
      fit += target == Scalar(0) ? V{} : target * (load(z + k * ldz) - top);
    }
    return log1p_of_positive(exponentials(z, n_y, ldz, top)) - fit;
  }

  // v becomes a * (v - sum a v).
  template <class Scalar>
  static void times_slope(const Scalar* a, Scalar* v, Index lead, Index n_y) {
    using V = Vector<Scalar>;
    V mean{};
    for (Index k = 0; k < n_y; ++k) mean = fma(load(a + k * lead), load(v + k * lead), mean);
    for (Index k = 0; k < n_y; ++k) store(v + k * lead, load(a + k * lead) * (load(v + k * lead) - mean));
  }

 private:
  template <class Scalar>
  static Vector<Scalar> largest(const Scalar* z, Index n_y, Index ldz) {
    Vector<Scalar> top = load(z);
    for (Index k = 1; k < n_y; ++k) top = at_least(top, load(z + k * ldz));
    return top;
  }

  // z becomes softmax(z); returns sum e^(z - top) without the largest term (which is 1), so that log1p of it keeps
  // the digits of a small loss.
  template <class Scalar>
  static Vector<Scalar> exponentials(Scalar* z, Index n_y, Index ldz, Vector<Scalar> top) {
    using V = Vector<Scalar>;
    const V one = broadcast(Scalar(1));
    V rest{}, found{};
    for (Index k = 0; k < n_y; ++k) {
      const V e = exp_of_negative(load(z + k * ldz) - top);
      store(z + k * ldz, e);
      const V left_out = e == one ? one - found : V{};  // 1 for the first of the largest terms
      rest += e - left_out;
      found += left_out;
    }
    for (Index k = 0; k < n_y; ++k) store(z + k * ldz, load(z + k * ldz) / (one + rest));
    return rest;
  }
};

using Losses = TypeList<ExpPoisson, IdentitySquaredError, IdentityPinball, SigmoidCrossEntropy, SoftmaxCrossEntropy>;

}  // namespace shallownet
