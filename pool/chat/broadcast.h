// broadcast: brings posts to their recipients by way of an event bus: on the poster's thread, on an executor, or on a thread
// each (ServerOptions::dispatch).
//
// Posts are published on a fixed number of lanes, chosen by room; each lane is one topic with one subscriber. So under
// Dispatch::inlined and Dispatch::pooled the posts of a room are handed out in the order in which they were published;
// under Dispatch::thread in any order.
//
// Invariant: under_way_ = events published and neither handed out nor given up, of those that are not handed out inside
// publish(). An event that the bus or its executor destroys unrun is given up, and counts as a failure.
//
// Progress: publish() is that of EventBus::publish(); under Dispatch::pooled it blocks while kMostUnderWay events wait, so
// that a room which is written faster than it is read does not fill the memory. The executor must therefore have threads
// that never wait for a poster; what it refuses is given up. Errors: std::bad_alloc, before anything has been handed out or, inlined, while it is.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <utility>
#include <vector>

#include "pool/chat/chat_types.h"
#include "pool/chat/message_arena.h"
#include "pool/chat/post_watch.h"
#include "pool/locks/ttas_lock.h"
#include "pool/sync/event_count.h"

namespace crosstalk::pool {

using Recipients = std::pmr::vector<SessionRef>;

struct PostEvent {
  PostEvent() = default;
  PostEvent(const Message* what, Recipients to, const PostWatch& told)
      : message(what), recipients(std::move(to)), watch(told) {}
  // A copy, which waits for its turn on another thread, lies in the same memory as the original.
  PostEvent(const PostEvent& other)
      : message(other.message),
        recipients(other.recipients, other.recipients.get_allocator()),
        watch(other.watch) {}
  PostEvent(PostEvent&&) = default;
  PostEvent& operator=(const PostEvent&) = delete;

  // With a reference, which whoever hands the event out, or gives it up, gives back.
  const Message* message = nullptr;
  Recipients recipients;
  PostWatch watch;
};

class Broadcast {
 public:
  using Deliver = std::function<void(const PostEvent&)>;
  using GiveBack = std::function<void(const Message*)>;

  static constexpr std::uint32_t kMostLanes = 256;
  static constexpr std::uint32_t kMostUnderWay = 1024;

  // `deliver` hands an event out; `give_back` gets the message of one that is given up. Throws std::invalid_argument for
  // pooled dispatch without an executor.
  Broadcast(
      const ServerOptions& options, Deliver deliver, GiveBack give_back = [](const Message*) {});
  ~Broadcast();
  Broadcast(const Broadcast&) = delete;
  Broadcast& operator=(const Broadcast&) = delete;

  // The event's reference is given back in any case.
  void publish(std::uint32_t room, const PostEvent& event);
  // Returns once everything published before has been handed out or given up.
  void settle();
  // Events that were not handed out to the end, for want of memory or of an executor; none of Dispatch::inlined.
  [[nodiscard]] std::uint64_t failures() const noexcept {
    return failures_.load(std::memory_order_relaxed);  // relaxed: a statistic
  }

 private:
  class Charge;
  struct Posted;
  struct Lanes;  // the bus: in the .cpp, for it is a lot to include

  void hand_out(const Posted& posted) noexcept;
  void hand_out_inlined(const Posted& posted) noexcept;
  void publish_queued(std::uint32_t room, const PostEvent& event);
  void count_off() noexcept;
  void give_up(const Message* message) noexcept;

  const Dispatch dispatch_;
  const Deliver deliver_;
  const GiveBack give_back_;
  std::atomic<std::uint32_t> under_way_{0};
  std::atomic<std::uint64_t> failures_{0};
  EventCount fewer_;
  TtasLock giving_up_;            // held by who gives up, so that the end can wait for it to have left
  std::unique_ptr<Lanes> lanes_;  // destroyed first: nothing runs after
};

}  // namespace crosstalk::pool
