#include "harness/verify/waits_for.h"

#include <algorithm>
#include <utility>

namespace crosstalk::harness::verify {

namespace {

// The graph, and who can go on of those whom it holds.
class Reduction {
 public:
  explicit Reduction(const WaitGraph& graph) : graph_(graph), live_(graph.waiters.size(), false) {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < live_.size(); ++i) {
        if (live_[i] || !can_go_on(graph_.waiters[i])) continue;
        live_[i] = changed = true;
      }
    }
  }

  [[nodiscard]] bool stuck(std::size_t place) const { return !live_[place]; }

  // Those without whom this one cannot go on, and who cannot themselves.
  [[nodiscard]] std::vector<std::size_t> blockers_of(std::size_t place) const {
    std::vector<std::size_t> blockers = holders_of(graph_.waiters[place].object);
    std::erase_if(blockers, [this](std::size_t i) { return live_[i]; });
    return blockers;
  }

 private:
  [[nodiscard]] WaitResource resource(std::uint32_t object) const {
    return object < graph_.resources.size() ? graph_.resources[object] : WaitResource{};
  }
  // Who holds two units stands there twice.
  [[nodiscard]] std::vector<std::size_t> holders_of(std::uint32_t object) const {
    std::vector<std::size_t> holders;
    for (std::size_t i = 0; i < graph_.waiters.size(); ++i) {
      for (const std::uint32_t held : graph_.waiters[i].holds) {
        if (held == object) holders.push_back(i);
      }
    }
    return holders;
  }
  [[nodiscard]] bool can_go_on(const Waiter& waiter) const {
    if (!waiter.waits || waiter.object == kNoObject) return true;
    const std::vector<std::size_t> holders = holders_of(waiter.object);
    const auto live = [this](std::size_t i) { return bool{live_[i]}; };
    const WaitResource what = resource(waiter.object);
    switch (what.kind) {
      case ResourceKind::units:
        return holders.size() < what.total || std::any_of(holders.begin(), holders.end(), live);
      case ResourceKind::promise:
        return std::any_of(holders.begin(), holders.end(), live);
      default:
        return std::all_of(holders.begin(), holders.end(), live);
    }
  }

  const WaitGraph& graph_;
  std::vector<bool> live_;
};

// Depth first: the part of the path from where it meets itself.
bool find_cycle(const Reduction& reduction, std::size_t at, std::vector<std::size_t>& path,
                std::vector<bool>& seen) {
  const auto met = std::find(path.begin(), path.end(), at);
  if (met != path.end()) {
    path.erase(path.begin(), met);
    return true;
  }
  if (seen[at]) return false;
  seen[at] = true;
  path.push_back(at);
  for (const std::size_t next : reduction.blockers_of(at)) {
    if (find_cycle(reduction, next, path, seen)) return true;
  }
  path.pop_back();
  return false;
}

std::string name_of(const WaitGraph& graph, std::uint32_t object) {
  return object < graph.resources.size() ? graph.resources[object].name : std::to_string(object);
}

std::string sentence_of(const WaitGraph& graph, const Waiter& waiter) {
  std::string text = (waiter.task ? "task " : "thread ") + std::to_string(waiter.thread);
  for (std::size_t i = 0; i < waiter.holds.size(); ++i) {
    const std::uint32_t held = waiter.holds[i];
    const bool owes = held < graph.resources.size() && graph.resources[held].kind == ResourceKind::promise;
    text.append(i == 0 ? " " : ", ").append(owes ? "owes " : "holds ").append(name_of(graph, held));
  }
  if (waiter.waits) {
    text.append(waiter.holds.empty() ? " waits in " : " and waits in ").append(waiter.asks);
    if (waiter.object != kNoObject) text.append("() of ").append(name_of(graph, waiter.object));
  }
  return text;
}

// Those of the places first, then the others.
std::string sentences_of(const WaitGraph& graph, const std::vector<std::size_t>& first) {
  constexpr std::size_t kShown = 6;
  std::vector<std::size_t> order = first;
  for (std::size_t i = 0; i < graph.waiters.size(); ++i) {
    if (std::find(first.begin(), first.end(), i) == first.end()) order.push_back(i);
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, order.size()); ++i) {
    text.append(i == 0 ? "" : "; ").append(sentence_of(graph, graph.waiters[order[i]]));
  }
  if (order.size() > kShown) text.append("; ").append(std::to_string(order.size() - kShown)).append(" more");
  return text;
}

void add_waiter(WaitGraph& graph, const MemberState& state, unsigned number, bool task) {
  Waiter waiter{.thread = number, .asks = {}, .object = look(state.object), .holds = {}, .task = task};
  const char* asks = look(state.asks);
  waiter.waits = look(state.standing) == Standing::asking;
  if (asks != nullptr) waiter.asks = asks;
  for (const auto& held : state.held) {
    if (look(held) != kNoObject) waiter.holds.push_back(look(held));
  }
  if (waiter.waits || !waiter.holds.empty()) graph.waiters.push_back(std::move(waiter));
}

}  // namespace

WaitGraph wait_graph_of(const Page& page) {
  WaitGraph graph;
  const std::uint32_t members = std::min<std::uint32_t>(look(page.members), kMembersMost);
  for (unsigned i = 0; i < members; ++i) add_waiter(graph, page.member[i], i, false);
  const std::uint32_t tasks = std::min<std::uint32_t>(look(page.tasks), kTasksMost);
  for (unsigned i = 0; i < tasks; ++i) add_waiter(graph, page.task[i], i, true);
  for (std::uint32_t i = 0; i < look(page.resources); ++i) {
    const PageResource& one = page.resource[i];
    graph.resources.push_back({one.name.get(), one.kind, one.total});
  }
  return graph;
}

std::vector<std::size_t> stuck_in(const WaitGraph& graph) {
  const Reduction reduction(graph);
  std::vector<std::size_t> stuck;
  for (std::size_t i = 0; i < graph.waiters.size(); ++i) {
    if (reduction.stuck(i)) stuck.push_back(i);
  }
  return stuck;
}

std::vector<std::size_t> cycle_in(const WaitGraph& graph) {
  const Reduction reduction(graph);
  std::vector<bool> seen(graph.waiters.size(), false);
  for (std::size_t i = 0; i < graph.waiters.size(); ++i) {
    std::vector<std::size_t> path;
    if (reduction.stuck(i) && find_cycle(reduction, i, path, seen)) return path;
  }
  return {};
}

std::string explain_stall(const WaitGraph& graph, bool burning) {
  const std::vector<std::size_t> cycle = cycle_in(graph);
  const std::string who = sentences_of(graph, cycle.empty() ? stuck_in(graph) : cycle);
  if (!cycle.empty()) return (burning ? "deadlock, spinning: " : "deadlock: ") + who;
  if (burning) return "livelock: threads use the processor and get nowhere" + (who.empty() ? "" : ": " + who);
  if (graph.waiters.empty()) return "hang: every thread sleeps";
  if (!stuck_in(graph).empty()) return "hang: what is waited for will not come: " + who;
  const bool free = std::all_of(graph.waiters.begin(), graph.waiters.end(),
                                [](const Waiter& w) { return w.object != kNoObject && w.holds.empty(); });
  return (free ? "lost wake-up: every thread sleeps and nobody holds anything: "
               : "hang: every thread sleeps: ") +
         who;
}

}  // namespace crosstalk::harness::verify
