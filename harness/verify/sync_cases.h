// How semaphores, values reached by requests, bounded queues, strands, memory resources and reclamation domains are tried. They are called
// through virtual functions: their operations are not what is measured here.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <vector>

#include "harness/verify/case_run.h"

namespace crosstalk::harness::verify {

inline constexpr std::chrono::nanoseconds kWaitForEver = std::chrono::hours(1);

// Contract: never more permits are taken than were given; as many waiters are woken as permits come; who runs out of time has
// taken nothing; a signal ends no wait.
class PermitsOnTrial {
 public:
  virtual ~PermitsOnTrial() = default;
  [[nodiscard]] virtual bool try_acquire() = 0;
  [[nodiscard]] virtual bool acquire(std::chrono::nanoseconds time) = 0;
  virtual void release(std::uint32_t count) = 0;
};
struct AnyPermits {
  std::function<std::unique_ptr<PermitsOnTrial>(std::uint32_t permits)> make;
};

// Contract: one request at a time touches the value; every request is answered, by its own answer; what one throws comes to
// who asked, and the others go on.
class RequestsOnTrial {
 public:
  virtual ~RequestsOnTrial() = default;
  virtual std::int64_t ask(const std::function<std::int64_t(std::int64_t& value)>& request) = 0;
};
struct AnyRequests {
  std::function<std::unique_ptr<RequestsOnTrial>()> make;
};

// Contract: bounded; one takes, many push; what is queued is taken once, a sender's in order; who waits for room gets it, or is
// told of the end; what was queued before the end is still taken.
class QueueOnTrial {
 public:
  enum class Put : std::uint8_t { queued, full, closed };
  struct Item {
    std::uint64_t sender;
    std::uint64_t number;
  };
  virtual ~QueueOnTrial() = default;
  [[nodiscard]] virtual Put push(const Item& item, std::chrono::nanoseconds time) = 0;
  // Everything that is queued, at least one; none once it is closed and empty.
  [[nodiscard]] virtual std::vector<Item> take() = 0;
  virtual void close() = 0;
};
struct AnyQueue {
  std::function<std::unique_ptr<QueueOnTrial>(std::size_t entries)> make;
};

// Contract: its tasks run one at a time, a submitter's in order; an accepted one once, a rejected one never; throwing harms none.
class StrandOnTrial {
 public:
  virtual ~StrandOnTrial() = default;
  // False: rejected.
  [[nodiscard]] virtual bool post(std::function<void()> task) = 0;
  // Returns when everything has run; nobody posts meanwhile.
  virtual void settle() = 0;
};
struct AnyStrand {
  std::function<std::unique_ptr<StrandOnTrial>(std::size_t capacity)> make;
};

// Contract: blocks that are out do not overlap and are aligned, whichever thread gives them back.
struct AnyMemory {
  std::function<std::shared_ptr<std::pmr::memory_resource>()> make;
};

// Contract: nothing is freed while somebody reads who may have found it; all is freed in the end, once.
class ReclaimerOnTrial {
 public:
  virtual ~ReclaimerOnTrial() = default;
  virtual void read(const std::function<void()>& reading) = 0;
  // `free` is called once, by any thread, and does not throw.
  virtual void retire(std::function<void()> free) = 0;
  virtual void drain() = 0;
};
struct AnyReclaimer {
  std::function<std::unique_ptr<ReclaimerOnTrial>()> make;
};

[[nodiscard]] std::vector<VerifyCase> permit_cases(const AnyPermits& any);     // permit_cases.cpp
[[nodiscard]] std::vector<VerifyCase> request_cases(const AnyRequests& any);   // request_cases.cpp
[[nodiscard]] std::vector<VerifyCase> queue_cases(const AnyQueue& any);        // queue_cases.cpp
[[nodiscard]] std::vector<VerifyCase> strand_cases(const AnyStrand& any);      // strand_cases.cpp
[[nodiscard]] std::vector<VerifyCase> memory_cases(const AnyMemory& any);      // memory_cases.cpp
[[nodiscard]] std::vector<VerifyCase> reclaim_cases(const AnyReclaimer& any);  // memory_cases.cpp

}  // namespace crosstalk::harness::verify
