// The hidden units' activations: each has a name, its value a = g(z), and its slope g'(z) and curvature g''(z) written from
// the output a, or, where two z may have the same a, from the input z (`of_input`: tiles then keep Z1); and whether it
// has no kink, so that the curvature is all there is. `c` is the negative slope, which only leaky_relu uses. To add
// one: its struct, its place in the list at the end, and its rows in reference/.
#pragma once

#include "registry/registry.hpp"
#include "simd/vector_math.hpp"

namespace shallownet {

struct Identity {
  static constexpr const char* name = "identity";
  static constexpr bool of_input = false;
  static constexpr bool is_smooth = true;
  template <class V>
  static V value(V z, V) {
    return z;
  }
  template <class V>
  static V slope(V, V) {
    return broadcast(ScalarOf<V>(1));
  }
  template <class V>
  static V curvature(V, V) {
    return V{};
  }
};

struct LeakyRelu {
  static constexpr const char* name = "leaky_relu";
  static constexpr bool of_input = false;
  static constexpr bool is_smooth = false;
  template <class V>
  static V value(V z, V c) {
    return z > ScalarOf<V>(0) ? z : c * z;
  }
  template <class V>
  static V slope(V a, V c) {
    return a > ScalarOf<V>(0) ? broadcast(ScalarOf<V>(1)) : c;
  }
  template <class V>
  static V curvature(V, V) {
    return V{};
  }
};

struct Relu {
  static constexpr const char* name = "relu";
  static constexpr bool of_input = false;
  static constexpr bool is_smooth = false;
  template <class V>
  static V value(V z, V) {
    return at_least(z, V{});
  }
  template <class V>
  static V slope(V a, V) {
    return a > ScalarOf<V>(0) ? broadcast(ScalarOf<V>(1)) : V{};
  }
  template <class V>
  static V curvature(V, V) {
    return V{};
  }
};

struct Sigmoid {
  static constexpr const char* name = "sigmoid";
  static constexpr bool of_input = false;
  static constexpr bool is_smooth = true;
  template <class V>
  static V value(V z, V) {
    return sigmoid(z);
  }
  template <class V>
  static V slope(V a, V) {
    return a * (ScalarOf<V>(1) - a);
  }
  template <class V>
  static V curvature(V a, V) {
    return a * (ScalarOf<V>(1) - a) * (ScalarOf<V>(1) - ScalarOf<V>(2) * a);
  }
};

struct Tanh {
  static constexpr const char* name = "tanh";
  static constexpr bool of_input = false;
  static constexpr bool is_smooth = true;
  template <class V>
  static V value(V z, V) {
    return tanh(z);
  }
  template <class V>
  static V slope(V a, V) {
    return fma(-a, a, broadcast(ScalarOf<V>(1)));
  }
  template <class V>
  static V curvature(V a, V) {
    return ScalarOf<V>(-2) * a * fma(-a, a, broadcast(ScalarOf<V>(1)));
  }
};

// z tanh(softplus(z)): it falls before it rises.
struct Mish {
  static constexpr const char* name = "mish";
  static constexpr bool of_input = true;
  static constexpr bool is_smooth = true;
  // With e = e^z and n = e (e + 2): tanh(softplus(z)) = n / (n + 2), and g'(z) = n / (n + 2) + 4 z e (1 + e) / (n + 2)^2.
  template <class V>
  static V value_and_slope(V z, V& slope) {
    using Scalar = ScalarOf<V>;
    const Terms<V> at(z);
    const V t = at.n * at.r;
    slope = fma(Scalar(4) * at.ze * (Scalar(1) + at.e), at.r * at.r, t);
    return z < Scalar(-40) ? at.ze : z * t;  // there t is e to the last bit, but may be too small for all of its digits
  }
  template <class V>
  static V value(V z, V) {
    V unused;
    return value_and_slope(z, unused);
  }
  template <class V>
  static V slope(V z, V) {
    V slope;
    value_and_slope(z, slope);
    return slope;
  }
  // 4 e / (n + 2)^2 (2 (1 + e) + z (2 + 2 e - 3 e^2 - 2 e^3) / (n + 2)).
  template <class V>
  static V curvature(V z, V) {
    using Scalar = ScalarOf<V>;
    const Terms<V> at(z);
    const V e = at.e, cubic = fma(fma(fma(Scalar(-2) * e, e, Scalar(-3) * e), e, e + e), broadcast(Scalar(1)),
                                  broadcast(Scalar(2)));
    return Scalar(4) * e * (at.r * at.r) * fma(at.low * at.r, cubic, Scalar(2) + (e + e));
  }

 private:
  template <class V>
  struct Terms {
    V low, e, ze, n, r;  // z, e^z, z e^z, n, 1 / (n + 2)
    explicit Terms(V z) {
      using Scalar = ScalarOf<V>;
      // Above 21 value and slope are z and 1 to the last bit; below the other end z e^z is -0.
      low = at_least(at_most(z, broadcast(Scalar(21))), broadcast(-MathConstants<Scalar>::product_high));
      e = exp_and_product(low, ze);
      n = fma(e, e, e + e);
      r = Scalar(1) / (n + Scalar(2));
    }
  };
};

// z sigmoid(z), which falls before it rises, too.
struct Silu {
  static constexpr const char* name = "silu";
  static constexpr bool of_input = true;
  static constexpr bool is_smooth = true;
  // With e = e^-|z|, s = sigmoid(z) and s (1 - s) = e / (1 + e)^2: g'(z) = s + z s (1 - s).
  template <class V>
  static V value_and_slope(V z, V& slope) {
    using Scalar = ScalarOf<V>;
    const Terms<V> at(z);
    const V s = z < Scalar(0) ? at.e * at.r : at.r;
    slope = fma(with_sign_of(at.me, z) * at.r, at.r, s);
    return (z < Scalar(0) ? at.me : z) * at.r;
  }
  template <class V>
  static V value(V z, V) {
    V unused;
    return value_and_slope(z, unused);
  }
  template <class V>
  static V slope(V z, V) {
    V slope;
    value_and_slope(z, slope);
    return slope;
  }
  // s (1 - s) (2 + z (1 - 2 s)), and z (1 - 2 s) = -|z| (1 - e) / (1 + e).
  template <class V>
  static V curvature(V z, V) {
    using Scalar = ScalarOf<V>;
    const Terms<V> at(z);
    return at.e * (at.r * at.r) * fma(-at.m * at.r, Scalar(1) - at.e, broadcast(Scalar(2)));
  }

 private:
  template <class V>
  struct Terms {
    V m, e, me, r;  // |z|, e^-|z|, -|z| e^-|z|, 1 / (1 + e)
    explicit Terms(V z) {
      using Scalar = ScalarOf<V>;
      m = at_most(absolute(z), broadcast(MathConstants<Scalar>::product_high));  // from there on me is -0
      e = exp_and_product(-m, me);
      r = Scalar(1) / (Scalar(1) + e);
    }
  };
};

using Activations = TypeList<Identity, LeakyRelu, Mish, Relu, Sigmoid, Silu, Tanh>;

}  // namespace shallownet
