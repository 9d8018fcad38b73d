// NumPy's numpy.random.default_rng(seed), bit for bit: SeedSequence, PCG64, and of its Generator uniform,
// standard_normal and permutation. Algorithms: M. O'Neill 2014 (PCG) and 2015 (seeds), G. Marsaglia and W. W. Tsang
// 2000 (ziggurat). Imports nothing.

const POOL = 4

// 32-bit words (n) that a whole number >= 0 spreads over.
export function seedWords(seed, n) {
  const entropy = []
  for (let rest = BigInt(seed); rest > 0n; rest >>= 32n) entropy.push(Number(rest & 0xffffffffn))
  const pool = new Uint32Array(POOL)
  const hash = hasher(0x43b0d7e5, 0x931e8875)
  for (let i = 0; i < POOL; i++) pool[i] = hash(entropy[i] ?? 0)
  for (let from = 0; from < POOL; from++) {
    for (let to = 0; to < POOL; to++) if (to !== from) pool[to] = mixed(pool[to], hash(pool[from]))
  }
  for (let from = POOL; from < entropy.length; from++) {
    for (let to = 0; to < POOL; to++) pool[to] = mixed(pool[to], hash(entropy[from]))
  }
  const out = hasher(0x8b51f9dd, 0x58f38ded)
  return Uint32Array.from({ length: n }, (_, i) => out(pool[i % POOL]))
}

function hasher(constant, multiplier) {
  return (value) => {
    value ^= constant
    constant = Math.imul(constant, multiplier)
    value = Math.imul(value, constant)
    return (value ^ (value >>> 16)) >>> 0
  }
}

function mixed(x, y) {
  const value = Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715)
  return (value ^ (value >>> 16)) >>> 0
}

const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n
const DIGITS = 8 // of 16 bits in a number of 128, the lowest first

// The digits of `bits` bits, as doubles: one of 16 times one of 32, and the sum of a few such products, is exact there.
function digits(number, bits) {
  return Float64Array.from({ length: 128 / bits }, (_, i) => Number(BigInt.asUintN(bits, number >> BigInt(bits * i))))
}

// The 128-bit generator: `step` makes the next 64 bits, in `high` and `low`.
class Pcg64 {
  #state
  #next = new Float64Array(DIGITS)
  #increment
  #multiplier = digits(MULTIPLIER, 32)
  high = 0
  low = 0

  constructor(seed) {
    const words = seedWords(seed, 8)
    const half = (i) => (BigInt(words[i + 1]) << 32n) | BigInt(words[i])
    const start = (half(0) << 64n) | half(2)
    const increment = ((half(4) << 64n) | half(6)) * 2n + 1n
    this.#increment = digits(increment, 16)
    this.#state = digits((increment + start) * MULTIPLIER + increment, 16)
  }

  step() {
    const [s, next, m] = [this.#state, this.#next, this.#multiplier]
    let carry = 0
    for (let k = 0; k < DIGITS; k++) {
      carry += this.#increment[k]
      for (let j = 0; 2 * j <= k; j++) carry += s[k - 2 * j] * m[j]
      const above = Math.floor(carry / 0x10000) // the remainder by % would take most of a step's time
      next[k] = carry - above * 0x10000
      carry = above
    }
    this.#state = next
    this.#next = s
    this.#output(next)
  }

  // Both halves of the state, one over the other, turned right by its uppermost six bits.
  #output(s) {
    let low = (s[0] ^ s[4]) | ((s[1] ^ s[5]) << 16)
    let high = (s[2] ^ s[6]) | ((s[3] ^ s[7]) << 16)
    let turn = s[7] >>> 10
    if (turn >= 32) {
      ;[low, high] = [high, low]
      turn -= 32
    }
    this.low = (turn ? (low >>> turn) | (high << (32 - turn)) : low) >>> 0
    this.high = (turn ? (high >>> turn) | (low << (32 - turn)) : high) >>> 0
  }
}

// numpy.random.default_rng(seed), seed a whole number >= 0. `ziggurat`: the tables w, k, f, and r, where the tail
// begins.
export class Generator {
  #bits
  #ziggurat
  #hasHalf = false // whether of the last draw for whole numbers the upper 32 bits are still to come
  #half = 0

  constructor(seed, ziggurat) {
    this.#bits = new Pcg64(seed)
    this.#ziggurat = ziggurat
  }

  // In [0, 1).
  random() {
    this.#bits.step()
    return (this.#bits.high * 0x200000 + (this.#bits.low >>> 11)) / 2 ** 53
  }

  uniform(low, high) {
    return low + (high - low) * this.random()
  }

  standardNormal() {
    const { w, k, f } = this.#ziggurat
    for (;;) {
      this.#bits.step()
      const { high, low } = this.#bits
      const strip = low & 0xff
      const n = (high & 0x1fffffff) * 0x800000 + (low >>> 9)
      const x = low & 0x100 ? -n * w[strip] : n * w[strip]
      if (n < k[strip]) return x
      if (strip === 0) return this.#tail(low & 0x20000)
      if ((f[strip - 1] - f[strip]) * this.random() + f[strip] < Math.exp(-0.5 * x * x)) return x
    }
  }

  #tail(isNegative) {
    const { r } = this.#ziggurat
    for (;;) {
      const beyond = (-1 / r) * Math.log1p(-this.random())
      const y = -Math.log1p(-this.random())
      if (y + y > beyond * beyond) return isNegative ? -(r + beyond) : r + beyond
    }
  }

  // The numbers 0 .. n - 1 in random order.
  permutation(n) {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = this.#upTo(i)
      const last = order[i]
      order[i] = order[j]
      order[j] = last
    }
    return order
  }

  // A whole number in 0 .. last, last < 2^31: as many bits as it has, until they are not too many.
  #upTo(last) {
    const mask = 0xffffffff >>> Math.clz32(last)
    for (;;) {
      const drawn = this.#integer() & mask
      if (drawn <= last) return drawn
    }
  }

  #integer() {
    this.#hasHalf = !this.#hasHalf
    if (!this.#hasHalf) return this.#half
    this.#bits.step()
    this.#half = this.#bits.high
    return this.#bits.low
  }
}
