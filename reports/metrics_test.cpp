#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "reports/csv_writer.h"
#include "reports/metrics.h"
#include "reports/schema.h"

namespace crosstalk::reports {
namespace {

RunResult metrics_sample() {
  RunResult result;
  result.identity.run_id = "a,\"quoted\"";
  result.identity.clients = 300;
  result.status_reason = "one, \"two\", three";
  result.verified = true;
  OpResult all;
  all.op = "all";
  all.achieved_ops_s = 123456.5;
  all.count = 2000;
  all.reach = 0.99991;
  for (std::uint64_t i = 1; i <= 2000; ++i) all.response.record(i * 1000);
  OpResult post = all;
  post.op = "post";
  post.errors = 7;
  post.response.record(9'000'000);
  result.ops = {all, post};
  result.cpu_user_s = 1.25;
  result.rss_max_bytes = 64'000'000;
  return result;
}

double value_of(const char* name, std::size_t op_index) {
  const auto metric = find_metric(name);
  REQUIRE(metric);
  const auto value = metric_value(*metric, metrics_sample(), op_index);
  REQUIRE(value);
  return *value;
}

TEST_CASE("every numeric column is a metric, and is what the file says", "[reports][metrics]") {
  const RunResult result = metrics_sample();
  std::istringstream lines(runs_rows(result));
  std::string line;
  std::getline(lines, line);
  // What stands before and after the two quoted cells of the sample holds no quotes: split from both ends.
  std::vector<std::string> tail;
  for (std::size_t end = line.size(); end != std::string::npos && tail.size() < 61;) {
    const auto comma = line.rfind(',', end - 1);
    tail.push_back(line.substr(comma + 1, end - comma - 1));
    end = comma;
  }
  const auto columns = runs_columns();
  std::size_t numbers = 0;
  for (std::size_t back = 0; back < tail.size(); ++back) {
    const auto metric = find_metric(columns[columns.size() - 1 - back].name);
    if (!metric) continue;
    const auto value = metric_value(*metric, result, 0);
    INFO(metric->name << " cell '" << tail[back] << "'");
    CHECK(value.has_value() == !tail[back].empty());
    if (value) CHECK(*value == Approx(std::stod(tail[back])));
    ++numbers;
  }
  CHECK(numbers >= 40);
  for (const char* word : {"strategy", "status", "trace_hash", "commit", "op", "schema_version"})
    CHECK_FALSE(find_metric(word));
}

TEST_CASE("columns and short forms are one thing where both exist", "[reports][metrics]") {
  CHECK(find_metric("response.p99")->name == "response_p99_ns");
  CHECK(find_metric("service.max")->name == "service_max_ns");
  CHECK(find_metric("delivery_last.p99")->name == "delivery_last_p99_ns");
  CHECK(find_metric("queue.p99")->column.has_value());
  CHECK_FALSE(find_metric("response.p95")->column.has_value());
  CHECK(find_metric("response.p95")->p == Approx(0.95));
  CHECK(find_metric("response_p95_ns")->p == Approx(0.95));
  CHECK(find_metric("response.p9999")->p == Approx(0.9999));
  CHECK(find_metric("response.p99.95")->p == Approx(0.9995));
  CHECK(find_metric("response.p5")->p == Approx(0.05));
  for (const char* wrong : {"response.p0", "response.p100.5", "response.p", "response.q99", "response",
                            "response.p9a", "", ".", "p99"}) {
    INFO(wrong);
    CHECK_FALSE(find_metric(wrong));
  }
}

TEST_CASE("values come from the row that is meant", "[reports][metrics]") {
  CHECK(value_of("errors", 0) == 0);
  CHECK(value_of("errors", 1) == 7);
  CHECK(value_of("response.max", 0) == 2'000'000);
  CHECK(value_of("response.max", 1) == 9'000'000);
  CHECK(value_of("response.p95", 0) == Approx(1'900'000).epsilon(0.008));
  CHECK(value_of("response.min", 0) == 1000);
  CHECK(value_of("cpu_user_s", 1) == 1.25);
  CHECK(value_of("reach", 0) == 0.99991);
  CHECK(value_of("verified", 0) == 1);
  CHECK_FALSE(metric_value(*find_metric("reach"), metrics_sample(), 2));
}

TEST_CASE("a percentile without enough samples is no value, and says how many it needs",
          "[reports][metrics]") {
  const auto metric = find_metric("response.p9999");
  REQUIRE(metric);
  CHECK_FALSE(metric_value(*metric, metrics_sample(), 0));
  const auto samples = metric_samples(*metric, metrics_sample().ops[0]);
  REQUIRE(samples);
  CHECK(samples->there == 2000);
  CHECK(samples->needed == 56'000);
  CHECK(metric_samples(*find_metric("response_p99_ns"), metrics_sample().ops[0])->needed == 560);
  CHECK_FALSE(metric_samples(*find_metric("reach"), metrics_sample().ops[0]));
}

TEST_CASE("the list holds what can be found", "[reports][metrics]") {
  const auto names = metric_names();
  for (const std::string& name : names) {
    INFO(name);
    CHECK(find_metric(name));
  }
  CHECK(std::count(names.begin(), names.end(), "floor_share") == 1);
  CHECK(std::count(names.begin(), names.end(), "queue.p95") == 1);
}

TEST_CASE("values are shown with their unit", "[reports][metrics]") {
  CHECK(shown_value(MetricUnit::nanoseconds, 850) == "850 ns");
  CHECK(shown_value(MetricUnit::nanoseconds, 4'213'456) == "4.213 ms");
  CHECK(shown_value(MetricUnit::nanoseconds, 999'999) == "1 ms");
  CHECK(shown_value(MetricUnit::nanoseconds, 72e12) == "72000 s");
  CHECK(shown_value(MetricUnit::ops_s, 123'456) == "123.5k/s");
  CHECK(shown_value(MetricUnit::share, 0.99987) == "0.99987");
  CHECK(shown_value(MetricUnit::bytes, 64e6) == "64 MB");
  CHECK(shown_value(MetricUnit::count, 123456789) == "123456789");
  CHECK(shown_value(MetricUnit::seconds, 1.5) == "1.5 s");
}

TEST_CASE("the nearest name is offered only where it is near", "[reports][metrics]") {
  CHECK(nearest_of("respnse_p99_ns", metric_names()) == ", did you mean 'response_p99_ns'?");
  CHECK(nearest_of("zzzzzzzzz", metric_names()).empty());
}

}  // namespace
}  // namespace crosstalk::reports
