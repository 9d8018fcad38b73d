// The network's parameters as the core holds them: one flat buffer whose unit dimension is padded to the vector width.
// The user's flat vector is W1 (n_h, n_x), b1, W2 (n_y, n_h), b2, each in C order; the core's is
//   w1                block after block of units, each (n_x, lanes): its part of the columns of W1      b1 (units)
//   w2 (n_y, units)   row k of W2                                     b2 (n_y, padded)
// where units = n_h rounded up. Padding is 0 and stays 0. Without a hidden layer the outputs are the units: w1, b1
// hold W2, b2 and the second pair is empty.
#pragma once

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "parallel/watch.hpp"
#include "simd/copy.hpp"

namespace shallownet {

struct Shape {
  Index n_x = 0, n_h = 0, n_y = 0;

  bool has_hidden() const { return n_h > 0; }
  // The user's count of parameters. Shapes are refused while their counts would still fit, see check().
  Index n_parameters() const { return has_hidden() ? n_h * n_x + n_h + n_y * n_h + n_y : n_y * n_x + n_y; }

  // Refuses sizes whose products could overflow, long before anything is allocated.
  void check() const {
    if (n_x < 1 || n_h < 0 || n_y < 1) throw std::invalid_argument("n_x and n_y must be >= 1 and n_h >= 0");
    constexpr double most = 1e15;
    const double units = static_cast<double>(std::max(n_h, n_y)) + 64;
    if (units * (static_cast<double>(n_x) + static_cast<double>(n_y) + 2) > most)
      throw std::length_error("the network has more parameters than any memory holds");
  }
};

// Vectors side by side in a block of units: with the sums of some columns they fill the registers.
constexpr int max_vectors = vector_registers >= 32 ? 4 : 2;

// Units cut into blocks as even as possible, and blocks into at most four parts of some vectors each. Sums over all units
// are summed part by part, so that threads may share out the parts; each part costs a sum over lanes.
template <class Scalar>
class Blocks {
 public:
  struct Part {
    Index begin, end;  // of blocks
  };

  explicit Blocks(Index units)
      : vectors_(units / width<Scalar>), n_((vectors_ + max_vectors - 1) / max_vectors),
        n_parts_(std::min(n_, std::clamp<Index>(vectors_ / 6, 2, 4))) {}

  Index n_parts() const { return n_parts_; }
  Part all() const { return {0, n_}; }
  Part part(Index i) const { return parts(i, i + 1); }
  Part parts(Index begin, Index end) const { return {cut(n_, n_parts_, begin), cut(n_, n_parts_, end)}; }
  Index first_unit(Index block) const { return cut(vectors_, n_, block) * width<Scalar>; }

 private:
  Index vectors_, n_, n_parts_;
};

// Calls f(first unit, number of vectors) for the blocks of a part.
template <class Scalar, class F>
[[gnu::always_inline]] inline void for_each_block(const Blocks<Scalar>& blocks, typename Blocks<Scalar>::Part part,
                                                  F&& f) {
  for (Index b = part.begin; b < part.end; ++b) {
    const Index begin = blocks.first_unit(b);
    f(begin, static_cast<int>((blocks.first_unit(b + 1) - begin) / width<Scalar>));
  }
}
template <class Scalar, class F>
[[gnu::always_inline]] inline void for_each_block(const Blocks<Scalar>& blocks, F&& f) {
  for_each_block<Scalar>(blocks, blocks.all(), f);
}

template <class Scalar>
struct Layout {
  Shape shape;
  Index first_units;       // units of the first layer: n_h, or n_y without a hidden layer
  Index units;             // the same, padded
  bool narrow;             // fewer units than lanes: the passes put examples in the lanes instead
  Blocks<Scalar> blocks;   // of units
  Index b1, w2, b2, size;  // offsets into the buffer (w1 stands at 0), and its length
  bool keeps_Z1 = false;   // whether slopes are written from Z1, so that tiles keep it beside A1

  explicit Layout(const Shape& s)
      : shape(s), first_units(s.has_hidden() ? s.n_h : s.n_y), units(round_up(first_units, width<Scalar>)),
        narrow(first_units < width<Scalar>), blocks(units) {
    b1 = s.n_x * units;
    w2 = b1 + units;
    b2 = w2 + (s.has_hidden() ? s.n_y * units : 0);
    size = b2 + (s.has_hidden() ? round_up(s.n_y, width<Scalar>) : 0);
  }

  // Narrow networks whose tiles stay in the first-level cache have kernels of their own, which nobody breaks off: they are
  // never large. Those with one output keep their gradients in the lanes until the end of a tile.
  bool has_kernels() const { return narrow && shape.has_hidden() && shape.n_x <= 64 && shape.n_y <= 64; }
  bool has_lanes() const { return has_kernels() && shape.n_y == 1; }

  // So large that a step, or a tile of examples, takes longer than a person waits who has pressed Ctrl-C.
  bool is_large() const { return size >= 1 << 18; }
  // Where a thread that works on this network asks whether to break off: nowhere if that is soon done anyway.
  Lookout lookout(InterruptWatch* watch, Index thread = 0) const { return {is_large() ? watch : nullptr, thread}; }

  // Both stop half-way if they are to break off.
  void pack(const Scalar* user, Scalar* buffer, const Lookout& lookout = {}) const {
    for_each_part(user, buffer, lookout, 1, [](const auto& from, const auto& to) { copy(from, to); });
  }
  // The lookout's thread's share, if n_threads of them unpack.
  void unpack(const Scalar* buffer, Scalar* user, const Lookout& lookout = {}, Index n_threads = 1) const {
    for_each_part(user, buffer, lookout, n_threads, [](const auto& to, const auto& from) { copy(from, to); });
  }

 private:
  // Calls f(user's part, buffer's part) for W1, b1, W2, b2 as matrices of the same shape, some inputs at a time: a block of
  // both then fits the first-level cache. Of n_threads, each calls it for its share of these.
  template <class User, class Packed, class F>
  void for_each_part(User* user, Packed* buffer, const Lookout& lookout, Index n_threads, F&& f) const {
    constexpr Index few = 64;
    Index number = 0;
    const auto part = [&](Index n_units, Index n_inputs, Packed* to, Index unit_step, Index input_step) {
      for (Index k = 0; k < n_inputs; k += few) {
        if (number++ % n_threads != lookout.thread % n_threads) continue;
        const Index n = std::min(few, n_inputs - k);
        if (lookout.breaks_off(static_cast<double>(work_per_number * n_units * n))) return;
        f(matrix(user + k, n_units, n, n_inputs, 1), matrix(to + k * input_step, n_units, n, unit_step, input_step));
      }
      user += n_units * n_inputs;
    };
    for_each_block(blocks, [&](Index u, int vectors) {
      const Index lanes = vectors * width<Scalar>;
      part(std::min(lanes, first_units - u), shape.n_x, buffer + u * shape.n_x, 1, lanes);
    });
    part(first_units, 1, buffer + b1, 1, 1);
    if (!shape.has_hidden()) return;
    part(shape.n_y, first_units, buffer + w2, units, 1);
    part(shape.n_y, 1, buffer + b2, 1, 1);
  }
};

}  // namespace shallownet
