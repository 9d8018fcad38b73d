// Activations and vector functions on whole arrays of any shape.
#pragma once

#include <string>
#include <vector>

#include "bindings/calls.hpp"

namespace shallownet {

using namespace py::literals;

// f on every element, whole vectors first; the last, padded one gives the same values.
template <class Scalar, class F>
py::array map(const py::array& z, F&& f) {
  if (!(z.flags() & py::array::c_style)) throw py::value_error("the array is not C-contiguous");
  const Scalar* in = checked<Scalar>(z, "the array", z.ndim());
  py::array_t<Scalar> result(std::vector<py::ssize_t>(z.shape(), z.shape() + z.ndim()));
  Scalar* out = result.mutable_data();
  Signals signals;
  for_each_block_of(0, z.size(), {&signals.watch}, [&](Index i, Index end) {
    constexpr Index w = width<Scalar>;
    for (; i + w <= end; i += w) store(out + i, f(load(in + i)));
    if (i == end) return;
    const Vector<Scalar> last = f(load_first(in + i, end - i));
    std::memcpy(out + i, &last, static_cast<std::size_t>(end - i) * sizeof(Scalar));
  });
  signals.rethrow();
  return result;
}

inline py::array activate(const py::array& z, const std::string& name, double negative_slope, bool slope) {
  return with_scalar(z, [&](auto scalar) {
    using Scalar = typename decltype(scalar)::type;
    const auto c = broadcast(Scalar(negative_slope));
    py::array result;
    with_named(Activations{}, name, [&](auto type) {
      using Activation = typename decltype(type)::type;
      result = slope ? map<Scalar>(z, [&](auto from) { return Activation::slope(from, c); })
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
    if (name == "mish") return map<Scalar>(z, [](auto v) { return Mish::value(v, v); });
    if (name == "silu") return map<Scalar>(z, [](auto v) { return Silu::value(v, v); });
    throw py::value_error("unknown function '" + name + "'");
  });
}

inline bool all_finite(const py::array& a) {
  return with_scalar(a, [&](auto scalar) {
    using Scalar = typename decltype(scalar)::type;
    const bool is_dense = (a.flags() & (py::array::c_style | py::array::f_style)) != 0;
    const py::array c = is_dense ? a : py::array_t<Scalar, py::array::c_style>::ensure(a);
    if (!c) throw std::bad_alloc();  // no room for the copy
    Signals signals;
    const bool finite = is_finite(static_cast<const Scalar*>(c.data()), c.size(), {&signals.watch});
    signals.rethrow();
    return finite;
  });
}

inline void bind_elementwise(py::module_& m) {
  m.def("all_finite", &all_finite, "a"_a, "Whether no element is NaN or infinite.");
  m.def(
      "activate", [](const py::array& z, const std::string& name, double c) { return activate(z, name, c, false); },
      "z"_a, "name"_a, "negative_slope"_a, "The activation g(z), elementwise.");
  m.def(
      "slope", [](const py::array& from, const std::string& name, double c) { return activate(from, name, c, true); },
      "from_"_a, "name"_a, "negative_slope"_a,
      "The slope g'(z) from a = g(z), or from z for those of slopes_of_input, elementwise.");
  m.def("math", &vector_function, "z"_a, "name"_a, "One of the vector functions, elementwise.");
}

}  // namespace shallownet
