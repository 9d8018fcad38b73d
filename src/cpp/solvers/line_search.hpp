// A search along a line for a point that meets the strong Wolfe conditions: the cost falls enough, and the slope has
// flattened. Bracketing, then cubic interpolation (Nocedal and Wright 2006, algorithms 3.5 and 3.6). Close to a minimum,
// where rounding hides whether costs fall, Hager and Zhang's approximate condition (2005) goes by the slopes.
#pragma once

#include <algorithm>
#include <cmath>

namespace shallownet {

// A point of the line: how far along, the cost there and its slope. An infinite cost stands for all that is not finite.
struct Sample {
  double t, cost, slope;
};

struct LineSearch {
  static constexpr int most = 25;  // samples
  static constexpr double enough = 1e-4, flat = 0.9;

  Sample start;
  double noise;    // by which costs may differ for rounding alone
  double ceiling;  // above which no cost is accepted

  enum class Found { point, nothing, broken_off };

  // From the sample at `first`; at(t, sample) takes one, false if it is broken off. The point found is the sample taken
  // last.
  template <class At>
  Found run(double first, const At& at) const {
    Sample low = start, high = start, now{};
    bool is_bracketed = false;
    double t = first;
    for (int k = 0; k < most; ++k) {
      if (!at(t, now)) return Found::broken_off;
      if (accepts(now)) return Found::point;
      const bool too_high = !falls(now) || now.cost >= low.cost;
      if (too_high && (k > 0 || !falls(now))) {
        is_bracketed = true;
        high = now;
      } else if (is_bracketed || now.slope >= 0) {
        if (!is_bracketed || now.slope * (high.t - low.t) >= 0) high = low;
        is_bracketed = true;
        low = now;
      } else {
        low = now;
        t *= 4;
        continue;
      }
      if (std::fabs(high.t - low.t) <= 1e-14 * std::max(high.t, low.t)) break;
      t = between(low, high);
    }
    if (!(low.cost < start.cost) || low.cost > ceiling) return Found::nothing;
    if (now.t == low.t) return Found::point;
    return at(low.t, now) ? Found::point : Found::broken_off;
  }

 private:
  bool falls(const Sample& s) const { return s.cost <= start.cost + enough * s.t * start.slope; }

  bool accepts(const Sample& s) const {
    if (falls(s) && std::fabs(s.slope) <= -flat * start.slope) return true;
    return s.cost <= std::min(start.cost + noise, ceiling) && s.slope <= (2 * enough - 1) * start.slope &&
           s.slope >= flat * start.slope;
  }

  // The minimum of the cubic through both, not too close to either; nearly at the lower one if the other is not finite.
  static double between(const Sample& low, const Sample& high) {
    if (!std::isfinite(high.cost)) return 0.9 * low.t + 0.1 * high.t;
    const double middle = (low.t + high.t) / 2, gap = high.t - low.t;
    const double a = low.slope + high.slope - 3 * (low.cost - high.cost) / (low.t - high.t);
    const double square = a * a - low.slope * high.slope;
    if (!(square >= 0)) return middle;
    const double b = std::copysign(std::sqrt(square), gap);
    const double t = high.t - gap * (high.slope + b - a) / (high.slope - low.slope + 2 * b);
    if (!std::isfinite(t)) return middle;
    const auto [first, last] = std::minmax(low.t + 0.05 * gap, high.t - 0.05 * gap);
    return std::clamp(t, first, last);
  }
};

}  // namespace shallownet
