// The first layer on sparse inputs: only the numbers that are there are multiplied, in ascending order, so the results
// are bit for bit those of the dense product. Units stand in the lanes, as the parameters lie.
#pragma once

#include "kernels/product.hpp"
#include "kernels/tiles.hpp"

namespace shallownet {

// The row of example i of the tile.
template <class Scalar>
Index row_of(const Tile<Scalar>& tile, Index i) {
  const Index row = tile.order ? static_cast<Index>(tile.order[i]) : i;
  return row;
}

// Calls f(column, number) for the numbers of example i of the tile.
template <class Scalar, class F>
void for_each_number(const Tile<Scalar>& tile, Index i, F&& f) {
  const Sparse<Scalar>& X = tile.sparse;
  const Index row = row_of(tile, i);
  for (std::int64_t j = X.begins[row]; j < X.begins[row + 1]; ++j) f(static_cast<Index>(X.columns[j]), X.numbers[j]);
}

// Whether to break off before example i is multiplied with so many vectors, which lie where no prefetcher expects them.
template <class Scalar>
bool breaks_off(const Lookout& lookout, const Tile<Scalar>& tile, Index i, int vectors) {
  if (!lookout.watch) return false;
  const std::int64_t* begin = tile.sparse.begins + row_of(tile, i);
  return lookout.breaks_off(static_cast<double>((begin[1] - begin[0]) * work_per_number * vectors));
}

// A[i][:] = sum over k of W[k][:] X(i, k), for a block `vectors` wide.
template <class Scalar>
void sparse_product(const Lookout& lookout, int vectors, Scalar* A, Index lda, const Scalar* W, Index ldw,
                    const Tile<Scalar>& tile) {
  constexpr Index w = width<Scalar>;
  for_vectors(vectors, [&](auto number) {
    constexpr int n = decltype(number)::value;
    for (Index i = 0; i < tile.n; ++i) {
      if (breaks_off(lookout, tile, i, n)) return;
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
void sparse_gradient(const Lookout& lookout, Into into, int vectors, Scalar* dW, Index ldw, Index n_x, const Scalar* D,
                     Index ldd, const Tile<Scalar>& tile) {
  constexpr Index w = width<Scalar>;
  if (into == Into::store)
    in_pieces(lookout, n_x, static_cast<double>(work_per_number * vectors * w),
              [&](Index begin, Index end) { matrix(dW + begin * ldw, end - begin, vectors * w, ldw, 1).setZero(); });
  for_vectors(vectors, [&](auto number) {
    constexpr int n = decltype(number)::value;
    for (Index i = 0; i < tile.n; ++i) {
      if (breaks_off(lookout, tile, i, n)) return;
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
