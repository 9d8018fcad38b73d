// Cost and gradient over all chunks of a batch. Each chunk has its own sums; they are added in the order of the chunks,
// whoever computed them.
#pragma once

#include <atomic>
#include <limits>
#include <numeric>
#include <vector>

#include "parallel/threads.hpp"
#include "passes/passes.hpp"

namespace shallownet {

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

// Sum of the squares of n numbers, a multiple of the width, in double: no finite weight overflows it.
template <class Scalar>
double squares(const Scalar* p, Index n) {
  constexpr Index w = width<double>, n_sums = 4;
  using Few [[gnu::vector_size(w * sizeof(Scalar))]] = Scalar;
  Vector<double> sums[n_sums] = {};
  for (Index i = 0; i < n; i += n_sums * w)
    for (Index j = 0; j < n_sums && i + j * w < n; ++j) {
      Few few;
      std::memcpy(&few, p + i + j * w, sizeof few);
      const Vector<double> v = __builtin_convertvector(few, Vector<double>);
      sums[j] = fma(v, v, sums[j]);
    }
  return sum<double>((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

// Sum of the squared weights of a part of the units, biases left out; padding adds 0. The penalty is l2 / 2 times that of all.
template <class Scalar>
double squared_weights(const Layout<Scalar>& at, const Scalar* p, typename Blocks<Scalar>::Part part) {
  const Index begin = at.blocks.first_unit(part.begin), n = at.blocks.first_unit(part.end) - begin;
  double total = squares(p + begin * at.shape.n_x, n * at.shape.n_x);
  for (Index k = 0; k < at.shape.n_y && at.shape.has_hidden(); ++k)
    total += squares(p + at.w2 + k * at.units + begin, n);
  return total;
}

// Whether parameter i bears the penalty. Ranges start and end on vector boundaries.
template <class Scalar>
bool is_weight(const Layout<Scalar>& at, Index i) {
  return i < at.b1 || (i >= at.w2 && i < at.b2);
}

// Sum of the weights s of a batch; m where there are none, and 0 if it is too small to divide by.
template <class Scalar>
double weight_sum(const Examples<Scalar>& batch, Index m) {
  if (!batch.weights) return static_cast<double>(m);
  double total = 0;
  for (Index i = 0; i < m; ++i) total += static_cast<double>(batch.weights[batch.place(i)]);
  return total < static_cast<double>(std::numeric_limits<Scalar>::min()) ? 0 : total;
}

// One workspace per thread, made before the threads start so that a failed allocation is thrown in the caller.
template <class Scalar>
std::vector<Workspace<Scalar>> workspaces(const Layout<Scalar>& at, Index n_threads, InputKind inputs,
                                          InterruptWatch& watch, bool want_dX = false) {
  std::vector<Workspace<Scalar>> made;
  made.reserve(static_cast<std::size_t>(n_threads));
  for (Index t = 0; t < n_threads; ++t) made.emplace_back(at, inputs, want_dX, at.lookout(&watch, t));
  return made;
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
  // and whether the new parameters are to be published in place of the gradients, for which there must be a chunk per thread.
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
  Index m_ = 0, n_ = 0, n_sums_ = 0,
        n_published_ = 0;  // examples, chunks, buffers that hold their sums, and parameters
  bool want_loss_ = false, want_squares_ = false;
  std::vector<Queue> queues_;  // one per thread
};

// J at p, and its gradient (in the layout of the parameters) into g, if given.
template <class Scalar>
double cost_and_gradient(const Network<Scalar>& net, const Scalar* p, Scalar* g, const Examples<Scalar>& batch, Index m,
                         double l2, Index n_threads, InterruptWatch& watch) {
  Team team(std::min(n_threads, n_chunks(m)));
  const InputKind inputs = input_kind_of(net.at, batch, m, p, net.at.size, watch);
  GradientChunks<Scalar> chunks(net, m, inputs, team.size(), watch, g != nullptr);
  chunks.prepare(batch, m, true, l2 != 0);
  if (team.size() > 1) {
    team.run([&](Index thread) { chunks.claim(p, thread); }, [&] { watch.look(0); });
  } else {
    chunks.compute(p);
  }
  const double total = weight_sum(batch, m);
  const Vector<Scalar> share = broadcast(Scalar(1 / total));
  for_each_block_of(0, g ? net.at.size : 0, net.at.lookout(&watch), [&](Index begin, Index end) {
    for (Index i = begin; i < end; i += width<Scalar>) {
      const Vector<Scalar> decay = broadcast(Scalar(is_weight(net.at, i) ? l2 : 0));
      store(g + i, fma(decay, load(p + i), chunks.sum(i) * share));
    }
  });
  return chunks.loss() / total + l2 / 2 * chunks.squares();
}

// Runs f(tile, begin, work), which computes with the parameters p, for every tile of m examples; tiles are independent
// of each other.
template <class Scalar, class F>
void for_each_tile(const Network<Scalar>& net, const Scalar* p, const Examples<Scalar>& examples, Index m,
                   Index n_threads, InterruptWatch& watch, F&& f, bool want_dX = false) {
  const Index n_tiles = (m + tile_examples - 1) / tile_examples;
  Team team(std::min(n_threads, n_tiles));
  const InputKind inputs = input_kind_of(net.at, examples, m, p, net.at.size, watch);
  auto workspace = workspaces(net.at, team.size(), inputs, watch, want_dX);
  std::atomic<Index> next{0};
  const auto job = [&](Index thread) {
    Workspace<Scalar>& work = workspace[static_cast<std::size_t>(thread)];
    for (Index t; (t = next.fetch_add(1)) < n_tiles;) {
      if (watch.check(thread, static_cast<double>(tile_examples * net.at.size))) return;
      const Index begin = t * tile_examples;
      f(load_inputs(net.at, examples.from(begin), std::min(tile_examples, m - begin), work), begin, work);
    }
  };
  team.run(job, [&] { watch.look(0); });
}

// dJ/dX into the rows dX (m, n_x), contiguous: W1^T dZ1 over the sum of the weights.
template <class Scalar>
void input_gradient(const Network<Scalar>& net, const Scalar* p, const Examples<Scalar>& examples, Index m, Scalar* dX,
                    Index n_threads, InterruptWatch& watch) {
  const Scalar share = static_cast<Scalar>(1 / weight_sum(examples, m));
  const Index n_x = net.at.shape.n_x;
  const auto run = [&](Tile<Scalar> tile, Index begin, Workspace<Scalar>& work) {
    load_targets(net.at, examples.from(begin), work, tile);
    forward(net, p, tile, work);
    deltas(net, tile, work, false);
    input_delta(net, p, tile, work);
    matrix(dX + begin * n_x, tile.n, n_x, n_x, 1) = matrix(work.dX.data(), tile.n, n_x, 1, tile_examples) * share;
  };
  for_each_tile(net, p, examples, m, n_threads, watch, run, true);
}

}  // namespace shallownet
