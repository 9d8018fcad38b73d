// What a call from Python begins and ends with: parameters made ready, the GIL given away and taken back, signals asked for
// in between and raised afterwards.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/arrays.hpp"
#include "parallel/threads.hpp"

namespace shallownet {

[[noreturn]] inline void wait_for_the_end() noexcept {
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

// Takes the GIL by take(). From a thread that asks for it when the interpreter has ended, CPython before 3.14 never
// returns: it unwinds the stack, and our destructors would touch Python's objects, or meet a noexcept and abort. Such a
// thread waits here for the end of the process instead, as it does inside of later versions. So does one that asks when
// nothing is left of the interpreter, not even this thread's state: CPython would lock what it has freed.
template <class Take>
void take_gil(const Take& take) noexcept {
  if (!PyGILState_GetThisThreadState()) wait_for_the_end();
  try {
    take();
  } catch (...) {
    wait_for_the_end();
  }
}

// Runs f with the GIL released.
template <class F>
void without_gil(F&& f) {
  struct Released {
    PyThreadState* thread = PyEval_SaveThread();
    ~Released() {
      take_gil([this] { PyEval_RestoreThread(thread); });
    }
  } const released;
  f();
}

// Python's signals, asked from inside long loops; keeps the exception that a handler raised.
struct Signals {
  std::optional<py::error_already_set> error;
  InterruptWatch watch{[this] { return raised(); }};

  bool raised() {
    std::optional<py::gil_scoped_acquire> gil;
    take_gil([&] { gil.emplace(); });
    if (error || PyErr_CheckSignals() == 0) return error.has_value();
    error.emplace();
    return true;
  }
  void rethrow() const {
    if (error) throw *error;
  }

  // Runs f with the GIL released. What a handler raised comes before the loss of the team by a fork in that handler.
  template <class F>
  void run(F&& f) const {
    try {
      without_gil(f);
    } catch (const TeamLost&) {
      rethrow();
      throw;
    }
  }
};

// A long call in three parts, so that several can be computed side by side: its constructor reads and checks what Python
// hands in, `run` needs no Python, `outcome` makes a dictionary of what it has left. Between the first and the last the
// caller keeps the arrays alive.
class Job {
 public:
  virtual ~Job() = default;
  virtual void run(InterruptWatch& watch) = 0;
  virtual py::dict outcome() = 0;   // of one that was broken off, or never run, too
  virtual double work() const = 0;  // multiply-adds at most, roughly
};

// What comes of one job alone; an exception of a signal's handler is part of it.
inline py::dict answer(Job& job) {
  Signals signals;
  signals.run([&] { job.run(signals.watch); });
  signals.raised();  // one that came with the last step finds this result complete
  py::dict result = job.outcome();
  if (signals.error) put(result, "status", "interrupted");
  put(result, "error", signals.error ? py::object(signals.error->value()) : py::none());
  return result;
}

// Numbers as an array, which owns them from now on.
template <class Numbers>
py::array_t<double> array_of(Numbers&& numbers) {
  auto owned = std::make_unique<Numbers>(std::forward<Numbers>(numbers));
  const double* data = owned->data();
  const auto size = static_cast<py::ssize_t>(owned->size());
  const py::capsule owner(owned.get(), [](void* v) { delete static_cast<Numbers*>(v); });
  static_cast<void>(owned.release());
  return py::array_t<double>(size, data, owner);
}

// A network at given parameters: what most functions start from.
template <class Scalar>
struct PackedNetwork {
  Network<Scalar> net;
  Buffer<Scalar> p;

  PackedNetwork(const py::array& theta, const Network<Scalar>& network, Signals& signals) : net(network) {
    const Scalar* user = contiguous<Scalar>(theta, "theta", 1);
    if (theta.size() != net.at.shape.n_parameters()) throw py::value_error("theta does not fit the shape");
    p = Buffer<Scalar>(net.at.size);
    net.at.pack(user, p.data(), net.at.lookout(&signals.watch));
    signals.rethrow();
  }
};

// What a call is told of its network.
struct NetworkArguments {
  const py::array& theta;
  const py::tuple& shape;
  const std::string& hidden;
  const std::string& output;
  double negative_slope;
  double quantile = 0.5;
};

// The network that the options of a training describe.
template <class Scalar>
Network<Scalar> network_of(const Shape& shape, const py::dict& o) {
  return {shape, o["hidden"].cast<std::string>(), o["output"].cast<std::string>(), o["negative_slope"].cast<double>(),
          o.contains("quantile") ? o["quantile"].cast<double>() : 0.5};
}

// Calls f(Type<Scalar>, packed network, example arrays, signals), which most functions start from; the examples may come
// with targets and weights.
template <class F, class... Targets>
auto with_network(const NetworkArguments& network, const py::object& x, const F& f, const Targets&... targets) {
  const Shape shape = shape_of(network.shape);
  return with_scalar(network.theta, [&](auto scalar) {
    using Scalar = typename decltype(scalar)::type;
    Signals signals;
    const Network<Scalar> net(shape, network.hidden, network.output, network.negative_slope, network.quantile);
    const PackedNetwork<Scalar> packed(network.theta, net, signals);
    const ExampleArrays<Scalar> arrays(shape, x, targets...);
    return f(scalar, packed, arrays, signals);
  });
}

}  // namespace shallownet
