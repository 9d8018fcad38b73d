// Examples cut into chunks and tiles, and the arrays a thread works in. Wide networks take a tile's inputs as rows,
// straight from the user's memory where they lie so; narrow ones, which keep examples in the lanes, as columns.
#pragma once

#include "kernels/nonzeros.hpp"

namespace shallownet {

// A multiple of the grain; a block of units' deltas fill half the first-level cache.
constexpr Index tile_examples = 128;
static_assert(tile_examples <= sum_block, "columns of Nonzeros hold so many places");

// Examples are cut into chunks by their number alone, so that sums over chunks in order give the same bits for any number
// of threads. Chunks are long, because each one's sums go from one processor's cache to another's.
// Changing this rule changes results in the last digits: it belongs in the CHANGELOG.
inline Index n_chunks(Index m) { return m < 64 ? 1 : std::min<Index>(16, 2 * ((m + 511) / 512)); }

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

// Inputs of which most numbers are 0, in compressed rows: those of example i stand at begins[i] .. begins[i + 1], with
// ascending columns. Not owned.
template <class Scalar>
struct Sparse {
  const Scalar* numbers = nullptr;
  const std::int32_t* columns = nullptr;
  const std::int64_t* begins = nullptr;
};

// A batch of examples: X (m, n_x), Y (m, n_y) and weights (m), which may be absent. `order`, if given, holds m indices
// into the user's rows. X may come in `sparse` instead. `padded`: behind the last example there is memory to fill the vector, with weight 0.
template <class Scalar>
struct Examples {
  Rows<Scalar> X, Y;
  const Scalar* weights = nullptr;
  const std::int64_t* order = nullptr;
  bool padded = false;
  Sparse<Scalar> sparse = {};

  Index place(Index i) const { return order ? static_cast<Index>(order[i]) : i; }
  Examples from(Index begin) const {
    if (order) return {X, Y, weights, order + begin, false, sparse};
    return {{X.data + begin * X.row, X.row, X.column},
            {Y.data + begin * Y.row, Y.row, Y.column},
            weights ? weights + begin : nullptr,
            nullptr,
            padded,
            {sparse.numbers, sparse.columns, sparse.begins + begin}};
  }
};

// Whether none of n numbers is NaN or infinite.
template <class Scalar>
bool is_finite(const Scalar* x, Index n) {
  constexpr Index w = width<Scalar>;
  Vector<Scalar> bad{};  // x - x is 0 for finite x and NaN otherwise, and NaN stays
  Index i = 0;
  for (; i + w <= n; i += w) bad += load(x + i) - load(x + i);
  const Vector<Scalar> last = load_first(x + i, n - i);
  return sum<Scalar>(bad + (last - last)) == 0;
}

// The same of a long range; false, too, if it is broken off.
template <class Scalar>
bool is_finite(const Scalar* x, Index n, const Lookout& lookout) {
  bool finite = true;
  const auto look = [&](Index begin, Index end) { finite = finite && is_finite(x + begin, end - begin); };
  return for_each_block_of(0, n, lookout, look) && finite;
}

// What the passes read of the inputs: all numbers, those that are not 0 of a dense array, or those of compressed rows.
enum class InputKind { dense, nonzeros, sparse };

// What to read: judged by some of the first m examples, since it decides the time, not the results. Only where all n
// parameters at p are finite, because 0 times infinity is not 0; the backward pass asks the same of its deltas.
template <class Scalar>
InputKind input_kind_of(const Layout<Scalar>& at, const Examples<Scalar>& examples, Index m, const Scalar* p, Index n,
                        InterruptWatch& watch) {
  constexpr double most = vector_bytes == 64 ? 5 / 8.0 : 1 / 4.0;  // of the numbers: there both ways take as long
  if (examples.sparse.numbers) return InputKind::sparse;
  if (m < 16 || at.units < 4 * width<Scalar>) return InputKind::dense;  // finding them would take longer than it saves
  const Index n_rows = std::min<Index>(m / 16, 64);
  Index n_nonzeros = 0;
  for (Index r = 0; r < n_rows; ++r) {
    const Scalar* x = examples.X.data + examples.place(cut(m, n_rows, r)) * examples.X.row;
    for (Index k = 0; k < at.shape.n_x; ++k) n_nonzeros += x[k * examples.X.column] != 0;
  }
  const bool many = static_cast<double>(n_nonzeros) > most * static_cast<double>(n_rows * at.shape.n_x);
  return many || !is_finite(p, n, at.lookout(&watch)) ? InputKind::dense : InputKind::nonzeros;
}

// The arrays of one thread, allocated once, and where it asks whether to break off. Where (units, tile) is written, a wide network holds one block of units after
// the other, each (tile, lanes).
template <class Scalar>
struct Workspace {
  Buffer<Scalar> A1;          // (units, tile): pre-activations, then activations
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
      : A1(tile_examples * at.units), dZ1(tile_examples * at.units), Z2(at.shape.n_y * tile_examples),
        X(inputs == InputKind::sparse ? 0 : at.shape.n_x * tile_examples), Y(at.shape.n_y * tile_examples),
        weights(tile_examples), ones(tile_examples),
        lanes(at.has_lanes() ? at.shape.n_parameters() * width<Scalar> : 0),
        transposed(inputs == InputKind::sparse && at.narrow ? tile_examples * at.units : 0),
        dX(want_dX ? at.shape.n_x * tile_examples : 0), lookout(place) {
    if (inputs == InputKind::nonzeros) nonzeros = Nonzeros<Scalar>(tile_examples, at.shape.n_x);
    std::fill_n(ones.data(), tile_examples, Scalar(1));
  }
};

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
    auto to = matrix(here, end - begin, n, lead, 1);
    if (examples.order) {
      for (Index i = 0; i < n; ++i)
        to.col(i) = matrix(data + examples.place(i) * from.row, end - begin, 1, from.column, 1);
    } else {
      to = matrix(data, end - begin, n, from.column, from.row);
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
  for (Index i = begin; i < end; ++i) {
    const Scalar* row = X.data + examples.place(i) * X.row;
    if (X.column == 1) {
      copy_row(row, X.data + examples.place(std::min(i + 1, n - 1)) * X.row, n_x, to + i * n_x);
    } else {
      matrix(to + i * n_x, 1, n_x, n_x, 1) = matrix(row, 1, n_x, n_x, X.column);
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
    const Index step = work.lookout.watch ? 1 : tile.n;  // a single row may be long
    for (Index i = 0; i < tile.n; i += step) {
      if (work.lookout.breaks_off(static_cast<double>(work_per_number * n_x))) return;
      copy_rows(examples, n_x, tile.n, i, i + step, work.X.data());
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
