// First-order optimizers: each updates `width` parameters p from their gradient g and the state vectors s.
// To add one: its struct, the list at the end, its row in reference/descent.py.
#pragma once

#include "registry/registry.hpp"
#include "simd/vector.hpp"

namespace shallownet {

struct StepOptions {
  double learning_rate = 0;
  double momentum = 0;
  bool nesterov = false;
  double beta_1 = 0, beta_2 = 0, epsilon = 0;
  double weight_decay = 0;
};

// What a step does to some parameters: the rate, which already holds Adam's bias correction, and by which part of
// themselves they shrink, whatever their gradient.
struct Rates {
  double rate, shrink;
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
  static constexpr bool is_scale_free = true;  // a step is as long for a gradient of any size
  static constexpr int slots = 2;              // running means of g and of g^2

  static double rate(const StepOptions& o, double step) {
    return o.learning_rate * std::sqrt(1 - std::pow(o.beta_2, step)) / (1 - std::pow(o.beta_1, step));
  }
  template <class Scalar>
  struct Step {
    Vector<Scalar> rate, beta_1, beta_2, rest_1, rest_2, epsilon;
    Step(const StepOptions& o, const Rates& now)
        : rate(broadcast(Scalar(now.rate))), beta_1(broadcast(Scalar(o.beta_1))), beta_2(broadcast(Scalar(o.beta_2))),
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

// Adam whose weights shrink apart from their gradients: a decay that no running mean sees.
struct AdamW {
  static constexpr const char* name = "adamw";
  static constexpr bool is_scale_free = true;
  static constexpr int slots = Adam::slots;

  static double rate(const StepOptions& o, double step) { return Adam::rate(o, step); }
  template <class Scalar>
  struct Step {
    typename Adam::template Step<Scalar> adam;
    Vector<Scalar> shrink;
    Step(const StepOptions& o, const Rates& now) : adam(o, now), shrink(broadcast(Scalar(now.shrink))) {}
    Vector<Scalar> operator()(Vector<Scalar> p, Vector<Scalar> g, const State<Scalar>& s, Index i) const {
      return adam(fma(-shrink, p, p), g, s, i);
    }
  };
};

struct GradientDescent {
  static constexpr const char* name = "gd";
  static constexpr bool is_scale_free = false;
  static constexpr int slots = 0;

  static double rate(const StepOptions& o, double) { return o.learning_rate; }
  template <class Scalar>
  struct Step {
    Vector<Scalar> rate;
    Step(const StepOptions&, const Rates& now) : rate(broadcast(Scalar(now.rate))) {}
    Vector<Scalar> operator()(Vector<Scalar> p, Vector<Scalar> g, const State<Scalar>&, Index) const {
      return fma(-rate, g, p);
    }
  };
};

// Stochastic gradient descent with momentum; Nesterov's form looks one step ahead.
struct Momentum {
  static constexpr const char* name = "sgd";
  static constexpr bool is_scale_free = false;
  static constexpr int slots = 1;  // the velocity

  static double rate(const StepOptions& o, double) { return o.learning_rate; }
  template <class Scalar>
  struct Step {
    Vector<Scalar> rate, momentum;
    bool nesterov;
    Step(const StepOptions& o, const Rates& now)
        : rate(broadcast(Scalar(now.rate))), momentum(broadcast(Scalar(o.momentum))), nesterov(o.nesterov) {}
    Vector<Scalar> operator()(Vector<Scalar> p, Vector<Scalar> g, const State<Scalar>& s, Index i) const {
      const Vector<Scalar> v = fma(momentum, load(s.slots[0] + i), -rate * g);
      store(s.slots[0] + i + s.to_next, v);
      return p + (nesterov ? fma(momentum, v, -rate * g) : v);
    }
  };
};

using Optimizers = TypeList<Adam, AdamW, GradientDescent, Momentum>;

}  // namespace shallownet
