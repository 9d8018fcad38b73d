// The SIMD vector of the CPU level this file is compiled for: the compiler's own vector type (so + - * / and
// comparisons are plain operators) and the few operations that operators do not spell. The lanes never mix but in
// `sum` and `sum_each`, whose trees are fixed.
#pragma once

#include <cmath>
#include <cstring>
#include <utility>

#include "types.hpp"
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace shallownet {

#if defined(__AVX512F__)
constexpr int vector_bytes = 64;
constexpr int vector_registers = 32;
#elif defined(__AVX2__)
constexpr int vector_bytes = 32;
constexpr int vector_registers = 16;
#elif defined(__aarch64__)
constexpr int vector_bytes = 16;
constexpr int vector_registers = 32;
#else
constexpr int vector_bytes = 16;
constexpr int vector_registers = 16;
#endif

template <class Scalar>
struct VectorOf;
template <>
struct VectorOf<float> {
  using type [[gnu::vector_size(vector_bytes)]] = float;
  using bits [[gnu::vector_size(vector_bytes)]] = std::int32_t;
};
template <>
struct VectorOf<double> {
  using type [[gnu::vector_size(vector_bytes)]] = double;
  using bits [[gnu::vector_size(vector_bytes)]] = std::int64_t;
};

template <class Scalar>
using Vector = typename VectorOf<Scalar>::type;
template <class Scalar>
using Bits = typename VectorOf<Scalar>::bits;
template <class Scalar>
constexpr Index width = vector_bytes / static_cast<Index>(sizeof(Scalar));

// The scalar of a vector type, and back.
template <class V>
using ScalarOf = std::decay_t<decltype(std::declval<V>()[0])>;

template <class Scalar>
inline Vector<Scalar> load(const Scalar* p) {  // p may have any alignment
  Vector<Scalar> v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
template <class Scalar>
inline void store(Scalar* p, Vector<Scalar> v) {
  std::memcpy(p, &v, sizeof v);
}
template <class Scalar>
inline Vector<Scalar> broadcast(Scalar x) {
  return x - Vector<Scalar>{};  // x - 0 keeps the sign of zero, x + 0 would not
}
// A sum that underflows may end as -0, or, where products with 0 are passed over, as +0. With such a bias, or as such a sum
// itself, it is +0 either way: -0 + 0 is +0, and no other number changes.
template <class V>
inline V without_sign_of_zero(V v) {
  return v + V{};
}
// The first n lanes from p, zero in the others; reads nothing beyond p[n - 1].
template <class Scalar>
inline Vector<Scalar> load_first(const Scalar* p, Index n) {
  Vector<Scalar> v{};
  std::memcpy(&v, p, static_cast<std::size_t>(n) * sizeof(Scalar));
  return v;
}

template <class V>
inline auto bits_of(V v) {
  Bits<ScalarOf<V>> b;
  std::memcpy(&b, &v, sizeof b);
  return b;
}
template <class Scalar>
inline Vector<Scalar> from_bits(Bits<Scalar> b) {
  Vector<Scalar> v;
  std::memcpy(&v, &b, sizeof v);
  return v;
}

// fma(a, b, c) = a b + c: one rounding on levels that have the instruction, two on those that have not.
// at_least(x, low) and at_most(x, high) return x where x is NaN, as the second operand of x86 min and max does.
#if defined(__AVX512F__)
inline Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) { return _mm512_fmadd_ps(a, b, c); }
inline Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) { return _mm512_fmadd_pd(a, b, c); }
inline Vector<float> at_least(Vector<float> x, Vector<float> low) { return _mm512_max_ps(low, x); }
inline Vector<double> at_least(Vector<double> x, Vector<double> low) { return _mm512_max_pd(low, x); }
inline Vector<float> at_most(Vector<float> x, Vector<float> high) { return _mm512_min_ps(high, x); }
inline Vector<double> at_most(Vector<double> x, Vector<double> high) { return _mm512_min_pd(high, x); }
inline Vector<float> square_root(Vector<float> x) { return _mm512_sqrt_ps(x); }
inline Vector<double> square_root(Vector<double> x) { return _mm512_sqrt_pd(x); }
#elif defined(__AVX2__) && defined(__FMA__)
inline Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) { return _mm256_fmadd_ps(a, b, c); }
inline Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) { return _mm256_fmadd_pd(a, b, c); }
inline Vector<float> at_least(Vector<float> x, Vector<float> low) { return _mm256_max_ps(low, x); }
inline Vector<double> at_least(Vector<double> x, Vector<double> low) { return _mm256_max_pd(low, x); }
inline Vector<float> at_most(Vector<float> x, Vector<float> high) { return _mm256_min_ps(high, x); }
inline Vector<double> at_most(Vector<double> x, Vector<double> high) { return _mm256_min_pd(high, x); }
inline Vector<float> square_root(Vector<float> x) { return _mm256_sqrt_ps(x); }
inline Vector<double> square_root(Vector<double> x) { return _mm256_sqrt_pd(x); }
#else
#if defined(__aarch64__)
inline Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) {
  return Vector<float>(vfmaq_f32(float32x4_t(c), float32x4_t(a), float32x4_t(b)));
}
inline Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) {
  return Vector<double>(vfmaq_f64(float64x2_t(c), float64x2_t(a), float64x2_t(b)));
}
#else
template <class V>
inline V fma(V a, V b, V c) {
  return a * b + c;
}
#endif
template <class V>
inline V at_least(V x, V low) {
  return x < low ? low : x;
}
template <class V>
inline V at_most(V x, V high) {
  return x > high ? high : x;
}
template <class V>
inline V square_root(V x) {
  for (Index i = 0; i < static_cast<Index>(sizeof(V) / sizeof(x[0])); ++i) x[i] = std::sqrt(x[i]);
  return x;
}
#endif

// Bit i: whether x[i] is not 0, for n <= 8 numbers, or for 8.
template <class Scalar>
inline unsigned nonzero_bits(const Scalar* x, Index n) {
  unsigned bits = 0;
  for (Index i = 0; i < n; ++i) bits |= unsigned(x[i] != 0) << i;
  return bits;
}
#if defined(__AVX2__)
inline unsigned nonzero_bits(const float* x) {
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(x), _mm256_setzero_ps(), _CMP_NEQ_UQ)));
}
inline unsigned nonzero_bits(const double* x) {
  const auto four = [](const double* p) {
    return static_cast<unsigned>(
        _mm256_movemask_pd(_mm256_cmp_pd(_mm256_loadu_pd(p), _mm256_setzero_pd(), _CMP_NEQ_UQ)));
  };
  return four(x) | four(x + 4) << 4;
}
#else
template <class Scalar>
inline unsigned nonzero_bits(const Scalar* x) {
  return nonzero_bits(x, 8);
}
#endif

namespace detail {

// The given lanes of u and v, those of v counted after those of u.
template <int... lane, class V>
inline V pick(V u, V v) {
#if defined(__clang__) || __GNUC__ >= 12
  return __builtin_shufflevector(u, v, lane...);
#else
  return __builtin_shuffle(u, v, Bits<ScalarOf<V>>{lane...});
#endif
}

// One step of the fixed tree: halves every group of `group` lanes in u and v and puts the groups of u before those
// of v, so that after log2(width) steps lane i is the whole sum of the i-th vector, by the same tree for every i.
template <Index group, class V, int... lane>
inline V halve(V u, V v, std::integer_sequence<int, lane...>) {
  constexpr int n = sizeof...(lane), half = static_cast<int>(group / 2);
  constexpr auto from = [](int j) { return (j / half) * static_cast<int>(group) + j % half; };
  static_assert(n % 2 == 0);
  return pick<from(lane)...>(u, v) + pick<(from(lane) + half)...>(u, v);
}

}  // namespace detail

// Lane i of the result is the sum of the lanes of rows[i], for `width` vectors rows[0..].
template <class Scalar, Index n = width<Scalar>, class Row>
inline Vector<Scalar> sum_each(const Row& row, Index first = 0) {
  constexpr Index group = 2 * width<Scalar> / n;
  constexpr auto lanes = std::make_integer_sequence<int, static_cast<int>(width<Scalar>)>{};
  if constexpr (n == 2) {
    return detail::halve<width<Scalar>>(row(first), row(first + 1), lanes);
  } else {
    static_assert(group > 0);
    const Vector<Scalar> u = sum_each<Scalar, n / 2>(row, first);
    const Vector<Scalar> v = sum_each<Scalar, n / 2>(row, first + n / 2);
    return detail::halve<2 * width<Scalar> / n>(u, v, lanes);
  }
}

// The sum of the lanes, by the same tree as sum_each.
template <class Scalar, Index group = width<Scalar>>
inline Scalar sum(Vector<Scalar> v) {
  const Vector<Scalar> halved = detail::halve<group>(v, v, std::make_integer_sequence<int, int(width<Scalar>)>{});
  if constexpr (group == 2) {
    return halved[0];
  } else {
    return sum<Scalar, group / 2>(halved);
  }
}

}  // namespace shallownet
