// The Cholesky factor of a positive definite matrix: within blocks of columns left-looking, in panels as wide as a vector, for
// which Eigen's kernels are too long; each block is then taken off everything behind it. On one thread, in one order
// of sums.
#pragma once

#include <Eigen/Core>

#include "parallel/watch.hpp"
#include "simd/vector.hpp"

namespace shallownet {

// The lower triangle of a symmetric (p, p) matrix, column after column, and one row more: that of a right side.
class LowerMatrix {
 public:
  explicit LowerMatrix(Index p) : p_(p), lead_(round_up(p + 1, width<double>)) {
    if (lead_ % 64 == 0) lead_ += width<double>;  // else columns would fall on the same lines of the cache
    numbers_ = Buffer<double>(lead_ * round_up(p, width<double>));
  }

  Index size() const { return p_; }
  Index lead() const { return lead_; }
  // Row r >= c.
  double& operator()(Index r, Index c) { return numbers_[c * lead_ + r]; }
  double operator()(Index r, Index c) const { return numbers_[c * lead_ + r]; }
  double* column(Index c) { return numbers_.data() + c * lead_; }
  const double* column(Index c) const { return numbers_.data() + c * lead_; }

  void copy_from(const LowerMatrix& other) {
    for (Index c = 0; c < p_; ++c) std::copy(other.column(c) + c, other.column(c) + p_ + 1, column(c) + c);
  }

 private:
  Index p_, lead_;
  Buffer<double> numbers_;
};

namespace detail {

constexpr Index panel = width<double>;  // columns
constexpr int panel_rows = 3;           // vectors of rows side by side: with the columns' sums they fill the registers

// Rows from `row` on, `vectors` of them, of the panel of columns at k, less the products of columns begin <= q < end with
// those of rows k .. k + panel.
template <int vectors>
struct PanelBlock {
  using V = Vector<double>;
  V sums[panel][vectors];

  void load_from(const LowerMatrix& L, Index k, Index row) {
#pragma GCC unroll 8
    for (Index c = 0; c < panel; ++c)
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sums[c][v] = load(L.column(k + c) + row + v * width<double>);
  }
  void take_off(const LowerMatrix& L, Index k, Index row, Index begin, Index end) {
    for (Index q = begin; q < end; ++q) {
      const double* column = L.column(q);
      V rows[vectors];
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) rows[v] = -load(column + row + v * width<double>);
#pragma GCC unroll 8
      for (Index c = 0; c < panel; ++c) {
        const V factor = broadcast(column[k + c]);
#pragma GCC unroll 4
        for (int v = 0; v < vectors; ++v) sums[c][v] = fma(rows[v], factor, sums[c][v]);
      }
    }
  }
  // The first n columns are done one after the other: divided by the pivot, and taken off those behind.
  void finish(const LowerMatrix& L, Index k, Index n, const double* inverses) {
#pragma GCC unroll 8
    for (Index c = 0; c < panel; ++c) {
      if (c == n) break;
      for (int v = 0; v < vectors; ++v) sums[c][v] *= broadcast(inverses[c]);
#pragma GCC unroll 8
      for (Index d = c + 1; d < panel; ++d) {
        const V factor = broadcast(-L(k + d, k + c));
        for (int v = 0; v < vectors; ++v) sums[d][v] = fma(sums[c][v], factor, sums[d][v]);
      }
    }
  }
  void store_to(LowerMatrix& L, Index k, Index row) const {
#pragma GCC unroll 8
    for (Index c = 0; c < panel; ++c)
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) store(L.column(k + c) + row + v * width<double>, sums[c][v]);
  }
};

}  // namespace detail

// Factors L in place, as far as its right side; `inverses` (p) of the pivots. False where a pivot is not positive, or if it is
// broken off.
class Cholesky {
 public:
  explicit Cholesky(Index p) : inverses_(round_up(p, detail::panel)) {}

  bool factor(LowerMatrix& L, const Lookout& lookout) {
    // Small ones are one block, in our order of sums alone: that of Eigen's products is another one in WebAssembly.
    constexpr Index usual = 128, small = 384;
    static_assert(usual % detail::panel == 0);
    const Index p = L.size(), n_rows = round_up(p + 1, width<double>), block = p <= small ? small : usual;
    for (Index begin = 0; begin < p; begin += block) {
      const Index end = std::min(p, begin + block);
      for (Index k = begin; k < end; k += detail::panel) {
        if (lookout.breaks_off(static_cast<double>((n_rows - k) * (k - begin + 1) * detail::panel))) return false;
        if (!factor_panel(L, k, begin, n_rows)) return false;
      }
      if (end == p) break;
      if (lookout.breaks_off(static_cast<double>((p - end) * (p - end) * block) / 2)) return false;
      take_off_rest(L, begin, end);
    }
    return true;
  }

  // x = (L L^T)^-1 of the right side, whose row the factorisation has divided by L.
  void solve(const LowerMatrix& L, double* x) const {
    constexpr Index w = width<double>;
    const Index p = L.size();
    for (Index c = p; c-- > 0;) {
      const double* column = L.column(c);
      Vector<double> sums{};
      double rest = 0;
      Index r = c + 1;
      for (; r < p && r % w != 0; ++r) rest += column[r] * x[r];
      for (; r + w <= p; r += w) sums = fma(load(column + r), load(x + r), sums);
      for (; r < p; ++r) rest += column[r] * x[r];
      x[c] = (column[p] - rest - sum<double>(sums)) * inverses_[c];
    }
  }

 private:
  bool factor_panel(LowerMatrix& L, Index k, Index begin, Index n_rows) {
    using namespace detail;
    if (!factor_square(L, k, begin)) return false;
    const Index n = std::min(panel, L.size() - k);
    const auto finish = [&](auto& rows, Index row) {
      rows.load_from(L, k, row);
      rows.take_off(L, k, row, begin, k);
      rows.finish(L, k, n, inverses_.data() + k);
      rows.store_to(L, k, row);
    };
    Index row = k + panel;
    for (; row + panel_rows * width<double> <= n_rows; row += panel_rows * width<double>) {
      PanelBlock<panel_rows> rows;
      finish(rows, row);
    }
    for (; row < n_rows; row += width<double>) {
      PanelBlock<1> rows;
      finish(rows, row);
    }
    return true;
  }

  // The square on the diagonal. The right side may be among its rows.
  bool factor_square(LowerMatrix& L, Index k, Index begin) {
    using namespace detail;
    const Index n = std::min(panel, L.size() - k);
    PanelBlock<1> rows;
    rows.load_from(L, k, k);
    rows.take_off(L, k, k, begin, k);
    rows.store_to(L, k, k);
    for (Index c = 0; c < n; ++c) {
      const double pivot = L(k + c, k + c);
      if (!(pivot > 0) || !std::isfinite(pivot)) return false;
      inverses_[k + c] = 1 / std::sqrt(pivot);
      for (Index r = c; r < panel; ++r) L(k + r, k + c) *= inverses_[k + c];
      for (Index d = c + 1; d < n; ++d)
        for (Index r = d; r < panel; ++r) L(k + r, k + d) -= L(k + r, k + c) * L(k + d, k + c);
    }
    return true;
  }

  // Takes columns begin <= q < end off all behind them: one long product, which Eigen does best.
  static void take_off_rest(LowerMatrix& L, Index begin, Index end) {
    const Index p = L.size(), n = p - end;
    using Matrix = Eigen::Map<Eigen::MatrixXd, Eigen::Unaligned, Eigen::OuterStride<>>;
    Matrix all(L.column(0), p + 1, p, Eigen::OuterStride<>(L.lead()));
    const auto left = all.block(end, begin, n, end - begin);
    all.block(end, end, n, n).selfadjointView<Eigen::Lower>().rankUpdate(left, -1);
    all.row(p).tail(n).transpose().noalias() -= left * all.row(p).segment(begin, end - begin).transpose();
  }

  Buffer<double> inverses_;
};

}  // namespace shallownet
