// Tiles: so few examples that all a thread computes of them stays in its caches, and the arrays it works in. Wide networks
// take a tile's inputs as rows, straight from the user's memory where they lie so; narrow ones, which keep examples in the
// lanes, as columns.
#pragma once

#include <vector>

#include "kernels/examples.hpp"
#include "kernels/nonzeros.hpp"

namespace shallownet {

// A multiple of the grain; a block of units' deltas fill half the first-level cache.
constexpr Index tile_examples = 128;
static_assert(tile_examples <= sum_block, "columns of Nonzeros hold so many places");

// Chunks and tiles begin at multiples of it: narrow networks, which keep examples in the lanes, then have one tail at most;
// the others' threads get even shares of a small batch.
template <class Scalar>
Index grain(const Layout<Scalar>& at) {
  return at.narrow ? 16 : 4;
}

// The even cut of m examples.
template <class Scalar>
Index cut_examples(const Layout<Scalar>& at, Index m, Index parts, Index c) {
  return std::min(m, cut((m + grain(at) - 1) / grain(at), parts, c) * grain(at));
}

// The arrays of one thread, allocated once, and where it asks whether to break off. Where (units, tile) is written, a wide
// network holds one block of units after the other, each (tile, lanes).
template <class Scalar>
struct Workspace {
  Buffer<Scalar> A1;          // (units, tile): pre-activations, then activations
  Buffer<Scalar> Z1;          // (units, tile): pre-activations, only where slopes are written from them
  Buffer<Scalar> dZ1;         // (units, tile)
  Buffer<Scalar> Z2;          // (n_y, tile): logits, then outputs, then dZ2
  Buffer<Scalar> X;           // (n_x, tile): copies of inputs that do not lie as needed
  Buffer<Scalar> Y;           // (n_y, tile): copies of targets
  Buffer<Scalar> weights;     // (tile): 0 behind the last example
  Buffer<Scalar> ones;        // (tile): the weights where none are given
  Buffer<Scalar> lanes;       // a vector per parameter: sums in the lanes, of narrow networks that have them
  Buffer<Scalar> transposed;  // (tile, units) of a narrow network with sparse inputs
  Buffer<Scalar> dX;          // (n_x, tile), only where asked for
  Nonzeros<Scalar> nonzeros;  // of a tile, only where they are to be read
  Lookout lookout;            // of large networks; when it says so, the passes return with anything in these arrays

  // What a network needs for tiles of such inputs; sparse ones are never copied.
  explicit Workspace(const Layout<Scalar>& at, InputKind inputs = InputKind::dense, bool want_dX = false,
                     const Lookout& place = {})
      : A1(tile_examples * at.units), Z1(at.keeps_Z1 ? tile_examples * at.units : 0), dZ1(tile_examples * at.units),
        Z2(at.shape.n_y * tile_examples), X(inputs == InputKind::sparse ? 0 : at.shape.n_x * tile_examples),
        Y(at.shape.n_y * tile_examples), weights(tile_examples), ones(tile_examples),
        lanes(at.has_lanes() ? round_up(at.shape.n_parameters(), width<Scalar>) * width<Scalar> : 0),
        transposed(inputs == InputKind::sparse && at.narrow ? tile_examples * at.units : 0),
        dX(want_dX ? at.shape.n_x * tile_examples : 0), lookout(place) {
    if (inputs == InputKind::nonzeros) nonzeros = Nonzeros<Scalar>(tile_examples, at.shape.n_x);
    std::fill_n(ones.data(), tile_examples, Scalar(1));
  }

  // Where a forward pass leaves Z1: in a place of its own, or until the backward pass in that of dZ1, if it is wanted.
  Scalar* place_of_Z1(bool wanted) { return Z1.size() > 0 ? Z1.data() : wanted ? dZ1.data() : nullptr; }
  // What slopes are written from.
  const Scalar* slope_source() const { return (Z1.size() > 0 ? Z1 : A1).data(); }
};

// One workspace per thread, made before the threads start so that a failed allocation is thrown in the caller.
template <class Scalar>
std::vector<Workspace<Scalar>> workspaces(const Layout<Scalar>& at, Index n_threads, InputKind inputs,
                                          InterruptWatch& watch, bool want_dX = false) {
  std::vector<Workspace<Scalar>> made;
  made.reserve(static_cast<std::size_t>(n_threads));
  for (Index t = 0; t < n_threads; ++t) made.emplace_back(at, inputs, want_dX, at.lookout(&watch, t));
  return made;
}

// One tile of n examples: inputs as rows (wide: number k of example i at X[i * ldx + k]) or columns (narrow:
// X[k * ldx + i]), targets as columns, weights.
template <class Scalar>
struct Tile {
  Index n = 0;
  const Scalar* X = nullptr;
  Index ldx = 0;
  const Scalar* Y = nullptr;
  Index ldy = 0;
  const Scalar* weights = nullptr;
  Sparse<Scalar> sparse = {};                  // in place of X
  const std::int64_t* order = nullptr;         // of the rows of `sparse`
  const Nonzeros<Scalar>* nonzeros = nullptr;  // of X, if only they are to be read
};

// columns (n_columns, n), with `lead` numbers from one to the next, 0 behind column n up to the next full vector.
template <class Scalar>
void copy_columns(const Lookout& lookout, const Rows<Scalar>& from, const Examples<Scalar>& examples, Index n_columns,
                  Index n, Scalar* columns, Index lead) {
  in_pieces(lookout, n_columns, static_cast<double>(work_per_number * n), [&](Index begin, Index end) {
    const Scalar* data = from.data + begin * from.column;
    Scalar* here = columns + begin * lead;
    const auto row_at = [&](Index i) { return data + examples.place(i) * from.row; };
    if (from.column == 1) {
      turn_rows(n, end - begin, row_at, here, lead);
    } else if (examples.order) {
      for (Index i = 0; i < n; ++i)
        copy(matrix(row_at(i), end - begin, 1, from.column, 1), matrix(here + i, end - begin, 1, lead, 1));
    } else {
      copy(matrix(data, end - begin, n, from.column, from.row), matrix(here, end - begin, n, lead, 1));
    }
    matrix(here + n, end - begin, round_up(n, width<Scalar>) - n, lead, 1).setZero();
  });
}

// A copy of all m examples as padded columns: made once per training of a narrow network on the full batch.
template <class Scalar>
struct Columns {
  Buffer<Scalar> X, Y, weights;
  Examples<Scalar> examples;

  Columns(const Shape& shape, const Examples<Scalar>& from, Index m, InterruptWatch& watch) {
    const Index lead = round_up(m, width<Scalar>);
    X = Buffer<Scalar>(shape.n_x * lead);
    Y = Buffer<Scalar>(shape.n_y * lead);
    weights = Buffer<Scalar>(lead);
    for_each_block_of(0, m, {&watch}, [&](Index begin, Index end) {  // blocks are whole vectors
      const Examples<Scalar> block = from.from(begin);
      copy_columns({&watch}, block.X, block, shape.n_x, end - begin, X.data() + begin, lead);
      copy_columns({&watch}, block.Y, block, shape.n_y, end - begin, Y.data() + begin, lead);
    });
    for (Index i = 0; i < m; ++i) weights[i] = from.weights ? from.weights[from.place(i)] : Scalar(1);
    examples = {{X.data(), 1, lead}, {Y.data(), 1, lead}, weights.data(), nullptr, true};
  }
};

// Whether columns can be read in place: one example after the other, and whole vectors of them.
template <class Scalar>
bool lies_in_columns(const Rows<Scalar>& rows, const Examples<Scalar>& examples, Index n) {
  return rows.row == 1 && !examples.order && (examples.padded || n % width<Scalar> == 0);
}

// Copies n numbers, and fetches as many from `next` meanwhile: rows of a batch lie where no prefetcher expects them.
template <class Scalar>
void copy_row(const Scalar* from, const Scalar* next, Index n, Scalar* to) {
  constexpr Index line = 64 / sizeof(Scalar);
  Index i = 0;
  for (; i + line <= n; i += line) {
    __builtin_prefetch(next + i, 0, 2);
    std::copy_n(from + i, line, to + i);
  }
  std::copy_n(from + i, n - i, to + i);
}

// Copies rows begin <= i < end of the inputs' first n, one after the other.
template <class Scalar>
void copy_rows(const Examples<Scalar>& examples, Index n_x, Index n, Index begin, Index end, Scalar* to) {
  const Rows<Scalar> X = examples.X;
  if (!examples.order) {
    copy(matrix(X.data + begin * X.row, end - begin, n_x, X.row, X.column),
         matrix(to + begin * n_x, end - begin, n_x, n_x, 1));
    return;
  }
  for (Index i = begin; i < end; ++i) {
    const Scalar* row = X.data + examples.place(i) * X.row;
    if (X.column == 1) {
      copy_row(row, X.data + examples.place(std::min(i + 1, n - 1)) * X.row, n_x, to + i * n_x);
    } else {
      copy(matrix(row, 1, n_x, n_x, X.column), matrix(to + i * n_x, 1, n_x, n_x, 1));
    }
  }
}

// The rows of a wide network's tile: in place, or copied.
template <class Scalar>
void load_rows(const Examples<Scalar>& examples, Index n_x, Workspace<Scalar>& work, Tile<Scalar>& tile) {
  const Rows<Scalar>& X = examples.X;
  tile.X = X.data;
  tile.ldx = X.row;
  if (examples.order || X.column != 1) {
    // A single row may be long; of columns as many are read as lie on the same lines of the cache.
    const Index step = !work.lookout.watch ? tile.n : X.row == 1 && !examples.order ? width<Scalar> : 1;
    for (Index i = 0; i < tile.n; i += step) {
      if (work.lookout.breaks_off(static_cast<double>(work_per_number * step * n_x))) return;
      copy_rows(examples, n_x, tile.n, i, std::min(i + step, tile.n), work.X.data());
    }
    tile.X = work.X.data();
    tile.ldx = n_x;
  }
  if (!work.nonzeros) return;
  work.nonzeros.find(work.lookout, tile.X, tile.ldx, tile.n, n_x);
  tile.nonzeros = &work.nonzeros;
}

template <class Scalar>
Tile<Scalar> load_inputs(const Layout<Scalar>& at, const Examples<Scalar>& examples, Index n, Workspace<Scalar>& work) {
  const Rows<Scalar>& X = examples.X;
  Tile<Scalar> tile;
  tile.n = n;
  if (examples.sparse.numbers) {
    tile.sparse = examples.sparse;
    tile.order = examples.order;
  } else if (!at.narrow) {
    load_rows(examples, at.shape.n_x, work, tile);
  } else if (lies_in_columns(X, examples, n)) {
    tile.X = X.data;
    tile.ldx = X.column;
  } else {
    copy_columns(work.lookout, X, examples, at.shape.n_x, n, work.X.data(), tile_examples);
    tile.X = work.X.data();
    tile.ldx = tile_examples;
  }
  return tile;
}

// Whether the dense inputs of a tile are.
template <class Scalar>
bool has_finite_inputs(const Layout<Scalar>& at, const Tile<Scalar>& tile) {
  const Index n_rows = at.narrow ? at.shape.n_x : tile.n, length = at.narrow ? tile.n : at.shape.n_x;
  if (tile.ldx == length) return is_finite(tile.X, n_rows * length);
  for (Index r = 0; r < n_rows; ++r)
    if (!is_finite(tile.X + r * tile.ldx, length)) return false;
  return true;
}

template <class Scalar>
void load_targets(const Layout<Scalar>& at, const Examples<Scalar>& examples, Workspace<Scalar>& work,
                  Tile<Scalar>& tile) {
  const Index n = tile.n;
  if (lies_in_columns(examples.Y, examples, n)) {
    tile.Y = examples.Y.data;
    tile.ldy = examples.Y.column;
  } else {
    copy_columns(work.lookout, examples.Y, examples, at.shape.n_y, n, work.Y.data(), tile_examples);
    tile.Y = work.Y.data();
    tile.ldy = tile_examples;
  }
  const Rows<Scalar> weights{examples.weights ? examples.weights : work.ones.data(), 1, 1};
  if (n % width<Scalar> == 0 && !(examples.weights && examples.order)) {
    tile.weights = weights.data;
  } else {
    for (Index i = 0; i < n; ++i) work.weights[i] = weights.data[examples.weights ? examples.place(i) : i];
    std::fill_n(work.weights.data() + n, round_up(n, width<Scalar>) - n, Scalar(0));
    tile.weights = work.weights.data();
  }
}

}  // namespace shallownet
