// Copying text, and saying whether it worked.

/**
 * Copy `text`. Where the browser does not allow it, `element` (if it shows the text) is selected instead, so
 * that one key press copies it. `what` names the text in the message for `say`.
 */
export async function copyText(text, element, what, say) {
  try {
    await navigator.clipboard.writeText(text)
    say(`${what} copied.`)
  } catch (error) {
    if (element) {
      getSelection().selectAllChildren(element)
      say(`${what} selected: copy with Ctrl+C.`)
    } else say(`The browser did not allow copying. The address bar holds the ${what.toLowerCase()}.`)
  }
}
