// Module _cpu: which of the levels that were built this processor runs. Compiled for the lowest common processor, so
// that it loads anywhere, and written in Python's C interface, so that it loads first of all: pybind11's start waits for
// ever in a subinterpreter, which is therefore refused here. Includes nothing of the core.
#include <Python.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <new>
#include <sstream>
#include <string>
#include <vector>

namespace {

#if defined(__x86_64__)
// What the processor says of itself in register ecx.
bool says(unsigned leaf, unsigned bits) {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid(leaf, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bits) == bits;
}

// The levels as the psABI lists their features, one by one: clang before 18 does not know the levels' names. A feature
// with registers of its own counts only if the operating system saves them. Features that clang does not know are bits.
bool runs_v2() {
  return __builtin_cpu_supports("sse3") && __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("sse4.1") &&
         __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt") && says(1, bit_CMPXCHG16B) &&
         says(0x80000001, bit_LAHF_LM);
}
bool runs_v3() {
  return runs_v2() && __builtin_cpu_supports("avx") && __builtin_cpu_supports("avx2") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma") &&
         says(1, bit_F16C | bit_MOVBE) && says(0x80000001, bit_LZCNT);
}
bool runs_v4() {
  return runs_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

// The processor itself is asked (cpuid), not a configuration file, so that emulators and valgrind get what they run.
bool runs(const std::string& level) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (level == "x86-64-v4") return runs_v4();
  if (level == "x86-64-v3") return runs_v3();
  if (level == "x86-64-v2") return runs_v2();
#endif
  return level == "baseline";
}

// A tuple of the levels' names; null, with Python's error set, if there is no memory.
PyObject* levels(bool supported_only) noexcept try {
  std::istringstream words(SHALLOWNET_LEVELS);
  std::vector<std::string> found;
  for (std::string level; words >> level;) {
    if (!supported_only || runs(level)) found.push_back(level);
  }
  PyObject* names = PyTuple_New(static_cast<Py_ssize_t>(found.size()));
  for (std::size_t i = 0; names && i < found.size(); ++i) {
    PyObject* name = PyUnicode_FromString(found[i].c_str());
    if (!name) Py_CLEAR(names);
    if (name) PyTuple_SET_ITEM(names, static_cast<Py_ssize_t>(i), name);
  }
  return names;
} catch (const std::bad_alloc&) {
  return PyErr_NoMemory();
}

// What every module of a build is compiled with, as the preprocessor of this one sees it.
std::string hardening() {
  std::string words;
#if defined(__USE_FORTIFY_LEVEL)
  words += "fortify " + std::to_string(__USE_FORTIFY_LEVEL);
#endif
#if defined(__SSP_STRONG__) || defined(__SSP_ALL__)
  words += std::string(words.empty() ? "" : ", ") + "stack protector";
#endif
  return words;
}

int execute(PyObject* module) {
  if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
    PyErr_SetString(
        PyExc_ImportError,
        "shallownet_native works in the main interpreter only, and this is a subinterpreter: import it in the "
        "main one, or use processes (multiprocessing) in the place of subinterpreters");
    return -1;
  }
  return PyModule_AddStringConstant(module, "hardening", hardening().c_str());
}

PyMethodDef functions[] = {{"built_levels", [](PyObject*, PyObject*) { return levels(false); }, METH_NOARGS,
                            "built_levels()\n--\n\nLevels built, lowest first."},
                           {"supported_levels", [](PyObject*, PyObject*) { return levels(true); }, METH_NOARGS,
                            "supported_levels()\n--\n\nLevels built that this processor runs, lowest first."},
                           {nullptr, nullptr, 0, nullptr}};

// Said to be fit for interpreters with a lock of their own, so that these, too, hear it from execute().
PyModuleDef_Slot slots[] = {
#if defined(Py_mod_multiple_interpreters)
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if defined(Py_mod_gil)
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {Py_mod_exec, reinterpret_cast<void*>(&execute)},
    {0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "_cpu",
                          "Which CPU levels were built, and which of them this processor runs.",
                          0,
                          functions,
                          slots,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace

// The name that Python looks for.
PyMODINIT_FUNC PyInit__cpu() {  // NOLINT(bugprone-reserved-identifier)
  return PyModuleDef_Init(&definition);
}
