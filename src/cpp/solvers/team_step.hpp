// A step of training on a batch, in one of three ways: by the caller alone, by a team that shares out hidden units, or by a
// team that shares out examples. Each way ends in the same bits.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "solvers/optimizer_step.hpp"
#include "sums/unit_parallel.hpp"

namespace shallownet {

// What all threads know about a step: its n examples, the sum of their weights, the optimizer's rates and the penalty's,
// whether the cost is wanted; and the vectors.
template <class Scalar>
struct BatchStep {
  Examples<Scalar> batch;
  Index n;
  double weight;
  Rates rates;
  double decay;
  bool want_cost;
  StepVectors<Scalar> vectors;
};

template <class Scalar>
class TeamStep {
 public:
  TeamStep(const Network<Scalar>& net, const OptimizerStep<Scalar>& optimizer, const TrainOptions& options,
           InputKind inputs, InterruptWatch& watch)
      : net_(net), optimizer_(optimizer), options_(options), watch_(watch), parts_(parts_of(options, optimizer)),
        n_sharers_(UnitParallel<Scalar>::n_threads(net.at, options.batch_size, inputs)),
        team_(std::min(options.n_threads, std::max(n_sharers_, n_chunks(options.batch_size)))),
        chunks_(net, options.batch_size, inputs, team_.size(), watch),
        finite_(static_cast<std::size_t>(team_.size()), 1) {
    if (has_copies()) {
      for (Index t = 0; t < team_.size(); ++t) copies_.emplace_back(net.at.size);
    } else if (team_.size() > 1 && n_sharers_ > 1) {
      unit_parallel_.emplace(net, options.batch_size, inputs, team_, watch);
    }
  }

  Team& team() { return team_; }

  // Around steps that follow each other.
  void begin() {
    if (team_.size() > 1)
      team_.pacing().resume(static_cast<double>(options_.batch_size) * static_cast<double>(net_.at.size));
  }
  void end() {
    if (team_.size() > 1) team_.pacing().pause();
  }

  // Writes the next parameters and state; a batch without weight changes none. Broken off, it leaves anything in them.
  void take(const BatchStep<Scalar>& step) {
    const bool together = team_.size() > 1 && (options_.always_together || team_.pacing().together());
    const bool publishes = together && !copies_.empty() && step.weight > 0 && optimizer_.moves;
    chunks_.prepare(step.batch, step.n, step.want_cost, step.want_cost && options_.l2 != 0, publishes);
    if (!together) {
      take_alone(step);
    } else if (unit_parallel_) {
      share_units(step, *unit_parallel_);
    } else {
      team_.run([&](Index thread) { share_examples(step, thread); }, [&] { watch_.look(0); });
    }
    has_published_ = publishes;
  }

  // Of the step just taken: the batch's cost, if wanted, and whether all new parameters are finite.
  double cost(const BatchStep<Scalar>& step) const {
    return options_.loss_scale * chunks_.loss() / step.weight + step.decay / 2 * chunks_.squares();
  }
  bool is_finite() const { return std::find(finite_.begin(), finite_.end(), 0) == finite_.end(); }

 private:
  // Whether each thread of the team has one chunk, and its own copy of the parameters: not larger than a processor's cache.
  bool has_copies() const {
    constexpr Index most = 5 << 19;  // bytes
    return team_.size() > 1 && n_chunks(options_.batch_size) == team_.size() &&
           net_.at.size * static_cast<Index>(sizeof(Scalar)) <= most;
  }

  void take_alone(const BatchStep<Scalar>& step) {
    chunks_.compute(step.vectors.now);
    if (!watch_.broken_off()) finite_[0] = update(step, 0, 0, net_.at.size);
  }

  // On few examples, a thread's part are some hidden units.
  void share_units(const BatchStep<Scalar>& step, UnitParallel<Scalar>& units) {
    units.prepare(step.batch, step.n, step.want_cost, chunks_);
    const auto job = [&](Index thread) {
      units.compute(step.vectors.now, thread);
      bool finite = true;
      units.for_each_range(thread, [&](Index begin, Index end) { finite &= update(step, thread, begin, end); });
      finite_[static_cast<std::size_t>(thread)] = finite;
    };
    if (!watch_.check(0, static_cast<double>(step.n * net_.at.size))) team_.run(job, [&] { watch_.look(0); });
  }

  // On many, a thread's part are some chunks, then some parameters.
  void share_examples(const BatchStep<Scalar>& step, Index thread) {
    if (copies_.empty()) {
      chunks_.claim(step.vectors.now, thread);
    } else {
      Scalar* own = copies_[static_cast<std::size_t>(thread)].data();
      std::copy_n(has_published_ ? chunks_.published(thread) : step.vectors.now, net_.at.size, own);
      chunks_.compute_own(own, thread);
    }
    team_.barrier([&] { watch_.look(thread); });
    if (watch_.broken_off()) return;
    const Index vectors = net_.at.size / width<Scalar>, n = team_.size();
    finite_[static_cast<std::size_t>(thread)] =
        update(step, thread, cut(vectors, n, thread) * width<Scalar>, cut(vectors, n, thread + 1) * width<Scalar>);
  }

  // A thread's part of the optimizer's step, the parameters first <= i < last, cut where the penalty begins and ends; false
  // if one of them is no longer finite.
  bool update(const BatchStep<Scalar>& step, Index thread, Index first, Index last) {
    if (step.weight <= 0) return true;
    const auto& at = net_.at;
    const Index cuts[] = {0, at.b1, at.w2, at.b2, at.size};
    bool finite = true;
    for (int r = 0; r < 4; ++r) {
      const PartStep of_part = parts_[static_cast<std::size_t>(r)].step(step.rates, 1 / step.weight, step.decay);
      const auto part = [&](Index begin, Index end) {
        finite &= optimizer_.update(of_part, step.vectors, chunks_, begin, end);
      };
      const Index begin = std::max(cuts[r], first), end = std::min(cuts[r + 1], last);
      for_each_block_of(begin, end, at.lookout(&watch_, thread), part);
    }
    return finite;
  }

  const Network<Scalar>& net_;
  const OptimizerStep<Scalar>& optimizer_;
  const TrainOptions& options_;
  InterruptWatch& watch_;
  const std::array<Part, 5> parts_;
  const Index n_sharers_;  // threads that sharing out hidden units has work for
  Team team_;
  GradientChunks<Scalar> chunks_;
  std::optional<UnitParallel<Scalar>> unit_parallel_;
  std::vector<Buffer<Scalar>> copies_;  // of the parameters, per thread, if each has its own
  bool has_published_ = false;          // whether the last step published the parameters for the copies
  std::vector<char> finite_;            // per thread: was its part of the last step?
};

}  // namespace shallownet
