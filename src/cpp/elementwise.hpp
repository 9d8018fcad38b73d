// Activations and vector functions on whole arrays of any shape. Includes arrays.
#pragma once

#include <string>
#include <vector>

#include "arrays.hpp"

namespace shallownet {

// f on every element, whole vectors first; the last, padded one gives the same values.
template <class Scalar, class F>
py::array map(const py::array& z, F&& f) {
  if (!(z.flags() & py::array::c_style)) throw py::value_error("the array is not C-contiguous");
  const Scalar* in = checked<Scalar>(z, "the array", z.ndim());
  py::array_t<Scalar> result(std::vector<py::ssize_t>(z.shape(), z.shape() + z.ndim()));
  Scalar* out = result.mutable_data();
  const Index n = z.size(), w = width<Scalar>;
  Index i = 0;
  for (; i + w <= n; i += w) store(out + i, f(load(in + i)));
  if (i < n) {
    const Vector<Scalar> last = f(load_first(in + i, n - i));
    std::memcpy(out + i, &last, static_cast<std::size_t>(n - i) * sizeof(Scalar));
  }
  return result;
}

inline py::array activate(const py::array& z, const std::string& name, double negative_slope, bool slope) {
  return with_scalar(z, [&](auto scalar) {
    using Scalar = typename decltype(scalar)::type;
    const auto c = broadcast(Scalar(negative_slope));
    py::array result;
    with_named(Activations{}, name, [&](auto type) {
      using Activation = typename decltype(type)::type;
      result = slope ? map<Scalar>(z, [&](auto a) { return Activation::slope(a, c); })
                     : map<Scalar>(z, [&](auto v) { return Activation::value(v, c); });
    });
    return result;
  });
}

inline py::array vector_function(const py::array& z, const std::string& name) {
  return with_scalar(z, [&](auto scalar) -> py::array {
    using Scalar = typename decltype(scalar)::type;
    if (name == "exp") return map<Scalar>(z, [](auto v) { return exp(v); });
    if (name == "expm1") return map<Scalar>(z, [](auto v) { return expm1(v); });
    if (name == "log") return map<Scalar>(z, [](auto v) { return log(v); });
    if (name == "log1p") return map<Scalar>(z, [](auto v) { return log1p(v); });
    if (name == "tanh") return map<Scalar>(z, [](auto v) { return tanh(v); });
    if (name == "sigmoid") return map<Scalar>(z, [](auto v) { return sigmoid(v); });
    if (name == "softplus") return map<Scalar>(z, [](auto v) { return softplus(v); });
    throw py::value_error("unknown function '" + name + "'");
  });
}

}  // namespace shallownet
