#include "pool/events/bus_core.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace crosstalk::pool::detail {

namespace {

constexpr unsigned kMostRetired = 16;  // kept before subscribing frees them; unsubscribing always does

unsigned parallelism_of(const BusOptions& options) noexcept {
  return options.parallelism != 0 ? options.parallelism : std::max(2U, std::thread::hardware_concurrency());
}

}  // namespace

BusCore::BusCore(const BusOptions& options)
    : pooled_(*this, options.executor, options.priority, parallelism_of(options)),
      threads_(*this, options.threads_max) {
  if (options.threads_max == 0)
    throw std::invalid_argument("EventBus: threads_max must be at least 1, got 0");
  decide_barrier_mode();
}

BusCore::~BusCore() {
  finish_unfinished(std::exchange(unfinished_, nullptr));
  for (SubscriberList* list = retired_lists_; list != nullptr;) {
    SubscriberList::free(std::exchange(list, list->next_retired));
  }
  while (retired_tables_ != nullptr) retired_tables_ = std::move(retired_tables_->next_retired);
  // relaxed: read by the last owner.
  const std::unique_ptr<TopicTable> table(table_.load(std::memory_order_relaxed));
  if (table == nullptr) return;
  table->for_each([](TopicState& topic) {
    // relaxed: as above.
    if (auto* const list = topic.list.load(std::memory_order_relaxed)) SubscriberList::free(list);
    delete &topic;
  });
}

bool BusCore::add(const TopicKey& key, Subscription& subscription) {
  if (subscription.dispatch() == Dispatch::pooled && !pooled_.possible()) {
    throw std::invalid_argument("EventBus: pooled dispatch needs an executor, got none");
  }
  if (subscription.dispatch() != Dispatch::inlined && key.type->copy == nullptr) {
    throw std::invalid_argument("EventBus: only events that can be copied can be queued");
  }
  Subscription* unfinished = nullptr;
  {
    const std::scoped_lock guard(mutex_);
    if (closing()) return false;
    TopicState& topic = topic_of(key);
    // relaxed: written under the lock, which is held.
    SubscriberList* list = topic.list.load(std::memory_order_relaxed);
    if (list == nullptr || list->full()) {
      list = SubscriberList::make(list, 4);
      replace_list(topic, list);
    }
    if (topic.open++ == 0) ++topics_open_;
    subscription.cold().topic = &topic;
    subscription.retain();
    list->append(subscription);
    if (retired_ > kMostRetired) unfinished = sweep();
  }
  finish_unfinished(unfinished);
  return true;
}

TopicState& BusCore::topic_of(const TopicKey& key) {
  // relaxed: written under the lock, which is held. So too below.
  TopicTable* table = table_.load(std::memory_order_relaxed);
  if (table != nullptr) {
    if (TopicState* const topic = table->find(key); topic != nullptr) return *topic;
  }
  auto topic = std::make_unique<TopicState>(key);
  if (table == nullptr || table->full()) replace_table();
  table = table_.load(std::memory_order_relaxed);
  table->insert(*topic);
  return *topic.release();
}

void BusCore::replace_table() {
  TopicTable* const old = table_.load(std::memory_order_relaxed);  // relaxed: as above
  auto table = TopicTable::make(old);
  // seq_cst: total order with Pass::protect(), if the barrier is symmetric; else its release publishes the table.
  table_.store(table.release(), std::memory_order_seq_cst);
  if (old == nullptr) return;
  std::unique_ptr<TopicTable>* last = &retired_tables_;
  while (*last != nullptr) last = &(*last)->next_retired;
  last->reset(old);
  ++retired_;
}

void BusCore::replace_list(TopicState& topic, SubscriberList* list) noexcept {
  SubscriberList* const old = topic.list.load(std::memory_order_relaxed);  // relaxed: as above
  topic.list.store(list, std::memory_order_seq_cst);                       // seq_cst: as for the table
  if (old == nullptr) return;
  old->next_retired = std::exchange(retired_lists_, old);
  ++retired_;
}

template <std::memory_order order>
std::size_t BusCore::publish_in(const TopicKey& key, const void* event) {
  const Pass<order> pass(this);
  counters_.add(&pass.record(), BusCount::published, 1);
  const TopicTable* const table = pass.protect(pass.slot().table, table_);
  if (table == nullptr) return 0;
  const TopicState* const topic = table->find(key);
  if (topic == nullptr) return 0;
  const SubscriberList* const list = pass.protect(pass.slot().list, topic->list);
  if (list == nullptr) return 0;
  const std::size_t size = list->size();
  const std::size_t queued = list->queued();
  if (queued == 0) return run_inlined<order>(pass, *list, size, event);
  Envelope* const envelope = Envelope::make(*key.type, event, queued);
  const std::size_t reached = run_mixed<order>(pass, *list, size, *envelope, event);
  envelope->close();
  return reached;
}

template <std::memory_order order>
std::size_t BusCore::run_inlined(const Pass<order>& pass, const SubscriberList& list, std::size_t size,
                                 const void* event) noexcept {
  PassSlot& slot = pass.slot();
  Subscription* const* const entries = list.begin();
  // Only what is rare is counted one by one.
  std::size_t failed = 0;
  std::size_t closed = 0;
  for (std::size_t i = 0; i < size; ++i) {
    __builtin_prefetch(entries[std::min(i + 8, size - 1)]);
    const Outcome outcome = entries[i]->run<order>(slot, event);
    if (outcome == Outcome::delivered) [[likely]] {
      continue;
    }
    ++(outcome == Outcome::failed ? failed : closed);
  }
  const std::size_t delivered = size - failed - closed;
  counters_.add(&pass.record(), BusCount::delivered, delivered);
  if (failed != 0) counters_.add(&pass.record(), BusCount::failed, failed);
  return delivered + failed;
}

template <std::memory_order order>
std::size_t BusCore::run_mixed(const Pass<order>& pass, const SubscriberList& list, std::size_t size,
                               Envelope& envelope, const void* event) noexcept {
  PooledDelivery::Ready ready(pooled_);
  Subscription* const* const entries = list.begin();
  std::array<std::size_t, 3> outcomes{};
  std::size_t queued = 0;
  for (std::size_t i = 0; i < size; ++i) {
    __builtin_prefetch(entries[std::min(i + 8, size - 1)], 1);
    Subscription& subscription = *entries[i];
    if (subscription.dispatch() == Dispatch::pooled) {
      if (subscription.closed()) continue;
      ++queued;
      if (subscription.push(envelope.take_link())) ready.add(subscription);
      continue;
    }
    if (subscription.dispatch() == Dispatch::thread) {
      if (subscription.closed()) continue;
      Link& link = envelope.take_link();
      if (threads_.start(subscription, link)) {
        ++queued;
        continue;
      }
      envelope.release(1);  // no thread to be had: it runs here
    }
    ++outcomes[static_cast<std::size_t>(subscription.run<order>(pass.slot(), event))];
  }
  const auto& [delivered, failed, closed] = outcomes;
  counters_.add(&pass.record(), BusCount::queued, queued);
  counters_.add(&pass.record(), BusCount::delivered, delivered);
  counters_.add(&pass.record(), BusCount::failed, failed);
  static_cast<void>(closed);
  return queued + delivered + failed;
}

void BusCore::drop_queued(Subscription& subscription) noexcept {
  EnvelopeReturns envelopes;
  std::uint64_t count = 0;
  for (Link* chain = subscription.steal(); chain != nullptr; ++count) {
    envelopes.add(std::exchange(chain, chain->next)->envelope);
  }
  if (count != 0) counters_.add(own_record, BusCount::dropped, count);
}

void BusCore::remove(Subscription& subscription) noexcept {
  Subscription* unfinished = nullptr;
  bool swept = false;
  {
    const std::scoped_lock guard(mutex_);
    if (subscription.close() && !closing()) forget(subscription);
    if (retired_ != 0) {
      unfinished = sweep();
      swept = true;
    }
  }
  drop_queued(subscription);
  if (!swept) heavy_barrier();
  const bool called = is_called(&subscription, Whose::any);
  if (called && inside_pass()) {
    subscription.retain();
    const std::scoped_lock guard(mutex_);
    subscription.cold().next_unfinished = std::exchange(unfinished_, &subscription);
    ++retired_;
  } else {
    if (called) subscription.wait_for_others();
    subscription.finish();
  }
  finish_unfinished(unfinished);
}

void BusCore::wait(Subscription& subscription) noexcept {
  subscription.wait_for_others();
  if (!is_called(&subscription, Whose::any)) subscription.finish();
}

void BusCore::forget(Subscription& subscription) noexcept {
  TopicState& topic = *subscription.cold().topic;
  SubscriberList* const list = topic.list.load(std::memory_order_relaxed);  // relaxed: under the lock
  ++list->closed;
  try {
    if (--topic.open == 0) {
      replace_list(topic, nullptr);
      --topics_open_;
      // relaxed: under the lock.
      if (table_.load(std::memory_order_relaxed)->filled() > 8 + topics_open_ * 4) replace_table();
    } else if (list->size() >= 8 && list->closed * 2 > list->size()) {
      replace_list(topic, SubscriberList::make(list, 4));
    }
  } catch (...) {
    // No memory for a smaller copy: the large one goes on.
  }
}

// Frees what was retired and is read no more. Returns closed subscriptions that nobody is inside any more; their
// callbacks must be destroyed without the lock.
Subscription* BusCore::sweep() noexcept {
  heavy_barrier();
  for (SubscriberList** place = &retired_lists_; *place != nullptr;) {
    SubscriberList* const list = *place;
    if (is_read(list)) {
      place = &list->next_retired;
      continue;
    }
    *place = list->next_retired;
    SubscriberList::free(list);
    --retired_;
  }
  while (retired_tables_ != nullptr && !is_read(retired_tables_.get())) {
    retired_tables_ = std::move(retired_tables_->next_retired);
    --retired_;
  }
  Subscription* done = nullptr;
  for (Subscription** place = &unfinished_; *place != nullptr;) {
    Subscription* const subscription = *place;
    if (is_called(subscription, Whose::any)) {
      place = &subscription->cold().next_unfinished;
      continue;
    }
    *place = subscription->cold().next_unfinished;
    subscription->cold().next_unfinished = std::exchange(done, subscription);
    --retired_;
  }
  return done;
}

void BusCore::finish_unfinished(Subscription* chain) noexcept {
  while (chain != nullptr) {
    Subscription& subscription = *std::exchange(chain, chain->cold().next_unfinished);
    subscription.finish();
    subscription.release();
  }
}

template <class F>
void BusCore::for_each_listed(F&& f) const {
  // relaxed (both): under the lock, or closed.
  const TopicTable* const table = table_.load(std::memory_order_relaxed);
  if (table == nullptr) return;
  table->for_each([&f](TopicState& topic) {
    const SubscriberList* const list = topic.list.load(std::memory_order_relaxed);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) f(*list->begin()[i]);
  });
}

void BusCore::close() noexcept {
  {
    const std::scoped_lock guard(mutex_);
    closing_.store(true, std::memory_order_relaxed);  // relaxed: decides only under the lock
    for_each_listed([](Subscription& subscription) { subscription.close(); });
  }
  wait_for_passes(this);
  threads_.join_all();
  // Now, and not earlier: a pass may have queued something while it ended.
  for_each_listed([this](Subscription& subscription) { drop_queued(subscription); });
  finish_all();
  if (inside_pass()) {
    // Perhaps inside one of its own callbacks, whose pass goes on using it.
    retain();
    run = [](AfterPasses& self) noexcept {
      static_cast<BusCore&>(self).finish_all();
      static_cast<BusCore&>(self).release();
    };
    run_after_passes(*this);
  }
  release();
}

// Once closed: destroys all callbacks but those that this thread is inside.
void BusCore::finish_all() noexcept {
  for_each_listed([](Subscription& subscription) {
    if (!inside_pass() || !is_called(&subscription, Whose::any)) subscription.finish();
  });
  Subscription* unfinished = nullptr;
  {
    const std::scoped_lock guard(mutex_);
    if (retired_ != 0) unfinished = sweep();
  }
  finish_unfinished(unfinished);
}

BusStats BusCore::stats() const {
  return {.published = counters_.sum(BusCount::published),
          .queued = counters_.sum(BusCount::queued),
          .started = counters_.sum(BusCount::started),
          .delivered = counters_.sum(BusCount::delivered),
          .failed = counters_.sum(BusCount::failed),
          .dropped = counters_.sum(BusCount::dropped),
          .rejected = counters_.sum(BusCount::rejected),
          .live_threads = threads_.live()};
}

// release and seq_cst: the two modes of publish().
template std::size_t BusCore::publish_in<std::memory_order_release>(const TopicKey&, const void*);
template std::size_t BusCore::publish_in<std::memory_order_seq_cst>(const TopicKey&, const void*);

}  // namespace crosstalk::pool::detail
