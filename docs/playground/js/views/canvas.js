// A canvas as sharp as the screen, measured in CSS pixels.

export const FONT = "12px system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"

/**
 * Fit the bitmap to the element's size and the screen's density, clear it, and hand out the context.
 * null where the canvas has no size (it is hidden).
 */
export function prepare(canvas) {
  const ratio = window.devicePixelRatio || 1
  const width = canvas.clientWidth
  const height = canvas.clientHeight
  if (!width || !height) return null
  const columns = Math.round(width * ratio)
  const rows = Math.round(height * ratio)
  // Setting a size, even the same one, throws the bitmap away: only where it changes.
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns
    canvas.height = rows
  }
  const context = canvas.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  context.font = FONT
  return { context, width, height, ratio }
}

/** A bitmap beside the page, to draw on once and copy often. */
export function bitmap(width, height) {
  const canvas = document.createElement("canvas")
  canvas.width = width
  canvas.height = height
  return canvas
}

/** `make()` of the last call again, as long as every part of the key is the same; pictures cost more than keys. */
export function kept(make) {
  let last = null
  let value = null
  return (key, ...given) => {
    if (!last || key.length !== last.length || key.some((part, i) => part !== last[i])) {
      value = make(...given)
      last = key
    }
    return value
  }
}

/** Text that stays readable on any shading: a rim of the ground's colour around it. */
export function haloText(context, text, x, y, colours) {
  context.lineJoin = "round"
  context.lineWidth = 3
  context.strokeStyle = colours.mapGround
  context.strokeText(text, x, y)
  context.fillStyle = colours.ink
  context.fillText(text, x, y)
}
