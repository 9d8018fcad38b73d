// The settings of a training, checked: what cannot be is an Error whose message is meant for the person who chose it.
// Imports nothing.

export const defaults = {
  data: "flower",
  noise: 0,
  points: [], // own ones: [x1, x2, label], label 0, 1 or 2
  hidden: 4,
  activation: "tanh",
  output: "sigmoid",
  solver: "gd",
  rate: 1.2,
  l2: 0,
  batch: 0, // 0: all examples at once
  seed: 3,
  scheme: "lecture",
}

const MOST_POINTS = 500
const LECTURE_SEEDS = [2, 3]

// Settings with what is not given filled in, and what is not known left out. `offers`: datasets, activations, solvers,
// schemes.
export function checked(given, offers) {
  const all = Object.fromEntries(Object.keys(defaults).map((key) => [key, given[key] ?? defaults[key]]))
  oneOf("data set", all.data, offers.datasets.map((set) => set.name))
  const set = offers.datasets.find((one) => one.name === all.data)
  oneOf("activation", all.activation, offers.activations)
  oneOf(`output for ${set.title}`, all.output, set.outputs)
  oneOf("solver", all.solver, offers.solvers)
  oneOf("start", all.scheme, offers.schemes)
  whole("number of hidden units", all.hidden, 0, 50)
  whole("batch size", all.batch, 0, 1e6)
  whole("seed", all.seed, 0, Number.MAX_SAFE_INTEGER)
  real("noise", all.noise, 0, 100)
  real("penalty l2", all.l2, 0, 1e6)
  real("learning rate", all.rate, Number.MIN_VALUE, 1e6)
  if (all.scheme === "lecture" && !LECTURE_SEEDS.includes(all.seed)) {
    throw new Error(
      `The lecture's start is kept for the seeds 2 and 3 only, not for ${all.seed}: ` +
        "choose one of them, or the start small_normal.",
    )
  }
  return { ...all, points: all.data === "own" ? ownPoints(all.points) : [] }
}

function ownPoints(points) {
  if (!Array.isArray(points) || points.length === 0) {
    throw new Error("There are no points yet: put at least one on the map.")
  }
  if (points.length > MOST_POINTS) {
    throw new Error(`There may be ${MOST_POINTS} own points at most, not ${points.length}.`)
  }
  return points.map((point) => {
    const [x1, x2, label] = point
    for (const x of [x1, x2]) real("coordinate of a point", x, -1000, 1000)
    whole("class of a point", label, 0, 2)
    return [thousandths(x1), thousandths(x2), label]
  })
}

function thousandths(x) {
  return Math.round(x * 1000) / 1000 + 0 // no -0
}

function oneOf(what, value, names) {
  if (!names.includes(value)) throw new Error(`The ${what} must be one of ${names.join(", ")}, not ${value}.`)
}

function whole(what, value, least, most) {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new Error(`The ${what} must be a whole number from ${least} to ${most}, not ${value}.`)
  }
}

function real(what, value, least, most) {
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    const range = least > 0 ? `above 0 and at most ${most}` : `from ${least} to ${most}`
    throw new Error(`The ${what} must be a number ${range}, not ${value}.`)
  }
}
