// A batch of examples cut into chunks: each has its own sums of losses and gradients, which are added in the order of the
// chunks, whoever computed them.
#pragma once

#include <atomic>
#include <numeric>
#include <vector>

#include "passes/passes.hpp"
#include "sums/penalty.hpp"

namespace shallownet {

// Examples are cut into chunks by their number alone, so that sums over chunks in order give the same bits for any number
// of threads. Chunks are long, because each one's sums go from one processor's cache to another's.
// Changing this rule changes results in the last digits: it belongs in the CHANGELOG.
inline Index n_chunks(Index m) { return m < 64 ? 1 : std::min<Index>(16, 2 * ((m + 511) / 512)); }

// Sum of s L (0 unless wanted) over the examples begin <= i < end of the batch, and of the gradients into g, if given,
// where the first tile's are stored or added.
template <class Scalar>
double chunk_gradient(const Network<Scalar>& net, const Scalar* p, Into first, Scalar* g, const Examples<Scalar>& batch,
                      Index begin, Index end, Workspace<Scalar>& work, InterruptWatch& watch, Index thread,
                      bool want_loss) {
  double loss = 0;
  const Index n_tiles = (end - begin + tile_examples - 1) / tile_examples;
  for (Index t = 0; t < n_tiles; ++t) {
    const Index i = begin + cut_examples(net.at, end - begin, n_tiles, t);
    const Index n = begin + cut_examples(net.at, end - begin, n_tiles, t + 1) - i;
    if (watch.check(thread, static_cast<double>(n * net.at.size))) break;
    const Examples<Scalar> examples = batch.from(i);
    Tile<Scalar> tile = load_inputs(net.at, examples, n, work);
    load_targets(net.at, examples, work, tile);
    forward(net, p, tile, work);
    loss += deltas(net, tile, work, want_loss);
    if (g) backward(net, p, tile, work, t == 0 ? first : Into::add, g);
  }
  return loss;
}

// The sums of each chunk of a batch. One thread computes them all, or those of a team claim them as they come free.
template <class Scalar>
class GradientChunks {
 public:
  // For batches of up to m examples and a team of n_threads.
  GradientChunks(const Network<Scalar>& net, Index m, InputKind inputs, Index n_threads, InterruptWatch& watch,
                 bool want_gradient = true)
      : net_(net), watch_(watch), work_(workspaces(net.at, n_threads, inputs, watch)),
        loss_(static_cast<std::size_t>(n_chunks(m))), squares_(static_cast<std::size_t>(net.at.blocks.n_parts())),
        queues_(static_cast<std::size_t>(n_threads)) {
    const Index n_buffers = n_threads == 1 ? std::min<Index>(n_chunks(m), 2) : n_chunks(m);
    if (want_gradient) gradients_ = Buffer<Scalar>(n_buffers * net.at.size);
  }

  // Before the threads start: the first m examples of the batch are to be computed, and the squared weights, if wanted;
  // and whether the new parameters are to be published in place of the gradients, for which there must be a chunk per
  // thread.
  void prepare(const Examples<Scalar>& batch, Index m, bool want_loss, bool want_squares, bool publishes = false) {
    batch_ = batch;
    m_ = m;
    want_loss_ = want_loss;
    want_squares_ = want_squares;
    n_ = n_sums_ = n_chunks(m);
    n_published_ = publishes ? n_threads() : 0;
    for (Index t = 0; t < n_threads(); ++t) queue(t).next.store(first_chunk(t), std::memory_order_relaxed);
  }

  // A thread's share: first the chunks that are in its cache from the last step, then what others have left.
  void claim(const Scalar* p, Index thread) {
    for (Index i = 0; i < n_threads(); ++i) {
      const Index owner = (thread + i) % n_threads(), end = first_chunk(owner + 1);
      for (Index c; (c = queue(owner).next.fetch_add(1, std::memory_order_relaxed)) < end;)
        chunk(p, Into::store, buffer(c), c, thread);
    }
    square_share(p, thread);
  }

  // The same where no chunk is another thread's: chunk and thread have the same number.
  void compute_own(const Scalar* p, Index thread) {
    if (thread < n_) chunk(p, Into::store, buffer(thread), thread, thread);
    square_share(p, thread);
  }

  // All of it on one thread, which adds up as it goes, in the same order.
  void compute(const Scalar* p) {
    n_sums_ = 1;
    // A chunk of one tile can be added without a detour.
    const bool one_tile = m_ <= n_ * tile_examples && !batch_.sparse.numbers;
    for (Index c = 0; c < n_; ++c) {
      if (c == 0 || one_tile) {
        chunk(p, c == 0 ? Into::store : Into::add, buffer(0), c, 0);
      } else {
        chunk(p, Into::store, buffer(1), c, 0);
        for_each_block_of(0, buffer(0) ? net_.at.size : 0, net_.at.lookout(&watch_), [&](Index begin, Index end) {
          for (Index i = begin; i < end; i += width<Scalar>)
            store(buffer(0) + i, load(buffer(0) + i) + load(buffer(1) + i));
        });
      }
    }
    square(p, 0, 0, n_parts());
  }

  // The squared weights of a thread's share of the parts of the units, or of given parts, if wanted.
  void square_share(const Scalar* p, Index thread) {
    square(p, thread, cut(n_parts(), n_threads(), thread), cut(n_parts(), n_threads(), thread + 1));
  }
  void square(const Scalar* p, Index thread, Index first_part, Index last_part) {
    const Lookout lookout = net_.at.lookout(&watch_, thread);
    const Index n = net_.at.size / n_parts();
    for (Index i = first_part; want_squares_ && i < last_part; ++i) {
      if (lookout.breaks_off(static_cast<double>(work_per_number * n))) return;
      squares_[static_cast<std::size_t>(i)] = squared_weights(net_.at, p, net_.at.blocks.part(i));
    }
  }

  // Where others put the whole gradient and the losses, if they compute them otherwise.
  Scalar* whole() {
    n_sums_ = 1;
    return gradients_.data();
  }
  void set_loss(Index chunk, double loss) { loss_[static_cast<std::size_t>(chunk)] = loss; }

  // Element i and following ones of the gradient: the chunks' sums in order, and not -0, see without_sign_of_zero.
  Vector<Scalar> sum(Index i) const {
    const Scalar* g = gradients_.data() + i;
    Vector<Scalar> total = load(g);
    for (Index c = 1; c < n_sums_; ++c) total += load(g + c * net_.at.size);
    return without_sign_of_zero(total);
  }

  // Puts the new parameters i and following ones, if wanted, where published(thread) finds them in the next step. A processor
  // that only reads what another one has written makes the next write there several times as slow; one that also
  // writes takes it over. So parameters travel back where the gradients came from.
  void publish(Index i, Vector<Scalar> parameters) {
    for (Index c = 0; c < n_published_; ++c) store(gradients_.data() + i + c * net_.at.size, parameters);
  }
  const Scalar* published(Index thread) const { return gradients_.data() + thread * net_.at.size; }

  double loss() const { return std::accumulate(loss_.begin(), loss_.begin() + n_, 0.0); }
  double squares() const { return std::accumulate(squares_.begin(), squares_.end(), 0.0); }

 private:
  // The chunks of a thread, of which `next` is the first that nobody has claimed.
  struct alignas(64) Queue {
    std::atomic<Index> next{0};
  };

  Index n_threads() const { return static_cast<Index>(queues_.size()); }
  Index n_parts() const { return net_.at.blocks.n_parts(); }
  Index first_example(Index chunk) const { return cut_examples(net_.at, m_, n_, chunk); }
  Index first_chunk(Index thread) const { return cut(n_, n_threads(), thread); }
  Queue& queue(Index thread) { return queues_[static_cast<std::size_t>(thread)]; }

  void chunk(const Scalar* p, Into first, Scalar* g, Index c, Index thread) {
    loss_[static_cast<std::size_t>(c)] =
        chunk_gradient(net_, p, first, g, batch_, first_example(c), first_example(c + 1),
                       work_[static_cast<std::size_t>(thread)], watch_, thread, want_loss_);
  }

  // Where the gradient of chunk c goes; null where none is wanted.
  Scalar* buffer(Index c) { return gradients_.data() ? gradients_.data() + c * net_.at.size : nullptr; }

  const Network<Scalar>& net_;
  InterruptWatch& watch_;
  std::vector<Workspace<Scalar>> work_;
  Buffer<Scalar> gradients_;
  std::vector<double> loss_, squares_;  // per chunk, and per part of the units; 0 if never wanted
  Examples<Scalar> batch_;
  Index m_ = 0, n_ = 0;  // examples, chunks
  Index n_sums_ = 0;     // buffers that hold their sums
  Index n_published_ = 0;
  bool want_loss_ = false, want_squares_ = false;
  std::vector<Queue> queues_;  // one per thread
};

}  // namespace shallownet
