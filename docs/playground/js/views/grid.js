// A regular grid over the box of the data: its points, its shading, its lines of equal value.
// Grid points are the centres of equal cells, row 0 at the top, so that a picture of one pixel a cell,
// stretched to the map, puts every value where its point is.

/** Centres of the cells as rows (x1, x2): Float64Array of columns * rows * 2. */
export function gridPoints([left, right, bottom, top], columns, rows) {
  const points = new Float64Array(columns * rows * 2)
  let at = 0
  for (let row = 0; row < rows; row++) {
    const x2 = top - ((row + 0.5) / rows) * (top - bottom)
    for (let column = 0; column < columns; column++) {
      points[at++] = left + ((column + 0.5) / columns) * (right - left)
      points[at++] = x2
    }
  }
  return points
}

/**
 * The winning class and its lead for every point: {winner: Uint8Array, lead: Float64Array}.
 * One output p stands for two classes, 1 - p and p; the lead is the winner's output minus the next one's.
 */
export function winners(outputs, nOutputs) {
  const n = outputs.length / nOutputs
  const winner = new Uint8Array(n)
  const lead = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    if (nOutputs === 1) {
      winner[i] = outputs[i] > 0.5 ? 1 : 0
      lead[i] = Math.abs(2 * outputs[i] - 1)
      continue
    }
    let best = -Infinity
    let second = -Infinity
    for (let k = 0; k < nOutputs; k++) {
      const p = outputs[i * nOutputs + k]
      if (p > best) {
        second = best
        best = p
        winner[i] = k
      } else if (p > second) second = p
    }
    lead[i] = best - second
  }
  return { winner, lead }
}

/** Mix the ground with the winner's colour: the surer, the stronger, never so strong that points vanish. */
export function shadeClasses({ winner, lead }, pixels, colours) {
  const ground = colours.mapChannels
  for (let i = 0; i < winner.length; i++) {
    const colour = colours.classChannels[winner[i]]
    mix(pixels, i, ground, colour, 0.08 + 0.5 * Math.min(1, lead[i]))
  }
}

/** Mix the ground with orange for positive and blue for negative shares of -1..1; `put(i)` is i's pixel. */
export function shadeSigned(shares, pixels, colours, put) {
  for (let i = 0; i < shares.length; i++) {
    const share = Math.max(-1, Math.min(1, shares[i]))
    mix(pixels, put(i), colours.mapChannels, colours.classChannels[share < 0 ? 0 : 1], 0.9 * Math.abs(share))
  }
}

function mix(pixels, i, ground, colour, share) {
  for (let c = 0; c < 3; c++) pixels[4 * i + c] = ground[c] + share * (colour[c] - ground[c])
  pixels[4 * i + 3] = 255
}

/**
 * Where class k begins and ends: its output minus the best other one, negative outside.
 * One output stands for class 1: p - 1/2.
 */
export function margins(outputs, nOutputs, k) {
  if (nOutputs === 1) return Float64Array.from(outputs, (p) => p - 0.5)
  return Float64Array.from({ length: outputs.length / nOutputs }, (_, i) => {
    let other = -Infinity
    for (let j = 0; j < nOutputs; j++) if (j !== k) other = Math.max(other, outputs[i * nOutputs + j])
    return outputs[i * nOutputs + k] - other
  })
}

/** Add the zero line of `values` to a path (marching squares, straight pieces in each cell). */
export function traceZeros(path, values, columns, rows, width, height) {
  const x = (column) => ((column + 0.5) / columns) * width
  const y = (row) => ((row + 0.5) / rows) * height
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column
      // Corners clockwise from the top left, and the crossings on the sides between them.
      const corner = [values[at], values[at + 1], values[at + columns + 1], values[at + columns]]
      const positive = corner.map((v) => v > 0)
      if (positive[0] === positive[1] && positive[1] === positive[2] && positive[2] === positive[3]) continue
      const share = (a, b) => corner[a] / (corner[a] - corner[b])
      const crossings = []
      if (positive[0] !== positive[1]) crossings.push([x(column + share(0, 1)), y(row)])
      if (positive[1] !== positive[2]) crossings.push([x(column + 1), y(row + share(1, 2))])
      if (positive[2] !== positive[3]) crossings.push([x(column + share(3, 2)), y(row + 1)])
      if (positive[3] !== positive[0]) crossings.push([x(column), y(row + share(0, 3))])
      for (let piece = 0; piece + 1 < crossings.length; piece += 2) {
        path.moveTo(...crossings[piece])
        path.lineTo(...crossings[piece + 1])
      }
    }
  }
}
