// All views of one state, drawn at most once a frame. While a network trains, the picture is "moving": coarser,
// and with reduced motion only now and then.

import { palette } from "./theme.js"
import { drawMap } from "./views/map.js"
import { drawUnits, unitAtlas } from "./views/units.js"
import { drawDiagram } from "./views/diagram.js"
import { drawCurve } from "./views/curve.js"
import { describePictures, showNumbers } from "./numbers.js"
import { className } from "./pointing.js"

// Readers who ask for less motion get two pictures a second.
const CALM = 500
// On the way through a long step training has the time.
const STEP_PAUSE = 250
// The Python lines are text to read: no need to rewrite them at every frame.
const PYTHON_PAUSE = 400
// Small pictures and digits are followed well at twenty a second; the time goes to the map.
const SIDE_PAUSE = 50

const calm = window.matchMedia("(prefers-reduced-motion: reduce)")

/** `scene()` gives the state to draw. Returns {show(moving), redraw()}. */
export function createPicture(elements, scene) {
  let frame = 0
  let drawn = -Infinity
  let sidesDrawn = -Infinity
  let written = -Infinity
  let moving = false

  function draw() {
    frame = 0
    drawn = performance.now()
    const now = { ...scene(), colours: palette(), moving }
    drawMap(elements.map, now)
    if (moving && drawn - sidesDrawn < SIDE_PAUSE) return
    sidesDrawn = drawn
    drawSides(now)
  }

  function drawSides(now) {
    const tiles = unitAtlas(now)
    drawUnits(elements.units, now, tiles)
    drawDiagram(elements.diagram, now, tiles)
    drawCurve(elements.curve, now)
    showNumbers(now.run)
    if (!moving || drawn - written > PYTHON_PAUSE) {
      written = drawn
      elements.python.textContent = now.run ? now.run.python() : ""
      elements.copy.disabled = !now.run
    }
    if (!moving) describePictures(now, elements)
  }

  const picture = {
    /** The state changed; `isMoving` says that more is to come, `isStep` that its end is what counts. */
    show(isMoving, isStep = false) {
      moving = isMoving
      const pause = calm.matches ? CALM : isStep ? STEP_PAUSE : 0
      if (moving && performance.now() - drawn < pause) return
      // At once, not with the next frame: who reads a number after a click reads the new one.
      cancelAnimationFrame(frame)
      draw()
    },
    /** Only the look changed: draw with the next frame. */
    redraw() {
      if (!frame) frame = requestAnimationFrame(draw)
    },
  }
  return picture
}

/** What the colours and shapes of the map mean. */
export function showLegend(element, data) {
  const keys = data.n_x === 1 ? [] : classesOf(data).map((label) => [`class-${label}`, className(label)])
  keys.push(["round", "training"])
  if (data.n_x === 1) keys.push(["positive", "the network"])
  element.replaceChildren(
    ...keys.map(([name, text]) => {
      const key = document.createElement("span")
      key.className = `key ${name}`
      key.textContent = text
      return key
    })
  )
}

function classesOf(data) {
  return Array.from({ length: data.n_classes }, (_, label) => label)
}
