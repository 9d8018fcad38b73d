"""Where the Tab key leads, and whether a reader sees it there."""

from __future__ import annotations

from playwright.sync_api import Page

import page_scripts

# What can be seen of the focused element with some of its surroundings; None if it is not in view.
AROUND = """() => {
  const r = document.activeElement.getBoundingClientRect(), x = Math.max(0, r.x - 6)
  const y = Math.max(0, r.y - 6)
  const width = Math.min(innerWidth, r.right + 6) - x
  const height = Math.min(innerHeight, r.bottom + 6) - y
  return width > 0 && height > 0 ? {x, y, width, height} : null
}"""

# Without smooth scrolling: what Tab reaches must be in view before it is looked at.
AT_THE_TOP = """() => {
  document.documentElement.style.scrollBehavior = "auto"
  document.activeElement.blur()
  scrollTo(0, 0)
}"""


def is_seen(page: Page) -> bool:
    """Tell whether the focused element looks different without the focus."""
    clip = page.evaluate(AROUND)
    if clip is None:
        return False
    focused = page.screenshot(clip=clip, animations="disabled")
    page.evaluate("() => { window.lately = document.activeElement; lately.blur() }")
    blurred = page.screenshot(clip=clip, animations="disabled")
    page.evaluate("() => lately.focus({focusVisible: true, preventScroll: true})")
    return focused != blurred


def unmarked(page: Page, most: int = 200) -> tuple[list[str], list[str]]:
    """Press Tab through the open page; return what takes the focus unseen or covered, and the
    ids on the way.

    An outline or a shadow counts as seen; where there is neither, the pixels decide.
    """
    page.evaluate(AT_THE_TOP)
    faults, way = [], []
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(page_scripts.FOCUS)
        if found is None:
            break
        way.append(found["id"])
        if found["isCovered"]:
            faults.append(f"covered: {found['name']}")
        elif not found["mark"] and not is_seen(page):
            faults.append(f"unseen: {found['name']}")
    return faults, way
