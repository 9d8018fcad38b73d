// A bag of table networks: each member learns from rows of its own and is judged by those it has left out. All keep step, so
// that one epoch can be chosen for all, by the left-out losses of all together. A member is one thread's during an epoch.
#pragma once

#include <atomic>
#include <limits>
#include <vector>

#include "parallel/threads.hpp"
#include "registry/schedules.hpp"
#include "solvers/plan.hpp"
#include "tables/step.hpp"

namespace shallownet {

template <class Scalar>
struct TableMember {
  Index n = 0, n_left_out = 0;
  const std::int32_t* order = nullptr;     // (n_epochs, n)
  const std::int32_t* left_out = nullptr;  // (n_left_out)
  Buffer<Scalar> parameters, means, squares, average, best;
  Buffer<Scalar> logits, best_logits;  // of what is left out: (n_left_out, n_y)
  double n_steps = 0;
  double left_out_weight = 0;
  std::vector<double> losses;  // of each epoch, over what is left out

  TableState<Scalar> state() { return {parameters.data(), means.data(), squares.data()}; }
};

// What one thread works in.
template <class Scalar>
struct TableWorkspace {
  TableStep<Scalar> step;
  TableOutputs<Scalar> outputs;
  Buffer<Scalar> Z2, y, weights;  // of left-out rows, in columns

  TableWorkspace(const TableLayout<Scalar>& at, const TableRows<Scalar>& table, Index batch_size, Index most_left_out)
      : step(at, table, batch_size), outputs(at, table), Z2(at.shape.n_y * round_up(most_left_out, width<Scalar>)),
        y(Z2.size()), weights(round_up(most_left_out, width<Scalar>)) {}
};

template <class Scalar>
class TableBag {
 public:
  Status status = Status::done;
  Index n_epochs = 0, best_epoch = -1;
  std::vector<double> curve;

  TableBag(const TableLayout<Scalar>& layout, const TableRows<Scalar>& table, const TableTargets<Scalar>& targets,
           const TableUnits<Scalar>& units, const TableOptions& options, std::vector<TableMember<Scalar>>& members)
      : at_(layout), table_(table), targets_(targets), units_(units), options_(options), members_(members),
        best_loss_(options.best_loss) {}

  void run(Index n_threads, InterruptWatch& watch) {
    Index most = 0, largest = 1;
    for (TableMember<Scalar>& member : members_) {
      most = std::max(most, member.n_left_out);
      largest = std::max(largest, std::min(options_.batch_size, member.n));
      member.losses.reserve(static_cast<std::size_t>(options_.n_epochs));
      member.left_out_weight = 0;
      for (Index i = 0; i < member.n_left_out; ++i)
        member.left_out_weight += static_cast<double>(targets_.weights[member.left_out[i]]);
    }
    Team team(std::min(n_threads, static_cast<Index>(members_.size())));
    workspaces_.reserve(static_cast<std::size_t>(team.size()));
    for (Index t = 0; t < team.size(); ++t) workspaces_.emplace_back(at_, table_, largest, most);
    claims_ = std::vector<std::atomic<std::size_t>>(static_cast<std::size_t>(options_.n_epochs));
    curve.reserve(static_cast<std::size_t>(options_.n_epochs));
    team.run([&](Index thread) { take_part(team, thread, watch); }, [&] { watch.look(0); });
    if (watch.broken_off()) status = Status::interrupted;
  }

 private:
  void take_part(Team& team, Index thread, InterruptWatch& watch) {
    const auto idle = [&] { watch.look(thread); };
    for (Index e = 0; e < options_.n_epochs; ++e) {
      for (std::size_t m; (m = claims_[static_cast<std::size_t>(e)].fetch_add(1)) < members_.size();)
        run_epoch(members_[m], e, workspaces_[static_cast<std::size_t>(thread)], {&watch, thread});
      team.barrier(idle);
      if (thread == 0) end_epoch(watch.broken_off());
      team.barrier(idle);
      if (status != Status::done) return;
    }
    // the last epoch is kept by whoever comes first
    for (std::size_t m; (m = kept_.fetch_add(1)) < members_.size();) keep_best(members_[m]);
  }

  // One thread's, while the others wait.
  void end_epoch(bool is_broken_off) {
    if (is_broken_off) {
      status = Status::interrupted;
      return;
    }
    double loss = 0, weight = 0;
    for (const TableMember<Scalar>& member : members_) {
      loss += member.losses.back();
      weight += member.left_out_weight;
    }
    ++n_epochs;
    curve.push_back(weight > 0 ? loss / weight : std::numeric_limits<double>::quiet_NaN());
    is_best_ = curve.back() <= best_loss_;
    if (is_best_) {
      best_loss_ = curve.back();
      best_epoch = n_epochs - 1;
    }
    if (weight > 0 && !std::isfinite(curve.back())) status = Status::diverged;
  }

  // What the epoch before has left, if it is the best so far.
  void keep_best(TableMember<Scalar>& member) const {
    if (!is_best_) return;
    std::copy_n(member.average.data(), at_.size, member.best.data());
    std::copy_n(member.logits.data(), member.logits.size(), member.best_logits.data());
  }

  void run_epoch(TableMember<Scalar>& member, Index e, TableWorkspace<Scalar>& work, const Lookout& lookout) const {
    keep_best(member);
    const Index n_batches = std::max<Index>(1, member.n / options_.batch_size);
    const double per_batch = static_cast<double>(at_.size) * 30;
    double kept = 1;  // of the average, since it was last taken
    for (Index b = 0; b < n_batches; ++b) {
      const Index first = b * options_.batch_size, n = std::min(options_.batch_size, member.n - first);
      if (lookout.breaks_off(per_batch + static_cast<double>(n * at_.units) * 40)) return;
      const double epoch = static_cast<double>(options_.first_epoch) + static_cast<double>(e);
      const double t =
          (epoch + static_cast<double>(b) / static_cast<double>(n_batches)) / static_cast<double>(options_.max_epochs);
      const double rate = options_.learning_rate * options_.schedule(t);
      if (n > 0 && work.step(units_, options_, targets_, member.order + e * member.n, first, n, rate,
                             member.n_steps + 1, member.state())) {
        member.n_steps += 1;
        kept *= std::min(options_.average, (1 + member.n_steps) / (10 + member.n_steps));
        const bool is_due = std::fmod(member.n_steps, static_cast<double>(options_.average_every)) == 0;
        if (is_due) take_average(member, std::exchange(kept, 1));
      }
    }
    take_average(member, kept);
    judge(member, work, lookout);
  }

  void take_average(TableMember<Scalar>& member, double kept) const {
    if (kept == 1) return;
    const Vector<Scalar> old = broadcast(Scalar(kept)), now = broadcast(Scalar(1 - kept));
    for (Index i = 0; i < at_.size; i += width<Scalar>) {
      Scalar* average = member.average.data() + i;
      store(average, fma(old, load(average), now * load(member.parameters.data() + i)));
    }
  }

  // The loss over what is left out, by the average.
  void judge(TableMember<Scalar>& member, TableWorkspace<Scalar>& work, const Lookout& lookout) const {
    const Index n = member.n_left_out, n_y = at_.shape.n_y, lead = round_up(n, width<Scalar>);
    double loss = 0;
    if (n > 0 && work.outputs(units_, member.average.data(), member.left_out, 0, n, work.Z2.data(), lead, lookout)) {
      for (Index i = 0; i < lead; ++i) {
        const bool is_there = i < n;
        const Index row = is_there ? member.left_out[i] : 0;
        work.weights[i] = is_there ? targets_.weights[row] : Scalar(0);
        for (Index k = 0; k < n_y; ++k) {
          Scalar& z = work.Z2[k * lead + i];
          if (options_.has_range)
            z = std::clamp(z, static_cast<Scalar>(options_.low), static_cast<Scalar>(options_.high));
          if (is_there) member.logits[i * n_y + k] = z;
          work.y[k * lead + i] = is_there ? targets_.y[row * n_y + k] : Scalar(0);
        }
      }
      constexpr Index chunk = 256;  // its sum is added in double
      for (Index i = 0; i < n; i += chunk)
        loss += units_.delta({}, work.Z2.data() + i, lead, n_y, std::min(chunk, n - i), work.y.data() + i, lead,
                             work.weights.data() + i, true, units_.level);
    }
    member.losses.push_back(loss);
  }

  TableLayout<Scalar> at_;
  const TableRows<Scalar>& table_;
  TableTargets<Scalar> targets_;
  TableUnits<Scalar> units_;
  TableOptions options_;
  std::vector<TableMember<Scalar>>& members_;
  std::vector<TableWorkspace<Scalar>> workspaces_;
  std::vector<std::atomic<std::size_t>> claims_;  // of each epoch: how many members are taken
  std::atomic<std::size_t> kept_{0};
  bool is_best_ = false;
  double best_loss_;
};

}  // namespace shallownet
