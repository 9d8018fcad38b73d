// First-order training: epochs, batches, the optimizer's step, the tolerance rule. The whole loop is
// native code; the caller takes every decision and its team only helps to compute sums and the step.
// Includes shares and stepper.
#pragma once

#include <optional>

#include "shares.hpp"
#include "stepper.hpp"

namespace shallownet {

struct TrainOptions {
  StepOptions step;    // learning_rate is the schedule's start
  double power_t = 0;  // learning_rate / (seen + 1)^power_t at the start of each epoch
  double l2 = 0;
  bool l2_is_shared = false;     // by the batch: l2 divided by the sum of its weights
  double loss_scale = 1;         // of the loss in the costs, not of the penalty, nor of any gradient
  bool counts_examples = false;  // an epoch's cost weighs its batches by their examples, not by their weights
  Index batch_size = 0;          // m: the full batch
  Index n_epochs = 0;
  Index first_epoch = 0;  // the number of the first epoch of this call, for cost_every
  Index cost_every = 1;   // 0: no costs
  bool has_tol = false;
  double tol = 0;
  Index patience = 0;
  Index n_threads = 1;
  bool always_together = false;  // without trying whether the team pays: tests can then rely on it
};

enum class Status { done, stalled, diverged, interrupted };

// Where training stands; carried from call to call.
struct Progress {
  Index n_epochs = 0;  // complete ones of this call
  double steps_done = 0, seen = 0;
  double best_cost = 0;
  Index stalled = 0;
  double learning_rate = 0;
  Status status = Status::done;
};

template <class Scalar>
class Descent {
 public:
  // theta (n_parameters) and state (slots, n_parameters) are the user's vectors.
  Descent(const Network<Scalar>& net, const Stepper<Scalar>& stepper, const TrainOptions& options,
          const Examples<Scalar>& examples, Index m, const Scalar* theta, const Scalar* state)
      : net_(net), stepper_(stepper), options_(options), m_(m),
        n_batches_((m + options.batch_size - 1) / options.batch_size), examples_(examples),
        inputs_(inputs_of(net.at, examples, m, theta, net.at.shape.n_parameters())),
        team_(std::min(options.n_threads, std::max(n_sharers(), n_chunks(options.batch_size)))),
        chunks_(net, options.batch_size, inputs_, team_.size()), finite_(static_cast<std::size_t>(team_.size()), 1) {
    if (has_copies()) {
      for (Index t = 0; t < team_.size(); ++t) copies_.emplace_back(net.at.size);
    } else if (team_.size() > 1 && n_sharers() > 1) {
      shares_.emplace(net, options.batch_size, inputs_, team_);
    }
    if (net.at.narrow && n_batches_ == 1 && !examples.order && inputs_ != Inputs::sparse) {
      columns_.emplace(net.at.shape, examples, m);
      examples_ = columns_->examples;
    }
    for (auto& buffer : parameters_) buffer = Buffer<Scalar>(net.at.size);
    net.at.pack(theta, parameters_[0].data());
    for (Index s = 0; s < stepper.slots; ++s) {
      state_.emplace_back(net.at.size);
      net.at.pack(state + s * net.at.shape.n_parameters(), state_.back().data());
      state_data_.push_back(state_.back().data());
    }
    if (n_batches_ > 1)
      for (Index s = 0; s <= stepper.slots; ++s) snapshot_.emplace_back(net.at.size);
    if (n_batches_ == 1 && !examples.order) full_weight_ = weight_sum(examples, m);
  }

  Progress run(const Progress& start, Watch& watch) {
    progress_ = start;
    progress_.n_epochs = 0;
    progress_.status = Status::done;
    if (team_.size() > 1)
      team_.pace().resume(static_cast<double>(options_.batch_size) * static_cast<double>(net_.at.size));
    while (progress_.n_epochs < options_.n_epochs && progress_.status == Status::done) epoch(watch);
    if (team_.size() > 1) team_.pace().pause();
    return progress_;
  }

  const std::vector<double>& costs() const { return costs_; }

  void unpack(Scalar* theta, Scalar* state) const {
    net_.at.unpack(parameters_[current_].data(), theta);
    for (const auto& slot : state_) {
      net_.at.unpack(slot.data(), state);
      state += net_.at.shape.n_parameters();
    }
  }

 private:
  Index n_sharers() const { return Shares<Scalar>::n_threads(net_.at, options_.batch_size, inputs_); }
  // Whether each thread of the team has one chunk, and its own copy of the parameters: not larger than a processor's cache.
  bool has_copies() const {
    constexpr Index most = 5 << 19;  // bytes
    return team_.size() > 1 && n_chunks(options_.batch_size) == team_.size() &&
           net_.at.size * static_cast<Index>(sizeof(Scalar)) <= most;
  }

  void epoch(Watch& watch) {
    const Progress before = progress_;
    const Index number = options_.first_epoch + progress_.n_epochs;
    const bool reports = options_.cost_every > 0 && (n_batches_ > 1 || number % options_.cost_every == 0);
    want_cost_ = reports || options_.has_tol;
    epoch_loss_ = epoch_weight_ = 0;
    progress_.learning_rate = options_.step.learning_rate;
    if (options_.power_t != 0) progress_.learning_rate /= std::pow(progress_.seen + 1, options_.power_t);
    if (n_batches_ > 1) keep_snapshot();

    Examples<Scalar> batch = examples_;
    if (batch.order) batch.order += progress_.n_epochs * m_;
    for (Index b = 0; b < n_batches_ && progress_.status == Status::done; ++b) {
      const Index first = b * options_.batch_size;
      step(batch.from(first), std::min(options_.batch_size, m_ - first), watch);
    }
    const double cost = n_batches_ == 1 ? batch_cost_ : epoch_loss_ / epoch_weight_;
    if (progress_.status == Status::done && want_cost_ && !std::isfinite(cost)) progress_.status = Status::diverged;
    if (progress_.status != Status::done) {
      give_up(before);
      return;
    }
    if (n_batches_ == 1) current_ ^= 1;  // only now: the cost may have overflowed though the parameters had not
    progress_.seen += static_cast<double>(m_);
    ++progress_.n_epochs;
    if (reports) costs_.push_back(cost);
    if (options_.has_tol) apply_tolerance(cost);
  }

  // What all threads know about a step: its n examples, the sum of their weights, the optimizer's rate.
  struct Step {
    Examples<Scalar> batch;
    Index n;
    double weight, rate;
  };

  void step(const Examples<Scalar>& batch, Index n, Watch& watch) {
    StepOptions now = options_.step;
    now.learning_rate = progress_.learning_rate;
    const double weight = full_weight_ > 0 ? full_weight_ : weight_sum(batch, n);
    const Step step{batch, n, weight, stepper_.rate(now, progress_.steps_done + 1)};
    const bool together = team_.size() > 1 && (options_.always_together || team_.pace().together());
    const bool leaves = together && !copies_.empty() && weight > 0;
    chunks_.prepare(batch, n, want_cost_, want_cost_ && options_.l2 != 0, leaves);
    if (!together) {
      chunks_.compute(parameters_[current_].data(), watch);
      if (!watch.broken_off()) finite_[0] = update(step, 0, net_.at.size);
    } else if (shares_) {
      Shares<Scalar>& shares = *shares_;
      shares.prepare(batch, n, want_cost_, chunks_);
      const auto job = [&](Index thread) { share_units(shares, step, thread); };
      if (!watch.check(0, static_cast<double>(n * net_.at.size))) team_.run(job, [&] { watch.look(); });
    } else {
      team_.run([&](Index thread) { share_examples(step, watch, thread); }, [&] { watch.look(); });
    }
    has_left_ = leaves;
    if (watch.broken_off()) {
      progress_.status = Status::interrupted;
      return;
    }
    if (want_cost_) {
      const double share = options_.counts_examples && weight > 0 ? static_cast<double>(n) : weight;
      batch_cost_ = options_.loss_scale * chunks_.loss() / weight + decay(weight) / 2 * chunks_.squares();
      epoch_loss_ += weight > 0 ? share * batch_cost_ : 0;
      epoch_weight_ += share;
    }
    if (weight <= 0) return;  // a batch without weight teaches nothing
    progress_.steps_done += 1;
    if (std::find(finite_.begin(), finite_.end(), 0) != finite_.end()) progress_.status = Status::diverged;
    if (n_batches_ > 1) current_ ^= 1;
  }

  // A thread's part of a step on few examples: some hidden units.
  void share_units(Shares<Scalar>& shares, const Step& step, Index thread) {
    shares.compute(parameters_[current_].data(), thread);
    bool finite = true;
    shares.for_each_range(thread, [&](Index begin, Index end) { finite &= update(step, begin, end); });
    finite_[static_cast<std::size_t>(thread)] = finite;
  }

  // A thread's part of a step on many: some chunks, then some parameters.
  void share_examples(const Step& step, Watch& watch, Index thread) {
    const Scalar* p = parameters_[current_].data();
    if (copies_.empty()) {
      chunks_.claim(p, watch, thread);
    } else {
      Scalar* own = copies_[static_cast<std::size_t>(thread)].data();
      std::copy_n(has_left_ ? chunks_.left(thread) : p, net_.at.size, own);
      chunks_.compute_own(own, watch, thread);
    }
    team_.meet();
    if (watch.broken_off()) return;
    const Index vectors = net_.at.size / width<Scalar>, n = team_.size();
    finite_[static_cast<std::size_t>(thread)] =
        update(step, cut(vectors, n, thread) * width<Scalar>, cut(vectors, n, thread + 1) * width<Scalar>);
  }

  // The optimizer's step for parameters first <= i < last, cut where the penalty begins and ends; false if one of them is
  // no longer finite.
  bool update(const Step& step, Index first, Index last) {
    if (step.weight <= 0) return true;
    const auto& at = net_.at;
    const Index cuts[] = {0, at.b1, at.w2, at.b2, at.size};
    bool finite = true;
    for (int r = 0; r < 4; ++r) {
      const Index begin = std::max(cuts[r], first), end = std::min(cuts[r + 1], last);
      if (begin < end)
        finite &= stepper_.update(options_.step, step.rate, parameters_[current_].data(),
                                  parameters_[current_ ^ 1].data(), state_data_.data(), chunks_, 1 / step.weight,
                                  r % 2 == 0 ? decay(step.weight) : 0, begin, end);
    }
    return finite;
  }

  // The penalty's rate for a batch of this weight.
  double decay(double weight) const { return options_.l2_is_shared ? options_.l2 / weight : options_.l2; }

  // scikit-learn's rule: an epoch that does not beat the best by tol counts as stalled.
  void apply_tolerance(double cost) {
    progress_.stalled = cost > progress_.best_cost - options_.tol ? progress_.stalled + 1 : 0;
    progress_.best_cost = std::min(progress_.best_cost, cost);
    if (progress_.stalled > options_.patience) progress_.status = Status::stalled;
  }

  void keep_snapshot() {
    copy(parameters_[current_], snapshot_[0]);
    for (std::size_t s = 0; s < state_.size(); ++s) copy(state_[s], snapshot_[s + 1]);
  }

  // Back to the start of the epoch, where parameters were finite and complete.
  void give_up(const Progress& before) {
    const Status why = progress_.status;
    progress_ = before;
    progress_.status = why;
    if (n_batches_ == 1) return;
    copy(snapshot_[0], parameters_[current_]);
    for (std::size_t s = 0; s < state_.size(); ++s) copy(snapshot_[s + 1], state_[s]);
  }

  static void copy(const Buffer<Scalar>& from, Buffer<Scalar>& to) {
    std::copy(from.data(), from.data() + from.size(), to.data());
  }

  const Network<Scalar>& net_;
  const Stepper<Scalar>& stepper_;
  const TrainOptions& options_;
  const Index m_, n_batches_;
  Examples<Scalar> examples_;
  const Inputs inputs_;
  std::optional<Columns<Scalar>> columns_;
  Team team_;
  Chunks<Scalar> chunks_;
  std::optional<Shares<Scalar>> shares_;
  Buffer<Scalar> parameters_[2];  // a step reads one and writes the other, so the last finite one is at hand
  Index current_ = 0;
  std::vector<Buffer<Scalar>> copies_;  // of the parameters, per thread, if each has its own
  bool has_left_ = false;               // whether the last step left the parameters for the copies
  std::vector<Buffer<Scalar>> state_;   // one per slot
  std::vector<Scalar*> state_data_;
  std::vector<Buffer<Scalar>> snapshot_;  // parameters and state at the start of the epoch, if it has many steps
  std::vector<char> finite_;              // per thread: was its part of the last step?
  std::vector<double> costs_;
  Progress progress_;
  bool want_cost_ = false;
  double batch_cost_ = 0, epoch_loss_ = 0, epoch_weight_ = 0, full_weight_ = 0;
};

}  // namespace shallownet
