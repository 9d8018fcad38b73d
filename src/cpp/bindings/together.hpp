// Many calls of `train`, `minimize` and `fit_lm` side by side: each is one thread's from its beginning to its end, so that no
// two ever wait for each other.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "bindings/minimization.hpp"
#include "bindings/training.hpp"

namespace shallownet {

inline std::unique_ptr<Job> job_of(const py::tuple& call, TrainPlans& plans) {
  const auto name = call[0].cast<std::string>();
  const auto array = [&](std::size_t i) { return array_in(call[i], "an argument"); };
  const auto shape = call[3].cast<py::tuple>();
  const py::object x = call[4], weights = call[6];
  if (name == "train")
    return train_job(plans, array(1), array(2), shape, x, array(5), weights, call[7], call[8].cast<py::dict>());
  const auto options = call[7].cast<py::dict>();
  if (name == "minimize") return minimize_job(array(1), array(2), shape, x, array(5), weights, options);
  if (name == "fit_lm") return lm_job(array(1), array(2), shape, x, array(5), weights, options);
  throw py::value_error("there is no call " + name);
}

// Runs jobs that do not know of each other, long ones first: short ones fill what is left of the time.
class JobQueue {
 public:
  explicit JobQueue(const std::vector<std::unique_ptr<Job>>& jobs) : jobs_(jobs), order_(jobs.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t(0));
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return jobs[a]->work() > jobs[b]->work(); });
  }

  void run(Index n_threads, Signals& signals) {
    constexpr double little = 2e5;  // multiply-adds that take no longer than waking a thread
    double work = 0;
    for (const auto& job : jobs_) work += job->work();
    Team team(work < little ? 1 : std::min(n_threads, static_cast<Index>(jobs_.size())));
    InterruptWatch watch([&] { return asks(signals); });  // between jobs, which may be too short to ask
    signals.run([&] { team.run([&](Index thread) { take_turns(thread, signals, watch); }, [&] { watch.look(0); }); });
    if (error_) std::rethrow_exception(error_);
  }

 private:
  // Whether to stop; asked by the calling thread, in which Python's signals arrive.
  bool asks(Signals& signals) {
    if (signals.raised()) stop_.store(true, std::memory_order_relaxed);
    return stop_.load(std::memory_order_relaxed);
  }

  void take_turns(Index thread, Signals& signals, InterruptWatch& between) {
    for (std::size_t i; (i = next_.fetch_add(1)) < order_.size();) {
      between.look(thread);
      if (stop_.load(std::memory_order_relaxed)) return;
      InterruptWatch watch([&] { return thread == 0 ? asks(signals) : stop_.load(std::memory_order_relaxed); });
      try {
        jobs_[order_[i]]->run(watch);
      } catch (...) {
        if (!failed_.exchange(true)) error_ = std::current_exception();
        stop_.store(true, std::memory_order_relaxed);
      }
    }
  }

  const std::vector<std::unique_ptr<Job>>& jobs_;
  std::vector<std::size_t> order_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stop_{false}, failed_{false};
  std::exception_ptr error_;
};

// Appends the outcomes of all calls to a list of the caller's, who has them whatever comes then; returns the exception of a
// signal's handler, or None.
inline py::object run_together(const py::list& calls, Index n_threads, const py::list& outcomes) {
  std::vector<std::unique_ptr<Job>> jobs;
  jobs.reserve(calls.size());
  TrainPlans plans;
  for (const py::handle call : calls) jobs.push_back(job_of(call.cast<py::tuple>(), plans));
  Signals signals;
  JobQueue(jobs).run(std::max<Index>(n_threads, 1), signals);
  for (std::unique_ptr<Job>& job : jobs) {
    py::dict one = job->outcome();
    put(one, "error", py::none());
    if (PyList_Append(outcomes.ptr(), one.ptr()) != 0) throw py::error_already_set();
    job.reset();
  }
  signals.raised();
  return signals.error ? py::object(signals.error->value()) : py::none();
}

inline void bind_together(py::module_& m) {
  m.def("run_together", &run_together, "calls"_a, "n_threads"_a, "outcomes"_a,
        "Several calls, each the name of `train`, `minimize` or `fit_lm` and its arguments, on a thread each.");
}

}  // namespace shallownet
