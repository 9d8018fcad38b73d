// Steps of a network whose inputs are scaled by factors s (n_x) that are trained, too: with W1 in place of W1 diag(s), which
// the passes see. In a buffer s stands behind the parameters, rounded up with zeros. Without a hidden layer W1 is W2.
#pragma once

#include "solvers/team_step.hpp"

namespace shallownet {

// An optimizer that writes the gradient itself.
struct GradientOnly {
  static constexpr bool is_scale_free = false;
  static constexpr int slots = 0;

  static double rate(const StepOptions&, double) { return 0; }
  template <class Scalar>
  struct Step {
    Step(const StepOptions&, const Rates&) {}
    Vector<Scalar> operator()(Vector<Scalar>, Vector<Scalar> g, const State<Scalar>&, Index) const { return g; }
  };
};

template <class Scalar>
class InputScale {
 public:
  static Index buffer_size(const Layout<Scalar>& at) { return at.size + round_up(at.shape.n_x, width<Scalar>); }

  InputScale(const Layout<Scalar>& at, const OptimizerStep<Scalar>& optimizer, const TrainOptions& options,
             InterruptWatch& watch)
      : at_(at), optimizer_(optimizer), parts_(parts_of(options, optimizer)), lookout_(at.lookout(&watch)),
        gradient_only_(optimizer_step<Scalar, GradientOnly>()), effective_(at.size), gradient_(buffer_size(at)) {
    gradient_only_.moves = false;
  }

  // The optimizer of the step that finds the gradient.
  const OptimizerStep<Scalar>& gradient_only() const { return gradient_only_; }

  // The same step for the network that the passes see: it finds the gradient.
  BatchStep<Scalar> seen(const BatchStep<Scalar>& step) {
    if (folded_ != step.vectors.now) fold(step.vectors.now);
    BatchStep<Scalar> other = step;
    other.vectors = {effective_.data(), gradient_.data(), {}, {}};
    return other;
  }

  // The step itself, by the gradient found; false if a parameter is not finite, or one that the passes would see next.
  // Broken off, it leaves anything.
  bool take(const BatchStep<Scalar>& step) {
    differentiate(step.vectors.now);
    const Index cuts[] = {0, at_.b1, at_.w2, at_.b2, at_.size, buffer_size(at_)};
    const Gradient<Scalar> gradient{gradient_.data()};
    bool finite = true;
    for (std::size_t r = 0; r < parts_.size(); ++r) {
      const PartStep part = parts_[r].step(step.rates, 1, 0);
      for_each_block_of(cuts[r], cuts[r + 1], lookout_, [&](Index begin, Index end) {
        finite &= optimizer_.update_by(part, step.vectors, gradient, begin, end);
      });
    }
    return fold(step.vectors.next) && finite;
  }

  // Multiplies the parameters as the user has them, of which p are those in a buffer, by the scales that p has.
  void fold_into(const Scalar* p, Scalar* user, bool may_break_off) const {
    const Index n_x = at_.shape.n_x;
    const Scalar* s = p + at_.size;
    for (Index k = 0; k < at_.first_units; ++k) {
      if (may_break_off && lookout_.breaks_off(static_cast<double>(work_per_number * n_x))) return;
      for (Index j = 0; j < n_x; ++j) user[k * n_x + j] *= s[j];
    }
  }

 private:
  // Calls f(weights, j) for the weights of input j, `vectors` of them after each other, in every block of units.
  template <class F>
  void for_each_input(F&& f) const {
    const Index n_x = at_.shape.n_x;
    for_each_block(at_.blocks, [&](Index u, int vectors) {
      const Index lanes = vectors * width<Scalar>;
      if (lookout_.breaks_off(static_cast<double>(work_per_number * n_x * lanes))) return;
      for (Index j = 0; j < n_x; ++j) f(u * n_x + j * lanes, lanes, j);
    });
  }

  bool fold(const Scalar* p) {
    const Scalar* s = p + at_.size;
    Scalar* to = effective_.data();
    Vector<Scalar> not_finite{};
    for_each_input([&](Index begin, Index lanes, Index j) {
      const Vector<Scalar> scale = broadcast(s[j]);
      for (Index i = begin; i < begin + lanes; i += width<Scalar>) {
        const Vector<Scalar> scaled = load(p + i) * scale;
        not_finite += scaled - scaled;
        store(to + i, scaled);
      }
    });
    std::copy(p + at_.b1, p + at_.size, to + at_.b1);
    folded_ = p;
    return sum<Scalar>(not_finite) == 0;
  }

  // From the gradient by W1 diag(s) to those by W1 and by s.
  void differentiate(const Scalar* p) {
    const Scalar* s = p + at_.size;
    Scalar *g = gradient_.data(), *ds = g + at_.size;
    std::fill(ds, ds + at_.shape.n_x, Scalar(0));
    for_each_input([&](Index begin, Index lanes, Index j) {
      const Vector<Scalar> scale = broadcast(s[j]);
      Vector<Scalar> total{};
      for (Index i = begin; i < begin + lanes; i += width<Scalar>) {
        const Vector<Scalar> by_seen = load(g + i);
        total = fma(load(p + i), by_seen, total);
        store(g + i, by_seen * scale);
      }
      ds[j] += sum<Scalar>(total);
    });
  }

  const Layout<Scalar>& at_;
  const OptimizerStep<Scalar>& optimizer_;
  const std::array<Part, 5> parts_;
  const Lookout lookout_;
  OptimizerStep<Scalar> gradient_only_;
  Buffer<Scalar> effective_, gradient_;
  const Scalar* folded_ = nullptr;  // the parameters that are in effective_
};

}  // namespace shallownet
