#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "harness/command_line_test_support.h"
#include "harness/plan.h"
#include "reports/output_error.h"
#include "workloads/input_error.h"

namespace crosstalk::harness {
namespace {

PlanRequest request() {
  PlanRequest request;
  request.base.scenario = "team";
  request.base.load = LoadModel::poisson;
  request.base.duration_ns = 5'000'000'000;
  request.base.warmup_ns = 1'000'000'000;
  request.base.timeout_ns = 60'000'000'000;
  request.base.seed = 42;
  request.strategies = {"coarse/ticket", "sharded/ticket", "coarse/std_mutex"};
  request.clients = {10, 1000};
  request.threads = {1, 2};
  request.rates = {1000, 50'000.5};
  request.repetitions = 3;
  return request;
}

std::vector<PlanRow> rows_of_block(const Plan& plan, std::uint64_t block) {
  std::vector<PlanRow> rows;
  std::copy_if(plan.begin(), plan.end(), std::back_inserter(rows),
               [=](const PlanRow& row) { return row.block == block; });
  return rows;
}

TEST_CASE("every block holds every strategy and configuration once, and a floor for each configuration",
          "[harness][plan]") {
  const Plan plan = make_plan(request());
  REQUIRE(plan.size() == 3 * (3 + 1) * 2 * 2 * 2);
  for (std::size_t i = 0; i < plan.size(); ++i) CHECK(plan[i].row == i);
  for (std::uint64_t block = 0; block < 3; ++block) {
    std::set<std::tuple<std::string, std::uint32_t, unsigned, double>> seen;
    for (const PlanRow& row : rows_of_block(plan, block)) {
      CHECK(seen.insert({row.strategy, row.clients, row.threads, row.rate_ops_s}).second);
      CHECK(row.floor == (row.strategy == "null/null"));
      CHECK(row.repetition == block);
      CHECK(row.seed == 42);
    }
    CHECK(seen.size() == 32);
  }
  CHECK(std::is_sorted(plan.begin(), plan.end(),
                       [](const PlanRow& a, const PlanRow& b) { return a.block < b.block; }));
}

TEST_CASE("the first block begins with the floors", "[harness][plan]") {
  const std::vector<PlanRow> first = rows_of_block(make_plan(request()), 0);
  CHECK(std::is_partitioned(first.begin(), first.end(), [](const PlanRow& row) { return row.floor; }));
  CHECK(first.front().floor);
}

TEST_CASE("the same request gives the same plan, another seed another order", "[harness][plan]") {
  PlanRequest other = request();
  CHECK(make_plan(request()) == make_plan(other));
  other.base.seed = 43;
  const Plan a = make_plan(request());
  const Plan b = make_plan(other);
  CHECK_FALSE(std::equal(a.begin(), a.end(), b.begin(), [](const PlanRow& x, const PlanRow& y) {
    return x.strategy == y.strategy && x.clients == y.clients && x.threads == y.threads &&
           x.rate_ops_s == y.rate_ops_s;
  }));
}

TEST_CASE("blocks are shuffled apart: every strategy stands everywhere about equally often",
          "[harness][plan]") {
  PlanRequest many = request();
  many.clients = {10};
  many.threads = {1};
  many.rates = {1000};
  many.repetitions = 4000;
  std::map<std::string, std::uint64_t> first;
  std::map<std::string, std::uint64_t> last;
  for (const PlanRow& row : make_plan(many)) {
    if (row.row % 4 == 0) ++first[row.strategy];
    if (row.row % 4 == 3) ++last[row.strategy];
  }
  // 4000 draws of 1/4: the standard deviation is 27.
  REQUIRE(first.size() == 4);
  for (const auto& [strategy, count] : first) CHECK(std::abs(static_cast<double>(count) - 1000) < 130);
  for (const auto& [strategy, count] : last) CHECK(std::abs(static_cast<double>(count) - 1000) < 130);
}

TEST_CASE("a floor that is named is not measured twice, and none is added where none is wanted",
          "[harness][plan]") {
  PlanRequest named = request();
  named.strategies = {"null/null", "coarse/ticket"};
  CHECK(make_plan(named).size() == 3 * 2 * 8);
  PlanRequest without = request();
  without.with_floor = false;
  const Plan plan = make_plan(without);
  CHECK(plan.size() == 3 * 3 * 8);
  CHECK(std::none_of(plan.begin(), plan.end(), [](const PlanRow& row) { return row.floor; }));
}

// One row of each kind that there is, with values that a careless reader would change.
Plan odd_plan() {
  PlanRow generated = make_plan(request()).front();
  generated.row = 0;
  generated.settings = "churn=0.1";
  generated.scenario = "/a path/with, comma/\"quoted\".ini";
  generated.rate_ops_s = 1.0 / 3;
  generated.seed = ~std::uint64_t{0};
  generated.pin = Pin::compact;
  generated.counter = pool::CounterKind::striped;
  PlanRow replay;
  replay.row = 7;
  replay.strategy = "null/null";
  replay.floor = true;
  replay.trace = "chat.csv";
  replay.time_scale = 0.1;
  replay.lurkers = 2.5;
  replay.path = Path::pooled;
  replay.workers = 3;
  replay.load = LoadModel::trace;
  replay.timeout_ns = 1;
  replay.queue_policy = pool::QueuePolicy::caller_runs;
  PlanRow counted;
  counted.row = 8;
  counted.strategy = "coarse/ticket";
  counted.scenario = "t\u00e9am";
  counted.clients = 1;
  counted.operations = 1'000'000;
  counted.timeout_ns = 600'000'000'000;
  counted.latency = false;
  counted.checks = Checks::off;
  counted.outside_ns = 7;
  counted.repeat = {RepeatOf::lock, 2.5};
  counted.count = true;
  return {generated, replay, counted};
}

TEST_CASE("a plan is read back as it was written", "[harness][plan]") {
  const TestFolder folder;
  const auto file = folder.path / "plan.csv";
  write_plan(file, odd_plan());
  CHECK(read_plan(file) == odd_plan());
  write_plan(file, make_plan(request()));
  CHECK(read_plan(file) == make_plan(request()));
}

// The columns are a format: other programs and older files depend on them.
TEST_CASE("the form of a plan is fixed", "[harness][plan]") {
  PlanRow row = odd_plan().back();
  row.scenario = "team";
  CHECK(
      plan_text({row}) ==
      "schema_version,row,block,repetition,floor,strategy,scenario,trace,time_scale,lurkers,path,pool,queue_policy,counter,dispatch,store,clients,threads,workers,inflight,load,rate_ops_s,duration_ns,warmup_ns,operations,timeout_ns,seed,pin,checks,latency,stages,envelope,think,steady,anatomy,arena,sleeps,foreign_limit_pct,settings,outside_ns,repeat,count\n1,8,0,0,0,coarse/ticket,team,,0,0,direct,crosstalk,block,locked,inline,memory,1,1,0,0,closed,0,0,0,1000000,600000000000,0,spread,off,0,,,,0,0,1,0,100,,7,lock=2.5%,1\n");
}

TEST_CASE("plans that are older than a column do without it", "[harness][plan]") {
  const TestFolder folder;
  PlanRow row = odd_plan().back();
  row.scenario = "team";
  std::string text = plan_text({row});
  const std::string later =
      ",stages,envelope,think,steady,anatomy,arena,sleeps,foreign_limit_pct,settings,outside_ns,repeat,count";
  text.erase(text.find(later), later.size());
  const std::string cells = ",,,,0,0,1,0,100,,7,lock=2.5%,1\n";
  text.replace(text.rfind(cells), cells.size(), "\n");
  row.outside_ns = 0;
  row.repeat = {};
  row.count = false;
  CHECK(read_plan(folder.put("old.csv", text)) == Plan{row});
}

TEST_CASE("columns in another order, CRLF and a byte order mark are accepted", "[harness][plan]") {
  const TestFolder folder;
  std::string text = plan_text(odd_plan());
  std::string windows = "\xEF\xBB\xBF";
  for (const char c : text) windows += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(read_plan(folder.put("windows.csv", windows)) == odd_plan());

  // The last column comes first.
  std::string turned;
  std::size_t start = 0;
  for (std::size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    const std::string line = text.substr(start, end - start);
    const auto comma = line.rfind(',');
    turned += line.substr(comma + 1) + "," + line.substr(0, comma) + "\n";
  }
  CHECK(read_plan(folder.put("turned.csv", turned)) == odd_plan());
}

TEST_CASE("every prefix of a plan is refused with its line, or is a whole plan", "[harness][plan]") {
  const TestFolder folder;
  const std::string whole = plan_text(odd_plan());
  std::size_t accepted = 0;
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const std::string file = folder.put("cut.csv", whole.substr(0, length));
    try {
      const Plan plan = read_plan(file);
      CHECK(whole[length - 1] == '\n');
      ++accepted;
    } catch (const workloads::InputError& error) {
      CHECK_THAT(error.what(), Catch::StartsWith(file + ":"));
    }
  }
  CHECK(accepted == 3);
}

struct Damage {
  std::string column;
  std::string value;
  std::string message;
};

// A plan of one row with one cell changed.
std::string damaged(const PlanRow& row, const Damage& damage) {
  const std::string text = plan_text({row});
  const auto split = [](const std::string& line) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == ',')
        cells.emplace_back();
      else
        cells.back() += c;
    }
    return cells;
  };
  const auto end = text.find('\n');
  const auto names = split(text.substr(0, end));
  auto cells = split(text.substr(end + 1, text.size() - end - 2));
  cells.at(static_cast<std::size_t>(std::find(names.begin(), names.end(), damage.column) - names.begin())) =
      damage.value;
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() ? "" : ",") + cell;
  return text.substr(0, end + 1) + line + "\n";
}

TEST_CASE("a damaged cell is refused with file, line, column, bound and value", "[harness][plan]") {
  const TestFolder folder;
  const PlanRow row = make_plan(request()).front();
  for (const Damage& damage : {
           Damage{"schema_version", "2", "must be between 1 and 1, got 2"},
           Damage{"row", "1000000", "must be between 0 and 999999, got 1000000"},
           Damage{"floor", "2", "must be between 0 and 1, got 2"},
           Damage{"strategy", "", "must be server/mechanism, got nothing"},
           Damage{"time_scale", "1e10", "must be between 0 and 1000000000, got '1e10'"},
           Damage{"path", "dircet", "must be direct or pooled, got 'dircet', did you mean 'direct'?"},
           Damage{"clients", "10000001", "must be between 0 and 10000000, got 10000001"},
           Damage{"threads", "0", "must be between 1 and 1024, got 0"},
           Damage{"threads", "", "must be a whole number between 1 and 1024, got nothing"},
           Damage{"rate_ops_s", "nan", "must be a number between 0 and 1000000000, got 'nan'"},
           Damage{"duration_ns", "-1", "must be between 0 and 604800000000000, got -1"},
           Damage{"timeout_ns", "0", "must be between 1 and 18446744073709551615, got 0"},
           Damage{"seed", "18446744073709551616",
                  "must be between 0 and 18446744073709551615, got 18446744073709551616"},
           Damage{"checks", "Live", "must be off, live or full, got 'Live', did you mean 'live'?"},
           Damage{"latency", "x", "must be a whole number between 0 and 1, got 'x'"},
           Damage{"settings", "rooms=0", "rooms: must be between 1 and 10000000, got 0"},
       }) {
    const std::string file = folder.put("damaged.csv", damaged(row, damage));
    CHECK_THROWS_WITH(read_plan(file), file + ":2: " + damage.column + ": " + damage.message);
  }
}

TEST_CASE("cells that contradict each other are refused", "[harness][plan]") {
  const TestFolder folder;
  const PlanRow row = make_plan(request()).front();  // poisson, direct, of a duration
  for (const Damage& damage : {
           Damage{"trace", "x.csv", "scenario: must be given where trace is not"},
           Damage{"scenario", "", "scenario: must be given where trace is not"},
           Damage{"clients", "0", "clients: must be 0 for a replay, and only there"},
           Damage{"load", "trace", "load: must not be trace without a trace"},
           Damage{"load", "closed",
                  "rate_ops_s: must be above 0 for constant, poisson and hawkes load, and only there"},
           Damage{"rate_ops_s", "0", "rate_ops_s: must be above 0"},
           Damage{"workers", "2", "workers: must be above 0 for path or dispatch pooled, and only there"},
           Damage{"path", "pooled", "workers: must be above 0 for path or dispatch pooled"},
           Damage{"inflight", "2", "inflight: must be above 0 for path pooled in a closed loop"},
           Damage{"time_scale", "2",
                  "time_scale: must be above 0 for an envelope, and else 0 without a trace"},
           Damage{"operations", "2",
                  "duration_ns: must be above 0 where neither operations nor time_scale are"},
           Damage{"duration_ns", "0", "duration_ns: must be above 0"},
           Damage{"latency", "0", "latency: must be 1 unless"},
           Damage{"outside_ns", "5", "outside_ns: must be 0 unless the path is direct, the load closed"},
           Damage{"repeat", "lock=5%", "repeat: must be empty unless the load is closed and think empty"},
           Damage{"repeat", "lock", "repeat: must be lock=, map= or pool= and a share"},
       }) {
    const std::string file = folder.put("damaged.csv", damaged(row, damage));
    CHECK_THROWS_WITH(read_plan(file), Catch::StartsWith(file + ":2: " + damage.message));
  }
}

TEST_CASE("a plan does not ask for counts of what cannot be counted", "[harness][plan]") {
  const TestFolder folder;
  PlanRow row = odd_plan().back();
  row.scenario = "team";
  for (const Damage& damage :
       {Damage{"dispatch", "thread", "count: needs dispatch inline or pooled, got thread"},
        Damage{"store", "sqlite", "count: needs store memory, got sqlite"}}) {
    const std::string file = folder.put("damaged.csv", damaged(row, damage));
    CHECK_THROWS_WITH(read_plan(file), file + ":2: " + damage.message);
  }
  row.latency = true;
  row.path = Path::pooled;
  row.workers = row.inflight = 1;
  row.outside_ns = 0;
  const std::string file = folder.put("damaged.csv", damaged(row, {"pool", "asio", ""}));
  CHECK_THROWS_WITH(read_plan(file), file + ":2: count: needs pool crosstalk on the pooled path, got asio");
}

TEST_CASE("a damaged plan file is refused with its line", "[harness][plan]") {
  const TestFolder folder;
  const std::string whole = plan_text(odd_plan());
  const auto header_end = whole.find('\n') + 1;
  const auto refused = [&](const std::string& text, const std::string& message) {
    const std::string file = folder.put("damaged.csv", text);
    CHECK_THROWS_WITH(read_plan(file), Catch::StartsWith(file + ":" + message));
  };
  refused("", "1: the file is empty");
  refused(whole.substr(0, header_end), "1: there are no rows behind the header");
  refused(whole.substr(0, whole.size() - 1), "4: the last line is cut off");
  refused(std::string(1, '\0') + whole, "1: a NUL byte");
  refused("x," + whole, "1: unknown column 'x'");
  refused("row," + whole, "1: row: the column stands twice");
  refused("schema_version,strateg\n1,2\n", "1: unknown column 'strateg', did you mean 'strategy'?");
  refused("schema_version,row\n1,2\n", "1: block: the column is missing");
  refused(whole + "1,2,3\n", "5: must have 42 cells, got 3");
  refused(whole + "\n", "5: must have 42 cells, got 1");
  refused(whole + whole.substr(header_end), "5: row: must be above the row before, 8, got 0");
  refused(whole + "1,\"a\n", "5: a quote is not closed");
  refused(whole + "1,\"a\"b,c\n", "5: text behind a closing quote");
  refused(whole + "1,a\"b\n", "5: a quote inside a cell");
  CHECK_THROWS_WITH(read_plan(folder.path), folder.path.string() + ": cannot be opened");
  CHECK_THROWS_WITH(read_plan(folder.path / "none"), (folder.path / "none").string() + ": cannot be opened");
}

TEST_CASE("a plan that cannot be written is an error that names the file", "[harness][plan]") {
  CHECK_THROWS_AS(write_plan("/proc/plan.csv", odd_plan()), reports::OutputError);
  CHECK_THROWS_WITH(write_plan("/dev/full", make_plan(request())), Catch::StartsWith("/dev/full: "));
}

}  // namespace
}  // namespace crosstalk::harness
