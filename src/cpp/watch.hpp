// Breaking off a long computation: the caller asks for Python's signals now and then, and tells the other threads.
// Includes threads.
#pragma once

#include <functional>

#include "threads.hpp"

namespace shallownet {

// Lets a long evaluation be stopped. The calling thread, number 0, asks `poll` (Python's signals) from time to time;
// when it says stop, every thread breaks off at its next tile.
class Watch {
 public:
  explicit Watch(std::function<bool()> poll) : poll_(std::move(poll)) {}

  // Whether a computation was really broken off: the signal may also come when the last one is done.
  bool broken_off() const { return broken_off_.load(std::memory_order_relaxed); }

  // Told the multiply-adds ahead, because reading the clock costs more than a small step. True: break off.
  bool check(Index thread, double work) {
    if (thread == 0 && (work_ += work) > 2e6) {
      work_ = 0;
      look();
    }
    if (!stop_.load(std::memory_order_relaxed)) return false;
    broken_off_.store(true, std::memory_order_relaxed);
    return true;
  }

  // Asks if the last question is 20 ms old. Thread 0 only.
  void look() {
    const auto now = Clock::now();
    if (now - asked_ < std::chrono::milliseconds(20)) return;
    asked_ = now;
    if (poll_()) stop_.store(true, std::memory_order_relaxed);
  }

 private:
  std::function<bool()> poll_;
  std::atomic<bool> stop_{false}, broken_off_{false};
  double work_ = 0;
  Clock::time_point asked_ = Clock::now();
};

}  // namespace shallownet
