// The state of the page: settings, the run they started, and the address that names both. Only this module
// starts runs and writes addresses.

import { readAddress, writeAddress } from "./address.js"
import { datasetOf } from "./settings.js"

// Milliseconds between two addresses of a training under way: browsers refuse more than a few in a second.
const PAUSE = 1000

/**
 * A state over the engine. `onStart(state)` is called whenever a new run begins (or, for want of points, none
 * does), `onProblem(message, key)` when a setting cannot be taken; an empty message clears the last one.
 */
export class State {
  run = null
  #engine
  #onStart
  #onProblem
  #followed = 0
  #written = null // the address this page wrote itself

  constructor(engine, { onStart, onProblem }) {
    this.#engine = engine
    this.#onStart = onStart
    this.#onProblem = onProblem
    this.settings = engine.defaults
  }

  get dataset() {
    return datasetOf(this.#engine, this.settings.data)
  }

  get data() {
    return this.run ? this.run.data : emptyData(this.dataset)
  }

  get address() {
    return writeAddress(this.settings, this.run ? this.run.epochs : 0)
  }

  /** Whether somebody else (the reader, the back button) changed the address. */
  get moved() {
    return location.hash !== this.#written
  }

  /** Start anew from `next`, or say why not and keep what is. `how`: "push" or "replace" in the history. */
  change(next, how, key) {
    this.#onProblem("")
    try {
      this.#start(next)
    } catch (error) {
      this.#onProblem(`${error.message} The page keeps its last settings.`, key)
      return false
    }
    if (how) this.remember(how)
    this.#onStart(this)
    return true
  }

  /** Put the state into the address bar: as a new entry of the history, or in place of the present one. */
  remember(how) {
    this.#written = this.address
    if (!this.moved) return
    try {
      history[how === "push" ? "pushState" : "replaceState"](null, "", this.#written)
    } catch (error) {
      // Some browsers allow a hundred in half a minute: then the address lags behind until the next one.
    }
  }

  /** Let the address follow a training under way, so that reloading takes it along; not at every picture. */
  follow() {
    const now = performance.now()
    if (now - this.#followed < PAUSE) return
    this.#followed = now
    this.remember("replace")
  }

  /** Take the state the address asks for; returns how long it wants to be trained, in epochs. */
  restore() {
    const { settings, trained, problem } = readAddress(location.hash, this.#engine)
    this.#written = location.hash
    if (!this.change(settings)) {
      // Each word was fine by itself, together they are not: the defaults always work.
      this.#start({ ...this.#engine.defaults })
      this.#onStart(this)
      return 0
    }
    this.#onProblem(problem)
    return trained
  }

  #start(next) {
    // One's own points may be none yet: that is a state of its own, without a network.
    const empty = next.data === "own" && next.points.length === 0
    const run = empty ? null : this.#engine.start(next)
    if (this.run) this.run.free()
    this.run = run
    this.settings = next
    // For tests, and for the curious at the browser's console.
    window.playground = { engine: this.#engine, settings: next, run }
  }
}

/** What there is to show before the first own point: an empty map. */
function emptyData(dataset) {
  return { X: new Float64Array(0), y: [], m: 0, n_x: 2, n_classes: 2, test: null, box: dataset.box }
}
