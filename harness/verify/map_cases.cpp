#include <array>
#include <memory>
#include <utility>

#include "harness/verify/clock_skew.h"
#include "harness/verify/container_cases.h"
#include "harness/verify/crew.h"
#include "harness/verify/models.h"

namespace crosstalk::harness::verify {

namespace {

constexpr std::size_t kEventsMost = 2'048;  // of a thread and round

class MapOwner {
 public:
  explicit MapOwner(const AnyMap& any) : any_(any), map_(any.make()) {}
  ~MapOwner() { any_.destroy(map_); }
  MapOwner(const MapOwner&) = delete;
  MapOwner& operator=(const MapOwner&) = delete;
  [[nodiscard]] void* get() const noexcept { return map_; }

 private:
  const AnyMap& any_;
  void* const map_;
};

// A map's operations, recorded and counted.
class MapUser {
 public:
  struct Cells {
    Cells(CaseRun& run, const AnyMap& any)
        : insert{run.cell("insert = false"), run.cell("insert = true")},
          erase{run.cell("erase = false"), run.cell("erase = true")} {
      if (any.get != nullptr) get[0] = run.cell("get = none"), get[1] = run.cell("get = value");
      if (any.add_one != nullptr)
        add_one[0] = run.cell("add_one = none"), add_one[1] = run.cell("add_one = sum");
      if (any.set != nullptr) set = run.cell("set");
    }
    std::size_t insert[2], erase[2], get[2] = {}, add_one[2] = {}, set = 0;
  };

  MapUser(Crew& crew, Member& member, const AnyMap& any, void* map, const Cells& cells)
      : crew_(crew), member_(member), any_(any), map_(map), cells_(cells) {}

  bool insert(std::uint64_t key) {
    const std::int64_t value = fresh();
    member_.begin(op::kInsert, key, value);
    const bool fits = any_.insert(map_, key, value);
    return ended(fits, cells_.insert);
  }
  bool erase(std::uint64_t key) {
    member_.begin(op::kErase, key);
    return ended(any_.erase(map_, key), cells_.erase);
  }
  std::int64_t get(std::uint64_t key) {
    member_.begin(op::kGet, key);
    return ended(any_.get(map_, key), cells_.get);
  }
  void add_one(std::uint64_t key) {
    member_.begin(op::kAddOne, key);
    ended(any_.add_one(map_, key), cells_.add_one);
  }
  void set(std::uint64_t key) {
    const std::int64_t value = fresh();
    member_.begin(op::kSet, key, value);
    any_.set(map_, key, value);
    member_.end();
    member_.run().count(cells_.set);
  }
  void anything(std::uint64_t key) {
    switch (member_.random().below(8)) {
      case 0:
      case 1:
        insert(key);
        break;
      case 2:
      case 3:
        erase(key);
        break;
      case 4:
        if (any_.add_one != nullptr) return add_one(key);
        insert(key);
        break;
      case 5:
        if (any_.set != nullptr) return set(key);
        get(key);
        break;
      default:
        get(key);
    }
  }

 private:
  // No two threads ever write the same value, nor may sums get there.
  std::int64_t fresh() {
    if (any_.keys_only) return 0;
    return static_cast<std::int64_t>((member_.id() + 1) * 1'000'000 + ++written_ * 1'000);
  }
  bool ended(bool result, const std::size_t (&cells)[2]) {
    member_.end(result ? 1 : 0);
    member_.run().count(cells[result ? 1 : 0]);
    return result;
  }
  std::int64_t ended(std::optional<std::int64_t> result, const std::size_t (&cells)[2]) {
    member_.end(result.value_or(kNone));
    member_.run().count(cells[result ? 1 : 0]);
    if (result == Quad::kTorn) crew_.fail("whole values", "a value was read while it was being written");
    return result.value_or(kNone);
  }

  Crew& crew_;
  Member& member_;
  const AnyMap& any_;
  void* const map_;
  const Cells& cells_;
  std::uint64_t written_ = 0;
};

void judge(CaseRun& run, const Crew& crew, const LinearizeResult& result, const JudgedCells& judged,
           bool same_key) {
  judged.count(run, result.verdict);
  if (result.verdict != Verdict::fail) return;
  const std::string key = same_key ? " on key " + std::to_string(result.culprit.key) : std::string();
  run.fail("linearizability",
           std::string(result.culprit.what) + "()" + key + " of thread " +
               std::to_string(result.culprit.thread) + " answered what no order of the operations explains",
           around(crew.events(), result.culprit, same_key));
}

void hot_keys(CaseRun& run, const AnyMap& any) {
  const MapUser::Cells cells(run, any);
  const JudgedCells judged(run);
  const LinearizeOptions options{
      .configurations_most = 20'000, .skew_ticks = measure_clock_skew(), .on_key = [&run] { run.step(); }};
  Crew crew(run, 4, kEventsMost);
  run.rounds({2, 3, 4, 2}, 20, 200, [&](const Round& round) {
    const MapOwner map(any);
    const std::uint64_t keys = 1 + round.number % 4;
    crew.round(round, [&](Member& member) {
      MapUser user(crew, member, any, map.get(), cells);
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        member.injector().outside();
        user.anything(member.random().below(keys));
      }
    });
    judge(run, crew, linearize_by_key(crew.events(), kNone, &map_key_model, options), judged, true);
  });
}

// Keys that members have put in, for others to look for.
struct alignas(64) Known {
  std::atomic<std::uint64_t> count{0};
};

std::uint64_t key_of(std::uint64_t member, std::uint64_t number) {
  return (member + 1) * 1'000'003 + number;
}

// A map that grows under its readers: what was put in and never taken out is there.
void growth(CaseRun& run, const AnyMap& any) {
  const MapUser::Cells cells(run, any);
  Crew crew(run, 4, kEventsMost);
  run.rounds({2, 3, 4, 3}, 30, 400, [&](const Round& round) {
    const MapOwner map(any);
    std::array<Known, 4> known;
    crew.round(round, [&](Member& member) {
      MapUser user(crew, member, any, map.get(), cells);
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        if (i % 4 == 0) member.injector().outside();
        if (!user.insert(key_of(member.id(), i)))
          crew.fail("no loss", "a key that nobody had inserted was there");
        // release: pairs with the acquire below; who sees the count sees the key in the map.
        known[member.id()].count.store(i + 1, std::memory_order_release);
        for (unsigned looks = 0; looks < 4; ++looks) {
          const std::uint64_t whose = member.random().below(round.threads);
          const std::uint64_t count = known[whose].count.load(std::memory_order_acquire);
          if (count == 0) continue;
          if (user.get(key_of(whose, member.random().below(count))) == kNone) {
            crew.fail("no loss", "a key that was inserted and never erased is not there");
          }
        }
        if (i == 2 && user.insert(key_of(member.id(), 1))) crew.fail("no loss", "a key was inserted twice");
      }
      const std::uint64_t mine = key_of(member.id(), round.operations);
      user.get(mine);
      user.insert(mine);
      if (any.set != nullptr) user.set(mine);
      if (any.add_one != nullptr) user.add_one(mine), user.add_one(mine + 1);
      if (!user.erase(mine)) crew.fail("no loss", "a key that was inserted cannot be erased");
      user.erase(mine);
    });
  });
}

// Every key once by every thread: exactly one insertion of each succeeds.
void one_winner(CaseRun& run, const AnyMap& any) {
  const std::size_t won = run.cell("insert = true");
  const std::size_t lost = run.cell("insert = false");
  Crew crew(run, 4, kEventsMost);
  run.rounds({2, 3, 4, 2}, 20, 100, [&](const Round& round) {
    const MapOwner map(any);
    std::vector<std::atomic<std::uint64_t>> winners(round.operations);
    crew.round(round, [&](Member& member) {
      for (std::uint64_t key = 0; key < round.operations; ++key) {
        member.begin(op::kInsert, key, member.id() + 1);
        const bool first = any.insert(map.get(), key, any.keys_only ? 0 : member.id() + 1);
        member.end(first ? 1 : 0);
        run.count(first ? won : lost);
        if (first) raise(winners[key]);
      }
    });
    for (std::uint64_t key = 0; key < round.operations; ++key) {
      if (look(winners[key]) == 1) continue;
      crew.fail("one winner", std::to_string(look(winners[key])) + " insertions of one absent key succeeded");
    }
  });
}

// The size as one of the operations, of a map that promises it.
void sizes(CaseRun& run, const AnyMap& any) {
  const MapUser::Cells cells(run, AnyMap{});  // insert and erase only
  const std::size_t size = run.cell("size");
  const JudgedCells judged(run);
  const LinearizeOptions options{.configurations_most = 20'000, .skew_ticks = measure_clock_skew()};
  Crew crew(run, 3, kEventsMost);
  constexpr std::uint64_t kKeys = 8;
  run.rounds({2, 3, 2}, 50, 600, [&](const Round& round) {
    const MapOwner map(any);
    crew.round(round, [&](Member& member) {
      MapUser user(crew, member, any, map.get(), cells);
      std::uint64_t place = 0;
      for (std::uint64_t i = 0; i < round.operations; ++i) {
        if (i % 8 == 0) member.injector().outside();
        if (member.id() == 0) {
          member.begin(op::kSize);
          member.end(static_cast<std::int64_t>(any.size(map.get())));
          run.count(size);
          continue;
        }
        // A key that wanders: whoever adds up parts of different moments sees it nowhere, or twice.
        const std::uint64_t lane = (member.id() - 1) * kKeys;
        const std::uint64_t next = (place + 1 + member.random().below(kKeys - 1)) % kKeys;
        user.insert(lane + next);
        user.erase(lane + place);
        if (i % 16 == 5) user.insert(lane + next);
        place = next;
      }
    });
    judge(run, crew, linearize(crew.events(), 0, &map_size_model, options), judged, false);
  });
}

}  // namespace

std::vector<VerifyCase> map_cases(const AnyMap& map) {
  std::vector<VerifyCase> cases{{"hot keys", [map](CaseRun& run) { hot_keys(run, map); }, 0.3},
                                {"growth", [map](CaseRun& run) { growth(run, map); }, 0.5},
                                {"one winner", [map](CaseRun& run) { one_winner(run, map); }, 0.2}};
  if (map.size != nullptr && map.contract.size_linearizable) {
    cases.push_back({"sizes", [map](CaseRun& run) { sizes(run, map); }, 0.5});
  }
  return cases;
}

}  // namespace crosstalk::harness::verify
