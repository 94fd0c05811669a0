// Guarded<T, L, Probe>: data that can only be reached through its lock. read(f) and write(f) run f on the data;
// f is a pure function of the data that returns a value. Under other mechanisms than a lock (left-right, combining,
// copy-on-write) f may run twice, on another thread or on a copy, so it must not depend on where it runs.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include "pool/contract.h"

namespace crosstalk::pool {

// A lock that admits one thread at a time. Every type with the two standard members fits.
template <class L>
concept ExclusiveLock = requires(L& lock) {
  lock.lock();
  lock.unlock();
};

// A lock that also admits several readers together.
template <class L>
concept SharedLock = ExclusiveLock<L> && requires(L& lock) {
  lock.lock_shared();
  lock.unlock_shared();
};

enum class Access : bool { shared, exclusive };

// Observes the way through a lock. The pool itself measures nothing; a harness supplies its own probe:
// before() runs ahead of the acquisition, acquired() right after it, released() just before the release, so that
// [acquired, released] lies inside the critical section. All are called on the acquiring thread.
template <class P>
concept LockProbe = std::default_initializable<P> && requires(P& probe, Access access) {
  probe.before(access);
  probe.acquired(access);
  probe.released(access);
};

struct NoProbe {
  void before(Access) noexcept {}
  void acquired(Access) noexcept {}
  void released(Access) noexcept {}
};

template <class T, ExclusiveLock L, LockProbe P = NoProbe>
class Guarded {
 public:
  using Lock = L;
  using Probe = P;

  template <class... Args>
  requires std::constructible_from<T, Args...>
  explicit Guarded(Args&&... args) : data_(std::forward<Args>(args)...) {}

  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  // Runs f(const T&) while no writer runs; readers run together where L is a SharedLock. Progress: that of L.
  // An exception of f leaves the lock released.
  template <std::invocable<const T&> F>
  std::invoke_result_t<F, const T&> read(F&& f) const {
    const Hold<SharedLock<L> ? Access::shared : Access::exclusive> hold(*this);
    return std::forward<F>(f)(std::as_const(data_));
  }

  // Runs f(T&) while nobody else reads or writes. Progress: that of L. An exception of f leaves the lock released.
  template <std::invocable<T&> F>
  std::invoke_result_t<F, T&> write(F&& f) {
    const Hold<Access::exclusive> hold(*this);
    return std::forward<F>(f)(data_);
  }

 private:
  template <Access access>
  class Hold {
   public:
    explicit Hold(const Guarded& guarded) : guarded_(guarded) {
      guarded_.probe_.before(access);
      if constexpr (access == Access::shared) {
        guarded_.lock_.lock_shared();
      } else {
        guarded_.lock_.lock();
      }
      guarded_.probe_.acquired(access);
    }
    ~Hold() {
      guarded_.probe_.released(access);
      if constexpr (access == Access::shared) {
        guarded_.lock_.unlock_shared();
      } else {
        guarded_.lock_.unlock();
      }
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    const Guarded& guarded_;
  };

  mutable L lock_;
  [[no_unique_address]] mutable P probe_;
  T data_;
};

}  // namespace crosstalk::pool
