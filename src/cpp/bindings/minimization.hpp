// One call of a solver that takes all examples at once, `minimize` (L-BFGS) or `fit_lm` (Levenberg-Marquardt), from memory or
// from given parameters, and what came of it as a dictionary.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

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

// What both have in common.
inline py::dict outcome_of(std::vector<double>&& costs, double first_cost, const char* status) {
  py::dict result;
  put(result, "costs", array_of(std::move(costs)));
  put(result, "first_cost", first_cost);
  put(result, "status", status);
  return result;
}

template <class Scalar>
class MinimizeJob : public Job {
 public:
  MinimizeJob(const py::array& theta, const py::array& memory, const Shape& shape, const py::object& x,
              const py::array& y, const py::object& weights, const py::dict& o)
      : theta_(theta), memory_(memory), options_(lbfgs_options_of(o)), net_(network_of<Scalar>(shape, o)),
        arrays_(shape, x, y, weights), start_(contiguous<Scalar>(theta, "theta", 1)),
        kept_(contiguous<double>(memory, "memory", 1)),
        before_(lbfgs_progress_of(kept_, memory.size(), shape.n_parameters())) {
    if (theta.size() != shape.n_parameters()) throw py::value_error("theta does not fit the shape");
    if (memory.size() == 0) kept_ = nullptr;
  }

  void run(InterruptWatch& watch) override {
    Lbfgs<Scalar> solver(net_, options_, arrays_.examples, arrays_.m, kept_, before_, start_, watch);
    if (watch.broken_off()) return;
    status_ = solver.run();
    first_shown_ = solver.first_shown();
    const LbfgsProgress& now = solver.progress();
    costs_ = solver.take_costs();
    if (solver.is_begun() && (!costs_.empty() || !kept_ || now.is_double != before_.is_double))
      remember(solver, now, options_.keeps_memory || (status_ != LbfgsStatus::interrupted && !watch.is_to_stop()));
  }

  py::dict outcome() override {
    const char* words[] = {"done", "minimum", "flat", "stuck", "evaluations", "diverged", "interrupted"};
    py::dict result = outcome_of(std::move(costs_), first_shown_, words[static_cast<int>(status_)]);
    if (after_.size() > 0) memory_ = array_of(std::move(after_));
    put(result, "memory", memory_);
    return result;
  }

  double work() const override {
    return static_cast<double>(options_.n_iterations) * static_cast<double>(arrays_.m) *
           static_cast<double>(net_.at.size);
  }

 private:
  // All that is to be remembered, or the parameters alone.
  void remember(Lbfgs<Scalar>& solver, const LbfgsProgress& now, bool is_whole) {
    const Index n = net_.at.shape.n_parameters();
    const Index vectors = Lbfgs<Scalar>::n_vectors(static_cast<Index>(now.n_pairs)) * n;
    after_ = Buffer<double>(is_whole ? vectors + LbfgsProgress::n_numbers : n);
    is_whole ? solver.hand_out(after_.data()) : solver.hand_out_parameters(after_.data());
    if (!is_whole) return;
    const double numbers[] = {now.n_pairs, now.is_double, now.cost, now.first_cost, now.n_evaluations, now.n_flat};
    std::copy(std::begin(numbers), std::end(numbers), after_.data() + vectors);
  }

  const py::array theta_;
  py::array memory_;
  const LbfgsOptions options_;
  const Network<Scalar> net_;
  const ExampleArrays<Scalar> arrays_;
  const Scalar* start_;
  const double* kept_;
  const LbfgsProgress before_;
  LbfgsStatus status_ = LbfgsStatus::interrupted;  // as long as it has not run
  double first_shown_ = 0;
  std::vector<double> costs_;
  Buffer<double> after_;  // empty if what was given is still what is to be remembered
};

inline std::unique_ptr<Job> minimize_job(const py::array& theta, const py::array& memory, const py::tuple& shape,
                                         const py::object& x, const py::array& y, const py::object& weights,
                                         const py::dict& options) {
  return with_scalar(theta, [&](auto scalar) -> std::unique_ptr<Job> {
    using Scalar = typename decltype(scalar)::type;
    return std::make_unique<MinimizeJob<Scalar>>(theta, memory, shape_of(shape), x, y, weights, options);
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
class LmJob : public Job {
 public:
  LmJob(const py::array& theta, const py::array& memory, const Shape& shape, const py::object& x, const py::array& y,
        const py::object& weights, const py::dict& o)
      : theta_(theta), memory_(memory), options_(lm_options_of(o)), net_(network_of<double>(shape, o)),
        arrays_(shape, x, y, weights), start_(contiguous<double>(theta, "theta", 1)) {
    const Index n = shape.n_parameters();
    const double* kept = contiguous<double>(memory, "memory", 1);
    if (theta.size() != n) throw py::value_error("theta does not fit the shape");
    if (memory.size() == 0) return;
    if (memory.size() != n + LmProgress::n_numbers) throw py::value_error("memory does not fit the parameters");
    const double* at = kept + n;
    progress_ = {at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]};
    start_ = kept;
  }

  void run(InterruptWatch& watch) override {
    LevenbergMarquardt solver(net_, options_, arrays_.examples, arrays_.m, progress_, start_, watch);
    status_ = solver.run();
    first_shown_ = solver.first_shown();
    costs_ = solver.take_costs();
    progress_ = solver.progress();
    after_ = Buffer<double>(progress_.is_begun != 0 ? n() + LmProgress::n_numbers : 0);
    if (progress_.is_begun != 0) hand_out(solver.parameters());
  }

  py::dict outcome() override {
    const char* words[] = {"done", "minimum", "flat", "stuck", "solves", "diverged", "interrupted"};
    if (status_ == LmStatus::interrupted && after_.size() == 0 && progress_.is_begun != 0) {  // it has not run
      after_ = Buffer<double>(n() + LmProgress::n_numbers);
      hand_out(start_);
    }
    py::dict result = outcome_of(std::move(costs_), first_shown_, words[static_cast<int>(status_)]);
    put(result, "memory", array_of(std::move(after_)));
    return result;
  }

  double work() const override {
    const auto p = static_cast<double>(n());
    return static_cast<double>(options_.n_iterations) * (static_cast<double>(arrays_.m) + p / 3) * p * p;
  }

 private:
  Index n() const { return net_.at.shape.n_parameters(); }

  void hand_out(const double* parameters) {
    const double numbers[] = {progress_.damping,  progress_.growth, progress_.cost,    progress_.first_cost,
                              progress_.n_solves, progress_.n_flat, progress_.n_exact, progress_.is_begun};
    std::copy_n(parameters, n(), after_.data());
    std::copy(std::begin(numbers), std::end(numbers), after_.data() + n());
  }

  const py::array theta_, memory_;  // kept alive
  const LmOptions options_;
  const Network<double> net_;
  const ExampleArrays<double> arrays_;
  const double* start_;
  LmProgress progress_;
  LmStatus status_ = LmStatus::interrupted;  // as long as it has not run
  double first_shown_ = 0;
  std::vector<double> costs_;
  Buffer<double> after_;
};

inline std::unique_ptr<Job> lm_job(const py::array& theta, const py::array& memory, const py::tuple& shape,
                                   const py::object& x, const py::array& y, const py::object& weights,
                                   const py::dict& options) {
  return std::make_unique<LmJob>(theta, memory, shape_of(shape), x, y, weights, options);
}

inline void bind_minimization(py::module_& m) {
  using MakeJob = decltype(&minimize_job);
  const auto answers = [](MakeJob make) {
    return [make](const py::array& theta, const py::array& memory, const py::tuple& shape, const py::object& x,
                  const py::array& y, const py::object& weights,
                  const py::dict& options) { return answer(*make(theta, memory, shape, x, y, weights, options)); };
  };
  m.def("minimize", answers(&minimize_job), "theta"_a, "memory"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "options"_a,
        "Iterations of L-BFGS; see training/quasi_newton.py for the options and the result.");
  m.def("fit_lm", answers(&lm_job), "theta"_a, "memory"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "options"_a,
        "Iterations of Levenberg and Marquardt's method; see training/solvers for the options and the result.");
}

}  // namespace shallownet
