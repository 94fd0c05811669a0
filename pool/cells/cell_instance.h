// cell_instance: one of the copies of a cell's data, in place, with a probe of its own. Not for several threads: the cell
// says who may touch which instance.
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

#include "pool/cache_line.h"
#include "pool/cells/probe_section.h"

namespace crosstalk::pool::detail {

template <class F, class Data>
using ClosureResult = std::invoke_result_t<F&, Data>;

// Closures return values: the data may be gone, or be another copy, when the call returns.
template <class F, class T>
concept ReadClosure = std::invocable<F&, const T&> && !std::is_reference_v<ClosureResult<F, const T&>>;
template <class F, class T>
concept WriteClosure = std::invocable<F&, T&> && !std::is_reference_v<ClosureResult<F, T&>>;

template <class T, LockProbe P>
class alignas(kCacheLine) CellInstance {
 public:
  template <class... Args>
  void make(Args&&... args) {
    data_.emplace(std::forward<Args>(args)...);
  }

  // A container that has an allocator keeps it: the copy lies in the same memory resource. If a copy throws, there is
  // nothing here.
  void make_copy_of(const CellInstance& other) {
    const T& data = *other.data_;
    if constexpr (requires { T(data, data.get_allocator()); }) {
      data_.emplace(data, data.get_allocator());
    } else {
      data_.emplace(data);
    }
  }

  void destroy() noexcept { data_.reset(); }

  template <class F>
  ClosureResult<F, const T&> read(F& f) const {
    const SharedSection<P> section(probe_);
    return f(std::as_const(*data_));
  }

  [[nodiscard]] T& data() noexcept { return *data_; }
  [[nodiscard]] P& probe() const noexcept { return probe_; }

 private:
  std::optional<T> data_;
  [[no_unique_address]] mutable P probe_;
};

}  // namespace crosstalk::pool::detail
