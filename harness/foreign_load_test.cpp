#include "harness/foreign_load.h"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <string>
#include <type_traits>

namespace crosstalk::harness {
namespace {

// A trial hands it to its parent through memory that both share.
static_assert(std::is_trivially_copyable_v<ForeignLoad>);

constexpr std::uint64_t kHz = 100;
constexpr std::uint64_t kMs = 1'000'000;

// user nice system idle iowait irq softirq steal guest guest_nice
const std::string kStat =
    "cpu  1111 222 333 9000 70 44 55 66 500 0\n"
    "cpu0 1000 200 300 4000 40 40 50 60 500 0\n"
    "cpu1 100 20 30 4000 20 4 5 6 0 0\n"
    "cpu10 11 2 3 1000 10 0 0 0 0 0\n"
    "intr 4815162342 0 9\n"
    "ctxt 1990473\n"
    "cpufreq 1 2 3 4 5 6 7 8\n";

TEST_CASE("processor times are sums over the processors asked for", "[harness][foreign_load]") {
  const std::array one{1};
  const std::array two{0, 10};
  CHECK(parse_processor_times(kStat, {}) == ProcessorTimes{1111 + 222 + 333 + 44 + 55, 66});
  CHECK(parse_processor_times(kStat, one) == ProcessorTimes{159, 6});
  CHECK(parse_processor_times(kStat, two) == ProcessorTimes{1590 + 16, 60});
}

TEST_CASE("processor times that are not all there are none", "[harness][foreign_load]") {
  const std::array offline{0, 2};
  const std::array first{0};
  CHECK_FALSE(parse_processor_times(kStat, offline));
  CHECK_FALSE(parse_processor_times("", {}));
  CHECK_FALSE(parse_processor_times("intr 1 2 3\n", first));
  CHECK_FALSE(parse_processor_times("cpu0 1 2 x 4 5 6 7 8\n", first));
  CHECK_FALSE(parse_processor_times("cpu0 1 2 3\n", first));
  CHECK_FALSE(parse_processor_times("cpu0 1 2 3 4 5 6 99999999999999999999 8\n", first));
}

TEST_CASE("an old kernel knows no steal, a newer one may know more", "[harness][foreign_load]") {
  const std::array first{0};
  CHECK(parse_processor_times("cpu0 1 2 3 4\n", first) == ProcessorTimes{6, 0});
  CHECK(parse_processor_times("cpu0 1 2 3 4 5 6 7", first) == ProcessorTimes{19, 0});
  CHECK(parse_processor_times("cpu0 1 2 3 4 5 6 7 8 9 10 11\n", first) == ProcessorTimes{19, 8});
}

LoadSnapshot snapshot_at(std::uint64_t ms, std::uint64_t own_ms, ProcessorTimes times) {
  return {.time_ns = ms * kMs, .own_cpu_ns = own_ms * kMs, .cpus = {0, 1}, .processors = times};
}

TEST_CASE("what is busy and not ours is foreign", "[harness][foreign_load]") {
  // 2 s on two processors: 400 ticks to give, of which 300 busy and 20 stolen; 2.6 s of it ours.
  const auto load = foreign_load(snapshot_at(1000, 500, {1000, 7}), snapshot_at(3000, 3100, {1300, 27}), kHz);
  CHECK(load.steal_share.value() == Approx(0.05));
  CHECK(load.foreign_cpu_share.value() == Approx(0.1));
  CHECK(load.resolution_share == Approx(0.005));
}

TEST_CASE("what is all ours leaves nothing foreign", "[harness][foreign_load]") {
  // Our time is exact, that of the processors counted in ticks: here it comes out above.
  const auto load = foreign_load(snapshot_at(0, 0, {0, 0}), snapshot_at(1000, 1015, {101, 0}), kHz);
  CHECK(load.foreign_cpu_share == 0.0);
  CHECK(load.steal_share == 0.0);
}

TEST_CASE("an interval of few ticks says nothing", "[harness][foreign_load]") {
  const auto load = foreign_load(snapshot_at(0, 0, {0, 0}), snapshot_at(99, 0, {10, 10}), kHz);
  CHECK_FALSE(load.steal_share);
  CHECK_FALSE(load.foreign_cpu_share);
  CHECK(load.resolution_share == Approx(10.0 / 99));
  CHECK(
      foreign_load(snapshot_at(0, 0, {0, 0}), snapshot_at(100, 0, {10, 10}), kHz).foreign_cpu_share.value() ==
      Approx(0.5));
}

TEST_CASE("counts that are missing or went back say nothing", "[harness][foreign_load]") {
  const LoadSnapshot begin = snapshot_at(0, 0, {100, 5});
  const LoadSnapshot end = snapshot_at(1000, 0, {150, 5});
  REQUIRE(foreign_load(begin, end, kHz).foreign_cpu_share);
  LoadSnapshot unread = end;
  unread.processors.reset();
  LoadSnapshot elsewhere = end;
  elsewhere.cpus = {0, 3};
  for (const LoadSnapshot& other :
       {unread, elsewhere, snapshot_at(1000, 0, {99, 5}), snapshot_at(1000, 0, {150, 4}), begin}) {
    const auto load = foreign_load(begin, other, kHz);
    CHECK_FALSE(load.foreign_cpu_share);
    CHECK_FALSE(load.steal_share);
  }
  CHECK_FALSE(foreign_load(begin, end, 0).foreign_cpu_share);
}

void burn_cpu(long ms) {
  timespec used{};
  do {
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  } while (used.tv_sec * 1000 + used.tv_nsec / 1'000'000 < ms);
}

TEST_CASE("the work of another process is foreign until it is a child that was waited for",
          "[harness][foreign_load]") {
  constexpr long kBurntMs = 300;
  const LoadSnapshot begin = load_snapshot();
  REQUIRE(begin.processors);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    burn_cpu(kBurntMs);
    _exit(0);
  }
  siginfo_t info;
  REQUIRE(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) ==
          0);  // it is over, but not waited for
  const LoadSnapshot before_wait = load_snapshot(begin.cpus);
  const ForeignLoad load = foreign_load_since(begin);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  const LoadSnapshot after_wait = load_snapshot(begin.cpus);

  const double capacity_ms = static_cast<double>((before_wait.time_ns - begin.time_ns) / kMs) *
                             static_cast<double>(begin.cpus.size());
  // A quarter of it: the ticks of a child that shares its processor are a sample.
  CHECK(load.foreign_cpu_share.value() * capacity_ms > kBurntMs / 4);
  CHECK(after_wait.own_cpu_ns - before_wait.own_cpu_ns >= kBurntMs * kMs);
}

}  // namespace
}  // namespace crosstalk::harness
