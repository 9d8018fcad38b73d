// The cost against the iterations: training solid, test dashed, on a plain or a logarithmic scale.

import { prepare } from "./canvas.js"
import { drawAxes, logTicks, scale, ticks } from "./axes.js"

// Of the largest cost: what is smaller is not told apart on a logarithmic scale.
const LEAST = 1e-12

/** Draw the curve of a scene {run, colours, logCost}. */
export function drawCurve(canvas, scene) {
  const sheet = prepare(canvas)
  if (!sheet) return
  const { context, width, height } = sheet
  const { colours, run } = scene
  const curve = run ? run.curve : []
  const area = { left: 58, right: width - 22, top: 8, bottom: height - 38 }
  const costs = curve.flatMap((row) => [row[1], row[2]]).filter((v) => v !== null && Number.isFinite(v))
  // Zero has no logarithm; costs that reached it, or nearly, are drawn at the bottom.
  const positive = costs.filter((v) => v > 0)
  const log = scene.logCost && positive.length > 0
  const high = costs.length ? Math.max(...costs) : 1
  const low = log ? Math.max(Math.min(...positive) / 1.1, LEAST * Math.max(...positive)) : 0
  const end = curve.length ? Math.max(10, curve[curve.length - 1][0]) : 10
  const x = scale(0, end, area.left, area.right)
  const top = log ? high * 1.1 : high * 1.05 || 1
  const y = scale(low, top, area.bottom, area.top, log)
  const xAxis = { ticks: ticks(0, end, width > 380 ? 5 : 3), at: x, label: "iterations" }
  const yAxis = { ticks: log ? logTicks(low, top) : ticks(low, top, 5), at: y, label: log ? "cost (log)" : "cost" }
  drawAxes(context, area, xAxis, yAxis, colours)
  trace(context, curve, 1, x, y, area, colours.train, [])
  trace(context, curve, 2, x, y, area, colours.test, [6, 4])
}

function trace(context, curve, column, x, y, area, colour, dash) {
  context.beginPath()
  let drawn = 0
  let last = null
  for (const row of curve) {
    const cost = row[column]
    if (cost === null || !Number.isFinite(cost)) continue
    last = [x(row[0]), Math.min(area.bottom, y(Math.max(cost, Number.MIN_VALUE)))]
    context.lineTo(...last)
    drawn++
  }
  context.strokeStyle = context.fillStyle = colour
  context.lineWidth = 2
  context.setLineDash(dash)
  context.stroke()
  context.setLineDash([])
  // The end as a dot: it shows a curve of one cost, too.
  if (!drawn) return
  context.beginPath()
  context.arc(last[0], last[1], 3, 0, 2 * Math.PI)
  context.fill()
}
