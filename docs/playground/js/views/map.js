// The decision map: what the network answers everywhere, and the examples it was given. For one input it is
// the fitted curve through its points.

import { bitmap, haloText, kept, prepare } from "./canvas.js"
import { gridPoints, margins, shadeClasses, traceZeros, winners } from "./grid.js"
import { drawAxes, scale, tickText, ticks } from "./axes.js"
import { drawPoints } from "./points.js"

/**
 * Cells of the grid in each direction: coarse while the picture moves, fine when it stands still, and fewer
 * where each costs many units. Between cells the browser interpolates.
 */
function resolution(moving, nHidden) {
  if (nHidden > 20) return moving ? 60 : 140
  return moving ? 80 : 200
}

// The grid depends on the box alone; one for each resolution is kept.
const grids = new Map()

function gridOf(box, n) {
  const kept = grids.get(n)
  if (kept && kept.box.every((side, i) => side === box[i])) return kept.points
  const points = gridPoints(box, n, n)
  grids.set(n, { box: [...box], points })
  return points
}

/** Where the data lie on the canvas: scales of both axes and the area of the plot. */
export function mapScales(canvas, data) {
  const [left, right, bottom, top] = data.box
  const width = canvas.clientWidth
  const height = canvas.clientHeight
  const area =
    data.n_x === 1
      ? { left: 46, right: width - 10, top: 10, bottom: height - 38 }
      : { left: 0, right: width, top: 0, bottom: height }
  return {
    area,
    x: scale(left, right, area.left, area.right),
    y: scale(bottom, top, area.bottom, area.top),
    invert: (px, py) => [
      left + ((px - area.left) / (area.right - area.left)) * (right - left),
      bottom + ((area.bottom - py) / (area.bottom - area.top)) * (top - bottom),
    ],
  }
}

/** Draw the whole map of a scene {run, data, colours, moving, showTest, crosshair}. */
export function drawMap(canvas, scene) {
  const sheet = prepare(canvas)
  if (!sheet) return
  const { data, colours, crosshair } = scene
  const { x, y, area } = mapScales(canvas, data)
  if (data.n_x === 1) drawFit(sheet, scene, x, y, area)
  else {
    if (scene.run) drawShading(sheet, scene)
    drawPoints(sheet, data, x, y, scene)
    drawRims(sheet, data, x, y, colours)
  }
  if (crosshair) drawCrosshair(sheet, x(crosshair[0]), y(crosshair[1]), data, colours)
}

function drawShading({ context, width, height }, { run, data, colours, moving }) {
  const n = resolution(moving, run.settings.hidden)
  const { picture, boundary } = shadingOf([run, run.iterations, n, colours, width, height], run, data, n, colours, width, height)
  context.imageSmoothingEnabled = true
  context.drawImage(picture, 0, 0, width, height)
  context.lineWidth = 1.5
  context.strokeStyle = colours.ink
  context.stroke(boundary)
}

/** The shading, one pixel a cell, and the lines between the classes. */
const shadingOf = kept((run, data, n, colours, width, height) => {
  const outputs = run.outputs(gridOf(data.box, n))
  const nOutputs = outputs.length / (n * n)
  const picture = bitmap(n, n)
  const image = new ImageData(n, n)
  shadeClasses(winners(outputs, nOutputs), image.data, colours)
  picture.getContext("2d").putImageData(image, 0, 0)
  const boundary = new Path2D()
  // Two outputs share one boundary; one output has only that of class 1.
  const bounded = nOutputs > 2 ? Array.from({ length: nOutputs }, (_, k) => k) : [nOutputs - 1]
  for (const k of bounded) traceZeros(boundary, margins(outputs, nOutputs, k), n, n, width, height)
  return { picture, boundary }
})

/** Values and names of the axes, inside the map, so that the map has all the room. */
function drawRims({ context, width, height }, { box }, x, y, colours) {
  const isClear = (place, end) => place > 28 && place < end - 28
  context.textAlign = "center"
  context.textBaseline = "bottom"
  for (const value of ticks(box[0], box[1], 6)) {
    if (isClear(x(value), width)) haloText(context, tickText(value), x(value), height - 4, colours)
  }
  context.textAlign = "right"
  haloText(context, "x1", width - 6, height - 4, colours)
  context.textAlign = "left"
  context.textBaseline = "middle"
  for (const value of ticks(box[2], box[3], 6)) {
    if (isClear(y(value), height)) haloText(context, tickText(value), 5, y(value), colours)
  }
  context.textBaseline = "top"
  haloText(context, "x2", 5, 5, colours)
}

function drawFit(sheet, scene, x, y, area) {
  const { context } = sheet
  const { run, data, colours } = scene
  const [left, right, bottom, top] = data.box
  const xAxis = { ticks: ticks(left, right, 6), at: x, label: "x1" }
  const yAxis = { ticks: ticks(bottom, top, 6), at: y, label: "y" }
  drawAxes(context, area, xAxis, yAxis, colours)
  drawPoints(sheet, data, x, y, scene)
  if (!run) return
  const n = 400
  const places = Float64Array.from({ length: n }, (_, i) => left + (i / (n - 1)) * (right - left))
  const outputs = run.outputs(places)
  context.save()
  context.beginPath()
  context.rect(area.left, area.top, area.right - area.left, area.bottom - area.top)
  context.clip()
  context.beginPath()
  for (let i = 0; i < n; i++) context.lineTo(x(places[i]), y(outputs[i]))
  context.lineWidth = 3
  context.lineJoin = "round"
  context.strokeStyle = colours.positive
  context.stroke()
  context.restore()
}

function drawCrosshair({ context, width, height }, px, py, data, colours) {
  context.beginPath()
  context.moveTo(px, 0)
  context.lineTo(px, height)
  if (data.n_x === 2) {
    context.moveTo(0, py)
    context.lineTo(width, py)
  }
  context.lineWidth = 1
  context.setLineDash([4, 4])
  context.strokeStyle = colours.ink
  context.stroke()
  context.setLineDash([])
}
