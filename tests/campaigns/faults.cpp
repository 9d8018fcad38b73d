// Preloaded into Python by the campaigns on faults: makes chosen allocations and system calls fail. It stands in front of
// the C library's functions, counts the calls while armed, and lets those with the numbers `first` to `last` fail.
// Allocations count from every library, or only those that our modules and the C++ library ask for.
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <new>

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);
}

namespace {

struct Range {
  uintptr_t begin = 0, end = 0;
};
constexpr int most_ranges = 8;
Range ranges[most_ranges];
std::atomic<int> n_ranges{0};
std::atomic<bool> only_ranges{false};

// Counts the calls of one kind, and says which ones fail.
struct Counter {
  std::atomic<bool> armed{false};
  std::atomic<long> n{0};
  long first = 0, last = 0;

  bool fails() {
    if (!armed.load(std::memory_order_relaxed)) return false;
    const long number = ++n;
    return number >= first && number <= last;
  }
};
Counter allocations, calls;
int failing_error = 0;    // what the system calls set errno to; 0 for writes that are merely short
const char* failing_name = nullptr;

bool counts(const void* caller) {
  if (!only_ranges.load(std::memory_order_relaxed)) return true;
  const auto address = reinterpret_cast<uintptr_t>(caller);
  for (int i = 0; i < n_ranges.load(std::memory_order_relaxed); ++i)
    if (address >= ranges[i].begin && address < ranges[i].end) return true;
  return false;
}

bool allocation_fails(const void* caller) {
  if (!allocations.armed.load(std::memory_order_relaxed) || !counts(caller) || !allocations.fails()) return false;
  errno = ENOMEM;
  return true;
}

void* allocate(size_t size, size_t alignment, const void* caller) {
  void* p = allocation_fails(caller) ? nullptr : __libc_memalign(alignment, size > 0 ? size : 1);
  return p;
}

bool same(const char* a, const char* b) {
  while (*a && *a == *b) ++a, ++b;
  return *a == *b;
}

bool call_fails(const char* name) {
  if (!calls.armed.load(std::memory_order_relaxed) || !failing_name || !same(name, failing_name) || !calls.fails())
    return false;
  if (failing_error == 0) return true;  // a short write
  errno = failing_error;
  return true;
}

// Names the libraries on the stack, so that it can be told whose crash this is.
void show_stack(int number) {
  void* frames[64];
  backtrace_symbols_fd(frames, backtrace(frames, 64), 2);
  signal(number, SIG_DFL);
  raise(number);
}

template <class F>
F real(const char* name) {
  return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

}  // namespace

#define CALLER __builtin_return_address(0)

extern "C" {

void fault_add_range(uintptr_t begin, uintptr_t end) {
  if (n_ranges < most_ranges) ranges[n_ranges++] = {begin, end};
}
void fault_arm_allocations(long first, long last, int only) {
  only_ranges = only != 0;
  allocations.first = first;
  allocations.last = last;
  allocations.n = 0;
  allocations.armed = true;
}
void fault_arm_calls(const char* name, long first, long last, int error) {
  failing_name = name;
  failing_error = error;
  calls.first = first;
  calls.last = last;
  calls.n = 0;
  calls.armed = true;
}
void fault_show_crashes() {
  void* frame;
  backtrace(&frame, 1);  // loads what it needs, while there is memory
  signal(SIGSEGV, show_stack);
  signal(SIGABRT, show_stack);
}
long fault_disarm() {  // how many calls were counted
  const bool was = allocations.armed.exchange(false);
  calls.armed = false;
  return was ? allocations.n.load() : calls.n.load();
}

void* malloc(size_t size) { return allocation_fails(CALLER) ? nullptr : __libc_malloc(size); }
void* calloc(size_t n, size_t size) { return allocation_fails(CALLER) ? nullptr : __libc_calloc(n, size); }
void* realloc(void* p, size_t size) { return allocation_fails(CALLER) ? nullptr : __libc_realloc(p, size); }
void* aligned_alloc(size_t alignment, size_t size) {
  return allocation_fails(CALLER) ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** p, size_t alignment, size_t size) {
  if (allocation_fails(CALLER)) return ENOMEM;
  *p = __libc_memalign(alignment, size);
  return *p ? 0 : ENOMEM;
}

ssize_t write(int file, const void* data, size_t size) {
  const auto run = real<ssize_t (*)(int, const void*, size_t)>("write");
  if (!call_fails("write")) return run(file, data, size);
  return failing_error == 0 && size > 1 ? run(file, data, size / 2) : -1;
}
ssize_t read(int file, void* data, size_t size) {
  const auto run = real<ssize_t (*)(int, void*, size_t)>("read");
  if (!call_fails("read")) return run(file, data, size);
  return failing_error == 0 && size > 1 ? run(file, data, size / 2) : -1;
}
int fsync(int file) { return call_fails("fsync") ? -1 : real<int (*)(int)>("fsync")(file); }
int close(int file) {  // closed all the same, as Linux does
  const int result = real<int (*)(int)>("close")(file);
  return call_fails("close") ? -1 : result;
}
int rename(const char* from, const char* to) {
  return call_fails("rename") ? -1 : real<int (*)(const char*, const char*)>("rename")(from, to);
}
int chmod(const char* path, mode_t mode) {
  return call_fails("chmod") ? -1 : real<int (*)(const char*, mode_t)>("chmod")(path, mode);
}
int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return call_fails("open") ? -1 : real<int (*)(const char*, int, ...)>("open64")(path, flags, mode);
}

}  // extern "C"

// The C++ library's own are not called for these, so that the caller is known.
#define NEW(ARGUMENTS, ALIGNMENT)                      \
  void* operator new ARGUMENTS {                       \
    void* p = allocate(size, ALIGNMENT, CALLER);       \
    if (!p) throw std::bad_alloc();                    \
    return p;                                          \
  }                                                    \
  void* operator new[] ARGUMENTS {                     \
    void* p = allocate(size, ALIGNMENT, CALLER);       \
    if (!p) throw std::bad_alloc();                    \
    return p;                                          \
  }
NEW((size_t size), 16)
NEW((size_t size, std::align_val_t alignment), static_cast<size_t>(alignment))
void* operator new(size_t size, const std::nothrow_t&) noexcept { return allocate(size, 16, CALLER); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return allocate(size, 16, CALLER); }
void operator delete(void* p) noexcept { __libc_free(p); }
void operator delete[](void* p) noexcept { __libc_free(p); }
void operator delete(void* p, size_t) noexcept { __libc_free(p); }
void operator delete[](void* p, size_t) noexcept { __libc_free(p); }
void operator delete(void* p, std::align_val_t) noexcept { __libc_free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { __libc_free(p); }
void operator delete(void* p, size_t, std::align_val_t) noexcept { __libc_free(p); }
void operator delete[](void* p, size_t, std::align_val_t) noexcept { __libc_free(p); }
