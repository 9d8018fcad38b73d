// A small pool of threads for loops that fork and join often: workers spin briefly for the next job, then sleep, so that
// a short job costs no system call and an idle program no processor. One team at a time: a second one finds itself
// alone (results do not depend on the number of threads). After fork the child starts with a new pool.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "parallel/pace.hpp"
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

class Pool {
 public:
  // Never destroyed: sleeping workers must not meet a dead pool when the program ends.
  static Pool& instance() {
    static const bool registered = [] {
#if !defined(_WIN32)
      pthread_atfork(nullptr, nullptr, [] {  // the parent's threads do not exist here
        current() = new Pool;
        n_forks().fetch_add(1, std::memory_order_relaxed);
      });
#endif
      current() = new Pool;
      return true;
    }();
    static_cast<void>(registered);
    return *current();
  }

  // How many forks lie between the first process that had a pool and this one.
  static std::atomic<Index>& n_forks() {
    static std::atomic<Index> n{0};
    return n;
  }

  TeamPacing pacing;  // of whoever holds the pool

  // A flag and no mutex: the thread that has the pool may ask again, in the handler of a signal.
  bool try_acquire() { return !in_use_.exchange(true, std::memory_order_acquire); }
  void release() { in_use_.store(false, std::memory_order_release); }

  // Makes workers up to n - 1, and lets go of those that no team has needed for a second: each job wakes them, too.
  // Returns how many threads there are with the caller's.
  Index resize(Index n) {
    const auto now = Clock::now();
    if (n > n_workers()) needed_ = now;
    for (; now - needed_ > std::chrono::seconds(1) && n_workers() > n - 1; leaves_.pop_back()) *leaves_.back() = true;
    while (n_workers() < n - 1) {
      try {
        auto leaves = std::make_shared<std::atomic<bool>>(false);
        leaves_.reserve(leaves_.size() + 1);
        std::thread([=, number = n_workers() + 1, seen = job_.load()] { work(number, seen, *leaves); }).detach();
        leaves_.push_back(std::move(leaves));
      } catch (const std::exception&) {
        break;  // no more threads to be had: fewer give the same result
      }
    }
    return std::min(n, n_workers() + 1);
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

  // Whether the workers are done.
  bool is_done() const { return running_.load(std::memory_order_acquire) == 0; }

 private:
  static Pool*& current() {
    static Pool* pool = nullptr;
    return pool;
  }

  Index n_workers() const { return static_cast<Index>(leaves_.size()); }

  void work(Index number, std::uint64_t seen, const std::atomic<bool>& leaves) {
    for (;;) {
      for (int i = 0; i < 3000 && job_.load(std::memory_order_acquire) == seen; ++i) pause();
      if (job_.load(std::memory_order_acquire) == seen) {
        std::unique_lock<std::mutex> lock(bed_);
        sleeping_.fetch_add(1);
        wake_.wait(lock, [&] { return job_.load() != seen; });
        sleeping_.fetch_sub(1);
      }
      seen = job_.load(std::memory_order_acquire);
      if (leaves.load(std::memory_order_relaxed)) return;  // decided before this job: another may have the number now
      if (number >= static_cast<Index>(seen & 0xffff)) continue;
      leave_processor(callers_processor_.load(std::memory_order_relaxed));
      function_(data_, number);
      running_.fetch_sub(1, std::memory_order_release);
    }
  }

  std::atomic<bool> in_use_{false};  // by a team, for its whole life
  std::mutex bed_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<std::atomic<bool>>> leaves_;  // per worker: whether it is to end
  Clock::time_point needed_;                                // when all of them were, last
  Function function_ = nullptr;
  const void* data_ = nullptr;
  std::atomic<int> callers_processor_{-1};
  alignas(64) std::atomic<Index> running_{0};
  alignas(64) std::atomic<std::uint64_t> job_{0};
  std::atomic<Index> sleeping_{0};
};

// In a child: the threads that the parent was computing with are not here, nor is what they have computed.
struct TeamLost : std::runtime_error {
  TeamLost()
      : std::runtime_error(
            "a signal's handler has forked this process in the midst of a computation on several threads, which only "
            "the "
            "parent can finish: end the child in the handler, by os._exit, or call again here") {}
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
    size_ = pool.resize(n);
  }
  ~Team() {
    if (pool_) pool_->release();
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  Index size() const { return size_; }

  // The pacing of a team of more than one.
  TeamPacing& pacing() { return pool_->pacing; }

  // Runs job(thread) for thread = 0 .. size - 1, number 0 being the caller, and waits for all. job must not throw.
  // Throws TeamLost in a child that `job` or `idle` has forked.
  template <class Job, class Idle>
  void run(const Job& job, Idle&& idle) {
    if (size_ == 1) return job(Index(0));
    check_for_fork();
    pool_->start(size_, [](const void* j, Index thread) { (*static_cast<const Job*>(j))(thread); }, &job);
    job(Index(0));
    wait_until([&] { return pool_->is_done() || is_lost(); }, idle);
    check_for_fork();
  }

  // Within a job: waits until every thread of the team is here, calling `idle()` now and then. What each wrote before, all
  // can read then.
  template <class Idle>
  void barrier(Idle&& idle) {
    const Index round = round_.load(std::memory_order_relaxed);
    if (here_.fetch_add(1, std::memory_order_acq_rel) == size_ - 1) {
      here_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
    } else {
      wait_until([&] { return round_.load(std::memory_order_acquire) != round || is_lost(); }, idle);
    }
  }

 private:
  // Whether this is a child, forked by the caller in the midst of its work: it has no workers.
  bool is_lost() const { return Pool::n_forks().load(std::memory_order_relaxed) != n_forks_; }
  void check_for_fork() const {
    if (is_lost()) throw TeamLost();
  }

  Pool* pool_ = nullptr;
  const Index n_forks_ = Pool::n_forks().load(std::memory_order_relaxed);
  Index size_ = 1;
  alignas(64) std::atomic<Index> here_{0};
  std::atomic<Index> round_{0};
};

}  // namespace shallownet
