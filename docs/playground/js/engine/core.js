// The compiled core (core.wasm, from src/cpp/bindings/browser.cpp): its functions, its memory, its errors as
// exceptions. Imports nothing.

const NO_WEBASSEMBLY =
  "This browser cannot run the playground: it needs WebAssembly with SIMD and exceptions. " +
  "Please use a newer one (Chrome 95, Firefox 100, Safari 16.4 or later)."

export async function loadCore(bytes) {
  const memory = { buffer: null }
  const wasi = {
    clock_time_get(_clock, _precision, place) {
      const nanoseconds = BigInt(Math.round(performance.now() * 1e6))
      new DataView(memory.buffer()).setBigUint64(place, nanoseconds, true)
      return 0
    },
    proc_exit(code) {
      throw new Error(`The core has ended with code ${code}.`)
    },
  }
  const env = { emscripten_notify_memory_growth() {} }
  let module
  try {
    module = await WebAssembly.compile(bytes)
  } catch (cause) {
    throw new Error(NO_WEBASSEMBLY, { cause })
  }
  const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi, env })
  memory.buffer = () => instance.exports.memory.buffer
  instance.exports._initialize()
  return new Core(instance.exports)
}

export class Core {
  #functions

  constructor(functions) {
    this.#functions = functions
    for (const list of ["activations", "outputs", "optimizers", "minimizers"]) {
      this[list] = this.#text(functions[list]()).split(" ")
    }
  }

  // Calls a function; what the core says is wrong becomes an Error.
  call(name, ...values) {
    const result = this.#functions[name](...values)
    const place = this.#functions.error()
    if (new Uint8Array(this.#functions.memory.buffer, place, 1)[0] !== 0) {
      throw new Error(`The core says: ${this.#text(place)}.`)
    }
    return result
  }

  // Bytes of memory that it has had so far.
  get bytes() {
    return this.#functions.memory.buffer.byteLength
  }

  // n numbers at an address, as they stand there now: a view that growing memory makes useless.
  numbers(address, n) {
    return new Float64Array(this.#functions.memory.buffer, address, n)
  }

  integers(address, n) {
    return new Int32Array(this.#functions.memory.buffer, address, n)
  }

  // Calls use(address...) with these words in memory, each ended by 0.
  withWords(words, use) {
    const bytes = words.map((word) => new TextEncoder().encode(`${word}\0`))
    const total = bytes.reduce((sum, part) => sum + part.length, 0)
    const begin = this.call("allocate", Math.ceil(total / 8))
    const all = new Uint8Array(this.#functions.memory.buffer)
    let at = begin
    const addresses = bytes.map((part) => {
      all.set(part, at)
      at += part.length
      return at - part.length
    })
    try {
      return use(...addresses)
    } finally {
      this.#functions.release(begin)
    }
  }

  #text(address) {
    const all = new Uint8Array(this.#functions.memory.buffer)
    const end = all.indexOf(0, address)
    return new TextDecoder().decode(all.subarray(address, end))
  }
}

// Room in the core's memory that grows with what is asked of it.
export class Room {
  #core
  #address = 0
  #size = 0

  constructor(core) {
    this.#core = core
  }

  // The address of room for n numbers; what stood there is lost.
  take(n) {
    if (n > this.#size) {
      this.free()
      this.#address = this.#core.call("allocate", n)
      this.#size = n
    }
    return this.#address
  }

  // The same, with these numbers in it.
  fill(numbers) {
    const address = this.take(numbers.length)
    this.#core.numbers(address, numbers.length).set(numbers)
    return address
  }

  free() {
    if (this.#address) this.#core.call("release", this.#address)
    this.#address = this.#size = 0
  }
}
