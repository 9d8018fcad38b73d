// A search along a line for a point that meets the strong Wolfe conditions: the cost falls enough, and the slope has
// flattened. By Moré and Thuente (1994), with the constants that L-BFGS-B has made usual, so that iterations are those of
// other implementations but for rounding. Close to a minimum, where rounding hides whether costs fall, the approximate
// condition of Hager and Zhang (2005) goes by the slopes.
#pragma once

#include <algorithm>
#include <cmath>

namespace shallownet {

// A point of the line: how far along, the cost there and its slope. An infinite cost stands for all that is not finite.
struct Sample {
  double t, cost, slope;
};

// The interval that a search has come to: the best point so far, the other end, and where to look next.
struct Interval {
  Sample best, other;
  double next;
  bool is_bracket = false;
  double least = 0, most = 0;  // of `next`

  // Takes in the sample at `next`; costs and slopes may be those of another function with the same minimum in between.
  void take(const Sample& now) {
    double to = 0;
    if (now.cost > best.cost) {
      to = first_case(now);
    } else if (now.slope * best.slope < 0) {
      to = second_case(now);
    } else if (std::fabs(now.slope) < std::fabs(best.slope)) {
      to = third_case(now);
    } else {
      to = fourth_case(now);
    }
    if (now.cost > best.cost) {
      other = now;
    } else {
      if (now.slope * best.slope < 0) other = best;
      best = now;
    }
    next = to;
  }

 private:
  // The cubic through two points: where its minimum lies, from a (0) to b (1); NaN if there is none.
  struct Cubic {
    double theta, gamma;
    Cubic(const Sample& a, const Sample& b, bool may_be_flat = false) {
      theta = 3 * (a.cost - b.cost) / (b.t - a.t) + a.slope + b.slope;
      const double s = std::max({std::fabs(theta), std::fabs(a.slope), std::fabs(b.slope)});
      const double square = theta / s * (theta / s) - a.slope / s * (b.slope / s);
      gamma = s * std::sqrt(may_be_flat ? std::max(square, 0.0) : square);
      if (b.t < a.t) gamma = -gamma;
    }
    double from_first(const Sample& a, const Sample& b) const {
      const double share = (gamma - a.slope + theta) / (gamma - a.slope + gamma + b.slope);
      return a.t + share * (b.t - a.t);
    }
  };

  // The cost is higher: a minimum is bracketed, nearer to the best point.
  double first_case(const Sample& now) {
    is_bracket = true;
    if (!std::isfinite(now.cost)) return best.t + 0.1 * (now.t - best.t);
    const double cubic = Cubic(best, now).from_first(best, now);
    const double secant = best.slope / ((best.cost - now.cost) / (now.t - best.t) + best.slope) / 2;
    const double quadratic = best.t + secant * (now.t - best.t);
    return std::fabs(cubic - best.t) < std::fabs(quadratic - best.t) ? cubic : cubic + (quadratic - cubic) / 2;
  }

  // The slope has changed its sign: bracketed, too.
  double second_case(const Sample& now) {
    is_bracket = true;
    const double cubic = Cubic(now, best).from_first(now, best);
    const double secant = now.t + now.slope / (now.slope - best.slope) * (best.t - now.t);
    return std::fabs(cubic - now.t) > std::fabs(secant - now.t) ? cubic : secant;
  }

  // The slope flattens: further on, where the cubic has its minimum there.
  double third_case(const Sample& now) const {
    const Cubic c(now, best, true);
    const double share = (c.gamma - now.slope + c.theta) / (c.gamma + (best.slope - now.slope) + c.gamma);
    double cubic = now.t > best.t ? most : least;
    if (share < 0 && c.gamma != 0) cubic = now.t + share * (best.t - now.t);
    const double secant = now.t + now.slope / (now.slope - best.slope) * (best.t - now.t);
    const bool is_nearer = std::fabs(cubic - now.t) < std::fabs(secant - now.t);
    if (!is_bracket) return std::clamp(is_nearer ? secant : cubic, least, most);
    const double to = is_nearer ? cubic : secant, limit = now.t + 0.66 * (other.t - now.t);
    return now.t > best.t ? std::min(limit, to) : std::max(limit, to);
  }

  // It does not.
  double fourth_case(const Sample& now) const {
    if (!is_bracket) return now.t > best.t ? most : least;
    return std::isfinite(other.cost) ? Cubic(now, other).from_first(now, other) : (now.t + other.t) / 2;
  }
};

struct LineSearch {
  static constexpr int most_samples = 20;
  static constexpr double enough = 1e-3, flat = 0.9, narrow = 0.1, farthest = 1e10;

  Sample start;
  double noise;    // by which costs may differ for rounding alone
  double ceiling;  // above which no cost is accepted

  enum class Found { point, nothing, broken_off };

  // From the sample at `first`; at(t, sample) takes one, false if it is broken off. The point found is the sample taken
  // last.
  template <class At>
  Found run(double first, const At& at) const {
    Interval in{start, start, first, false, 0, 5 * first};
    double width = farthest, width_before = 2 * farthest;
    bool by_slope = false;
    Sample now{};
    for (int k = 0; k < most_samples; ++k) {
      if (!at(in.next, now)) return Found::broken_off;
      if (accepts(now)) return Found::point;
      if (in.is_bracket && (now.t <= in.least || now.t >= in.most || in.most - in.least <= narrow * in.most)) break;
      by_slope = by_slope || (falls(now) && now.slope >= 0);
      if (!by_slope && now.cost <= in.best.cost && !falls(now)) {
        for (Sample* s : {&in.best, &in.other}) lean(*s, -1);
        Sample leaning = now;
        lean(leaning, -1);
        in.take(leaning);
        for (Sample* s : {&in.best, &in.other}) lean(*s, 1);
      } else {
        in.take(now);
      }
      if (in.is_bracket) {
        if (std::fabs(in.other.t - in.best.t) >= 0.66 * width_before) in.next = (in.best.t + in.other.t) / 2;
        width_before = width;
        width = std::fabs(in.other.t - in.best.t);
      }
      limit(in, now.t);
    }
    if (!(in.best.cost < start.cost) || in.best.cost > ceiling) return Found::nothing;
    if (now.t == in.best.t) return Found::point;
    return at(in.best.t, now) ? Found::point : Found::broken_off;
  }

 private:
  bool falls(const Sample& s) const { return s.cost <= start.cost + enough * s.t * start.slope; }

  bool accepts(const Sample& s) const {
    if (falls(s) && std::fabs(s.slope) <= -flat * start.slope) return true;
    const bool is_hidden = std::fabs(s.cost - start.cost) <= noise && s.cost <= ceiling;
    return is_hidden && s.slope <= (2 * enough - 1) * start.slope && s.slope >= flat * start.slope;
  }

  // Adds, or takes away, the line that costs have to fall below.
  void lean(Sample& s, int sign) const {
    s.cost += sign * enough * s.t * start.slope;
    s.slope += sign * enough * start.slope;
  }

  // Bounds the next place; where no better one is left, it is the best.
  static void limit(Interval& in, double last) {
    const auto [least, most] = std::minmax(in.best.t, in.other.t);
    in.least = in.is_bracket ? least : in.next + 1.1 * (in.next - in.best.t);
    in.most = in.is_bracket ? most : in.next + 4 * (in.next - in.best.t);
    in.next = std::clamp(std::isnan(in.next) ? (in.best.t + last) / 2 : in.next, 0.0, farthest);
    const bool is_outside = in.next <= in.least || in.next >= in.most;
    if (in.is_bracket && (is_outside || in.most - in.least <= narrow * in.most)) in.next = in.best.t;
  }
};

}  // namespace shallownet
