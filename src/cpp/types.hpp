// The words every other file uses: index type, integer rounding, aligned buffers, matrices over
// memory that others own. Includes Eigen only.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace shallownet {

using Index = std::ptrdiff_t;

constexpr Index round_up(Index n, Index multiple) { return (n + multiple - 1) / multiple * multiple; }

// The even cut of n things into parts: part c holds the things from cut(n, parts, c) to cut(n, parts, c + 1).
inline Index cut(Index n, Index parts, Index c) { return n / parts * c + std::min(c, n % parts); }

// Zeroed memory on a cache-line boundary; a failed allocation throws std::bad_alloc. A large one is on large pages where the
// system has them (a fresh page costs as much as computing what goes into it), and zeroed by the system as it is first
// touched: to make one takes no time in which nobody would look for Ctrl-C.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(Index size) : size_(size) {
    if (size <= 0) return;
    const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(T);
    bytes < 2 * large_page ? make_small(bytes) : make_large(bytes);
  }

  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  Index size() const { return size_; }
  T& operator[](Index i) { return data_.get()[i]; }
  const T& operator[](Index i) const { return data_.get()[i]; }

 private:
  static constexpr std::size_t large_page = std::size_t(1) << 21, cache_line = 64;

  struct Free {
    void* whole = nullptr;  // of a large one: what calloc returned
    void operator()(T* p) const {
      if (!whole) return ::operator delete(p, std::align_val_t(cache_line));
      std::free(whole);  // NOLINT(cppcoreguidelines-no-malloc)
    }
  };

  void make_small(std::size_t bytes) {
    data_ = std::unique_ptr<T, Free>(static_cast<T*>(::operator new(bytes, std::align_val_t(cache_line))), Free{});
    std::fill_n(data_.get(), size_, T());
  }

  void make_large(std::size_t bytes) {
    std::size_t space = bytes + large_page;
    void* whole = std::calloc(space, 1);  // NOLINT(cppcoreguidelines-no-malloc): C++ has none that leaves zeros alone
    if (!whole) throw std::bad_alloc();
    void* begin = whole;
    std::align(large_page, bytes, begin, space);
    data_ = std::unique_ptr<T, Free>(static_cast<T*>(begin), Free{whole});
#if defined(__linux__)
    madvise(begin, bytes, MADV_HUGEPAGE);  // advice: it may be declined
#endif
  }

  std::unique_ptr<T, Free> data_;
  Index size_ = 0;
};

// A matrix of examples as the user holds it: element (i, j) stands at data[i * row + j * column]. Not owned.
template <class Scalar>
struct Rows {
  const Scalar* data = nullptr;
  Index row = 0;     // elements from one example to the next
  Index column = 1;  // elements from one feature to the next
};

// An Eigen matrix over memory at any address and with any steps, in elements, from row to row and column to column.
template <class Scalar>
auto matrix(Scalar* data, Index rows, Index columns, Index row_step, Index column_step) {
  using Dense = Eigen::Matrix<std::remove_const_t<Scalar>, Eigen::Dynamic, Eigen::Dynamic>;
  using Steps = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  using Like = std::conditional_t<std::is_const_v<Scalar>, const Dense, Dense>;
  return Eigen::Map<Like, Eigen::Unaligned, Steps>(data, rows, columns, Steps(column_step, row_step));
}

}  // namespace shallownet
