#include "harness/verify/waits_for.h"

#include <algorithm>

#include "harness/verify/page.h"

namespace crosstalk::harness::verify {

namespace {

bool holds_object(const Waiter& waiter, std::uint32_t object) {
  return std::find(waiter.holds.begin(), waiter.holds.end(), object) != waiter.holds.end();
}

// The place of a thread that holds what this one waits for, or the end.
std::size_t next_of(const std::vector<Waiter>& waiters, std::size_t from) {
  if (!waiters[from].waits || waiters[from].object == kNoObject) return waiters.size();
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    if (i != from && holds_object(waiters[i], waiters[from].object)) return i;
  }
  return waiters.size();
}

std::string sentence_of(const Waiter& waiter) {
  std::string text = "thread " + std::to_string(waiter.thread);
  for (std::size_t i = 0; i < waiter.holds.size(); ++i) {
    text.append(i == 0 ? " holds " : ", ").append(std::to_string(waiter.holds[i]));
  }
  if (waiter.waits) {
    text.append(waiter.holds.empty() ? " waits in " : " and waits in ").append(waiter.asks);
    if (waiter.object != kNoObject) text.append("() of ").append(std::to_string(waiter.object));
  }
  return text;
}

std::string sentences_of(const std::vector<Waiter>& waiters) {
  constexpr std::size_t kShown = 6;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, waiters.size()); ++i) {
    text.append(i == 0 ? "" : "; ").append(sentence_of(waiters[i]));
  }
  if (waiters.size() > kShown)
    text.append("; ").append(std::to_string(waiters.size() - kShown)).append(" more");
  return text;
}

}  // namespace

std::vector<Waiter> waiters_of(const Page& page) {
  std::vector<Waiter> waiters;
  const std::uint32_t members = std::min<std::uint32_t>(look(page.members), kMembersMost);
  for (unsigned i = 0; i < members; ++i) {
    const MemberState& state = page.member[i];
    Waiter waiter{.thread = i, .asks = {}, .object = look(state.object), .waits = false, .holds = {}};
    const char* asks = look(state.asks);
    waiter.waits = look(state.standing) == Standing::asking;
    if (asks != nullptr) waiter.asks = asks;
    for (const auto& held : state.held) {
      if (look(held) != kNoObject) waiter.holds.push_back(look(held));
    }
    if (waiter.waits || !waiter.holds.empty()) waiters.push_back(std::move(waiter));
  }
  return waiters;
}

std::vector<unsigned> cycle_of(const std::vector<Waiter>& waiters) {
  for (std::size_t start = 0; start < waiters.size(); ++start) {
    std::vector<unsigned> path;
    std::size_t at = start;
    do {
      path.push_back(waiters[at].thread);
      at = next_of(waiters, at);
    } while (at != waiters.size() && at != start && path.size() <= waiters.size());
    if (at == start) return path;
  }
  return {};
}

std::string explain_stall(const std::vector<Waiter>& waiters, bool burning) {
  const std::string who = sentences_of(waiters);
  if (burning) return "livelock: threads use the processor and get nowhere" + (who.empty() ? "" : ": " + who);
  if (!cycle_of(waiters).empty()) return "deadlock: " + who;
  if (waiters.empty()) return "hang: every thread sleeps";
  const bool free = std::all_of(waiters.begin(), waiters.end(),
                                [](const Waiter& w) { return w.object != kNoObject && w.holds.empty(); });
  return (free ? "lost wake-up: every thread sleeps and nobody holds anything: "
               : "hang: every thread sleeps: ") +
         who;
}

}  // namespace crosstalk::harness::verify
