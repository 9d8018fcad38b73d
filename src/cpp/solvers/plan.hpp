// A training's plan, which stays the same, and its progress: where it stands after an epoch.
#pragma once

#include "registry/optimizers.hpp"

namespace shallownet {

struct TrainOptions {
  StepOptions step;    // learning_rate is the schedule's start
  double power_t = 0;  // learning_rate / (seen + 1)^power_t at the start of each epoch
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
  bool keeps_state = true;       // also on Ctrl-C: handing it out takes as long as handing out the parameters
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

// The vectors that a training has from the user, or hands out: parameters (n_parameters) and the optimizer's state
// (slots, n_parameters).
template <class S>
struct Vectors {
  S* theta;
  S* state;
};

}  // namespace shallownet
