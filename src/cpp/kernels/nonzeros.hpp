// Dense inputs of which many numbers are 0, as pixels are: where the others of a tile stand is listed once, and only
// they are multiplied, in ascending order. Results are bit for bit those of the dense product, as long as what they are
// multiplied with is finite.
#pragma once

#include <array>

#include "kernels/product.hpp"

namespace shallownet {

namespace detail {

// Lists of places in ascending order, each of at most sum_block places below sum_block.
class Lists {
 public:
  Lists() = default;
  explicit Lists(Index n) : places_(n * stride), counts_(n) {}

  Index size() const { return counts_.size(); }
  const std::uint8_t* places(Index l) const { return places_.data() + l * stride; }
  Index count(Index l) const { return counts_[l]; }
  void clear() { std::fill_n(counts_.data(), counts_.size(), 0); }

  // Appends first + i for the bits i of a byte.
  void append(Index l, unsigned bits, Index first) {
    std::uint64_t eight;
    std::memcpy(&eight, bits_of_bytes[bits].data(), sizeof eight);
    eight += static_cast<std::uint64_t>(first) * 0x0101010101010101;
    std::memcpy(places_.data() + l * stride + counts_[l], &eight, sizeof eight);
    counts_[l] += __builtin_popcount(bits);
  }

 private:
  static constexpr Index stride = sum_block + 8;  // eight are written at a time

  static constexpr auto bits_of_bytes = [] {
    std::array<std::array<std::uint8_t, 8>, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte)
      for (unsigned bit = 0, n = 0; bit < 8; ++bit)
        if (byte >> bit & 1) table[byte][n++] = static_cast<std::uint8_t>(bit);
    return table;
  }();

  Buffer<std::uint8_t> places_;
  Buffer<std::int32_t> counts_;
};

// Byte r of x holds row r of 8 x 8 bits; in the result, column r.
inline std::uint64_t transpose_bits(std::uint64_t x) {
  const auto swap = [&x](int distance, std::uint64_t mask) {
    const std::uint64_t t = (x ^ x >> distance) & mask;
    x ^= t ^ t << distance;
  };
  swap(7, 0x00AA00AA00AA00AA);
  swap(14, 0x0000CCCC0000CCCC);
  swap(28, 0x00000000F0F0F0F0);
  return x;
}

// C[l][:] (into)= sum over the places r of list first + l of P[r][:] * B(r, l), for n lists; rows of C and P are
// `vectors` wide. Not inlined, which would cost the inner loop some of its registers.
template <class Scalar, int vectors, bool unit_row, Into into>
[[gnu::noinline]] void listed_product(Scalar* C, const Scalar* P, StridedScalars<Scalar> B, const Lists& lists,
                                      Index first, Index n) {
  constexpr Index w = width<Scalar>, lanes = vectors * w;
  const Index row = unit_row ? 1 : B.row, column = unit_row ? B.column : 1;
  for (Index l = 0; l < n; ++l) {
    Scalar* to = C + l * lanes;
    Vector<Scalar> sums[vectors];
    for (int v = 0; v < vectors; ++v) sums[v] = into == Into::resume ? load(to + v * w) : Vector<Scalar>{};
    const std::uint8_t *place = lists.places(first + l), *end = place + lists.count(first + l);
    for (; place < end; ++place) {
      const Vector<Scalar> number = broadcast(B.data[*place * row + l * column]);
      const Scalar* p = P + *place * lanes;
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sums[v] = fma(load(p + v * w), number, sums[v]);
    }
    for (int v = 0; v < vectors; ++v) store(to + v * w, into == Into::add ? load(to + v * w) + sums[v] : sums[v]);
  }
}

}  // namespace detail

// Where the numbers of a tile X (n, n_x) are not 0.
template <class Scalar>
class Nonzeros {
 public:
  Nonzeros() = default;
  Nonzeros(Index n_examples, Index n_x) : rows_(n_examples * n_blocks(n_x)), columns_(round_up(n_x, square)) {}

  explicit operator bool() const { return rows_.size() > 0; }

  // Looks at n examples, number k of example i at X[i * ldx + k], which must stay there.
  void find(const Lookout& lookout, const Scalar* X, Index ldx, Index n, Index n_x) {
    X_ = X;
    ldx_ = ldx;
    n_ = n;
    n_x_ = n_x;
    rows_.clear();
    columns_.clear();
    for (Index k = 0; k < n_x; k += sum_block) {  // so that the lists of these columns stay in the first-level cache
      const Index end = std::min(k + sum_block, n_x);
      if (lookout.breaks_off(static_cast<double>(work_per_number * n * (end - k)))) return;
      Index i = 0;
      for (; i + square <= n; i += square) find_in_rows(i, std::integral_constant<Index, square>{}, k, end);
      if (i < n) find_in_rows(i, n - i, k, end);
    }
  }

  // A[i][:] = sum over k of W[k][:] X(i, k), for a block `vectors` wide.
  void product(const Lookout& lookout, int vectors, Scalar* A, const Scalar* W) const {
    for_vectors(vectors, [&](auto number) {
      constexpr int v = decltype(number)::value;
      const double work = static_cast<double>(n_ * sum_block * v * width<Scalar>);
      in_pieces(lookout, n_blocks(n_x_), work, [&](Index begin, Index end) {
        for (Index b = begin; b < end; ++b) {
          const auto run = b == 0 ? &detail::listed_product<Scalar, v, true, Into::store>
                                  : &detail::listed_product<Scalar, v, true, Into::resume>;
          const Index k = b * sum_block;
          run(A, W + k * v * width<Scalar>, {X_ + k, 1, ldx_}, rows_, b * n_, n_);
        }
      });
    });
  }

  // dW[k][:] (into)= sum over i of D[i][:] X(i, k), for a block `vectors` wide.
  void gradient(const Lookout& lookout, Into into, int vectors, Scalar* dW, const Scalar* D) const {
    for_vectors(vectors, [&](auto number) {
      constexpr int v = decltype(number)::value;
      const auto run = into == Into::store ? &detail::listed_product<Scalar, v, false, Into::store>
                                           : &detail::listed_product<Scalar, v, false, Into::add>;
      constexpr Index lanes = v * width<Scalar>;
      in_pieces(lookout, n_x_, static_cast<double>(n_ * lanes), [&](Index begin, Index end) {
        run(dW + begin * lanes, D, {X_ + begin, ldx_, 1}, columns_, begin, end - begin);
      });
    });
  }

 private:
  static constexpr Index square = 8;  // rows and columns looked at together

  static Index n_blocks(Index n_x) { return (n_x + sum_block - 1) / sum_block; }

  // In some examples from i and the columns begin <= k < end, a block of them. A constant number is unrolled.
  template <class N>
  void find_in_rows(Index i, N number, Index begin, Index end) {
    const Index n_rows = number;
    const Index first_list = begin / sum_block * n_ + i, ldx = ldx_;
    const Scalar* X = X_ + i * ldx_;
    for (Index k = begin; k < end; k += square) {
      std::uint64_t by_rows = 0;
      for (Index r = 0; r < n_rows; ++r) {
        const Scalar* x = X + r * ldx + k;
        const unsigned bits = end - k >= square ? nonzero_bits(x) : nonzero_bits(x, end - k);
        rows_.append(first_list + r, bits, k - begin);
        by_rows |= std::uint64_t(bits) << square * r;
      }
      const std::uint64_t by_columns = detail::transpose_bits(by_rows);
#pragma GCC unroll 8
      for (Index c = 0; c < square; ++c) columns_.append(k + c, by_columns >> square * c & 255, i);
    }
  }

  detail::Lists rows_;     // list b * n + i: the columns, from sum_block * b, that are not 0 in example i
  detail::Lists columns_;  // list k: the examples whose column k is not 0
  const Scalar* X_ = nullptr;
  Index ldx_ = 0, n_ = 0, n_x_ = 0;
};

}  // namespace shallownet
