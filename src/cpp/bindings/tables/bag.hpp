// A bag of table networks, trained for some epochs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bindings/tables/inputs.hpp"
#include "tables/bag.hpp"

namespace shallownet {

inline TableOptions table_options(const py::dict& o) {
  TableOptions options;
  options.batch_size = o["batch_size"].cast<Index>();
  options.first_epoch = o["first_epoch"].cast<Index>();
  options.max_epochs = o["max_epochs"].cast<Index>();
  options.learning_rate = o["learning_rate"].cast<double>();
  options.bias_rate = o["bias_rate"].cast<double>();
  options.scale_rate = o["scale_rate"].cast<double>();
  options.beta_1 = o["beta_1"].cast<double>();
  options.beta_2 = o["beta_2"].cast<double>();
  options.epsilon = o["epsilon"].cast<double>();
  options.weight_decay = o["weight_decay"].cast<double>();
  options.average = o["average"].cast<double>();
  options.average_every = o["average_every"].cast<Index>();
  options.best_loss = o["best_loss"].cast<double>();
  with_named(Schedules{}, o["schedule"].cast<std::string>(),
             [&](auto type) { options.schedule = &decltype(type)::type::factor; });
  options.has_range = !o["output_range"].is_none();
  if (options.has_range) std::tie(options.low, options.high) = o["output_range"].cast<std::tuple<double, double>>();
  if (options.batch_size < 1 || options.first_epoch < 0 || options.max_epochs < 1 || options.average_every < 1)
    throw py::value_error("batch_size, max_epochs and average_every must be >= 1, and first_epoch >= 0");
  if (options.has_range && o["output"].cast<std::string>() != IdentitySquaredError::name)
    throw py::value_error("output_range is for the output identity");
  if (options.has_range && !(options.low <= options.high)) throw py::value_error("output_range must be (low, high)");
  return options;
}

template <class Scalar>
class BagJob final : public Job {
 public:
  BagJob(const py::tuple& inputs, const py::array& y, const py::array& weights, const py::list& members,
         const py::array& parameters, const py::array& moments, const py::array& averages, const py::array& n_steps,
         const py::dict& o, Index n_threads)
      : options_(table_options(o)), arrays_(inputs, o["n_hidden"].cast<Index>(), y.ndim() == 2 ? y.shape(1) : 0),
        at_(arrays_.shape), units_(o["hidden"].cast<std::string>(), o["output"].cast<std::string>()),
        n_threads_(n_threads) {
    targets_ = {contiguous<Scalar>(y, "y", 2), contiguous<Scalar>(weights, "weights", 1)};
    if (arrays_.rows.n < 1 || y.shape(0) != arrays_.rows.n || weights.shape(0) != arrays_.rows.n)
      throw py::value_error("y and weights must have a row for each row of the inputs, at least one");
    n_members_ = static_cast<Index>(members.size());
    const Scalar* first = vectors(parameters, "parameters", {n_members_, at_.shape.n_parameters()});
    const Scalar* moment = vectors(moments, "moments", {n_members_, 2, at_.shape.n_parameters()});
    const Scalar* average = vectors(averages, "averages", {n_members_, at_.shape.n_parameters()});
    const std::int64_t* steps = contiguous<std::int64_t>(n_steps, "n_steps", 1);
    if (n_members_ < 1 || n_steps.size() != n_members_)
      throw py::value_error("members and n_steps do not fit together");
    orders_.reserve(2 * members.size());
    for (Index m = 0; m < n_members_; ++m, first += size(), moment += 2 * size(), average += size())
      add(members[static_cast<std::size_t>(m)].template cast<py::tuple>(), first, moment, average, steps[m]);
    bag_ = std::make_unique<TableBag<Scalar>>(at_, arrays_.rows, targets_, units_, options_, members_);
  }

  void run(InterruptWatch& watch) override { bag_->run(n_threads_, watch); }

  double work() const override { return static_cast<double>(at_.size * options_.n_epochs * n_members_) * 30; }

  py::dict outcome() override {
    constexpr const char* names[] = {"done", "stalled", "diverged", "interrupted"};
    py::dict result;
    put(result, "status", names[static_cast<int>(bag_->status)]);
    put(result, "n_epochs", bag_->n_epochs);
    put(result, "curve", array_of(std::vector<double>(bag_->curve)));
    put(result, "best_epoch", bag_->best_epoch);
    if (bag_->status == Status::interrupted) return result;  // members stand within an epoch
    py::array_t<double> losses({bag_->n_epochs, n_members_});
    py::array_t<Scalar> parameters({n_members_, size()}), averages({n_members_, size()}), best({n_members_, size()}),
        moments({n_members_, Index(2), size()});
    py::array_t<std::int64_t> steps(n_members_);
    py::list outputs;
    for (Index m = 0; m < n_members_; ++m) {
      TableMember<Scalar>& member = members_[static_cast<std::size_t>(m)];
      at_.unpack(member.parameters.data(), parameters.mutable_data(m));
      at_.unpack(member.average.data(), averages.mutable_data(m));
      at_.unpack(member.best.data(), best.mutable_data(m));
      at_.unpack(member.means.data(), moments.mutable_data(m, 0));
      at_.unpack(member.squares.data(), moments.mutable_data(m, 1));
      steps.mutable_at(m) = static_cast<std::int64_t>(member.n_steps);
      for (Index e = 0; e < bag_->n_epochs; ++e) losses.mutable_at(e, m) = member.losses[static_cast<std::size_t>(e)];
      py::array_t<Scalar> logits({member.n_left_out, at_.shape.n_y});
      std::copy_n(member.best_logits.data(), member.best_logits.size(), logits.mutable_data());
      outputs.append(logits);
    }
    put(result, "losses", losses);
    put(result, "parameters", parameters);
    put(result, "moments", moments);
    put(result, "averages", averages);
    put(result, "n_steps", steps);
    put(result, "best_parameters", best);
    put(result, "best_outputs", outputs);
    return result;
  }

 private:
  Index size() const { return at_.shape.n_parameters(); }

  static const Scalar* vectors(const py::array& a, const char* name, const std::vector<Index>& shape) {
    const Scalar* data = contiguous<Scalar>(a, name, static_cast<py::ssize_t>(shape.size()));
    for (std::size_t d = 0; d < shape.size(); ++d)
      if (a.shape(static_cast<py::ssize_t>(d)) != shape[d])
        throw py::value_error(std::string(name) + " has the wrong shape");
    return data;
  }

  void add(const py::tuple& rows, const Scalar* first, const Scalar* moment, const Scalar* average,
           std::int64_t steps) {
    if (rows.size() != 2) throw py::value_error("a member must be (order, left_out)");
    const py::array order = array_in(rows[0], "order"), left_out = array_in(rows[1], "left_out");
    orders_.push_back(checked_places(order, "order", 2, 0, arrays_.rows.n));
    orders_.push_back(checked_places(left_out, "left_out", 1, 0, arrays_.rows.n));
    if (members_.empty()) options_.n_epochs = order.shape(0);
    if (order.shape(0) != options_.n_epochs || order.shape(1) < 1 || steps < 0)
      throw py::value_error("orders must have a row of at least one place for each epoch, and n_steps must be >= 0");
    TableMember<Scalar> member;
    member.n = order.shape(1);
    member.n_left_out = left_out.size();
    member.order = orders_[orders_.size() - 2].data();
    member.left_out = orders_.back().data();
    member.n_steps = static_cast<double>(steps);
    for (Buffer<Scalar>* b : {&member.parameters, &member.means, &member.squares, &member.average, &member.best})
      *b = Buffer<Scalar>(at_.size);
    member.logits = Buffer<Scalar>(member.n_left_out * at_.shape.n_y);
    member.best_logits = Buffer<Scalar>(member.n_left_out * at_.shape.n_y);
    at_.pack(first, member.parameters.data());
    at_.pack(average, member.average.data());
    at_.pack(moment, member.means.data());
    at_.pack(moment + size(), member.squares.data());
    members_.push_back(std::move(member));
  }

  TableOptions options_;
  TableArrays<Scalar> arrays_;
  TableLayout<Scalar> at_;
  TableUnits<Scalar> units_;
  TableTargets<Scalar> targets_;
  Index n_threads_, n_members_ = 0;
  std::vector<std::vector<std::int32_t>> orders_;
  std::vector<TableMember<Scalar>> members_;
  std::unique_ptr<TableBag<Scalar>> bag_;
};

inline py::dict train_bag(const py::tuple& inputs, const py::array& y, const py::array& weights,
                          const py::list& members, const py::array& parameters, const py::array& moments,
                          const py::array& averages, const py::array& n_steps, const py::dict& options,
                          Index n_threads) {
  return with_scalar(parameters, [&](auto scalar) {
    BagJob<typename decltype(scalar)::type> job(inputs, y, weights, members, parameters, moments, averages, n_steps,
                                                options, std::max<Index>(n_threads, 1));
    return answer(job);
  });
}

}  // namespace shallownet
