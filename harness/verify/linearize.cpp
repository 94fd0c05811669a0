#include "harness/verify/linearize.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace crosstalk::harness::verify {

namespace {

constexpr std::uint64_t kNever = ~std::uint64_t{0};

// A state and which of the pending operations, by their slots, have taken effect.
struct Configuration {
  ModelState state;
  std::uint64_t done;
  friend bool operator<(const Configuration& a, const Configuration& b) {
    return std::pair(a.state, a.done) < std::pair(b.state, b.done);
  }
  friend bool operator==(const Configuration& a, const Configuration& b) {
    return a.state == b.state && a.done == b.done;
  }
};

struct Point {
  std::uint64_t time;
  bool is_return;
  const Event* event;
};

// Calls first where times are equal: then the operations overlap, which hides findings and invents none.
std::vector<Point> points_of(const std::vector<Event>& events, std::uint64_t skew) {
  std::vector<Point> points;
  points.reserve(events.size() * 2);
  for (const Event& event : events) {
    points.push_back({event.call > skew ? event.call - skew : 0, false, &event});
    if (event.ret != 0) points.push_back({event.ret + skew, true, &event});
  }
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return std::pair(a.time, a.is_return) < std::pair(b.time, b.is_return);
  });
  return points;
}

class Search {
 public:
  Search(ModelState begin, KeyModel model, const LinearizeOptions& options)
      : model_(model), options_(options), configurations_{{begin, 0}} {}

  // The operations that are pending have slots; a thread may have several, where intervals were widened.
  [[nodiscard]] LinearizeResult run(const std::vector<Point>& points) {
    LinearizeResult result;
    for (const Point& point : points) {
      if (!point.is_return) {
        if (!begin(*point.event)) return unknown(result, *point.event);
        continue;
      }
      const unsigned slot = slot_of(*point.event);
      if (!close(slot)) return unknown(result, *point.event);
      result.widest = std::max(result.widest, configurations_.size());
      if (!settle(slot)) {
        result.verdict = Verdict::fail;
        result.culprit = *point.event;
        return result;
      }
    }
    return result;
  }

 private:
  static LinearizeResult unknown(LinearizeResult result, const Event& event) {
    result.verdict = Verdict::inconclusive;
    result.culprit = event;
    return result;
  }
  bool begin(const Event& event) {
    for (unsigned slot = 0; slot < pending_.size(); ++slot) {
      if (pending_[slot] == nullptr) {
        pending_[slot] = &event;
        return true;
      }
    }
    if (pending_.size() == 64) return false;
    pending_.push_back(&event);
    return true;
  }
  [[nodiscard]] unsigned slot_of(const Event& event) const {
    return static_cast<unsigned>(std::find(pending_.begin(), pending_.end(), &event) - pending_.begin());
  }

  // Adds every configuration that comes of letting pending operations take effect until the one in `slot` has. False: too many.
  bool close(unsigned slot) {
    const std::uint64_t wanted = std::uint64_t{1} << slot;
    for (std::size_t next = 0; next < configurations_.size(); ++next) {
      if ((configurations_[next].done & wanted) != 0) continue;
      for (unsigned other = 0; other < pending_.size(); ++other) {
        const std::uint64_t bit = std::uint64_t{1} << other;
        Configuration now = configurations_[next];
        if (pending_[other] == nullptr || (now.done & bit) != 0 || !model_(now.state, *pending_[other]))
          continue;
        now.done |= bit;
        add(now);
      }
      if (configurations_.size() > options_.configurations_most) return false;
    }
    return true;
  }
  void add(const Configuration& one) {
    constexpr std::size_t kFew = 24;
    if (configurations_.size() <= kFew) {
      if (std::find(configurations_.begin(), configurations_.end(), one) == configurations_.end())
        configurations_.push_back(one);
      return;
    }
    if (seen_.empty()) {
      for (const Configuration& old : configurations_) seen_.emplace(old, true);
    }
    if (seen_.emplace(one, true).second) configurations_.push_back(one);
  }
  // Only what lets the operation have taken effect remains. False: nothing does.
  bool settle(unsigned slot) {
    const std::uint64_t bit = std::uint64_t{1} << slot;
    std::vector<Configuration> left;
    for (Configuration one : configurations_) {
      if ((one.done & bit) == 0) continue;
      one.done &= ~bit;
      left.push_back(one);
    }
    if (left.size() > 1) {
      std::sort(left.begin(), left.end());
      left.erase(std::unique(left.begin(), left.end()), left.end());
    }
    configurations_ = std::move(left);
    seen_.clear();
    pending_[slot] = nullptr;
    return !configurations_.empty();
  }

  const KeyModel model_;
  const LinearizeOptions& options_;
  std::vector<const Event*> pending_;
  std::vector<Configuration> configurations_;
  std::map<Configuration, bool> seen_;  // filled only where there are many
};

}  // namespace

LinearizeResult linearize(const std::vector<Event>& events, ModelState begin, KeyModel model,
                          const LinearizeOptions& options) {
  return Search(begin, model, options).run(points_of(events, options.skew_ticks));
}

LinearizeResult linearize_by_key(const std::vector<Event>& events, ModelState begin, KeyModel model,
                                 const LinearizeOptions& options) {
  std::unordered_map<std::uint64_t, std::vector<Event>> keys;
  for (const Event& event : events) keys[event.key].push_back(event);
  LinearizeResult worst;
  for (const auto& [key, mine] : keys) {
    LinearizeResult result = linearize(mine, begin, model, options);
    if (options.on_key) options.on_key();
    if (result.verdict == Verdict::fail) return result;
    if (result.verdict == Verdict::inconclusive) worst = result;
  }
  return worst;
}

std::string around(const std::vector<Event>& events, const Event& culprit, bool same_key) {
  constexpr std::size_t kBefore = 6;
  std::vector<Event> before;
  std::vector<Event> shown;
  for (const Event& event : events) {
    if (same_key && event.key != culprit.key) continue;
    const std::uint64_t end = event.ret == 0 ? kNever : event.ret;
    if (event.call <= culprit.ret && end >= culprit.call) {
      shown.push_back(event);
    } else if (event.call < culprit.call) {
      before.push_back(event);
    }
  }
  std::sort(before.begin(), before.end(), [](const Event& a, const Event& b) { return a.ret > b.ret; });
  if (before.size() > kBefore) before.resize(kBefore);
  shown.insert(shown.end(), before.begin(), before.end());
  return columns_of(shown, shown.size());
}

}  // namespace crosstalk::harness::verify
