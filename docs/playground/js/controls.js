// The fields of the settings. They show the state and report changes, one setting at a time, already checked;
// what a change means is the page's business.

import { choicesOf, datasetOf, parseSetting } from "./settings.js"

const CHOICES = ["data", "activation", "output", "scheme", "solver"]
const NUMBERS = ["rate", "l2", "batch", "seed"]
const RANGES = ["noise", "hidden"]

const field = (key) => document.getElementById(key)

/** Fill the lists that never change, and call `onChange(key, value, final)` or `onProblem(message)`. */
export function connectControls(engine, currentSettings, { onChange, onProblem }) {
  fill("data", engine.datasets.map(({ name, title }) => [name, title]))
  for (const key of ["activation", "scheme", "solver"]) fill(key, choicesOf(engine, key, currentSettings()).map(pair))

  const report = (key, final) => {
    try {
      const value = parseSetting(engine, key, field(key).value, currentSettings())
      field(key).removeAttribute("aria-invalid")
      onChange(key, value, final)
    } catch (error) {
      markInvalid(key)
      onProblem(`${error.message}. The page keeps ${currentSettings()[key]}.`)
    }
  }
  for (const key of [...CHOICES, ...NUMBERS]) field(key).addEventListener("change", () => report(key, true))
  for (const key of RANGES) {
    // While it slides, the picture follows; the address waits for the end.
    field(key).addEventListener("input", () => report(key, false))
    field(key).addEventListener("change", () => report(key, true))
  }
}

const pair = (name) => [name, name]

function fill(key, options) {
  field(key).replaceChildren(
    ...options.map(([value, text]) => {
      const option = document.createElement("option")
      option.value = value
      option.textContent = text
      return option
    })
  )
}

/** Mark a field whose value was not taken. */
export function markInvalid(key) {
  field(key).setAttribute("aria-invalid", "true")
}

/** Show the settings in the fields. */
export function showSettings(engine, settings) {
  fill("output", datasetOf(engine, settings.data).outputs.map(pair))
  for (const key of [...CHOICES, ...NUMBERS, ...RANGES]) {
    // A field that says the same already is left alone: writing would move the cursor in it.
    if (field(key).value !== String(settings[key])) field(key).value = String(settings[key])
    field(key).removeAttribute("aria-invalid")
  }
  field("noise-value").textContent = String(settings.noise)
  field("hidden-value").textContent = String(settings.hidden)
  field("activation").disabled = settings.hidden === 0
  for (const key of ["rate", "batch"]) field(key).disabled = engine.minimizers.includes(settings.solver)
}
