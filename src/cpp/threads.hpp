// A small pool of threads for loops that fork and join often: workers spin briefly for the next job, then sleep, so that
// a short job costs no system call and an idle program no processor. One team at a time: a second one finds itself
// alone (results do not depend on the number of threads). After fork the child starts with a new pool.
// Includes types and the system.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

#include "types.hpp"
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if !defined(_WIN32)
#include <pthread.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

namespace shallownet {

inline void pause() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

using Clock = std::chrono::steady_clock;

// Waits until done(): spins, then gives the processor away, then naps, calling `idle()` now and then.
template <class Done, class Idle>
void wait_until(const Done& done, const Idle& idle) {
  for (int i = 0; i < 2000; ++i) {
    if (done()) return;
    pause();
  }
  for (int i = 0; i < 2000; ++i) {
    if (done()) return;
    std::this_thread::yield();
  }
  while (!done()) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    idle();
  }
}

// The processor that this thread runs on; -1 where that cannot be known.
inline int this_processor() {
#if defined(__linux__)
  return sched_getcpu();
#else
  return -1;
#endif
}

// Moves this thread off a processor, if it is there and may run elsewhere. The scheduler is then free again to place it.
inline void leave_processor(int processor) {
#if defined(__linux__)
  cpu_set_t allowed, others;
  if (processor < 0 || sched_getcpu() != processor || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  others = allowed;
  CPU_CLR(static_cast<unsigned>(processor), &others);
  if (CPU_COUNT(&others) > 0 && sched_setaffinity(0, sizeof others, &others) == 0)
    sched_setaffinity(0, sizeof allowed, &allowed);
#else
  static_cast<void>(processor);
#endif
}

// Decides, step by step, whether a team pays. On a busy machine a worker may lose its processor for milliseconds in the
// middle of a short step; when that has cost more than the team had gained, the caller goes on alone, thirty times as
// long as was lost, and tries again. What was learnt holds for the next training of the same work, which may be the next epoch.
class Pace {
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

class Pool {
 public:
  // Never destroyed: sleeping workers must not meet a dead pool when the program ends.
  static Pool& instance() {
    static const bool registered = [] {
#if !defined(_WIN32)
      pthread_atfork(nullptr, nullptr, [] { current() = new Pool; });  // the parent's threads do not exist here
#endif
      current() = new Pool;
      return true;
    }();
    static_cast<void>(registered);
    return *current();
  }

  Pace pace;  // of whoever holds the pool

  bool try_acquire() { return user_.try_lock(); }
  void release() { user_.unlock(); }

  // Makes workers up to n - 1; returns how many threads there are with the caller's.
  Index grow(Index n) {
    while (n_workers_ < n - 1) {
      try {
        std::thread([this, number = n_workers_ + 1, seen = job_.load()] { work(number, seen); }).detach();
      } catch (const std::exception&) {
        break;  // no more threads to be had: fewer give the same result
      }
      ++n_workers_;
    }
    return std::min(n, n_workers_ + 1);
  }

  // The job's number and its threads travel in one word, so that a worker that wakes late reads a matching pair.
  using Function = void (*)(const void*, Index);
  void start(Index n, Function function, const void* job) {
    function_ = function;
    data_ = job;
    callers_processor_.store(this_processor(), std::memory_order_relaxed);
    running_.store(n - 1, std::memory_order_relaxed);
    const std::uint64_t number = (job_.load(std::memory_order_relaxed) >> 16) + 1;
    job_.store(number << 16 | static_cast<std::uint64_t>(n));
    if (sleeping_.load() > 0) {  // both sequentially consistent: whoever sleeps later sees the job, see work()
      const std::lock_guard<std::mutex> lock(bed_);
      wake_.notify_all();
    }
  }

  // Waits for the workers, calling `idle()` now and then.
  template <class Idle>
  void join(Idle&& idle) {
    wait_until([&] { return running_.load(std::memory_order_acquire) == 0; }, idle);
  }

 private:
  static Pool*& current() {
    static Pool* pool = nullptr;
    return pool;
  }

  void work(Index number, std::uint64_t seen) {
    for (;;) {
      for (int i = 0; i < 3000 && job_.load(std::memory_order_acquire) == seen; ++i) pause();
      if (job_.load(std::memory_order_acquire) == seen) {
        std::unique_lock<std::mutex> lock(bed_);
        sleeping_.fetch_add(1);
        wake_.wait(lock, [&] { return job_.load() != seen; });
        sleeping_.fetch_sub(1);
      }
      seen = job_.load(std::memory_order_acquire);
      if (number >= static_cast<Index>(seen & 0xffff)) continue;
      leave_processor(callers_processor_.load(std::memory_order_relaxed));
      function_(data_, number);
      running_.fetch_sub(1, std::memory_order_release);
    }
  }

  std::mutex user_;  // held by a team for its whole life
  std::mutex bed_;
  std::condition_variable wake_;
  Index n_workers_ = 0;
  Function function_ = nullptr;
  const void* data_ = nullptr;
  std::atomic<int> callers_processor_{-1};
  alignas(64) std::atomic<Index> running_{0};
  alignas(64) std::atomic<std::uint64_t> job_{0};
  std::atomic<Index> sleeping_{0};
};

// Up to n threads, the caller's among them; alone where another thread of the program has the pool or no threads are
// to be had. Made and used by one thread.
class Team {
 public:
  explicit Team(Index n) {
    n = std::min<Index>(n, 1024);
    if (n < 2) return;
    Pool& pool = Pool::instance();
    if (!pool.try_acquire()) return;
    pool_ = &pool;
    size_ = pool.grow(n);
  }
  ~Team() {
    if (pool_) pool_->release();
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  Index size() const { return size_; }

  // The pace of a team of more than one.
  Pace& pace() { return pool_->pace; }

  // Runs job(thread) for thread = 0 .. size - 1, number 0 being the caller, and waits for all. job must not throw.
  template <class Job, class Idle>
  void run(const Job& job, Idle&& idle) {
    if (size_ > 1)
      pool_->start(size_, [](const void* j, Index thread) { (*static_cast<const Job*>(j))(thread); }, &job);
    job(Index(0));
    if (size_ > 1) pool_->join(idle);
  }

  // Within a job: waits until every thread of the team is here, calling `idle()` now and then. What each wrote before, all
  // can read then.
  template <class Idle>
  void meet(Idle&& idle) {
    const Index round = round_.load(std::memory_order_relaxed);
    if (here_.fetch_add(1, std::memory_order_acq_rel) == size_ - 1) {
      here_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
    } else {
      wait_until([&] { return round_.load(std::memory_order_acquire) != round; }, idle);
    }
  }

 private:
  Pool* pool_ = nullptr;
  Index size_ = 1;
  alignas(64) std::atomic<Index> here_{0};
  std::atomic<Index> round_{0};
};

}  // namespace shallownet
