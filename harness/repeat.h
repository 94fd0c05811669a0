// Operations that are done once more on purpose, so that what they use costs more by a known amount: how a gate is tried.
//
//     lock   an operation that names a room: its members are read once more, under the room's lock; after a mark, one more mark
//     map    an operation that looks clients or rooms up: one more look-up of its client
//     pool   a request of the pool: one more task that does nothing, through the strand of its client
//
// No client sees anything of it, and no figure counts it but the throughput that it costs and what an operation does (--count): it
// stands between operations, as outside_work.h does. The trace is the same with it and without.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "workloads/op.h"
#include "workloads/random.h"

namespace crosstalk::harness {

enum class RepeatOf : std::uint8_t { nothing, lock, map, pool };

struct Repeat {
  RepeatOf of = RepeatOf::nothing;
  double pct = 0;  // of the operations that use it, 0.1 to 100

  friend bool operator==(const Repeat&, const Repeat&) = default;
};

// "lock=5%", "lock=0.05". Throws ValueError.
[[nodiscard]] Repeat parse_repeat(std::string_view text);
// As parse_repeat() reads it; empty for nothing.
[[nodiscard]] std::string repeat_text(const Repeat& repeat);

// Does an operation of this kind use the thing?
[[nodiscard]] bool is_user_of(RepeatOf thing, workloads::OpKind kind) noexcept;

// Which operations of a driver are repeated: drawn by the seed, so that who repeats them does not matter. What is drawn is how many
// are passed over, so that operations that are not repeated cost next to nothing. For one thread.
class RepeatDraw {
 public:
  RepeatDraw(const Repeat& repeat, std::uint64_t seed, unsigned driver) noexcept;

  [[nodiscard]] bool any() const noexcept { return of_ != RepeatOf::nothing; }
  // What of the driver's next operation is repeated.
  [[nodiscard]] RepeatOf draw(workloads::OpKind kind) noexcept {
    if ((users_ >> static_cast<unsigned>(kind) & 1) == 0 || --left_ != 0) return RepeatOf::nothing;
    left_ = gap();
    return of_;
  }

 private:
  [[nodiscard]] std::uint64_t gap() noexcept;

  RepeatOf of_;
  std::uint32_t users_ = 0;  // a bit for each kind of operation
  double rate_;              // of gaps of the exponential law, rounded up; 0: each is repeated
  workloads::RandomStream random_;
  std::uint64_t left_;
};

}  // namespace crosstalk::harness
