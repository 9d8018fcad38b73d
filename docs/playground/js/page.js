// The playground. One state; everything else draws it, or reports a wish to change it. This file joins them.

import { loadEngine } from "./engine.js"
import { connectThemeSwitch, onThemeChange } from "./theme.js"
import { isLectureSeed, N_CLASSES, usualRate, withData } from "./settings.js"
import { State } from "./state.js"
import { connectControls, markInvalid, showSettings } from "./controls.js"
import { Training } from "./training.js"
import { createPicture, showLegend } from "./picture.js"
import { connectClasses, MapPointer } from "./pointing.js"
import { UnitChoice } from "./choosing.js"
import { unitSentence } from "./views/diagram.js"
import { countText, progressText, resultText } from "./numbers.js"
import { copyText } from "./clipboard.js"

const byId = (id) => document.getElementById(id)
const elements = {}
for (const id of ["map", "units", "diagram", "curve", "python", "copy"]) elements[id] = byId(id)

/** The status line, read out by screen readers. */
function say(text) {
  byId("status").textContent = text
}

/** What went wrong, above the page; empty: nothing. `key` marks the field it is about. */
function problem(text, key) {
  byId("problem").textContent = text
  byId("problem").hidden = !text
  if (key) markInvalid(key)
}

connectThemeSwitch(byId("theme"))

loadEngine()
  .then(startPage)
  .catch((error) => {
    byId("loading").hidden = true
    const hasWasm = typeof WebAssembly !== "undefined"
    // A TypeError is what fetch gives where a file cannot be reached at all.
    let cause = error.message
    if (!hasWasm) cause = "This browser has no WebAssembly, or it is switched off."
    else if (error instanceof TypeError) cause = "One of its files could not be loaded: check the connection and reload."
    document.querySelector("main").hidden = true
    problem(`The playground could not start. ${cause} All it shows can be done in Python: see the documentation.`)
    // The message is for the reader; who mends the page wants the place.
    console.error(error)
  })

function startPage(engine) {
  const page = { engine }
  page.state = new State(engine, { onStart: (state) => begin(page, state), onProblem: problem })
  page.picture = createPicture(elements, () => scene(page))
  page.training = new Training({
    onProgress: (isStep) => {
      page.picture.show(true, isStep)
      // A step's end stays the address that leads there.
      if (!isStep) page.state.follow()
    },
    onStop: (reason) => rest(page, reason),
  })
  connectViews(page)
  connectFields(page)
  connectButtons(page)
  connectAddress(page)
  restore(page)
  byId("loading").hidden = true
}

/** All that the views draw. */
function scene({ state, choice, map }) {
  return {
    run: state.run,
    settings: state.settings,
    dataset: state.dataset,
    data: state.data,
    selected: choice.selected,
    crosshair: map.crosshair,
    showTest: byId("show-test").checked,
    logCost: byId("log-cost").checked,
  }
}

/** Show a run that has just begun; if the page trains, it goes on with this one. */
function begin({ engine, state, training, choice, picture }) {
  training.attach(state.run)
  showSettings(engine, state.settings)
  showLegend(byId("legend"), state.data)
  for (const id of ["show-test", "test-key"]) byId(id).closest("label, span").hidden = !state.data.test
  byId("own-tools").hidden = state.settings.data !== "own"
  byId("steps-unit").textContent = state.run && !state.run.isFullBatch ? "epochs" : "iterations"
  for (const id of ["run", "step", "reset"]) byId(id).disabled = !state.run
  if (!state.run) say("Click on the map to add points, a few of each class.")
  byId("run").textContent = training.running ? "Pause" : "Run"
  choice.refresh()
  picture.show(training.running)
}

/** Training has stopped: say why and where, and put it into the address. */
function rest({ state, choice, picture }, reason) {
  byId("run").textContent = "Run"
  choice.refresh()
  picture.show(false)
  state.remember("replace")
  const progress = progressText(state.run)
  const result = `${progress}: ${resultText(state.run)}.`
  say({
    paused: `Paused after ${result}`,
    stepped: `After ${result}`,
    enough: `Stopped by itself after ${result} Run goes on.`,
    ended: `Finished after ${result} ${state.settings.solver} finds no way further down.`,
    diverged: `Diverged after ${progress}: the next step is no longer finite. Try a smaller learning rate.`,
  }[reason])
}

/** The settings that follow from one changed field, and a word on what else changed with it. */
function follow({ engine, state }, key, value) {
  const { settings, dataset } = state
  if (key === "data") {
    const next = withData(engine, settings, value)
    return [next, "Another data set, with the settings that suit it."]
  }
  const next = { ...settings, [key]: value }
  if (key === "solver" && engine.minimizers.includes(value)) {
    return [next, `Started again: ${value} finds its steps by itself, on all examples at once.`]
  }
  if (key === "solver" && hasUsualRate(engine, settings, dataset)) {
    next.rate = usualRate(dataset, value)
    return [next, `Started again, with a learning rate usual for ${value}: ${next.rate}.`]
  }
  // Another seed means a start that is drawn.
  if (key === "seed" && settings.scheme === "lecture" && !isLectureSeed(value)) {
    next.scheme = "small_normal"
    return [next, "The lecture's start has the seeds 2 and 3 only; this one is small_normal."]
  }
  if (key === "scheme" && value === "lecture" && !isLectureSeed(settings.seed)) {
    next.seed = 3
    return [next, "The lecture's start has the seeds 2 and 3 only: this is 3."]
  }
  return [next, "Started again."]
}

/** Whether the rate is one that was not chosen: a minimizer leaves that of the solver before it. */
function hasUsualRate({ solvers, minimizers }, { rate, solver }, dataset) {
  const before = minimizers.includes(solver) ? solvers : [solver]
  return before.some((name) => rate === usualRate(dataset, name))
}

function connectFields(page) {
  connectControls(page.engine, () => page.state.settings, {
    onProblem: problem,
    onChange(key, value, isFinal) {
      // The end of a slide: the picture has followed it already.
      if (isFinal && page.state.settings[key] === value) {
        problem("")
        page.state.remember("push")
        if (page.state.run) say("Started again.")
        return
      }
      const [next, note] = follow(page, key, value)
      if (page.state.change(next, isFinal ? "push" : null, key) && page.state.run && isFinal) say(note)
    },
  })
}

function connectButtons(page) {
  const { state, training, picture } = page
  byId("run").addEventListener("click", () => {
    if (training.running) {
      training.pause()
      return
    }
    training.start()
    byId("run").textContent = "Pause"
    say("Training …")
  })
  byId("step").addEventListener("click", () => {
    const n = Number(byId("steps").value)
    if (Number.isInteger(n) && n >= 1 && n <= 100000) {
      byId("steps").removeAttribute("aria-invalid")
      problem("")
      takeStep(page, n)
    } else problem("A step must be a whole number from 1 to 100000.", "steps")
  })
  byId("reset").addEventListener("click", () => {
    training.halt()
    if (state.change({ ...state.settings }, "replace")) say("Back at the start.")
  })
  byId("speed").addEventListener("change", () => {
    training.speed = Number(byId("speed").value)
  })
  for (const id of ["show-test", "log-cost"]) byId(id).addEventListener("change", () => picture.redraw())
}

function connectViews(page) {
  const { state, picture } = page
  page.choice = new UnitChoice(elements.units, elements.diagram, {
    count: () => (state.run ? state.settings.hidden : 0),
    sentence: (unit) => unitSentence(scene(page), unit),
    redraw: () => picture.redraw(),
  })
  const edit = (points) => {
    const isTaken = state.change({ ...state.settings, points }, "replace")
    if (isTaken && points.length) say(`${points.length} point${points.length > 1 ? "s" : ""}.`)
  }
  const classes = connectClasses(byId("own-class"), N_CLASSES)
  page.map = new MapPointer(elements.map, byId("readout"), { scene: () => scene(page), edit, classes, redraw: picture.redraw })
  byId("own-delete").addEventListener("click", () => edit(state.settings.points.slice(0, -1)))
  byId("own-clear").addEventListener("click", () => edit([]))
  const observer = new ResizeObserver(() => picture.redraw())
  for (const id of ["map", "units", "diagram", "curve"]) observer.observe(elements[id])
  onThemeChange(() => picture.redraw())
}

function connectAddress(page) {
  const { state } = page
  // Back and forward are a popstate, an address typed by hand a hashchange too; the first of them restores.
  for (const name of ["popstate", "hashchange"]) {
    window.addEventListener(name, () => {
      if (state.moved) restore(page)
    })
  }
  byId("copy").addEventListener("click", () => copyText(elements.python.textContent, elements.python, "Python lines", say))
  byId("share").addEventListener("click", () => {
    copyText(location.href.replace(/#.*$/, "") + state.address, null, "Link to this state", say)
  })
}

function restore(page) {
  const { state, training } = page
  training.halt()
  say("Press Run.")
  const trained = state.restore()
  if (trained && state.run) takeStep(page, trained)
}

/** Train n more; where that takes long, say so, and let Run's button end it. */
function takeStep({ state, training }, n) {
  training.step(n)
  byId("run").textContent = training.running ? "Pause" : "Run"
  if (training.running) say(`Training ${countText(state.run, n)} …`)
}
