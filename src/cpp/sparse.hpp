// The first layer on sparse inputs: only the numbers that are there are multiplied, in ascending order, so the results
// are bit for bit those of the dense product. Units stand in the lanes, as the parameters lie. Includes kernels, tiles.
#pragma once

#include "kernels.hpp"
#include "tiles.hpp"

namespace shallownet {

// Calls f(column, number) for the numbers of example i of the tile.
template <class Scalar, class F>
void for_each_number(const Tile<Scalar>& tile, Index i, F&& f) {
  const Sparse<Scalar>& X = tile.sparse;
  const Index row = tile.order ? static_cast<Index>(tile.order[i]) : i;
  for (std::int64_t j = X.begins[row]; j < X.begins[row + 1]; ++j) f(static_cast<Index>(X.columns[j]), X.numbers[j]);
}

// A[i][:] = sum over k of W[k][:] X(i, k), for a block `vectors` wide.
template <class Scalar>
void sparse_product(int vectors, Scalar* A, Index lda, const Scalar* W, Index ldw, const Tile<Scalar>& tile) {
  constexpr Index w = width<Scalar>;
  for_vectors(vectors, [&](auto number) {
    constexpr int n = decltype(number)::value;
    for (Index i = 0; i < tile.n; ++i) {
      Vector<Scalar> sums[n] = {};
      for_each_number(tile, i, [&](Index k, Scalar x) {
#pragma GCC unroll 4
        for (int v = 0; v < n; ++v) sums[v] = fma(load(W + k * ldw + v * w), broadcast(x), sums[v]);
      });
      for (int v = 0; v < n; ++v) store(A + i * lda + v * w, sums[v]);
    }
  });
}

// dW[k][:] (into)= sum over i of D[i][:] X(i, k), for a block `vectors` wide.
template <class Scalar>
void sparse_gradient(Into into, int vectors, Scalar* dW, Index ldw, Index n_x, const Scalar* D, Index ldd,
                     const Tile<Scalar>& tile) {
  constexpr Index w = width<Scalar>;
  if (into == Into::store) matrix(dW, n_x, vectors * w, ldw, 1).setZero();
  for_vectors(vectors, [&](auto number) {
    constexpr int n = decltype(number)::value;
    for (Index i = 0; i < tile.n; ++i) {
      Vector<Scalar> d[n];
      for (int v = 0; v < n; ++v) d[v] = load(D + i * ldd + v * w);
      for_each_number(tile, i, [&](Index k, Scalar x) {
        Scalar* to = dW + k * ldw;
#pragma GCC unroll 4
        for (int v = 0; v < n; ++v) store(to + v * w, fma(d[v], broadcast(x), load(to + v * w)));
      });
    }
  });
}

}  // namespace shallownet
