// flat_combining: a thread publishes what it wants done; whoever holds the lock does what all have published, so that data and lock
// stay in one processor's cache. Source: Hendler, Incze, Shavit and Tzafrir, "Flat Combining and the Synchronization-
// Parallelism Tradeoff" (SPAA 2010). Of the paper's publication list there is one record a thread, which never leaves it:
//
//   slot      null -> request (its thread) -> null (the combiner, before it runs it)
//   request   published -> done (the combiner, last of all: then its thread goes, and the request with it)
//
// A request stands in the slot of its thread's thread_number(); threads without a number push theirs onto a stack that
// the combiner takes as a whole. Nothing has to be registered, and a thread that ends leaves an empty slot.
//
// Progress: read() and write() block, and both are exclusive. A combiner makes at most kPasses passes over the slots, then
// leaves, so it is kept by others for so many of their operations at most; a published request is done in the next complete pass,
// so another thread with a number overtakes it at most twice. A combiner that does not run makes all the others wait: they
// spin, yield, then nap. Whoever finds the lock free with its request undone becomes the combiner. An operation nested in one
// of the same cell never returns.
//
// f runs once, often on another thread: what it finds thread-local is not the caller's. Errors: an exception of f is carried to its
// caller and touches no other operation; what f had changed until then stays changed, as under a lock.
#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "pool/cache_line.h"
#include "pool/cells/cell_instance.h"
#include "pool/cells/patience.h"
#include "pool/cells/probe_section.h"
#include "pool/contract.h"
#include "pool/guarded.h"
#include "pool/resources/thread_number.h"

namespace crosstalk::pool {

namespace detail {

// What one thread wants done. Lives on its stack until it is done.
template <class T>
struct CombiningRequest {
  void (*run)(CombiningRequest&, T&) noexcept;
  CombiningRequest* next = nullptr;  // on the stack of those without a number
  std::atomic<bool> done{false};
};

// A request that runs f on Data, T& or const T&, and keeps what comes of it.
template <class T, class Data, class F>
struct CombiningCall : CombiningRequest<T> {
  using Result = ClosureResult<F, Data>;
  using Kept = std::conditional_t<std::is_void_v<Result>, std::monostate, std::optional<Result>>;

  explicit CombiningCall(F& closure) noexcept : CombiningRequest<T>{.run = &run_this}, f(closure) {}

  static void run_this(CombiningRequest<T>& request, T& data) noexcept {
    auto& self = static_cast<CombiningCall&>(request);
    try {
      if constexpr (std::is_void_v<Result>) {
        self.f(static_cast<Data>(data));
      } else {
        self.kept.emplace(self.f(static_cast<Data>(data)));
      }
    } catch (...) {
      self.error = std::current_exception();
    }
  }

  Result take() {
    if (error != nullptr) std::rethrow_exception(error);
    if constexpr (!std::is_void_v<Result>) return std::move(*kept);
  }

  F& f;
  Kept kept{};
  std::exception_ptr error;
};

}  // namespace detail

template <class T, LockProbe P = NoProbe>
class FlatCombiningCell {
 public:
  template <class... Args>
  requires std::constructible_from<T, Args...>
  explicit FlatCombiningCell(Args&&... args) : data_(std::forward<Args>(args)...) {}
  FlatCombiningCell(const FlatCombiningCell&) = delete;
  FlatCombiningCell& operator=(const FlatCombiningCell&) = delete;

  template <detail::ReadClosure<T> F>
  detail::ClosureResult<F, const T&> read(F&& f) const {
    detail::CombiningCall<T, const T&, std::remove_reference_t<F>> call(f);
    execute(call);
    return call.take();
  }

  template <detail::WriteClosure<T> F>
  detail::ClosureResult<F, T&> write(F&& f) {
    detail::CombiningCall<T, T&, std::remove_reference_t<F>> call(f);
    execute(call);
    return call.take();
  }

 private:
  using Request = detail::CombiningRequest<T>;
  using Slot = std::atomic<Request*>;
  static constexpr unsigned kPasses = 4;

  // The waits of all, whoever does their work, are seen by `waits_`, whose sections are shared since they overlap; the
  // combiners' exclusive sections by `sessions_`.
  void execute(Request& request) const {
    bool combines = try_combine();
    const bool published = !combines;
    const detail::SharedSection<P> section(waits_, [&] {
      if (combines) return;
      publish(request);
      Patience patience;
      // (1) - acquire: synchronizes with the release of the combiner that has done it (4).
      while (!request.done.load(std::memory_order_acquire) && !(combines = try_combine())) patience.pause();
    });
    if (!combines) return;
    const Combining combining(*this);
    const detail::ExclusiveSection<P> session(sessions_);
    if (!published) request.run(request, data_);
    unsigned passes = 0;  // the first does what this thread published
    while (passes < kPasses && run_published()) ++passes;
  }

  // Releases the combiner's lock.
  class Combining {
   public:
    explicit Combining(const FlatCombiningCell& cell) noexcept : cell_(cell) {}
    // (2) - release: synchronizes with try_combine() (3) of the next combiner.
    ~Combining() { cell_.combining_.store(false, std::memory_order_release); }
    Combining(const Combining&) = delete;
    Combining& operator=(const Combining&) = delete;

   private:
    const FlatCombiningCell& cell_;
  };

  bool try_combine() const noexcept {
    // relaxed: only a hint. (3) - acquire: synchronizes with the release in ~Combining() (2).
    return !combining_.load(std::memory_order_relaxed) &&
           !combining_.exchange(true, std::memory_order_acquire);
  }

  void publish(Request& request) const noexcept {
    const std::uint32_t number = thread_number();
    if (number < kThreadNumbers) {
      // (5) - release: the request, for the combiner (6).
      slots_[number]->store(&request, std::memory_order_release);
      // relaxed (both): a combiner that does not see it leaves the request to another one, at last to its own thread.
      std::uint32_t used = slots_used_.load(std::memory_order_relaxed);
      while (used <= number &&
             !slots_used_.compare_exchange_weak(used, number + 1, std::memory_order_relaxed)) {
      }
      return;
    }
    // relaxed: validated by the CAS. (7) - release: the request, for the combiner (8). relaxed on failure: tried again.
    request.next = others_.load(std::memory_order_relaxed);
    while (!others_.compare_exchange_weak(request.next, &request, std::memory_order_release,
                                          std::memory_order_relaxed)) {
    }
  }

  // One pass. False if there was nothing to do.
  bool run_published() const {
    bool found = false;
    // relaxed: see publish().
    const std::uint32_t used = slots_used_.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < used; ++i) {
      // (6) - acquire: synchronizes with (5).
      Request* const request = slots_[i]->load(std::memory_order_acquire);
      if (request == nullptr) continue;
      // relaxed: its thread uses the slot again after (1).
      slots_[i]->store(nullptr, std::memory_order_relaxed);
      run(*request);
      found = true;
    }
    // relaxed: only a hint. (8) - acquire: synchronizes with (7) of all on the stack, a release sequence.
    if (others_.load(std::memory_order_relaxed) == nullptr) return found;
    for (Request* request = others_.exchange(nullptr, std::memory_order_acquire); request != nullptr;) {
      run(*std::exchange(request, request->next));
    }
    return true;
  }

  void run(Request& request) const {
    request.run(request, data_);
    // (4) - release: what f did and returned, for its thread (1), which may then end the life of the request.
    request.done.store(true, std::memory_order_release);
  }

  alignas(kCacheLine) mutable std::atomic<bool> combining_{false};
  mutable T data_;
  [[no_unique_address]] mutable P sessions_;
  [[no_unique_address]] mutable P waits_;
  alignas(kCacheLine) mutable std::atomic<std::uint32_t> slots_used_{0};
  mutable std::array<CacheAligned<Slot>, kThreadNumbers> slots_{};
  alignas(kCacheLine) mutable std::atomic<Request*> others_{nullptr};  // of threads without a number
};

struct FlatCombining {
  template <class T, class P>
  using Cell = FlatCombiningCell<T, P>;

  static constexpr LockContract kContract{.algorithm = "flat combining, a slot a thread, yield, nap",
                                          .source = "Hendler, Incze, Shavit, Tzafrir 2010"};
};

}  // namespace crosstalk::pool
