// The optimizer's part of a step: from the sums of all chunks to the next parameters.
#pragma once

#include "registry/optimizers.hpp"
#include "sums/chunks.hpp"

namespace shallownet {

// The optimizer's part, with its type already chosen.
template <class Scalar>
struct OptimizerStep {
  // Parameters begin <= i < end: next = step(p, gradient); false if one of them is not finite.
  using Update = bool (*)(const StepOptions&, double rate, const Scalar* p, Scalar* next, const State<Scalar>& state,
                          GradientChunks<Scalar>& chunks, double share, double decay, Index begin, Index end);
  double (*rate)(const StepOptions&, double step);
  Update update;
  Index slots;
};

template <class Scalar, class Optimizer>
bool update(const StepOptions& options, double rate, const Scalar* p, Scalar* next, const State<Scalar>& given,
            GradientChunks<Scalar>& chunks, double share, double decay, Index begin, Index end) {
  using V = Vector<Scalar>;
  const typename Optimizer::template Step<Scalar> step(options, rate);
  const State<Scalar> state = given;  // a copy, which no store can change
  const V per_example = broadcast(Scalar(share)), penalty_rate = broadcast(Scalar(decay));
  V not_finite{};  // x - x is 0 for finite x and NaN otherwise, and NaN stays
  for (Index i = begin; i < end; i += width<Scalar>) {
    const V now = load(p + i);
    const V after = step(now, fma(penalty_rate, now, chunks.sum(i) * per_example), state, i);
    not_finite += after - after;
    store(next + i, after);
    chunks.publish(i, after);
  }
  return sum<Scalar>(not_finite) == 0;
}

template <class Scalar, class Optimizer>
OptimizerStep<Scalar> optimizer_step() {
  return {&Optimizer::rate, &update<Scalar, Optimizer>, Optimizer::slots};
}

}  // namespace shallownet
