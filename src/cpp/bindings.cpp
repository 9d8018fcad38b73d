// The Python module of one CPU level, a table of contents: checks what could crash, turns names into types once, releases the
// GIL, returns new arrays. Everything user-facing (messages, conversions) is _native/arrays.py's.
#include <string>

#include "bindings/derivatives.hpp"
#include "bindings/elementwise.hpp"
#include "bindings/functions.hpp"
#include "bindings/minimization.hpp"
#include "bindings/predict_one.hpp"
#include "bindings/tables/networks.hpp"
#include "bindings/together.hpp"
#include "bindings/training.hpp"

namespace py = pybind11;

namespace shallownet {
namespace {

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

// The activations whose slopes are written from z.
py::tuple slopes_of_input() {
  std::vector<std::string> found;
  for_each(Activations{}, [&](auto type) {
    using Activation = typename decltype(type)::type;
    if (Activation::of_input) found.emplace_back(Activation::name);
  });
  return py::tuple(py::cast(found));
}

// The outputs whose loss has second derivatives.
py::tuple smooth_outputs() {
  std::vector<std::string> found;
  for_each(Losses{}, [&](auto type) {
    using Loss = typename decltype(type)::type;
    if (Loss::is_smooth) found.emplace_back(Loss::name);
  });
  return py::tuple(py::cast(found));
}

void set_attributes(py::module_& m) {
  m.doc() = "The passes and training loops of shallownet_native, compiled for one CPU level.";
  m.attr("level") = SHALLOWNET_LEVEL;
  m.attr("flags") = SHALLOWNET_FLAGS;
  m.attr("version") = SHALLOWNET_VERSION;
  m.attr("compiler") = compiler;
  m.attr("vector_bytes") = vector_bytes;
  m.attr("eigen_version") = version(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
  m.attr("pybind11_version") = version(PYBIND11_VERSION_MAJOR, PYBIND11_VERSION_MINOR, PYBIND11_VERSION_MICRO);
  m.attr("activations") = py::tuple(py::cast(names(Activations{})));
  m.attr("slopes_of_input") = slopes_of_input();
  m.attr("outputs") = py::tuple(py::cast(names(Losses{})));
  m.attr("smooth_outputs") = smooth_outputs();
  m.attr("optimizers") = optimizer_slots();
  m.attr("schedules") = py::tuple(py::cast(names(Schedules{})));
}

}  // namespace
}  // namespace shallownet

PYBIND11_MODULE(SHALLOWNET_MODULE, m, py::mod_gil_not_used()) {
  using namespace shallownet;
  py::register_local_exception_translator(&show_memory_error);
  set_attributes(m);
  bind_functions(m);
  bind_derivatives(m);
  bind_elementwise(m);
  bind_training(m);
  bind_minimization(m);
  bind_together(m);
  bind_predict_one(m);
  bind_tables(m);
}
