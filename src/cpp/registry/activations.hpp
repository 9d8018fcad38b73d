// The hidden units' activations: each has a name, its value a = g(z), and its slope g'(z) and curvature g''(z) written from
// the output a; and whether it has no kink, so that the curvature is all there is.
// `c` is the negative slope, which only leaky_relu uses. To add one: its struct, its place in the list at the end,
// and its rows in reference/.
#pragma once

#include "registry/registry.hpp"
#include "simd/vector_math.hpp"

namespace shallownet {

struct Identity {
  static constexpr const char* name = "identity";
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

using Activations = TypeList<Identity, LeakyRelu, Relu, Sigmoid, Tanh>;

}  // namespace shallownet
