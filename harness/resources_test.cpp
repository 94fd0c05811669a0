#include "harness/resources.h"

#include <catch2/catch.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <ctime>

namespace crosstalk::harness {
namespace {

// Pages that nobody has touched, each of which is a fault of its own.
class FreshPages {
 public:
  explicit FreshPages(std::size_t pages) : length_(pages * page_) {
    void* memory = mmap(nullptr, length_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    memory_ = static_cast<char*>(memory);
    madvise(memory, length_, MADV_NOHUGEPAGE);  // refused where there are no huge pages, which is as good
  }
  ~FreshPages() { munmap(memory_, length_); }
  FreshPages(const FreshPages&) = delete;
  FreshPages& operator=(const FreshPages&) = delete;

  void touch() {
    for (std::size_t at = 0; at < length_; at += page_) *const_cast<volatile char*>(memory_ + at) = 1;
  }

 private:
  std::size_t page_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::size_t length_;
  char* memory_ = nullptr;
};

TEST_CASE("every fresh page is a minor fault and a page in memory", "[harness][resources]") {
  constexpr std::size_t kPages = 1000;
  FreshPages pages(kPages);
  const Resources before = resources_used();
  const std::uint64_t rss_before = rss_bytes();
  pages.touch();
  const Resources after = resources_used();
  CHECK(after.faults_minor - before.faults_minor >= kPages);
  CHECK(after.faults_major >= before.faults_major);
  CHECK(rss_bytes() > rss_before);
  CHECK(after.rss_max_bytes >= before.rss_max_bytes);
  // No more pages than there were are found the second time.
  pages.touch();
  CHECK(resources_used().faults_minor - after.faults_minor < kPages);
}

std::int64_t cpu_time_ns() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

TEST_CASE("processor time is counted as it is spent", "[harness][resources]") {
  constexpr std::int64_t kSpentNs = 50'000'000;
  const Resources before = resources_used();
  const std::int64_t begin_ns = cpu_time_ns();
  while (cpu_time_ns() - begin_ns < kSpentNs) {
  }
  const Resources after = resources_used();
  const double spent_s = after.cpu_user_s + after.cpu_system_s - before.cpu_user_s - before.cpu_system_s;
  CHECK(spent_s > 0.99e-9 * kSpentNs);  // exact but for the rounding to microseconds
}

}  // namespace
}  // namespace crosstalk::harness
