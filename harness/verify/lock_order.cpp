#include "harness/verify/lock_order.h"

#include <algorithm>
#include <memory>
#include <unordered_set>

namespace crosstalk::harness::verify {

namespace {

// Circles of more locks are not looked for, nor is a graph searched for ever.
constexpr std::size_t kLongestCircle = 6;
constexpr unsigned kSearchSteps = 20'000;

std::atomic<LockOrder*> watching{nullptr};
std::atomic<std::uint64_t> graphs{0};

std::string_view file_name_of(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

}  // namespace

// What a thread holds, and what it knows to be in the graph.
struct LockOrder::OwnView {
  std::uint64_t of_graph = 0;
  unsigned thread = 0;
  std::vector<Held> held;
  std::unordered_set<std::string> seen;
};

LockOrder::Scope::Scope(LockOrder& order) {
  // release: pairs with the acquire in current().
  watching.store(&order, std::memory_order_release);
}
LockOrder::Scope::~Scope() {
  watching.store(nullptr, std::memory_order_release);
}

LockOrder* LockOrder::current() noexcept {
  // acquire: pairs with the release in Scope; the graph is seen as it was made.
  return watching.load(std::memory_order_acquire);
}

LockOrder::LockOrder(Report report)
    // relaxed: numbers only have to differ.
    : id_(graphs.fetch_add(1, std::memory_order_relaxed) + 1), report_(std::move(report)) {}

LockOrder::OwnView& LockOrder::own() const {
  static thread_local OwnView view;
  if (view.of_graph != id_) {
    // A thread that is inside a lock of another graph goes on to hold it there; that one will not ask again.
    view = {};
    view.of_graph = id_;
    const std::scoped_lock guard(mutex_);
    view.thread = threads_++;
  }
  return view;
}

std::uint32_t LockOrder::made(const CodePlace& site, bool readers_wait) {
  // The function too: what a template makes in one line may be of many types.
  std::string place =
      std::string(site.file_name()) + ":" + std::to_string(site.line()) + " " + site.function_name();
  const std::scoped_lock guard(mutex_);
  const auto [found, is_new] =
      classes_.try_emplace(std::move(place), static_cast<std::uint32_t>(class_names_.size()), 0);
  if (is_new) {
    class_names_.push_back(std::string(file_name_of(site.file_name())) + ":" + std::to_string(site.line()));
  }
  locks_.push_back({found->second.first, found->second.second++, readers_wait});
  return static_cast<std::uint32_t>(locks_.size() - 1);
}

void LockOrder::waits(std::uint32_t lock, HoldMode mode) {
  OwnView& mine = own();
  if (mine.held.empty()) return;
  std::string key;
  for (const Held& held : mine.held)
    key.append(std::to_string(held.lock)).append(held.mode == HoldMode::shared ? "r" : "w");
  key.append(">").append(std::to_string(lock)).append(mode == HoldMode::shared ? "r" : "w");
  if (!mine.seen.insert(std::move(key)).second) return;
  add_edges(mine.held, {lock, mode}, mine.thread);
}

void LockOrder::holds(std::uint32_t lock, HoldMode mode) {
  own().held.push_back({lock, mode});
}

void LockOrder::drops(std::uint32_t lock) noexcept {
  std::vector<Held>& held = own().held;
  const auto last =
      std::find_if(held.rbegin(), held.rend(), [lock](const Held& one) { return one.lock == lock; });
  if (last != held.rend()) held.erase(std::next(last).base());
}

void LockOrder::add_edges(const std::vector<Held>& held, Held wanted, unsigned thread) {
  std::string found;
  {
    const std::scoped_lock guard(mutex_);
    for (const Held& from : held) {
      if (from.lock == wanted.lock) {
        if (waits_for(from, wanted))
          found = "a thread takes " + name_of(wanted.lock) + " again while it holds it" +
                  (from.mode == HoldMode::shared && wanted.mode == HoldMode::shared
                       ? ", as a reader: a writer that waits in between waits for it and it for the writer"
                       : "");
        continue;
      }
      Edge edge{from, wanted, {}, thread};
      for (const Held& other : held) {
        if (other.lock != from.lock) edge.gates.push_back(other);
      }
      if (known(edge)) continue;
      edges_.push_back(std::move(edge));
      Path path{&edges_.back()};
      unsigned steps = 0;
      if (found.empty() && close_circle(path, steps)) found = text_of(path);
    }
    if (found.empty() || std::exchange(told_, true)) return;
  }
  report_(found);
}

// Is there one that says as much, under no more gates?
bool LockOrder::known(const Edge& edge) const {
  const auto same = [](const Held& a, const Held& b) { return a.lock == b.lock && a.mode == b.mode; };
  return std::any_of(edges_.begin(), edges_.end(), [&](const Edge& old) {
    return same(old.from, edge.from) && same(old.to, edge.to) &&
           std::all_of(old.gates.begin(), old.gates.end(), [&](const Held& gate) {
             return std::any_of(edge.gates.begin(), edge.gates.end(),
                                [&](const Held& mine) { return same(gate, mine); });
           });
  });
}

bool LockOrder::waits_for(Held holder, Held waiter) const {
  return holder.mode == HoldMode::exclusive || waiter.mode == HoldMode::exclusive ||
         locks_[waiter.lock].readers_wait;
}

// Does who waits by `edge` wait for who holds by `next`?
bool LockOrder::meets(const Edge& edge, const Edge& next) const {
  if (!waits_for(next.from, edge.to)) return false;
  if (edge.to.lock == next.from.lock) return true;
  const auto between = [this](const Edge& one) {
    return locks_[one.from.lock].of_class != locks_[one.to.lock].of_class;
  };
  return locks_[edge.to.lock].of_class == locks_[next.from.lock].of_class && between(edge) && between(next);
}

// Depth first, with edges no two of which exclude each other.
bool LockOrder::close_circle(Path& path, unsigned& steps) const {
  if (path.size() > 1 && meets(*path.back(), *path.front())) return true;
  if (path.size() == kLongestCircle) return false;
  const auto excluded = [](const Edge& a, const Edge& b) {
    return std::any_of(a.gates.begin(), a.gates.end(), [&](const Held& mine) {
      return std::any_of(b.gates.begin(), b.gates.end(), [&](const Held& other) {
        return mine.lock == other.lock &&
               (mine.mode == HoldMode::exclusive || other.mode == HoldMode::exclusive);
      });
    });
  };
  for (const Edge& next : edges_) {
    if (++steps > kSearchSteps) return false;
    const bool fits = meets(*path.back(), next) &&
                      std::none_of(path.begin(), path.end(),
                                   [&](const Edge* one) { return one == &next || excluded(*one, next); });
    if (!fits) continue;
    path.push_back(&next);
    if (close_circle(path, steps)) return true;
    path.pop_back();
  }
  return false;
}

std::string LockOrder::name_of(std::uint32_t lock) const {
  const Lock& one = locks_[lock];
  return "lock " + std::to_string(one.ordinal) + " of " + class_names_[one.of_class];
}

std::string LockOrder::text_of(const Path& path) const {
  std::string text =
      "locks are taken in orders that can meet in a deadlock, which need not have happened yet: ";
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Edge& edge = *path[i];
    text.append(i == 0 ? "" : "; ")
        .append("thread ")
        .append(std::to_string(edge.thread))
        .append(edge.to.mode == HoldMode::shared ? " read " : " took ")
        .append(name_of(edge.to.lock))
        .append(" while it held ")
        .append(name_of(edge.from.lock));
  }
  return text;
}

}  // namespace crosstalk::harness::verify
