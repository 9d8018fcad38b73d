// L-BFGS (Liu and Nocedal 1989): quasi-Newton steps from the last ten changes of parameters and gradient, on all examples
// at once. Vectors are in Scalar, costs and dot products in double. One thread adds up whatever is not a sum over
// examples, in fixed order.
#pragma once

#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "solvers/line_search.hpp"
#include "sums/objective.hpp"

namespace shallownet {

struct LbfgsOptions {
  double l2 = 0, loss_scale = 1;
  Index n_iterations = 0;      // of this call, at most
  double max_evaluations = 0;  // of the whole training; the iteration under way is finished
  double tol = 0;              // the largest component of a gradient that ends it
  // An iteration that gains at most `flat` of the cost, or of `unit` if that is more, is flat; so many in a row end it.
  double flat = 0, unit = 0, patience = 1;
  Index n_threads = 1;
  bool keeps_memory = true;  // also on Ctrl-C: handing it out takes twenty times as long as the parameters
};

enum class LbfgsStatus { done, minimum, flat, stuck, evaluations, diverged, interrupted };

// Where a minimisation stands, as numbers that a checkpoint can hold.
struct LbfgsProgress {
  double n_pairs = 0, is_double = 0;  // whether cost and gradient have been computed in double
  double cost = 0, first_cost = 0, n_evaluations = 0, n_flat = 0;
  static constexpr Index n_numbers = 6;
};

// Sum of the products, in double.
template <class Scalar>
double dot(const Scalar* a, const Scalar* b, Index n) {
  constexpr Index w = width<double>, n_sums = 4;
  using Few [[gnu::vector_size(w * sizeof(Scalar))]] = Scalar;
  Vector<double> sums[n_sums] = {};
  for (Index i = 0; i < n; i += n_sums * w)
    for (Index j = 0; j < n_sums && i + j * w < n; ++j) {
      Few x, y;
      std::memcpy(&x, a + i + j * w, sizeof x);
      std::memcpy(&y, b + i + j * w, sizeof y);
      sums[j] = fma(__builtin_convertvector(x, Vector<double>), __builtin_convertvector(y, Vector<double>), sums[j]);
    }
  return sum<double>((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

template <class Scalar>
class Lbfgs {
 public:
  static constexpr Index history = 10;

  static Index n_vectors(Index n_pairs) { return 2 + 2 * n_pairs; }

  // memory: vectors of n_parameters each, in the user's order: parameters, gradient, the pairs from the oldest on, each a
  // change of the parameters and one of the gradient. Without memory training begins at theta.
  Lbfgs(const Network<Scalar>& net, const LbfgsOptions& options, const Examples<Scalar>& examples, Index m,
        const double* memory, const LbfgsProgress& progress, const Scalar* theta, InterruptWatch& watch)
      : net_(net), options_(options), watch_(watch), progress_(progress), is_begun_(memory != nullptr),
        lookout_(net.at.lookout(&watch)), user_(memory ? net.at.shape.n_parameters() : 0), x_(take(memory, theta)),
        g_(net.at.size), next_x_(net.at.size), next_g_(net.at.size), d_(net.at.size),
        objective_(net, examples, m, options.l2, options.loss_scale, options.n_threads, x_.data(), watch) {
    for (Index i = 0; i <= history; ++i) order_[static_cast<std::size_t>(i)] = i;
    const Index n = net.at.shape.n_parameters();
    if (!memory) return;
    pack(memory + n, g_);
    for (Index k = 0; k < n_pairs(); ++k) {
      Pair& kept = pair(k);
      kept.make(net.at.size);
      pack(memory + (2 + 2 * k) * n, kept.s);
      pack(memory + (3 + 2 * k) * n, kept.y);
      measure(kept);
    }
  }

  bool is_begun() const { return is_begun_; }
  double first_shown() const { return first_shown_; }
  const LbfgsProgress& progress() const { return progress_; }
  std::vector<double> take_costs() { return std::move(costs_); }

  LbfgsStatus run() {
    if (watch_.broken_off()) return LbfgsStatus::interrupted;
    objective_.begin();
    LbfgsStatus status = begin();
    while (status == LbfgsStatus::done && (status = ended()) == LbfgsStatus::done &&
           static_cast<Index>(costs_.size()) < options_.n_iterations)
      status = iterate();
    objective_.end();
    return status;
  }

  // Memory as the constructor takes it.
  void hand_out(double* memory) {
    const Index n = net_.at.shape.n_parameters();
    hand_out_parameters(memory);
    unpack(g_, memory + n);
    for (Index k = 0; k < n_pairs(); ++k) {
      unpack(pair(k).s, memory + (2 + 2 * k) * n);
      unpack(pair(k).y, memory + (3 + 2 * k) * n);
    }
  }
  void hand_out_parameters(double* memory) { unpack(x_, memory); }

 private:
  struct Pair {
    Buffer<Scalar> s, y;
    double sy = 0, yy = 0, share = 0;
    void make(Index size) {
      if (s.size() > 0) return;
      s = Buffer<Scalar>(size);
      y = Buffer<Scalar>(size);
    }
  };

  Index n_pairs() const { return static_cast<Index>(progress_.n_pairs); }
  // The k-th pair from the oldest on; behind the last one the place for the next.
  Pair& pair(Index k) { return pairs_[static_cast<std::size_t>(order_[static_cast<std::size_t>(k)])]; }

  Buffer<Scalar> take(const double* memory, const Scalar* theta) {
    Buffer<Scalar> x(net_.at.size);
    memory ? pack(memory, x) : net_.at.pack(theta, x.data(), lookout_);
    return x;
  }
  void pack(const double* from, Buffer<Scalar>& to) {
    for_each_block_of(0, user_.size(), lookout_, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) user_[i] = static_cast<Scalar>(from[i]);
    });
    net_.at.pack(user_.data(), to.data(), lookout_);
  }
  void unpack(const Buffer<Scalar>& from, double* to) {
    if constexpr (sizeof(Scalar) == sizeof(double)) return net_.at.unpack(from.data(), to);
    if (user_.size() == 0) user_ = Buffer<Scalar>(net_.at.shape.n_parameters());
    net_.at.unpack(from.data(), user_.data());
    for (Index i = 0; i < user_.size(); ++i) to[i] = static_cast<double>(user_[i]);
  }

  // f(begin, end) over a vector, in blocks where that takes long.
  template <class F>
  void over(F&& f) const {
    for_each_block_of(0, net_.at.size, lookout_, f);
  }
  double product(const Buffer<Scalar>& a, const Buffer<Scalar>& b) const {
    double total = 0;
    over([&](Index begin, Index end) { total += dot(a.data() + begin, b.data() + begin, end - begin); });
    return total;
  }
  // y + a x into `to`.
  void add(double a, const Buffer<Scalar>& x, const Buffer<Scalar>& y, Buffer<Scalar>& to) const {
    const Vector<Scalar> factor = broadcast(Scalar(a));
    over([&](Index begin, Index end) {
      for (Index i = begin; i < end; i += width<Scalar>)
        store(to.data() + i, fma(factor, load(x.data() + i), load(y.data() + i)));
    });
  }
  void scale(double a, const Buffer<Scalar>& x, Buffer<Scalar>& to) const {
    const Vector<Scalar> factor = broadcast(Scalar(a));
    over([&](Index begin, Index end) {
      for (Index i = begin; i < end; i += width<Scalar>) store(to.data() + i, factor * load(x.data() + i));
    });
  }
  double largest(const Buffer<Scalar>& a) const {
    Scalar most = 0;
    over([&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) most = std::max(most, std::abs(a[i]));
    });
    return static_cast<double>(most);
  }

  // Cost and gradient where training begins, or where it goes on in double.
  LbfgsStatus begin() {
    constexpr bool is_double = sizeof(Scalar) == sizeof(double);
    if (is_begun_ && progress_.is_double == is_double) return LbfgsStatus::done;
    const Cost cost = objective_(x_.data(), g_.data());
    if (watch_.broken_off()) return LbfgsStatus::interrupted;
    if (!std::isfinite(cost.J) || !is_finite(g_.data(), g_.size(), lookout_)) return LbfgsStatus::diverged;
    if (!is_begun_) {
      progress_.first_cost = cost.J;
      first_shown_ = cost.shown;
    }
    is_begun_ = true;
    progress_.is_double = is_double;
    progress_.cost = cost.J;
    progress_.n_evaluations += 1;
    progress_.n_flat = 0;
    return LbfgsStatus::done;
  }

  LbfgsStatus ended() const {
    if (progress_.n_evaluations > options_.max_evaluations) return LbfgsStatus::evaluations;
    if (largest(g_) <= options_.tol) return LbfgsStatus::minimum;
    return progress_.n_flat >= options_.patience ? LbfgsStatus::flat : LbfgsStatus::done;
  }

  // One step; where the search along its direction finds nothing, steepest descent has the last word.
  LbfgsStatus iterate() {
    const double n_before = progress_.n_evaluations;
    for (;;) {
      const double slope = direct();
      LineSearch::Found found = LineSearch::Found::nothing;
      if (!watch_.broken_off() && slope < 0) found = search(slope);
      if (!watch_.broken_off() && found == LineSearch::Found::point) accept();
      if (watch_.broken_off()) {
        progress_.n_evaluations = n_before;
        return LbfgsStatus::interrupted;
      }
      if (found == LineSearch::Found::point) return LbfgsStatus::done;
      if (n_used_ == 0) return LbfgsStatus::stuck;
      forgets_ = true;
    }
  }

  // The direction into d, by the pairs unless they are to be forgotten; returns the slope along it.
  double direct() {
    n_used_ = forgets_ ? 0 : n_pairs();
    std::array<double, history> shares{};
    scale(-1, g_, d_);
    for (Index k = n_used_; k-- > 0;) {
      const double share = product(pair(k).s, d_) / pair(k).sy;
      add(-share, pair(k).y, d_, d_);
      shares[static_cast<std::size_t>(k)] = share;
    }
    if (n_used_ > 0) scale(pair(n_used_ - 1).sy / pair(n_used_ - 1).yy, d_, d_);
    for (Index k = 0; k < n_used_; ++k)
      add(shares[static_cast<std::size_t>(k)] - product(pair(k).y, d_) / pair(k).sy, pair(k).s, d_, d_);
    return product(g_, d_);
  }

  LineSearch::Found search(double slope) {
    const double noise = 16 * static_cast<double>(std::numeric_limits<Scalar>::epsilon()) * std::abs(progress_.cost);
    const LineSearch line{{0, progress_.cost, slope}, noise, std::max(progress_.first_cost, progress_.cost)};
    const auto at = [&](double t, Sample& sample) {
      add(t, d_, x_, next_x_);
      next_cost_ = objective_(next_x_.data(), next_g_.data());
      progress_.n_evaluations += 1;
      sample = {t, next_cost_.J, product(next_g_, d_)};
      const bool finite = std::isfinite(sample.cost) && std::isfinite(sample.slope) &&
                          is_finite(next_x_.data(), next_x_.size(), lookout_) &&
                          is_finite(next_g_.data(), next_g_.size(), lookout_);
      if (!finite) sample = {t, std::numeric_limits<double>::infinity(), 1};
      return !watch_.broken_off();
    };
    const double unit = std::min(1 / std::sqrt(-slope), forgets_ ? 1 : LineSearch::farthest);  // length of the step
    return line.run(n_used_ > 0 ? 1 : unit, at);
  }

  // Takes the point that was found, unless that is broken off: the oldest pair is given up last.
  void accept() {
    Pair& newest = pair(n_pairs());
    newest.make(net_.at.size);
    add(-1, x_, next_x_, newest.s);
    add(-1, g_, next_g_, newest.y);
    measure(newest);
    if (watch_.broken_off()) return;
    if (forgets_) std::rotate(order_.begin(), order_.begin() + n_pairs(), order_.end());
    if (forgets_) progress_.n_pairs = 0;
    forgets_ = false;
    if (newest.sy > std::numeric_limits<double>::epsilon() * newest.yy) {
      if (n_pairs() == history) std::rotate(order_.begin(), order_.begin() + 1, order_.end());
      else progress_.n_pairs += 1;
    }
    const double before = std::abs(progress_.cost), after = std::abs(next_cost_.J);
    const bool is_flat = progress_.cost - next_cost_.J <= options_.flat * std::max({before, after, options_.unit});
    progress_.n_flat = is_flat ? progress_.n_flat + 1 : 0;
    std::swap(x_, next_x_);
    std::swap(g_, next_g_);
    progress_.cost = next_cost_.J;
    costs_.push_back(next_cost_.shown);
  }

  void measure(Pair& of) const {
    of.sy = product(of.s, of.y);
    of.yy = product(of.y, of.y);
  }

  const Network<Scalar>& net_;
  const LbfgsOptions options_;
  InterruptWatch& watch_;
  LbfgsProgress progress_;
  bool is_begun_, forgets_ = false;
  const Lookout lookout_;
  Buffer<Scalar> user_;                 // in the user's order: packed from, unpacked to
  Buffer<Scalar> x_, g_;                // parameters and gradient after the last complete iteration
  Buffer<Scalar> next_x_, next_g_, d_;  // of the sample taken last, and the direction
  std::array<Pair, history + 1> pairs_;
  std::array<Index, history + 1> order_{};
  Index n_used_ = 0;  // pairs that the direction has come from
  Objective<Scalar> objective_;
  Cost next_cost_{};
  double first_shown_ = 0;
  std::vector<double> costs_;  // as shown, after each iteration
};

}  // namespace shallownet
