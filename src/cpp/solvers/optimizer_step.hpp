// The optimizer's part of a step: from a gradient, such as the sums of all chunks, to the next parameters.
#pragma once

#include <array>

#include "registry/optimizers.hpp"
#include "solvers/plan.hpp"
#include "sums/chunks.hpp"

namespace shallownet {

// The moving average of the parameters: next = (1 - fresh) now + fresh p.
template <class Scalar>
struct Average {
  const Scalar* now;
  Scalar* next;
  double fresh;
};

// What a step reads and writes, in the layout of the network: parameters, the optimizer's state, the average.
template <class Scalar>
struct StepVectors {
  const Scalar* now;
  Scalar* next;
  State<Scalar> state;
  Average<Scalar> average;
};

// What is the same for a part of the parameters, such as all weights of a layer, in one step: what the optimizer is told,
// the share of the sums that is the mean, the penalty's rate.
struct PartStep {
  const StepOptions& options;
  Rates rates;
  double share, decay;
};

// A gradient as it stands in memory, where steps otherwise find the sums of chunks.
template <class Scalar>
struct Gradient {
  const Scalar* data;

  Vector<Scalar> sum(Index i) const { return load(data + i); }
  void publish(Index, Vector<Scalar>) const {}
};

template <class Scalar, class Optimizer, bool averages, class Sums>
bool update(const PartStep& part, const StepVectors<Scalar>& given, Sums& sums, Index begin, Index end) {
  using V = Vector<Scalar>;
  const typename Optimizer::template Step<Scalar> step(part.options, part.rates);
  const StepVectors<Scalar> at = given;  // a copy, which no store can change
  const V per_example = broadcast(Scalar(part.share)), penalty_rate = broadcast(Scalar(part.decay));
  const V fresh = broadcast(Scalar(at.average.fresh)), kept = broadcast(Scalar(1 - at.average.fresh));
  V not_finite{};  // x - x is 0 for finite x and NaN otherwise, and NaN stays
  for (Index i = begin; i < end; i += width<Scalar>) {
    const V now = load(at.now + i);
    const V after = step(now, fma(penalty_rate, now, sums.sum(i) * per_example), at.state, i);
    not_finite += after - after;
    store(at.next + i, after);
    if constexpr (averages) store(at.average.next + i, fma(kept, load(at.average.now + i), fresh * after));
    sums.publish(i, after);
  }
  return sum<Scalar>(not_finite) == 0;
}

// The optimizer's part, with its type already chosen.
template <class Scalar>
struct OptimizerStep {
  // Parameters begin <= i < end: next = step(p, gradient); false if one of them is not finite.
  template <class Sums>
  using Update = bool (*)(const PartStep&, const StepVectors<Scalar>&, Sums&, Index begin, Index end);
  double (*rate)(const StepOptions&, double step);
  Update<GradientChunks<Scalar>> update;
  Update<const Gradient<Scalar>> update_by;
  Index slots;
  bool is_scale_free;
  bool moves = true;  // false: what it writes are no parameters
};

template <class Scalar, class Optimizer, bool averages = false>
OptimizerStep<Scalar> optimizer_step() {
  return {&Optimizer::rate, &update<Scalar, Optimizer, averages, GradientChunks<Scalar>>,
          &update<Scalar, Optimizer, averages, const Gradient<Scalar>>, Optimizer::slots, Optimizer::is_scale_free};
}

// How the steps of some parameters differ from those of others: by what the optimizer is told, by factors of the rate and of
// the optimizer's own decay, and by whether they bear the penalty.
struct Part {
  StepOptions options;
  double factor, shrinking;
  bool is_penalized;

  PartStep step(const Rates& rates, double share, double decay) const {
    return {options, {factor * rates.rate, shrinking * rates.shrink}, share, is_penalized ? decay : 0};
  }
};

// W1, b1, W2, b2, and the inputs' scales. A step of w moves W = unit w by unit times as much, and the gradient of w is unit
// times that of W: together this is another rate, and where only the gradient's direction counts, another epsilon.
template <class Scalar>
std::array<Part, 5> parts_of(const TrainOptions& options, const OptimizerStep<Scalar>& optimizer) {
  const auto weights = [&](double unit) {
    Part part{options.step, optimizer.is_scale_free ? unit : unit * unit, 1, true};
    part.options.epsilon /= unit;
    return part;
  };
  const Part biases{options.step, options.bias_rate, 0, false};
  return {weights(options.unit_1), biases, weights(options.unit_2), biases,
          Part{options.step, options.scale_rate, options.scale_rate, false}};
}

}  // namespace shallownet
