#include "harness/list_command.h"

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/choices.h"
#include "harness/run_options.h"
#include "harness/text_table.h"
#include "pool/builtin.h"
#include "pool/peers.h"
#include "reports/schema.h"

namespace crosstalk::harness {

namespace {

constexpr std::array kListFlags{
    Flag{.name = "strategies",
         .value = "",
         .help = "servers with a mechanism inside, as --strategy names them (default)"},
    Flag{.name = "locks", .value = "", .help = "the mechanisms themselves, and what they promise"},
    Flag{.name = "scenarios", .value = "", .help = "populations of clients, as --scenario names them"},
    Flag{.name = "metrics",
         .value = "",
         .help = "columns of the result files; as markdown, csv or json also how each is measured"},
    Flag{.name = "peers",
         .value = "",
         .help =
             "libraries of other people that can be measured beside ours, and whether this build has them"},
    Flag{.name = "pools", .value = "", .help = "executors of the pooled path, as --pool names them"},
    Flag{.name = "format", .value = "table|markdown|csv|json", .help = "of what is printed (default table)"},
};

std::string fairness_of(const pool::LockContract& contract) {
  if (!contract.exclusive) return "";  // nobody waits
  switch (contract.fairness) {
    case pool::Fairness::bounded:
      return "bounded " + std::to_string(contract.bypass_bound);
    case pool::Fairness::fifo:
      return "fifo";
    default:
      return "none";
  }
}

bool has_lock(const Strategy& strategy) {
  return strategy.lock_bytes > 0;
}

std::string remark_on(const Strategy& strategy) {
  std::string remark;
  const auto add = [&remark](const char* text) {
    remark += (remark.empty() ? "" : ", ") + std::string(text);
  };
  if (strategy.floor) add("the harness's own cost");
  if (strategy.one_thread) add("one thread only");
  if (strategy.peer) add("peer");
  if (strategy.plugged_in) add("plugged in");
  return remark;
}

TextTable strategies(const Catalog& catalog) {
  TextTable table;
  table.columns = {{"strategy"}, {"algorithm"}, {"lock_bytes", true}, {"fairness"}, {"remark"}};
  for (const Strategy& strategy : catalog.strategies()) {
    const bool lock = has_lock(strategy);
    table.rows.push_back({strategy.name, std::string(strategy.contract.algorithm),
                          lock ? std::to_string(strategy.lock_bytes) : "",
                          lock ? fairness_of(strategy.contract) : "", remark_on(strategy)});
  }
  return table;
}

std::vector<std::string> lock_row(std::string name, std::size_t bytes, const pool::LockContract& contract) {
  return {std::move(name),
          std::string(contract.algorithm),
          std::to_string(bytes),
          fairness_of(contract),
          !contract.exclusive ? ""
          : contract.parks    ? "park"
                              : "spin",
          contract.shared ? "yes" : "no",
          std::string(contract.source)};
}

// A lock stands in several servers; it is listed once. A cell that no server can use stands in none.
TextTable locks(const Catalog& catalog) {
  TextTable table;
  table.columns = {{"lock"},    {"algorithm"}, {"bytes", true}, {"fairness"},
                   {"waiters"}, {"shared"},    {"source"}};
  std::set<std::string> seen;
  for (const Strategy& strategy : catalog.strategies()) {
    if (!has_lock(strategy) || !seen.insert(strategy.mechanism).second) continue;
    table.rows.push_back(lock_row(strategy.mechanism, strategy.lock_bytes, strategy.contract));
  }
  pool::for_each_builtin_cell([&]<class C>(std::string_view name) {
    if constexpr (pool::kReadsOutside<C>)
      table.rows.push_back(lock_row(std::string(name), bytes_of<C>(), C::kContract));
  });
  return table;
}

// Found or not: what is missing is a package away.
TextTable peers() {
  TextTable table;
  table.columns = {{"peer"}, {"version"}, {"offers"}, {"package"}};
  for (const pool::Peer& peer : pool::peers()) {
    const char* missing = pool::peers_wanted() ? "not found" : "not looked for";
    table.rows.push_back({std::string(peer.name), peer.found ? std::string(peer.version) : missing,
                          std::string(peer.offers), std::string(peer.package)});
  }
  return table;
}

TextTable scenarios(std::vector<std::string>& broken) {
  TextTable table;
  table.columns = {{"scenario"}, {"clients", true}, {"rooms", true}, {"description"}};
  for (const std::string& name : workloads::scenario_names()) {
    try {
      const auto file = workloads::load_scenario(workloads::find_scenario(name), program_keys());
      std::string clients;
      for (const workloads::Setting& setting : file.settings) {
        if (setting.key == "clients") clients = setting.value;
      }
      table.rows.push_back({name, clients, std::to_string(file.scenario.rooms), file.scenario.description});
    } catch (const workloads::InputError& error) {
      broken.emplace_back(error.what());
    }
  }
  return table;
}

// How a column is measured and when it is empty is too much for the width of a terminal.
TextTable metrics(Format format) {
  const bool all = format != Format::table;
  TextTable table;
  table.columns = {{"file"}, {"column"}, {"unit"}, {"meaning"}};
  if (all) table.columns.insert(table.columns.end(), {{"measured"}, {"empty"}});
  for (const reports::ResultFile& file : reports::result_files()) {
    for (const reports::Column& column : file.columns) {
      std::vector<std::string>& row = table.rows.emplace_back();
      row = {std::string(file.name), std::string(column.name), std::string(reports::unit_of(column)),
             std::string(column.meaning)};
      if (all) row.insert(row.end(), {std::string(column.measured), std::string(column.empty)});
    }
  }
  return table;
}

TextTable pools(const Catalog& catalog) {
  TextTable table;
  table.columns = {{"pool"}, {"description"}, {"remark"}};
  for (const PoolKind& kind : catalog.pools()) {
    table.rows.push_back({kind.name, kind.description,
                          kind.peer         ? "peer"
                          : kind.plugged_in ? "plugged in"
                                            : ""});
  }
  return table;
}

// The one switch that is on.
std::string topic_of(const Settings& settings) {
  std::string topic;
  for (const Flag& flag : kListFlags) {
    if (flag.name == "format" || !settings.on(flag.name)) continue;
    if (!topic.empty())
      throw UsageError("--" + std::string(flag.name) + ": cannot be combined with --" + topic);
    topic = flag.name;
  }
  return topic.empty() ? "strategies" : topic;
}

}  // namespace

int list_command(const Catalog& catalog, const std::vector<std::string>& arguments,
                 const Environment& environment, Streams streams) {
  Settings settings;
  read_arguments(settings, kListFlags, arguments);
  read_environment(settings, std::span(kListFlags).last(1), {}, environment);
  const Format format = settings.get<Format>(
      "format", Format::table, [](std::string_view t) { return parse_choice<Format>(t, kFormatWords); });
  const std::string topic = topic_of(settings);
  std::vector<std::string> broken;
  const TextTable table = topic == "locks"       ? locks(catalog)
                          : topic == "scenarios" ? scenarios(broken)
                          : topic == "metrics"   ? metrics(format)
                          : topic == "pools"     ? pools(catalog)
                          : topic == "peers"     ? peers()
                                                 : strategies(catalog);
  print_table(streams.out, table, format);
  for (const std::string& error : broken) streams.err << "crosstalk: " << error << '\n';
  return broken.empty() ? 0 : 2;
}

std::string list_help() {
  return "usage: crosstalk list [flags]\n\n" + describe_flags(kListFlags);
}

}  // namespace crosstalk::harness
