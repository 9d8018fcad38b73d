// Forward: a block of hidden units at a time, whose rows of tables stay in the caches.
// For x in bin k of a column, a fraction f into it, the codes' part of Z1 is
//   sum over i of code_i W_i = U_0 / 2 - ((1 - f) U_k + f U_k+1)     with U_k = sum over i >= k of W_i, and U_n = 0 behind the last:
// two rows, however many bins there are.
#pragma once

#include <string>

#include "passes/units.hpp"
#include "tables/examples.hpp"

namespace shallownet {

// A1 and the slopes g'(Z1) of a run of vectors: A1 in place of Z1.
template <class Scalar, class Activation>
void activate_with_slopes(Scalar* Z, Scalar* slopes, Index size) {
  for (Index i = 0; i < size; i += width<Scalar>) {
    Vector<Scalar> slope;
    store(Z + i, Activation::value_and_slope(load(Z + i), slope));
    store(slopes + i, slope);
  }
}
template <class Scalar, class Activation>
void activate_alone(Scalar* Z, Index size) {
  for (Index i = 0; i < size; i += width<Scalar>) {
    Vector<Scalar> slope;
    store(Z + i, Activation::value_and_slope(load(Z + i), slope));
  }
}

// Hidden units that come with their slopes. To add one: here, and its `value_and_slope` in the registry.
using TableActivations = TypeList<Mish, Silu>;

template <class Scalar>
struct TableUnits {
  decltype(&activate_with_slopes<Scalar, Mish>) activate;
  decltype(&activate_alone<Scalar, Mish>) value;
  decltype(&deltas<Scalar, IdentitySquaredError>) delta;
  Scalar level = Scalar(0.5);  // of the loss of quantiles: the median's

  TableUnits(const std::string& hidden, const std::string& output) {
    with_named(TableActivations{}, hidden, [&](auto type) {
      using Activation = typename decltype(type)::type;
      activate = &activate_with_slopes<Scalar, Activation>;
      value = &activate_alone<Scalar, Activation>;
    });
    with_named(Losses{}, output, [&](auto type) { delta = &deltas<Scalar, typename decltype(type)::type>; });
  }
};

// A block's rows as they are added up: W1 times scale and factor, those of codes as the sums U, and in the bias all U_0 / 2.
template <class Scalar>
struct Tables {
  using V = Vector<Scalar>;
  static constexpr Index lanes = TableLayout<Scalar>::lanes;
  TableLayout<Scalar> at;
  Index levels, nodes;  // where rows begin: dense, levels and a row of zeros for none, codes
  Buffer<Scalar> rows;  // (.., lanes)
  Buffer<Scalar> bias;  // (lanes)

  explicit Tables(const TableLayout<Scalar>& layout)
      : at(layout), levels(at.shape.n_dense), nodes(levels + at.shape.n_levels + 1),
        rows((nodes + at.shape.n_codes + at.shape.n_columns) * lanes), bias(lanes) {}

  const Scalar* level(Index place) const {
    return rows.data() + (levels + (place < 0 ? at.shape.n_levels : place)) * lanes;
  }
  const Scalar* node(Index place) const { return rows.data() + (nodes + place) * lanes; }

  void look_up(const Scalar* p, Index block, const TableRows<Scalar>& table) {
    const Scalar* W = p + at.block(block);
    const Scalar* scales = p + at.scales;
    const Scalar factor = at.factor_1;
    for (Index r = 0; r < at.shape.first_code(); ++r)
      add_row(nullptr, factor * scales[r], W + r * lanes, rows.data() + r * lanes);
    std::copy_n(p + at.b1 + block * lanes, lanes, bias.data());
    Index code = at.shape.n_rows();
    Scalar* row = rows.data() + (nodes + at.shape.n_codes + at.shape.n_columns) * lanes;
    for (Index c = table.n_columns; c-- > 0;) {
      row -= lanes;
      std::fill_n(row, lanes, Scalar(0));
      for (Index i = table.bins[c]; i-- > 0; row -= lanes) {
        --code;
        add_row(row, factor * scales[code], W + code * lanes, row - lanes);
      }
      add_row(bias.data(), Scalar(0.5), row, bias.data());
    }
  }

 private:
  // to = from + scale * row
  static void add_row(const Scalar* from, Scalar scale, const Scalar* row, Scalar* to) {
    const V s = broadcast(scale);
    for (Index v = 0; v < lanes; v += width<Scalar>)
      store(to + v, from ? fma(s, load(row + v), load(from + v)) : s * load(row + v));
  }
};

// Z1 (n, lanes) of a block.
template <class Scalar>
void table_hidden(const Tables<Scalar>& tables, const TableBatch<Scalar>& batch, const TableRows<Scalar>& table,
                  Scalar* Z) {
  using V = Vector<Scalar>;
  constexpr Index w = width<Scalar>, lanes = TableLayout<Scalar>::lanes;
  if (table.n_dense > 0)
    product<Scalar>(Into::store, max_vectors, Z, lanes, batch.n, tables.rows.data(), lanes,
                    {batch.dense.data(), 1, table.n_dense}, table.n_dense);
  V bias[max_vectors];
  for (int v = 0; v < max_vectors; ++v) bias[v] = load(tables.bias.data() + v * w);
  for (Index i = 0; i < batch.n; ++i) {
    V z[max_vectors];
    for (int v = 0; v < max_vectors; ++v) z[v] = table.n_dense > 0 ? load(Z + i * lanes + v * w) + bias[v] : bias[v];
    for (Index c = 0; c < table.n_level_columns; ++c) {
      const Scalar* row = tables.level(batch.levels[i * table.n_level_columns + c]);
      for (int v = 0; v < max_vectors; ++v) z[v] += load(row + v * w);
    }
    for (Index c = 0; c < table.n_columns; ++c) {
      const Scalar* row = tables.node(batch.nodes[i * table.n_columns + c]);
      const Scalar fraction = batch.fractions[i * table.n_columns + c];
      const V here = broadcast(fraction - Scalar(1)), next = broadcast(-fraction);
      for (int v = 0; v < max_vectors; ++v)
        z[v] = fma(here, load(row + v * w), fma(next, load(row + lanes + v * w), z[v]));
    }
    for (int v = 0; v < max_vectors; ++v) store(Z + i * lanes + v * w, z[v]);
  }
}

// Adds a block's part to the logits Z2 (n_y, lead), or, at the first block, stores it with b2.
template <class Scalar>
void add_logits(const TableLayout<Scalar>& at, const Scalar* p, Index block, const Scalar* A, Index n, Scalar* Z2,
                Index lead) {
  using V = Vector<Scalar>;
  constexpr Index w = width<Scalar>, lanes = TableLayout<Scalar>::lanes;
  const V factor = broadcast(at.factor_2);
  for (Index k = 0; k < at.shape.n_y; ++k) {
    const Scalar* weights = p + at.w2 + k * at.units + block * lanes;
    V w2[max_vectors];
    for (int v = 0; v < max_vectors; ++v) w2[v] = load(weights + v * w);
    for (Index i = 0; i < n; i += w) {
      const auto row = [&](Index j) {
        const Scalar* a = A + (i + j) * lanes;
        V total = load(a) * w2[0];
        for (int v = 1; v < max_vectors; ++v) total = fma(load(a + v * w), w2[v], total);
        return total;
      };
      Scalar* z = Z2 + k * lead + i;
      store(z, fma(factor, sum_each<Scalar>(row), block == 0 ? broadcast(p[at.b2 + k]) : load(z)));
    }
  }
}

// Logits of any number of rows, for rows that are not learned from: blocks of units outside, so that tables are made once.
template <class Scalar>
class TableOutputs {
 public:
  TableOutputs(const TableLayout<Scalar>& at, const TableRows<Scalar>& table)
      : at_(at), table_(table), tables_(at), batch_(table, 1, chunk), A_(chunk * TableLayout<Scalar>::lanes) {}

  // Z2 (n_y, lead) of `count` rows from `first` on, or of those at `places`; false if it is to break off.
  bool operator()(const TableUnits<Scalar>& units, const Scalar* p, const std::int32_t* places, Index first,
                  Index count, Scalar* Z2, Index lead, const Lookout& lookout) {
    constexpr Index lanes = TableLayout<Scalar>::lanes;
    const double work =
        static_cast<double>(lanes * (table_.n_dense + table_.n_level_columns + 2 * table_.n_columns + 20));
    for (Index g = 0; g < at_.n_blocks; ++g) {
      tables_.look_up(p, g, table_);
      for (Index i = 0; i < count; i += chunk) {
        batch_.gather(table_, places, first + i, std::min(chunk, count - i));
        if (lookout.breaks_off(work * static_cast<double>(batch_.n))) return false;
        table_hidden(tables_, batch_, table_, A_.data());
        units.value(A_.data(), batch_.n * lanes);
        add_logits(at_, p, g, A_.data(), batch_.n, Z2 + i, lead);
      }
    }
    return true;
  }

 private:
  static constexpr Index chunk = 128;  // a multiple of every width
  TableLayout<Scalar> at_;
  const TableRows<Scalar>& table_;
  Tables<Scalar> tables_;
  TableBatch<Scalar> batch_;
  Buffer<Scalar> A_;
};

}  // namespace shallownet
