// Levenberg and Marquardt's method on all examples at once, with Nielsen's rule for the damping (Madsen, Nielsen, Tingleff 2004,
// section 3.2). The matrix is the Hessian where it is positive definite with the damping, else its Gauss-Newton part,
// which always is.
#pragma once

#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "kernels/cholesky.hpp"
#include "sums/hessian.hpp"

namespace shallownet {

struct LmOptions {
  std::array<double, 4> decays{};  // of W1, b1, W2, b2
  double loss_scale = 1;           // of the loss in the costs that are shown
  Index n_iterations = 0;          // of this call, at most
  double max_solves = 0;           // of the whole training
  double tol = 0;                  // the largest component of a gradient that ends it
  // An iteration that gains at most `flat` of the cost, or of `unit` if that is more, is flat; so many in a row end it.
  double flat = 0, unit = 0, patience = 1;
  Index n_threads = 1;
};

enum class LmStatus { done, minimum, flat, stuck, solves, diverged, interrupted };

// Where a minimisation stands besides its parameters, as numbers that a checkpoint can hold.
struct LmProgress {
  double damping = 0, growth = 2, cost = 0, first_cost = 0, n_solves = 0, n_flat = 0;
  double n_exact = 0;  // solves by the Hessian
  double is_begun = 0;
  static constexpr Index n_numbers = 8;
};

class LevenbergMarquardt {
 public:
  static constexpr double least_damping = 1e-18, most_damping = 1e12;

  // theta: where it begins, or goes on.
  LevenbergMarquardt(const Network<double>& net, const LmOptions& options, const Examples<double>& examples, Index m,
                     const LmProgress& progress, const double* theta, InterruptWatch& watch)
      : at_(net.at.shape), options_(options), watch_(watch), progress_(progress),
        has_curvature_(net.at.shape.has_hidden() && net.units.is_smooth), examples_(net.at.shape, examples, m, watch),
        sums_(net, examples_, options.n_threads, has_curvature_, watch), x_(at_.size), next_x_(at_.size), d_(at_.size),
        D_(at_.size), decay_(at_.size), G_(at_.size), L_(at_.size), cholesky_(at_.size) {
    std::copy_n(theta, at_.size, x_.data());
    const Index ends[] = {at_.b1, at_.w2, at_.b2, at_.size};
    for (Index i = 0, part = at_.b1 > 0 ? 0 : 2; i < at_.size; ++i) {
      while (i >= ends[part]) ++part;
      decay_[i] = options.decays[static_cast<std::size_t>(part)];
    }
    if (watch.broken_off()) return;
    find_scales(net.at.shape);
    here_ = examples_.make_point(net.at.keeps_Z1);
    next_ = examples_.make_point(net.at.keeps_Z1);
  }

  const LmProgress& progress() const { return progress_; }
  double first_shown() const { return first_shown_; }
  std::vector<double> take_costs() { return std::move(costs_); }
  const double* parameters() const { return x_.data(); }

  LmStatus run() {
    if (watch_.broken_off()) return LmStatus::interrupted;
    LmStatus status = begin();
    while (status == LmStatus::done && static_cast<Index>(costs_.size()) < options_.n_iterations) {
      status = look();
      if (status == LmStatus::done) status = iterate();
    }
    return status;
  }

 private:
  // The mean squares of the inputs, by which a step of their weights is measured: damping is then that of inputs of one size.
  void find_scales(const Shape& shape) {
    std::fill_n(D_.data(), at_.size, 1.0);
    const Index n_units = shape.has_hidden() ? shape.n_h : shape.n_y, first = shape.has_hidden() ? 0 : at_.w2;
    for (Index k = 0; k < shape.n_x; ++k) {
      double square = 0;
      for (const ExampleTile<double>& tile : examples_.tiles)
        for (Index i = 0; i < tile.n; ++i) {
          const double x = tile.X[k * examples_.lead + i];
          square += tile.weights[i] * x * x;
        }
      if (!(square > 0) || !std::isfinite(square)) square = 1;
      for (Index j = 0; j < n_units; ++j) D_[first + j * shape.n_x + k] = square;
    }
  }

  // The cost at x, and what `sum` needs of it into `point`.
  double cost(const double* x, Point<double>& point, double& shown) {
    const double loss = sums_.find(x, point);
    double penalty = 0;
    for (Index i = 0; i < at_.size; ++i) penalty += decay_[i] * x[i] * x[i];
    shown = options_.loss_scale * loss + penalty / 2;
    return loss + penalty / 2;
  }

  LmStatus begin() {
    double shown = 0;
    const double f = cost(x_.data(), here_, shown);
    if (watch_.broken_off()) return LmStatus::interrupted;
    if (progress_.is_begun != 0) return LmStatus::done;
    if (!std::isfinite(f)) return LmStatus::diverged;
    progress_.cost = progress_.first_cost = f;
    first_shown_ = shown;
    if (!find_system()) return watch_.broken_off() ? LmStatus::interrupted : LmStatus::diverged;
    double most = 0;
    for (Index i = 0; i < at_.size; ++i) most = std::max(most, G_(i, i) / D_[i]);
    progress_.damping = std::max(1e-3 * most, least_damping);
    progress_.is_begun = 1;
    return LmStatus::done;
  }

  // Gauss-Newton matrix and gradient where training stands, if they are not known; false if broken off, or not finite.
  bool find_system() {
    if (is_found_) return true;
    sums_.sum(x_.data(), here_);
    if (watch_.broken_off()) return false;
    sums_.for_each_number_of_gauss_newton(
        {&watch_}, [&](Index r, Index c, double number) { G_(std::max(r, c), std::min(r, c)) = number; });
    if (watch_.broken_off()) return false;
    largest_ = 0;
    bool finite = true;
    for (Index i = 0; i < at_.size; ++i) {
      const double g = sums_.gradient(i) + decay_[i] * x_[i];
      G_(at_.size, i) = g;
      G_(i, i) += decay_[i];
      largest_ = std::max(largest_, std::abs(g));
      finite = finite && std::isfinite(g) && std::isfinite(G_(i, i));
    }
    is_found_ = finite;
    return finite;
  }

  // Whether training ends here.
  LmStatus look() {
    if (!find_system()) return watch_.broken_off() ? LmStatus::interrupted : LmStatus::stuck;
    if (largest_ <= options_.tol) return LmStatus::minimum;
    if (progress_.n_flat >= options_.patience) return LmStatus::flat;
    return progress_.n_solves >= options_.max_solves ? LmStatus::solves : LmStatus::done;
  }

  // One step that is accepted, at the least damping that Nielsen's rule comes to.
  LmStatus iterate() {
    const LmProgress before = progress_;
    while (progress_.n_solves < options_.max_solves) {
      progress_.n_solves += 1;
      const bool is_accepted = solve() && try_step();
      if (watch_.broken_off()) {
        progress_ = before;
        return LmStatus::interrupted;
      }
      if (is_accepted) return progress_.n_flat >= options_.patience ? LmStatus::flat : LmStatus::done;
      progress_.damping *= progress_.growth;
      progress_.growth *= 2;
      if (!(progress_.damping <= most_damping)) return LmStatus::stuck;
    }
    return LmStatus::solves;
  }

  // d = -(A + damping D)^-1 g by the Hessian, or else the Gauss-Newton matrix.
  bool solve() {
    for (bool is_exact = has_curvature_;; is_exact = false) {
      L_.copy_from(G_);
      if (is_exact)
        sums_.for_each_number_more(
            {&watch_}, [&](Index r, Index c, double number) { L_(std::max(r, c), std::min(r, c)) += number; });
      for (Index i = 0; i < at_.size; ++i) L_(i, i) += progress_.damping * D_[i];
      if (cholesky_.factor(L_, {&watch_})) {
        cholesky_.solve(L_, d_.data());
        progress_.n_exact += is_exact;
        return true;
      }
      if (watch_.broken_off() || !is_exact) return false;
    }
  }

  // Takes the step d, unless it is worse than the model has promised.
  bool try_step() {
    double promised = 0, shown = 0;
    for (Index i = 0; i < at_.size; ++i) {
      promised += d_[i] * (progress_.damping * D_[i] * d_[i] + G_(at_.size, i));
      next_x_[i] = x_[i] - d_[i];
    }
    const double f = cost(next_x_.data(), next_, shown), gained = progress_.cost - f, ratio = gained / (promised / 2);
    if (watch_.broken_off() || !std::isfinite(f) || !(gained > 0) || !(ratio > 1e-4)) return false;
    const double fit = 2 * ratio - 1;
    progress_.damping = std::max(progress_.damping * std::max(1.0 / 3, 1 - fit * fit * fit), least_damping);
    progress_.growth = 2;
    const double size = std::max({std::abs(progress_.cost), std::abs(f), options_.unit});
    progress_.n_flat = gained <= options_.flat * size ? progress_.n_flat + 1 : 0;
    progress_.cost = f;
    std::swap(x_, next_x_);
    std::swap(here_, next_);
    is_found_ = false;
    costs_.push_back(shown);
    return true;
  }

  const Places at_;
  const LmOptions options_;
  InterruptWatch& watch_;
  LmProgress progress_;
  const bool has_curvature_;  // else the Hessian is its Gauss-Newton part, or has kinks
  const ExampleTiles<double> examples_;
  HessianSums<double> sums_;
  Point<double> here_, next_;      // where training stands, and where it tries to go
  Buffer<double> x_, next_x_, d_;  // parameters there; the step, against the gradient
  Buffer<double> D_, decay_;       // of each parameter
  LowerMatrix G_, L_;              // the Gauss-Newton matrix with the gradient as its right side, and the factor
  Cholesky cholesky_;
  bool is_found_ = false;  // whether G is that of where training stands
  double largest_ = 0;     // component of the gradient
  double first_shown_ = 0;
  std::vector<double> costs_;  // as shown, after each iteration
};

}  // namespace shallownet
