// The state as the address's last part, readable and complete: #data=flower&noise=0&hidden=4&...&trained=5000.
// `trained` counts epochs (with the full batch an epoch is an iteration): whoever opens the address trains
// as long and, bit for bit, gets the same network.

import { isLectureSeed, KEYS, parseSetting, quoted, withData } from "./settings.js"

const MOST_TRAINED = 1000000
// Of what is wrong in an address; the others are counted.
const MOST_PROBLEMS = 5

/** The address of settings and epochs, with its #. */
export function writeAddress(settings, trained) {
  const parts = KEYS.filter((key) => key !== "points" || settings.data === "own").map((key) => {
    const value = key === "points" ? settings.points.map((point) => point.join(",")).join(";") : settings[key]
    return `${key}=${value}`
  })
  if (trained > 0) parts.push(`trained=${trained}`)
  return "#" + parts.join("&")
}

/**
 * The state an address asks for: {settings, trained, problem}. What is left out is the default (or what the
 * data set suggests); what cannot be read too, and `problem` names it ("" for none).
 */
export function readAddress(hash, engine) {
  const problems = []
  const words = new Map()
  for (const part of hash.replace(/^#/, "").split("&").filter(Boolean)) {
    const at = part.indexOf("=")
    words.set(at < 0 ? part : part.slice(0, at), at < 0 ? "" : decode(part.slice(at + 1)))
  }
  let settings = { ...engine.defaults }
  for (const key of KEYS) {
    if (!words.has(key)) continue
    try {
      const value = parseSetting(engine, key, words.get(key), settings)
      settings = key === "data" ? withData(engine, settings, value) : { ...settings, [key]: value }
    } catch (error) {
      problems.push(error.message)
    }
  }
  if (settings.scheme === "lecture" && !isLectureSeed(settings.seed)) {
    // A seed alone means a start that exists for it, and is no mistake.
    if (words.has("scheme")) problems.push("the lecture's start has the seeds 2 and 3 only, so this one is small_normal")
    settings.scheme = "small_normal"
  }
  const trained = readTrained(words.get("trained") || "0", problems)
  for (const key of words.keys()) {
    if (!KEYS.includes(key) && key !== "trained") problems.push(`nothing is called ${quoted(key)}`)
  }
  return { settings, trained, problem: listed(problems) }
}

function readTrained(word, problems) {
  const trained = Number(word)
  if (Number.isInteger(trained) && trained >= 0 && trained <= MOST_TRAINED) return trained
  problems.push(`trained must be a whole number from 0 to ${MOST_TRAINED.toLocaleString("en")}, not ${quoted(word)}`)
  // Who has trained for longer gets as near as may be.
  return Number.isInteger(trained) && trained > 0 ? MOST_TRAINED : 0
}

function listed(problems) {
  const [shown, more] = [problems.slice(0, MOST_PROBLEMS), problems.length - MOST_PROBLEMS]
  if (more > 0) shown.push(`and ${more.toLocaleString("en")} more`)
  return shown.length ? `Not everything in the address could be used: ${shown.join("; ")}.` : ""
}

function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    // A stray % sign: the word as it stands will fail its own check with a message of its own.
    return text
  }
}
