// One small map for every hidden unit: where it answers high (orange) and low (blue). The maps are drawn once
// into one bitmap, an atlas of square tiles side by side; the mosaic and the diagram's nodes copy from it.

import { bitmap, kept, prepare } from "./canvas.js"
import { gridPoints, shadeSigned } from "./grid.js"

// In pixels: between tiles, of the largest tile, of a mosaic that need not grow.
const GAP = 4
const LARGEST = 112
const HEIGHT = 184

/** Pixels of a tile's side. Shading costs an evaluation a pixel, so many units get coarser tiles; a curve does not. */
function tileSide(n, isCurve) {
  return isCurve ? 128 : n <= 12 ? 64 : 32
}

/** The atlas of a scene's hidden units: {picture, tile, n}, or null where there are none. */
export function unitAtlas({ run, colours }) {
  return run && run.settings.hidden ? atlasOf([run, run.iterations, colours], run, colours) : null
}

const atlasOf = kept((run, colours) => {
  const { data, settings } = run
  const n = settings.hidden
  const tile = tileSide(n, data.n_x === 1)
  const tiles = { picture: bitmap(n * tile, tile), tile, n }
  const draw = data.n_x === 1 ? drawCurves : drawShades
  draw(tiles, run, data, settings.activation, colours)
  return tiles
})

/** What 0 and full colour mean: bounded activations by their own range, others by the unit's largest answer. */
function shares(answers, n, activation) {
  const places = answers.length / n
  const result = new Float64Array(answers.length)
  for (let unit = 0; unit < n; unit++) {
    let largest = 1
    if (activation !== "tanh" && activation !== "sigmoid") {
      largest = 0
      for (let i = 0; i < places; i++) largest = Math.max(largest, Math.abs(answers[i * n + unit]))
    }
    for (let i = 0; i < places; i++) {
      const answer = answers[i * n + unit]
      result[i * n + unit] = activation === "sigmoid" ? 2 * answer - 1 : largest ? answer / largest : 0
    }
  }
  return result
}

function drawShades({ picture, tile, n }, run, data, activation, colours) {
  const answers = shares(run.hidden(gridPoints(data.box, tile, tile)), n, activation)
  const image = new ImageData(n * tile, tile)
  // Answers lie unit by unit within a place; tile `unit` begins at column unit * tile.
  shadeSigned(answers, image.data, colours, (i) => {
    const place = Math.floor(i / n)
    return Math.floor(place / tile) * n * tile + (i % n) * tile + (place % tile)
  })
  picture.getContext("2d").putImageData(image, 0, 0)
}

function drawCurves({ picture, tile, n }, run, data, activation, colours) {
  const [left, right] = data.box
  const places = Float64Array.from({ length: tile }, (_, i) => left + ((i + 0.5) / tile) * (right - left))
  const answers = shares(run.hidden(places), n, activation)
  const context = picture.getContext("2d")
  context.fillStyle = colours.mapGround
  context.fillRect(0, 0, n * tile, tile)
  context.strokeStyle = colours.positive
  context.lineWidth = 4
  for (let unit = 0; unit < n; unit++) {
    context.beginPath()
    for (let i = 0; i < tile; i++) {
      context.lineTo(unit * tile + i + 0.5, tile * (0.5 - 0.42 * answers[i * n + unit]))
    }
    context.stroke()
  }
}

/** Columns and side of the tiles: as large as a width and HEIGHT allow; many units grow downwards. */
export function unitLayout(width, n) {
  // A finger needs more than a mouse.
  const smallest = window.matchMedia("(pointer: coarse)").matches ? 44 : 36
  let best = { columns: Math.max(1, Math.floor((width + GAP) / (smallest + GAP))), side: smallest }
  for (let rows = 1; rows <= n; rows++) {
    const columns = Math.ceil(n / rows)
    const side = Math.floor(Math.min(LARGEST, (width + GAP) / columns - GAP, HEIGHT / rows - GAP))
    if (side > best.side) best = { columns, side }
  }
  return { ...best, height: Math.ceil(n / best.columns) * (best.side + GAP) }
}

/** The unit at a place of the canvas, or null. */
export function unitAt(canvas, n, px, py) {
  const { columns, side } = unitLayout(canvas.clientWidth, n)
  const column = Math.floor(px / (side + GAP))
  const unit = Math.floor(py / (side + GAP)) * columns + column
  return column < columns && unit >= 0 && unit < n ? unit : null
}

/** Draw the mosaic; the selected unit has a thick frame. */
export function drawUnits(canvas, scene, tiles) {
  const n = tiles ? tiles.n : 0
  const layout = unitLayout(canvas.clientWidth, n)
  canvas.style.height = Math.max(24, layout.height) + "px"
  const sheet = prepare(canvas)
  if (!sheet) return
  const { context } = sheet
  const { colours, selected } = scene
  if (!n) {
    context.fillStyle = colours.inkSoft
    context.textBaseline = "top"
    context.fillText("No hidden layer: the inputs go straight to the output.", 0, 2)
    return
  }
  for (let unit = 0; unit < n; unit++) {
    const x = (unit % layout.columns) * (layout.side + GAP)
    const y = Math.floor(unit / layout.columns) * (layout.side + GAP)
    context.drawImage(tiles.picture, unit * tiles.tile, 0, tiles.tile, tiles.tile, x, y, layout.side, layout.side)
    context.strokeStyle = unit === selected ? colours.ink : colours.edge
    context.lineWidth = unit === selected ? 3 : 1
    const inset = context.lineWidth / 2
    context.strokeRect(x + inset, y + inset, layout.side - 2 * inset, layout.side - 2 * inset)
  }
}
