// The network as circles and lines: a line is as wide as its weight is large, orange for positive and blue
// for negative. Hidden units show their own small map where there is room.

import { prepare } from "./canvas.js"

/** Width of a weight's line in pixels: thin at the start of training, never wider than 7. */
function lineWidth(weight) {
  return 0.4 + 6.6 * Math.tanh(Math.abs(weight) / 4)
}

/** Draw the diagram of a scene {run, data, colours, selected} with the tiles of its hidden units. */
export function drawDiagram(canvas, scene, tiles) {
  const sheet = prepare(canvas)
  if (!sheet || !scene.run) return
  const { context, width, height } = sheet
  const { W1, W2 } = scene.run.parameters()
  const n = tiles ? tiles.n : 0
  const side = n ? Math.min(34, (height - 8) / n - 3) : 0
  const columns = {
    inputs: spread(scene.data.n_x, 58, height, 70),
    hidden: spread(n, width / 2, height, 46),
    outputs: spread(W2.length, width - 74, height, 60),
  }
  if (n) {
    drawWeights(context, W1, columns.inputs, columns.hidden, scene, (to) => to)
    drawWeights(context, W2, columns.hidden, columns.outputs, scene, (to, from) => from)
    drawTiles(context, columns.hidden, side, scene, tiles)
  } else drawWeights(context, W2, columns.inputs, columns.outputs, scene, () => null)
  drawEnds(context, columns, scene)
}

/** Places of a column's nodes, [x, y] each, evenly around the middle. */
function spread(n, x, height, widest) {
  const step = Math.min(widest, (height - 8) / Math.max(1, n))
  return Array.from({ length: n }, (_, i) => [x, height / 2 + (i - (n - 1) / 2) * step])
}

/** Lines from `sources` to `targets` by W[target][source]; `unitOf` names the hidden unit a line belongs to. */
function drawWeights(context, W, sources, targets, { colours, selected }, unitOf) {
  context.lineCap = "round"
  for (let to = 0; to < targets.length; to++) {
    for (let from = 0; from < sources.length; from++) {
      const weight = W[to][from]
      const unit = unitOf(to, from)
      context.globalAlpha = selected === null || unit === null ? 0.85 : unit === selected ? 1 : 0.12
      context.strokeStyle = weight < 0 ? colours.negative : colours.positive
      context.lineWidth = lineWidth(weight)
      context.beginPath()
      const [x0, y0] = sources[from]
      const [x1, y1] = targets[to]
      context.moveTo(x0, y0)
      context.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1)
      context.stroke()
    }
  }
  context.globalAlpha = 1
}

function drawTiles(context, places, side, { colours, selected }, { picture, tile }) {
  const size = Math.max(3, side)
  places.forEach(([x, y], unit) => {
    if (size >= 12) {
      context.drawImage(picture, unit * tile, 0, tile, tile, x - size / 2, y - size / 2, size, size)
    } else {
      context.fillStyle = colours.inkSoft
      context.fillRect(x - size / 2, y - size / 2, size, size)
    }
    context.strokeStyle = unit === selected ? colours.ink : colours.inkSoft
    context.lineWidth = unit === selected ? 3 : 1
    context.strokeRect(x - size / 2, y - size / 2, size, size)
  })
}

/** Inputs with their names to the left, outputs with theirs to the right. */
function drawEnds(context, { inputs, outputs }, { colours, data }) {
  context.textBaseline = "middle"
  context.lineWidth = 1.5
  context.strokeStyle = colours.inkSoft
  const node = ([x, y], fill) => {
    context.beginPath()
    context.arc(x, y, 11, 0, 2 * Math.PI)
    context.fillStyle = fill
    context.fill()
    context.stroke()
    context.fillStyle = colours.ink
  }
  inputs.forEach((place, i) => {
    node(place, colours.panel)
    context.textAlign = "right"
    context.fillText("x" + (i + 1), place[0] - 17, place[1])
  })
  outputs.forEach((place, k) => {
    const curve = data.n_x === 1
    const shown = outputs.length === 1 ? 1 : k
    node(place, curve ? colours.panel : colours.classes[shown])
    context.textAlign = "left"
    context.fillText(curve ? "y" : "class " + shown, place[0] + 17, place[1])
  })
}

/** The hidden unit nearest to a place of the diagram, or null where none is near. */
export function diagramUnitAt(canvas, n, px, py) {
  const height = canvas.clientHeight
  const places = spread(n, canvas.clientWidth / 2, height, 46)
  const near = places.findIndex(([x, y]) => Math.abs(px - x) < 24 && Math.abs(py - y) <= Math.min(22, height / n / 2))
  return near < 0 ? null : near
}

/** A unit in words: its formula with numbers, and where its answer goes. */
export function unitSentence({ run, data, settings }, unit) {
  const { W1, b1, W2 } = run.parameters()
  const signed = (v) => (v < 0 ? "− " : "+ ") + Math.abs(v).toPrecision(3)
  const inputs = W1[unit].map((w, i) => signed(w) + " x" + (i + 1)).join(" ").replace(/^\+ /, "")
  const out = W2.map((row) => row[unit].toPrecision(3).replace("-", "−")).join(", ")
  return `Unit ${unit + 1}: ${settings.activation}(${inputs} ${signed(b1[unit])}), ` +
    `weight ${out} to the output${W2.length > 1 ? "s" : ""}.`
}
