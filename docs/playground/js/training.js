// The loop that trains: many short turns, one before each picture, so that the page stays responsive.
// It counts in the unit of `advance`: iterations with the full batch, else epochs. Any split gives the same bits.

// Milliseconds of training in a frame: half of it is left for drawing and for the browser.
const BUDGET = 8
// A step of a known length may hold the page this long before it goes on in turns, and then shorter.
const PATIENCE = 150
const TURN = 40
// Run stops by itself after this many more, so that a forgotten tab does not train for ever.
const LONGEST = 100000

/**
 * A training of one run after another. `onProgress(isStep)` is called after every turn, `onStop(reason)` when it ends:
 * "paused", "stepped", "enough", "diverged", or "ended" where the solver finds no way further down.
 */
export class Training {
  /** Iterations a second that Run aims at. */
  speed = 5000
  #run = null
  #goal = null // how many more, or null where nothing trains
  #isStep = false // a step of a known length, as fast as it goes; else Run at its speed
  #last = 0 // the time of the frame before
  #owed = 0 // what the speed asks for, less what was done
  #cost = null // milliseconds one takes, a running mean; null: not known yet of this run
  #frame = 0
  #onProgress
  #onStop

  constructor({ onProgress, onStop }) {
    this.#onProgress = onProgress
    this.#onStop = onStop
  }

  /** Whether it trains: by Run, or on the way to the end of a long step. */
  get running() {
    return this.#goal !== null
  }

  /** Train this run from now on; Run goes on with it. */
  attach(run) {
    this.#run = run
    this.#cost = null
    this.#owed = 0
    if (this.#isStep || !run) this.halt()
    else if (this.#goal !== null) this.#goal = LONGEST
  }

  start() {
    if (!this.#run) return
    this.halt()
    this.#goal = LONGEST
    this.#owed = 1
    this.#last = performance.now()
    this.#next()
  }

  pause() {
    if (this.#goal !== null) this.#end("paused")
  }

  /** Train exactly `n`: at once where that is quick, else in turns. */
  step(n) {
    if (!this.#run) return
    this.halt()
    this.#goal = n
    this.#isStep = true
    if (this.#turn(n, PATIENCE)) this.#goOn()
  }

  /** Stop without a word. */
  halt() {
    this.#goal = null
    this.#isStep = false
    cancelAnimationFrame(this.#frame)
  }

  #end(reason) {
    this.halt()
    this.#onStop(reason)
  }

  #next() {
    this.#frame = requestAnimationFrame((now) => this.#tick(now))
  }

  #goOn() {
    if (this.#goal <= 0) {
      this.#end(this.#isStep ? "stepped" : "enough")
      return
    }
    this.#onProgress(this.#isStep)
    this.#next()
  }

  #tick(now) {
    // A tab that was hidden owes one frame, not the time away.
    const elapsed = Math.min(50, now - this.#last)
    this.#last = now
    if (this.#isStep ? this.#turn(this.#goal, TURN) : this.#keepPace(elapsed)) this.#goOn()
  }

  /** Train what the speed asks for after so many milliseconds, as far as the budget allows. */
  #keepPace(elapsed) {
    const { data, settings, isFullBatch } = this.#run
    const perEpoch = isFullBatch ? 1 : Math.ceil(data.m / settings.batch)
    // Infinite speed owes a finite number: the budget is the limit.
    this.#owed = Math.min(this.#owed + ((this.speed / perEpoch) * elapsed) / 1000, 1e9)
    const n = Math.min(this.#goal, Math.floor(this.#owed))
    if (n >= 1 && !this.#turn(n, BUDGET)) return false
    // What the budget did not allow is dropped, not saved up.
    this.#owed = Math.min(this.#owed, 1)
    return true
  }

  /** Train at most `n`, for at most `budget` milliseconds; false where it diverged or came to its end. */
  #turn(n, budget) {
    const start = performance.now()
    let left = n
    while (left > 0) {
      const now = performance.now()
      if (now - start >= budget) break
      // The first one alone: a thousand epochs of batches may take seconds.
      const fitting = this.#cost === null ? 1 : Math.floor((budget - (now - start)) / this.#cost)
      const part = Math.max(1, Math.min(left, fitting))
      const outcome = this.#run.advance(part)
      // Clocks of browsers are coarse: a part of no time counts as a twentieth of a millisecond.
      const cost = Math.max(0.05, performance.now() - now) / part
      this.#cost = this.#cost === null ? cost : 0.7 * this.#cost + 0.3 * cost
      left -= part
      if (outcome !== "done") {
        this.#end(outcome)
        return false
      }
    }
    this.#goal -= n - left
    this.#owed -= n - left
    return true
  }
}
