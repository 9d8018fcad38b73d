// A table's rows as a network reads them, and a batch of them, side by side.
#pragma once

#include <numeric>
#include <vector>

#include "tables/layout.hpp"

namespace shallownet {

// All rows. `levels` are places among the level rows, -1: none; `nodes` say where a row stands in the tables of codes, in
// which a column with n bins has n + 1 nodes.
template <class Scalar>
struct TableRows {
  Index n = 0, n_dense = 0, n_level_columns = 0, n_columns = 0;
  const Scalar* dense = nullptr;         // (n, n_dense)
  const std::int32_t* levels = nullptr;  // (n, n_level_columns)
  const std::int32_t* nodes = nullptr;   // (n, n_columns)
  const Scalar* fractions = nullptr;     // (n, n_columns): how far in the bin
  const Index* bins = nullptr;           // (n_columns)
};

// What a table network learns from: targets (n, n_y) and weights (n).
template <class Scalar>
struct TableTargets {
  const Scalar* y = nullptr;
  const Scalar* weights = nullptr;
};

// Some rows, copied together: numbers that lie apart are fetched once and not for every block of units.
template <class Scalar>
struct TableBatch {
  Index n = 0;
  Index lead;  // a column of targets has so many places
  Buffer<Scalar> dense, fractions, y, weights;
  Buffer<std::int32_t> levels, nodes;

  TableBatch(const TableRows<Scalar>& rows, Index n_y, Index most)
      : lead(round_up(most, width<Scalar>)), dense(most * rows.n_dense), fractions(most * rows.n_columns),
        y(n_y * lead), weights(lead), levels(most * rows.n_level_columns), nodes(most * rows.n_columns) {}

  // The rows at `places`, or from row `first` on where there are none.
  void gather(const TableRows<Scalar>& rows, const std::int32_t* places, Index first, Index count) {
    n = count;
    for (Index i = 0; i < n; ++i) {
      const Index from = places ? places[first + i] : first + i;
      copy(rows.dense, rows.n_dense, from, i, dense);
      copy(rows.levels, rows.n_level_columns, from, i, levels);
      copy(rows.nodes, rows.n_columns, from, i, nodes);
      copy(rows.fractions, rows.n_columns, from, i, fractions);
    }
  }

  // Their targets, as columns, and weights; 0 behind the last. Returns the sum of the weights.
  double gather_targets(const TableTargets<Scalar>& targets, Index n_y, const std::int32_t* places, Index first) {
    double total = 0;
    const Index end = round_up(n, width<Scalar>);
    for (Index i = 0; i < end; ++i) {
      const Index from = i < n ? (places ? places[first + i] : first + i) : 0;
      weights[i] = i < n ? targets.weights[from] : Scalar(0);
      total += static_cast<double>(weights[i]);
      for (Index k = 0; k < n_y; ++k) y[k * lead + i] = i < n ? targets.y[from * n_y + k] : Scalar(0);
    }
    return total;
  }

 private:
  template <class T>
  static void copy(const T* all, Index columns, Index from, Index to, Buffer<T>& into) {
    std::copy_n(all + from * columns, columns, into.data() + to * columns);
  }
};

// A batch's rows in the order of what they look up, by counting: what is added to one row of a table then comes in a run.
struct Grouped {
  std::vector<std::int32_t> ends;           // of each key's run
  std::vector<std::int32_t> rows, entries;  // of the batch, and places in its array of keys

  Grouped(Index n_keys, Index most)
      : ends(static_cast<std::size_t>(n_keys) + 1), rows(static_cast<std::size_t>(most)),
        entries(static_cast<std::size_t>(most)) {}

  // Keys (n, columns); negative ones are left out.
  void sort(const std::int32_t* keys, Index n, Index columns) {
    std::fill(ends.begin(), ends.end(), 0);
    const Index count = n * columns;
    for (Index i = 0; i < count; ++i)
      if (keys[i] >= 0) ++ends[static_cast<std::size_t>(keys[i]) + 1];
    std::partial_sum(ends.begin(), ends.end(), ends.begin());
    for (Index i = 0, entry = 0; i < n; ++i)
      for (Index c = 0; c < columns; ++c, ++entry) {
        if (keys[entry] < 0) continue;
        const auto place = static_cast<std::size_t>(ends[static_cast<std::size_t>(keys[entry])]++);
        rows[place] = static_cast<std::int32_t>(i);
        entries[place] = static_cast<std::int32_t>(entry);
      }
  }

  // Calls f(row, entry) for the run of a key, after `sort`.
  template <class F>
  [[gnu::always_inline]] void for_each(Index key, F&& f) const {
    const auto k = static_cast<std::size_t>(key);
    const std::int32_t end = ends[k];
    for (std::int32_t i = key == 0 ? 0 : ends[k - 1]; i < end; ++i)
      f(rows[static_cast<std::size_t>(i)], entries[static_cast<std::size_t>(i)]);
  }
};

}  // namespace shallownet
