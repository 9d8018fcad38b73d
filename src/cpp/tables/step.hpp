// A step of AdamW on a batch: forward, backward, and the weights of a row while its gradient is at hand, which is never stored.
#pragma once

#include "tables/forward.hpp"

namespace shallownet {

struct TableOptions {
  Index batch_size = 0, first_epoch = 0, n_epochs = 0, max_epochs = 0;
  double learning_rate = 0, bias_rate = 0, scale_rate = 0;  // the latter two as parts of the first
  double beta_1 = 0, beta_2 = 0, epsilon = 0, weight_decay = 0;
  double average = 0;
  Index average_every = 1;
  bool has_range = false;
  double low = 0, high = 0;  // of outputs where they are judged
  double best_loss = 0;
  double (*schedule)(double) = nullptr;
};

// 1 / sqrt(x) of positive normal numbers, to about an ulp: a guess from the bits (3 %), drawn near by a step of third order and
// one of Newton's. A quarter of the time of root and division, and the same bits on every processor of a level.
inline Vector<float> reciprocal_root(Vector<float> x) {
  Vector<float> y = from_bits<float>(0x5f37642f - (bits_of(x) >> 1));
  const Vector<float> e = x * y * y;
  y *= fma(e, fma(e, broadcast(0.375f), broadcast(-1.25f)), broadcast(1.875f));
  return y * fma(x * y * y, broadcast(-0.5f), broadcast(1.5f));
}
inline Vector<double> reciprocal_root(Vector<double> x) { return 1.0 / square_root(x); }

// One step on `width` parameters: epsilon stands inside the root, so that one reciprocal root serves.
template <class Scalar>
struct DecayedAdam {
  using V = Vector<Scalar>;
  V keep, rate, beta_1, rest_1, beta_2, rest_2, unbias, epsilon;

  // `part` of the rate, in step number `step`.
  DecayedAdam(const TableOptions& o, double rate_now, double part, double decay, double step)
      : keep(broadcast(Scalar(1 - rate_now * part * decay))),
        rate(broadcast(Scalar(rate_now * part / (1 - std::pow(o.beta_1, step))))), beta_1(broadcast(Scalar(o.beta_1))),
        rest_1(broadcast(Scalar(1 - o.beta_1))), beta_2(broadcast(Scalar(o.beta_2))),
        rest_2(broadcast(Scalar(1 - o.beta_2))), unbias(broadcast(Scalar(1 / (1 - std::pow(o.beta_2, step))))),
        epsilon(broadcast(Scalar(o.epsilon * o.epsilon))) {}

  V operator()(V p, V gradient, Scalar* mean, Scalar* square) const {
    const V m = fma(beta_1, load(mean), rest_1 * gradient),
            v = fma(beta_2, load(square), rest_2 * (gradient * gradient));
    store(mean, m);
    store(square, v);
    return fma(keep, p, -(rate * m) * reciprocal_root(fma(v, unbias, epsilon)));
  }
};

// A member's vectors, each as the layout says.
template <class Scalar>
struct TableState {
  Scalar *parameters, *means, *squares;
};

// The arrays of one thread, and the step made in them.
template <class Scalar>
class TableStep {
  using V = Vector<Scalar>;
  static constexpr Index w = width<Scalar>, lanes = TableLayout<Scalar>::lanes;

 public:
  TableStep(const TableLayout<Scalar>& layout, const TableRows<Scalar>& table, Index batch_size)
      : at_(layout), table_(table), tables_(layout), batch_(table, layout.shape.n_y, batch_size),
        levels_(layout.shape.n_levels, batch_size * table.n_level_columns),
        codes_(layout.shape.n_codes + table.n_columns, batch_size * table.n_columns),
        A_(layout.n_blocks * batch_.lead * lanes), slopes_(A_.size()), dZ_(batch_.lead * lanes),
        Z2_(layout.shape.n_y * batch_.lead), rows_(std::max(table.n_dense, layout.shape.n_y) * lanes),
        dots_(round_up(layout.shape.n_rows(), w) * w), scales_(round_up(layout.shape.n_rows(), w)),
        b2_(round_up(layout.shape.n_y, w)) {}

  // Whether a step was made: not if the weights of all rows are 0.
  bool operator()(const TableUnits<Scalar>& units, const TableOptions& options, const TableTargets<Scalar>& targets,
                  const std::int32_t* places, Index first, Index n, double rate, double number,
                  TableState<Scalar> state) {
    batch_.gather(table_, places, first, n);
    const double total = batch_.gather_targets(targets, at_.shape.n_y, places, first);
    if (!(total > 0)) return false;
    for (Index i = 0; i < n; ++i)
      batch_.weights[i] = static_cast<Scalar>(static_cast<double>(batch_.weights[i]) / total);
    forward(units, state.parameters);
    units.delta({}, Z2_.data(), batch_.lead, at_.shape.n_y, n, batch_.y.data(), batch_.lead, batch_.weights.data(),
                false, units.level);
    levels_.sort(batch_.levels.data(), n, table_.n_level_columns);
    codes_.sort(batch_.nodes.data(), n, table_.n_columns);
    const DecayedAdam<Scalar> weights(options, rate, 1, options.weight_decay, number),
        biases(options, rate, options.bias_rate, 0, number),
        scales(options, rate, options.scale_rate, options.weight_decay, number);
    sum_outputs();
    std::fill_n(dots_.data(), dots_.size(), Scalar(0));
    for (Index g = 0; g < at_.n_blocks; ++g) update_block(g, weights, biases, state);
    sum_scales();
    update(scales, at_.scales, scales_, state);
    update(biases, at_.b2, b2_, state);
    return true;
  }

 private:
  void forward(const TableUnits<Scalar>& units, const Scalar* p) {
    for (Index g = 0; g < at_.n_blocks; ++g) {
      Scalar* A = A_.data() + g * batch_.lead * lanes;
      tables_.look_up(p, g, table_);
      table_hidden(tables_, batch_, table_, A);
      units.activate(A, slopes_.data() + g * batch_.lead * lanes, batch_.n * lanes);
      add_logits(at_, p, g, A, batch_.n, Z2_.data(), batch_.lead);
    }
  }

  // db2, and dZ2 times the factor of W2.
  void sum_outputs() {
    const V factor = broadcast(at_.factor_2);
    for (Index k = 0; k < at_.shape.n_y; ++k) {
      V total{};
      for (Index i = 0; i < batch_.n; i += w) {
        Scalar* z = Z2_.data() + k * batch_.lead + i;
        total += load(z);
        store(z, factor * load(z));
      }
      b2_[k] = sum<Scalar>(total);
    }
  }

  void sum_scales() {
    const V factor = broadcast(at_.factor_1);
    for (Index r = 0; r < scales_.size(); r += w)
      store(scales_.data() + r, factor * sum_each<Scalar>([&](Index j) { return load(dots_.data() + (r + j) * w); }));
  }

  void update(const DecayedAdam<Scalar>& adam, Index begin, const Buffer<Scalar>& gradient,
              TableState<Scalar> s) const {
    for (Index i = 0; i < gradient.size(); i += w) {
      const Index j = begin + i;
      store(s.parameters + j, adam(load(s.parameters + j), load(gradient.data() + i), s.means + j, s.squares + j));
    }
  }

  void update_block(Index g, const DecayedAdam<Scalar>& weights, const DecayedAdam<Scalar>& biases,
                    TableState<Scalar> s) {
    const Index n = batch_.n, begin = at_.block(g), unit = g * lanes;
    const Scalar* A = A_.data() + g * batch_.lead * lanes;
    const Scalar* slopes = slopes_.data() + g * batch_.lead * lanes;
    const StridedScalars<Scalar> by_row{Z2_.data(), batch_.lead, 1}, by_output{Z2_.data(), 1, batch_.lead};
    product<Scalar>(Into::store, max_vectors, dZ_.data(), lanes, n, s.parameters + at_.w2 + unit, at_.units, by_row,
                    at_.shape.n_y);
    V total[max_vectors] = {};
    for (Index i = 0; i < n; ++i)
      for (int v = 0; v < max_vectors; ++v) {
        Scalar* d = dZ_.data() + i * lanes + v * w;
        const V dz = load(d) * load(slopes + i * lanes + v * w);
        store(d, dz);
        total[v] += dz;
      }
    product<Scalar>(Into::store, max_vectors, rows_.data(), lanes, at_.shape.n_y, A, lanes, by_output, n);
    for (Index k = 0; k < at_.shape.n_y; ++k)
      step_row(weights, at_.w2 + k * at_.units + unit, rows_.data() + k * lanes, s);
    if (table_.n_dense > 0) {
      product<Scalar>(Into::store, max_vectors, rows_.data(), lanes, table_.n_dense, dZ_.data(), lanes,
                      {batch_.dense.data(), table_.n_dense, 1}, n);
      for (Index r = 0; r < table_.n_dense; ++r) update_row(weights, r, begin, vectors(rows_.data() + r * lanes), s);
    }
    for (Index l = 0; l < at_.shape.n_levels; ++l)
      update_row(weights, at_.shape.first_level() + l, begin, of_level(l), s);
    update_codes(weights, begin, total, s);
    Buffer<Scalar>& b1 = dZ_;
    for (int v = 0; v < max_vectors; ++v) store(b1.data() + v * w, total[v]);
    step_row(biases, at_.b1 + unit, b1.data(), s);
  }

  struct Row {
    V v[max_vectors];
  };
  static Row vectors(const Scalar* from) {
    Row row;
    for (int v = 0; v < max_vectors; ++v) row.v[v] = load(from + v * w);
    return row;
  }

  Row of_level(Index level) const {
    Row total{};
    levels_.for_each(level, [&](Index row, Index) {
      for (int v = 0; v < max_vectors; ++v) total.v[v] += load(dZ_.data() + row * lanes + v * w);
    });
    return total;
  }

  // The gradient by code i of a column is the sum of dZ1 over later bins, and of f dZ1 over this one, less half of all.
  void update_codes(const DecayedAdam<Scalar> adam, Index begin, const V (&total)[max_vectors], TableState<Scalar> s) {
    Index code = at_.shape.n_rows(), node = at_.shape.n_codes + table_.n_columns;
    for (Index c = table_.n_columns; c-- > 0;) {
      Row later;
      for (int v = 0; v < max_vectors; ++v) later.v[v] = Scalar(-0.5) * total[v];
      --node;
      for (Index i = table_.bins[c]; i-- > 0;) {
        Row here{}, within = later;
        codes_.for_each(--node, [&](Index row, Index entry) {
          const V fraction = broadcast(batch_.fractions[entry]);
          for (int v = 0; v < max_vectors; ++v) {
            const V dz = load(dZ_.data() + row * lanes + v * w);
            here.v[v] += dz;
            within.v[v] = fma(fraction, dz, within.v[v]);
          }
        });
        for (int v = 0; v < max_vectors; ++v) later.v[v] += here.v[v];
        update_row(adam, --code, begin, within, s);
      }
    }
  }

  // A row of W1 by the gradient of what it is multiplied with, and its share of the gradient of the row's scale.
  [[gnu::always_inline]] void update_row(const DecayedAdam<Scalar> adam, Index r, Index begin, const Row& gradient,
                                         TableState<Scalar> s) {
    const Index row = begin + r * lanes;
    const Scalar factor = at_.factor_1;
    const V scaled = broadcast(factor * s.parameters[at_.scales + r]);
    V dot{};
    for (int v = 0; v < max_vectors; ++v) {
      const Index j = row + v * w;
      const V weight = load(s.parameters + j);
      dot = fma(weight, gradient.v[v], dot);
      store(s.parameters + j, adam(weight, scaled * gradient.v[v], s.means + j, s.squares + j));
    }
    store(dots_.data() + r * w, load(dots_.data() + r * w) + dot);
  }

  void step_row(const DecayedAdam<Scalar>& adam, Index begin, const Scalar* gradient, TableState<Scalar> s) const {
    for (Index v = 0; v < lanes; v += w) {
      const Index j = begin + v;
      store(s.parameters + j, adam(load(s.parameters + j), load(gradient + v), s.means + j, s.squares + j));
    }
  }

  TableLayout<Scalar> at_;
  const TableRows<Scalar>& table_;
  Tables<Scalar> tables_;
  TableBatch<Scalar> batch_;
  Grouped levels_, codes_;
  Buffer<Scalar> A_, slopes_;   // (n_blocks, lead, lanes)
  Buffer<Scalar> dZ_;           // (lead, lanes), of one block; at its end, db1
  Buffer<Scalar> Z2_;           // (n_y, lead): logits, then dZ2
  Buffer<Scalar> rows_;         // gradients of the rows of one block
  Buffer<Scalar> dots_;         // (n_rows, width): gradients of the scales, not yet summed over the lanes
  Buffer<Scalar> scales_, b2_;  // gradients
};

}  // namespace shallownet
