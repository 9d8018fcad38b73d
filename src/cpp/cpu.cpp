// Module _cpu: which of the levels that were built this processor runs. Compiled for the lowest common
// processor, so that it loads anywhere. Includes nothing of the core.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <sstream>
#include <string>
#include <vector>

namespace {

// The processor itself is asked (cpuid), not a configuration file, so that emulators and valgrind get what they run.
bool runs(const std::string& level) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (level == "x86-64-v4") return __builtin_cpu_supports("x86-64-v4") != 0;
  if (level == "x86-64-v3") return __builtin_cpu_supports("x86-64-v3") != 0;
  if (level == "x86-64-v2") return __builtin_cpu_supports("x86-64-v2") != 0;
#endif
  return level == "baseline";
}

std::vector<std::string> levels(bool supported_only) {
  std::istringstream words(SHALLOWNET_LEVELS);
  std::vector<std::string> found;
  for (std::string level; words >> level;) {
    if (!supported_only || runs(level)) found.push_back(level);
  }
  return found;
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

}  // namespace

PYBIND11_MODULE(_cpu, m, pybind11::mod_gil_not_used()) {
  m.doc() = "Which CPU levels were built, and which of them this processor runs.";
  m.attr("hardening") = hardening();
  m.def("built_levels", [] { return pybind11::tuple(pybind11::cast(levels(false))); }, "Levels built, lowest first.");
  m.def(
      "supported_levels", [] { return pybind11::tuple(pybind11::cast(levels(true))); },
      "Levels built that this processor runs, lowest first.");
}
