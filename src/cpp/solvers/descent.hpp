// First-order training: epochs, batches, the tolerance rule, the last complete epoch. The whole loop is native code; the
// caller takes every decision and its team only helps with the steps.
#pragma once

#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "solvers/input_scale.hpp"

namespace shallownet {

template <class Scalar>
class Descent {
 public:
  // If it is broken off on the way, it must not be run. Of the places to hand out to, the second is for networks that hand
  // out epochs; others may have none.
  Descent(const Network<Scalar>& net, const OptimizerStep<Scalar>& optimizer, const TrainOptions& options,
          const Examples<Scalar>& examples, Index m, const Vectors<const Scalar>& start,
          const std::array<Vectors<Scalar>, 2>& ends, InterruptWatch& watch)
      : net_(net), optimizer_(optimizer), options_(options), m_(m), n_batches_(n_batches(options, m)), watch_(watch),
        ends_(ends), examples_(examples), row_size_(options.row_size(net.at.shape)),
        inputs_(input_kind_of(net.at, examples, m, moved(start), row_size_, watch)), scale_(scale_of(options)),
        steps_(net, scale_ ? scale_->gradient_only() : optimizer, options, inputs_, watch) {
    if (net.at.narrow && n_batches_ == 1 && !examples.order && inputs_ != InputKind::sparse) {
      columns_.emplace(net.at.shape, examples, m, watch);
      examples_ = columns_->examples;
    }
    if (n_batches_ == 1 && !examples.order) full_weight_ = weight_sum(examples, m);
    take(start);
  }

  // Large networks in mini-batches hand out every epoch's end at once, and huge ones in full batch, too. Then there is no
  // need to keep its beginning and copy it back, or to copy its end once somebody has pressed Ctrl-C, who would wait for it.
  static bool hands_out_epochs(const Network<Scalar>& net, const TrainOptions& options, Index m) {
    constexpr Index huge = 1 << 22;  // numbers, which take some 8 ms
    return net.at.is_large() && (n_batches(options, m) > 1 || net.at.size >= huge);
  }

  // After at least one epoch: at which of the two places the last one's end is.
  Index end() const { return end_; }

  Progress run(const Progress& start) {
    progress_ = start;
    progress_.n_epochs = 0;
    progress_.status = Status::done;
    steps_.begin();
    while (progress_.n_epochs < options_.n_epochs && progress_.status == Status::done) epoch();
    steps_.end();
    if (!hands_out_epochs() && progress_.n_epochs > 0) hand_out();
    return progress_;
  }

  std::vector<double> take_costs() { return std::move(costs_); }

 private:
  static Index n_batches(const TrainOptions& options, Index m) {
    return (m + options.batch_size - 1) / options.batch_size;
  }
  bool hands_out_epochs() const { return hands_out_epochs(net_, options_, m_); }
  // Whether a step writes the optimizer's state, too, where it does not read it: then it can be broken off without a copy.
  bool has_two_states() const { return net_.at.is_large() && !hands_out_epochs(); }

  // Of what is handed in, the parameters that steps move.
  const Scalar* moved(const Vectors<const Scalar>& start) const {
    return options_.more_rows() > 0 ? start.state + optimizer_.slots * row_size_ : start.theta;
  }
  std::unique_ptr<InputScale<Scalar>> scale_of(const TrainOptions& options) const {
    return options.scales_inputs() ? std::make_unique<InputScale<Scalar>>(net_.at, optimizer_, options, watch_)
                                   : nullptr;
  }

  // A buffer's numbers: the parameters in the layout of the network, and behind them the inputs' scales.
  Index buffer_size() const { return scale_ ? InputScale<Scalar>::buffer_size(net_.at) : net_.at.size; }
  // What stands in row r of what is handed in and out besides the parameters.
  Scalar* row(Index r) {
    if (r < optimizer_.slots) return state(static_cast<std::size_t>(r));
    return (r == optimizer_.slots ? parameters_ : average_)[current_].data();
  }
  Index n_rows() const { return optimizer_.slots + options_.more_rows(); }

  void take(const Vectors<const Scalar>& start) {
    const Lookout lookout = net_.at.lookout(&watch_);
    const Index n = net_.at.shape.n_parameters(), slots = optimizer_.slots, size = buffer_size();
    for (auto& buffer : parameters_) buffer = Buffer<Scalar>(size);
    for (auto& buffer : average_) buffer = Buffer<Scalar>(options_.averages() ? size : 0);
    for (Index s = 0; s < slots; ++s) state_.emplace_back(has_two_states() ? 2 * size : size);
    net_.at.pack(moved(start), parameters_[0].data(), lookout);
    for (Index r = 0; r < n_rows(); ++r) {
      const Scalar* given = start.state + r * row_size_;
      net_.at.pack(given, row(r), lookout);
      std::copy(given + n, given + row_size_, row(r) + net_.at.size);
    }
    if (n_batches_ > 1 && !hands_out_epochs())
      for (Index s = 0; s <= slots + options_.averages(); ++s) snapshot_.emplace_back(size);
  }

  // The current parameters and state, to the place that has not the last ones; false if that is broken off. Each thread
  // unpacks its share.
  bool hand_out(bool may_break_off = false) {
    const Vectors<Scalar>& to = ends_[static_cast<std::size_t>(hands_out_epochs() ? end_ ^ 1 : end_)];
    const bool is_over = progress_.status == Status::stalled || progress_.n_epochs == options_.n_epochs;
    const bool has_state = options_.keeps_state || is_over;
    const Index n = net_.at.shape.n_parameters(), last = has_state ? n_rows() : 0;
    const Index n_threads = net_.at.is_large() ? steps_.team().size() : 1;
    const Scalar* shown = (options_.averages() ? average_ : parameters_)[current_].data();
    const auto job = [&](Index thread) {
      const Lookout lookout = net_.at.lookout(may_break_off ? &watch_ : nullptr, thread);
      net_.at.unpack(shown, to.theta, lookout, n_threads);
      for (Index r = 0; r < last; ++r) {
        Scalar* given = to.state + r * row_size_;
        net_.at.unpack(row(r), given, lookout, n_threads);
        if (thread == 0) std::copy_n(row(r) + net_.at.size, row_size_ - n, given + n);
      }
    };
    n_threads > 1 ? steps_.team().run(job, [&] { watch_.look(0); }) : job(0);
    if (scale_) scale_->fold_into(shown, to.theta, may_break_off);
    if (watch_.broken_off() && may_break_off) return false;
    if (hands_out_epochs()) end_ ^= 1;
    return true;
  }

  Scalar* state(std::size_t slot) { return state_[slot].data() + (has_two_states() ? current_ * buffer_size() : 0); }
  State<Scalar> state_now() {
    State<Scalar> now{};
    for (std::size_t s = 0; s < state_.size(); ++s) now.slots[s] = state(s);
    if (has_two_states()) now.to_next = current_ == 0 ? buffer_size() : -buffer_size();
    return now;
  }

  StepVectors<Scalar> vectors_now() {
    const Scalar *now = parameters_[current_].data(), *average = average_[current_].data();
    const int next = current_ ^ 1;
    const double t = progress_.steps_done + 1, kept = std::min(options_.average, (1 + t) / (10 + t));
    return {now, parameters_[next].data(), state_now(), {average, average_[next].data(), 1 - kept}};
  }

  void epoch() {
    const Progress before = progress_;
    const Index number = options_.first_epoch + progress_.n_epochs;
    const bool reports = options_.cost_every > 0 && (n_batches_ > 1 || number % options_.cost_every == 0);
    want_cost_ = reports || options_.has_tol;
    epoch_loss_ = epoch_weight_ = 0;
    double rate = options_.step.learning_rate;
    if (options_.power_t != 0) rate /= std::pow(progress_.seen + 1, options_.power_t);
    progress_.learning_rate = rate;
    if (!snapshot_.empty()) keep_snapshot();

    Examples<Scalar> batch = examples_;
    if (batch.order) batch.order += progress_.n_epochs * m_;
    for (Index b = 0; b < n_batches_ && progress_.status == Status::done; ++b) {
      const Index first = b * options_.batch_size;
      step(batch.from(first), std::min(options_.batch_size, m_ - first), scheduled(rate, number, b));
    }
    const double cost = n_batches_ == 1 ? batch_cost_ : epoch_loss_ / epoch_weight_;
    if (progress_.status == Status::done && want_cost_ && !std::isfinite(cost)) progress_.status = Status::diverged;
    if (progress_.status != Status::done) return give_up(before);
    if (n_batches_ == 1) current_ ^= 1;  // only now: the cost may have overflowed though the parameters had not
    progress_.seen += static_cast<double>(m_);
    ++progress_.n_epochs;
    if (options_.has_tol) apply_tolerance(cost);
    if (hands_out_epochs() && !hand_out(true)) {
      progress_.status = Status::interrupted;
      return give_up(before);
    }
    if (reports) costs_.push_back(cost);
  }

  // What the schedule makes of the rate after so many of all epochs, and batches of the next.
  double scheduled(double rate, Index epochs, Index batches) const {
    if (!options_.schedule) return rate;
    const double done = static_cast<double>(epochs) + static_cast<double>(batches) / static_cast<double>(n_batches_);
    return rate * options_.schedule(done / static_cast<double>(options_.all_epochs));
  }

  void step(const Examples<Scalar>& batch, Index n, double learning_rate) {
    StepOptions options = options_.step;
    options.learning_rate = learning_rate;
    const double weight = full_weight_ > 0 ? full_weight_ : weight_sum(batch, n);
    const Rates rates{optimizer_.rate(options, progress_.steps_done + 1), learning_rate * options.weight_decay};
    const BatchStep<Scalar> step{batch, n, weight, rates, decay(weight), want_cost_, vectors_now()};
    const BatchStep<Scalar> seen = scale_ ? scale_->seen(step) : step;
    steps_.take(seen);
    if (watch_.broken_off()) {
      progress_.status = Status::interrupted;
      return;
    }
    if (want_cost_) {
      const double share = options_.as_scikit_learn && weight > 0 ? static_cast<double>(n) : weight;
      batch_cost_ = steps_.cost(seen);
      epoch_loss_ += weight > 0 ? share * batch_cost_ : 0;
      epoch_weight_ += share;
    }
    if (weight <= 0) return;  // a batch without weight teaches nothing
    progress_.learning_rate = learning_rate;
    progress_.steps_done += 1;
    if (!steps_.is_finite() || (scale_ && !scale_->take(step))) progress_.status = Status::diverged;
    if (scale_ && watch_.broken_off()) progress_.status = Status::interrupted;
    if (n_batches_ > 1) current_ ^= 1;
  }

  // The penalty's rate for a batch of this weight.
  double decay(double weight) const { return options_.as_scikit_learn ? options_.l2 / weight : options_.l2; }

  // scikit-learn's rule: an epoch that does not beat the best by tol counts as stalled.
  void apply_tolerance(double cost) {
    progress_.stalled = cost > progress_.best_cost - options_.tol ? progress_.stalled + 1 : 0;
    progress_.best_cost = std::min(progress_.best_cost, cost);
    if (progress_.stalled > options_.patience) progress_.status = Status::stalled;
  }

  void keep_snapshot() {
    copy(parameters_[current_], snapshot_[0]);
    for (std::size_t s = 0; s < state_.size(); ++s) copy(state_[s], snapshot_[s + 1]);
    if (options_.averages()) copy(average_[current_], snapshot_.back());
  }

  // Back to the start of the epoch, where parameters were finite and complete: by a copy, or where they still are.
  void give_up(const Progress& before) {
    const Status why = progress_.status;
    progress_ = before;
    progress_.status = why;
    if (snapshot_.empty()) return;
    copy(snapshot_[0], parameters_[current_]);
    for (std::size_t s = 0; s < state_.size(); ++s) copy(snapshot_[s + 1], state_[s]);
    if (options_.averages()) copy(snapshot_.back(), average_[current_]);
  }

  static void copy(const Buffer<Scalar>& from, Buffer<Scalar>& to) {
    std::copy(from.data(), from.data() + from.size(), to.data());
  }

  const Network<Scalar>& net_;
  const OptimizerStep<Scalar>& optimizer_;
  const TrainOptions& options_;
  const Index m_, n_batches_;
  InterruptWatch& watch_;
  const std::array<Vectors<Scalar>, 2> ends_;
  Index end_ = 0;
  Examples<Scalar> examples_;
  const Index row_size_;  // of what is handed in and out besides the parameters
  const InputKind inputs_;
  const std::unique_ptr<InputScale<Scalar>> scale_;
  std::optional<Columns<Scalar>> columns_;
  TeamStep<Scalar> steps_;
  Buffer<Scalar> parameters_[2];  // a step reads one and writes the other, so the last finite one is at hand
  Buffer<Scalar> average_[2];     // of the parameters, likewise
  int current_ = 0;
  std::vector<Buffer<Scalar>> state_;     // one per slot, of two vectors where has_two_states
  std::vector<Buffer<Scalar>> snapshot_;  // parameters and state at the start of the epoch, if it may have to be copied
  std::vector<double> costs_;
  Progress progress_;
  bool want_cost_ = false;
  double batch_cost_ = 0, epoch_loss_ = 0, epoch_weight_ = 0, full_weight_ = 0;
};

}  // namespace shallownet
