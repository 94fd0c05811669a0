#include <atomic>
#include <string>

#include "harness/verify/clock_skew.h"
#include "harness/verify/container_cases.h"
#include "harness/verify/crew.h"
#include "harness/verify/models.h"
#include "harness/verify/puppets.h"

namespace crosstalk::harness::verify {

namespace {

class CacheOwner {
 public:
  CacheOwner(const AnyCache& any, std::size_t entries) : any_(any), cache_(any.make(entries)) {}
  ~CacheOwner() { any_.destroy(cache_); }
  CacheOwner(const CacheOwner&) = delete;
  CacheOwner& operator=(const CacheOwner&) = delete;
  [[nodiscard]] void* get() const noexcept { return cache_; }

 private:
  const AnyCache& any_;
  void* const cache_;
};

void hot_entries(CaseRun& run, const AnyCache& any) {
  const std::size_t none = run.cell("get = none");
  const std::size_t some = run.cell("get = value");
  const std::size_t put = run.cell("put");
  const std::size_t gone = run.cell("invalidate");
  const JudgedCells judged(run);
  const LinearizeOptions options{
      .configurations_most = 20'000, .skew_ticks = measure_clock_skew(), .on_key = [&run] { run.step(); }};
  Crew crew(run, 4, 2'048);
  constexpr std::size_t kEntries = 4;
  run.rounds({2, 3, 4, 2}, 20, 150, [&](const Round& round) {
    const CacheOwner cache(any, kEntries);
    const std::uint64_t keys = 1 + round.number % 6;
    crew.round(round, [&](Member& member) {
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        member.injector().outside();
        const std::uint64_t key = member.random().below(keys);
        const std::uint64_t what = member.random().below(8);
        if (what < 3) {
          const auto fresh = static_cast<std::int64_t>((member.id() + 1) * 1'000'000 + i);
          member.begin(op::kPut, key, fresh);
          any.put(cache.get(), key, fresh);
          member.end();
          run.count(put);
        } else if (what == 3) {
          member.begin(op::kInvalidate, key);
          member.end(any.invalidate(cache.get(), key) ? 1 : 0);
          run.count(gone);
        } else {
          member.begin(op::kGet, key);
          const auto found = any.get(cache.get(), key);
          member.end(found.value_or(kNone));
          run.count(found ? some : none);
        }
      }
    });
    if (any.entries(cache.get()) > kEntries + any.contract.entries_slack) {
      crew.fail("bound", std::to_string(any.entries(cache.get())) + " entries in a cache of " +
                             std::to_string(kEntries));
    }
    const LinearizeResult result = linearize_by_key(crew.events(), kNone, &cache_key_model, options);
    judged.count(run, result.verdict);
    if (result.verdict != Verdict::fail) return;
    run.fail("freshness",
             "get() of key " + std::to_string(result.culprit.key) +
                 " returned a value that had been replaced before",
             around(crew.events(), result.culprit, true));
  });
}

constexpr std::uint64_t kKey = 7;
constexpr std::int64_t kOld = 1;
constexpr std::int64_t kNew = 2;

// A loader that waits until it may end.
class GatedLoader {
 public:
  std::int64_t operator()() {
    raise(loads_);
    // acquire: pairs with the release in open().
    open_.wait(false, std::memory_order_acquire);
    return kOld;
  }
  void open() {
    open_.store(true, std::memory_order_release);
    open_.notify_all();
  }
  [[nodiscard]] std::uint64_t loads() const noexcept { return look(loads_); }

 private:
  std::atomic<bool> open_{false};
  std::atomic<std::uint64_t> loads_{0};
};

Puppets::Step load_step(const AnyCache& any, void* cache, GatedLoader& loader,
                        std::atomic<std::int64_t>& result) {
  return [&any, cache, &loader, &result](Member& member) {
    member.begin("get_or_load", kKey);
    const std::int64_t loaded = any.get_or_load(cache, kKey, [&](std::uint64_t) { return loader(); });
    member.end(loaded);
    note(result, loaded);
  };
}

// A load that began before a write and ends after it must not undo it.
void slow_loader(Puppets& puppets, const AnyCache& any, bool write) {
  const CacheOwner cache(any, 4);
  GatedLoader loader;
  std::atomic<std::int64_t> loaded{0};
  puppets.tell(0, load_step(any, cache.get(), loader, loaded));
  if (puppets.settles(0)) puppets.fail("loads", "get_or_load() of an absent key did not call its loader");
  puppets.order(
      1,
      [&](Member& member) {
        member.begin(write ? "put" : "invalidate", kKey, write ? kNew : 0);
        write ? any.put(cache.get(), kKey, kNew) : void(any.invalidate(cache.get(), kKey));
        member.end();
      },
      "progress", "a write waits for a loader");
  loader.open();
  puppets.await(0, "progress", "get_or_load() does not return after its loader has");
  std::optional<std::int64_t> found;
  puppets.order(1, [&](Member& member) {
    member.begin("get", kKey);
    found = any.get(cache.get(), kKey);
    member.end(found.value_or(kNone));
  });
  if (found == kOld)
    puppets.fail("freshness", "a slow load put an older value over what had been written meanwhile");
}

// Who misses the same key meanwhile waits for the load under way.
void single_flight(Puppets& puppets, const AnyCache& any) {
  const CacheOwner cache(any, 4);
  GatedLoader loader;
  std::atomic<std::int64_t> results[3] = {};
  for (unsigned who = 0; who < 3; ++who) {
    puppets.tell(who, load_step(any, cache.get(), loader, results[who]));
    if (puppets.settles(who))
      puppets.fail("loads", "get_or_load() of a key that is being loaded returned before the load ended");
  }
  loader.open();
  for (unsigned who = 0; who < 3; ++who) {
    puppets.await(who, "progress", "who waits for another one's load is not told of its end");
    if (look(results[who]) != kOld)
      puppets.fail("loads", "get_or_load() returned something else than what was loaded");
  }
  if (loader.loads() != 1)
    puppets.fail("single flight", std::to_string(loader.loads()) + " loads of one key at a time");
}

void drill_cache(CaseRun& run, const AnyCache& any) {
  const std::size_t cells[] = {run.cell("drill: a put during a load"),
                               run.cell("drill: an invalidation during a load"),
                               run.cell("drill: misses of one key")};
  Puppets puppets(run, 3);
  run.rounds([&](const Round& round) {
    const std::size_t which = round.number % 3;
    which == 2 ? single_flight(puppets, any) : slow_loader(puppets, any, which == 0);
    run.count(cells[which]);
  });
}

}  // namespace

std::vector<VerifyCase> cache_cases(const AnyCache& one) {
  return {{"drills", [one](CaseRun& run) { drill_cache(run, one); }, 0.3},
          {"hot keys", [one](CaseRun& run) { hot_entries(run, one); }, 0.7}};
}

}  // namespace crosstalk::harness::verify
