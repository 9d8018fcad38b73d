// Axes of a plot: round ticks, on a plain or a logarithmic scale, and the map from values to pixels.

/** About `count` round values inside [low, high]. */
export function ticks(low, high, count) {
  const rough = (high - low) / count
  if (!(rough > 0) || !Number.isFinite(rough)) return [low]
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].find((s) => s * power >= rough) * power
  const values = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) values.push(i * step)
  return values
}

/** Powers of ten inside [low, high], with 2 and 5 between them where the range is short; not all of a long one. */
export function logTicks(low, high) {
  const decades = Math.log10(high) - Math.log10(low)
  const digits = decades > 3 ? [1] : [1, 2, 5]
  const step = Math.max(1, Math.ceil(decades / 6))
  const values = []
  for (let power = step * Math.floor(Math.log10(low) / step); power <= Math.log10(high); power += step) {
    for (const digit of digits) {
      const value = digit * 10 ** power
      if (value >= low && value <= high) values.push(value)
    }
  }
  return values.length > 1 ? values : ticks(low, high, 3)
}

/** A short text of a tick: 12000 -> "12,000", 0.30000000000000004 -> "0.3", 1e-7 -> "1e-7". */
export function tickText(value) {
  const size = Math.abs(value)
  const text =
    value !== 0 && (size < 1e-4 || size >= 1e7)
      ? value.toExponential(0).replace("e+", "e")
      : Number(value.toPrecision(6)).toLocaleString("en", { maximumFractionDigits: 6 })
  return text.replace(/^-/, "−")
}

/** From [low, high] to [from, to] pixels. */
export function scale(low, high, from, to, log = false) {
  const f = log ? Math.log10 : (v) => v
  const span = f(high) - f(low) || 1
  return (value) => from + ((f(value) - f(low)) / span) * (to - from)
}

/**
 * Draw the ticks, grid lines and labels of a plot inside `area` = {left, right, top, bottom}.
 * x and y are {ticks, at, label}.
 */
export function drawAxes(context, area, x, y, colours) {
  context.strokeStyle = colours.edge
  context.lineWidth = 1
  context.beginPath()
  for (const value of x.ticks) line(context, x.at(value), area.top, x.at(value), area.bottom)
  for (const value of y.ticks) line(context, area.left, y.at(value), area.right, y.at(value))
  context.stroke()
  context.fillStyle = colours.inkSoft
  context.textAlign = "center"
  context.textBaseline = "top"
  for (const value of x.ticks) context.fillText(tickText(value), x.at(value), area.bottom + 4)
  context.fillText(x.label, (area.left + area.right) / 2, area.bottom + 18)
  context.textAlign = "right"
  context.textBaseline = "middle"
  for (const value of y.ticks) context.fillText(tickText(value), area.left - 5, y.at(value))
  context.save()
  context.translate(8, (area.top + area.bottom) / 2)
  context.rotate(-Math.PI / 2)
  context.textAlign = "center"
  context.fillText(y.label, 0, 0)
  context.restore()
}

function line(context, x0, y0, x1, y1) {
  // Half pixels: a line of one pixel fills one row instead of greying two.
  context.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5)
  context.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5)
}
