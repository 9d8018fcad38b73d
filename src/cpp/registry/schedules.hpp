// Schedules of the learning rate: the factor it is multiplied by at a part t of the whole training, 0 <= t < 1.
// To add one: its struct, the list at the end, its row in reference/descent.py.
#pragma once

#include <cmath>

#include "registry/registry.hpp"

namespace shallownet {

constexpr double pi = 3.14159265358979323846;

struct ConstantRate {
  static constexpr const char* name = "constant";
  static double factor(double) { return 1; }
};

// From 1 down to 0 in half a wave.
struct Cosine {
  static constexpr const char* name = "cosine";
  static double factor(double t) { return 0.5 + 0.5 * std::cos(pi * t); }
};

// Four waves from 0 to 1 and back, each about twice as long as the one before: they end at 1/15, 3/15, 7/15 and 1.
struct CosineLog4 {
  static constexpr const char* name = "coslog4";
  static double factor(double t) { return 0.5 - 0.5 * std::cos(2 * pi * std::log2(1 + 15 * t)); }
};

using Schedules = TypeList<ConstantRate, Cosine, CosineLog4>;

}  // namespace shallownet
