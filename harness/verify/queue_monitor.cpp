#include "harness/verify/queue_monitor.h"

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace crosstalk::harness::verify {

namespace {

// A value's way through the queue.
struct Passage {
  const QueueOp* push = nullptr;
  const QueueOp* pop = nullptr;
};
using Passages = std::vector<Passage>;

std::string text_of_value(std::uint64_t value) {
  return "value " + std::to_string(value >> 40) + "." +
         std::to_string(value & ((std::uint64_t{1} << 40) - 1));
}

// Who pushed what, and who popped it; a finding if that does not match.
QueueFinding match(const std::vector<QueueOp>& ops, Passages& passages) {
  std::unordered_map<std::uint64_t, Passage> by_value;
  by_value.reserve(ops.size());
  for (const QueueOp& op : ops) {
    if (op.push && op.done) by_value[op.value].push = &op;
  }
  for (const QueueOp& op : ops) {
    if (op.push || !op.done) continue;
    const auto found = by_value.find(op.value);
    if (found == by_value.end())
      return {"no invention", text_of_value(op.value) + " was popped and never pushed"};
    if (found->second.pop != nullptr)
      return {"no duplication", text_of_value(op.value) + " was popped twice, by threads " +
                                    std::to_string(found->second.pop->thread) + " and " +
                                    std::to_string(op.thread)};
    if (op.ret < found->second.push->call)
      return {"no invention", text_of_value(op.value) + " was popped before it was pushed"};
    found->second.pop = &op;
  }
  passages.reserve(by_value.size());
  for (const auto& [value, passage] : by_value) {
    if (passage.pop == nullptr)
      return {"no loss", text_of_value(value) + " was pushed by thread " +
                             std::to_string(passage.push->thread) + " and never popped"};
    passages.push_back(passage);
  }
  return {};
}

QueueFinding inversion(const Passage& first, const Passage& second) {
  return {"first in, first out", text_of_value(first.push->value) + " was pushed before " +
                                     text_of_value(second.push->value) + " and popped after it, by thread " +
                                     std::to_string(first.pop->thread) + " after thread " +
                                     std::to_string(second.pop->thread)};
}

// Pairs whose pushes do not overlap: going through the later ones in order, of the earlier ones the one popped last decides.
QueueFinding check_order(Passages passages) {
  Passages earlier = passages;
  std::sort(earlier.begin(), earlier.end(),
            [](const Passage& a, const Passage& b) { return a.push->ret < b.push->ret; });
  std::sort(passages.begin(), passages.end(),
            [](const Passage& a, const Passage& b) { return a.push->call < b.push->call; });
  const Passage* last = nullptr;
  std::size_t next = 0;
  for (const Passage& later : passages) {
    for (; next < earlier.size() && earlier[next].push->ret < later.push->call; ++next) {
      if (last == nullptr || earlier[next].pop->call > last->pop->call) last = &earlier[next];
    }
    if (last != nullptr && last->pop->call > later.pop->ret) return inversion(*last, later);
  }
  return {};
}

// What one call has popped stands in order.
QueueFinding check_batches(Passages passages) {
  std::sort(passages.begin(), passages.end(), [](const Passage& a, const Passage& b) {
    return std::tuple(a.pop->thread, a.pop->call, a.pop->place) <
           std::tuple(b.pop->thread, b.pop->call, b.pop->place);
  });
  const Passage* latest = nullptr;  // of this batch, by the call of its push
  for (const Passage& now : passages) {
    if (now.pop->place == 0) latest = nullptr;
    if (latest != nullptr && now.push->ret < latest->push->call) return inversion(now, *latest);
    if (latest == nullptr || now.push->call > latest->push->call) latest = &now;
  }
  return {};
}

// Of one thread that pushes and one that pops.
QueueFinding check_producers(Passages passages) {
  std::sort(passages.begin(), passages.end(), [](const Passage& a, const Passage& b) {
    return std::tuple(a.pop->thread, a.push->thread, a.pop->call, a.pop->place) <
           std::tuple(b.pop->thread, b.push->thread, b.pop->call, b.pop->place);
  });
  for (std::size_t i = 1; i < passages.size(); ++i) {
    const Passage& before = passages[i - 1];
    const Passage& now = passages[i];
    if (before.pop->thread == now.pop->thread && before.push->thread == now.push->thread &&
        now.push->call < before.push->call)
      return inversion(now, before);
  }
  return {};
}

// Spans of time in which something was surely in the queue, joined where they overlap.
std::map<std::uint64_t, std::uint64_t> filled_spans(const Passages& passages) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  for (const Passage& one : passages) {
    if (one.push->ret < one.pop->call) spans.emplace_back(one.push->ret, one.pop->call);
  }
  std::sort(spans.begin(), spans.end());
  std::map<std::uint64_t, std::uint64_t> joined;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  for (const auto& [from, to] : spans) {
    if (from >= end) {
      if (end != 0) joined[begin] = end;
      begin = from;
      end = to;
    }
    end = std::max(end, to);
  }
  if (end != 0) joined[begin] = end;
  return joined;
}

QueueFinding check_empty(const std::vector<QueueOp>& ops, const Passages& passages) {
  const auto spans = filled_spans(passages);
  for (const QueueOp& op : ops) {
    if (op.push || op.done) continue;
    const auto after = spans.upper_bound(op.call);
    if (after == spans.begin()) continue;
    const auto span = std::prev(after);
    if (span->first < op.call && op.ret < span->second)
      return {"no false empty", "thread " + std::to_string(op.thread) +
                                    " was told that the queue is empty, and it was not for a moment"};
  }
  return {};
}

// The most that can have been in the queue at once, from one instant to another.
class Fill {
 public:
  explicit Fill(const Passages& passages) {
    std::map<std::uint64_t, std::int64_t> changes;
    for (const Passage& one : passages) {
      ++changes[one.push->call];
      --changes[one.pop->ret + 1];
    }
    std::int64_t now = 0;
    levels_.emplace_back();
    for (const auto& [time, change] : changes) {
      times_.push_back(time);
      levels_[0].push_back(now += change);
    }
    for (std::size_t width = 1; 2 * width <= times_.size(); width *= 2) {
      const std::vector<std::int64_t>& half = levels_.back();
      std::vector<std::int64_t> whole;
      for (std::size_t i = 0; i + 2 * width <= times_.size(); ++i)
        whole.push_back(std::max(half[i], half[i + width]));
      levels_.push_back(std::move(whole));
    }
  }

  [[nodiscard]] std::int64_t most(std::uint64_t from, std::uint64_t to) const {
    const auto place = [this](std::uint64_t time) {
      return static_cast<std::size_t>(std::upper_bound(times_.begin(), times_.end(), time) - times_.begin());
    };
    const std::size_t end = place(to);
    const std::size_t begin = std::max<std::size_t>(place(from), 1) - 1;
    if (end <= begin) return 0;
    const auto level = static_cast<std::size_t>(std::bit_width(end - begin)) - 1;
    return std::max(levels_[level][begin], levels_[level][end - (std::size_t{1} << level)]);
  }

 private:
  std::vector<std::uint64_t> times_;
  std::vector<std::vector<std::int64_t>> levels_;  // [k][i]: the most of 2^k steps from i on
};

QueueFinding check_full(const std::vector<QueueOp>& ops, const Passages& passages, std::size_t capacity) {
  const Fill fill(passages);
  for (const QueueOp& op : ops) {
    if (!op.push || op.done) continue;
    const std::int64_t most = fill.most(op.call, op.ret);
    if (most < static_cast<std::int64_t>(capacity))
      return {"no false full", "thread " + std::to_string(op.thread) +
                                   " was told that the queue is full, which held " + std::to_string(most) +
                                   " of " + std::to_string(capacity) + " at most"};
  }
  return {};
}

}  // namespace

QueueFinding judge_queue(std::vector<QueueOp> ops, const QueueContract& contract, std::size_t capacity,
                         std::uint64_t skew_ticks) {
  for (QueueOp& op : ops) {
    op.call = op.call > skew_ticks ? op.call - skew_ticks : 0;
    op.ret += skew_ticks;
  }
  Passages passages;
  QueueFinding found = match(ops, passages);
  if (found.property.empty()) found = contract.fifo ? check_order(passages) : check_producers(passages);
  if (found.property.empty() && contract.fifo && contract.batches) found = check_batches(passages);
  if (found.property.empty() && contract.exact_empty) found = check_empty(ops, passages);
  if (found.property.empty() && contract.exact_full && capacity != 0)
    found = check_full(ops, passages, capacity);
  return found;
}

}  // namespace crosstalk::harness::verify
