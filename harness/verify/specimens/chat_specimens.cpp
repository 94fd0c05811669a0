// An inbox and a registry of sessions, each with a deliberate bug and without.
#include <algorithm>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/verify/chat_cases.h"
#include "harness/verify/specimen.h"

namespace crosstalk::harness::verify {

namespace {

// M53: once it was full it takes messages again as soon as there is room, though the session is to end: a gap.
class M53Inbox final : public InboxOnTrial {
 public:
  M53Inbox(pool::InboxPolicy policy, std::uint32_t most, bool broken)
      : policy_(policy), most_(most), broken_(broken) {}
  bool push(const Item& item) override {
    const std::lock_guard guard(mutex_);
    ++totals_.enqueued;
    if (ended_) return ++totals_.discarded, false;
    const bool full = policy_ != pool::InboxPolicy::grow && items_.size() >= most_;
    if (!full && !sealed_) return items_.push_back(item), false;
    ++totals_.dropped;
    if (policy_ == pool::InboxPolicy::drop_oldest) {
      items_.pop_front();
      items_.push_back(item);
    }
    if (policy_ != pool::InboxPolicy::disconnect) return false;
    const bool first = !std::exchange(told_, true);
    sealed_ = !broken_;
    return first;
  }
  std::vector<Item> receive() override {
    const std::lock_guard guard(mutex_);
    const auto items = std::exchange(items_, {});
    totals_.received += items.size();
    return {items.begin(), items.end()};
  }
  void end() override {
    const std::lock_guard guard(mutex_);
    ended_ = true;
    totals_.discarded += std::exchange(items_, {}).size();
  }
  pool::InboxTotals totals() const override {
    const std::lock_guard guard(mutex_);
    pool::InboxTotals totals = totals_;
    totals.queued = items_.size();
    return totals;
  }

 private:
  const pool::InboxPolicy policy_;
  const std::uint32_t most_;
  const bool broken_;
  mutable std::mutex mutex_;  // guards the members below
  std::deque<Item> items_;
  pool::InboxTotals totals_;
  bool sealed_ = false, told_ = false, ended_ = false;
};

// M54: looks whether a session is there, and ends it later.
class M54Registry final : public RegistryOnTrial {
 public:
  M54Registry(std::uint32_t clients, std::uint32_t limit, Hooks hooks, bool broken)
      : limit_(limit), broken_(broken), hooks_(std::move(hooks)), stays_(clients) {}
  bool connect(pool::ClientId client, pool::SessionRef& session) override {
    const std::lock_guard guard(mutex_);
    Stay& stay = stays_[client];
    if (closed_ || stay.open || open_ == limit_) return false;
    stay.open = true;
    ++open_;
    session = {client, ++stay.generation};
    hooks_.opened(session);
    return true;
  }
  bool end(pool::SessionRef session) override {
    std::unique_lock guard(mutex_);
    Stay& stay = stays_[session.client];
    if (!stay.open || stay.generation != session.generation) return false;
    if (broken_) {
      guard.unlock();
      std::this_thread::yield();
      guard.lock();
    }
    finish(session.client);
    return true;
  }
  void shutdown() override {
    const std::lock_guard guard(mutex_);
    closed_ = true;
    for (std::size_t client = 0; client < stays_.size(); ++client) {
      if (stays_[client].open) finish(static_cast<pool::ClientId>(client));
    }
  }

 private:
  struct Stay {
    std::uint32_t generation = 0;
    bool open = false;
  };
  void finish(pool::ClientId client) {
    stays_[client].open = false;
    --open_;
    hooks_.ended({client, stays_[client].generation});
  }
  const std::uint32_t limit_;
  const bool broken_;
  const Hooks hooks_;
  std::mutex mutex_;  // guards the members below
  std::vector<Stay> stays_;
  std::uint32_t open_ = 0;
  bool closed_ = false;
};

template <class Cases>
void add_chat_pair(std::vector<Specimen>& all, const char* name, const char* bug, Cases cases,
                   const std::vector<std::string>& properties) {
  add_pair(all,
           {.name = name,
            .bug = bug,
            .cases = cases(true),
            .properties = properties,
            .of_the_chapter = false,
            .layer = "servers"},
           cases(false));
}

}  // namespace

void add_chat_specimens(std::vector<Specimen>& all) {
  add_chat_pair(all, "M53", "an inbox that was full takes messages again, with a gap",
                [](bool broken) {
                  return inbox_cases({[broken](pool::InboxPolicy policy, std::uint32_t most) {
                    return std::make_unique<M53Inbox>(policy, most, broken);
                  }});
                },
                {"policy", "no loss"});
  add_chat_pair(all, "M54", "looks whether a session is there, and ends it later",
                [](bool broken) {
                  return registry_cases(
                      {[broken](std::uint32_t clients, std::uint32_t limit, RegistryOnTrial::Hooks hooks) {
                        return std::make_unique<M54Registry>(clients, limit, std::move(hooks), broken);
                      }});
                },
                {"exactly once"});
}

}  // namespace crosstalk::harness::verify
