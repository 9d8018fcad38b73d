// A step of training on few examples, shared out by parts of the hidden units instead of chunks of examples: each thread
// keeps its own units' parameters and gradients in its cache, and only the logits travel. The sums are those of
// one thread, bit for bit.
#pragma once

#include "parallel/threads.hpp"
#include "sums/chunks.hpp"

namespace shallownet {

template <class Scalar>
class UnitParallel {
 public:
  // The most threads that this way of sharing has work for; 1 where it does not apply or chunks of examples do better.
  // Chunks of sparse inputs are not added to each other as they come, so there must be only one.
  static Index n_threads(const Layout<Scalar>& at, Index m, InputKind inputs) {
    constexpr Index few = 2 * tile_examples;  // two chunks of one tile each
    const bool applies =
        !at.narrow && at.shape.has_hidden() && m <= few && (inputs != InputKind::sparse || n_chunks(m) == 1);
    return applies ? at.blocks.n_parts() : 1;
  }

  // For batches of up to `m` examples.
  UnitParallel(const Network<Scalar>& net, Index m, InputKind inputs, Team& team, InterruptWatch& watch)
      : net_(net), team_(team), watch_(watch), work_(workspaces(net.at, team.size(), inputs, watch)),
        part_size_(net.at.shape.n_y * tile_examples), logits_(n_chunks(m) * net.at.blocks.n_parts() * part_size_) {}

  // Before the threads start: the gradient of the first m examples of the batch is to go into `sums`.
  void prepare(const Examples<Scalar>& batch, Index m, bool want_loss, GradientChunks<Scalar>& sums) {
    batch_ = batch;
    m_ = m;
    want_loss_ = want_loss;
    sums_ = &sums;
    gradient_ = sums.whole();
  }

  // A thread's share of the gradient at p; all threads of the team must call it, and reach the barriers, even if it is broken off.
  void compute(const Scalar* p, Index thread) {
    const Layout<Scalar>& at = net_.at;
    Workspace<Scalar>& work = work_[static_cast<std::size_t>(thread)];
    const Index n_tiles = n_chunks(m_);
    sums_->square(p, thread, first_part(thread), first_part(thread + 1));
    for (Index t = 0; t < n_tiles; ++t) {
      const Index begin = cut_examples(at, m_, n_tiles, t), n = cut_examples(at, m_, n_tiles, t + 1) - begin;
      const Examples<Scalar> examples = batch_.from(begin);
      Tile<Scalar> tile = load_inputs(at, examples, n, work);
      load_targets(at, examples, work, tile);
      Scalar* logits = logits_.data() + t * at.blocks.n_parts() * part_size_;
      for (Index i = first_part(thread); i < first_part(thread + 1); ++i)
        forward_part(at, net_.units, p, tile, work, at.blocks.part(i), Into::store, logits + i * part_size_);
      team_.barrier([&] { watch_.look(thread); });
      add_parts(logits, p + at.b2, n, work.Z2.data());
      const double loss = deltas(net_, tile, work, want_loss_);
      const Into into = t == 0 ? Into::store : Into::add;
      backward_part(at, net_.units, p, tile, work, part(thread), into, gradient_);
      if (thread > 0) continue;
      backward_bias(at, n, work, into, gradient_);
      sums_->set_loss(t, loss);
    }
  }

  // Calls f(begin, end) for the ranges of the parameters that are a thread's.
  template <class F>
  void for_each_range(Index thread, F&& f) const {
    const Layout<Scalar>& at = net_.at;
    const Index begin = at.blocks.first_unit(part(thread).begin), end = at.blocks.first_unit(part(thread).end);
    f(begin * at.shape.n_x, end * at.shape.n_x);
    f(at.b1 + begin, at.b1 + end);
    for (Index k = 0; k < at.shape.n_y; ++k) f(at.w2 + k * at.units + begin, at.w2 + k * at.units + end);
    if (thread == 0) f(at.b2, at.size);
  }

 private:
  Index first_part(Index thread) const { return cut(net_.at.blocks.n_parts(), team_.size(), thread); }
  typename Blocks<Scalar>::Part part(Index thread) const {
    return net_.at.blocks.parts(first_part(thread), first_part(thread + 1));
  }

  // Z2 = the parts' logits in order, and the bias.
  void add_parts(const Scalar* logits, const Scalar* b2, Index n, Scalar* Z2) const {
    for (Index k = 0; k < net_.at.shape.n_y; ++k)
      for (Index i = k * tile_examples; i < k * tile_examples + n; i += width<Scalar>) {
        Vector<Scalar> total = load(logits + i);
        for (Index part = 1; part < net_.at.blocks.n_parts(); ++part) total += load(logits + part * part_size_ + i);
        store(Z2 + i, total + without_sign_of_zero(broadcast(b2[k])));
      }
  }

  const Network<Scalar>& net_;
  Team& team_;
  InterruptWatch& watch_;
  std::vector<Workspace<Scalar>> work_;
  Index part_size_;
  Buffer<Scalar> logits_;  // (tile, part, n_y, tile_examples)
  Examples<Scalar> batch_;
  Index m_ = 0;
  bool want_loss_ = false;
  GradientChunks<Scalar>* sums_ = nullptr;
  Scalar* gradient_ = nullptr;
};

}  // namespace shallownet
