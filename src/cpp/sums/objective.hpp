// The cost of all examples and its gradient, at one point after another: what solvers without batches ask for. Team, chunks
// and the transposed examples of narrow networks are made once.
#pragma once

#include <optional>

#include "parallel/threads.hpp"
#include "sums/chunks.hpp"

namespace shallownet {

// The cost J, and the same as it is shown: scikit-learn averages squared errors over the outputs.
struct Cost {
  double J, shown;
};

template <class Scalar>
class Objective {
 public:
  // p: any parameters, to judge by whether zeros among the inputs may be passed over.
  Objective(const Network<Scalar>& net, const Examples<Scalar>& examples, Index m, double l2, double loss_scale,
            Index n_threads, const Scalar* p, InterruptWatch& watch)
      : net_(net), examples_(examples), m_(m), l2_(l2), loss_scale_(loss_scale), total_(weight_sum(examples, m)),
        watch_(watch), inputs_(input_kind_of(net.at, examples, m, p, net.at.size, watch)),
        team_(std::min(n_threads, n_chunks(m))), chunks_(net, m, inputs_, team_.size(), watch) {
    if (net.at.narrow && inputs_ != InputKind::sparse) {
      columns_.emplace(net.at.shape, examples, m, watch);
      examples_ = columns_->examples;
    }
  }

  // Around calls that follow each other.
  void begin() {
    if (team_.size() > 1) team_.pacing().resume(static_cast<double>(m_) * static_cast<double>(net_.at.size));
  }
  void end() {
    if (team_.size() > 1) team_.pacing().pause();
  }

  // At p, and the gradient (in the layout of the parameters) into g; broken off, anything.
  Cost operator()(const Scalar* p, Scalar* g) {
    chunks_.prepare(examples_, m_, true, l2_ != 0);
    if (team_.size() > 1 && team_.pacing().together()) {
      team_.run([&](Index thread) { chunks_.claim(p, thread); }, [&] { watch_.look(0); });
    } else {
      chunks_.compute(p);
    }
    const Vector<Scalar> share = broadcast(Scalar(1 / total_));
    for_each_block_of(0, net_.at.size, net_.at.lookout(&watch_), [&](Index begin, Index end) {
      for (Index i = begin; i < end; i += width<Scalar>) {
        const Vector<Scalar> decay = broadcast(Scalar(is_weight(net_.at, i) ? l2_ : 0));
        store(g + i, fma(decay, load(p + i), chunks_.sum(i) * share));
      }
    });
    const double loss = chunks_.loss() / total_, penalty = l2_ / 2 * chunks_.squares();
    return {loss + penalty, loss_scale_ * loss + penalty};
  }

 private:
  const Network<Scalar>& net_;
  Examples<Scalar> examples_;
  const Index m_;
  const double l2_, loss_scale_, total_;
  InterruptWatch& watch_;
  const InputKind inputs_;
  Team team_;
  GradientChunks<Scalar> chunks_;
  std::optional<Columns<Scalar>> columns_;
};

}  // namespace shallownet
