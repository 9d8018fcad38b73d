// Breaking off a long computation: the caller asks for Python's signals now and then, and tells the other threads.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "types.hpp"

namespace shallownet {

// Lets a long computation be stopped. The calling thread, number 0, asks `poll` (Python's signals) from time to time;
// when it says stop, every thread breaks off at its next question.
class InterruptWatch {
 public:
  explicit InterruptWatch(std::function<bool()> poll) : poll_(std::move(poll)) {}

  // Whether a computation was really broken off: the signal may also come when the last one is done.
  bool broken_off() const { return broken_off_.load(std::memory_order_relaxed); }

  // Whether poll has said so, and who looks next will be.
  bool is_to_stop() const { return stop_.load(std::memory_order_relaxed); }

  // Told the multiply-adds ahead, because reading the clock costs more than a small step. True: break off.
  bool check(Index thread, double work) {
    if (thread == 0 && (work_ += work) > 2e6) {
      work_ = 0;
      look(0);
    }
    if (!stop_.load(std::memory_order_relaxed)) return false;
    broken_off_.store(true, std::memory_order_relaxed);
    return true;
  }

  // Asks if the last question is 20 ms old, and this is thread 0.
  void look(Index thread) {
    if (thread != 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - asked_ < std::chrono::milliseconds(20)) return;
    asked_ = now;
    if (poll_()) stop_.store(true, std::memory_order_relaxed);
  }

 private:
  std::function<bool()> poll_;
  std::atomic<bool> stop_{false}, broken_off_{false};
  double work_ = 0;
  std::chrono::steady_clock::time_point asked_ = std::chrono::steady_clock::now();
};

// A thread's place at a watch; without one it is never told to break off.
struct Lookout {
  InterruptWatch* watch = nullptr;
  Index thread = 0;

  bool breaks_off(double work) const { return watch && watch->check(thread, work); }
};

constexpr Index work_per_number = 10;  // a number from memory, or to it, takes as long as so many multiply-adds

// Calls f(begin, end) for blocks of a long range of numbers; false if it is broken off, as far as that has come.
template <class F>
bool for_each_block_of(Index begin, Index end, const Lookout& lookout, F&& f) {
  if (!lookout.watch) {
    if (begin < end) f(begin, end);
    return true;
  }
  constexpr Index block = 1 << 17;  // some milliseconds where memory is fresh
  for (Index i = begin; i < end; i += block) {
    const Index next = std::min(i + block, end);
    if (lookout.breaks_off(static_cast<double>(work_per_number * (next - i)))) return false;
    f(i, next);
  }
  return true;
}

}  // namespace shallownet
