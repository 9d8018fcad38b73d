// The Python module of one CPU level: checks what could crash, turns names into types once, releases the GIL, returns
// new arrays. Everything user-facing (messages, conversions) is _validation.py's.
#include <string>

#include "bindings/calls.hpp"
#include "bindings/elementwise.hpp"
#include "bindings/predict_one.hpp"
#include "bindings/training.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace shallownet {
namespace {

// n_y rows of a tile, examples in the lanes, to rows of examples.
template <class Scalar>
void tile_to_rows(const Lookout& lookout, const Scalar* tile, Scalar* rows, Index n_y, Index n) {
  in_pieces(lookout, n_y, static_cast<double>(work_per_number * n), [&](Index begin, Index end) {
    matrix(rows + begin, n, end - begin, n_y, 1) =
        matrix(tile + begin * tile_examples, n, end - begin, 1, tile_examples);
  });
}

// Calls use(work, begin, n) with the outputs of each tile in work.Z2. If all must be finite, looks at the parameters, and at a tile of
// inputs just before it is computed, which also brings it into the cache in order; returns whether all are.
template <class Scalar, class Use>
bool for_each_output(const PackedNetwork<Scalar>& model, const ExampleArrays<Scalar>& batch, Index n_threads,
                     bool must_be_finite, Signals& signals, Use&& use) {
  if (must_be_finite && batch.examples.sparse.numbers) throw py::value_error("sparse inputs are not looked at here");
  if (must_be_finite && !is_finite(model.p.data(), model.p.size(), model.net.at.lookout(&signals.watch))) {
    signals.rethrow();
    return false;
  }
  std::atomic<bool> is_finite{true};
  const auto run = [&](const Tile<Scalar>& tile, Index begin, Workspace<Scalar>& work) {
    if (must_be_finite && !has_finite_inputs(model.net.at, tile)) {
      is_finite = false;
      return;
    }
    forward(model.net, model.p.data(), tile, work);
    outputs(model.net, tile.n, work);
    use(work, begin, tile.n);
  };
  signals.run(
      [&] { for_each_tile(model.net, model.p.data(), batch.examples, batch.m, n_threads, signals.watch, run); });
  signals.rethrow();
  return is_finite;
}

py::object predict(const py::array& theta, const py::tuple& shape_tuple, const py::object& x, const std::string& hidden,
                   const std::string& output, double negative_slope, Index n_threads, bool must_be_finite) {
  const Shape shape = shape_of(shape_tuple);
  return with_scalar(theta, [&](auto scalar) -> py::object {
    using Scalar = typename decltype(scalar)::type;
    Signals signals;
    const PackedNetwork<Scalar> model(theta, Network<Scalar>(shape, hidden, output, negative_slope), signals);
    const ExampleArrays<Scalar> batch(shape, x);
    py::array_t<Scalar> A2({batch.m, shape.n_y});
    Scalar* a2 = A2.mutable_data();
    const auto copy = [&](const Workspace<Scalar>& work, Index begin, Index n) {
      tile_to_rows(work.lookout, work.Z2.data(), a2 + begin * shape.n_y, shape.n_y, n);
    };
    if (!for_each_output(model, batch, n_threads, must_be_finite, signals, copy)) return py::none();
    return A2;
  });
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

py::object classes_of(const py::array& theta, const py::tuple& shape_tuple, const py::object& x,
                      const std::string& hidden, const std::string& output, double negative_slope, Index n_threads,
                      bool must_be_finite) {
  const Shape shape = shape_of(shape_tuple);
  return with_scalar(theta, [&](auto scalar) -> py::object {
    using Scalar = typename decltype(scalar)::type;
    Signals signals;
    const PackedNetwork<Scalar> model(theta, Network<Scalar>(shape, hidden, output, negative_slope), signals);
    const ExampleArrays<Scalar> batch(shape, x);
    py::array_t<std::int64_t> classes(batch.m);
    std::int64_t* to = classes.mutable_data();
    const auto decide = [&](const Workspace<Scalar>& work, Index begin, Index n) {
      classify(work.Z2.data(), shape.n_y, n, to + begin);
    };
    if (!for_each_output(model, batch, n_threads, must_be_finite, signals, decide)) return py::none();
    return classes;
  });
}

py::tuple forward_stages(const py::array& theta, const py::tuple& shape_tuple, const py::object& x,
                         const std::string& hidden, const std::string& output, double negative_slope, Index n_threads) {
  const Shape shape = shape_of(shape_tuple);
  return with_scalar(theta, [&](auto scalar) -> py::tuple {
    using Scalar = typename decltype(scalar)::type;
    Signals signals;
    const PackedNetwork<Scalar> model(theta, Network<Scalar>(shape, hidden, output, negative_slope), signals);
    const Layout<Scalar>& at = model.net.at;
    const ExampleArrays<Scalar> batch(shape, x);
    const Index m = batch.m;
    py::array_t<Scalar> Z1({m, shape.n_h}), A1({m, shape.n_h}), Z2({m, shape.n_y}), A2({m, shape.n_y});
    Scalar *z1 = Z1.mutable_data(), *a1 = A1.mutable_data(), *z2 = Z2.mutable_data(), *a2 = A2.mutable_data();
    const auto run = [&](const Tile<Scalar>& tile, Index begin, Workspace<Scalar>& work) {
      forward(model.net, model.p.data(), tile, work, true);
      if (shape.has_hidden()) {
        copy_to_rows(work.lookout, at, work.dZ1.data(), tile.n, z1 + begin * shape.n_h);
        copy_to_rows(work.lookout, at, work.A1.data(), tile.n, a1 + begin * shape.n_h);
      }
      tile_to_rows(work.lookout, work.Z2.data(), z2 + begin * shape.n_y, shape.n_y, tile.n);
      outputs(model.net, tile.n, work);
      tile_to_rows(work.lookout, work.Z2.data(), a2 + begin * shape.n_y, shape.n_y, tile.n);
    };
    signals.run([&] { for_each_tile(model.net, model.p.data(), batch.examples, m, n_threads, signals.watch, run); });
    signals.rethrow();
    if (!shape.has_hidden()) return py::make_tuple(py::none(), py::none(), Z2, A2);
    return py::make_tuple(Z1, A1, Z2, A2);
  });
}

py::tuple gradients(const py::array& theta, const py::tuple& shape_tuple, const py::object& x, const py::array& y,
                    const py::object& weights, const std::string& hidden, const std::string& output,
                    double negative_slope, double l2, Index n_threads, bool want_dx, bool want_gradient) {
  const Shape shape = shape_of(shape_tuple);
  return with_scalar(theta, [&](auto scalar) -> py::tuple {
    using Scalar = typename decltype(scalar)::type;
    Signals signals;
    const PackedNetwork<Scalar> model(theta, Network<Scalar>(shape, hidden, output, negative_slope), signals);
    const ExampleArrays<Scalar> batch(shape, x, y, weights);
    const Index m = batch.m;
    Buffer<Scalar> g(want_gradient ? model.net.at.size : 0);
    py::array_t<Scalar> dtheta(want_gradient ? shape.n_parameters() : 0), dX({want_dx ? m : 0, shape.n_x});
    Scalar *d = dtheta.mutable_data(), *dx = dX.mutable_data();
    double J = 0;
    signals.run([&] {
      J = cost_and_gradient(model.net, model.p.data(), g.data(), batch.examples, m, l2, n_threads, signals.watch);
      if (want_dx) input_gradient(model.net, model.p.data(), batch.examples, m, dx, n_threads, signals.watch);
      if (want_gradient) model.net.at.unpack(g.data(), d, model.net.at.lookout(&signals.watch));
    });
    signals.rethrow();
    return py::make_tuple(J, dtheta, want_dx ? py::object(dX) : py::none());
  });
}

double cost(const py::array& theta, const py::tuple& shape, const py::object& x, const py::array& y,
            const py::object& weights, const std::string& hidden, const std::string& output, double negative_slope,
            double l2, Index n_threads) {
  return py::cast<double>(
      gradients(theta, shape, x, y, weights, hidden, output, negative_slope, l2, n_threads, false, false)[0]);
}

// Small steps are not worth a second thread: waking and meeting it costs more than it saves.
Index suggested_threads(const py::tuple& shape_tuple, Index batch_size, Index limit) {
  const double work = static_cast<double>(shape_of(shape_tuple).n_parameters()) * static_cast<double>(batch_size);
  return work < 1.5e5 ? 1 : std::max<Index>(std::min(limit, std::max<Index>(n_chunks(batch_size), 4)), 1);
}

#if defined(__clang__)
constexpr const char* compiler = __VERSION__;
#else
constexpr const char* compiler = "GCC " __VERSION__;
#endif

std::string version(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

py::dict optimizer_slots() {
  py::dict slots;
  for_each(Optimizers{}, [&](auto type) {
    using Optimizer = typename decltype(type)::type;
    slots[Optimizer::name] = Optimizer::slots;
  });
  return slots;
}

}  // namespace
}  // namespace shallownet

PYBIND11_MODULE(SHALLOWNET_MODULE, m, py::mod_gil_not_used()) {
  using namespace shallownet;
  py::register_local_exception_translator(&show_memory_error);
  m.doc() = "The passes and training loops of shallownet_native, compiled for one CPU level.";
  m.attr("level") = SHALLOWNET_LEVEL;
  m.attr("flags") = SHALLOWNET_FLAGS;
  m.attr("version") = SHALLOWNET_VERSION;
  m.attr("compiler") = compiler;
  m.attr("vector_bytes") = vector_bytes;
  m.attr("eigen_version") = version(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
  m.attr("pybind11_version") = version(PYBIND11_VERSION_MAJOR, PYBIND11_VERSION_MINOR, PYBIND11_VERSION_MICRO);
  m.attr("activations") = py::tuple(py::cast(names(Activations{})));
  m.attr("outputs") = py::tuple(py::cast(names(Losses{})));
  m.attr("optimizers") = optimizer_slots();

  m.def(
      "n_parameters", [](const py::tuple& shape) { return shape_of(shape).n_parameters(); }, "shape"_a,
      "Number of parameters of a network (n_x, n_h, n_y).");
  m.def("n_chunks", &n_chunks, "m"_a, "Number of chunks that m examples are summed in.");
  m.def("suggested_threads", &suggested_threads, "shape"_a, "batch_size"_a, "limit"_a,
        "Number of threads worth using, at most limit.");
  m.def("all_finite", &all_finite, "a"_a, "Whether no element is NaN or infinite.");
  m.def(
      "activate", [](const py::array& z, const std::string& name, double c) { return activate(z, name, c, false); },
      "z"_a, "name"_a, "negative_slope"_a, "The activation g(z), elementwise.");
  m.def(
      "slope", [](const py::array& a, const std::string& name, double c) { return activate(a, name, c, true); }, "a"_a,
      "name"_a, "negative_slope"_a, "The slope g'(z) from a = g(z), elementwise.");
  m.def("math", &vector_function, "z"_a, "name"_a, "One of the vector functions, elementwise.");
  m.def("forward", &forward_stages, "theta"_a, "shape"_a, "x"_a, "hidden"_a, "output"_a, "negative_slope"_a,
        "n_threads"_a, "(z1, a1, z2, a2), rows of examples; None, None without a hidden layer.");
  m.def("predict", &predict, "theta"_a, "shape"_a, "x"_a, "hidden"_a, "output"_a, "negative_slope"_a, "n_threads"_a,
        "must_be_finite"_a = false,
        "The outputs a2, rows of examples; None if all must be finite and something is not.");
  m.def("classes", &classes_of, "theta"_a, "shape"_a, "x"_a, "hidden"_a, "output"_a, "negative_slope"_a, "n_threads"_a,
        "must_be_finite"_a = false,
        "The number of each example's greatest output; of one output, whether it is above 1/2. None as in predict.");
  m.def("cost", &cost, "theta"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "hidden"_a, "output"_a, "negative_slope"_a,
        "l2"_a, "n_threads"_a, "The cost J.");
  m.def("gradients", &gradients, "theta"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "hidden"_a, "output"_a,
        "negative_slope"_a, "l2"_a, "n_threads"_a, "want_dx"_a, "want_gradient"_a = true,
        "(J, dtheta, empty if not wanted, dx or None).");
  m.def("train", &train, "theta"_a, "state"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "order"_a, "options"_a,
        "Epochs of first-order training; see training.py for the options and the result.");
  m.attr("predict_one") = predict_one_function();
}
