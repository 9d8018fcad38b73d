// The state in numbers and words: the table, the status line, and the texts that stand for the pictures.

/** A cost with the six decimals of the printed lines; large ones with seven digits. */
export function costText(cost) {
  if (cost === null) return "–"
  if (!Number.isFinite(cost)) return "not finite"
  return Math.abs(cost) < 1000 ? cost.toFixed(6) : cost.toPrecision(7)
}

/** A share in per cent, or a dash where there is none. */
export function percentText(share) {
  return share === null ? "–" : (100 * share).toFixed(2) + "%"
}

/** Fill the table of numbers. */
export function showNumbers(run) {
  const show = (id, text) => {
    document.getElementById("number-" + id).textContent = text
  }
  show("cost", run ? costText(run.cost()) : "–")
  show("test-cost", run ? costText(run.testCost()) : "–")
  show("accuracy", run ? percentText(run.accuracy()) : "–")
  show("test-accuracy", run ? percentText(run.testAccuracy()) : "–")
  show("iterations", run ? String(run.iterations) : "0")
  show("epochs", run ? String(run.epochs) : "0")
  show("parameters", run ? String(run.n_parameters) : "–")
  const health = run && run.settings.hidden ? run.health() : null
  show("saturated", health ? (100 * health.saturated).toFixed(0) + "%" : "–")
  show("dead", health ? String(health.dead) : "–")
}

/** "5,000 iterations", or epochs where examples are taken in batches. */
export function countText(run, n) {
  return `${n.toLocaleString("en")} ${run.isFullBatch ? "iteration" : "epoch"}${n === 1 ? "" : "s"}`
}

/** How far a run has come. */
export function progressText(run) {
  return countText(run, run.epochs)
}

/** One sentence of how well the network does. */
export function resultText(run) {
  const accuracy = run.accuracy()
  return `cost ${costText(run.cost())}` + (accuracy === null ? "" : `, ${percentText(accuracy)} right`)
}

/** Give the canvases their texts: what a reader who does not see them needs of them. */
export function describePictures({ run, data, dataset, settings }, elements) {
  const kind = data.n_x === 1 ? "Fitted curve" : "Decision map"
  const after = run ? `, after ${progressText(run)}: ${resultText(run)}` : ": no points yet"
  elements.map.setAttribute("aria-label", `${kind} of ${dataset.title}${after}`)
  if (!run) return
  const { W2 } = run.parameters()
  elements.diagram.setAttribute(
    "aria-label",
    `Network diagram: ${data.n_x} input${data.n_x > 1 ? "s" : ""}, ${settings.hidden} hidden units (${settings.activation}), ` +
      `${W2.length} output${W2.length > 1 ? "s" : ""} (${settings.output}), ${run.n_parameters} parameters`
  )
  const first = run.curve.length ? run.curve[0][1] : run.cost()
  const test = run.testCost()
  elements.curve.setAttribute(
    "aria-label",
    `Cost curve: training from ${costText(first)} to ${costText(run.cost())} in ${progressText(run)}` +
      (test === null ? "" : `; test ${costText(test)}`)
  )
}
