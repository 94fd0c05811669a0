// event_bus: callbacks subscribe to typed topics and run for each event published to them.
//
// Delivery. For every publish() each subscriber that had subscribed before it and unsubscribes after it is called exactly
// once, in the order of subscribing, or is counted as rejected. Where it runs is the subscriber's choice (Dispatch):
//   inlined  on the publisher's thread, inside publish().
//   pooled   on the bus's executor, one event at a time and in order: events of one publisher in the order of publishing,
//            those of several in one order for that subscriber. The event is copied once for all. What the executor
//            refuses, or destroys unrun, is counted as rejected. A callback that blocks holds up one task of the executor.
//   thread   on a thread of its own, as the chapter does: without order, and slow. At `threads_max` live threads, or when
//            the system gives none, it runs on the publisher's thread instead, so that nothing is lost and nobody waits.
//
// Unsubscribing. unsubscribe(), and the token's destructor, return when no invocation runs or will start; they wait for
// one that runs on another thread. What was queued and has not started is dropped and counted. Inside any callback of any
// bus they never wait: nothing starts after they return, but an invocation under way may still end, for which
// token.wait() waits. So two callbacks may unsubscribe each other, and one may unsubscribe itself. The callback object is
// destroyed before unsubscribe() returns; if somebody was inside, by wait(), or by a later change of subscriptions. To
// destroy a token while holding a lock that its callback takes is a deadlock, and misuse; so is wait() from two callbacks
// for each other.
//
// Callbacks run without any lock of the bus, and may subscribe, unsubscribe and publish. publish() nests at most 16 deep
// on a thread; one level more throws std::length_error. A callback that throws is counted and harms nobody.
//
// Destruction. Tokens may outlive the bus; they are then good for wait() only. The destructor drops what is queued, waits
// for passes and callbacks under way on other threads, and joins its threads. It may be called inside a callback, also
// of this bus: it then waits for other threads only, which must not wait for this one; the remaining subscribers are not
// called. To call publish() or subscribe() from outside of callbacks while the bus is being destroyed is misuse; inside
// a callback they do nothing then, and subscribe() returns an empty token.
//
// Progress: publish() of inlined callbacks takes no lock and is wait-free apart from them, with no read-modify-write;
// queueing is lock-free but for a short spin lock, allocation, and post(). Publishing to a topic nobody has subscribed to
// allocates nothing. subscribe() and unsubscribe() take the bus's lock for O(1) on average.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "pool/events/bus_core.h"

namespace crosstalk::pool {

// A name with the type of what is published under it. The same name with another type is another topic. Make it once and
// keep it: it is hashed when made. Immutable.
template <class Event>
class Topic {
 public:
  explicit Topic(std::string name) : name_(std::move(name)), hash_(hash_of(name_)) {}
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  friend class EventBus;
  static std::size_t hash_of(std::string_view name) noexcept {
    const auto type = reinterpret_cast<std::uintptr_t>(&detail::kEventType<Event>);
    return std::hash<std::string_view>{}(name) ^ (type >> 4) * 0x9E3779B97F4A7C15ULL;
  }
  [[nodiscard]] detail::TopicKey key() const noexcept { return {&detail::kEventType<Event>, name_, hash_}; }

  std::string name_;
  std::size_t hash_;
};

class EventBus {
 public:
  using Options = BusOptions;

  // Keeps a callback subscribed as long as it lives. One thread at a time may use a token.
  class Token {
   public:
    Token() = default;
    Token(Token&& other) noexcept { swap(other); }
    Token& operator=(Token&& other) noexcept {
      Token(std::move(other)).swap(*this);
      return *this;
    }
    ~Token() {
      if (core_ == nullptr) return;
      unsubscribe();
      subscription_->release();
      core_->release();
    }

    // See the head of the file. Idempotent.
    void unsubscribe() noexcept {
      if (std::exchange(subscribed_, false)) core_->remove(*subscription_);
    }
    // After unsubscribe() inside a callback: returns when no other thread is inside the callback any more.
    void wait() const noexcept {
      if (core_ != nullptr && !subscribed_) detail::BusCore::wait(*subscription_);
    }
    [[nodiscard]] bool subscribed() const noexcept { return subscribed_; }

   private:
    friend class EventBus;
    void swap(Token& other) noexcept {
      std::swap(core_, other.core_);
      std::swap(subscription_, other.subscription_);
      std::swap(subscribed_, other.subscribed_);
    }

    detail::BusCore* core_ = nullptr;
    detail::Subscription* subscription_ = nullptr;
    bool subscribed_ = false;
  };

  // Throws std::invalid_argument for bad options.
  explicit EventBus(const Options& options = {}) : core_(new detail::BusCore(options)) {}
  EventBus(const EventBus&) = delete;
  EventBus& operator=(const EventBus&) = delete;
  ~EventBus() { core_->close(); }

  // Throws std::bad_alloc; std::invalid_argument for a kind of dispatch that needs what is not there: an executor, or an
  // event that can be copied.
  template <class Event, std::invocable<const Event&> F>
  [[nodiscard]] Token subscribe(const Topic<Event>& topic, F&& callback,
                                Dispatch dispatch = Dispatch::inlined) {
    using Stored = detail::SubscriptionOf<Event, std::decay_t<F>>;
    auto* const stored = new Stored(std::forward<F>(callback), dispatch);
    Token token;
    try {
      if (core_->add(topic.key(), *stored)) {
        core_->retain();
        token.core_ = core_;
        token.subscription_ = stored;
        token.subscribed_ = true;
        return token;
      }
    } catch (...) {
      stored->release();
      throw;
    }
    stored->release();
    return token;
  }

  // The number of callbacks that ran, or were queued. Throws std::length_error if nested too deep; if anything is to be
  // queued, what copying the event throws, before any callback has run.
  template <class Event>
  std::size_t publish(const Topic<Event>& topic, const std::type_identity_t<Event>& event) {
    return core_->publish(topic.key(), &event);
  }

  [[nodiscard]] BusStats stats() const { return core_->stats(); }

 private:
  detail::BusCore* const core_;
};

}  // namespace crosstalk::pool
