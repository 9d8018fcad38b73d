// The examples on the map: training points round, test points as small diamonds, filled with their class's
// colour. They do not move while a network learns, so they are drawn once into a bitmap and copied from it.

import { bitmap, kept } from "./canvas.js"

/** Draw the points of `data` (and its test points, if wanted) by the scales x and y. */
export function drawPoints({ context, width, height, ratio }, data, x, y, { showTest, colours }) {
  const key = [data, showTest, colours, width, height, ratio]
  const layer = layerOf(key, () => {
    const made = bitmap(Math.round(width * ratio), Math.round(height * ratio))
    const onLayer = made.getContext("2d")
    onLayer.scale(ratio, ratio)
    if (showTest && data.test) drawSet(onLayer, data, data.test, x, y, diamond, colours)
    drawSet(onLayer, data, data, x, y, disc, colours)
    return made
  })
  context.drawImage(layer, 0, 0, width, height)
}

const layerOf = kept((draw) => draw())

function drawSet(context, data, set, x, y, shape, colours) {
  context.lineWidth = 1
  context.strokeStyle = colours.ink
  const radius = set.m > 250 ? 2.75 : 4
  for (let i = 0; i < set.m; i++) {
    const curve = data.n_x === 1
    context.fillStyle = curve ? colours.inkSoft : colours.classes[set.y[i]]
    if (curve && shape === diamond) context.fillStyle = colours.mapGround
    const second = curve ? set.y[i] : set.X[2 * i + 1]
    context.beginPath()
    shape(context, x(set.X[data.n_x * i]), y(second), radius)
    context.fill()
    context.globalAlpha = 0.75
    context.stroke()
    context.globalAlpha = 1
  }
}

function disc(context, x, y, radius) {
  context.arc(x, y, radius, 0, 2 * Math.PI)
}

function diamond(context, x, y, radius) {
  context.moveTo(x, y - radius)
  context.lineTo(x + radius, y)
  context.lineTo(x, y + radius)
  context.lineTo(x - radius, y)
  context.closePath()
}
