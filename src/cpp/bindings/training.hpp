// One call of `train`: its options out of a dictionary, a descent, and what came of it as a dictionary.
#pragma once

#include <string>

#include "bindings/calls.hpp"
#include "solvers/descent.hpp"

namespace shallownet {

using namespace py::literals;

inline TrainOptions options_of(const Shape& shape, const py::dict& o) {
  TrainOptions options;
  options.step = {o["learning_rate"].cast<double>(), o["momentum"].cast<double>(), o["nesterov"].cast<bool>(),
                  o["beta_1"].cast<double>(),        o["beta_2"].cast<double>(),   o["epsilon"].cast<double>()};
  options.power_t = o["power_t"].cast<double>();
  options.l2 = o["l2"].cast<double>();
  options.as_scikit_learn = o["as_scikit_learn"].cast<bool>();
  // it averages squared errors over the outputs
  const bool averages = options.as_scikit_learn && o["output"].cast<std::string>() == IdentitySquaredError::name;
  if (averages) options.loss_scale = 1 / static_cast<double>(shape.n_y);
  options.batch_size = o["batch_size"].cast<Index>();
  options.n_epochs = o["n_epochs"].cast<Index>();
  options.first_epoch = o["first_epoch"].cast<Index>();
  options.cost_every = o["cost_every"].cast<Index>();
  options.has_tol = !o["tol"].is_none();
  if (options.has_tol) options.tol = o["tol"].cast<double>();
  options.patience = o["patience"].cast<Index>();
  options.n_threads = std::max<Index>(o["n_threads"].cast<Index>(), 1);
  options.keeps_state = !o.contains("keeps_state") || o["keeps_state"].cast<bool>();
  options.always_together = o.contains("always_together") && o["always_together"].cast<bool>();
  if (options.n_epochs < 0 || options.cost_every < 0) throw py::value_error("n_epochs and cost_every must be >= 0");
  return options;
}

// The arrays that parameters and the optimizer's state are handed out in, at one place or two.
template <class Scalar>
struct Ends {
  std::array<py::array_t<Scalar>, 2> thetas, states;
  std::array<Vectors<Scalar>, 2> places{};

  Ends(std::size_t n_places, Index slots, Index n) {
    for (std::size_t i = 0; i < n_places; ++i) {
      thetas[i] = py::array_t<Scalar>(n);
      states[i] = py::array_t<Scalar>({slots, n});
      places[i] = {thetas[i].mutable_data(), states[i].mutable_data()};
    }
  }
};

inline py::dict train(const py::array& theta, const py::array& state, const py::tuple& shape_tuple, const py::object& x,
                      const py::array& y, const py::object& weights, const py::object& order, const py::dict& o) {
  const Shape shape = shape_of(shape_tuple);
  return with_scalar(theta, [&](auto scalar) {
    using Scalar = typename decltype(scalar)::type;
    const TrainOptions options = options_of(shape, o);
    const Network<Scalar> net(shape, o["hidden"].cast<std::string>(), o["output"].cast<std::string>(),
                              o["negative_slope"].cast<double>());
    OptimizerStep<Scalar> step;
    with_named(Optimizers{}, o["optimizer"].cast<std::string>(),
               [&](auto type) { step = optimizer_step<Scalar, typename decltype(type)::type>(); });
    ExampleArrays<Scalar> arrays(shape, x, y, weights);
    arrays.set_order(order, options.n_epochs);
    const Index m = arrays.m, n = shape.n_parameters();
    if (options.batch_size < 1 || options.batch_size > m) throw py::value_error("batch_size must be in 1 .. m");
    const Scalar* start = contiguous<Scalar>(theta, "theta", 1);
    const Scalar* slots = contiguous<Scalar>(state, "state", 2);
    if (theta.size() != n) throw py::value_error("theta does not fit the shape");
    if (state.shape(0) != step.slots || state.shape(1) != n) throw py::value_error("state does not fit the optimizer");

    Progress progress;
    progress.steps_done = o["steps_done"].cast<double>();
    progress.seen = o["seen"].cast<double>();
    progress.best_cost = o["best_cost"].cast<double>();
    progress.stalled = o["stalled"].cast<Index>();
    Signals signals;
    Ends<Scalar> ends(Descent<Scalar>::hands_out_epochs(net, options, m) ? 2 : 1, step.slots, n);
    Descent<Scalar> descent(net, step, options, arrays.examples, m, {start, slots}, ends.places, signals.watch);
    signals.rethrow();
    signals.run([&] { progress = descent.run(progress); });
    signals.raised();  // one that came with the last step finds this result complete

    const auto& costs = descent.costs();
    py::array_t<double> all_costs(static_cast<py::ssize_t>(costs.size()));
    std::copy(costs.begin(), costs.end(), all_costs.mutable_data());
    const auto last = static_cast<std::size_t>(descent.end());
    const bool is_new = progress.n_epochs > 0;  // else what was given is still the last that is complete
    const char* words[] = {"done", "stalled", "diverged", "interrupted"};
    py::dict result;
    put(result, "theta", is_new ? py::array(ends.thetas[last]) : theta);
    put(result, "state", is_new ? py::array(ends.states[last]) : state);
    put(result, "costs", all_costs);
    put(result, "n_epochs", progress.n_epochs);
    put(result, "status", signals.error ? "interrupted" : words[static_cast<int>(progress.status)]);
    put(result, "error", signals.error ? py::object(signals.error->value()) : py::none());
    put(result, "steps_done", static_cast<Index>(progress.steps_done));
    put(result, "seen", static_cast<Index>(progress.seen));
    put(result, "best_cost", progress.best_cost);
    put(result, "stalled", progress.stalled);
    put(result, "learning_rate", progress.learning_rate);
    return result;
  });
}

inline void bind_training(py::module_& m) {
  m.def("train", &train, "theta"_a, "state"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "order"_a, "options"_a,
        "Epochs of first-order training; see training.py for the options and the result.");
}

}  // namespace shallownet
