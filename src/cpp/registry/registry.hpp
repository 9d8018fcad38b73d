// Lists of types that carry a name: the one place where activations, outputs, optimizers and schedules are told
// apart by their names. Includes only the standard library.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace shallownet {

template <class... Ts>
struct TypeList {};

template <class T>
struct Type {
  using type = T;
};

template <class F, class... Ts>
void for_each(TypeList<Ts...>, F&& f) {
  (f(Type<Ts>{}), ...);
}

template <class... Ts>
std::vector<std::string> names(TypeList<Ts...>) {
  return {Ts::name...};
}

// Calls f(Type<T>{}) for the T of the list with this name; std::invalid_argument when there is none.
template <class... Ts, class F>
void with_named(TypeList<Ts...>, const std::string& name, F&& f) {
  const bool found = ((name == Ts::name && (f(Type<Ts>{}), true)) || ...);
  if (!found) throw std::invalid_argument("unknown name '" + name + "'");
}

}  // namespace shallownet
