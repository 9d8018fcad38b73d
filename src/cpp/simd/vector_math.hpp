// exp, expm1, log, log1p, tanh, sigmoid and softplus on vectors. Errors stay below 3 units in the last place, NaN
// propagates, results below the smallest normal number are kept, and no lane depends on another. Polynomials are
// minimax fits of (expm1(r) - r) / r^2 on |r| <= ln(2) / 2 and of (2 atanh(s) - 2 s) / s^3 as a function of s^2 on
// |s| <= 0.1716; their errors are below a tenth of a unit in the last place.
#pragma once

#include <limits>

#include "simd/vector.hpp"

namespace shallownet {

template <class Scalar>
struct MathConstants;

template <>
struct MathConstants<float> {
  // 1.5 * 2^23 + bias + 1: adding it rounds to the nearest integer n, and leaves n + bias + 1 in the low bits.
  static constexpr float round_magic = 12582912.0f + 128;
  static constexpr int mantissa = 23;
  static constexpr std::int32_t bias = 127;
  static constexpr float ln2_high = 0.693145751953125f, ln2_low = 1.42860682e-06f;  // high part: 15 bits
  static constexpr float exp_low = -104.5f, exp_high = 88.8f;
  static constexpr float product_high = 120.0f;  // x e^-x rounds to 0 from here on
  static constexpr float tanh_high = 9.1f;       // tanh rounds to 1 from 9.011 on
  static constexpr float expm1_terms[] = {0.500000004433451169f,   0.1666666637240143f,     0.0416663602542328969f,
                                          0.00833338881674916145f, 0.00139406787529075109f, 0.000198462419231775535f};
  static constexpr float log_terms[] = {0.666667764294553243f, 0.399775271768914986f, 0.298723024024534472f};
};

template <>
struct MathConstants<double> {
  static constexpr double round_magic = 6755399441055744.0 + 1024;  // 1.5 * 2^52 + bias + 1
  static constexpr int mantissa = 52;
  static constexpr std::int64_t bias = 1023;
  static constexpr double ln2_high = 0x1.62e42fefa0000p-1, ln2_low = 0x1.cf79abc9e3b3ap-40;
  static constexpr double exp_low = -746.0, exp_high = 710.0;
  static constexpr double product_high = 760.0;
  static constexpr double tanh_high = 19.1;  // tanh rounds to 1 from 19.06 on
  static constexpr double expm1_terms[] = {0.500000000000000001,    0.166666666666666765,    0.0416666666666665131,
                                           0.00833333333332165526,  0.00138888888889605102,  0.000198412698860676714,
                                           2.4801587175695425e-05,  2.75572442634745752e-06, 2.75574003313253153e-07,
                                           2.51090200112487509e-08, 2.0875946038124327e-09};
  static constexpr double log_terms[] = {0.666666666666673465, 0.399999999994127601, 0.28571428742894461,
                                         0.222221985132907617, 0.181835678310452907, 0.15313951260524498,
                                         0.147970356545040312};
};

template <class V, std::size_t n>
inline V polynomial(V x, const ScalarOf<V> (&terms)[n]) {
  V sum = broadcast(terms[n - 1]);
  for (std::size_t i = n - 1; i-- > 0;) sum = fma(sum, x, broadcast(terms[i]));
  return sum;
}

// The terms of (expm1(times r) / times - r) / r^2 as a polynomial in r.
template <class Scalar, int times>
struct Expm1Terms {
  Scalar numbers[sizeof MathConstants<Scalar>::expm1_terms / sizeof(Scalar)] = {};

  constexpr Expm1Terms() {
    Scalar factor = times;
    for (std::size_t i = 0; i < sizeof numbers / sizeof(Scalar); ++i, factor *= times)
      numbers[i] = factor * MathConstants<Scalar>::expm1_terms[i];
  }
};

// A multiple of y cut into n ln 2 + times r with integer n and |times r| <= ln(2) / 2, and expm1(times r) / times. The
// multiple, 1 or 2, costs nothing, as it scales constants, and changes no bit. |y| must be below 2^21 ln 2.
template <class V, int times = 1>
struct Reduced {
  using Scalar = ScalarOf<V>;
  using C = MathConstants<Scalar>;
  static constexpr Expm1Terms<Scalar, times> terms{};
  V shifted;  // n + round_magic
  V expm1;

  explicit Reduced(V y) {
    static_assert(times == 1 || times == 2);
    const V magic = broadcast(C::round_magic);
    shifted = fma(y, broadcast(Scalar(1.44269504088896340736) * times), magic);
    const V n = shifted - magic;
    V r = fma(n, broadcast(-C::ln2_high / times), y);
    r = fma(n, broadcast(-C::ln2_low / times), r);
    expm1 = fma(r * r, polynomial(r, terms.numbers), r);
  }
  // 2^(n + shift) for results within the normal range; of NaN any bits. With a shift of 1 it is a single instruction.
  V power(int shift) const {
    using Word = std::make_unsigned_t<ScalarOf<Bits<Scalar>>>;
    using Words [[gnu::vector_size(vector_bytes)]] = Word;
    const Words doubled = reinterpret_cast<Words>(bits_of(shifted)) << static_cast<Word>(C::mantissa);
    return from_bits<Scalar>(reinterpret_cast<Bits<Scalar>>(doubled + (static_cast<Word>(shift - 1) << C::mantissa)));
  }
};

template <class V>
inline V absolute(V x) {
  using Scalar = ScalarOf<V>;
  return from_bits<Scalar>(bits_of(x) & ~bits_of(broadcast(Scalar(-0.0))));
}
template <class V>
inline V with_sign_of(V magnitude, V sign) {
  using Scalar = ScalarOf<V>;
  const auto mask = bits_of(broadcast(Scalar(-0.0)));
  return from_bits<Scalar>((bits_of(magnitude) & ~mask) | (bits_of(sign) & mask));
}

// p 2^n for every n an exponential needs: results that overflow become inf, small ones subnormal or 0.
template <class V>
inline V scale(V p, V shifted) {
  using Scalar = ScalarOf<V>;
  using C = MathConstants<Scalar>;
#if defined(__AVX512F__)
  const V n = shifted - broadcast(C::round_magic);
  if constexpr (sizeof(Scalar) == 4) {
    return _mm512_scalef_ps(p, n);
  } else {
    return _mm512_scalef_pd(p, n);
  }
#else
  // Two factors, each a normal number: 2^n = 2^(n / 2) 2^(n - n / 2).
  const auto n = bits_of(shifted) - bits_of(broadcast(C::round_magic));
  const auto half = n >> 1;
  const V first = from_bits<Scalar>((half + C::bias) << C::mantissa);
  const V second = from_bits<Scalar>((n - half + C::bias) << C::mantissa);
  return p * first * second;
#endif
}

template <class V>
inline V exp(V x) {
  using C = MathConstants<ScalarOf<V>>;
  const Reduced<V> y(at_most(at_least(x, broadcast(C::exp_low)), broadcast(C::exp_high)));
  return scale(ScalarOf<V>(1) + y.expm1, y.shifted);
}

// exp(x) for x <= 0, where nothing overflows.
template <class V>
inline V exp_of_negative(V x) {
  using C = MathConstants<ScalarOf<V>>;
  const Reduced<V> y(at_least(x, broadcast(C::exp_low)));
  return scale(ScalarOf<V>(1) + y.expm1, y.shifted);
}

// exp(x), and x exp(x), which keeps all its digits where exp(x) is too small for them; for -product_high <= x <= exp_high
// where neither overflows.
template <class V>
inline V exp_and_product(V x, V& product) {
  const Reduced<V> y(x);
  product = scale(fma(x, y.expm1, x), y.shifted);
  return scale(ScalarOf<V>(1) + y.expm1, y.shifted);
}

template <class V>
inline V expm1(V x) {
  using Scalar = ScalarOf<V>;
  using C = MathConstants<Scalar>;
  const V low = broadcast(Scalar(-2 * C::tanh_high));  // expm1 rounds to -1 from here on
  const Reduced<V> y(at_most(at_least(x, low), broadcast(C::exp_high)));
  const V half_power = y.power(-1);  // half, so that n = 128 does not overflow early
  const V e = Scalar(2) * fma(half_power, y.expm1, half_power - Scalar(0.5));
  const V itself = broadcast(std::numeric_limits<Scalar>::epsilon());  // below it, and with subnormals' last bit
  return with_sign_of(absolute(x) < itself ? x : e, x);                // the sign of -0
}

// tanh x = e / (e + 2) with e = expm1(2 |x|): accurate near 0, where 1 - 2 / (exp(2 x) + 1) is not.
template <class V>
inline V tanh(V x) {
  using Scalar = ScalarOf<V>;
  const Reduced<V, 2> y(at_most(absolute(x), broadcast(MathConstants<Scalar>::tanh_high)));
  const V twice_power = y.power(1);
  const V e = fma(twice_power, y.expm1, fma(twice_power, broadcast(Scalar(0.5)), broadcast(Scalar(-1))));
  return with_sign_of(e / (e + Scalar(2)), x);
}

// From e = exp(-|x|), which never overflows: 1 / (1 + e) for x >= 0 and e / (1 + e) for x < 0.
template <class V>
inline V sigmoid(V x, V exp_minus_abs) {
  using Scalar = ScalarOf<V>;
  const V top = x < Scalar(0) ? exp_minus_abs : broadcast(Scalar(1));
  return top / (Scalar(1) + exp_minus_abs);
}
template <class V>
inline V sigmoid(V x) {
  return sigmoid(x, exp_of_negative(-absolute(x)));
}

// log x = k ln 2 + 2 atanh(s), s = f / (2 + f), with x = 2^k (1 + f), for normal finite x > 0.
template <class V>
inline V log_of_normal(V x) {
  using Scalar = ScalarOf<V>;
  using C = MathConstants<Scalar>;
  const auto bits = bits_of(x);
  const auto root_half = bits_of(broadcast(Scalar(0.70710678118654752440)));
  const auto k = (bits - root_half) >> C::mantissa;
  const V f = from_bits<Scalar>(bits - (k << C::mantissa)) - Scalar(1);
  const V s = f / (Scalar(2) + f);
  const V t = s * s;
  const V half_square = Scalar(0.5) * f * f;
  // 2 atanh(s) = f - (f^2 / 2 - s (f^2 / 2 + s^2 Q(s^2))): f is exact and leads, so little is lost.
  const V correction = s * fma(t, polynomial(t, C::log_terms), half_square);
  const V k_value = __builtin_convertvector(k, V);
  const V low = fma(k_value, broadcast(C::ln2_low), correction);
  return fma(k_value, broadcast(C::ln2_high), f - (half_square - low));
}

template <class V>
inline V log(V x) {
  using Scalar = ScalarOf<V>;
  using Limits = std::numeric_limits<Scalar>;
  const V tiny = broadcast(Limits::min());
  const V lift = broadcast(Scalar(sizeof(Scalar) == 4 ? 0x1p24 : 0x1p54));
  const V drop = broadcast(Scalar((sizeof(Scalar) == 4 ? 24 : 54) * 0.69314718055994530942));
  const V usable = x > Scalar(0) ? x : broadcast(Scalar(1));  // no bits of the others reach integer arithmetic
  V y = x < tiny ? log_of_normal(usable * lift) - drop : log_of_normal(usable);
  y = x == Scalar(0) ? broadcast(-Limits::infinity()) : y;
  y = x < Scalar(0) ? broadcast(Limits::quiet_NaN()) : y;
  return x < Limits::infinity() ? y : x;  // inf and NaN as they came
}

// log1p t for 0 <= t <= 2^20, the range of the losses: log(u) + (t - (u - 1)) / u with u = 1 + t rounded.
template <class V>
inline V log1p_of_positive(V t) {
  using Scalar = ScalarOf<V>;
  const V u = Scalar(1) + t;
  return log_of_normal(u) + (t - (u - Scalar(1))) / u;
}

template <class V>
inline V log1p(V t) {
  using Scalar = ScalarOf<V>;
  using Limits = std::numeric_limits<Scalar>;
  const V u = Scalar(1) + t;
  // What 1 + t lost in rounding, exact because the larger term is taken off first.
  const V lost = t > Scalar(1) ? Scalar(1) - (u - t) : t - (u - Scalar(1));
  V y = log_of_normal(u > Scalar(0) ? u : broadcast(Scalar(1))) + lost / u;
  y = t == Scalar(-1) ? broadcast(-Limits::infinity()) : y;
  y = t < Scalar(-1) ? broadcast(Limits::quiet_NaN()) : y;
  y = t < Limits::infinity() ? y : t;
  return with_sign_of(y, t);
}

// softplus z = log(1 + e^z) = max(z, 0) + log1p(e^-|z|).
template <class V>
inline V softplus(V z, V exp_minus_abs) {
  using Scalar = ScalarOf<V>;
  return at_least(z, broadcast(Scalar(0))) + log1p_of_positive(exp_minus_abs);
}
template <class V>
inline V softplus(V z) {
  return softplus(z, exp_of_negative(-absolute(z)));
}

}  // namespace shallownet
