#include "pool/chat/broadcast.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <string>
#include <utility>

#include "pool/events/event_bus.h"

namespace crosstalk::pool {

// What has to be done about a queued post, come what may: that it is handed out, or else given up. The copy that waits in the
// bus takes it over from the publisher's; there is one such copy, for a lane has one subscriber.
class Broadcast::Charge {
 public:
  Charge() = default;
  Charge(Broadcast& broadcast, const Message* message) noexcept : broadcast_(&broadcast), message_(message) {
    // relaxed: settle() is called after publish() by whoever cares.
    broadcast.under_way_.fetch_add(1, std::memory_order_relaxed);
  }
  Charge(const Charge& other) noexcept
      : broadcast_(std::exchange(other.broadcast_, nullptr)), message_(other.message_) {
    other.taken_over_ = this;
  }
  Charge& operator=(const Charge&) = delete;
  ~Charge() {
    if (broadcast_ != nullptr) broadcast_->give_up(message_);
  }
  // Handed out. Where the bus had no thread to be had, that was the publisher's own, inside publish(), where the copy is still
  // there.
  void done() const noexcept {
    const Charge& holder = taken_over_ != nullptr ? *taken_over_ : *this;
    std::exchange(holder.broadcast_, nullptr)->count_off();
  }

 private:
  mutable Broadcast* broadcast_ = nullptr;  // null: this is not the one in charge
  const Message* message_ = nullptr;
  mutable const Charge* taken_over_ = nullptr;
};

struct Broadcast::Posted {
  Posted(const PostEvent& event, std::exception_ptr& told) noexcept : inlined(&event), failure(&told) {}
  Posted(Broadcast& broadcast, const PostEvent& event) : charge(broadcast, event.message), queued(event) {}

  const PostEvent* inlined = nullptr;  // the publisher's, while it waits inside publish()
  std::exception_ptr* failure = nullptr;
  Charge charge;  // before the event, whose copy may fail
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

Broadcast::Broadcast(const ServerOptions& options, Deliver deliver, GiveBack give_back)
    : dispatch_(options.dispatch),
      deliver_(std::move(deliver)),
      give_back_(std::move(give_back)),
      lanes_(std::make_unique<Lanes>(options, *this)) {}

Broadcast::~Broadcast() {
  lanes_.reset();  // what still waits there is given up
  settle();        // as is what an executor is destroying
  const std::scoped_lock guard(giving_up_);
}

void Broadcast::publish(std::uint32_t room, const PostEvent& event) {
  if (dispatch_ != Dispatch::inlined) return publish_queued(room, event);
  std::exception_ptr failure;
  lanes_->publish(room, Posted(event, failure));
  if (failure) std::rethrow_exception(failure);
}

void Broadcast::publish_queued(std::uint32_t room, const PostEvent& event) {
  if (dispatch_ == Dispatch::pooled) {
    // relaxed: a bound that several posters may pass by one each; nothing else depends on it.
    fewer_.await([this] { return under_way_.load(std::memory_order_relaxed) < kMostUnderWay; });
  }
  lanes_->publish(room, Posted(*this, event));
}

void Broadcast::hand_out(const Posted& posted) noexcept {
  if (posted.inlined != nullptr) return hand_out_inlined(posted);
  try {
    deliver_(posted.queued);
  } catch (...) {
    failures_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a statistic
  }
  posted.charge.done();
}

void Broadcast::count_off() noexcept {
  // (1) - release: synchronizes with settle() (2), which sees what was handed out.
  const std::uint32_t before = under_way_.fetch_sub(1, std::memory_order_release);
  if (before == kMostUnderWay || before == 1) fewer_.notify_all();
}

void Broadcast::give_up(const Message* message) noexcept {
  failures_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a statistic
  give_back_(message);
  const std::scoped_lock guard(giving_up_);
  count_off();
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
  // (2) - acquire: synchronizes with count_off() (1).
  fewer_.await([this] { return under_way_.load(std::memory_order_acquire) == 0; });
}

}  // namespace crosstalk::pool
