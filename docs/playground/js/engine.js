// The engine of the playground: the compiled core with the data, starts and orders that the library would draw.
//
//   const engine = await loadEngine()
//   const run = engine.start({ ...engine.defaults, hidden: 6 })
//   run.advance(1000)
//   run.cost()
//
// The door of the folder engine.

import { loadCore } from "./engine/core.js"
import { Stored, listed } from "./engine/datasets.js"
import { checked, defaults } from "./engine/checks.js"
import { schemes } from "./engine/starts.js"
import { Run } from "./engine/run.js"

const USUAL_ORDER = [
  "tanh", "sigmoid", "relu", "leaky_relu", "mish", "silu", "identity", "gd", "sgd", "adam", "lbfgs", "lm",
]

// `read`: from the name of one of the playground's files to its bytes, where it is not a page that asks.
export async function loadEngine(read = fetched) {
  const files = await Promise.all(["core.wasm", "data.bin", "data.json"].map((name) => read(name)))
  const [module, numbers, index] = files
  const stored = new Stored(JSON.parse(new TextDecoder().decode(index)), new Float64Array(numbers))
  return new Engine(await loadCore(module), stored)
}

async function fetched(name) {
  const answer = await fetch(new URL(`../${name}`, import.meta.url))
  if (!answer.ok) throw new Error(`The playground's file ${name} is missing: ${answer.status}.`)
  return answer.arrayBuffer()
}

class Engine {
  #core
  #stored

  constructor(core, stored) {
    this.#core = core
    this.#stored = stored
    this.datasets = listed(stored)
    this.activations = inUsualOrder(core.activations)
    this.minimizers = inUsualOrder(core.minimizers) // solvers with neither rate nor batches
    this.solvers = inUsualOrder([...core.optimizers, ...core.minimizers])
    this.schemes = schemes
    this.defaults = defaults
  }

  // Of the core's memory, of which trainings give theirs back.
  get bytes() {
    return this.#core.bytes
  }

  // A training at its beginning. What of the settings is not given is the default; what cannot be is an Error that says
  // so to the person who chose it.
  start(settings = {}) {
    return new Run(this.#core, this.#stored, checked(settings, this))
  }
}

// What the core has, the well-known ones first.
function inUsualOrder(names) {
  const place = (name) => (USUAL_ORDER.indexOf(name) + 1 || Infinity)
  return [...names].sort((a, b) => place(a) - place(b) || 0)
}
