// Light or dark, and the colours of the canvases. The style sheet owns every colour; this module says
// which set holds and reads it out. Loaded before the first paint, so that no wrong theme flashes.

// The key and its words are those of the documentation's theme: site and playground share one choice.
const KEY = "theme"
const system = window.matchMedia("(prefers-color-scheme: dark)")
const listeners = []
let colours = null

/** What the reader chose before, or null: storage may be forbidden, or hold another page's word. */
function remembered() {
  try {
    const word = localStorage.getItem(KEY)
    return word === "light" || word === "dark" ? word : null
  } catch (error) {
    return null
  }
}

function apply(theme) {
  document.documentElement.dataset.theme = theme
  colours = null
  listeners.forEach((listener) => listener())
}

/** Call `listener` whenever the colours change. */
export function onThemeChange(listener) {
  listeners.push(listener)
}

/** Make `button` switch between the themes; the choice is remembered. */
export function connectThemeSwitch(button) {
  const show = () => button.setAttribute("aria-checked", String(document.documentElement.dataset.theme === "dark"))
  button.addEventListener("click", () => {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark"
    apply(theme)
    try {
      localStorage.setItem(KEY, theme)
    } catch (error) {
      // Storage is forbidden: switched for this visit, and no more can be done.
    }
  })
  onThemeChange(show)
  show()
}

/** "#rrggbb" as [r, g, b]. */
function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))
}

/** The theme's colours: CSS texts, and [r, g, b] for those that are mixed pixel by pixel. */
export function palette() {
  if (colours) return colours
  const style = getComputedStyle(document.documentElement)
  const read = (name) => style.getPropertyValue("--" + name).trim()
  colours = {
    classes: [0, 1, 2].map((k) => read("class-" + k)),
    classChannels: [0, 1, 2].map((k) => channels(read("class-" + k))),
    mapGround: read("map-ground"),
    mapChannels: channels(read("map-ground")),
  }
  for (const name of ["ink", "edge", "panel", "ground", "accent", "negative", "positive", "train", "test"]) {
    colours[name] = read(name)
  }
  colours.inkSoft = read("ink-soft")
  return colours
}

/** What holds without a click of this visit. */
function applyUsual() {
  apply(remembered() || (system.matches ? "dark" : "light"))
}

system.addEventListener("change", applyUsual)
applyUsual()
