// What passes one stage of a trial (waiting, being served, both), counted apart from the recorder, so that the one can be
// audited by the other (reports/operational_laws.h). One per thread; an operation may begin on one thread and end on
// another. Recording neither allocates nor locks.
//
// The number under way is never kept as such: a counter that threads share would cost more than what it counts. With a
// window [a, b] its integral is (b - a) x (number at b) + sum of (end - a) - sum of (begin - a) over all that begins or
// ends inside, and every thread can keep its own part of these sums.
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/window.h"

namespace crosstalk::harness {

// For sums of ticks: operations that wait for minutes by the million add up to more than 2^64.
__extension__ using TickSum = unsigned __int128;

// Ticks modulo 2^128: the parts of single threads may be below zero, their sum is not.
struct FlowSums {
  std::uint64_t begun = 0;         // before the end of the window
  std::uint64_t ended = 0;         // the same
  std::uint64_t ended_inside = 0;  // of these, in the window
  TickSum net_ticks = 0;           // sum of (end - a) - sum of (begin - a), inside the window
  TickSum apart_ticks = 0;         // whole stays of what ended inside and is not in the recorder
  TickSum clipped_ticks = 0;       // of these stays, the parts before the window
  TickSum open_ticks = 0;          // inside the window, of what had not ended by its end

  // How many were there when the window ended.
  [[nodiscard]] std::uint64_t open() const noexcept { return begun - ended; }

  FlowSums& operator+=(const FlowSums& other) noexcept {
    begun += other.begun;
    ended += other.ended;
    ended_inside += other.ended_inside;
    net_ticks += other.net_ticks;
    apart_ticks += other.apart_ticks;
    clipped_ticks += other.clipped_ticks;
    open_ticks += other.open_ticks;
    return *this;
  }
};

class FlowMeter {
 public:
  // Before the first operation, and again when it is known when the measured phase begins: not before that is.
  void start(const Window& window) noexcept { window_ = window; }

  // All of a stay, by the thread that saw both its ends. `recorded`: the recorder has it, so that it lies in the window.
  [[gnu::always_inline]] void passed(std::uint64_t begin, std::uint64_t end, bool recorded) noexcept {
    if (recorded) [[likely]] {
      ++inside_;
      sums_.net_ticks += end - begin;
    } else {
      apart(begin, end);
    }
  }
  // The same of stays of which the thread has one at a time: they last no longer than the trial, and cost no wide sum.
  [[gnu::always_inline]] void passed_alone(std::uint64_t begin, std::uint64_t end, bool recorded) noexcept {
    if (recorded) [[likely]] {
      ++inside_;
      alone_ticks_ += end - begin;
    } else {
      apart(begin, end);
    }
  }

  void began(std::uint64_t begin) noexcept {
    if (begin >= window_.end) return;
    ++sums_.begun;
    if (begin >= window_.measure) sums_.net_ticks -= begin - window_.measure;
  }
  // What never ends, ends at Window::kNever.
  void ended(std::uint64_t begin, std::uint64_t end, bool recorded) noexcept {
    if (begin >= window_.end) return;
    if (end >= window_.end) {
      if (window_.end != Window::kNever) sums_.open_ticks += window_.end - std::max(begin, window_.measure);
      return;
    }
    ++sums_.ended;
    if (end < window_.measure) return;
    ++sums_.ended_inside;
    sums_.net_ticks += end - window_.measure;
    if (recorded) return;
    sums_.apart_ticks += end - begin;
    sums_.clipped_ticks += window_.measure - std::min(begin, window_.measure);
  }

  [[nodiscard]] FlowSums sums() const noexcept {
    FlowSums sums = sums_;
    sums.begun += inside_;
    sums.ended += inside_;
    sums.ended_inside += inside_;
    sums.net_ticks += alone_ticks_;
    return sums;
  }

 private:
  void apart(std::uint64_t begin, std::uint64_t end) noexcept {
    began(begin);
    ended(begin, end, false);
  }

  Window window_;
  std::uint64_t inside_ = 0;       // that began and ended in the window, seen at both ends
  std::uint64_t alone_ticks_ = 0;  // of these, what passed_alone() saw
  FlowSums sums_;
};

// The stages of an operation.
struct FlowReport {
  FlowSums system;   // from its intended instant
  FlowSums service;  // from its start; pooled: from when it was handed to the pool
  FlowSums queue;    // pooled: until a worker took it
  FlowSums think;  // closed loop with think time: between the end of one and the intended instant of the next

  FlowReport& operator+=(const FlowReport& other) noexcept {
    system += other.system;
    service += other.service;
    queue += other.queue;
    think += other.think;
    return *this;
  }
};

struct Flows {
  FlowMeter system, service, queue, think;

  void start(const Window& window) noexcept {
    for (FlowMeter* meter : {&system, &service, &queue, &think}) meter->start(window);
  }
  [[nodiscard]] FlowReport report() const noexcept {
    return {system.sums(), service.sums(), queue.sums(), think.sums()};
  }
};

}  // namespace crosstalk::harness
