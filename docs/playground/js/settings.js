// What each setting may be: one place for the fields of the page and the words of its address.

/** Numeric settings; `above` excludes the lower end, `whole` allows integers only. */
const NUMBERS = {
  noise: { name: "noise", low: 0, high: 1 },
  hidden: { name: "hidden units", low: 0, high: 50, whole: true },
  rate: { name: "learning rate", low: 0, high: 1e6, above: true },
  l2: { name: "l2 penalty", low: 0, high: 1e6 },
  batch: { name: "batch", low: 0, high: 1e6, whole: true },
  seed: { name: "seed", low: 0, high: 4294967295, whole: true },
}

/** In the order of the address; the outputs on offer depend on the data, so data comes first. */
export const KEYS = [
  "data", "noise", "points", "hidden", "activation", "output", "scheme", "seed", "solver", "rate", "l2", "batch",
]

/** Classes that own points may have. */
export const N_CLASSES = 3

const MOST_POINTS = 500

/** Whether the lecture's start, which is stored and not drawn, exists for this seed. */
export function isLectureSeed(seed) {
  return seed === 2 || seed === 3
}

/** A learning rate to begin with: what the data set suggests, or for another solver one of its usual size. */
export function usualRate({ settings }, solver) {
  if (solver === settings.solver) return settings.rate
  return { gd: 1, sgd: 0.1 }[solver] || 0.03
}

/** The data set of the engine's list with this name. */
export function datasetOf(engine, name) {
  return engine.datasets.find((dataset) => dataset.name === name)
}

/** The words a setting chooses from, or null where it is a number (or the points). */
export function choicesOf(engine, key, settings) {
  switch (key) {
    case "data": return engine.datasets.map((dataset) => dataset.name)
    case "activation": return engine.activations
    case "output": return datasetOf(engine, settings.data).outputs
    case "scheme": return engine.schemes
    case "solver": return engine.solvers
    default: return null
  }
}

/** The setting's value from its text; an Error whose message says what is wrong and what would do. */
export function parseSetting(engine, key, text, settings) {
  if (key === "points") return parsePoints(text)
  const choices = choicesOf(engine, key, settings)
  if (choices) {
    if (choices.includes(text)) return text
    throw new Error(`${key} must be one of ${choices.join(", ")}, not ${quoted(text)}`)
  }
  const { name, low, high, above, whole } = NUMBERS[key]
  const value = text.trim() === "" ? NaN : Number(text)
  const fits = value <= high && (above ? value > low : value >= low) && (!whole || Number.isInteger(value))
  if (fits) return value
  const kind = whole ? "a whole number" : "a number"
  const most = high.toLocaleString("en")
  const range = above ? `above ${low} and at most ${most}` : `from ${low} to ${most}`
  throw new Error(`${name} must be ${kind} ${range}, not ${quoted(text)}`)
}

/** A text in quotation marks, cut where it is too long to be read: addresses may hold anything. */
export function quoted(text) {
  return `“${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`
}

/** "1,-0.5,0;..." as [[x1, x2, label], ...], coordinates of 3 decimals. */
function parsePoints(text) {
  if (text === "") return []
  const points = text.split(";").map((part) => part.split(",").map((word) => (word.trim() === "" ? NaN : Number(word))))
  const fits = ([x1, x2, label, ...more]) =>
    Math.abs(x1) <= 1000 && Math.abs(x2) <= 1000 && Number.isInteger(label) && label >= 0 && label < N_CLASSES && !more.length
  if (!points.every(fits)) throw new Error(`points must be x1,x2,class separated by ;, with classes 0 to ${N_CLASSES - 1}`)
  if (points.length > MOST_POINTS) throw new Error(`points must be at most ${MOST_POINTS}, not ${points.length}`)
  return points.map(([x1, x2, label]) => roundPoint(x1, x2, label))
}

/** A point as it is kept: 3 decimals are all a click can mean, and what the address and Python show. */
export function roundPoint(x1, x2, label) {
  // Adding 0 turns -0 into 0: the address says 0 for both, so both must be one start.
  return [Math.round(x1 * 1000) / 1000 + 0, Math.round(x2 * 1000) / 1000 + 0, label]
}

/** The settings after choosing a data set: what it suggests; noise, penalty and batch stay. */
export function withData(engine, settings, name) {
  // One's own points stay where they were put.
  const noise = name === "own" ? 0 : settings.noise
  return { ...settings, noise, ...datasetOf(engine, name).settings, data: name }
}
