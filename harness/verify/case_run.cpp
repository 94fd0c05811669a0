#include "harness/verify/case_run.h"

#include <algorithm>
#include <stdexcept>

#include "harness/verify/child_end.h"

namespace crosstalk::harness::verify {

std::size_t CaseRun::cell(std::string_view name, bool optional) {
  const std::uint32_t index = look(page_.cells);
  if (index == kCellsMost) throw std::length_error("verify: too many cells in one case");
  page_.cell[index].name.set(name);
  page_.cell[index].optional = optional;
  note(page_.cells, index + 1);
  return index;
}

std::uint32_t CaseRun::resource(std::string_view name, ResourceKind kind, std::uint32_t total) {
  const std::uint32_t number = look(page_.resources);
  if (number == kResourcesMost) throw std::length_error("verify: too many named resources in one case");
  PageResource& mine = page_.resource[number];
  mine.name.set(name);
  mine.kind = kind;
  mine.total = total;
  note(page_.resources, number + 1);
  return number;
}

void CaseRun::rounds(std::initializer_list<std::uint64_t> threads, std::uint64_t operations_low,
                     std::uint64_t operations_high, const std::function<void(const Round&)>& round) {
  using Clock = std::chrono::steady_clock;
  constexpr double kLongest = 1;
  double used = 0;
  // Threads and logs are made for what the case chooses from.
  if (threads.size() > 1) {
    check_size("threads", options_.threads, std::max(threads));
    check_size("operations", options_.operations, operations_high);
  }
  for (std::uint64_t number = options_.first_round; used < options_.seconds; ++number) {
    if (options_.rounds_most != 0 && number - options_.first_round >= options_.rounds_most) return;
    Random random((options_.seed << 20) + number);
    Round now{.number = number, .threads = 1, .operations = 1, .seed = random.next()};
    now.threads = std::data(threads)[random.below(threads.size())];
    now.operations = operations_low + random.below(operations_high - operations_low + 1);
    if (threads.size() > 1)
      now.threads = std::min(now.threads, std::max<std::uint64_t>(options_.threads_most, 2));
    if (options_.threads != 0 && threads.size() > 1) now.threads = options_.threads;
    if (options_.operations != 0) now.operations = options_.operations;
    note(page_.round, number);
    note(page_.round_threads, now.threads);
    note(page_.round_operations, now.operations);
    const auto begin = Clock::now();
    round(now);
    step();
    used += std::clamp(std::chrono::duration<double>(Clock::now() - begin).count(), 1e-6, kLongest);
  }
}

void CaseRun::expect(std::string_view property, std::string_view detail) noexcept {
  page_.expected_property.set(property);
  page_.expected_detail.set(detail);
}

void CaseRun::finish() noexcept {
  note(page_.finished, true);
  end_child(0);
}

void CaseRun::check_size(std::string_view what, std::uint64_t asked, std::uint64_t most) noexcept {
  if (asked <= most) return;
  note(page_.refused, true);
  give_up(std::string("the case has at most ")
              .append(std::to_string(most))
              .append(" ")
              .append(what)
              .append(", got ")
              .append(std::to_string(asked)));
}

void CaseRun::give_up(std::string_view why) noexcept {
  // relaxed: as in fail(); who comes first is reported.
  if (!page_.claimed.exchange(true, std::memory_order_relaxed)) {
    page_.failure.set(why);
    end_child(0);
  }
  wait_for_end();
}

void CaseRun::fail(std::string_view property, std::string_view detail, std::string_view trace) {
  // relaxed: only one thread writes the finding, and it is read after the process has ended.
  if (!page_.claimed.exchange(true, std::memory_order_relaxed)) {
    page_.property.set(property);
    page_.detail.set(detail);
    page_.trace.set(trace);
    note(page_.found, true);
    end_child(0);
  }
  wait_for_end();
}

}  // namespace crosstalk::harness::verify
