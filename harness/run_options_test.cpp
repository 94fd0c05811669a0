#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "harness/command_line_test_support.h"
#include "harness/placement.h"
#include "harness/run_options.h"
#include "workloads/input_error.h"

namespace crosstalk::harness {
namespace {

constexpr std::uint64_t kOneSecondNs = 1'000'000'000;

Arguments words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string small_trace(const TestFolder& folder) {
  return folder.put("chat.csv", "time_ms,user,room,event,bytes\n0,1,1,message,10\n4000,2,1,message,20\n");
}

TEST_CASE("without a flag, community runs in a closed loop for ten seconds", "[harness][options]") {
  const RunOptions options = parsed({});
  const PlanRow& base = options.request.base;
  CHECK(base.scenario == "community");
  CHECK(options.scenario.name == "community");
  CHECK(options.request.clients == std::vector<std::uint32_t>{5000});  // as the scenario says
  CHECK(options.request.rates == std::vector<double>{0});
  CHECK(options.request.repetitions == 1);
  CHECK(options.request.threads ==
        std::vector<unsigned>{std::min(1024U, static_cast<unsigned>(usable_processors().size()))});
  CHECK(base.load == LoadModel::closed);
  CHECK(base.duration_ns == 10 * kOneSecondNs);
  CHECK(base.warmup_ns == kOneSecondNs);
  CHECK(base.timeout_ns == 30 * kOneSecondNs + 5 * 11 * kOneSecondNs);
  CHECK(base.operations == 0);
  CHECK(base.workers == 0);
  CHECK(base.inflight == 0);
  CHECK(base.latency);
  CHECK(options.request.with_floor);
  CHECK(options.seed_was_chosen);
  CHECK_THAT(options.out.string(), Catch::Matches("results/[0-9]{8}-[0-9]{6}"));
  CHECK(options.format == Format::table);
}

TEST_CASE("flags become values", "[harness][options]") {
  const RunOptions options = parsed(words(
      "--scenario team --clients=10,100:300:100 --threads 1:2 --clients 5k --rate 10k:30k:10k --load "
      "constant --duration 1m30s --warmup 500ms --seed 18446744073709551615 --repetitions 7 --checks full "
      "--pin none --counter striped --path pooled --workers 3 --queue-policy caller_runs --pool crosstalk "
      "--out r --format json --quiet --timeout 5m --strategy coarse/ticket --strategy sharded/t*"));
  const PlanRow& base = options.request.base;
  CHECK(options.request.clients == std::vector<std::uint32_t>{10, 100, 200, 300, 5000});
  CHECK(options.request.threads == std::vector<unsigned>{1, 2});
  CHECK(options.request.rates == std::vector<double>{10'000, 20'000, 30'000});
  CHECK(options.request.strategies == std::vector<std::string>{"coarse/ticket", "sharded/ticket"});
  CHECK(options.request.repetitions == 7);
  CHECK(base.load == LoadModel::constant);
  CHECK(base.duration_ns == 90 * kOneSecondNs);
  CHECK(base.warmup_ns == kOneSecondNs / 2);
  CHECK(base.timeout_ns == 300 * kOneSecondNs);
  CHECK(base.seed == ~std::uint64_t{0});
  CHECK_FALSE(options.seed_was_chosen);
  CHECK(base.checks == Checks::full);
  CHECK(base.pin == Pin::none);
  CHECK(base.counter == pool::CounterKind::striped);
  CHECK(base.path == Path::pooled);
  CHECK(base.workers == 3);
  CHECK(base.inflight == 0);  // an open loop has no window
  CHECK(base.queue_policy == pool::QueuePolicy::caller_runs);
  CHECK(options.out == "r");
  CHECK(options.format == Format::json);
  CHECK(options.quiet);
}

TEST_CASE("the pooled path has one driver, and workers on what is left", "[harness][options]") {
  const PlanRow base = parsed({"--path", "pooled"}).request.base;
  const auto cpus = static_cast<unsigned>(usable_processors().size());
  CHECK(parsed({"--path", "pooled"}).request.threads == std::vector<unsigned>{1});
  CHECK(base.workers == std::max(1U, cpus - 1));
  CHECK(base.inflight == 4 * base.workers);
  CHECK(parsed({"--path", "pooled", "--threads", "1000"}).request.base.workers == 1);
  CHECK(parsed({"--path", "pooled", "--workers", "2", "--inflight", "9"}).request.base.inflight == 9);
}

TEST_CASE("every driver of the pooled path may have a request under way", "[harness][options]") {
  const auto pooled = [](std::vector<std::string> more) {
    std::vector<std::string> all{"--path", "pooled", "--workers", "1", "--threads", "2,8"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  CHECK(parsed(pooled({})).request.base.inflight == 8);
  CHECK(parsed(pooled({"--inflight", "8"})).request.base.inflight == 8);
  CHECK(refusal(pooled({"--inflight", "7"})) ==
        "--inflight: must be at least the number of drivers (8), got 7");
}

TEST_CASE("no more drivers than clients are started", "[harness][options]") {
  CHECK(parsed({"--clients", "1"}).request.threads == std::vector<unsigned>{1});
  CHECK(refusal({"--clients", "4,100", "--threads", "1,8"}) ==
        "--threads: must be at most the number of clients (4), got 8");
}

TEST_CASE("a rate alone means poisson", "[harness][options]") {
  CHECK(parsed({"--rate", "5k"}).request.base.load == LoadModel::poisson);
  CHECK(refusal({"--rate", "5k", "--load", "closed"}) == "--rate: cannot be combined with --load closed");
  CHECK(refusal({"--load", "poisson"}) == "--load poisson: needs --rate, --stages or --envelope");
  CHECK(refusal({"--load", "constant"}) == "--load constant: needs --rate, --stages or --envelope");
  CHECK(refusal({"--load", "trace"}) == "--load trace: needs --trace FILE");
}

TEST_CASE("the warm-up is at most a fifth of the duration unless it is given", "[harness][options]") {
  CHECK(parsed({"--duration", "1s"}).request.base.warmup_ns == kOneSecondNs / 5);
  CHECK(parsed({"--duration", "100"}).request.base.warmup_ns == kOneSecondNs);
  CHECK(parsed({"--duration", "1s", "--warmup", "3s"}).request.base.warmup_ns == 3 * kOneSecondNs);
  CHECK(parsed({"--warmup", "0"}).request.base.warmup_ns == 0);
}

TEST_CASE("equal work takes the place of a duration", "[harness][options]") {
  const PlanRow base = parsed({"--ops", "2M"}).request.base;
  CHECK(base.operations == 2'000'000);
  CHECK(base.duration_ns == 0);
  CHECK(base.warmup_ns == kOneSecondNs);
  CHECK(base.timeout_ns == 600 * kOneSecondNs);
  CHECK(refusal({"--ops", "5", "--duration", "5"}) == "--ops: cannot be combined with --duration 5");
}

TEST_CASE("a trace is replayed: fitted into the duration, or at a time scale", "[harness][options]") {
  const TestFolder folder;
  const std::string trace = small_trace(folder);
  const RunOptions fitted = parsed({"--trace", trace, "--duration", "2s", "--lurkers", "1.5"});
  CHECK(fitted.request.base.load == LoadModel::trace);
  CHECK(fitted.request.base.trace == trace);
  CHECK(fitted.request.base.scenario.empty());
  CHECK(fitted.request.base.time_scale == 0);
  CHECK(fitted.request.base.lurkers == 1.5);
  CHECK(fitted.request.base.duration_ns == 2 * kOneSecondNs);
  CHECK(fitted.request.base.warmup_ns == 0);
  CHECK(fitted.request.clients == std::vector<std::uint32_t>{0});

  const PlanRow scaled = parsed({"--trace", trace, "--time-scale", "0.5"}).request.base;
  CHECK(scaled.time_scale == 0.5);
  CHECK(scaled.duration_ns == 0);
  CHECK(scaled.timeout_ns ==
        30 * kOneSecondNs + 5 * 8 * kOneSecondNs);  // four seconds of trace at half speed

  const PlanRow closed = parsed({"--trace", trace, "--load", "closed"}).request.base;
  CHECK(closed.time_scale == 1);
  CHECK(closed.duration_ns == 0);
  CHECK(closed.timeout_ns == 600 * kOneSecondNs);
}

TEST_CASE("files that can be read once only are refused before anything is read", "[harness][options]") {
  const TestFolder folder;
  const std::string pipe = (folder.path / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const char* flag : {"--trace", "--envelope", "--scenario"}) {
    CHECK(refusal({flag, pipe}) == std::string(flag) +
                                       ": must be a regular file, which can be read more than once, got '" +
                                       pipe + "'");
  }
  CHECK(refusal({}, {{"CROSSTALK_TRACE", "/dev/null"}}) ==
        "CROSSTALK_TRACE: must be a regular file, which can be read more than once, got '/dev/null'");
  CHECK_THAT(refusal({"--trace", "/nowhere/t.csv"}), !Catch::Contains("regular"));
  CHECK_THAT(refusal({"--trace", folder.path.string()}), !Catch::Contains("regular"));
}

TEST_CASE("a trace that claims centuries is refused, not waited for", "[harness][options]") {
  const TestFolder folder;
  const std::string trace = folder.put(
      "long.csv", "time_ms,user,room,event,bytes\n0,1,1,message,10\n9000000000000,2,1,message,20\n");
  CHECK(refusal({"--trace", trace, "--time-scale", "0.001"}) ==
        "--timeout: must be above the length of a trial (1440h), got 1440h");
  CHECK(parsed({"--trace", trace}).request.base.duration_ns == 10 * kOneSecondNs);  // fitted
}

TEST_CASE("what a replay decides itself cannot be asked for", "[harness][options]") {
  const TestFolder folder;
  const std::string trace = small_trace(folder);
  const auto refused = [&](Arguments more) {
    more.insert(more.begin(), {"--trace", trace});
    return refusal(more);
  };
  CHECK(refused({"--clients", "5"}) == "--clients: cannot be combined with --trace " + trace);
  CHECK(refused({"--rate", "5"}) == "--rate: cannot be combined with --trace " + trace);
  CHECK(refused({"--ops", "5"}) == "--ops: cannot be combined with --trace " + trace);
  CHECK(refused({"--scenario", "team"}) == "--trace: cannot be combined with --scenario team");
  CHECK(refused({"--load", "poisson"}) == "--load: must be closed or trace with --trace, got poisson");
  CHECK(refused({"--time-scale", "5", "--duration", "5"}) ==
        "--time-scale: cannot be combined with --duration 5");
  CHECK(refused({"--load", "closed", "--duration", "5"}) ==
        "--duration: cannot be combined with --load closed");
  CHECK(refused({"--load", "closed", "--time-scale", "5"}) ==
        "--time-scale: cannot be combined with --load closed");
  CHECK(refused({"--warmup", "5", "--duration", "5"}) ==
        "--warmup: must be below the length of the replay (5s), got 5s");
  CHECK(refused({"--warmup", "5s", "--time-scale", "1"}) ==
        "--warmup: must be below the length of the replay (4s), got 5s");
  CHECK(refused({"--time-scale", "0"}) == "--time-scale: must be between 0.001 and 1000000000, got 0");
  CHECK(refusal({"--time-scale", "5"}) == "--time-scale: needs --trace FILE or --envelope FILE");
  CHECK(refusal({"--lurkers", "5"}) == "--lurkers: needs --trace FILE");
  CHECK_THROWS_AS(parsed({"--trace", folder.put("bad.csv", "x\n")}), workloads::InputError);
  CHECK(refusal({"--trace", "a\nb"}) == "--trace: must not hold a line break, got 'a b'");
}

TEST_CASE("dispatch and store are chosen by word, for strategies that have them", "[harness][options]") {
  const RunOptions plain = parsed({});
  CHECK(plain.request.base.dispatch == pool::Dispatch::inlined);
  CHECK(plain.request.base.store == StoreKind::memory);
  const RunOptions chosen = parsed({"--dispatch", "pooled", "--store", "sqlite", "--workers", "3"});
  CHECK(chosen.request.base.dispatch == pool::Dispatch::pooled);
  CHECK(chosen.request.base.store == StoreKind::sqlite);
  CHECK(chosen.request.base.workers == 3);
  CHECK(parsed({"--dispatch", "pooled"}).request.base.workers >= 1);
  CHECK(parsed({"--dispatch", "thread"}).request.base.workers == 0);
  CHECK(refusal({"--dispatch", "inlined"}) ==
        "--dispatch: must be inline, pooled or thread, got 'inlined', did you mean 'inline'?");
  CHECK(refusal({"--store", "disk"}) == "--store: must be memory or sqlite, got 'disk'");
  CHECK(
      refusal({"--strategy", "reference/none", "--threads", "1", "--store", "sqlite"}) ==
      "--strategy: reference/none hands out and keeps posts by itself: it has no other dispatch and no store; "
      "choose --dispatch inline and --store memory");
}

TEST_CASE("what belongs to the pool needs the pooled path", "[harness][options]") {
  CHECK(refusal({"--workers", "2"}) == "--workers: needs --path pooled or --dispatch pooled");
  CHECK(refusal({"--workers", "2", "--path", "direct"}) ==
        "--workers: cannot be combined with --path direct");
  CHECK(refusal({"--workers", "2", "--dispatch", "thread"}) ==
        "--workers: cannot be combined with --dispatch thread");
  CHECK(parsed({"--workers", "2", "--path", "pooled"}).request.base.workers == 2);
  for (const auto& [flag, value] :
       {std::pair{"--inflight", "2"}, {"--queue-policy", "block"}, {"--pool", "crosstalk"}}) {
    CHECK(refusal({flag, value}) == std::string(flag) + ": needs --path pooled");
    CHECK(refusal({flag, value, "--path", "direct"}) ==
          std::string(flag) + ": cannot be combined with --path direct");
    CHECK(parsed({flag, value, "--path", "pooled"}).request.base.path == Path::pooled);
  }
  CHECK(refusal({"--path", "pooled", "--rate", "5", "--inflight", "2"}) == "--inflight: needs --load closed");
  CHECK(refusal({"--path", "pooled", "--pool", "crosstlk"}) ==
        "--pool: must be crosstalk, got 'crosstlk', did you mean 'crosstalk'?");
}

TEST_CASE("latency is left out only where nothing needs the clock", "[harness][options]") {
  CHECK_FALSE(parsed({"--no-latency"}).request.base.latency);
  CHECK(parsed({"--no-latency=false"}).request.base.latency);
  CHECK(refusal({"--no-latency", "--rate", "5"}) == "--no-latency: needs --load closed");
  CHECK(refusal({"--no-latency", "--path", "pooled"}) == "--no-latency: needs --path direct");
}

TEST_CASE("a time-out leaves a trial the time it needs", "[harness][options]") {
  CHECK(refusal({"--timeout", "11s"}) == "--timeout: must be above the length of a trial (11s), got 11s");
  CHECK(parsed({"--timeout", "12s"}).request.base.timeout_ns == 12 * kOneSecondNs);
  // The slowest rate takes longest: 1,000 s, after a warm-up of one.
  const std::vector<std::string> slow{"--ops", "1M", "--rate", "1k,5k"};
  CHECK(parsed(slow).request.base.timeout_ns == (30 + 5 * 1'001) * kOneSecondNs);
  CHECK(parsed({"--ops", "1M", "--rate", "1M"}).request.base.timeout_ns == 600 * kOneSecondNs);
}

TEST_CASE("a stored plan says what is measured, and nothing else may", "[harness][options]") {
  const RunOptions options = parsed({"--plan", "p.csv", "--row", "17", "--out", "r", "--quiet"});
  CHECK(options.plan == "p.csv");
  CHECK(options.row == 17);
  CHECK_FALSE(options.dry_run);
  CHECK(refusal({"--plan", "p.csv", "--seed", "5", "--clients", "4"}) ==
        "--seed: cannot be combined with --plan p.csv");
  CHECK(refusal({"--plan", "p.csv"}, {{"CROSSTALK_CLIENTS", "5"}}) == "accepted");  // gives way, with a note
  CHECK(refusal({"--seed", "5"}, {{"CROSSTALK_PLAN", "p.csv"}}) ==
        "--seed: cannot be combined with CROSSTALK_PLAN=p.csv");
  CHECK(refusal({"--row", "5"}) == "--row: needs --plan FILE without --dry-run");
  CHECK(refusal({"--row", "5", "--plan", "p.csv", "--dry-run"}) ==
        "--row: needs --plan FILE without --dry-run");
  CHECK(refusal({"--row", "-1", "--plan", "p.csv"}) == "--row: must be between 0 and 999999, got -1");
  const RunOptions dry = parsed({"--plan", "p.csv", "--dry-run", "--seed", "5"});
  CHECK(dry.dry_run);
  CHECK(dry.request.base.seed == 5);
}

TEST_CASE("a plan is at most a million trials", "[harness][options]") {
  CHECK(refusal({"--clients", "1:10000", "--threads", "1", "--repetitions", "10000"}) ==
        "--strategy x --clients x --threads x --rate x --repetitions: must be at most 1000000 trials, got "
        "700000000");
}

TEST_CASE("globs skip what one thread alone may use, with a note; a name is refused", "[harness][options]") {
  const RunOptions two = parsed({"--threads", "2"});
  CHECK(two.request.strategies ==
        std::vector<std::string>{"coarse/ticket", "coarse/std_mutex", "sharded/ticket", "sharded/std_mutex"});
  CHECK(contains(two.notes, "skipped: coarse/null is for one thread, and 2 may be in the server at a time"));
  CHECK(contains(parsed({"--threads", "1"}).request.strategies, "coarse/null"));
  CHECK(parsed({"--threads", "1"}).notes.empty());
  CHECK_FALSE(contains(parsed({"--path", "pooled", "--workers", "2"}).request.strategies, "coarse/null"));
  CHECK(contains(parsed({"--path", "pooled", "--workers", "1"}).request.strategies, "coarse/null"));
  CHECK_THAT(refusal({"--threads", "2", "--strategy", "coarse/null"}),
             Catch::StartsWith("--strategy: coarse/null is for one thread, and 2 may be in the server at a "
                               "time; choose --threads 1"));
  CHECK_THAT(refusal({"--threads", "2", "--strategy", "coarse/nul*"}),
             Catch::StartsWith("--strategy: nothing is left to measure"));
}

TEST_CASE("the floor and the reference are found by name only", "[harness][options]") {
  const auto chosen = [](const std::string& globs) {
    return parsed({"--threads", "1", "--strategy", globs}).request.strategies;
  };
  CHECK_FALSE(contains(chosen("*"), "null/null"));
  CHECK_FALSE(contains(chosen("*"), "reference/none"));
  CHECK_FALSE(contains(chosen("*/n*"), "reference/none"));
  CHECK(chosen("null/*") == std::vector<std::string>{"null/null"});
  CHECK(chosen("null/null") == std::vector<std::string>{"null/null"});
  CHECK(chosen("reference/*") == std::vector<std::string>{"reference/none"});
  CHECK(chosen("*/ticket, coarse/ticket,coarse/t*") ==
        std::vector<std::string>{"coarse/ticket", "sharded/ticket"});
}

TEST_CASE("a strategy that does not exist gets the nearest name and the list", "[harness][options]") {
  CHECK_THAT(refusal({"--strategy", "sharded/tiket"}),
             Catch::StartsWith("--strategy: unknown strategy 'sharded/tiket', did you mean 'sharded/ticket'? "
                               "(there are: null/null"));
  CHECK_THAT(refusal({"--strategy", "shard/*"}),
             Catch::StartsWith("--strategy: no strategy matches 'shard/*'") &&
                 Catch::Contains("(there are: null/null"));
  CHECK_THAT(refusal({"--strategy", "coarse/ticket,,x"}),
             Catch::StartsWith("--strategy: must be names with commas"));
}

}  // namespace
}  // namespace crosstalk::harness
