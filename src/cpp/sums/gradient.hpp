// What is asked of a network at given parameters and of all m examples, by a team made for it: the cost and its gradient,
// the gradient of the inputs, or anything else of every tile.
#pragma once

#include <atomic>

#include "parallel/threads.hpp"
#include "sums/chunks.hpp"

namespace shallownet {

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
