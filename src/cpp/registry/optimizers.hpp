// First-order optimizers: each updates `width` parameters p from their gradient g and the state vectors s.
// To add one: its struct, the list at the end, its row in reference/method.py.
#pragma once

#include "registry/registry.hpp"
#include "simd/vector.hpp"

namespace shallownet {

// What an optimizer is told before a step; `rate` already holds Adam's bias correction.
struct StepOptions {
  double learning_rate = 0;
  double momentum = 0;
  bool nesterov = false;
  double beta_1 = 0, beta_2 = 0, epsilon = 0;
};

// The state vectors of an optimizer, and how far behind each of them its next one is written: 0 if in its place.
template <class Scalar>
struct State {
  Scalar* slots[2];
  Index to_next;
};

// Adam in the form that folds the bias correction into the rate and adds epsilon outside the root.
struct Adam {
  static constexpr const char* name = "adam";
  static constexpr int slots = 2;  // running means of g and of g^2

  static double rate(const StepOptions& o, double step) {
    return o.learning_rate * std::sqrt(1 - std::pow(o.beta_2, step)) / (1 - std::pow(o.beta_1, step));
  }
  template <class Scalar>
  struct Step {
    Vector<Scalar> rate, beta_1, beta_2, rest_1, rest_2, epsilon;
    Step(const StepOptions& o, double rate_now)
        : rate(broadcast(Scalar(rate_now))), beta_1(broadcast(Scalar(o.beta_1))), beta_2(broadcast(Scalar(o.beta_2))),
          rest_1(broadcast(Scalar(1 - o.beta_1))), rest_2(broadcast(Scalar(1 - o.beta_2))),
          epsilon(broadcast(Scalar(o.epsilon))) {}
    Vector<Scalar> operator()(Vector<Scalar> p, Vector<Scalar> g, const State<Scalar>& s, Index i) const {
      const Vector<Scalar> m = fma(beta_1, load(s.slots[0] + i), rest_1 * g);
      const Vector<Scalar> v = fma(beta_2, load(s.slots[1] + i), rest_2 * (g * g));
      store(s.slots[0] + i + s.to_next, m);
      store(s.slots[1] + i + s.to_next, v);
      return p - rate * m / (square_root(v) + epsilon);
    }
  };
};

struct GradientDescent {
  static constexpr const char* name = "gd";
  static constexpr int slots = 0;

  static double rate(const StepOptions& o, double) { return o.learning_rate; }
  template <class Scalar>
  struct Step {
    Vector<Scalar> rate;
    Step(const StepOptions&, double rate_now) : rate(broadcast(Scalar(rate_now))) {}
    Vector<Scalar> operator()(Vector<Scalar> p, Vector<Scalar> g, const State<Scalar>&, Index) const {
      return fma(-rate, g, p);
    }
  };
};

// Stochastic gradient descent with momentum; Nesterov's form looks one step ahead.
struct Momentum {
  static constexpr const char* name = "sgd";
  static constexpr int slots = 1;  // the velocity

  static double rate(const StepOptions& o, double) { return o.learning_rate; }
  template <class Scalar>
  struct Step {
    Vector<Scalar> rate, momentum;
    bool nesterov;
    Step(const StepOptions& o, double rate_now)
        : rate(broadcast(Scalar(rate_now))), momentum(broadcast(Scalar(o.momentum))), nesterov(o.nesterov) {}
    Vector<Scalar> operator()(Vector<Scalar> p, Vector<Scalar> g, const State<Scalar>& s, Index i) const {
      const Vector<Scalar> v = fma(momentum, load(s.slots[0] + i), -rate * g);
      store(s.slots[0] + i + s.to_next, v);
      return p + (nesterov ? fma(momentum, v, -rate * g) : v);
    }
  };
};

using Optimizers = TypeList<Adam, GradientDescent, Momentum>;

}  // namespace shallownet
