// One call of a solver that takes all examples at once, `minimize` (L-BFGS) or `fit_lm` (Levenberg-Marquardt), from memory or
// from given parameters, and what came of it as a dictionary.
#pragma once

#include <memory>
#include <string>

#include "bindings/calls.hpp"
#include "solvers/lbfgs.hpp"
#include "solvers/levenberg_marquardt.hpp"

namespace shallownet {

using namespace py::literals;

inline LbfgsOptions lbfgs_options_of(const py::dict& o) {
  LbfgsOptions options;
  options.l2 = o["l2"].cast<double>();
  options.loss_scale = o["loss_scale"].cast<double>();
  options.n_iterations = o["n_iterations"].cast<Index>();
  options.max_evaluations = o["max_evaluations"].cast<double>();
  options.tol = o["tol"].cast<double>();
  options.flat = o["flat"].cast<double>();
  options.unit = o["unit"].cast<double>();
  options.patience = o["patience"].cast<double>();
  options.keeps_memory = o["keeps_memory"].cast<bool>();
  options.n_threads = std::max<Index>(o["n_threads"].cast<Index>(), 1);
  return options;
}

// Memory is one vector of doubles: those of Lbfgs, and behind them the numbers of LbfgsProgress; empty before the first call.
inline LbfgsProgress lbfgs_progress_of(const double* memory, Index size, Index n) {
  LbfgsProgress progress;
  if (size == 0) return progress;
  if (size < LbfgsProgress::n_numbers) throw py::value_error("memory does not fit the parameters");
  const double* at = memory + size - LbfgsProgress::n_numbers;
  progress = {at[0], at[1], at[2], at[3], at[4], at[5]};
  const double most = static_cast<double>(Lbfgs<double>::history);
  const bool is_count = progress.n_pairs >= 0 && progress.n_pairs <= most;
  const auto n_pairs = static_cast<Index>(is_count ? progress.n_pairs : 0);
  if (!is_count || size != Lbfgs<double>::n_vectors(n_pairs) * n + LbfgsProgress::n_numbers)
    throw py::value_error("memory does not fit the parameters");
  progress.n_pairs = static_cast<double>(n_pairs);
  return progress;
}

// All that is to be remembered, or the parameters alone.
template <class Scalar>
py::array_t<double> lbfgs_memory(Lbfgs<Scalar>& solver, Index n, bool is_whole, Signals& signals) {
  const LbfgsProgress& now = solver.progress();
  const Index vectors = Lbfgs<Scalar>::n_vectors(static_cast<Index>(now.n_pairs)) * n;
  py::array_t<double> memory(is_whole ? vectors + LbfgsProgress::n_numbers : n);
  double* to = memory.mutable_data();
  signals.run([&] { is_whole ? solver.hand_out(to) : solver.hand_out_parameters(to); });
  if (!is_whole) return memory;
  const double numbers[] = {now.n_pairs, now.is_double, now.cost, now.first_cost, now.n_evaluations, now.n_flat};
  std::copy(std::begin(numbers), std::end(numbers), to + vectors);
  return memory;
}

// What both have in common.
template <class Solver>
py::dict outcome(const Solver& solver, const char* status, const Signals& signals) {
  const auto& costs = solver.costs();
  py::array_t<double> all_costs(static_cast<py::ssize_t>(costs.size()));
  std::copy(costs.begin(), costs.end(), all_costs.mutable_data());
  py::dict result;
  put(result, "costs", all_costs);
  put(result, "first_cost", solver.first_shown());
  put(result, "status", signals.error ? "interrupted" : status);
  put(result, "error", signals.error ? py::object(signals.error->value()) : py::none());
  return result;
}

inline py::dict minimize(const py::array& theta, const py::array& memory, const py::tuple& shape_tuple,
                         const py::object& x, const py::array& y, const py::object& weights, const py::dict& o) {
  const Shape shape = shape_of(shape_tuple);
  return with_scalar(theta, [&](auto scalar) {
    using Scalar = typename decltype(scalar)::type;
    const LbfgsOptions options = lbfgs_options_of(o);
    const Network<Scalar> net(shape, o["hidden"].cast<std::string>(), o["output"].cast<std::string>(),
                              o["negative_slope"].cast<double>());
    const ExampleArrays<Scalar> arrays(shape, x, y, weights);
    const Index n = shape.n_parameters();
    const Scalar* start = contiguous<Scalar>(theta, "theta", 1);
    if (theta.size() != n) throw py::value_error("theta does not fit the shape");
    const double* kept = contiguous<double>(memory, "memory", 1);
    const LbfgsProgress progress = lbfgs_progress_of(kept, memory.size(), n);
    if (memory.size() == 0) kept = nullptr;

    Signals signals;
    Lbfgs<Scalar> solver(net, options, arrays.examples, arrays.m, kept, progress, start, signals.watch);
    signals.rethrow();
    LbfgsStatus status{};
    signals.run([&] { status = solver.run(); });
    signals.raised();  // one that came with the last iteration finds this result complete

    const bool is_new =
        solver.is_begun() && (!solver.costs().empty() || !kept || solver.progress().is_double != progress.is_double);
    const bool is_whole = options.keeps_memory || (status != LbfgsStatus::interrupted && !signals.error);
    const char* words[] = {"done", "minimum", "flat", "stuck", "evaluations", "diverged", "interrupted"};
    py::dict result = outcome(solver, words[static_cast<int>(status)], signals);
    put(result, "memory", is_new ? py::array(lbfgs_memory(solver, n, is_whole, signals)) : memory);
    return result;
  });
}

inline LmOptions lm_options_of(const py::dict& o) {
  LmOptions options;
  const auto decays = o["decays"].cast<py::tuple>();
  for (std::size_t i = 0; i < options.decays.size(); ++i) options.decays[i] = decays[i].cast<double>();
  options.loss_scale = o["loss_scale"].cast<double>();
  options.n_iterations = o["n_iterations"].cast<Index>();
  options.max_solves = o["max_solves"].cast<double>();
  options.tol = o["tol"].cast<double>();
  options.flat = o["flat"].cast<double>();
  options.unit = o["unit"].cast<double>();
  options.patience = o["patience"].cast<double>();
  options.n_threads = std::max<Index>(o["n_threads"].cast<Index>(), 1);
  return options;
}

// Memory is the parameters, and behind them the numbers of LmProgress; empty before the first call.
inline py::dict fit_lm(const py::array& theta, const py::array& memory, const py::tuple& shape_tuple,
                       const py::object& x, const py::array& y, const py::object& weights, const py::dict& o) {
  const Shape shape = shape_of(shape_tuple);
  const LmOptions options = lm_options_of(o);
  const Network<double> net(shape, o["hidden"].cast<std::string>(), o["output"].cast<std::string>(),
                            o["negative_slope"].cast<double>());
  const ExampleArrays<double> arrays(shape, x, y, weights);
  const Index n = shape.n_parameters();
  const double *start = contiguous<double>(theta, "theta", 1), *kept = contiguous<double>(memory, "memory", 1);
  if (theta.size() != n) throw py::value_error("theta does not fit the shape");
  LmProgress progress;
  if (memory.size() != 0) {
    if (memory.size() != n + LmProgress::n_numbers) throw py::value_error("memory does not fit the parameters");
    const double* at = kept + n;
    progress = {at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]};
    start = kept;
  }
  Signals signals;
  std::unique_ptr<LevenbergMarquardt> solver;  // made where signals are seen
  LmStatus status{};
  signals.run([&] {
    solver =
        std::make_unique<LevenbergMarquardt>(net, options, arrays.examples, arrays.m, progress, start, signals.watch);
    status = solver->run();
  });
  signals.raised();  // one that came with the last iteration finds this result complete

  const LmProgress& now = solver->progress();
  const double numbers[] = {now.damping,  now.growth, now.cost,    now.first_cost,
                            now.n_solves, now.n_flat, now.n_exact, now.is_begun};
  py::array_t<double> after(now.is_begun != 0 ? n + LmProgress::n_numbers : 0);
  if (now.is_begun != 0) {
    std::copy_n(solver->parameters(), n, after.mutable_data());
    std::copy(std::begin(numbers), std::end(numbers), after.mutable_data() + n);
  }
  const char* words[] = {"done", "minimum", "flat", "stuck", "solves", "diverged", "interrupted"};
  py::dict result = outcome(*solver, words[static_cast<int>(status)], signals);
  put(result, "memory", after);
  return result;
}

inline void bind_minimization(py::module_& m) {
  m.def("minimize", &minimize, "theta"_a, "memory"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "options"_a,
        "Iterations of L-BFGS; see training/quasi_newton.py for the options and the result.");
  m.def("fit_lm", &fit_lm, "theta"_a, "memory"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "options"_a,
        "Iterations of Levenberg and Marquardt's method; see training/solvers for the options and the result.");
}

}  // namespace shallownet
