// Table networks in the module: their training, what they make of rows.
#pragma once

#include <string>
#include <vector>

#include "bindings/tables/bag.hpp"

namespace shallownet {

using namespace py::literals;

// Logits (n_networks, n, n_y); a network is one thread's.
inline py::array table_outputs(const py::tuple& inputs, const py::array& parameters, const std::string& hidden,
                               Index n_hidden, Index n_y, Index n_threads) {
  return with_table_networks(
      inputs, parameters, n_hidden, n_y, [&](const auto& at, const auto& arrays, auto& networks) {
        using Scalar = std::decay_t<decltype(networks[0][0])>;
        const TableUnits<Scalar> units(hidden, IdentitySquaredError::name);
        const Index n = arrays.rows.n, lead = round_up(n, width<Scalar>),
                    n_networks = static_cast<Index>(networks.size());
        py::array_t<Scalar> logits({n_networks, n, n_y});
        Scalar* out = logits.mutable_data();
        Signals signals;
        Team team(std::clamp<Index>(n_threads, 1, std::max<Index>(n_networks, 1)));
        std::vector<TableOutputs<Scalar>> outputs;
        std::vector<Buffer<Scalar>> columns;
        for (Index t = 0; t < team.size(); ++t) {
          outputs.emplace_back(at, arrays.rows);
          columns.emplace_back(n_y * lead);
        }
        std::atomic<Index> next{0};
        signals.run([&] {
          team.run(
              [&](Index thread) {
                Buffer<Scalar>& Z2 = columns[static_cast<std::size_t>(thread)];
                for (Index m; (m = next.fetch_add(1)) < n_networks;) {
                  if (!outputs[static_cast<std::size_t>(thread)](units, networks[static_cast<std::size_t>(m)].data(),
                                                                 nullptr, 0, n, Z2.data(), lead,
                                                                 {&signals.watch, thread}))
                    return;
                  copy(matrix(Z2.data(), n_y, n, lead, 1), matrix(out + m * n * n_y, n_y, n, 1, n_y));
                }
              },
              [&] { signals.watch.look(0); });
        });
        signals.rethrow();
        return py::array(logits);
      });
}

// Z1 (n, n_hidden) of one network, whose first values are drawn to its measure.
inline py::array table_hidden_units(const py::tuple& inputs, const py::array& parameters, Index n_hidden, Index n_y) {
  return with_table_networks(inputs, parameters, n_hidden, n_y,
                             [&](const auto& at, const auto& arrays, auto& networks) {
                               using Scalar = std::decay_t<decltype(networks[0][0])>;
                               if (networks.size() != 1)
                                 throw py::value_error("parameters must be those of one network");
                               constexpr Index lanes = TableLayout<Scalar>::lanes;
                               const Index n = arrays.rows.n;
                               py::array_t<Scalar> Z1({n, n_hidden});
                               Tables<Scalar> tables(at);
                               TableBatch<Scalar> batch(arrays.rows, 1, std::max<Index>(n, 1));
                               Buffer<Scalar> Z(batch.lead * lanes);
                               batch.gather(arrays.rows, nullptr, 0, n);
                               for (Index g = 0; g < at.n_blocks; ++g) {
                                 tables.look_up(networks[0].data(), g, arrays.rows);
                                 table_hidden(tables, batch, arrays.rows, Z.data());
                                 const Index units = std::min(lanes, n_hidden - g * lanes);
                                 for (Index i = 0; i < n; ++i)
                                   std::copy_n(Z.data() + i * lanes, units, Z1.mutable_data(i, g * lanes));
                               }
                               return py::array(Z1);
                             });
}

inline void bind_tables(py::module_& m) {
  m.def("train_bag", &train_bag, "inputs"_a, "y"_a, "weights"_a, "members"_a, "parameters"_a, "moments"_a, "averages"_a,
        "n_steps"_a, "options"_a, "n_threads"_a,
        "Epochs of table networks that keep step, each judged by the rows it leaves out; a dictionary.");
  m.def("table_outputs", &table_outputs, "inputs"_a, "parameters"_a, "hidden"_a, "n_hidden"_a, "n_outputs"_a,
        "n_threads"_a, "Logits (n_networks, n, n_y) of a table's rows.");
  m.def("table_hidden", &table_hidden_units, "inputs"_a, "parameters"_a, "n_hidden"_a, "n_outputs"_a,
        "Pre-activations (n, n_hidden) of a table's rows.");
}

}  // namespace shallownet
