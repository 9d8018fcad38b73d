// The data of a training: a stored set (data.json, data.bin: made by build.py from the lines that the page shows) or
// own points, and noise as NumPy draws it. Examples are rows here. Imports random.js.

import { Generator } from "./random.js"

export const NOISE_SEED = 2 // of no stored set
const OWN = {
  name: "own",
  title: "Own points",
  kind: "classes",
  n_x: 2,
  n_classes: 2,
  outputs: ["sigmoid", "softmax", "identity"],
  settings: { hidden: 8, rate: 0.5, scheme: "glorot_uniform", seed: 0 },
  box: [-3, 3, -3, 3],
}

// What the page's numbers are: `index` is data.json, `numbers` data.bin.
export class Stored {
  constructor(index, numbers) {
    this.index = index
    this.numbers = numbers
    this.ziggurat = { r: index.ziggurat.r }
    for (const name of ["w", "k", "f"]) this.ziggurat[name] = this.part(index.ziggurat[name])
  }

  part([begin, length]) {
    return this.numbers.slice(begin, begin + length)
  }

  // The first standard normal numbers of numpy.random.RandomState(seed), or undefined.
  normals(seed) {
    const place = this.index.normals[seed]
    return place && this.part(place)
  }
}

// What the page offers, with the settings that it suggests for each.
export function listed(stored) {
  const shown = ({ name, title, kind, n_x, n_classes, outputs, settings }) => {
    const usual = { data: name, activation: "tanh", output: outputs[0], solver: "gd" }
    return { name, title, kind, n_x, n_classes, outputs, settings: { ...usual, ...settings } }
  }
  return [...stored.index.sets.map(shown), { ...shown(OWN), box: OWN.box }]
}

// The lines of Python that make a stored set.
export function linesOf(stored, name) {
  return stored.index.sets.find((set) => set.name === name).lines
}

// The data that checked settings ask for.
export function dataOf(stored, settings) {
  const data = settings.data === "own" ? ownData(settings.points) : storedData(stored, settings.data)
  if (settings.noise > 0) {
    const generator = new Generator(NOISE_SEED, stored.ziggurat)
    for (const part of [data, data.test]) if (part) addNoise(part, data, settings.noise, generator)
  }
  data.box = boxOf(data, settings.data === "own" ? OWN.box : null)
  return data
}

function storedData(stored, name) {
  const set = stored.index.sets.find((one) => one.name === name)
  const part = (where) => {
    return { X: stored.part(where.X), y: stored.part(where.y), m: where.y[1] }
  }
  const { n_x, n_classes } = set
  return { ...part(set.train), n_x, n_classes, test: part(set.test) }
}

function ownData(points) {
  const y = Float64Array.from(points, (point) => point[2])
  const X = Float64Array.from(points.flatMap((point) => point.slice(0, 2)))
  return { X, y, m: points.length, n_x: 2, n_classes: Math.max(2, ...y.map((k) => k + 1)), test: null }
}

// To every coordinate, or to the values of a curve, in NumPy's order: an array (n_x, m), coordinate after coordinate.
function addNoise(part, { n_x, n_classes }, noise, generator) {
  const [target, columns] = n_classes ? [part.X, n_x] : [part.y, 1]
  for (let k = 0; k < columns; k++) {
    for (let i = 0; i < part.m; i++) target[i * columns + k] += noise * generator.standardNormal()
  }
}

// Where all points are seen, with a margin: [x0, x1, y0, y1].
function boxOf({ X, y, n_x, test }, least) {
  const column = (k) => {
    const both = test ? [...X, ...test.X] : [...X]
    return both.filter((_, i) => i % n_x === k)
  }
  const vertical = n_x === 1 ? (test ? [...y, ...test.y] : [...y]) : column(1)
  return [column(0), vertical].flatMap((values, axis) => {
    const ends = least ? least.slice(2 * axis, 2 * axis + 2) : []
    const low = Math.min(...values, ...ends)
    const high = Math.max(...values, ...ends)
    const margin = least && low === ends[0] && high === ends[1] ? 0 : 0.08 * (high - low) || 1
    return [low - margin, high + margin]
  })
}

// Targets as the network wants them, rows (m, n_y): labels, values, or a 1 in the column of the class.
export function targets(y, n_y) {
  if (n_y === 1) return y
  const Y = new Float64Array(y.length * n_y)
  y.forEach((label, i) => (Y[i * n_y + label] = 1))
  return Y
}

export function nOutputs(n_classes, output) {
  if (n_classes > 2) return n_classes
  return n_classes === 2 && output === "softmax" ? 2 : 1
}
