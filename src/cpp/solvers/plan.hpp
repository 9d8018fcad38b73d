// A training's plan, which stays the same, and its progress: where it stands after an epoch.
#pragma once

#include "kernels/layout.hpp"
#include "registry/optimizers.hpp"
#include "registry/schedules.hpp"

namespace shallownet {

struct TrainOptions {
  StepOptions step;    // learning_rate is the schedule's start
  double power_t = 0;  // learning_rate / (seen + 1)^power_t at the start of each epoch
  // The factor of the rate at a part of all epochs, of this call and of others; none: the rate stays as it is.
  double (*schedule)(double) = nullptr;
  Index all_epochs = 1;
  // The moving average of the parameters, which is handed out in their place, keeps at most this part of itself in a step;
  // 0: there is none.
  double average = 0;
  // Steps move weights in units of their own, W1 and W2 of a network without hidden layer alike: W = unit w. Biases have
  // another rate.
  double unit_1 = 1, unit_2 = 1, bias_rate = 1;
  // The inputs are scaled by factors that are trained, too, with so many times the rate; 0: they are not.
  double scale_rate = 0;
  double l2 = 0;
  // Costs as scikit-learn's losses: a batch shares l2 by the sum of its weights, and counts in its epoch by its
  // examples, not by their weights.
  bool as_scikit_learn = false;
  double loss_scale = 1;  // of the loss in the costs, not of the penalty, nor of any gradient
  Index batch_size = 0;   // m: the full batch
  Index n_epochs = 0;
  Index first_epoch = 0;  // the number of the first epoch of this call, for cost_every
  Index cost_every = 1;   // 0: no costs
  bool has_tol = false;
  double tol = 0;
  Index patience = 0;
  Index n_threads = 1;
  bool keeps_state = true;       // also if broken off: handing it out takes as long as handing out the parameters
  bool always_together = false;  // without trying whether the team pays: tests can then rely on it

  bool averages() const { return average > 0; }
  bool scales_inputs() const { return scale_rate > 0; }
  // The optimizer's state is followed by what the parameters handed out are made of, if they are not those that steps move:
  // those, and their average. With them stand the inputs' scales.
  Index more_rows() const { return averages() ? 2 : scales_inputs(); }
  Index row_size(const Shape& shape) const { return shape.n_parameters() + (scales_inputs() ? shape.n_x : 0); }
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

// The vectors that a training has from the user, or hands out: parameters (n_parameters) and the optimizer's state
// (slots + more_rows, row_size).
template <class S>
struct Vectors {
  S* theta;
  S* state;
};

}  // namespace shallownet
