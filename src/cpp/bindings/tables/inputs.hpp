// Arrays in: the rows of a table as a network reads them, and networks to read them.
#pragma once

#include <string>
#include <vector>

#include "bindings/calls.hpp"
#include "tables/examples.hpp"

namespace shallownet {

// Indices as checked_indices has them, for 32 bits: each in `least` .. limit - 1.
inline std::vector<std::int32_t> checked_places(const py::array& a, const char* name, py::ssize_t ndim, Index least,
                                                Index limit) {
  const std::int32_t* data = contiguous<std::int32_t>(a, name, ndim);
  std::vector<std::int32_t> copy(data, data + a.size());
  for (const std::int32_t place : copy)
    if (place < least || place >= limit) throw py::index_error(std::string(name) + " points outside");
  return copy;
}

// A table's rows, of a tuple (dense, levels, n_levels, bins, fractions, n_bins).
template <class Scalar>
class TableArrays {
 public:
  TableRows<Scalar> rows;
  TableShape shape;

  TableArrays(const py::tuple& inputs, Index n_hidden, Index n_y) {
    if (inputs.size() != 6) throw py::value_error("inputs must be six things");
    const py::array dense = array_in(inputs[0], "dense"), levels = array_in(inputs[1], "levels"),
                    bins = array_in(inputs[3], "bins"), fractions = array_in(inputs[4], "fractions"),
                    n_bins = array_in(inputs[5], "n_bins");
    rows.dense = contiguous<Scalar>(dense, "dense", 2);
    rows.fractions = contiguous<Scalar>(fractions, "fractions", 2);
    rows.n = dense.shape(0);
    shape.n_levels = inputs[2].cast<Index>();
    if (shape.n_levels < 0 || shape.n_levels > most) throw py::value_error("n_levels is out of range");
    levels_ = checked_places(levels, "levels", 2, -1, shape.n_levels);
    read_codes(bins, n_bins);
    if (levels.shape(0) != rows.n || bins.shape(0) != rows.n || fractions.shape(0) != rows.n ||
        fractions.shape(1) != bins.shape(1))
      throw py::value_error("dense, levels, bins and fractions do not fit together");
    shape.n_dense = rows.n_dense = dense.shape(1);
    shape.n_columns = rows.n_columns = bins.shape(1);
    rows.n_level_columns = levels.shape(1);
    rows.levels = levels_.data();
    rows.nodes = nodes_.data();
    rows.bins = n_bins_.data();
    shape.n_hidden = n_hidden;
    shape.n_y = n_y;
    shape.check();
  }
  TableArrays(const TableArrays&) = delete;
  TableArrays& operator=(const TableArrays&) = delete;

 private:
  static constexpr Index most = 1 << 30;

  void read_codes(const py::array& bins, const py::array& n_bins) {
    const std::vector<std::int32_t> counts = checked_places(n_bins, "n_bins", 1, 1, most);
    n_bins_.assign(counts.begin(), counts.end());
    for (const Index count : n_bins_) shape.n_codes += count;
    if (shape.n_codes > most) throw py::value_error("n_bins is out of range");
    nodes_ = checked_places(bins, "bins", 2, 0, most);
    const auto columns = static_cast<std::size_t>(bins.shape(1));
    if (columns != n_bins_.size()) throw py::value_error("bins and n_bins do not fit together");
    std::int32_t first = 0;
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t i = c; i < nodes_.size(); i += columns) {
        if (nodes_[i] >= counts[c]) throw py::index_error("bins points outside");
        nodes_[i] += first;
      }
      first += counts[c] + 1;
    }
  }

  std::vector<std::int32_t> levels_, nodes_;
  std::vector<Index> n_bins_;
};

// Calls f(layout, arrays, packed networks) for networks (n_networks, n_parameters) on a table's rows.
template <class F>
auto with_table_networks(const py::tuple& inputs, const py::array& parameters, Index n_hidden, Index n_y, const F& f) {
  return with_scalar(parameters, [&](auto scalar) {
    using Scalar = typename decltype(scalar)::type;
    const TableArrays<Scalar> arrays(inputs, n_hidden, n_y);
    const TableLayout<Scalar> at(arrays.shape);
    const Scalar* user = contiguous<Scalar>(parameters, "parameters", 2);
    if (parameters.shape(1) != at.shape.n_parameters()) throw py::value_error("parameters do not fit the shape");
    std::vector<Buffer<Scalar>> networks;
    for (Index m = 0; m < parameters.shape(0); ++m, user += at.shape.n_parameters()) {
      networks.emplace_back(at.size);
      at.pack(user, networks.back().data());
    }
    return f(at, arrays, networks);
  });
}

}  // namespace shallownet
