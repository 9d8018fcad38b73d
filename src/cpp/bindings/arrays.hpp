// NumPy arrays as the core takes them: every function here checks what could crash and copies nothing it can read in
// place. At the end: answers where memory has run out.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "passes/passes.hpp"

namespace shallownet {

namespace py = pybind11;

constexpr int numpy_aligned = 0x0100;

template <class Scalar>
const Scalar* checked(const py::array& a, const char* name, py::ssize_t ndim) {
  if (!py::isinstance<py::array_t<Scalar>>(a))
    throw py::type_error(std::string(name) + " has another dtype than theta");
  if (a.ndim() != ndim) throw py::value_error(std::string(name) + " has the wrong number of dimensions");
  if (!(a.flags() & numpy_aligned)) throw py::value_error(std::string(name) + " is not aligned");
  for (py::ssize_t d = 0; d < ndim; ++d)
    if (a.strides(d) % static_cast<py::ssize_t>(sizeof(Scalar)) != 0)
      throw py::value_error(std::string(name) + " has strides that are no multiples of the item size");
  return static_cast<const Scalar*>(a.data());
}

// An object that is an array: nothing is converted, for nobody would keep the copy alive.
inline py::array array_in(const py::handle& o, const char* name) {
  if (!py::isinstance<py::array>(o)) throw py::type_error(std::string(name) + " is no array");
  return py::reinterpret_borrow<py::array>(o);
}

template <class Scalar>
const Scalar* contiguous(const py::array& a, const char* name, py::ssize_t ndim) {
  if (!(a.flags() & py::array::c_style)) throw py::value_error(std::string(name) + " is not C-contiguous");
  return checked<Scalar>(a, name, ndim);
}

template <class Scalar>
Rows<Scalar> rows(const py::array& a, const char* name, Index m, Index columns) {
  const Scalar* data = checked<Scalar>(a, name, 2);
  if (a.shape(0) != m || a.shape(1) != columns) throw py::value_error(std::string(name) + " has the wrong shape");
  const auto step = static_cast<py::ssize_t>(sizeof(Scalar));
  return {data, a.strides(0) / step, columns == 1 ? 1 : a.strides(1) / step};
}

inline Shape shape_of(const py::tuple& t) {
  const auto [n_x, n_h, n_y] = py::cast<std::tuple<Index, Index, Index>>(t);
  const Shape shape{n_x, n_h, n_y};
  shape.check();
  return shape;
}

// Calls f(Type<float>) or f(Type<double>) as the array's dtype says.
template <class F>
auto with_scalar(const py::array& a, F&& f) {
  if (py::isinstance<py::array_t<float>>(a)) return f(Type<float>{});
  if (py::isinstance<py::array_t<double>>(a)) return f(Type<double>{});
  throw py::type_error("arrays must be float32 or float64");
}

// A copy of whole numbers, because with the GIL released another thread could still write into the user's array; each is
// checked to lie in 0 .. limit - 1 and, where they are ordered, not to fall.
template <class To>
std::vector<To> checked_indices(const py::array& a, const char* name, Index limit, bool ordered = false) {
  const std::int64_t* data = contiguous<std::int64_t>(a, name, a.ndim());
  std::vector<To> copy(static_cast<std::size_t>(a.size()));
  constexpr std::size_t block = 1 << 20;  // between two looks for Ctrl-C
  for (std::size_t begin = 0; begin < copy.size(); begin += block) {
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    for (std::size_t i = begin; i < std::min(begin + block, copy.size()); ++i) {
      if (data[i] < 0 || data[i] >= limit) throw py::index_error(std::string(name) + " points outside the examples");
      copy[i] = static_cast<To>(data[i]);
      if (ordered && i > 0 && copy[i] < copy[i - 1]) throw py::index_error(std::string(name) + " is not in order");
    }
  }
  return copy;
}

// The user's examples: x is an array (m, n_x), or has the three arrays of compressed sparse rows as attributes.
template <class Scalar>
class ExampleArrays {
 public:
  Index m = 0;
  Examples<Scalar> examples;

  ExampleArrays(const Shape& shape, const py::object& x) {
    if (!py::isinstance<py::array>(x)) {
      read_sparse(shape, x);
      return;
    }
    const auto array = py::cast<py::array>(x);
    m = array.ndim() == 2 ? array.shape(0) : 0;
    examples.X = rows<Scalar>(array, "x", m, shape.n_x);
  }
  ExampleArrays(const Shape& shape, const py::object& x, const py::array& y, const py::object& weights)
      : ExampleArrays(shape, x) {
    if (m < 1) throw py::value_error("x must hold at least one example");
    examples.Y = rows<Scalar>(y, "y", m, shape.n_y);
    if (weights.is_none()) return;
    const py::array array = array_in(weights, "weights");
    examples.weights = contiguous<Scalar>(array, "weights", 1);
    if (array.size() != m) throw py::value_error("weights must have one number per example");
  }
  ExampleArrays(const ExampleArrays&) = delete;
  ExampleArrays& operator=(const ExampleArrays&) = delete;

 private:
  void read_sparse(const Shape& shape, const py::object& x) {
    const py::array numbers = array_in(x.attr("numbers"), "numbers"), columns = array_in(x.attr("columns"), "columns"),
                    begins = array_in(x.attr("begins"), "begins");
    const Scalar* data = contiguous<Scalar>(numbers, "numbers", 1);
    columns_ = checked_indices<std::int32_t>(columns, "columns", shape.n_x);
    begins_ = checked_indices<std::int64_t>(begins, "begins", numbers.size() + 1, true);
    if (columns.size() != numbers.size() || begins_.empty() || begins_.front() != 0 || begins_.back() != numbers.size())
      throw py::value_error("numbers, columns and begins do not fit together");
    m = static_cast<Index>(begins_.size()) - 1;
    static const Scalar none = 0;  // an empty array may have no address, but sparse inputs are told by theirs
    examples.sparse = {numbers.size() > 0 ? data : &none, columns_.data(), begins_.data()};
  }

  std::vector<std::int64_t> begins_;
  std::vector<std::int32_t> columns_;
};

// The order that examples are taken in, a row of m indices per epoch, or none.
class Order {
 public:
  Order(const py::object& order, Index m, Index n_epochs) {
    if (order.is_none()) return;
    const py::array array = array_in(order, "order");
    if (array.ndim() != 2 || array.shape(0) < n_epochs || array.shape(1) != m)
      throw py::value_error("order must be (n_epochs, m)");
    indices_ = checked_indices<std::int64_t>(array, "order", m);
    is_given_ = true;
  }

  template <class Scalar>
  Examples<Scalar> of(Examples<Scalar> examples) const {
    if (is_given_) examples.order = indices_.data();
    return examples;
  }

 private:
  std::vector<std::int64_t> indices_;
  bool is_given_ = false;
};

// Without memory pybind11 throws errors of its own where Python's MemoryError is pending: the latter is the one to show.
inline void show_memory_error(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::runtime_error&) {
    if (!PyErr_Occurred() || !PyErr_ExceptionMatches(PyExc_MemoryError)) throw;
  }
}

// result[name] = value. Not with keywords, for which pybind11 would first clear the MemoryError.
template <class T>
void put(const py::dict& result, const char* name, const T& value) {
  py::object o;
  if constexpr (std::is_base_of_v<py::object, T>) {
    o = value;
  } else {
    o = py::cast(value);
  }
  if (!o || PyDict_SetItemString(result.ptr(), name, o.ptr()) != 0) throw py::error_already_set();
}

}  // namespace shallownet
