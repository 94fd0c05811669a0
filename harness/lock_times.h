// How long the calling thread waited for locks and held them: what LiveProbe measures when an anatomy is asked for.
//
// Per thread: totals since the thread began, to be read as differences. A lock taken while another one is held is waited
// for, too: that wait is no part of the hold of the outer one, so that waits and holds can be added up.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace crosstalk::harness {

struct LockTotals {
  std::uint64_t wait_ticks = 0;
  std::uint64_t hold_ticks = 0;
  std::uint64_t sections = 0;  // critical sections, nested ones too

  friend LockTotals operator-(const LockTotals& a, const LockTotals& b) noexcept {
    return {a.wait_ticks - b.wait_ticks, a.hold_ticks - b.hold_ticks, a.sections - b.sections};
  }
};

// Who stands between a thread that asks for a lock and the lock.
enum class InTheWay : std::uint8_t {
  nobody,
  asker,   // one that asks for it, too: in the way of who wants it alone
  writer,  // one that has it alone
};

class LockTimes {
 public:
  // Of the calling thread.
  [[nodiscard]] static LockTimes& mine() noexcept {
    thread_local LockTimes times;
    return times;
  }

  [[nodiscard]] const LockTotals& totals() const noexcept { return totals_; }
  // Longest waits and most bypasses of this thread.
  [[nodiscard]] std::uint64_t wait_max_ticks() const noexcept { return wait_max_; }
  [[nodiscard]] std::uint64_t writer_wait_max_ticks() const noexcept { return writer_wait_max_; }
  [[nodiscard]] std::uint64_t bypass_max() const noexcept { return bypass_max_; }
  // Of totals().sections, those in shared mode, and those that found somebody in their way.
  [[nodiscard]] std::uint64_t shared() const noexcept { return shared_; }
  [[nodiscard]] std::uint64_t contended() const noexcept { return contended_; }
  void forget_maxima() noexcept { wait_max_ = writer_wait_max_ = bypass_max_ = 0; }

  // `arrival`: how many had asked for the lock before this thread did.
  void asked(std::uint64_t now, std::uint32_t arrival, InTheWay way = InTheWay::nobody) noexcept {
    if (depth_ < kDepth) asks_[depth_] = {now, arrival, way};
  }
  // `served`: how many had got it before this thread did.
  void acquired(std::uint64_t now, std::uint32_t served, bool exclusive) noexcept {
    ++totals_.sections;
    shared_ += exclusive ? 0 : 1;
    if (depth_++ >= kDepth) return;
    const Ask& ask = asks_[depth_ - 1];
    const std::uint64_t wait = now - std::min(ask.at, now);
    totals_.wait_ticks += wait;
    wait_max_ = std::max(wait_max_, wait);
    const bool contended = ask.way == InTheWay::writer || (ask.way == InTheWay::asker && exclusive);
    contended_ += contended ? 1 : 0;
    if (exclusive) writer_wait_max_ = std::max(writer_wait_max_, wait);
    // Of those served before, at most `arrival` had come earlier. Counters wrap, and a lock that was destroyed and made
    // anew begins with both at 0.
    const auto later = static_cast<std::int32_t>(served - ask.arrival);
    if (later > 0) bypass_max_ = std::max<std::uint64_t>(bypass_max_, static_cast<std::uint64_t>(later));
    if (depth_ == 1) {
      outer_begin_ = now;
      inner_wait_ = 0;
    } else {
      inner_wait_ += wait;
    }
  }
  void released(std::uint64_t now) noexcept {
    if (depth_ == 0) return;
    if (--depth_ == 0) totals_.hold_ticks += now - std::min(outer_begin_ + inner_wait_, now);
  }

 private:
  static constexpr std::size_t kDepth = 8;  // locks held together; deeper ones are not timed
  struct Ask {
    std::uint64_t at;
    std::uint32_t arrival;
    InTheWay way;
  };

  LockTotals totals_;
  std::uint64_t wait_max_ = 0;
  std::uint64_t writer_wait_max_ = 0;
  std::uint64_t bypass_max_ = 0;
  std::size_t depth_ = 0;
  std::array<Ask, kDepth> asks_{};
  std::uint64_t outer_begin_ = 0;
  std::uint64_t inner_wait_ = 0;
  // Last, so that what timed trials use of this lies where it lay.
  std::uint64_t shared_ = 0;
  std::uint64_t contended_ = 0;
};

}  // namespace crosstalk::harness
