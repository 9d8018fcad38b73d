"""What the checks ask an open page, in JavaScript: each is a function that returns plain values."""

from __future__ import annotations

# Where the page leads to (resolved), what can be jumped to, what it would connect to.
REFERENCES = """() => ({
  links: [
    ...[...document.querySelectorAll("a[href], area[href]")].map(a => a.href),
    ...[...document.querySelectorAll("form[action]")].map(form => form.action),
    ...[...document.querySelectorAll("link[rel=next], link[rel=prev], link[rel=index], link[rel=search]")]
      .map(link => link.href),
  ],
  anchors: [...document.querySelectorAll("[id], a[name]")].flatMap(e => [e.id, e.name].filter(Boolean)),
  loaded: [...document.querySelectorAll("link[href]")]
    .filter(link => /preconnect|dns-prefetch|prefetch|preload|stylesheet|icon/.test(link.rel))
    .map(link => link.href),
})"""  # noqa: E501

# Pictures that did not load, those that wait to be scrolled to included; pictures without words.
PICTURES = """async () => {
  const faults = []
  for (const img of document.images) {
    img.loading = "eager"
    await img.decode().catch(() => {})
    if (!img.naturalWidth) faults.push(`missing picture: ${img.getAttribute("src")}`)
    if (!img.hasAttribute("alt")) faults.push(`picture without alt: ${img.getAttribute("src")}`)
  }
  return faults
}"""

# Whether the page can be pushed sideways, and what is too wide for it.
SIDEWAYS = """() => {
  const root = document.scrollingElement, room = root.clientWidth
  if (root.scrollWidth <= room) return []
  const clips = e => e && e !== root && e !== document.body &&
    (getComputedStyle(e).overflowX !== "visible" || clips(e.parentElement))
  const wide = [...document.body.querySelectorAll("*")]
    .filter(e => e.getBoundingClientRect().right > room + 0.5 && !clips(e.parentElement))
    .map(e => `<${e.localName} id="${e.id}" class="${e.getAttribute("class") ?? ""}">`)
  return [`scrolls sideways: ${root.scrollWidth} px in ${room} px: ${wide.slice(0, 4).join(" ")}`]
}"""

# Visible controls without a name. Browsers know more rules, but take a quarter of a second to tell
# for a long page; the playground is asked both ways.
NAMELESS = """() => {
  const words = e => [
    e.getAttribute("aria-label"), e.title, e.innerText, e.type === "submit" ? e.value : "",
    ...[...e.labels ?? []].map(label => label.innerText),
    ...[...e.querySelectorAll("img[alt]")].map(img => img.alt),
    ...[...e.querySelectorAll("svg title")].map(title => title.textContent),
    ...(e.getAttribute("aria-labelledby") ?? "").split(" ")
      .map(id => document.getElementById(id)?.textContent),
  ]
  const controls = "a[href], button, select, summary, textarea, input:not([type=hidden])"
  return [...document.querySelectorAll(controls)]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest("[aria-hidden=true]"))
    .filter(e => !words(e).some(word => word?.trim()))
    .map(e => `no name: <${e.localName} class="${e.className}"> ${e.getAttribute("href") ?? e.type}`)
}"""  # noqa: E501

# Texts whose contrast is under WCAG's AA: 4.5, or 3 where large. Colours are read from a canvas,
# which knows every way CSS writes them; backgrounds are laid over each other up to the first that
# covers. Text over a picture is not judged, nor what a reader can not see or use.
CONTRAST = """() => {
  const canvas = document.createElement("canvas"); canvas.width = canvas.height = 1
  const pen = canvas.getContext("2d", {willReadFrequently: true}), known = new Map()
  const rgba = css => {
    if (!known.has(css)) {
      pen.clearRect(0, 0, 1, 1); pen.fillStyle = css; pen.fillRect(0, 0, 1, 1)
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data
      known.set(css, [r, g, b, a / 255])
    }
    return known.get(css)
  }
  const over = (top, below) => [0, 1, 2].map(k => top[k] * top[3] + below[k] * (1 - top[3])).concat(1)
  const light = c => [0, 1, 2].map(k => c[k] / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0)
  const backdrop = e => {
    const layers = []
    for (let node = e; node; node = node.parentElement) {
      const style = getComputedStyle(node)
      if (style.backgroundImage !== "none") return null
      const layer = rgba(style.backgroundColor)
      if (layer[3]) layers.push(layer)
      if (layer[3] === 1) break
    }
    const scheme = getComputedStyle(document.documentElement).colorScheme
    const isDark = /dark/.test(scheme) &&
      (!/light/.test(scheme) || matchMedia("(prefers-color-scheme: dark)").matches)
    return layers.reduceRight((below, layer) => over(layer, below), rgba(isDark ? "#121212" : "#fff"))
  }
  const faults = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), e = walker.currentNode.parentElement
    if (!text || /^(script|style|noscript|option|title)$/.test(e.localName) || e.closest(":disabled, svg")) continue
    if (!e.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue
    const style = getComputedStyle(e), below = backdrop(e)
    if (!below || e.getBoundingClientRect().width <= 1) continue
    let opacity = 1
    for (let node = e; node; node = node.parentElement) opacity *= getComputedStyle(node).opacity
    const ink = rgba(style.color)
    const shown = over([ink[0], ink[1], ink[2], ink[3] * opacity], below)
    const [hi, lo] = [light(shown), light(below)].sort((a, b) => b - a)
    const ratio = (hi + 0.05) / (lo + 0.05), size = parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700)
    if (ratio < (isLarge ? 3 : 4.5) - 0.005)
      faults.add(`contrast ${ratio.toFixed(2)}: <${e.localName} class="${e.className}"> ${text.slice(0, 30)}`)
  }
  return [...faults]
}"""  # noqa: E501

# How the focused element shows that it is: its outline or shadow, or "" for neither; and whether
# something else lies over it, as a bar that stays at the window's edge.
FOCUS = """() => {
  const e = document.activeElement
  if (!e || e === document.body) return null
  const style = getComputedStyle(e), hasOutline = style.outlineStyle !== "none"
  const outline = hasOutline && parseFloat(style.outlineWidth) ? style.outlineColor : ""
  const shadow = style.boxShadow === "none" ? "" : style.boxShadow
  const mark = style.opacity > 0 ? outline || shadow : ""  // on its way from 0 the pixels decide
  const r = e.getClientRects()[0]
  const top = r && document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2)
  const isCovered = Boolean(top) && !e.contains(top) && !top.contains(e)
  return {name: `<${e.localName} id="${e.id}" class="${e.getAttribute("class") ?? ""}">`,
          id: e.id, mark, isCovered}
}"""
