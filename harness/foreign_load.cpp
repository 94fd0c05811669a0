#include "harness/foreign_load.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <ctime>
#include <string>

namespace crosstalk::harness {

namespace {

constexpr std::uint64_t kNsPerS = 1'000'000'000;

// Fields of a line of /proc/stat behind its name, as proc(5) numbers them.
enum StatField : std::size_t { kUser, kNice, kSystem, kIdle, kIoWait, kIrq, kSoftIrq, kSteal, kStatFields };

std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

std::optional<ProcessorTimes> times_of_line(std::string_view fields) {
  std::array<std::uint64_t, kStatFields> ticks{};
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const std::string_view word = next_word(fields);
    if (word.empty() && i > kIdle) break;  // an old kernel
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), ticks[i]);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  }
  return ProcessorTimes{
      .busy_ticks = ticks[kUser] + ticks[kNice] + ticks[kSystem] + ticks[kIrq] + ticks[kSoftIrq],
      .steal_ticks = ticks[kSteal]};
}

// "cpu" is all of them: -1. Empty for another line.
std::optional<int> cpu_of_name(std::string_view name) {
  if (!name.starts_with("cpu")) return std::nullopt;
  name.remove_prefix(3);
  if (name.empty()) return -1;
  int cpu = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), cpu);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return cpu;
}

// The lines of the processors, which come first; what follows may be long. Empty if it cannot be read.
std::string head_of_proc_stat() {
  std::string text;
  const int file = open("/proc/stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = read(file, buffer.data(), buffer.size());
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.find("\nintr") != std::string::npos) break;
  }
  close(file);
  return text;
}

std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<unsigned>(cpu), &set)) cpus.push_back(cpu);
  }
  return cpus;
}

std::uint64_t reading_ns(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * kNsPerS + static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t to_ns(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * kNsPerS + static_cast<std::uint64_t>(time.tv_usec) * 1000;
}

std::uint64_t own_cpu_time_ns() {
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  return reading_ns(CLOCK_PROCESS_CPUTIME_ID) + to_ns(children.ru_utime) + to_ns(children.ru_stime);
}

double share_of(double part, double whole) {
  return std::clamp(part / whole, 0.0, 1.0);
}

}  // namespace

std::optional<ProcessorTimes> parse_processor_times(std::string_view proc_stat, std::span<const int> cpus) {
  ProcessorTimes sum;
  std::size_t found = 0;
  while (!proc_stat.empty()) {
    std::string_view line = proc_stat.substr(0, proc_stat.find('\n'));
    proc_stat.remove_prefix(std::min(line.size() + 1, proc_stat.size()));
    const std::optional<int> cpu = cpu_of_name(next_word(line));
    if (!cpu) continue;
    const bool wanted =
        cpus.empty() ? *cpu < 0 : *cpu >= 0 && std::find(cpus.begin(), cpus.end(), *cpu) != cpus.end();
    if (!wanted) continue;
    const std::optional<ProcessorTimes> times = times_of_line(line);
    if (!times) return std::nullopt;
    sum.busy_ticks += times->busy_ticks;
    sum.steal_ticks += times->steal_ticks;
    ++found;
  }
  if (found != std::max<std::size_t>(cpus.size(), 1)) return std::nullopt;
  return sum;
}

LoadSnapshot load_snapshot(std::vector<int> cpus) {
  LoadSnapshot snapshot;
  snapshot.cpus = cpus.empty() ? allowed_cpus() : std::move(cpus);
  const std::string text = head_of_proc_stat();
  snapshot.time_ns = reading_ns(CLOCK_MONOTONIC);
  snapshot.own_cpu_ns = own_cpu_time_ns();
  snapshot.processors = parse_processor_times(text, snapshot.cpus);
  return snapshot;
}

ForeignLoad foreign_load(const LoadSnapshot& begin, const LoadSnapshot& end, std::uint64_t ticks_per_s) {
  ForeignLoad load;
  if (!begin.processors || !end.processors || begin.cpus != end.cpus || begin.cpus.empty()) return load;
  if (end.time_ns <= begin.time_ns || ticks_per_s == 0) return load;
  const double tick_ns = static_cast<double>(kNsPerS) / static_cast<double>(ticks_per_s);
  const auto interval_ns = static_cast<double>(end.time_ns - begin.time_ns);
  load.resolution_share = std::min(tick_ns / interval_ns, 1.0);
  if (interval_ns < tick_ns * kFewestTicks) return load;
  // A processor that went offline and came back may have lost its counts.
  if (end.processors->busy_ticks < begin.processors->busy_ticks) return load;
  if (end.processors->steal_ticks < begin.processors->steal_ticks) return load;
  const double capacity_ns = interval_ns * static_cast<double>(begin.cpus.size());
  const auto ticks_ns = [&](std::uint64_t from, std::uint64_t to) {
    return static_cast<double>(to - from) * tick_ns;
  };
  const double busy_ns = ticks_ns(begin.processors->busy_ticks, end.processors->busy_ticks);
  const double own_ns = static_cast<double>(end.own_cpu_ns - std::min(begin.own_cpu_ns, end.own_cpu_ns));
  load.steal_share =
      share_of(ticks_ns(begin.processors->steal_ticks, end.processors->steal_ticks), capacity_ns);
  // Below 0 where our own work fell between the ticks.
  load.foreign_cpu_share = share_of(busy_ns - own_ns, capacity_ns);
  return load;
}

ForeignLoad foreign_load_since(const LoadSnapshot& begin) {
  const long ticks_per_s = sysconf(_SC_CLK_TCK);
  return foreign_load(begin, load_snapshot(begin.cpus),
                      ticks_per_s > 0 ? static_cast<std::uint64_t>(ticks_per_s) : 0);
}

}  // namespace crosstalk::harness
