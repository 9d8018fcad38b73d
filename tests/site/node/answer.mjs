// Answers questions about the playground's engine, without a browser: a JSON object on stdin, its answers on stdout.
//   node answer.mjs FOLDER     FOLDER: the built playground, in which .js files are modules

import fs from "node:fs/promises"
import path from "node:path"
import { pathToFileURL } from "node:url"

const folder = path.resolve(process.argv[2])
const part = (name) => import(pathToFileURL(path.join(folder, "js", name)))
const { loadEngine } = await part("engine.js")
const { Generator, seedWords } = await part("engine/random.js")
const { Stored } = await part("engine/datasets.js")

const bytes = async (name) => {
  const { buffer, byteOffset, length } = await fs.readFile(path.join(folder, name))
  return buffer.slice(byteOffset, byteOffset + length)
}
const engine = await loadEngine(bytes)
const index = JSON.parse(new TextDecoder().decode(await bytes("data.json")))
const { ziggurat } = new Stored(index, new Float64Array(await bytes("data.bin")))

const numbers = (array) => Array.from(array)

const questions = {
  lists() {
    const { datasets, activations, solvers, schemes, defaults } = engine
    return { datasets, activations, solvers, schemes, defaults }
  },

  // One training in calls of given lengths, and what it says of itself afterwards.
  train({ settings, calls, points = [] }) {
    const run = engine.start(settings)
    const status = calls.map((n) => run.advance(n))
    const answer = {
      status, epochs: run.epochs, iterations: run.iterations, n_parameters: run.n_parameters,
      parameters: run.parameters(), python: run.python(), curve: run.curve,
      cost: run.cost(), testCost: run.testCost(), health: run.health(),
      accuracy: run.accuracy(), testAccuracy: run.testAccuracy(),
      outputs: numbers(run.outputs(Float64Array.from(points))),
      hidden: numbers(run.hidden(Float64Array.from(points))),
      data: { ...run.data, X: numbers(run.data.X), y: numbers(run.data.y), test: run.data.test?.m ?? null },
    }
    run.free()
    return answer
  },

  // The message of the error that settings end in, or null.
  error({ settings }) {
    try {
      engine.start(settings).free()
      return null
    } catch (error) {
      return error.message
    }
  },

  draws({ seed, normals, uniforms, sizes }) {
    const generator = new Generator(BigInt(seed), ziggurat)
    return {
      words: numbers(seedWords(BigInt(seed), 8)),
      normals: Array.from({ length: normals }, () => generator.standardNormal()),
      uniforms: Array.from({ length: uniforms }, () => generator.uniform(-0.3, 0.7)),
      permutations: sizes.map((n) => numbers(generator.permutation(n))),
      last: generator.standardNormal(),
    }
  },

  // What trainings that have been freed leave of the core's memory: bytes before and after n of them.
  memory({ settings, n }) {
    const one = () => {
      const run = engine.start(settings)
      run.advance(1)
      run.hidden(run.data.X)
      run.free()
    }
    one()
    const before = engine.bytes
    for (let i = 0; i < n; i++) one()
    return [before, engine.bytes]
  },

  used_after_free() {
    const run = engine.start()
    run.free()
    run.free()
    try {
      return run.cost()
    } catch (error) {
      return error.message
    }
  },

  // Microseconds a step, the best of some rounds.
  speed({ settings, n, rounds }) {
    const run = engine.start({ ...settings })
    run.advance(n)
    const times = Array.from({ length: rounds }, () => {
      const began = performance.now()
      run.advance(n)
      return (1000 * (performance.now() - began)) / n
    })
    return Math.min(...times)
  },
}

let text = ""
for await (const chunk of process.stdin) text += chunk
const asked = JSON.parse(text)
const answers = asked.map(({ what, ...details }) => questions[what](details))
process.stdout.write(JSON.stringify(answers))
