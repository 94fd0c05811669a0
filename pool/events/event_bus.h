// An event bus: callbacks subscribe to a topic and run, on the publisher's thread, for each event of it.
//
// No lock is held while a callback runs, so callbacks may subscribe, unsubscribe and publish. Unsubscribing is
// synchronous: once it returns, no invocation of the callback starts, and none runs on another thread; it waits for one
// that does. Inside any callback of a bus it does not wait (two callbacks may unsubscribe each other): nothing starts
// after it returns, an invocation under way elsewhere may still end. Destroying a token while holding a lock that its
// callback takes is a deadlock, and misuse.
//
// A callback that throws harms nobody: the exception is counted, the others still run.
//
// State of a subscription, `state_`: | 31 closed | 30..0 invocations under way |. An invocation enters only while it
// is not closed; the last one to leave a closed subscription wakes whoever waits.
// Progress: publish() takes a short lock to copy a pointer, then calls; it allocates nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pool/guarded.h"

namespace crosstalk::pool {

namespace detail {

// How many callbacks of any bus this thread is inside of.
inline thread_local unsigned callback_depth = 0;

class SubscriptionGate {
 public:
  [[nodiscard]] bool enter() noexcept {
    // relaxed: validated by the CAS.
    std::uint32_t seen = state_.load(std::memory_order_relaxed);
    while ((seen & kClosed) == 0) {
      // (1) - acquire: pairs with nothing older than the subscription itself, handed over by the topic's lock.
      if (state_.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  void leave() noexcept {
    // (2) - release: synchronizes with the acquire in wait() (3).
    if (state_.fetch_sub(1, std::memory_order_release) == (kClosed | 1)) state_.notify_all();
  }
  void close() noexcept {
    // relaxed: from here on enter() fails; what ran before is ordered by (2) and (3).
    state_.fetch_or(kClosed, std::memory_order_relaxed);
  }
  void wait() const noexcept {
    // (3) - acquire: synchronizes with the release in leave() (2).
    for (std::uint32_t seen = 0; (seen = state_.load(std::memory_order_acquire)) != kClosed;) {
      state_.wait(seen, std::memory_order_acquire);  // acquire: as (3)
    }
  }

 private:
  static constexpr std::uint32_t kClosed = 1U << 31;
  std::atomic<std::uint32_t> state_{0};
};

}  // namespace detail

template <class Event, ExclusiveLock Lock = std::mutex>
class EventBus {
  struct Subscription {
    explicit Subscription(std::function<void(const Event&)> f) : callback(std::move(f)) {}
    std::function<void(const Event&)> callback;
    detail::SubscriptionGate gate;
  };
  using List = std::vector<std::shared_ptr<Subscription>>;
  using Topics = std::unordered_map<std::string, std::shared_ptr<const List>>;

 public:
  using Callback = std::function<void(const Event&)>;

  // Keeps a callback subscribed as long as it lives. Must not outlive the bus.
  class Token {
   public:
    Token() = default;
    Token(Token&& other) noexcept { *this = std::move(other); }
    Token& operator=(Token&& other) noexcept {
      if (this != &other) {
        unsubscribe();
        bus_ = std::exchange(other.bus_, nullptr);
        topic_ = std::move(other.topic_);
        subscription_ = std::move(other.subscription_);
      }
      return *this;
    }
    ~Token() { unsubscribe(); }

    // See the head of the file. Idempotent.
    void unsubscribe() noexcept {
      if (bus_ == nullptr) return;
      std::exchange(bus_, nullptr)->remove(topic_, subscription_);
      if (detail::callback_depth == 0) subscription_->gate.wait();
    }
    // Waits for an invocation that was under way when unsubscribe() was called inside a callback.
    void wait() const noexcept {
      if (subscription_ != nullptr && bus_ == nullptr) subscription_->gate.wait();
    }

   private:
    friend class EventBus;
    Token(EventBus* bus, std::string topic, std::shared_ptr<Subscription> subscription)
        : bus_(bus), topic_(std::move(topic)), subscription_(std::move(subscription)) {}

    EventBus* bus_ = nullptr;
    std::string topic_;
    std::shared_ptr<Subscription> subscription_;
  };

  // Callbacks of a topic run in the order of their subscription.
  [[nodiscard]] Token subscribe(std::string topic, Callback callback) {
    auto subscription = std::make_shared<Subscription>(std::move(callback));
    topics_.write([&](Topics& topics) {
      auto& list = topics[topic];
      auto copy = list == nullptr ? std::make_shared<List>() : std::make_shared<List>(*list);
      copy->push_back(subscription);
      list = std::move(copy);
      return 0;
    });
    return Token(this, std::move(topic), std::move(subscription));
  }

  // Runs the callbacks that are subscribed now. Returns how many ran.
  std::size_t publish(const std::string& topic, const Event& event) {
    const std::shared_ptr<const List> list = topics_.read([&](const Topics& topics) {
      const auto found = topics.find(topic);
      return found == topics.end() ? nullptr : found->second;
    });
    if (list == nullptr) return 0;
    std::size_t ran = 0;
    for (const auto& subscription : *list) ran += invoke(*subscription, event) ? 1 : 0;
    return ran;
  }

  // Callbacks that threw.
  [[nodiscard]] std::uint64_t errors() const noexcept {
    return errors_.load(std::memory_order_relaxed);  // relaxed: a statistic
  }

 private:
  bool invoke(Subscription& subscription, const Event& event) {
    if (!subscription.gate.enter()) return false;
    ++detail::callback_depth;
    try {
      subscription.callback(event);
    } catch (...) {
      errors_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a statistic
    }
    --detail::callback_depth;
    subscription.gate.leave();
    return true;
  }

  void remove(const std::string& topic, const std::shared_ptr<Subscription>& subscription) noexcept {
    subscription->gate.close();
    topics_.write([&](Topics& topics) {
      const auto found = topics.find(topic);
      if (found == topics.end()) return 0;
      auto copy = std::make_shared<List>(*found->second);
      std::erase(*copy, subscription);
      if (copy->empty()) {
        topics.erase(found);
      } else {
        found->second = std::move(copy);
      }
      return 0;
    });
  }

  Guarded<Topics, Lock> topics_;
  std::atomic<std::uint64_t> errors_{0};
};

}  // namespace crosstalk::pool
