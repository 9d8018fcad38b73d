// A small pool of threads for loops that synchronise often: workers and barriers spin briefly, then yield, then
// sleep, so that a short step costs no system call and a busy machine is not fought. One user at a time: a second
// caller is told to work alone (results do not depend on the number of threads). After fork the child starts a new pool.
// Includes only the standard library and the system.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "types.hpp"
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace shallownet {

inline void pause() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

// Waits until `done()`: spins some 20 us, then gives the processor away, then sleeps in growing steps, calling
// `idle()` after each.
template <class Done, class Idle>
void wait_until(Done&& done, Idle&& idle) {
  for (int i = 0; i < 600; ++i) {
    if (done()) return;
    pause();
  }
  for (int i = 0; i < 200; ++i) {
    if (done()) return;
    std::this_thread::yield();
  }
  for (auto nap = std::chrono::microseconds(20); !done(); nap = std::min(2 * nap, std::chrono::microseconds(500))) {
    std::this_thread::sleep_for(nap);
    idle();
  }
}

// The threads of one job, and their barrier: all must arrive before any goes on.
class Team {
 public:
  explicit Team(Index n) : n_(n) {}

  Index size() const { return n_; }

  // `idle()` is called now and then by a thread that waits long.
  template <class Idle>
  void meet(Idle&& idle) {
    if (n_ == 1) return;
    const unsigned round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == n_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      return;
    }
    wait_until([&] { return round_.load(std::memory_order_acquire) != round; }, idle);
  }

 private:
  const Index n_;
  alignas(64) std::atomic<Index> arrived_{0};
  alignas(64) std::atomic<unsigned> round_{0};
};

class Pool {
 public:
  // Runs job(thread, team) for thread = 0 .. n - 1, thread 0 being the caller. When another thread of the program uses the
  // pool, or threads cannot be had, runs job alone with n = 1. job must not throw.
  template <class Job>
  static void run(Index n, Job&& job) {
    n = std::min<Index>(n, max_threads);
    Pool& pool = instance();
    std::unique_lock<std::mutex> mine(pool.user_, std::defer_lock);
    if (n > 1 && mine.try_lock()) n = pool.grow(n);
    else n = 1;
    if (n == 1) {
      if (mine.owns_lock()) mine.unlock();
      Team alone(1);
      job(Index(0), alone);
      return;
    }
    Team team(n);
    const auto call = [&](Index thread) { job(thread, team); };
    pool.start(n, &Pool::invoke<decltype(call)>, &call);
    call(0);
    wait_until([&] { return pool.running_.load(std::memory_order_acquire) == 0; }, [] {});
  }

 private:
  static constexpr Index max_threads = 1024;
  using Invoke = void (*)(const void*, Index);

  template <class Call>
  static void invoke(const void* call, Index thread) {
    (*static_cast<const Call*>(call))(thread);
  }

  // Never destroyed: parked workers must not meet a dead pool when the program ends.
  static Pool& instance() {
    static const bool registered = [] {
#if !defined(_WIN32)
      pthread_atfork(nullptr, nullptr, [] { current() = new Pool; });  // the parent's threads do not exist here
#endif
      current() = new Pool;
      return true;
    }();
    (void)registered;
    return *current();
  }
  static Pool*& current() {
    static Pool* pool = nullptr;
    return pool;
  }

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
  void start(Index n, Invoke function, const void* call) {
    invoke_ = function;
    call_ = call;
    running_.store(n - 1, std::memory_order_relaxed);
    {
      const std::lock_guard<std::mutex> lock(parking_);
      const std::uint64_t number = (job_.load(std::memory_order_relaxed) >> 16) + 1;
      job_.store(number << 16 | static_cast<std::uint64_t>(n), std::memory_order_release);
    }
    wake_.notify_all();
  }

  void work(Index number, std::uint64_t seen) {
    for (;;) {
      for (int i = 0; i < 1000 && job_.load(std::memory_order_acquire) == seen; ++i) pause();
      if (job_.load(std::memory_order_acquire) == seen) {
        std::unique_lock<std::mutex> lock(parking_);
        wake_.wait(lock, [&] { return job_.load(std::memory_order_acquire) != seen; });
      }
      seen = job_.load(std::memory_order_acquire);
      if (number >= static_cast<Index>(seen & 0xffff)) continue;
      invoke_(call_, number);
      running_.fetch_sub(1, std::memory_order_acq_rel);
    }
  }

  std::mutex user_;  // held by the caller for the whole of run
  std::mutex parking_;
  std::condition_variable wake_;
  Index n_workers_ = 0;
  Invoke invoke_ = nullptr;
  const void* call_ = nullptr;
  std::atomic<Index> running_{0};
  std::atomic<std::uint64_t> job_{0};
};

}  // namespace shallownet
