// The functions of the core on networks and examples: their stages, outputs, costs and gradients.
#pragma once

#include <atomic>
#include <string>

#include "bindings/calls.hpp"
#include "sums/gradient.hpp"

namespace shallownet {

using namespace py::literals;

// n_y rows of a tile, examples in the lanes, to rows of examples.
template <class Scalar>
void tile_to_rows(const Lookout& lookout, const Scalar* tile, Scalar* rows, Index n_y, Index n) {
  in_pieces(lookout, n_y, static_cast<double>(work_per_number * n), [&](Index begin, Index end) {
    copy(matrix(tile + begin * tile_examples, n, end - begin, 1, tile_examples),
         matrix(rows + begin, n, end - begin, n_y, 1));
  });
}

// Calls use(work, begin, n) with the outputs of each tile in work.Z2. If all must be finite, looks at the parameters, and at
// a tile of inputs just before it is computed, which also brings it into the cache in order; returns whether all are.
template <class Scalar, class Use>
bool for_each_output(const PackedNetwork<Scalar>& packed, const ExampleArrays<Scalar>& arrays, Index n_threads,
                     bool must_be_finite, Signals& signals, Use&& use) {
  if (must_be_finite && arrays.examples.sparse.numbers) throw py::value_error("sparse inputs are not looked at here");
  if (must_be_finite && !is_finite(packed.p.data(), packed.p.size(), packed.net.at.lookout(&signals.watch))) {
    signals.rethrow();
    return false;
  }
  std::atomic<bool> is_finite{true};
  const auto run = [&](const Tile<Scalar>& tile, Index begin, Workspace<Scalar>& work) {
    if (must_be_finite && !has_finite_inputs(packed.net.at, tile)) {
      is_finite = false;
      return;
    }
    forward(packed.net, packed.p.data(), tile, work);
    outputs(packed.net, tile.n, work);
    use(work, begin, tile.n);
  };
  signals.run(
      [&] { for_each_tile(packed.net, packed.p.data(), arrays.examples, arrays.m, n_threads, signals.watch, run); });
  signals.rethrow();
  return is_finite;
}

inline py::object predict(const py::array& theta, const py::tuple& shape, const py::object& x,
                          const std::string& hidden, const std::string& output, double negative_slope, Index n_threads,
                          bool must_be_finite) {
  const NetworkArguments network{theta, shape, hidden, output, negative_slope};
  const auto compute = [&](auto scalar, const auto& packed, const auto& arrays, Signals& signals) -> py::object {
    using Scalar = typename decltype(scalar)::type;
    const Index n_y = packed.net.at.shape.n_y;
    py::array_t<Scalar> A2({arrays.m, n_y});
    Scalar* a2 = A2.mutable_data();
    const auto copy = [&](const Workspace<Scalar>& work, Index begin, Index n) {
      tile_to_rows(work.lookout, work.Z2.data(), a2 + begin * n_y, n_y, n);
    };
    if (!for_each_output(packed, arrays, n_threads, must_be_finite, signals, copy)) return py::none();
    return A2;
  };
  return with_network(network, x, compute);
}

// Row k of the greatest of n_y outputs, for each of n examples of a tile; the first of equals, and NaN before all, as NumPy
// has it. Of a single output: whether it is above 1/2.
template <class Scalar>
void classify(const Scalar* A2, Index n_y, Index n, std::int64_t* classes) {
  for (Index i = 0; i < n; ++i) {
    const auto a = [&](Index k) { return A2[k * tile_examples + i]; };
    Index best = n_y == 1 && a(0) > Scalar(0.5) ? 1 : 0;
    for (Index k = 1; k < n_y && a(best) == a(best); ++k)
      if (!(a(k) <= a(best))) best = k;
    classes[i] = best;
  }
}

inline py::object classes_of(const py::array& theta, const py::tuple& shape, const py::object& x,
                             const std::string& hidden, const std::string& output, double negative_slope,
                             Index n_threads, bool must_be_finite) {
  const NetworkArguments network{theta, shape, hidden, output, negative_slope};
  const auto compute = [&](auto scalar, const auto& packed, const auto& arrays, Signals& signals) -> py::object {
    using Scalar = typename decltype(scalar)::type;
    py::array_t<std::int64_t> classes(arrays.m);
    std::int64_t* to = classes.mutable_data();
    const auto decide = [&](const Workspace<Scalar>& work, Index begin, Index n) {
      classify(work.Z2.data(), packed.net.at.shape.n_y, n, to + begin);
    };
    if (!for_each_output(packed, arrays, n_threads, must_be_finite, signals, decide)) return py::none();
    return classes;
  };
  return with_network(network, x, compute);
}

inline py::tuple forward_stages(const py::array& theta, const py::tuple& shape, const py::object& x,
                                const std::string& hidden, const std::string& output, double negative_slope,
                                Index n_threads) {
  const NetworkArguments network{theta, shape, hidden, output, negative_slope};
  const auto compute = [&](auto scalar, const auto& packed, const auto& arrays, Signals& signals) -> py::tuple {
    using Scalar = typename decltype(scalar)::type;
    const Layout<Scalar>& at = packed.net.at;
    const Index m = arrays.m, n_h = at.shape.n_h, n_y = at.shape.n_y;
    py::array_t<Scalar> Z1({m, n_h}), A1({m, n_h}), Z2({m, n_y}), A2({m, n_y});
    Scalar *z1 = Z1.mutable_data(), *a1 = A1.mutable_data(), *z2 = Z2.mutable_data(), *a2 = A2.mutable_data();
    const auto run = [&](const Tile<Scalar>& tile, Index begin, Workspace<Scalar>& work) {
      forward(packed.net, packed.p.data(), tile, work, true);
      if (at.shape.has_hidden()) {
        copy_to_rows(work.lookout, at, work.place_of_Z1(true), tile.n, z1 + begin * n_h);
        copy_to_rows(work.lookout, at, work.A1.data(), tile.n, a1 + begin * n_h);
      }
      tile_to_rows(work.lookout, work.Z2.data(), z2 + begin * n_y, n_y, tile.n);
      outputs(packed.net, tile.n, work);
      tile_to_rows(work.lookout, work.Z2.data(), a2 + begin * n_y, n_y, tile.n);
    };
    signals.run([&] { for_each_tile(packed.net, packed.p.data(), arrays.examples, m, n_threads, signals.watch, run); });
    signals.rethrow();
    if (!at.shape.has_hidden()) return py::make_tuple(py::none(), py::none(), Z2, A2);
    return py::make_tuple(Z1, A1, Z2, A2);
  };
  return with_network(network, x, compute);
}

inline py::tuple gradients(const py::array& theta, const py::tuple& shape, const py::object& x, const py::array& y,
                           const py::object& weights, const std::string& hidden, const std::string& output,
                           double negative_slope, double l2, Index n_threads, bool want_dx, bool want_gradient,
                           double quantile) {
  const NetworkArguments network{theta, shape, hidden, output, negative_slope, quantile};
  const auto compute = [&](auto scalar, const auto& packed, const auto& arrays, Signals& signals) -> py::tuple {
    using Scalar = typename decltype(scalar)::type;
    const Network<Scalar>& net = packed.net;
    const Scalar* p = packed.p.data();
    const Index m = arrays.m;
    Buffer<Scalar> g(want_gradient ? net.at.size : 0);
    py::array_t<Scalar> dtheta(want_gradient ? net.at.shape.n_parameters() : 0);
    py::array_t<Scalar> dX({want_dx ? m : 0, net.at.shape.n_x});
    Scalar *d = dtheta.mutable_data(), *dx = dX.mutable_data();
    double J = 0;
    signals.run([&] {
      J = cost_and_gradient(net, p, g.data(), arrays.examples, m, l2, n_threads, signals.watch);
      if (want_dx) input_gradient(net, p, arrays.examples, m, dx, n_threads, signals.watch);
      if (want_gradient) net.at.unpack(g.data(), d, net.at.lookout(&signals.watch));
    });
    signals.rethrow();
    return py::make_tuple(J, dtheta, want_dx ? py::object(dX) : py::none());
  };
  return with_network(network, x, compute, y, weights);
}

inline double cost(const py::array& theta, const py::tuple& shape, const py::object& x, const py::array& y,
                   const py::object& weights, const std::string& hidden, const std::string& output,
                   double negative_slope, double l2, Index n_threads, double quantile) {
  return py::cast<double>(
      gradients(theta, shape, x, y, weights, hidden, output, negative_slope, l2, n_threads, false, false, quantile)[0]);
}

// Small steps are not worth a second thread: waking and meeting it costs more than it saves.
inline Index suggested_threads(const py::tuple& shape_tuple, Index batch_size, Index limit) {
  const double work = static_cast<double>(shape_of(shape_tuple).n_parameters()) * static_cast<double>(batch_size);
  return work < 1.5e5 ? 1 : std::max<Index>(std::min(limit, std::max<Index>(n_chunks(batch_size), 4)), 1);
}

inline void bind_functions(py::module_& m) {
  m.def(
      "n_parameters", [](const py::tuple& shape) { return shape_of(shape).n_parameters(); }, "shape"_a,
      "Number of parameters of a network (n_x, n_h, n_y).");
  m.def("n_chunks", &n_chunks, "m"_a, "Number of chunks that m examples are summed in.");
  m.def("suggested_threads", &suggested_threads, "shape"_a, "batch_size"_a, "limit"_a,
        "Number of threads worth using, at most limit.");
  m.def("forward", &forward_stages, "theta"_a, "shape"_a, "x"_a, "hidden"_a, "output"_a, "negative_slope"_a,
        "n_threads"_a, "(z1, a1, z2, a2), rows of examples; None, None without a hidden layer.");
  m.def("predict", &predict, "theta"_a, "shape"_a, "x"_a, "hidden"_a, "output"_a, "negative_slope"_a, "n_threads"_a,
        "must_be_finite"_a = false,
        "The outputs a2, rows of examples; None if all must be finite and something is not.");
  m.def("classes", &classes_of, "theta"_a, "shape"_a, "x"_a, "hidden"_a, "output"_a, "negative_slope"_a, "n_threads"_a,
        "must_be_finite"_a = false,
        "The number of each example's greatest output; of one output, whether it is above 1/2. None as in predict.");
  m.def("cost", &cost, "theta"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "hidden"_a, "output"_a, "negative_slope"_a,
        "l2"_a, "n_threads"_a, "quantile"_a = 0.5, "The cost J.");
  m.def("gradients", &gradients, "theta"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "hidden"_a, "output"_a,
        "negative_slope"_a, "l2"_a, "n_threads"_a, "want_dx"_a, "want_gradient"_a = true, "quantile"_a = 0.5,
        "(J, dtheta, empty if not wanted, dx or None).");
}

}  // namespace shallownet
