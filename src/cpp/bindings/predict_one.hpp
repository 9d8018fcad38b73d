// The fast entry for one example: predict_one(parameters, x). Bound by hand, because a generic signature costs more than a
// small network; its checks stand here, and whatever is not the plain case goes through _native/arrays.py. What can be
// prepared (names, padded parameters, scratch) is kept in parameters._predictor.
#pragma once

#include <atomic>
#include <optional>

#include "bindings/calls.hpp"

namespace shallownet {

// What a call was given, None and no slope where it leaves them to what the parameters know.
struct GivenUnits {
  PyObject* hidden = Py_None;
  PyObject* output = Py_None;
  std::optional<double> negative_slope;
};

// Parameters made ready, with what the call was given and the values they were made for.
class Predictor {
 public:
  Predictor(Shape shape, const GivenUnits& given, const py::array& flat, Signals& signals)
      : shape_(shape), given_(given), hidden_(py::reinterpret_borrow<py::object>(given.hidden)),
        output_(py::reinterpret_borrow<py::object>(given.output)), flat_(flat), values_(flat.nbytes()) {
    const auto* from = static_cast<const char*>(flat.data());
    for_each_block_of(0, values_.size(), {&signals.watch},
                      [&](Index begin, Index end) { std::copy(from + begin, from + end, values_.data() + begin); });
    signals.rethrow();
  }
  virtual ~Predictor() = default;

  // Names are compared by identity: literals are shared, and others are only slower.
  bool fits(const GivenUnits& given) const {
    return given.hidden == given_.hidden && given.output == given_.output &&
           given.negative_slope == given_.negative_slope;
  }
  // Whether the values are still those. Nobody can write to the bytes that frozen parameters are in: they need no look.
  // That `flat` is read-only would not do, for other arrays may be views of the same memory.
  bool is_current() const {
    const auto* flat = py::detail::array_proxy(flat_.ptr());
    const bool is_frozen = flat->base && PyBytes_CheckExact(flat->base);
    return is_frozen || std::memcmp(flat->data, values_.data(), static_cast<std::size_t>(values_.size())) == 0;
  }
  // Whether x is the plain case: right dtype and size, in place, finite.
  virtual bool takes(const py::detail::PyArray_Proxy* x) const = 0;
  // New reference, or null with an error set.
  virtual PyObject* predict(const void* x) = 0;

  const Shape& shape() const { return shape_; }
  // Scratch is for one caller; a second one at the same moment makes its own predictor.
  std::atomic_flag busy = ATOMIC_FLAG_INIT;

 private:
  Shape shape_;
  GivenUnits given_;
  py::object hidden_, output_;  // keep what was given alive
  py::array flat_;              // the parameters' own: who puts another in its place drops this predictor
  Buffer<char> values_;
};

template <class Scalar>
class PredictorOf final : public Predictor {
 public:
  PredictorOf(Shape shape, const GivenUnits& given, const py::tuple& units, const py::array& flat, Signals& signals)
      : Predictor(shape, given, flat, signals),
        net_(shape, py::cast<std::string>(units[0]), py::cast<std::string>(units[1]), py::cast<double>(units[2])),
        work_(net_.at), parameters_(net_.at.size), dtype_(py::dtype::of<Scalar>()) {
    const Scalar* user = contiguous<Scalar>(flat, "parameters", 1);
    if (flat.size() != shape.n_parameters()) throw py::value_error("parameters do not fit their shape");
    net_.at.pack(user, parameters_.data(), net_.at.lookout(&signals.watch));
    signals.rethrow();
  }

  bool takes(const py::detail::PyArray_Proxy* x) const override {
    return x->nd == 1 && x->dimensions[0] == shape().n_x && x->descr == dtype_.ptr() && (x->flags & numpy_aligned) &&
           (x->flags & py::array::c_style) && is_finite(reinterpret_cast<const Scalar*>(x->data), shape().n_x);
  }

  PyObject* predict(const void* data) override {
    const Scalar* x = static_cast<const Scalar*>(data);
    Tile<Scalar> tile;
    tile.n = 1;
    tile.X = x;
    tile.ldx = shape().n_x;
    if (net_.at.narrow) {  // the example in every lane
      for (Index k = 0; k < shape().n_x; ++k) store(work_.X.data() + k * width<Scalar>, broadcast(x[k]));
      tile.X = work_.X.data();
      tile.ldx = width<Scalar>;
    }
    forward(net_, parameters_.data(), tile, work_);
    outputs(net_, 1, work_);
    auto& numpy = py::detail::npy_api::get();
    const Py_intptr_t n_y = shape().n_y;
    Py_INCREF(dtype_.ptr());
    PyObject* result =
        numpy.PyArray_NewFromDescr_(numpy.PyArray_Type_, dtype_.ptr(), 1, &n_y, nullptr, nullptr, 0, nullptr);
    if (!result) return nullptr;
    auto* to = reinterpret_cast<Scalar*>(py::detail::array_proxy(result)->data);
    for (Index k = 0; k < n_y; ++k) to[k] = work_.Z2[k * tile_examples];
    return result;
  }

 private:
  Network<Scalar> net_;
  Workspace<Scalar> work_;
  Buffer<Scalar> parameters_;
  py::dtype dtype_;
};

constexpr const char* predictor_name = "shallownet_native._predictor." SHALLOWNET_LEVEL;

struct PredictOneNames {
  PyObject* predictor = PyUnicode_InternFromString("_predictor");
  PyObject* hidden = PyUnicode_InternFromString("hidden");
  PyObject* output = PyUnicode_InternFromString("output");
  PyObject* negative_slope = PyUnicode_InternFromString("negative_slope");

  static const PredictOneNames& get() {
    static const PredictOneNames names;
    return names;
  }
};

// A predictor for these parameters and units, chosen by _units, kept in parameters._predictor, and busy.
inline py::capsule new_predictor(PyObject* parameters, const GivenUnits& given) {
  const auto owner = py::reinterpret_borrow<py::object>(parameters);
  const py::tuple units =
      py::module_::import("shallownet_native.network.examples")
          .attr("check_predictor")(
              owner, py::handle(given.hidden), py::handle(given.output),
              given.negative_slope ? py::object(py::float_(*given.negative_slope)) : py::object(py::none()));
  const auto flat = py::cast<py::array>(owner.attr("flat"));
  const Shape shape = shape_of(py::cast<py::tuple>(owner.attr("shape")));
  Predictor* made = with_scalar(flat, [&](auto scalar) -> Predictor* {
    Signals signals;
    return new PredictorOf<typename decltype(scalar)::type>(shape, given, units, flat, signals);
  });
  made->busy.test_and_set(std::memory_order_acquire);  // before others can see it
  py::capsule capsule(made, predictor_name, [](void* p) { delete static_cast<Predictor*>(p); });
  if (PyObject_GenericSetAttr(parameters, PredictOneNames::get().predictor, capsule.ptr()) != 0)
    throw py::error_already_set();
  return capsule;
}

inline std::optional<double> given_slope(PyObject* value) {
  if (value == Py_None) return std::nullopt;
  const double slope = PyFloat_AsDouble(value);
  if (PyErr_Occurred()) throw py::error_already_set();
  return slope;
}

// The general case: x converted or refused by _native/arrays.py.
inline PyObject* predict_checked(Predictor& predictor, PyObject* parameters, PyObject* x) {
  auto& numpy = py::detail::npy_api::get();
  if (Py_TYPE(x) == numpy.PyArray_Type_) {  // a subclass may not mean its numbers as they stand: masked arrays
    const auto* array = py::detail::array_proxy(x);
    if (predictor.takes(array)) return predictor.predict(array->data);
  }
  const py::object clean = py::module_::import("shallownet_native.network.examples")
                               .attr("check_example")(py::handle(parameters), py::handle(x));
  return predictor.predict(py::cast<py::array>(clean).data());
}

// What the call was given besides parameters and x. In line: a small network takes no longer than a few calls.
[[gnu::always_inline]] inline GivenUnits given_units(const PredictOneNames& names, PyObject* const* args,
                                                     Py_ssize_t n_args, PyObject* keywords) {
  GivenUnits given;
  if (n_args < 2 || n_args > 4) throw py::type_error("predict_one takes (parameters, x, hidden=None, output=None)");
  if (n_args > 2) given.hidden = args[2];
  if (n_args > 3) given.output = args[3];
  for (Py_ssize_t i = 0; keywords && i < PyTuple_GET_SIZE(keywords); ++i) {
    PyObject* name = PyTuple_GET_ITEM(keywords, i);
    PyObject* value = args[n_args + i];
    if (PyUnicode_Compare(name, names.hidden) == 0 && n_args < 3) {
      given.hidden = value;
    } else if (PyUnicode_Compare(name, names.output) == 0 && n_args < 4) {
      given.output = value;
    } else if (PyUnicode_Compare(name, names.negative_slope) == 0) {
      given.negative_slope = given_slope(value);
    } else {
      throw py::type_error("predict_one has no argument " + std::string(py::str(name)) + ", or it was given twice");
    }
  }
  return given;
}

// NOLINTNEXTLINE(bugprone-exception-escape): restore() throws only where the interpreter itself is broken
inline PyObject* predict_one(PyObject*, PyObject* const* args, Py_ssize_t n_args, PyObject* keywords) noexcept {
  const PredictOneNames& names = PredictOneNames::get();
  try {
    const GivenUnits given = given_units(names, args, n_args, keywords);
    PyObject* parameters = args[0];
    const auto kept = py::reinterpret_steal<py::object>(PyObject_GetAttr(parameters, names.predictor));
    if (!kept) PyErr_Clear();  // not Parameters: new_predictor says so
    Predictor* predictor = nullptr;
    py::object owner;  // keeps the predictor alive
    if (kept && PyCapsule_CheckExact(kept.ptr()) && PyCapsule_GetName(kept.ptr()) == predictor_name) {
      predictor = static_cast<Predictor*>(PyCapsule_GetPointer(kept.ptr(), predictor_name));
      owner = kept;
      if (!predictor->fits(given) || !predictor->is_current() ||
          predictor->busy.test_and_set(std::memory_order_acquire))
        predictor = nullptr;
    }
    if (!predictor) {
      owner = new_predictor(parameters, given);
      predictor = static_cast<Predictor*>(PyCapsule_GetPointer(owner.ptr(), predictor_name));
    }
    struct Release {
      Predictor* p;
      ~Release() { p->busy.clear(std::memory_order_release); }
    } release{predictor};
    return predict_checked(*predictor, parameters, args[1]);
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const py::builtin_exception& error) {
    error.set_error();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  }
  return nullptr;
}

constexpr const char* predict_one_doc =
    "predict_one(parameters, x, /, hidden=None, output=None, negative_slope=None)\n--\n\n"
    "Return the outputs A2 of one example, fast: x (n_x,) -> (n_y,).\n\n"
    "Bit for bit the column of A2 that `forward` gives for this example. x should be a C-contiguous array of the\n"
    "parameters' dtype; others are converted or refused as in `forward`. What can be prepared is kept with the\n"
    "parameters and made anew when they have changed; `parameters.freeze()` saves looking whether they have.\n\n"
    "Parameters\n----------\n"
    "parameters : Parameters\n"
    "x : array_like, shape (n_x,)\n"
    "hidden, output, negative_slope : optional\n    As in `forward`.\n\n"
    "Returns\n-------\n"
    "ndarray, shape (n_y,)\n\n"
    "Raises\n------\n"
    "TypeError, ValueError\n    As `forward` does.\n\n"
    "Examples\n--------\n"
    ">>> import numpy as np, shallownet_native as sn\n"
    ">>> sn.predict_one(sn.Parameters(None, None, [[2.0]], [[1.0]]), np.array([3.0]), output='identity')\n"
    "array([7.])\n";

inline void bind_predict_one(py::module_& m) {
  static PyMethodDef method = {"predict_one", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&predict_one)),
                               METH_FASTCALL | METH_KEYWORDS, predict_one_doc};
  m.attr("predict_one") = py::reinterpret_steal<py::object>(PyCFunction_NewEx(&method, nullptr, nullptr));
}

}  // namespace shallownet
