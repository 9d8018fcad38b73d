// First-order training: epochs, batches, the optimizer's step, the tolerance rule. The whole loop runs inside the
// threads, with two barriers a step. All threads take every decision, each for itself, from the same numbers, so none
// waits to be told. Includes gradient and optimizers.
#pragma once

#include "gradient.hpp"
#include "optimizers.hpp"

namespace shallownet {

struct TrainOptions {
  StepOptions step;       // learning_rate is the schedule's start
  double power_t = 0;     // learning_rate / (seen + 1)^power_t at the start of each epoch
  double l2 = 0;
  Index batch_size = 0;   // m: the full batch
  Index n_epochs = 0;
  Index first_epoch = 0;  // the number of the first epoch of this call, for cost_every
  Index cost_every = 1;   // 0: no costs
  bool has_tol = false;
  double tol = 0;
  Index patience = 0;
  Index n_threads = 1;
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

// The optimizer's part, with its type already chosen.
template <class Scalar>
struct Stepper {
  // Parameters begin <= i < end: next = step(p, gradient); false if one of them is not finite.
  using Update = bool (*)(const StepOptions&, double rate, const Scalar* p, Scalar* next, Scalar* const* state,
                          const Chunks<Scalar>& chunks, Index n, double share, double decay, Index begin, Index end);
  double (*rate)(const StepOptions&, double step);
  Update update;
  Index slots;
};

template <class Scalar, class Optimizer>
bool update(const StepOptions& options, double rate, const Scalar* p, Scalar* next, Scalar* const* state,
            const Chunks<Scalar>& chunks, Index n, double share, double decay, Index begin, Index end) {
  using V = Vector<Scalar>;
  const typename Optimizer::template Step<Scalar> step(options, rate);
  const V per_example = broadcast(Scalar(share)), penalty_rate = broadcast(Scalar(decay));
  V not_finite{};  // x - x is 0 for finite x and NaN otherwise, and NaN stays
  for (Index i = begin; i < end; i += width<Scalar>) {
    const V now = load(p + i);
    const V after = step(now, fma(penalty_rate, now, chunks.sum(n, i) * per_example), state, i);
    not_finite += after - after;
    store(next + i, after);
  }
  return sum(not_finite) == 0;
}

template <class Scalar, class Optimizer>
Stepper<Scalar> stepper() {
  return {&Optimizer::rate, &update<Scalar, Optimizer>, Optimizer::slots};
}

// What the threads of one training share.
template <class Scalar>
struct Descent {
  const Network<Scalar>& net;
  const Stepper<Scalar>& stepper;
  const TrainOptions& options;
  const Examples<Scalar>& examples;
  const Index m, n_batches;
  Buffer<Scalar> parameters[2];           // a step reads one and writes the other, so the last finite one is at hand
  std::vector<Buffer<Scalar>> state;      // one per slot
  std::vector<Scalar*> state_data;
  std::vector<Buffer<Scalar>> snapshot;   // parameters and state at the start of the epoch, if it has many steps
  Chunks<Scalar> chunks;
  std::vector<char> finite;               // per thread: was its part of the last step?
  std::vector<double> costs;              // written by thread 0
  Index current = 0;                      // at the end: which of `parameters` is the result

  // theta (n_parameters) and state (slots, n_parameters) are the user's vectors.
  Descent(const Network<Scalar>& network, const Stepper<Scalar>& step, const TrainOptions& given,
          const Examples<Scalar>& batch, Index n_examples, const Scalar* theta, const Scalar* user_state)
      : net(network), stepper(step), options(given), examples(batch), m(n_examples),
        n_batches((m + options.batch_size - 1) / options.batch_size),
        chunks(net.at, n_chunks(options.batch_size)),  // a short last batch never has more
        finite(static_cast<std::size_t>(options.n_threads), 1) {
    for (auto& buffer : parameters) buffer = Buffer<Scalar>(net.at.size);
    net.at.pack(theta, parameters[0].data());
    for (Index s = 0; s < stepper.slots; ++s) {
      state.emplace_back(net.at.size);
      net.at.pack(user_state + s * net.at.shape.n_parameters(), state.back().data());
      state_data.push_back(state.back().data());
    }
    if (n_batches > 1)
      for (Index s = 0; s <= stepper.slots; ++s) snapshot.emplace_back(net.at.size);
    if (options.cost_every > 0)
      costs.reserve(static_cast<std::size_t>(options.n_epochs / (n_batches > 1 ? 1 : options.cost_every) + 1));
  }

  void unpack(Scalar* theta, Scalar* user_state) const {
    net.at.unpack(parameters[current].data(), theta);
    for (Index s = 0; s < stepper.slots; ++s)
      net.at.unpack(state[static_cast<std::size_t>(s)].data(), user_state + s * net.at.shape.n_parameters());
  }
};

// One thread's part in a descent. Members that are not shared are this thread's own copies; every thread's are equal.
template <class Scalar>
class DescentThread {
 public:
  DescentThread(Descent<Scalar>& shared, const Progress& start, Watch& watch, Workspace<Scalar>& work, Team& team,
                Index thread)
      : d_(shared), watch_(watch), work_(work), team_(team), thread_(thread), progress_(start) {
    const Index vectors = d_.net.at.size / width<Scalar>;
    begin_ = chunk_begin(vectors, team.size(), thread) * width<Scalar>;
    end_ = chunk_begin(vectors, team.size(), thread + 1) * width<Scalar>;
    if (d_.n_batches == 1 && !d_.examples.order) full_weight_ = weight_sum(d_.examples, d_.m);
  }

  Progress train() {
    progress_.n_epochs = 0;
    progress_.status = Status::done;
    while (progress_.n_epochs < d_.options.n_epochs && progress_.status == Status::done) epoch();
    if (thread_ == 0) d_.current = current_;
    return progress_;
  }

 private:
  void epoch() {
    const TrainOptions& options = d_.options;
    const Progress before = progress_;
    const Index number = options.first_epoch + progress_.n_epochs;
    const bool reports = options.cost_every > 0 && (d_.n_batches > 1 || number % options.cost_every == 0);
    want_cost_ = reports || options.has_tol;
    epoch_loss_ = epoch_weight_ = 0;
    progress_.learning_rate = options.step.learning_rate;
    if (options.power_t != 0) progress_.learning_rate /= std::pow(progress_.seen + 1, options.power_t);
    if (d_.n_batches > 1) keep_snapshot();

    Examples<Scalar> batch = d_.examples;
    if (batch.order) batch.order += progress_.n_epochs * d_.m;
    for (Index b = 0; b < d_.n_batches && progress_.status == Status::done; ++b) {
      const Index first = b * options.batch_size, n = std::min(options.batch_size, d_.m - first);
      step(batch.from(first), n);
    }
    const double cost = epoch_loss_ / epoch_weight_;
    if (progress_.status == Status::done && want_cost_ && !std::isfinite(cost)) progress_.status = Status::diverged;
    if (progress_.status != Status::done) {
      give_up(before);
      return;
    }
    if (d_.n_batches == 1) current_ ^= 1;  // only now: the cost may have overflowed though the parameters had not
    progress_.seen += static_cast<double>(d_.m);
    ++progress_.n_epochs;
    if (reports && thread_ == 0) d_.costs.push_back(cost);
    if (options.has_tol) apply_tolerance(cost);
  }

  // One batch: gradient, meet, update, meet.
  void step(const Examples<Scalar>& batch, Index n) {
    const Scalar* p = d_.parameters[current_].data();
    const Index n_parts = n_chunks(n);
    sum_chunks(d_.net, p, batch, n, d_.chunks, work_, watch_, thread_, want_cost_);
    meet();
    // Between the two meetings nobody computes sums, so what was summed and whether to stop can be read by all.
    if (watch_.broken_off()) {
      progress_.status = Status::interrupted;
      return;
    }
    const double weight = full_weight_ > 0 ? full_weight_ : weight_sum(batch, n);
    if (want_cost_) {
      epoch_loss_ += d_.chunks.total_loss(n_parts) + weight * penalty(d_.net.at, p, d_.options.l2);
      epoch_weight_ += weight;
    }
    if (weight > 0) update(p, n_parts, weight);
    if (thread_ == 0) d_.chunks.next.store(0, std::memory_order_relaxed);
    meet();
    if (weight <= 0) return;  // a batch without weight teaches nothing
    progress_.steps_done += 1;
    for (Index t = 0; t < team_.size(); ++t)
      if (!d_.finite[static_cast<std::size_t>(t)]) progress_.status = Status::diverged;
    if (d_.n_batches > 1) current_ ^= 1;
  }

  // This thread's share of the parameters, cut where the penalty begins and ends.
  void update(const Scalar* p, Index n_parts, double weight) {
    const auto& at = d_.net.at;
    Scalar* next = d_.parameters[current_ ^ 1].data();
    const double rate = d_.stepper.rate(at_rate(), progress_.steps_done + 1);
    bool finite = true;
    const Index cuts[] = {0, at.b1, at.w2, at.b2, at.size};
    for (int r = 0; r < 4; ++r) {
      const Index begin = std::max(cuts[r], begin_), end = std::min(cuts[r + 1], end_);
      const double decay = r % 2 == 0 ? d_.options.l2 : 0;
      if (begin < end)
        finite &= d_.stepper.update(d_.options.step, rate, p, next, d_.state_data.data(), d_.chunks, n_parts, 1 / weight,
                                    decay, begin, end);
    }
    d_.finite[static_cast<std::size_t>(thread_)] = finite;
  }

  StepOptions at_rate() const {
    StepOptions now = d_.options.step;
    now.learning_rate = progress_.learning_rate;
    return now;
  }

  // scikit-learn's rule: an epoch that does not beat the best by tol counts as stalled.
  void apply_tolerance(double cost) {
    progress_.stalled = cost > progress_.best_cost - d_.options.tol ? progress_.stalled + 1 : 0;
    progress_.best_cost = std::min(progress_.best_cost, cost);
    if (progress_.stalled > d_.options.patience) progress_.status = Status::stalled;
  }

  void keep_snapshot() {
    copy(d_.parameters[current_], d_.snapshot[0]);
    for (std::size_t s = 0; s < d_.state.size(); ++s) copy(d_.state[s], d_.snapshot[s + 1]);
  }

  // Back to the start of the epoch, where parameters were finite and complete.
  void give_up(const Progress& before) {
    const Status why = progress_.status;
    progress_ = before;
    progress_.status = why;
    if (d_.n_batches == 1) return;
    meet();  // others may still read the parameters
    copy(d_.snapshot[0], d_.parameters[current_]);
    for (std::size_t s = 0; s < d_.state.size(); ++s) copy(d_.snapshot[s + 1], d_.state[s]);
  }

  // This thread's share of a buffer.
  void copy(const Buffer<Scalar>& from, Buffer<Scalar>& to) const {
    std::copy(from.data() + begin_, from.data() + end_, to.data() + begin_);
  }

  void meet() {
    team_.meet([&] {
      if (thread_ == 0) watch_.look();
    });
  }

  Descent<Scalar>& d_;
  Watch& watch_;
  Workspace<Scalar>& work_;
  Team& team_;
  const Index thread_;
  Index begin_, end_;  // this thread's share of the parameters
  Index current_ = 0;
  Progress progress_;
  bool want_cost_ = false;
  double epoch_loss_ = 0, epoch_weight_ = 0, full_weight_ = 0;
};

template <class Scalar>
Progress descend(Descent<Scalar>& shared, const Progress& start, Watch& watch) {
  const Index n_threads = std::min(shared.options.n_threads, n_chunks(shared.options.batch_size));
  auto work = workspaces(shared.net.at, n_threads);
  Progress end;
  Pool::run(n_threads, [&](Index thread, Team& team) {
    DescentThread<Scalar> mine(shared, start, watch, work[static_cast<std::size_t>(thread)], team, thread);
    const Progress reached = mine.train();
    if (thread == 0) end = reached;
  });
  return end;
}

}  // namespace shallownet
