// Whether a team pays, measured as it goes.
#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

#include "types.hpp"

namespace shallownet {

using Clock = std::chrono::steady_clock;

// Decides, step by step, whether a team pays. On a busy machine a worker may lose its processor for milliseconds in the
// middle of a short step; when that has cost more than the team had gained, the caller goes on alone, thirty times as
// long as was lost, and tries again. What was learnt holds for the next training of the same work, which may be the next epoch.
class TeamPacing {
 public:
  // Begins, or goes on with, steps of so many multiply-adds.
  void resume(double work) {
    if (work == work_) {
      began_ += Clock::now() - paused_;
      return;
    }
    work_ = work;
    alone_ = std::numeric_limits<double>::infinity();
    lost_ = first_trial;
    begin(Phase::alone, 1);
  }
  void pause() { paused_ = Clock::now(); }

  // Called before each step: whether it should be done together.
  bool together() {
    if (work_ > long_step) return true;
    const bool tries = phase_ != Phase::alone;
    if (left_ == 0 || (tries && seconds_since(began_) > 2 * block)) next();
    --left_;
    ++done_;
    return phase_ != Phase::alone;
  }

 private:
  // wake: one step together that wakes the workers and may take longer.
  enum class Phase { alone, wake, together };

  void next() {
    const double seconds = seconds_since(began_);
    if (phase_ == Phase::alone) {
      alone_ = std::min(alone_, seconds / static_cast<double>(done_));
      lost_ -= seconds / 30;
      return lost_ > 0 ? begin(Phase::alone, steps()) : begin(Phase::wake, 1);
    }
    const double gained = alone_ * static_cast<double>(done_) - seconds;
    lost_ = std::clamp(lost_ - gained, -most_credit, most_debt);
    const bool goes_on = phase_ == Phase::wake || gained > 0 || lost_ <= 0;
    begin(goes_on ? Phase::together : Phase::alone, steps());
  }

  void begin(Phase phase, Index n) {
    phase_ = phase;
    left_ = n;
    done_ = 0;
    began_ = Clock::now();
  }

  static double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }
  // Steps of a block, from what one takes alone.
  Index steps() const { return std::clamp<Index>(static_cast<Index>(block / std::max(alone_, 1e-9)), 1, 4096); }

  static constexpr double block = 300e-6;       // seconds
  static constexpr double first_trial = 30e-6;  // seconds to be made good before the first: a millisecond alone
  static constexpr double most_credit = 10e-3;  // seconds gained that a team may lose again before it is given up
  static constexpr double most_debt = 5e-3;     // seconds lost that count: a longer hiccup is not the rule
  static constexpr double long_step = 2e7;      // multiply-adds: chunks claimed one by one even out long steps
  Phase phase_ = Phase::alone;
  Index left_ = 0, done_ = 0;  // steps of this block: still to come, begun
  double work_ = -1;
  double alone_ = 0;  // seconds of a step alone, at best
  double lost_ = 0;   // seconds still to be made good; below 0: gained
  Clock::time_point began_, paused_;
};

}  // namespace shallownet
