// One training in the page: its data, its parameters in the core, its curve. Imports all its neighbours but checks.js.

import { Room } from "./core.js"
import { dataOf, nOutputs, targets } from "./datasets.js"
import { pythonOf } from "./python.js"
import { Generator } from "./random.js"
import { drawStart } from "./starts.js"

const POINTS = 64 // of the curve, in every doubling of the epochs; each takes as long as one or two steps
const INDICES_PER_CALL = 2 ** 16 // of all orders together
const ROWS_PER_CALL = 2 ** 12
const COURSES = ["diverged", "done", "ended"] // what the core says of an advance
const SATURATED = 0.05 // a slope below this share of the steepest one

// Epochs from one point of the curve to the next: 1 up to twice POINTS, and then twice as many with every doubling.
function strideAt(epochs) {
  return 2 ** Math.max(0, Math.floor(Math.log2(epochs / POINTS)))
}

function toNextPoint(epochs) {
  return strideAt(epochs) - (epochs % strideAt(epochs))
}

export class Run {
  #core
  #stored
  #training
  #rooms
  #shape
  #orders
  #points = []
  #status = "done"
  #now = {} // what has been computed of the present parameters

  constructor(core, stored, settings) {
    const data = dataOf(stored, settings)
    this.#core = core
    this.#stored = stored
    this.settings = settings
    this.data = data
    this.#shape = [data.n_x, settings.hidden, nOutputs(data.n_classes, settings.output)]
    this.isMinimized = core.minimizers.includes(settings.solver)
    this.isFullBatch = this.isMinimized || settings.batch === 0 || settings.batch >= data.m
    this.#orders = this.isFullBatch ? null : new Generator(settings.seed, stored.ziggurat)
    this.#rooms = Object.fromEntries(["x", "y", "a1", "a2", "order"].map((name) => [name, new Room(core)]))
    this.#training = this.#made()
    this.#record()
  }

  #made() {
    const { settings, data } = this
    const [core, shape] = [this.#core, this.#shape]
    const size = this.isFullBatch ? data.m : settings.batch
    const training = core.withWords([settings.activation, settings.output, settings.solver], (...words) =>
      core.call("training_new", ...shape, data.m, ...words, settings.rate, settings.l2, size),
    )
    const Y = targets(data.y, shape[2])
    const start = drawStart(settings, shape, this.#stored)
    core.numbers(core.call("training_x", training), data.X.length).set(data.X)
    core.numbers(core.call("training_y", training), Y.length).set(Y)
    core.numbers(core.call("training_theta", training), start.length).set(start)
    return training
  }

  get epochs() {
    return this.#call("training_epochs")
  }

  // Steps: as many as epochs in full batch.
  get iterations() {
    return this.#call("training_steps")
  }

  get n_parameters() {
    return this.#call("training_parameters")
  }

  // n epochs (iterations in full batch), in which the curve grows. "diverged": the next one cannot be taken, and the
  // parameters are those before it.
  advance(n) {
    const most = this.isFullBatch ? Infinity : Math.max(1, Math.floor(INDICES_PER_CALL / this.data.m))
    for (let left = n; left > 0 && this.#status === "done"; ) {
      const before = this.epochs
      const ahead = Math.min(left, most, toNextPoint(before))
      this.#status = COURSES[this.#call("training_advance", ahead, this.#order(ahead))]
      left -= ahead
      if (this.epochs > before) this.#record()
    }
    return this.#status
  }

  // Where the next epochs' orders stand; 0 for none.
  #order(epochs) {
    if (this.isFullBatch) return 0
    const { m } = this.data
    const address = this.#rooms.order.take(Math.ceil((epochs * m) / 2))
    const order = this.#core.integers(address, epochs * m)
    for (let epoch = 0; epoch < epochs; epoch++) order.set(this.#orders.permutation(m), epoch * m)
    return address
  }

  #record() {
    this.#now = {}
    const { epochs } = this
    if (epochs % strideAt(epochs) === 0) this.#points.push([epochs, this.#point()])
  }

  #point() {
    return [this.iterations, this.cost(), this.testCost()]
  }

  // [iteration, cost, test cost or null]: of every early epoch, of ever fewer later ones, and of the present one.
  get curve() {
    const last = this.#points.at(-1)
    const points = this.#points.map(([, point]) => point)
    return last[0] === this.epochs ? points : [...points, this.#point()]
  }

  // The cost that training lowers, penalty included.
  cost() {
    return (this.#now.cost ??= this.#cost(this.#call("training_x"), this.#call("training_y"), this.data.m, true))
  }

  // The cost of the test set, without penalty.
  testCost() {
    const { test } = this.data
    if (!test) return null
    const place = () => [this.#rooms.x.fill(test.X), this.#rooms.y.fill(targets(test.y, this.#shape[2]))]
    return (this.#now.testCost ??= this.#cost(...place(), test.m, false))
  }

  #cost(x, y, m, isPenalised) {
    return this.#call("training_cost", x, y, m, isPenalised ? this.settings.l2 : 0)
  }

  accuracy() {
    return (this.#now.accuracy ??= this.#accuracy(this.data))
  }

  testAccuracy() {
    return this.data.test && (this.#now.testAccuracy ??= this.#accuracy(this.data.test))
  }

  #accuracy({ X, y, m }) {
    if (this.data.n_classes === 0) return null
    const n_y = this.#shape[2]
    const A2 = this.outputs(X)
    const classOf = (a) => (n_y === 1 ? +(a[0] > 0.5) : a.indexOf(Math.max(...a)))
    return y.filter((label, i) => classOf(A2.subarray(i * n_y, (i + 1) * n_y)) === label).length / m
  }

  // Matrices as arrays of rows; W1 and b1 are empty without hidden units.
  parameters() {
    const [n_x, n_h, n_y] = this.#shape
    const theta = [...this.#core.numbers(this.#call("training_theta"), this.n_parameters)]
    const matrix = (rows, columns) => Array.from({ length: rows }, () => theta.splice(0, columns))
    const [W1, b1] = [matrix(n_h, n_x), theta.splice(0, n_h)]
    const [W2, b2] = [matrix(n_y, n_h || n_x), theta.splice(0, n_y)]
    return { W1, b1, W2, b2 }
  }

  // Rows (k, n_x) in; rows (k, n_y) of outputs, or (k, n_h) of what the hidden units say, out.
  outputs(points) {
    return this.#forward(points, false)
  }

  hidden(points) {
    return this.#forward(points, true)
  }

  #forward(points, ofHidden) {
    const [n_x, n_h, n_y] = this.#shape
    const [k, width] = [points.length / n_x, ofHidden ? n_h : n_y]
    const values = new Float64Array(k * width)
    for (let begin = 0; begin < k; begin += ROWS_PER_CALL) {
      const n = Math.min(ROWS_PER_CALL, k - begin)
      const x = this.#rooms.x.fill(points.subarray(begin * n_x, (begin + n) * n_x))
      const a1 = ofHidden && n_h ? this.#rooms.a1.take(n * n_h) : 0
      const a2 = this.#rooms.a2.take(n * n_y)
      this.#call("training_forward", x, n, a1, a2)
      if (width) values.set(this.#core.numbers(ofHidden ? a1 : a2, n * width), begin * width)
    }
    return values
  }

  // How hidden units do on the training data: the share of their values where they hardly answer, and the number of
  // units that never do.
  health() {
    return (this.#now.health ??= this.#health())
  }

  #health() {
    const [n_h, { activation }] = [this.#shape[1], this.settings]
    const A1 = this.hidden(this.data.X)
    const flat = {
      sigmoid: (a) => 4 * a * (1 - a) < SATURATED,
      tanh: (a) => 1 - a * a < SATURATED,
      relu: (a) => a <= 0,
    }[activation]
    if (!n_h || !flat) return { saturated: 0, dead: 0 }
    const answers = new Array(n_h).fill(false)
    A1.forEach((a, i) => (answers[i % n_h] ||= !flat(a)))
    return { saturated: A1.filter(flat).length / A1.length, dead: answers.filter((one) => !one).length }
  }

  python() {
    const { settings, data, epochs, isFullBatch, isMinimized } = this
    const where = { epochs, isFullBatch, isMinimized, isDiverged: this.#status === "diverged" }
    return pythonOf(settings, data, this.#stored, where)
  }

  // Gives the core's memory back; nothing may be asked afterwards.
  free() {
    if (!this.#training) return
    this.#call("training_free")
    for (const room of Object.values(this.#rooms)) room.free()
    this.#training = 0
    this.#now = {}
  }

  #call(name, ...values) {
    if (!this.#training) throw new Error("This training has been given up: start another one.")
    return this.#core.call(name, this.#training, ...values)
  }
}
