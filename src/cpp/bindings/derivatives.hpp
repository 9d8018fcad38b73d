// The functions of the core that derive beyond the gradient: each returns one new array, in the user's order of the parameters.
#pragma once

#include <string>
#include <vector>

#include "bindings/calls.hpp"
#include "sums/example_derivatives.hpp"
#include "sums/hessian.hpp"
#include "sums/hessian_product.hpp"

namespace shallownet {

using namespace py::literals;

// Calls compute(net, theta, examples, m, watch, result) with a new array of that shape, whose sizes are asked of
// sizes(network's shape, m), without the GIL.
template <class Sizes, class Compute, class... Targets>
py::object new_array(const NetworkArguments& network, const py::object& x, const Sizes& sizes, const Compute& compute,
                     const Targets&... targets) {
  const auto run = [&](auto scalar, const auto& packed, const auto& arrays, Signals& signals) -> py::object {
    using Scalar = typename decltype(scalar)::type;
    const Network<Scalar>& net = packed.net;
    Buffer<Scalar> theta(net.at.shape.n_parameters());
    py::array_t<Scalar> result(sizes(net.at.shape, arrays.m));
    Scalar* to = result.mutable_data();
    signals.run([&] {
      net.at.unpack(packed.p.data(), theta.data(), net.at.lookout(&signals.watch));
      compute(net, theta.data(), arrays.examples, arrays.m, signals.watch, to);
    });
    signals.rethrow();
    return result;
  };
  return with_network(network, x, run, targets...);
}

using Sizes = std::vector<py::ssize_t>;

inline Sizes square(const Shape& shape, Index) { return {shape.n_parameters(), shape.n_parameters()}; }

inline py::object hessian(const py::array& theta, const py::tuple& shape, const py::object& x, const py::array& y,
                          const py::object& weights, const std::string& hidden, const std::string& output,
                          double negative_slope, double l2, Index n_threads, bool is_exact) {
  const auto compute = [&](const auto& net, const auto* p, const auto& examples, Index m, InterruptWatch& watch,
                           auto* to) { hessian_matrix(net, p, examples, m, l2, is_exact, n_threads, watch, to); };
  return new_array({theta, shape, hidden, output, negative_slope}, x, &square, compute, y, weights);
}

inline py::object hessian_vector_product(const py::array& theta, const py::tuple& shape, const py::object& x,
                                         const py::array& y, const py::object& weights, const std::string& hidden,
                                         const std::string& output, double negative_slope, double l2, Index n_threads,
                                         const py::array& vector) {
  const auto sizes = [](const Shape& s, Index) -> Sizes { return {s.n_parameters()}; };
  const auto compute = [&](const auto& net, const auto* p, const auto& examples, Index m, InterruptWatch& watch,
                           auto* to) {
    using Scalar = std::remove_pointer_t<decltype(to)>;
    hessian_product(net, p, static_cast<const Scalar*>(vector.data()), examples, m, l2, n_threads, watch, to);
  };
  with_scalar(theta, [&](auto scalar) { contiguous<typename decltype(scalar)::type>(vector, "vector", 1); });
  if (vector.size() != theta.size()) throw py::value_error("vector must be as long as theta");
  return new_array({theta, shape, hidden, output, negative_slope}, x, sizes, compute, y, weights);
}

// Multiplies vector after vector: follower(product) returns the one to follow, or None. Values are kept in up to so
// many bytes.
inline void hessian_products(const py::array& theta, const py::tuple& shape, const py::object& x, const py::array& y,
                             const py::object& weights, const std::string& hidden, const std::string& output,
                             double negative_slope, double l2, Index n_threads, Index most_kept,
                             const py::array& vector, const py::function& follower) {
  const auto run = [&](auto scalar, const auto& packed, const auto& arrays, Signals& signals) {
    using Scalar = typename decltype(scalar)::type;
    const Network<Scalar>& net = packed.net;
    Buffer<Scalar> parameters(net.at.shape.n_parameters());
    net.at.unpack(packed.p.data(), parameters.data(), net.at.lookout(&signals.watch));
    HessianProducts<Scalar> products(net, parameters.data(), arrays.examples, arrays.m, l2, n_threads, most_kept,
                                     signals.watch);
    signals.rethrow();
    for (py::object next = vector; !next.is_none();) {
      const auto v = py::cast<py::array>(next);
      const Scalar* from = contiguous<Scalar>(v, "vector", 1);
      if (v.size() != parameters.size()) throw py::value_error("vector must be as long as theta");
      py::array_t<Scalar> product(v.size());
      Scalar* to = product.mutable_data();
      signals.run([&] { products(from, to); });
      signals.rethrow();
      next = follower(product);
    }
  };
  with_network({theta, shape, hidden, output, negative_slope}, x, run, y, weights);
}

inline py::object gradients_of_examples(const py::array& theta, const py::tuple& shape, const py::object& x,
                                        const py::array& y, const std::string& hidden, const std::string& output,
                                        double negative_slope, Index n_threads, double quantile) {
  const auto sizes = [](const Shape& s, Index m) -> Sizes { return {m, s.n_parameters()}; };
  const auto compute = [&](const auto& net, const auto* p, const auto& examples, Index m, InterruptWatch& watch,
                           auto* to) { example_gradients(net, p, examples, m, n_threads, watch, to); };
  return new_array({theta, shape, hidden, output, negative_slope, quantile}, x, sizes, compute, y,
                   py::object(py::none()));
}

inline py::object jacobian_of(const py::array& theta, const py::tuple& shape, const py::object& x,
                              const std::string& hidden, const std::string& output, double negative_slope,
                              Index n_threads, bool by_inputs, bool of_logits) {
  const auto sizes = [&](const Shape& s, Index m) -> Sizes { return {m, s.n_y, by_inputs ? s.n_x : s.n_parameters()}; };
  const auto compute = [&](const auto& net, const auto* p, const auto& examples, Index m, InterruptWatch& watch,
                           auto* to) { jacobian(net, p, examples, m, {by_inputs, of_logits}, n_threads, watch, to); };
  return new_array({theta, shape, hidden, output, negative_slope}, x, sizes, compute);
}

inline void bind_derivatives(py::module_& m) {
  m.def("hessian", &hessian, "theta"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "hidden"_a, "output"_a,
        "negative_slope"_a, "l2"_a, "n_threads"_a, "is_exact"_a,
        "The Hessian (p, p) of the cost, or its Gauss-Newton matrix.");
  m.def("hessian_vector_product", &hessian_vector_product, "theta"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "hidden"_a,
        "output"_a, "negative_slope"_a, "l2"_a, "n_threads"_a, "vector"_a, "The Hessian times a vector (p,).");
  m.def("hessian_products", &hessian_products, "theta"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "hidden"_a, "output"_a,
        "negative_slope"_a, "l2"_a, "n_threads"_a, "most_kept"_a, "vector"_a, "follower"_a,
        "Multiplies vector after vector: follower(product) returns the next one, or None.");
  m.def("example_gradients", &gradients_of_examples, "theta"_a, "shape"_a, "x"_a, "y"_a, "hidden"_a, "output"_a,
        "negative_slope"_a, "n_threads"_a, "quantile"_a = 0.5, "The gradient (m, p) of each example's own loss.");
  m.def("jacobian", &jacobian_of, "theta"_a, "shape"_a, "x"_a, "hidden"_a, "output"_a, "negative_slope"_a,
        "n_threads"_a, "by_inputs"_a, "of_logits"_a,
        "The derivatives (m, n_y, p) or (m, n_y, n_x) of outputs or logits.");
}

}  // namespace shallownet
