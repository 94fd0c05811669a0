#include <catch2/catch.hpp>

#include "reports/threshold.h"

namespace crosstalk::reports {
namespace {

using Catch::Matchers::Contains;

RunResult threshold_sample() {
  RunResult result;
  OpResult all;
  all.op = "all";
  all.achieved_ops_s = 100'000;
  all.reach = 0.9999;
  all.response.record(20'000, 1000);
  OpResult post = all;
  post.op = "post";
  post.response.record(4'000'000, 100);
  post.delivery_last.record(1'000'000, 500);
  OpResult receive;
  receive.op = "receive";
  receive.service.record(900, 20);
  result.ops = {all, post, receive};
  result.cpu_user_s = 2;
  result.rss_max_bytes = 50'000'000;
  return result;
}

ThresholdMark mark(const char* text) {
  return judge(parse_threshold(text), threshold_sample());
}

TEST_CASE("thresholds are parsed", "[reports][threshold]") {
  const Threshold first = parse_threshold("post.response.p99<5ms");
  CHECK(first.op == "post");
  CHECK(first.metric.name == "response_p99_ns");
  CHECK(first.comparison == Comparison::below);
  CHECK(first.bound == 5e6);
  const Threshold second = parse_threshold(" reach >= 99.99% ");
  CHECK(second.text == "reach>=99.99%");
  CHECK(second.op == "all");
  CHECK(second.comparison == Comparison::at_least);
  CHECK(second.bound == Approx(0.9999));
  CHECK(parse_threshold("achieved_ops_s>100k").bound == 1e5);
  CHECK(parse_threshold("achieved_ops_s>100k/s").bound == 1e5);
  CHECK(parse_threshold("all.response.p50<=20us").bound == 2e4);
  CHECK(parse_threshold("receive.service.mean<1us").metric.name == "service_mean_ns");
  CHECK(parse_threshold("cpu_user_s<2").bound == 2);
  CHECK(parse_threshold("cpu_user_s<250ms").bound == 0.25);
  CHECK(parse_threshold("response_p99_ns<5000").bound == 5000);
  CHECK(parse_threshold("rss_max_bytes<64MB").bound == 64e6);
  CHECK(parse_threshold("rss_max_bytes<64M").bound == 64e6);
  CHECK(parse_threshold("check_cost_pct<5%").bound == 5);
  CHECK(parse_threshold("floor_share<33%").bound == Approx(0.33));
  CHECK(parse_threshold("errors<=0").bound == 0);
  CHECK(parse_threshold("response.p99.9<1.5ms").bound == 1.5e6);
}

TEST_CASE("what is wrong with a threshold is said with its text", "[reports][threshold]") {
  const auto message = [](const char* text) {
    try {
      (void)parse_threshold(text);
    } catch (const ThresholdError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK(message("post.respnse.p99<5ms") ==
        "threshold 'post.respnse.p99<5ms': unknown metric 'respnse.p99', did you mean 'response.p99'?");
  CHECK_THAT(message("pots.response.p99<5ms"), Contains("unknown operation 'pots', did you mean 'post'?"));
  CHECK_THAT(message("reech>1"), Contains("unknown metric 'reech', did you mean 'reach'?"));
  CHECK_THAT(message("strategy<1"), Contains("unknown metric"));
  CHECK_THAT(message("post.response.p99"), Contains("needs one of < <= > >="));
  CHECK_THAT(message("reach=1"), Contains("needs one of"));
  CHECK_THAT(message("reach=>1"), Contains("needs one of"));
  CHECK_THAT(message("<5"), Contains("names no metric"));
  CHECK_THAT(message("reach>="), Contains("must be a number"));
  CHECK_THAT(message("reach>=99.99"), Contains("must be between 0 and 1, got '99.99'"));
  CHECK_THAT(message("errors<1%"), Contains("takes k, M, G or nothing, got '1%'"));
  CHECK_THAT(message("response.p99<5"), Contains("takes ns, us, ms or s, got '5'"));
  CHECK_THAT(message("response.p99<5m"), Contains("takes ns, us, ms or s"));
  CHECK_THAT(message("errors<-1"), Contains("between 0 and 1e18"));
  CHECK_THAT(message("errors<nan"), Contains("between 0 and 1e18"));
  CHECK_THAT(message("errors<<1"), Contains("must be a number"));
  CHECK_THAT(message(""), Contains("needs one of"));
  CHECK_THAT(message("post.<1"), Contains("unknown metric 'post.'"));
  CHECK_THAT(message("response.p100%<1ms"), Contains("unknown metric"));
}

TEST_CASE("a threshold holds or not, at its edge too", "[reports][threshold]") {
  CHECK(mark("achieved_ops_s>=100k").held);
  CHECK_FALSE(mark("achieved_ops_s>100k").held);
  CHECK(mark("cpu_user_s<=2").held);
  CHECK_FALSE(mark("cpu_user_s<2").held);
  CHECK(mark("reach>=0.9999").held);
  CHECK(mark("post.response.p50<=21us").held);  // 20 us, to within its bucket
  const ThresholdMark slow = mark("post.response.p99<3ms");
  CHECK_FALSE(slow.held);
  CHECK(slow.value.value() == Approx(4e6));
  CHECK(slow.shown == "4 ms");
  CHECK(slow.text == "post.response.p99<3ms");
  CHECK(mark("response.p99<3ms").held);  // of all operations
  CHECK(mark("receive.service.mean<1us").held);
  CHECK_FALSE(mark("post.delivery_last.p99<1ms").value.has_value());  // 500 of the 560 samples
}

TEST_CASE("what was not measured does not hold", "[reports][threshold]") {
  const ThresholdMark absent = mark("kick.errors<1");
  CHECK_FALSE(absent.held);
  CHECK_FALSE(absent.value.has_value());
  CHECK(absent.shown == "no row 'kick'");
  const ThresholdMark few = mark("receive.service.p99<1s");
  CHECK_FALSE(few.held);
  CHECK(few.shown == "20 samples, needs 560");
  CHECK(mark("receive.service.p50<1s").held);
  CHECK(mark("receive.response.p95<1s").shown == "no samples");
  CHECK(mark("receive.reach>=0").shown == "not measured");
}

}  // namespace
}  // namespace crosstalk::reports
