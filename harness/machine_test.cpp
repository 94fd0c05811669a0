#include "harness/machine.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

namespace crosstalk::harness {
namespace {

std::string advice_on(const std::string& key, const std::string& value) {
  const auto machine = with_advice({{key, value}});
  REQUIRE(machine.size() == 1);
  CHECK(machine.front().key == key);
  CHECK(machine.front().value == value);
  return machine.front().advice;
}

TEST_CASE("a machine that is as it should be gets no advice", "[harness][machine]") {
  const reports::Facts good{{"kernel", "Linux 6.1.0"},
                            {"cpus_usable", "8"},
                            {"cpu_quota", "none"},
                            {"virtual_machine", "no"},
                            {"smt", "0"},
                            {"numa_nodes", "1"},
                            {"governor", "performance"},
                            {"turbo", "off (cpufreq/boost)"},
                            {"transparent_hugepages", "always [madvise] never"},
                            {"clocksource", "tsc"},
                            {"aslr", "2"},
                            {"load_average", "0.08 1.50 1.20 1/200 4242"},
                            {"steal_pct", "0.01"}};
  for (const MachineFact& fact : with_advice(good)) {
    INFO(fact.key);
    CHECK(fact.advice == "");
  }
  for (const auto& [key, value] : good) {
    INFO(key);
    CHECK(advice_on(key, "unknown") == "");
  }
}

TEST_CASE("what disturbs comes with its fix", "[harness][machine]") {
  using Catch::Contains;
  CHECK_THAT(advice_on("governor", "powersave"), Contains("cpupower frequency-set -g performance"));
  CHECK_THAT(advice_on("governor", "performance, powersave"), Contains("cpupower"));
  CHECK_THAT(advice_on("turbo", "on (intel_pstate/no_turbo)"), Contains("echo 1 > ") && Contains("no_turbo"));
  CHECK_THAT(advice_on("turbo", "on (cpufreq/boost)"), Contains("echo 0 > ") && Contains("boost"));
  CHECK_THAT(advice_on("smt", "1"), Contains("smt/control"));
  CHECK_THAT(advice_on("cpu_quota", "1.5 processors"), Contains("docker --cpus"));
  CHECK_THAT(advice_on("cpus_usable", "1"), Contains("two processors"));
  CHECK_THAT(advice_on("virtual_machine", "yes"), Contains("dedicated host"));
  CHECK_THAT(advice_on("numa_nodes", "2"), Contains("numactl"));
  CHECK_THAT(advice_on("transparent_hugepages", "[always] madvise never"), Contains("echo madvise"));
  CHECK_THAT(advice_on("clocksource", "hpet"), Contains("echo tsc"));
  CHECK_THAT(advice_on("aslr", "0"), Contains("randomize_va_space=2"));
  CHECK_THAT(advice_on("load_average", "3.10 2.00 1.00 4/200 4242"), Contains("stop them"));
  CHECK_THAT(advice_on("steal_pct", "2.4"), Contains("dedicated"));
}

TEST_CASE("this machine says whether it has counters", "[harness][machine]") {
  const auto machine = describe_machine();
  CHECK(std::count_if(machine.begin(), machine.end(),
                      [](const MachineFact& fact) { return fact.key == "hardware_counters"; }) == 1);
}

}  // namespace
}  // namespace crosstalk::harness
