// The parameters that training starts from, drawn as shallownet_native.initialize draws them: W1 before W2, row by row,
// biases 0. Imports random.js.

import { Generator } from "./random.js"

const normal = (deviation) => (generator, n_in, n_out) => {
  const factor = deviation(n_in, n_out)
  return () => generator.standardNormal() * factor
}
const uniform = (bound) => (generator, n_in, n_out) => {
  const limit = bound(n_in, n_out)
  return () => generator.uniform(-limit, limit)
}

// From a generator and the numbers of a layer's inputs and units: how one weight is drawn.
const SCHEMES = {
  small_normal: normal(() => 0.01),
  glorot_normal: normal((n_in, n_out) => Math.sqrt(2 / (n_in + n_out))),
  he_normal: normal((n_in) => Math.sqrt(2 / n_in)),
  glorot_uniform: uniform((n_in, n_out) => Math.sqrt(6 / (n_in + n_out))),
  he_uniform: uniform((n_in) => Math.sqrt(6 / n_in)),
  zeros: () => () => 0,
}

export const schemes = [...Object.keys(SCHEMES), "lecture"]

// One vector W1 (n_h, n_x), b1, W2 (n_y, n_h), b2; without hidden units W2 (n_y, n_x), b2. "lecture" is small_normal
// with the stored numbers of a RandomState.
export function drawStart({ scheme, seed }, [n_x, n_h, n_y], stored) {
  const generator = scheme === "lecture" ? told(stored.normals(seed)) : new Generator(seed, stored.ziggurat)
  const rule = scheme === "lecture" ? SCHEMES.small_normal : SCHEMES[scheme]
  const layers = n_h > 0 ? [[n_x, n_h], [n_h, n_y]] : [[n_x, n_y]]
  return Float64Array.from(
    layers.flatMap(([n_in, n_out]) => {
      const draw = rule(generator, n_in, n_out)
      const weights = Array.from({ length: n_in * n_out }, () => draw())
      return [...weights, ...new Array(n_out).fill(0)]
    }),
  )
}

function told(normals) {
  let next = 0
  return { standardNormal: () => normals[next++] }
}
