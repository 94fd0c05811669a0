#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>

#include <unistd.h>

#include "harness/campaign.h"
#include "reports/csv_reader.h"
#include "reports/environment.h"

namespace crosstalk::harness {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() : path(fs::temp_directory_path() / ("crosstalk-campaign-" + std::to_string(getpid()))) {
    fs::remove_all(path);
    fs::create_directories(path);
    std::ofstream(path / "small.ini") << "rooms = 2\nlap_operations = 1000\n";
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  fs::path path;
};

PlanRequest request(const Folder& folder) {
  PlanRequest result;
  result.base.scenario = (folder.path / "small.ini").string();
  result.base.operations = 2'000;
  result.base.timeout_ns = 60'000'000'000;
  result.base.seed = 1;
  result.strategies = {"coarse/std_mutex"};
  result.clients = {20};
  result.threads = {1};
  result.rates = {0};
  result.repetitions = 2;
  return result;
}

TEST_CASE("a campaign writes every trial of its plans into one folder", "[harness][campaign]") {
  const Folder folder;
  const Catalog catalog = builtin_catalog();
  std::ostringstream out;
  std::ostringstream err;
  CampaignOptions options;
  options.out = folder.path / "results";
  options.command = "crosstalk test";
  Campaign campaign(catalog, options, {out, err});
  campaign.run(make_plan(request(folder)));
  CHECK(campaign.exit_code() == 0);
  CHECK_FALSE(campaign.interrupted());
  std::size_t totals = 0;
  for (const reports::RunRow& row : reports::read_runs(folder.path / "results" / "runs.csv")) {
    if (row.op != "all") continue;
    ++totals;
    CHECK(row.verified == true);
    CHECK(row.count == 2'000);
  }
  CHECK(totals == 4);  // two blocks of the strategy and the floor
  print_summary(campaign.summary(), Format::table, options.out, {out, err});
  CHECK(out.str().find("coarse/std_mutex") != std::string::npos);
  CHECK(out.str().find("null/null (floor)") != std::string::npos);
  CHECK(err.str().find("results: ") != std::string::npos);
}

TEST_CASE("a strategy that fails is said at once and costs its own rows", "[harness][campaign]") {
  const Folder folder;
  Catalog catalog = builtin_catalog();
  Strategy broken;
  broken.name = "broken/abort";
  broken.trial = [](const TrialInput&, TrialReport&) { throw std::runtime_error("no luck"); };
  catalog.add(broken);
  PlanRequest plan = request(folder);
  plan.strategies = {"broken/abort", "coarse/std_mutex"};
  plan.repetitions = 1;
  std::ostringstream out;
  std::ostringstream err;
  CampaignOptions options;
  options.out = folder.path / "results";
  Campaign campaign(catalog, options, {out, err});
  campaign.run(make_plan(plan));
  CHECK(campaign.exit_code() == 8);
  CHECK(err.str().find("broken/abort: failed: ended by an exception") != std::string::npos);
  CHECK(err.str().find("no luck") != std::string::npos);
}

TEST_CASE("only an optimised build without sanitizers writes results", "[harness][campaign]") {
  if (reports::build_facts().fit) {
    CHECK_NOTHROW(require_fit_build());
  } else {
    CHECK_THROWS_AS(require_fit_build(), UnfitBuild);
  }
}

TEST_CASE("rows of a plug-in whose contract was not checked are not verified", "[harness][campaign]") {
  const Folder folder;
  Catalog catalog = builtin_catalog();
  catalog.add_lock<std::mutex>("mine");
  std::ostringstream out;
  std::ostringstream err;
  CampaignOptions options;
  options.out = folder.path / "results";
  options.plug_ins_checked = false;
  Campaign campaign(catalog, options, {out, err});
  PlanRequest two = request(folder);
  two.strategies = {"coarse/std_mutex", "coarse/mine"};
  campaign.run(make_plan(two));
  for (const reports::RunRow& row : reports::read_runs(folder.path / "results" / "runs.csv")) {
    if (row.op != "all" || row.strategy == "null/null") continue;
    CHECK(row.verified.has_value() == (row.strategy != "coarse/mine"));
  }
}

}  // namespace
}  // namespace crosstalk::harness
