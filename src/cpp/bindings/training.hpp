// One call of `train`: its options out of a dictionary, a descent, and what came of it as a dictionary.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "bindings/calls.hpp"
#include "solvers/descent.hpp"

namespace shallownet {

using namespace py::literals;

inline void set_schedule(TrainOptions& options, const std::string& name, Index all_epochs) {
  with_named(Schedules{}, name, [&](auto type) {
    using Schedule = typename decltype(type)::type;
    if constexpr (!std::is_same_v<Schedule, ConstantRate>) options.schedule = &Schedule::factor;
  });
  options.all_epochs = std::max<Index>(all_epochs, 1);
}

inline TrainOptions options_of(const Shape& shape, const py::dict& o) {
  TrainOptions options;
  options.step = {o["learning_rate"].cast<double>(), o["momentum"].cast<double>(), o["nesterov"].cast<bool>(),
                  o["beta_1"].cast<double>(),        o["beta_2"].cast<double>(),   o["epsilon"].cast<double>()};
  options.step.weight_decay = o["weight_decay"].cast<double>();
  options.power_t = o["power_t"].cast<double>();
  set_schedule(options, o["schedule"].cast<std::string>(), o["all_epochs"].cast<Index>());
  options.average = o["average"].cast<double>();
  std::tie(options.unit_1, options.unit_2) = o["weight_units"].cast<std::tuple<double, double>>();
  options.bias_rate = o["bias_rate"].cast<double>();
  options.scale_rate = o["scale_rate"].cast<double>();
  options.l2 = o["l2"].cast<double>();
  options.as_scikit_learn = o["as_scikit_learn"].cast<bool>();
  // it averages errors over the outputs
  const std::string output = o["output"].cast<std::string>();
  const bool averages = output == IdentitySquaredError::name || output == IdentityPinball::name;
  if (options.as_scikit_learn && averages) options.loss_scale = 1 / static_cast<double>(shape.n_y);
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

  Ends(std::size_t n_places, Index n, Index rows, Index row_size) {
    for (std::size_t i = 0; i < n_places; ++i) {
      thetas[i] = py::array_t<Scalar>(n);
      states[i] = py::array_t<Scalar>({rows, row_size});
      places[i] = {thetas[i].mutable_data(), states[i].mutable_data()};
    }
  }
};

// What a call is told but its parameters, state and order, which calls of networks alike share.
template <class Scalar>
struct TrainPlan {
  const TrainOptions options;
  const Network<Scalar> net;
  const ExampleArrays<Scalar> arrays;
  OptimizerStep<Scalar> step;
  Progress start;

  TrainPlan(const Shape& shape, const py::object& x, const py::array& y, const py::object& weights, const py::dict& o)
      : options(options_of(shape, o)), net(network_of<Scalar>(shape, o)), arrays(shape, x, y, weights) {
    with_named(Optimizers{}, o["optimizer"].cast<std::string>(), [&](auto type) {
      using Optimizer = typename decltype(type)::type;
      step = options.averages() ? optimizer_step<Scalar, Optimizer, true>() : optimizer_step<Scalar, Optimizer>();
    });
    if (options.batch_size < 1 || options.batch_size > arrays.m) throw py::value_error("batch_size must be in 1 .. m");
    start.steps_done = o["steps_done"].cast<double>();
    start.seen = o["seen"].cast<double>();
    start.best_cost = o["best_cost"].cast<double>();
    start.stalled = o["stalled"].cast<Index>();
    start.status = Status::interrupted;  // as long as it has not run
  }

  // Of what goes in and out besides the parameters.
  Index n_rows() const { return step.slots + options.more_rows(); }
  Index row_size() const { return options.row_size(net.at.shape); }
};

// What calls made together share: the plan made last, for it is mostly that of the next call, too, and orders; told by the
// very objects, which the caller keeps alive.
class TrainPlans {
 public:
  std::shared_ptr<const Order> order(const py::object& order, Index m, Index n_epochs) {
    auto& known = orders_[{order.ptr(), m, n_epochs}];
    if (!known) known = std::make_shared<const Order>(order, m, n_epochs);
    return known;
  }

  template <class Scalar>
  std::shared_ptr<const TrainPlan<Scalar>> of(const py::tuple& shape, const py::object& x, const py::array& y,
                                              const py::object& weights, const py::dict& o) {
    const Key key{shape.ptr(), x.ptr(), y.ptr(), weights.ptr(), o.ptr()};
    auto& last = std::get<Last<Scalar>>(last_);
    if (!last.plan || key != last.key)
      last = {key, std::make_shared<const TrainPlan<Scalar>>(shape_of(shape), x, y, weights, o)};
    return last.plan;
  }

 private:
  using Key = std::array<const PyObject*, 5>;
  template <class Scalar>
  struct Last {
    Key key{};
    std::shared_ptr<const TrainPlan<Scalar>> plan;
  };

  std::map<std::tuple<const PyObject*, Index, Index>, std::shared_ptr<const Order>> orders_;
  std::tuple<Last<float>, Last<double>> last_;
};

// One call of `train`; it holds nothing but its arrays and what it has been told until it runs.
template <class Scalar>
class TrainJob : public Job {
 public:
  TrainJob(const py::array& theta, const py::array& state, std::shared_ptr<const TrainPlan<Scalar>> plan,
           std::shared_ptr<const Order> order)
      : theta_(theta), state_(state), plan_(std::move(plan)), order_(std::move(order)),
        start_{contiguous<Scalar>(theta, "theta", 1), contiguous<Scalar>(state, "state", 2)}, progress_(plan_->start),
        ends_(has_two_ends() ? 2 : 1, plan_->net.at.shape.n_parameters(), plan_->n_rows(), plan_->row_size()) {
    if (theta.size() != plan_->net.at.shape.n_parameters()) throw py::value_error("theta does not fit the shape");
    if (state.shape(0) != plan_->n_rows() || state.shape(1) != plan_->row_size())
      throw py::value_error("state does not fit the optimizer");
  }

  void run(InterruptWatch& watch) override {
    Descent<Scalar> descent(plan_->net, plan_->step, plan_->options, order_->of(plan_->arrays.examples),
                            plan_->arrays.m, start_, ends_.places, watch);
    if (watch.broken_off()) return;
    progress_ = descent.run(progress_);
    costs_ = descent.take_costs();
    last_ = static_cast<std::size_t>(descent.end());
  }

  py::dict outcome() override {
    const bool is_new = progress_.n_epochs > 0;  // else what was given is still the last that is complete
    const char* words[] = {"done", "stalled", "diverged", "interrupted"};
    py::dict result;
    put(result, "theta", is_new ? py::array(ends_.thetas[last_]) : theta_);
    put(result, "state", is_new ? py::array(ends_.states[last_]) : state_);
    put(result, "costs", array_of(std::move(costs_)));
    put(result, "n_epochs", progress_.n_epochs);
    put(result, "status", words[static_cast<int>(progress_.status)]);
    put(result, "steps_done", static_cast<Index>(progress_.steps_done));
    put(result, "seen", static_cast<Index>(progress_.seen));
    put(result, "best_cost", progress_.best_cost);
    put(result, "stalled", progress_.stalled);
    put(result, "learning_rate", progress_.learning_rate);
    return result;
  }

  double work() const override {
    return static_cast<double>(plan_->options.n_epochs) * static_cast<double>(plan_->arrays.m) *
           static_cast<double>(plan_->net.at.size);
  }

 private:
  bool has_two_ends() const { return Descent<Scalar>::hands_out_epochs(plan_->net, plan_->options, plan_->arrays.m); }

  const py::array theta_, state_;
  const std::shared_ptr<const TrainPlan<Scalar>> plan_;
  const std::shared_ptr<const Order> order_;
  const Vectors<const Scalar> start_;
  Progress progress_;
  Ends<Scalar> ends_;
  std::vector<double> costs_;
  std::size_t last_ = 0;
};

inline std::unique_ptr<Job> train_job(TrainPlans& plans, const py::array& theta, const py::array& state,
                                      const py::tuple& shape, const py::object& x, const py::array& y,
                                      const py::object& weights, const py::object& order, const py::dict& options) {
  return with_scalar(theta, [&](auto scalar) -> std::unique_ptr<Job> {
    using Scalar = typename decltype(scalar)::type;
    const auto plan = plans.of<Scalar>(shape, x, y, weights, options);
    const auto orders = plans.order(order, plan->arrays.m, plan->options.n_epochs);
    return std::make_unique<TrainJob<Scalar>>(theta, state, plan, orders);
  });
}

inline void bind_training(py::module_& m) {
  const auto train = [](const py::array& theta, const py::array& state, const py::tuple& shape, const py::object& x,
                        const py::array& y, const py::object& weights, const py::object& order,
                        const py::dict& options) {
    TrainPlans plans;
    return answer(*train_job(plans, theta, state, shape, x, y, weights, order, options));
  };
  m.def("train", train, "theta"_a, "state"_a, "shape"_a, "x"_a, "y"_a, "weights"_a, "order"_a, "options"_a,
        "Epochs of first-order training; see training.py for the options and the result.");
}

}  // namespace shallownet
