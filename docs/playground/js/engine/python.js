// The lines of Python that bring a training to where it stands in the page, as one would write them by hand.
// Imports datasets.js.

import { NOISE_SEED, linesOf, nOutputs } from "./datasets.js"

const WIDTH = 88

// `where` training stands: its epochs (iterations in full batch), isFullBatch, isMinimized by a
// solver without a rate, and isDiverged if the next one diverges.
export function pythonOf(settings, data, stored, where) {
  const text = [
    dataLines(settings, data, stored).join("\n"),
    [startLine(settings, data), trainLine(settings, where), ...costLines(settings, data)].join("\n"),
  ].join("\n\n")
  const imports = text.includes("np.") ? "import numpy as np\n" : ""
  return `${imports}import shallownet_native as sn\n\n${text}\n`
}

function dataLines({ data: name, noise, output, points }, { n_classes, test }, stored) {
  const lines = name === "own" ? pointLines(points, n_classes) : [...linesOf(stored, name)]
  const suffixes = test ? ["", "_test"] : [""]
  if (noise > 0) {
    lines.push(`rng = np.random.default_rng(${NOISE_SEED})`)
    for (const suffix of suffixes) {
      const array = (n_classes ? "X" : "Y") + suffix
      lines.push(`${array} = ${array} + ${noise} * rng.standard_normal(${array}.shape)`)
    }
  }
  if (n_classes === 2 && nOutputs(n_classes, output) === 2) {
    for (const suffix of suffixes) lines.push(`Y${suffix} = np.vstack([1 - Y${suffix}, Y${suffix}])`)
  }
  return lines
}

function pointLines(points, n_classes) {
  const pairs = points.map(([x1, x2]) => `(${x1}, ${x2})`)
  const labels = points.map((point) => `${point[2]}`)
  return [
    folded("X = np.array([", pairs, "]).T"),
    n_classes > 2
      ? folded(`Y = np.eye(${n_classes})[[`, labels, "]].T")
      : folded("Y = np.array([[", labels, "]])"),
  ]
}

function startLine({ scheme, seed, hidden, output }, { n_x, n_classes }) {
  const parts = [n_x, hidden, nOutputs(n_classes, output)].map(String)
  if (!["lecture", "small_normal"].includes(scheme)) parts.push(`"${scheme}"`)
  if (scheme === "lecture") parts.push(`seed=np.random.RandomState(${seed})`)
  else if (scheme !== "zeros") parts.push(`seed=${seed}`)
  return folded("start = sn.initialize(", parts, ")")
}

function trainLine(settings, { epochs, isDiverged, isFullBatch, isMinimized }) {
  const parts = ["start", "X", "Y"]
  if (settings.hidden > 0) parts.push(`hidden="${settings.activation}"`)
  parts.push(`output="${settings.output}"`)
  if (settings.solver !== "gd") parts.push(`optimizer="${settings.solver}"`)
  if (!isMinimized) parts.push(`learning_rate=${settings.rate}`)
  if (settings.l2 > 0 || settings.solver === "lm") parts.push(`l2=${settings.l2}`) // lm's default is not 0
  if (isFullBatch) parts.push(`n_iterations=${epochs}`)
  else parts.push(`batch_size=${settings.batch}`, `n_epochs=${epochs}`, `seed=${settings.seed}`)
  const warning = `# one more ${isFullBatch ? "iteration" : "epoch"} and it is a DivergenceError`
  return (isDiverged ? `${warning}\n` : "") + folded("result = sn.train(", parts, ")")
}

function costLines({ l2 }, { test }) {
  const penalty = l2 > 0 ? `, l2=${l2}` : ""
  const lines = [`print(f"cost {sn.cost(result.parameters, X, Y${penalty}):.6f}")`]
  if (test) lines.push('print(f"test cost {sn.cost(result.parameters, X_test, Y_test):.6f}")')
  return lines
}

// A call or a list on one line, or with its parts on lines of their own between the brackets.
function folded(begin, parts, end) {
  const short = begin + parts.join(", ") + end
  if (short.length <= WIDTH) return short
  const lines = []
  for (const part of parts) {
    const longer = lines.length > 0 ? `${lines.at(-1)}, ${part}` : part
    if (lines.length === 0 || longer.length + 5 > WIDTH) lines.push(part)
    else lines[lines.length - 1] = longer
  }
  return `${begin}\n${lines.map((line) => `    ${line}`).join(",\n")}\n${end}`
}
