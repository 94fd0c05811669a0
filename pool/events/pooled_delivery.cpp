#include "pool/events/pooled_delivery.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>

#include "pool/events/bus_core.h"

namespace crosstalk::pool::detail {

// A drain in the executor's queue. One that is destroyed unrun says so.
class PooledDelivery::Ticket {
 public:
  explicit Ticket(BusCore& core) noexcept : core_(&core) { core.retain(); }
  Ticket(Ticket&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  Ticket& operator=(Ticket&&) = delete;
  ~Ticket() {
    if (core_ == nullptr) return;
    core_->pooled().drain_lost();
    core_->release();
  }
  void operator()() noexcept {
    BusCore* const core = std::exchange(core_, nullptr);
    core->pooled().run_drain();
    core->release();
  }

 private:
  BusCore* core_;
};

// What a drain has done since it last told.
class DrainState {
 public:
  DrainState(BusCounters& counters, PassRecord& record, PassSlot& pass_slot) noexcept
      : slot(pass_slot), counters_(counters), record_(record) {}
  DrainState(const DrainState&) = delete;
  DrainState& operator=(const DrainState&) = delete;
  ~DrainState() { tell(); }

  void count(Outcome outcome) noexcept { ++counts_[static_cast<std::size_t>(outcome)]; }
  void tell() noexcept {
    envelopes.flush();
    const auto& [delivered, failed, dropped] = counts_;
    counters_.add(&record_, BusCount::started, delivered + failed);
    counters_.add(&record_, BusCount::delivered, delivered);
    counters_.add(&record_, BusCount::failed, failed);
    counters_.add(&record_, BusCount::dropped, dropped);
    counts_ = {};
  }

  PassSlot& slot;
  EnvelopeReturns envelopes;

 private:
  BusCounters& counters_;
  PassRecord& record_;
  std::array<std::uint64_t, 3> counts_{};
};

Subscription* ReadyBatch::claim() noexcept {
  // relaxed: the entries were handed over by the delivery's lock; this only decides who takes which.
  const std::uint32_t place = claimed.fetch_add(1, std::memory_order_relaxed);
  if (place >= count) return nullptr;
  __builtin_prefetch(entries[std::min(place + 4, count - 1)], 1);
  return entries[place];
}

void PooledDelivery::Ready::add(Subscription& subscription) noexcept {
  subscription.retain();
  if (batch_ == nullptr) batch_ = new (std::nothrow) ReadyBatch;
  if (batch_ == nullptr) {
    delivery_.reject(subscription);
    return;
  }
  batch_->entries[batch_->count++] = &subscription;
  if (batch_->count == ReadyBatch::kMost) hand_over();
}

void PooledDelivery::Ready::hand_over() noexcept {
  if (batch_ != nullptr) delivery_.hand_over(std::exchange(batch_, nullptr));
}

void PooledDelivery::hand_over(ReadyBatch* batch) noexcept {
  unsigned starts = 0;
  {
    const std::scoped_lock guard(lock_);
    link(*batch);
    starts = std::min(parallelism_ - std::min(drains_, parallelism_), batch->count);
    drains_ += starts;
  }
  while (starts-- > 0) start_drain();
}

bool PooledDelivery::start_drain() noexcept {
  try {
    return executor_->post(Task(Ticket(core_)), priority_) == Admission::accepted;
  } catch (...) {
    return false;  // the ticket has been destroyed, which counted
  }
}

void PooledDelivery::run_drain() noexcept {
  if (!pass_possible()) {
    drain_lost();  // the executor runs it on a thread nested too deep already
  } else if (barrier_is_asymmetric()) {
    drain<std::memory_order_release>();  // release: the barrier of the rare side does the rest
  } else {
    drain<std::memory_order_seq_cst>();  // seq_cst: see pass_record.h
  }
}

template <std::memory_order order>
void PooledDelivery::drain() noexcept {
  const Pass<order> pass(&core_);
  DrainState state(core_.counters(), pass.record(), pass.slot());
  unsigned turn = 0;
  while (ReadyBatch* const batch = pick()) {
    while (turn < kTurn) {
      Subscription* const subscription = batch->claim();
      if (subscription == nullptr) break;
      turn += visit<order>(*subscription, state);
    }
    state.tell();
    leave(batch);
    if (turn < kTurn) continue;
    if (hand_on()) return;
    turn = 0;
  }
}

template <std::memory_order order>
unsigned PooledDelivery::visit(Subscription& subscription, DrainState& state) noexcept {
  unsigned ran = 0;
  do {
    if (ran >= kTurn) {
      // Others wait while this one is sent events without end: to the back.
      if (auto* const batch = new (std::nothrow) ReadyBatch; batch != nullptr) {
        batch->entries[batch->count++] = &subscription;
        hand_over(batch);
        return ran;
      }
    }
    for (Link* chain = subscription.take(); chain != nullptr; ++ran) {
      Link& link = *std::exchange(chain, chain->next);
      state.count(subscription.run<order>(state.slot, link.envelope->event()));
      state.envelopes.add(link.envelope);
    }
  } while (!subscription.rest());
  subscription.release();
  return std::max(ran, 1U);
}

void PooledDelivery::drain_lost() noexcept {
  ReadyBatch* lost = nullptr;
  {
    const std::scoped_lock guard(lock_);
    if (--drains_ > 0) return;
    lost = std::exchange(first_, nullptr);
    last_ = nullptr;
  }
  while (lost != nullptr) {
    ReadyBatch* const batch = std::exchange(lost, lost->next);
    while (Subscription* const subscription = batch->claim()) reject(*subscription);
    delete batch;
  }
}

void PooledDelivery::reject(Subscription& subscription) noexcept {
  EnvelopeReturns envelopes;
  std::uint64_t count = 0;
  do {
    for (Link* chain = subscription.take(); chain != nullptr; ++count) {
      envelopes.add(std::exchange(chain, chain->next)->envelope);
    }
  } while (!subscription.rest());
  core_.counters().add(own_record, BusCount::rejected, count);
  subscription.release();
}

ReadyBatch* PooledDelivery::pick() noexcept {
  const std::scoped_lock guard(lock_);
  while (first_ != nullptr) {
    ReadyBatch* const batch = first_;
    unlink(*batch);
    // relaxed: a hint; claim() decides.
    if (batch->claimed.load(std::memory_order_relaxed) < batch->count) {
      link(*batch);  // at the back: the next drain takes another one, if there is one
      ++batch->users;
      return batch;
    }
    if (batch->users == 0) delete batch;
  }
  --drains_;
  return nullptr;
}

void PooledDelivery::leave(ReadyBatch* batch) noexcept {
  const std::scoped_lock guard(lock_);
  --batch->users;
  // relaxed: as in pick().
  const bool exhausted = batch->claimed.load(std::memory_order_relaxed) >= batch->count;
  if (exhausted && batch->listed) unlink(*batch);
  if (batch->users == 0 && !batch->listed) delete batch;
}

// Another drain in place of this one. False if this one has to go on.
bool PooledDelivery::hand_on() noexcept {
  if (core_.closing()) return false;
  {
    const std::scoped_lock guard(lock_);
    ++drains_;
  }
  if (!start_drain()) return false;
  const std::scoped_lock guard(lock_);
  if (drains_ == 1 && first_ != nullptr)
    return false;  // the other one has come and gone before this was handed over
  --drains_;
  return true;
}

void PooledDelivery::link(ReadyBatch& batch) noexcept {
  batch.listed = true;
  batch.next = nullptr;
  batch.previous = last_;
  (last_ == nullptr ? first_ : last_->next) = &batch;
  last_ = &batch;
}

void PooledDelivery::unlink(ReadyBatch& batch) noexcept {
  batch.listed = false;
  (batch.previous == nullptr ? first_ : batch.previous->next) = batch.next;
  (batch.next == nullptr ? last_ : batch.next->previous) = batch.previous;
}

}  // namespace crosstalk::pool::detail
