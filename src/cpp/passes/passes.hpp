// Forward and backward over one tile of examples, everything in cache, without allocation: wide networks have hidden units
// in the lanes, narrow ones examples. Which it is depends on the shape and the scalar alone, so the same network
// gives the same bits however its examples come.
#pragma once

#include "passes/narrow.hpp"
#include "passes/wide.hpp"

namespace shallownet {

// A network's shape with its activation and loss. Without a hidden layer the activation's name is not looked at.
template <class Scalar>
struct Network {
  Layout<Scalar> at;
  Units<Scalar> units;

  Network(const Shape& shape, const std::string& hidden, const std::string& output, double negative_slope,
          double quantile = 0.5)
      : at(shape), units(shape.has_hidden() ? hidden : Identity::name, output, negative_slope, quantile) {
    at.keeps_Z1 = units.of_input;
  }
};

// A1 in work.A1 and Z2 in work.Z2; Z1 in work.place_of_Z1, if wanted.
template <class Scalar>
void forward(const Network<Scalar>& net, const Scalar* p, const Tile<Scalar>& tile, Workspace<Scalar>& work,
             bool want_Z1 = false) {
  if (net.at.narrow) {
    forward_narrow(net.at, net.units, p, tile, work, want_Z1);
  } else {
    forward_wide(net.at, net.units, p, tile, work, want_Z1);
  }
}

// A2 in place of Z2.
template <class Scalar>
void outputs(const Network<Scalar>& net, Index n, Workspace<Scalar>& work) {
  net.units.output(work.lookout, work.Z2.data(), tile_examples, net.at.shape.n_y, n);
}

// dZ2 in place of Z2; returns the sum of the weighted losses, if wanted.
template <class Scalar>
double deltas(const Network<Scalar>& net, const Tile<Scalar>& tile, Workspace<Scalar>& work, bool want_loss) {
  return net.units.delta(work.lookout, work.Z2.data(), tile_examples, net.at.shape.n_y, tile.n, tile.Y, tile.ldy,
                         tile.weights, want_loss, net.units.level);
}

// From dZ2: sums of the gradients over the tile, written to or added to g (in the layout of the parameters). No division
// by the number of examples and no penalty here: they come once, with the step.
template <class Scalar>
void backward(const Network<Scalar>& net, const Scalar* p, const Tile<Scalar>& tile, Workspace<Scalar>& work, Into into,
              Scalar* g) {
  if (net.at.narrow) {
    backward_narrow(net.at, net.units, p, tile, work, into, g);
  } else {
    backward_wide(net.at, net.units, p, tile, work, into, g);
  }
}

// From dZ2: W1^T dZ1 in work.dX (n_x, tile).
template <class Scalar>
void input_delta(const Network<Scalar>& net, const Scalar* p, const Tile<Scalar>& tile, Workspace<Scalar>& work) {
  if (net.at.narrow) {
    input_delta_narrow(net.at, net.units, p, tile, work);
  } else {
    input_delta_wide(net.at, net.units, p, tile, work);
  }
}

// The hidden units of n examples, from a (units, tile) array to rows, whichever way the network holds them.
template <class Scalar>
void copy_to_rows(const Lookout& lookout, const Layout<Scalar>& at, const Scalar* tile, Index n, Scalar* rows) {
  const Index n_h = at.shape.n_h;
  if (at.narrow) {
    copy(matrix(tile, n, n_h, 1, tile_examples), matrix(rows, n, n_h, n_h, 1));
  } else {
    copy_units(lookout, at, tile, n_h, n, rows, 1, n_h);
  }
}

}  // namespace shallownet
