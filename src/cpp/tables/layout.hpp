// A table network: its first layer reads dense numbers, levels of categories and codes of numbers, of which the last two are
// looked up and never multiplied out. Here: its sizes, and its parameters as the core holds them.
// The user's flat vector is W1 (n_rows, n_hidden), a row per input, b1, W2 (n_y, n_hidden), b2, the inputs' scales (n_rows), each
// in C order; the core's has the hidden units in blocks of `lanes`:
//   w1  block after block (n_rows, lanes)     b1 (units)     w2 (n_y, units)     b2 (n_y, padded)     scales (n_rows, padded)
// where units = n_hidden rounded up. Padding is 0 and stays 0.
#pragma once

#include <cmath>
#include <stdexcept>

#include "kernels/layout.hpp"

namespace shallownet {

struct TableShape {
  Index n_dense = 0, n_levels = 0, n_codes = 0, n_columns = 0;  // codes of so many columns together
  Index n_hidden = 0, n_y = 0;

  Index n_rows() const { return n_dense + n_levels + n_codes; }
  Index first_level() const { return n_dense; }
  Index first_code() const { return n_dense + n_levels; }
  Index n_parameters() const { return n_rows() * (n_hidden + 1) + n_hidden + n_y * n_hidden + n_y; }

  void check() const {
    if (n_rows() < 1 || n_hidden < 1 || n_y < 1)
      throw std::invalid_argument("a table network needs at least one input, one hidden unit and one output");
    constexpr double most = 1e13;
    if ((static_cast<double>(n_hidden) + 64) * (static_cast<double>(n_rows()) + static_cast<double>(n_y) + 2) > most)
      throw std::length_error("the network has more parameters than any memory holds");
  }
};

template <class Scalar>
struct TableLayout {
  static constexpr Index lanes = max_vectors * width<Scalar>;  // hidden units of a block
  TableShape shape;
  Index n_blocks, units, b1, w2, b2, scales, size;
  Scalar factor_1, factor_2;  // NTK's, of the weights of both layers

  explicit TableLayout(const TableShape& s) : shape(s) {
    n_blocks = (s.n_hidden + lanes - 1) / lanes;
    units = n_blocks * lanes;
    b1 = units * s.n_rows();
    w2 = b1 + units;
    b2 = w2 + s.n_y * units;
    scales = b2 + round_up(s.n_y, width<Scalar>);
    size = scales + round_up(s.n_rows(), width<Scalar>);
    factor_1 = static_cast<Scalar>(1 / std::sqrt(static_cast<double>(s.n_rows())));
    factor_2 = static_cast<Scalar>(1 / std::sqrt(static_cast<double>(s.n_hidden)));
  }

  Index block(Index g) const { return g * shape.n_rows() * lanes; }

  void pack(const Scalar* user, Scalar* buffer) const {
    for_each_part(user, buffer, [](const Scalar& from, Scalar& to) { to = from; });
  }
  void unpack(const Scalar* buffer, Scalar* user) const {
    for_each_part(user, buffer, [](Scalar& to, const Scalar& from) { to = from; });
  }

 private:
  template <class User, class Packed, class F>
  void for_each_part(User* user, Packed* buffer, F&& f) const {
    const auto each = [&](Index n, Packed* packed) {
      for (Index i = 0; i < n; ++i) f(*user++, packed[i]);
    };
    for (Index r = 0; r < shape.n_rows(); ++r)
      for (Index g = 0; g < n_blocks; ++g)
        each(std::min(lanes, shape.n_hidden - g * lanes), buffer + block(g) + r * lanes);
    each(shape.n_hidden, buffer + b1);
    for (Index k = 0; k < shape.n_y; ++k) each(shape.n_hidden, buffer + w2 + k * units);
    each(shape.n_y, buffer + b2);
    each(shape.n_rows(), buffer + scales);
  }
};

}  // namespace shallownet
