// Every order in which three threads can take their steps at a reader-writer lock, with futex and all: nobody is inside beside
// a writer, nobody sleeps for ever, nobody is passed too often, and the word is empty at the end.
#include "pool/locks/rw_lock_state.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

using RwModel = RwLockState<2>;  // so that the bound is met often

enum class RwStage : std::uint8_t {
  outside,
  adds_itself,
  steps_back,
  awake,
  falling_asleep,
  asleep,
  inside,
  done
};

struct RwModelThread {
  RwStage stage = RwStage::outside;
  bool writes = false;
  bool is_heir = false;
  std::uint8_t turns = 0;      // that it still has to make
  std::uint8_t passed = 0;     // by others since it went to sleep, for a writer; by writers for a reader
  std::uint32_t expected = 0;  // of the futex
  std::uint64_t parity = 0;
  std::uint64_t wakes = 0;     // one each, still to be done before anything else
  bool wakes_readers = false;  // all
  friend auto operator<=>(const RwModelThread&, const RwModelThread&) = default;
};

struct RwModelState {
  std::uint64_t word = 0;
  std::array<RwModelThread, 3> threads;
  friend auto operator<=>(const RwModelState&, const RwModelState&) = default;
};

std::uint32_t rw_low(std::uint64_t word) {
  return static_cast<std::uint32_t>(word);
}

std::uint64_t rw_channel(const RwModelThread& thread) {
  if (!thread.writes) return RwModel::kReadersAsleep;
  return thread.is_heir ? RwModel::kHeirAsleep : RwModel::kWritersAsleep;
}

class RwModelWalk {
 public:
  RwModelWalk(const std::string& kinds, std::uint8_t turns, bool impatient) : impatient_(impatient) {
    RwModelState first;
    for (std::size_t i = 0; i < first.threads.size(); ++i) {
      first.threads[i].writes = kinds[i] == 'w';
      first.threads[i].turns = turns;
    }
    reach(first);
    while (!open_.empty() && broken_.empty()) {
      const RwModelState state = open_.back();
      open_.pop_back();
      check(state);
      for (std::size_t i = 0; i < state.threads.size(); ++i) step(state, i);
    }
  }
  [[nodiscard]] const std::string& broken() const { return broken_; }
  [[nodiscard]] std::size_t states() const { return seen_.size(); }
  [[nodiscard]] unsigned passed_max() const { return passed_max_; }

 private:
  void reach(const RwModelState& state) {
    if (seen_.insert(state).second) open_.push_back(state);
  }

  void check(const RwModelState& state) {
    unsigned readers = 0;
    unsigned writers = 0;
    bool all_asleep = true;
    bool all_done = true;
    for (const RwModelThread& thread : state.threads) {
      const bool let_in = !thread.writes && waits(thread) && (state.word & RwModel::kParity) != thread.parity;
      if (thread.stage == RwStage::inside || let_in) ++(thread.writes ? writers : readers);
      if (thread.stage != RwStage::done) all_done = false;
      if ((thread.stage != RwStage::asleep && thread.stage != RwStage::done) || thread.wakes != 0 ||
          thread.wakes_readers) {
        all_asleep = false;
      }
    }
    if (writers > 1 || (writers == 1 && readers != 0)) broken_ = "two inside";
    if (all_asleep && !all_done) broken_ = "all asleep";
    if (all_done && (state.word & ~RwModel::kParity) != 0) broken_ = "something left in the word";
  }

  static bool waits(const RwModelThread& thread) {
    return thread.stage == RwStage::awake || thread.stage == RwStage::falling_asleep ||
           thread.stage == RwStage::asleep;
  }

  void step(const RwModelState& state, std::size_t i) {
    const RwModelThread& thread = state.threads[i];
    if (thread.wakes_readers || thread.wakes != 0) return wake(state, i);
    switch (thread.stage) {
      case RwStage::outside:
        return thread.writes ? come_to_write(state, i) : come_to_read(state, i);
      case RwStage::adds_itself:
        return add_reader(state, i);
      case RwStage::steps_back:
        return step_back(state, i);
      case RwStage::awake:
        return thread.writes ? wait_to_write(state, i) : wait_to_read(state, i);
      case RwStage::falling_asleep: {
        RwModelState next = state;
        next.threads[i].stage = rw_low(state.word) == thread.expected ? RwStage::asleep : RwStage::awake;
        return reach(next);
      }
      case RwStage::asleep: {  // a deadline, or a wake-up for nothing
        if (!impatient_) return;
        RwModelState next = state;
        next.threads[i].stage = RwStage::awake;
        return reach(next);
      }
      case RwStage::inside: {
        if (thread.writes) return leave(state, i, RwModel::unlocks(state.word));
        // It may have looked at any time: both ways may happen in every state.
        leave(state, i, RwModel::slips_out(state.word));
        return leave(state, i, RwModel::unlocks_shared(state.word));
      }
      case RwStage::done:
        return;
    }
  }

  // The kernel may wake any sleeper of the channel, or nobody where none is yet.
  void wake(const RwModelState& state, std::size_t i) {
    RwModelState rest = state;
    if (state.threads[i].wakes_readers) {
      rest.threads[i].wakes_readers = false;
      for (RwModelThread& thread : rest.threads) {
        if (thread.stage == RwStage::asleep && !thread.writes) thread.stage = RwStage::awake;
      }
      return reach(rest);
    }
    const std::uint64_t channel = state.threads[i].wakes & (~state.threads[i].wakes + 1);
    rest.threads[i].wakes &= ~channel;
    bool woke = false;
    for (std::size_t j = 0; j < state.threads.size(); ++j) {
      if (state.threads[j].stage != RwStage::asleep || rw_channel(state.threads[j]) != channel) continue;
      RwModelState next = rest;
      next.threads[j].stage = RwStage::awake;
      reach(next);
      woke = true;
    }
    if (!woke) reach(rest);
  }

  void enter(const RwModelState& state, std::size_t i, const RwModel::Step& in) {
    RwModelState next = state;
    next.word = in.next;
    for (RwModelThread& other : next.threads) {
      if (&other == &next.threads[i] || !waits(other)) continue;
      if (!other.writes && (!state.threads[i].writes || (state.word & RwModel::kParity) != other.parity))
        continue;
      passed_max_ = std::max<unsigned>(passed_max_, ++other.passed);
    }
    RwModelThread& thread = next.threads[i];
    thread.stage = RwStage::inside;
    thread.is_heir = false;
    thread.passed = 0;
    thread.wakes = in.wake_one;
    reach(next);
  }
  void leave(const RwModelState& state, std::size_t i, const RwModel::Step& out) {
    RwModelState next = state;
    next.word = out.next;
    RwModelThread& thread = next.threads[i];
    thread = {.writes = thread.writes, .turns = static_cast<std::uint8_t>(thread.turns - 1)};
    if (thread.turns == 0) thread.stage = RwStage::done;
    thread.wakes = out.wake_one;
    thread.wakes_readers = out.wake_readers;
    reach(next);
  }
  void falls_asleep(const RwModelState& state, std::size_t i, std::uint64_t word) {
    RwModelState next = state;
    next.word = word;
    RwModelThread& thread = next.threads[i];
    thread.stage = RwStage::falling_asleep;
    thread.expected = rw_low(word);
    thread.parity = word & RwModel::kParity;
    reach(next);
  }

  void come_to_write(const RwModelState& state, std::size_t i) {
    if (RwModel::admits_writer(state.word))
      return enter(state, i, {.next = RwModel::writer_enters(state.word)});
    falls_asleep(state, i, RwModel::writer_sleeps(state.word, false, false));
  }
  void wait_to_write(const RwModelState& state, std::size_t i) {
    const bool is_heir = state.threads[i].is_heir;
    if (RwModel::admits_waiting_writer(state.word, is_heir)) {
      return enter(state, i, {.next = RwModel::waiting_writer_enters(state.word, is_heir)});
    }
    if (impatient_) leave(state, i, RwModel::writer_gives_up(state.word, is_heir));
    if ((state.word & RwModel::kHeir) != 0)
      return falls_asleep(state, i, RwModel::writer_sleeps(state.word, true, is_heir));
    RwModelState next = state;
    next.word |= RwModel::kHeir;
    next.threads[i].is_heir = true;
    reach(next);
  }
  void come_to_read(const RwModelState& state, std::size_t i) {
    if (RwModel::admits_reader_freely(state.word)) {
      RwModelState next = state;
      next.threads[i].stage = RwStage::adds_itself;
      return reach(next);
    }
    if (RwModel::admits_reader(state.word))
      return enter(state, i, {.next = RwModel::reader_enters(state.word)});
    falls_asleep(state, i, RwModel::reader_sleeps(state.word, false));
  }
  // Anything may have happened since it looked.
  void add_reader(const RwModelState& state, std::size_t i) {
    const std::uint64_t added = state.word + RwModel::kReader;
    if (RwModel::admits_reader(state.word)) return enter(state, i, {.next = added});
    RwModelState next = state;
    next.word = added;
    next.threads[i].stage = RwStage::steps_back;
    reach(next);
  }
  void step_back(const RwModelState& state, std::size_t i) {
    const RwModel::Step out = RwModel::slips_out(state.word);
    RwModelState next = state;
    next.word = out.next;
    next.threads[i].stage = RwStage::outside;
    next.threads[i].wakes = out.wake_one;
    reach(next);
  }
  void wait_to_read(const RwModelState& state, std::size_t i) {
    if ((state.word & RwModel::kParity) != state.threads[i].parity)
      return enter(state, i, {.next = state.word});
    if (RwModel::admits_reader(state.word))
      return enter(state, i, RwModel::waiting_reader_enters(state.word));
    if (impatient_) leave(state, i, {.next = RwModel::reader_gives_up(state.word)});
    falls_asleep(state, i, RwModel::reader_sleeps(state.word, true));
  }

  bool impatient_;
  std::set<RwModelState> seen_;
  std::vector<RwModelState> open_;
  std::string broken_;
  unsigned passed_max_ = 0;
};

TEST_CASE("rw_lock: every order of the steps of three threads", "[pool][lock][rw_lock][stress]") {
  for (const std::string kinds : {"www", "wwr", "wrr", "rrr"}) {
    for (const bool impatient : {false, true}) {
      const RwModelWalk walk(kinds, kSanitized ? 1 : 2, impatient);
      INFO(kinds << (impatient ? ", impatient" : "") << ", " << walk.states() << " states, passed "
                 << walk.passed_max());
      CHECK(walk.broken() == "");
      CHECK(walk.passed_max() <=
            5);  // two passes, and by each of the two others waiting once, or let in with it
      CHECK(walk.states() > 20);
    }
  }
}

}  // namespace
}  // namespace crosstalk::pool
