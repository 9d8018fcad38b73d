// Choosing a hidden unit: by pointing at its map or its node, by clicking to keep it, or by the arrow keys.

import { unitAt } from "./views/units.js"
import { diagramUnitAt } from "./views/diagram.js"

/**
 * The chosen unit, by the mosaic of units and the diagram. `count()` is how many units there are,
 * `sentence(unit)` puts one into words, `redraw()` draws what shows the choice.
 */
export class UnitChoice {
  #units
  #page
  #kept = null
  #pointed = null

  constructor(units, diagram, page) {
    this.#units = units
    this.#page = page
    this.#follow(units, unitAt)
    this.#follow(diagram, diagramUnitAt)
    units.addEventListener("keydown", (event) => this.#press(event))
  }

  /** The unit pointed at, else the kept one, else null. */
  get selected() {
    const unit = this.#pointed === null ? this.#kept : this.#pointed
    return unit !== null && unit < this.#page.count() ? unit : null
  }

  /** Put the choice, as the network is now, into words. */
  refresh() {
    const unit = this.selected
    const count = this.#page.count()
    const hint = count ? "Point at a unit to find it in the diagram; click to keep it." : ""
    this.#units.setAttribute("aria-valuemax", String(count))
    this.#units.setAttribute("aria-valuenow", String(unit === null ? 0 : unit + 1))
    this.#units.setAttribute("aria-valuetext", unit === null ? "none" : this.#page.sentence(unit))
    document.getElementById("unit-detail").textContent = unit === null ? hint : this.#page.sentence(unit)
  }

  #choose({ kept = this.#kept, pointed = this.#pointed }) {
    this.#kept = kept
    this.#pointed = pointed
    this.refresh()
    this.#page.redraw()
  }

  #follow(canvas, unitUnder) {
    const under = (event) => {
      const bounds = canvas.getBoundingClientRect()
      return unitUnder(canvas, this.#page.count(), event.clientX - bounds.left, event.clientY - bounds.top)
    }
    canvas.addEventListener("pointermove", (event) => {
      const pointed = under(event)
      if (pointed !== this.#pointed) this.#choose({ pointed })
    })
    canvas.addEventListener("pointerleave", () => this.#choose({ pointed: null }))
    canvas.addEventListener("click", (event) => {
      const unit = under(event)
      this.#choose({ kept: unit === this.#kept ? null : unit })
    })
  }

  #press(event) {
    const count = this.#page.count()
    const place = this.#kept === null ? 0 : this.#kept + 1
    const next = {
      ArrowRight: place + 1, ArrowUp: place + 1, ArrowLeft: place - 1, ArrowDown: place - 1,
      Home: 1, End: count, Escape: 0,
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    const bounded = Math.max(0, Math.min(count, next))
    this.#choose({ kept: bounded === 0 ? null : bounded - 1, pointed: null })
  }
}
