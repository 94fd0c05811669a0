// cell: data and the mechanism that guards it, in one object. A mechanism M is either a lock, which Guarded lifts, or a tag
// that names a cell of its own:
//
//   struct Mine {
//     template <class T, class P> using Cell = MyCell<T, P>;
//     static constexpr LockContract kContract{...};  // or not: then it promises exclusion only
//   };
//
// CellOf<M, T, P> is the cell that guards a T under M and tells probe P of the way through it (guarded.h). What every cell
// promises, and check_cell() of cell_conformance.h checks:
//
// - read(f) returns f(const T&) and write(f) returns f(T&). f is a pure function of T that returns a value, besides writes
//   that may be repeated. It may run on another thread, on a copy, and in a write twice; a read runs it exactly once.
// - Writes are atomic and take effect in one order; what f of a read sees is the state between two of them.
// - Once write() has returned, no f of a read that began before it runs any more on the older state: writers that leave
//   readers alone wait until the last of those has left (a grace period). So what a read does inside f, numbering a message
//   for instance, comes before the return of every write that it has not seen. A mechanism for which that does not
//   hold says `static constexpr bool kReadsOutside = true`: f runs on a copy after the read has ended.
// - An exception of f comes out of read() or write() of the thread that called, and leaves the cell free.
// - A probe never sees a reader beside a writer: what readers and writers may use side by side has a probe for each copy, as the
//   cell says. A reader that waits for nobody tells of before() when it is in.
// - f must not write to its own cell: that never returns. Whether a read may read again, each cell says.
#pragma once

#include <concepts>
#include <cstdint>
#include <mutex>
#include <type_traits>

#include "pool/contract.h"
#include "pool/guarded.h"

namespace crosstalk::pool {

namespace detail {

// Closures of the least demanding form.
template <class T>
struct PlainRead {
  int operator()(const T&) const noexcept { return 0; }
};
template <class T>
struct PlainWrite {
  int operator()(T&) const noexcept { return 0; }
};

template <class M, class T, class P>
struct CellFor {};  // no cell of M guards a T

template <ExclusiveLock M, class T, class P>
struct CellFor<M, T, P> {
  using Type = Guarded<T, M, P>;
};

template <class M, class T, class P>
requires(!ExclusiveLock<M>) && requires {
  typename M::template Cell<T, P>;
}
struct CellFor<M, T, P> {
  using Type = typename M::template Cell<T, P>;
};

}  // namespace detail

// The cell that guards a T under mechanism M.
template <class M, class T, class P = NoProbe>
using CellOf = typename detail::CellFor<M, T, P>::Type;

// C has read(f) and write(f) and returns what f returns.
template <class C, class T>
concept CellOperations = requires(C& cell, const C& same) {
  { same.read(detail::PlainRead<T>()) } -> std::same_as<int>;
  { cell.write(detail::PlainWrite<T>()) } -> std::same_as<int>;
};

// M is a tag whose Cell<T, P> guards at least integers.
template <class M>
concept CellMechanism = !ExclusiveLock<M> && requires {
  typename M::template Cell<std::uint64_t, NoProbe>;
}
&&CellOperations<typename M::template Cell<std::uint64_t, NoProbe>, std::uint64_t>;

// What a server can guard its data with.
template <class M>
concept Mechanism = ExclusiveLock<M> || CellMechanism<M>;

// M can guard a T: some mechanisms want to copy it.
template <class M, class T>
concept Guards = Mechanism<M> && requires {
  typename CellOf<M, T>;
};

namespace detail {
template <class M>
struct LockFor {
  using Type = std::mutex;
};
template <ExclusiveLock M>
struct LockFor<M> {
  using Type = M;
};

template <class M>
consteval bool reads_outside() {
  if constexpr (requires { M::kReadsOutside; }) {
    return M::kReadsOutside;
  } else {
    return false;
  }
}
}  // namespace detail

// What guards the small things beside a cell: M itself if it is a lock, else a std::mutex.
template <Mechanism M>
using LockOf = typename detail::LockFor<M>::Type;

// f of a read runs on a copy after the read has ended, so nothing that it does is ordered against writes.
template <class M>
inline constexpr bool kReadsOutside = detail::reads_outside<M>();

// Says in plain words what a type lacks to be a mechanism; for templates that take any type.
template <class M>
consteval void require_mechanism() {
  constexpr bool has_cell = requires {
    typename M::template Cell<std::uint64_t, NoProbe>;
  };
  static_assert(ExclusiveLock<M> || has_cell,
                "a mechanism is a lock, with lock() and unlock(), or has a member template Cell<T, P>");
  if constexpr (!ExclusiveLock<M> && has_cell) {
    static_assert(
        CellOperations<typename M::template Cell<std::uint64_t, NoProbe>, std::uint64_t>,
        "Cell<T, P> needs read(f) const and write(f), which return what f(const T&) and f(T&) return");
  }
}

}  // namespace crosstalk::pool
