// Pointing at the map: with the mouse, a finger or the arrow keys. It reads the output at a place, and on the
// data set of one's own it adds and removes points.

import { mapScales } from "./views/map.js"
import { roundPoint } from "./settings.js"

const COLOUR_NAMES = ["blue", "orange", "green"]

/** "class 1 (orange)". */
export function className(label) {
  return `class ${label} (${COLOUR_NAMES[label]})`
}

/** Two decimals; of what a training that diverges leaves behind, the size. */
function shown(value) {
  const text = Math.abs(value) < 1e5 ? value.toFixed(2) : value.toExponential(1).replace("e+", "e")
  return text.replace(/^-/, "−")
}

/** What the network says at (x1, x2), in words. */
function reading({ run, data }, [x1, x2]) {
  if (!run) return `x1 = ${shown(x1)}, x2 = ${shown(x2)}`
  const outputs = run.outputs(Float64Array.from(data.n_x === 1 ? [x1] : [x1, x2]))
  if (data.n_x === 1) return `x1 = ${shown(x1)}: y = ${shown(outputs[0])}`
  // An identity's output is no probability.
  const said = (p) => (run.settings.output === "identity" ? shown(p) : (100 * p).toFixed(1) + "%")
  const words =
    outputs.length === 1
      ? `${className(1)} ${said(outputs[0])}`
      : Array.from(outputs, (p, k) => `${className(k)} ${said(p)}`).join(", ")
  return `x1 = ${shown(x1)}, x2 = ${shown(x2)}: ${words}`
}

/**
 * What pointing at the map does. `scene()` is the current scene, `edit(points)` replaces one's own points,
 * `classes` has the class of the next one, `redraw()` draws the crosshair.
 */
export class MapPointer {
  /** The place the arrow keys moved to, while the map has the focus; else null. */
  crosshair = null
  #canvas
  #readout
  #page
  #talk = 0

  constructor(canvas, readout, page) {
    this.#canvas = canvas
    this.#readout = readout
    this.#page = page
    canvas.addEventListener("pointermove", (event) => this.#tell(this.#placeOf(event)))
    canvas.addEventListener("click", (event) => this.#click(this.#placeOf(event)))
    canvas.addEventListener("keydown", (event) => this.#press(event))
    canvas.addEventListener("blur", () => {
      this.crosshair = null
      page.redraw()
    })
  }

  get #isOwn() {
    return this.#page.scene().settings.data === "own"
  }

  #placeOf(event) {
    const bounds = this.#canvas.getBoundingClientRect()
    // The border is not part of the map.
    return mapScales(this.#canvas, this.#page.scene().data).invert(
      event.clientX - bounds.left - this.#canvas.clientLeft,
      event.clientY - bounds.top - this.#canvas.clientTop
    )
  }

  /** Write what the network says there, and have it spoken to who moves by keys. */
  #tell(place, isAloud = false) {
    this.#readout.textContent = reading(this.#page.scene(), place)
    clearTimeout(this.#talk)
    if (!isAloud) return
    // Spoken when the keys rest: a place for every key press would be a stutter.
    this.#talk = setTimeout(() => {
      document.getElementById("spoken").textContent = this.#readout.textContent
    }, 400)
  }

  #click(place) {
    this.crosshair = null
    if (this.#isOwn) this.#add(place)
    this.#tell(place)
    this.#page.redraw()
  }

  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (!this.#move(event) && !(this.#isOwn && this.#change(event))) return
    event.preventDefault()
    this.#page.redraw()
  }

  #move({ key, shiftKey }) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key]
    if (!step) return false
    const [left, right, bottom, top] = this.#page.scene().data.box
    const part = shiftKey ? 10 : 50
    const [x1, x2] = this.crosshair || this.#middle()
    this.crosshair = [
      Math.max(left, Math.min(right, x1 + (step[0] * (right - left)) / part)),
      Math.max(bottom, Math.min(top, x2 + (step[1] * (top - bottom)) / part)),
    ]
    this.#tell(this.crosshair, true)
    return true
  }

  #change({ key }) {
    const { points } = this.#page.scene().settings
    if (key === "Enter" || key === " ") {
      this.crosshair = this.crosshair || this.#middle()
      this.#add(this.crosshair)
    } else if (key === "Delete" || key === "Backspace") {
      if (points.length) this.#page.edit(points.slice(0, -1))
    } else if (/^[1-9]$/.test(key)) return this.#page.classes.choose(Number(key) - 1)
    else return false
    return true
  }

  #middle() {
    const [left, right, bottom, top] = this.#page.scene().data.box
    return [(left + right) / 2, (bottom + top) / 2]
  }

  #add([x1, x2]) {
    this.#page.edit([...this.#page.scene().settings.points, roundPoint(x1, x2, this.#page.classes.chosen())])
  }
}

/** Build the choice of the next point's class; returns {chosen(), choose(k)}. */
export function connectClasses(box, nClasses) {
  const inputs = Array.from({ length: nClasses }, (_, label) => {
    const input = document.createElement("input")
    Object.assign(input, { type: "radio", name: "own-class", id: `own-class-${label}`, value: String(label), checked: label === 0 })
    const text = document.createElement("span")
    text.className = `key class-${label}`
    text.textContent = COLOUR_NAMES[label]
    const line = document.createElement("label")
    line.append(input, text)
    box.append(line)
    return input
  })
  return {
    chosen: () => inputs.findIndex((input) => input.checked),
    choose: (label) => {
      if (inputs[label]) inputs[label].checked = true
      return label < inputs.length
    },
  }
}
