#include "pool/chat/broadcast.h"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "pool/events/event_bus.h"

namespace crosstalk::pool {

struct Broadcast::Posted {
  const PostEvent* inlined = nullptr;  // the publisher's, while it waits inside publish()
  std::exception_ptr* failure = nullptr;
  PostEvent queued;
};

struct Broadcast::Lanes {
  using Lane = Topic<Posted>;

  Lanes(const ServerOptions& options, Broadcast& broadcast) : bus({.executor = options.executor}) {
    // On the poster's thread nothing is queued, and one lane is as good as many.
    const bool inlined = options.dispatch == Dispatch::inlined;
    const std::uint32_t count = inlined ? 1U : std::clamp(options.rooms, 1U, kMostLanes);
    for (std::uint32_t i = 0; i < count; ++i) lanes.emplace_back("rooms " + std::to_string(i));
    for (const Lane& lane : lanes) {
      const auto hand_out = [&broadcast](const Posted& posted) { broadcast.hand_out(posted); };
      tokens.push_back(bus.subscribe(lane, hand_out, options.dispatch));
    }
  }
  void publish(std::uint32_t room, const Posted& posted) { bus.publish(lanes[room % lanes.size()], posted); }

  std::vector<Lane> lanes;
  std::vector<EventBus::Token> tokens;
  EventBus bus;  // destroyed first
};

Broadcast::Broadcast(const ServerOptions& options, Deliver deliver)
    : dispatch_(options.dispatch),
      deliver_(std::move(deliver)),
      lanes_(std::make_unique<Lanes>(options, *this)) {}

Broadcast::~Broadcast() = default;

void Broadcast::publish(std::uint32_t room, const PostEvent& event) {
  if (dispatch_ != Dispatch::inlined) return publish_queued(room, event);
  std::exception_ptr failure;
  lanes_->publish(room, Posted{&event, &failure, {}});
  if (failure) std::rethrow_exception(failure);
}

void Broadcast::publish_queued(std::uint32_t room, const PostEvent& event) {
  if (dispatch_ == Dispatch::pooled) {
    // relaxed: a bound that several posters may pass by one each; nothing else depends on it.
    fewer_.await([this] { return under_way_.load(std::memory_order_relaxed) < kMostUnderWay; });
  }
  const Posted posted{nullptr, nullptr, event};
  under_way_.fetch_add(
      1, std::memory_order_relaxed);  // relaxed: settle() is called after publish() by whoever cares
  try {
    lanes_->publish(room, posted);
  } catch (...) {
    under_way_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: nothing was handed out
    fewer_.notify_all();
    throw;
  }
}

void Broadcast::hand_out(const Posted& posted) noexcept {
  if (posted.inlined != nullptr) return hand_out_inlined(posted);
  try {
    deliver_(posted.queued);
  } catch (...) {
    failures_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a statistic
  }
  // (1) - release: synchronizes with settle() (2), which sees what was handed out.
  const std::uint32_t before = under_way_.fetch_sub(1, std::memory_order_release);
  if (before == kMostUnderWay || before == 1) fewer_.notify_all();
}

// The bus swallows what a callback throws; the poster is to have it.
void Broadcast::hand_out_inlined(const Posted& posted) noexcept {
  try {
    deliver_(*posted.inlined);
  } catch (...) {
    *posted.failure = std::current_exception();
  }
}

void Broadcast::settle() {
  // (2) - acquire: synchronizes with hand_out() (1).
  fewer_.await([this] { return under_way_.load(std::memory_order_acquire) == 0; });
}

}  // namespace crosstalk::pool
