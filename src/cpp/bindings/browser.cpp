// The core for a page in a browser: plain C functions on one training in float64, compiled to WebAssembly by
// docs/playground/build.py and called by docs/playground/js/core.js. One thread. Nothing is thrown across: what is wrong
// becomes the text of `error`. Includes the core below and no pybind11.
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "solvers/descent.hpp"
#include "solvers/lbfgs.hpp"
#include "solvers/levenberg_marquardt.hpp"
#include "sums/gradient.hpp"

namespace shallownet {
namespace {

std::string error_text;  // of the last call; empty if nothing was wrong

// Runs f; if it throws, keeps the text and returns `failed`.
template <class T, class F>
T guarded(T failed, F&& f) {
  error_text.clear();
  try {
    return f();
  } catch (const std::bad_alloc&) {
    error_text = "out of memory";
  } catch (const std::exception& e) {
    error_text = e.what();
  }
  return failed;
}

OptimizerStep<double> step_named(const std::string& name) {
  OptimizerStep<double> step{};
  with_named(Optimizers{}, name, [&](auto type) { step = optimizer_step<double, typename decltype(type)::type>(); });
  return step;
}

enum class Course { failed = -1, diverged, goes_on, ended };

// A training under way: its network, its examples, and where it stands.
struct Training {
  Network<double> net;
  Index m;
  Buffer<double> X, Y;   // rows (m, n_x), (m, n_y)
  Buffer<double> theta;  // (n): the last complete epoch's
  Index n_epochs = 0, n_steps = 0;
  InterruptWatch watch{[] { return false; }};  // a page lets a training go on in short calls instead

  Training(const Shape& shape, Index n_examples, const std::string& hidden, const std::string& output)
      : net(shape, hidden, output, 0.01), m(n_examples) {
    if (m < 1) throw std::invalid_argument("there must be at least one example");
    if (net.at.is_large()) throw std::length_error("the network is too large for a page");
    X = Buffer<double>(m * shape.n_x);
    Y = Buffer<double>(m * shape.n_y);
    theta = Buffer<double>(shape.n_parameters());
  }
  virtual ~Training() = default;

  // Epochs of training. If they diverge, the parameters are those of the last one before.
  virtual Course advance(Index n, const std::int32_t* order) = 0;

  Examples<double> examples(const double* x, const double* y) const {
    Examples<double> rows;
    rows.X = {x, net.at.shape.n_x, 1};
    rows.Y = {y, net.at.shape.n_y, 1};
    return rows;
  }

  Buffer<double> packed() const {
    Buffer<double> p(net.at.size);
    net.at.pack(theta.data(), p.data());
    return p;
  }

  double cost(const double* x, const double* y, Index n, double l2) {
    return cost_and_gradient<double>(net, packed().data(), nullptr, examples(x, y), n, l2, 1, watch);
  }

  // A2 (n, n_y) and, if there is room for it, A1 (n, n_h) of rows x (n, n_x).
  void forward_rows(const double* x, Index n, double* a1, double* a2) {
    const Buffer<double> p = packed();
    const Index n_h = net.at.shape.n_h, n_y = net.at.shape.n_y;
    const auto run = [&](const Tile<double>& tile, Index begin, Workspace<double>& work) {
      forward(net, p.data(), tile, work);
      if (a1 && net.at.shape.has_hidden()) copy_to_rows(work.lookout, net.at, work.A1.data(), tile.n, a1 + begin * n_h);
      outputs(net, tile.n, work);
      matrix(a2 + begin * n_y, tile.n, n_y, n_y, 1) = matrix(work.Z2.data(), tile.n, n_y, 1, tile_examples);
    };
    for_each_tile(net, p.data(), examples(x, nullptr), n, 1, watch, run);
  }
};

// Gradient descent, on all examples at once or in batches.
struct DescentTraining final : Training {
  OptimizerStep<double> step;
  TrainOptions options;
  Buffer<double> state;  // (slots, n)
  Progress progress;

  DescentTraining(const Shape& shape, Index n_examples, const std::string& hidden, const std::string& output,
                  const std::string& optimizer)
      : Training(shape, n_examples, hidden, output), step(step_named(optimizer)),
        state(step.slots * shape.n_parameters()) {
    progress.best_cost = std::numeric_limits<double>::infinity();
  }

  Course advance(Index n, const std::int32_t* order) override {
    const std::vector<std::int64_t> wide(order, order + (order ? n * m : 0));
    Examples<double> all = examples(X.data(), Y.data());
    if (order) all.order = wide.data();
    options.n_epochs = n;
    const Vectors<double> here{theta.data(), state.data()};
    Descent<double> descent(net, step, options, all, m, {here.theta, here.state}, {here, Vectors<double>{}}, watch);
    progress = descent.run(progress);
    n_epochs = options.first_epoch += progress.n_epochs;
    n_steps = static_cast<Index>(progress.steps_done);
    return progress.status == Status::done ? Course::goes_on : Course::diverged;
  }
};

// L-BFGS: each call goes on from what the last one remembered, with the bits of a single call.
struct LbfgsTraining final : Training {
  LbfgsOptions options;
  LbfgsProgress progress;
  Buffer<double> memory;

  using Training::Training;

  Course advance(Index n, const std::int32_t*) override {
    options.n_iterations = n;
    Lbfgs<double> solver(net, options, examples(X.data(), Y.data()), m, memory.size() > 0 ? memory.data() : nullptr,
                         progress, theta.data(), watch);
    const LbfgsStatus status = solver.run();
    if (status == LbfgsStatus::diverged) return Course::diverged;
    progress = solver.progress();
    memory = Buffer<double>(Lbfgs<double>::n_vectors(static_cast<Index>(progress.n_pairs)) * theta.size());
    solver.hand_out(memory.data());
    std::copy_n(memory.data(), theta.size(), theta.data());
    n_epochs = n_steps += static_cast<Index>(solver.take_costs().size());
    return status == LbfgsStatus::done ? Course::goes_on : Course::ended;
  }
};

// Levenberg and Marquardt's method, which remembers less.
struct LmTraining final : Training {
  LmOptions options;
  LmProgress progress;

  using Training::Training;

  Course advance(Index n, const std::int32_t*) override {
    options.n_iterations = n;
    LevenbergMarquardt solver(net, options, examples(X.data(), Y.data()), m, progress, theta.data(), watch);
    const LmStatus status = solver.run();
    if (status == LmStatus::diverged) return Course::diverged;
    progress = solver.progress();
    std::copy_n(solver.parameters(), theta.size(), theta.data());
    n_epochs = n_steps += static_cast<Index>(solver.take_costs().size());
    return status == LmStatus::done ? Course::goes_on : Course::ended;
  }
};

// What a page may choose of a training, beyond the network.
struct Choices {
  double learning_rate, l2;
  Index batch_size;
};

std::unique_ptr<Training> descent_training(const Shape& shape, Index m, const std::string& hidden,
                                           const std::string& output, const std::string& optimizer,
                                           const Choices& choices) {
  if (choices.batch_size < 1 || choices.batch_size > m) throw std::invalid_argument("the batch size must be in 1 .. m");
  auto training = std::make_unique<DescentTraining>(shape, m, hidden, output, optimizer);
  training->options.step = {choices.learning_rate, 0.9, true, 0.9, 0.999, 1e-8, 0.01};  // the defaults of `train`
  training->options.l2 = choices.l2;
  training->options.batch_size = choices.batch_size;
  return training;
}

constexpr double never = std::numeric_limits<double>::infinity();

// This and what follows are the defaults of `train`, too.
template <class Options>
void set_rule(Options& options, double flat) {
  options.tol = 1e-6;
  options.flat = flat;
  options.patience = 3;
}

std::unique_ptr<Training> lbfgs_training(const Shape& shape, Index m, const std::string& hidden,
                                         const std::string& output, const Choices& choices) {
  auto training = std::make_unique<LbfgsTraining>(shape, m, hidden, output);
  training->options.l2 = choices.l2;
  training->options.max_evaluations = never;
  set_rule(training->options, 1e-12);
  return training;
}

std::unique_ptr<Training> lm_training(const Shape& shape, Index m, const std::string& hidden, const std::string& output,
                                      const Choices& choices) {
  auto training = std::make_unique<LmTraining>(shape, m, hidden, output);
  if (training->theta.size() > 2000) throw std::length_error("lm is for at most 2000 parameters");
  training->options.decays = {choices.l2, 0, choices.l2, 0};
  training->options.max_solves = never;
  set_rule(training->options, 1e-8);
  return training;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace
}  // namespace shallownet

// Names end with 0, arrays of numbers stand in the module's memory. The caller frees what it has asked for.
extern "C" {

using shallownet::Index;
using shallownet::Training;

const char* error() { return shallownet::error_text.c_str(); }

// The names that the core knows, with a space between.
const char* activations() {
  static const std::string text = shallownet::joined(shallownet::names(shallownet::Activations{}));
  return text.c_str();
}
const char* outputs() {
  static const std::string text = shallownet::joined(shallownet::names(shallownet::Losses{}));
  return text.c_str();
}
const char* optimizers() {
  static const std::string text = shallownet::joined(shallownet::names(shallownet::Optimizers{}));
  return text.c_str();
}

// Those that find their steps by themselves, on all examples at once: neither rate nor batches.
const char* minimizers() { return "lbfgs lm"; }

double* allocate(Index n) {
  return shallownet::guarded<double*>(nullptr, [&] { return new double[static_cast<std::size_t>(n)]; });
}
void release(const double* numbers) { delete[] numbers; }

Training* training_new(Index n_x, Index n_h, Index n_y, Index m, const char* hidden, const char* output,
                       const char* optimizer, double learning_rate, double l2, Index batch_size) {
  return shallownet::guarded<Training*>(nullptr, [&] {
    const shallownet::Shape shape{n_x, n_h, n_y};
    shape.check();
    const shallownet::Choices choices{learning_rate, l2, batch_size};
    if (optimizer == std::string("lbfgs"))
      return shallownet::lbfgs_training(shape, m, hidden, output, choices).release();
    if (optimizer == std::string("lm")) return shallownet::lm_training(shape, m, hidden, output, choices).release();
    return shallownet::descent_training(shape, m, hidden, output, optimizer, choices).release();
  });
}
void training_free(const Training* training) { delete training; }

// Where the page writes the examples, and writes and reads the parameters.
double* training_x(Training* training) { return training->X.data(); }
double* training_y(Training* training) { return training->Y.data(); }
double* training_theta(Training* training) { return training->theta.data(); }
Index training_parameters(const Training* training) { return training->theta.size(); }
Index training_epochs(const Training* training) { return training->n_epochs; }
Index training_steps(const Training* training) { return training->n_steps; }

// A Course: 1, 2 if it has come to its end, 0 if it has diverged, -1 if it has failed. `order`: an epoch's m indices after
// the other, or null.
int training_advance(Training* training, Index n_epochs, const std::int32_t* order) {
  return static_cast<int>(
      shallownet::guarded(shallownet::Course::failed, [&] { return training->advance(n_epochs, order); }));
}
double training_cost(Training* training, const double* x, const double* y, Index n, double l2) {
  return shallownet::guarded(std::nan(""), [&] { return training->cost(x, y, n, l2); });
}
int training_forward(Training* training, const double* x, Index n, double* a1, double* a2) {
  return shallownet::guarded(-1, [&] {
    training->forward_rows(x, n, a1, a2);
    return 1;
  });
}
}
