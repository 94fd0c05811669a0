// subscription: one callback with all that is needed to call it, to wait for it and to queue for it.
//
// state_: | 1 gone: the callback has been destroyed | 0 closed: nothing starts any more |; bits are only ever set.
//
// An invocation shows itself in its thread's slot, then looks at `closed` (pass_record.h). Who closes calls
// heavy_barrier() and scans the slots. So either the invocation sees `closed`, or the scan sees the invocation; no
// read-modify-write and no shared line is written for a call.
//
// mailbox_: kIdle: nothing queued, nobody at it | null: a drain is at it, or will be; nothing queued | links, newest first.
// Only the step from kIdle makes the subscription ready, so one drain at a time runs it and order is kept.
//
// Ownership: counted; references are held by the token, each list it stands in, and a drain or thread that will visit it.
// The callback itself is destroyed by finish(), once, when nothing starts and nothing runs any more.
//
// Progress: everything is wait-free or lock-free but wait_for_others(), which blocks.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "pool/events/dispatch.h"
#include "pool/events/envelope.h"
#include "pool/events/pass_record.h"
#include "pool/sync/event_count.h"

namespace crosstalk::pool {

namespace detail {

enum class Outcome : std::uint8_t { delivered, failed, dropped };

struct TopicState;

class Subscription {
 public:
  using Invoke = void (*)(Subscription&, const void* event);
  // By function pointers rather than a virtual table, so that the hot one is in the object.
  struct Actions {
    void (*finish)(Subscription&) noexcept;
    void (*free)(Subscription&) noexcept;
  };
  // What no call needs. It lies behind the callback, which so shares the line of what each call needs.
  struct Cold {
    explicit Cold(const Actions& all) noexcept : actions(&all) {}

    const Actions* const actions;
    EventCount ended;
    // Guarded by the bus's lock: the topic while it is open; then, if somebody may still be inside, the next such one.
    union {
      TopicState* topic = nullptr;
      Subscription* next_unfinished;
    };
  };

  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  // Calls it on this thread, in this slot, unless it is closed.
  template <std::memory_order order>
  [[gnu::always_inline]] Outcome run(PassSlot& slot, const void* event) noexcept {
    Outcome outcome = Outcome::dropped;
    slot.current.store(this, order);
    light_barrier();
    // seq_cst: total order with the store in close(), if the barrier is symmetric. So too after the call.
    if ((state_.load(std::memory_order_seq_cst) & kClosed) == 0) [[likely]] {
      try {
        invoke_(*this, event);
        outcome = Outcome::delivered;
      } catch (...) {
        outcome = Outcome::failed;
      }
    }
    // (3) - release, or more: synchronizes with the scans (pass_record.cpp, 2) of who waits for this invocation.
    slot.current.store(nullptr, order);
    light_barrier();
    if ((state_.load(std::memory_order_seq_cst) & kClosed) != 0) [[unlikely]] {
      cold_->ended.notify_all();
    }
    return outcome;
  }

  // False if it was closed already.
  bool close() noexcept {
    // seq_cst: see run().
    return (state_.fetch_or(kClosed, std::memory_order_seq_cst) & kClosed) == 0;
  }
  [[nodiscard]] bool closed() const noexcept {
    return (state_.load(std::memory_order_seq_cst) & kClosed) != 0;  // seq_cst: see run()
  }
  // After close(): returns when no other thread is inside. What the callback did is then visible.
  void wait_for_others() noexcept {
    cold_->ended.await([this] {
      heavy_barrier();
      return !is_called(this, Whose::others);
    });
  }
  // Destroys the callback. Closed, and nobody may be inside.
  void finish() noexcept {
    // acq_rel: only the first caller destroys.
    if ((state_.fetch_or(kGone, std::memory_order_acq_rel) & kGone) == 0) cold_->actions->finish(*this);
  }

  // True if it has become ready: the caller must see to it that a drain visits it.
  [[nodiscard]] bool push(Link& link) noexcept {
    // relaxed: validated by the CAS.
    Link* head = mailbox_.load(std::memory_order_relaxed);
    do {
      link.next = head == idle() ? nullptr : head;
      // (4) - release: synchronizes with take() (5), which reads the link and the event.
    } while (
        !mailbox_.compare_exchange_weak(head, &link, std::memory_order_release, std::memory_order_relaxed));
    return head == idle();
  }
  // The drain's: everything queued, oldest first.
  [[nodiscard]] Link* take() noexcept {
    // (5) - acquire: synchronizes with push() (4).
    return reversed(mailbox_.exchange(nullptr, std::memory_order_acquire));
  }
  // The drain's, after an empty take(): false if something came meanwhile. The ready queue's lock orders drains.
  [[nodiscard]] bool rest() noexcept {
    Link* expected = nullptr;
    // release: the next drain of it synchronizes with this one through push() and the ready queue; relaxed: only looked at.
    return mailbox_.compare_exchange_strong(expected, idle(), std::memory_order_release,
                                            std::memory_order_relaxed);
  }
  // Anybody's: what is queued, without becoming its drain.
  [[nodiscard]] Link* steal() noexcept {
    // relaxed: validated by the CAS.
    Link* head = mailbox_.load(std::memory_order_relaxed);
    // acquire: as (5).
    while (head != idle() && head != nullptr &&
           !mailbox_.compare_exchange_weak(head, nullptr, std::memory_order_acquire,
                                           std::memory_order_relaxed)) {
    }
    return head == idle() ? nullptr : reversed(head);
  }

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }  // relaxed: has one already
  void release() noexcept {
    // acq_rel: the last one synchronizes with all others.
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) cold_->actions->free(*this);
  }
  [[nodiscard]] Dispatch dispatch() const noexcept { return dispatch_; }

  [[nodiscard]] Cold& cold() noexcept { return *cold_; }

 protected:
  // `cold` need not have been made yet.
  Subscription(Invoke invoke, Cold& cold, Dispatch dispatch) noexcept
      : invoke_(invoke), cold_(&cold), dispatch_(dispatch) {}
  ~Subscription() = default;
  [[nodiscard]] bool gone() const noexcept {
    return (state_.load(std::memory_order_relaxed) & kGone) != 0;  // relaxed: read by the last owner
  }

 private:
  static constexpr std::uint8_t kClosed = 1;
  static constexpr std::uint8_t kGone = 2;

  static Link* idle() noexcept {
    static constinit Link marker{nullptr, nullptr};
    return &marker;
  }
  static Link* reversed(Link* chain) noexcept {
    Link* result = nullptr;
    while (chain != nullptr) {
      Link* const link = std::exchange(chain, chain->next);
      link->next = std::exchange(result, link);
    }
    return result;
  }

  const Invoke invoke_;
  Cold* const cold_;
  std::atomic<Link*> mailbox_{idle()};
  std::atomic<std::uint32_t> references_{1};
  std::atomic<std::uint8_t> state_{0};
  const Dispatch dispatch_;
};
static_assert(sizeof(Subscription) <= 32, "a std::function shares the line of what is needed to call it");

// One line in all with a callback of one word; what a call needs is one line with a callback of up to four.
template <class Event, class F>
class alignas(64) SubscriptionOf final : public Subscription {
 public:
  template <class G>
  SubscriptionOf(G&& f, Dispatch dispatch)
      : Subscription(&invoke, cold_part_, dispatch), callback_(std::forward<G>(f)), cold_part_(kActions) {}

 private:
  ~SubscriptionOf() {
    if (!gone()) callback_.~F();
  }
  static SubscriptionOf& self(Subscription& base) noexcept { return static_cast<SubscriptionOf&>(base); }
  static void invoke(Subscription& base, const void* event) {
    self(base).callback_(*static_cast<const Event*>(event));
  }
  static void finish(Subscription& base) noexcept { self(base).callback_.~F(); }
  static void free(Subscription& base) noexcept { delete &self(base); }
  static constexpr Actions kActions{&finish, &free};

  union {
    F callback_;
  };
  Cold cold_part_;
};

}  // namespace detail
}  // namespace crosstalk::pool
