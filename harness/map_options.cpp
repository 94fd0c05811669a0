#include "harness/map_options.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "harness/limits.h"
#include "harness/placement.h"

namespace crosstalk::harness {

namespace {

constexpr double kMapBudgetS = 20 * 60;
constexpr std::string_view kThreads = "0.5x,1x,2x,8x";
constexpr std::string_view kWriteShares = "1%,10%,50%";
constexpr std::string_view kZipfs = "0,0.99";
constexpr std::string_view kMembers = "64,512";
constexpr std::string_view kOutsides = "0,1us";

// What people have, what is fast, what is fair, and what readers do not wait for: so few that the budget can tell them
// apart.
constexpr std::array<std::string_view, 6> kStrategies{"sharded/std_mutex",   "sharded/std_shared_mutex",
                                                      "sharded/futex_mutex", "sharded/rw_lock",
                                                      "sharded/mcs",         "snapshot/rcu"};

constexpr std::array kMapFlags{
    Flag{.name = "map", .value = "", .help = "sweep a grid of loads: who wins where", .heading = "The grid"},
    Flag{.name = "write-share",
         .value = "LIST",
         .help = "joins and leaves among the operations; the rest are member lists (default 1%,10%,50%)",
         .list = true},
    Flag{.name = "zipf",
         .value = "LIST",
         .help = "Zipf exponent of the rooms' popularity, 0 to 10: 0 is even (default 0,0.99)",
         .list = true},
    Flag{.name = "members",
         .value = "LIST",
         .help = "members of a room, 2 to 10000: what a member list reads inside the critical section "
                 "(default 64,512)",
         .list = true},
    Flag{.name = "budget",
         .value = "TIME",
         .help = "measure blocks until this time is over (default 20m)",
         .heading = "How long it is compared"},
};

RunCommand map_of_winners(const Catalog& catalog) {
  std::string strategies;
  for (const std::string_view name : kStrategies) {
    if (catalog.find(std::string(name)) != nullptr)
      strategies += (strategies.empty() ? "" : ",") + std::string(name);
  }
  if (strategies.find(',') == std::string::npos) strategies = "sharded/*";
  RunCommand command;
  command.name = "compare";
  // Two threads: what one alone may use is of no use here.
  command.defaults = {{"scenario", kMapScenario, {}}, {"load", "closed", {}},   {"threads", "2", {}},
                      {"repetitions", "1000", {}},    {"duration", "60ms", {}}, {"warmup", "15ms", {}},
                      {"strategy", strategies, {}}};
  command.own = {"scenario", "set",       "trace",        "time-scale", "lurkers",    "clients", "load",
                 "rate",     "stages",    "envelope",     "think",      "path",       "repeat",  "workers",
                 "inflight", "pool",      "queue-policy", "dispatch",   "no-latency", "anatomy", "count",
                 "ops",      "threshold", "plan",         "row",        "dry-run"};
  command.taken = {"threads", "outside"};
  command.more = kMapFlags;
  return command;
}

// Every value once, in the order in which they stand.
template <class T, class Parse>
std::vector<T> list_of(std::string_view text, Parse&& parse) {
  std::vector<T> values;
  for (const std::string& each : parse_names(text)) {
    const T value = parse(each);
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  return values;
}

double parse_write_share(std::string_view text) {
  if (!text.ends_with('%')) return parse_real(text, {0, 1});
  return parse_real(text.substr(0, text.size() - 1), {0, 100}) / 100;
}

template <class Parse>
auto axis(const RunOptions& options, std::string_view flag, std::string_view otherwise, Parse&& parse) {
  const Given* given = options.given(flag);
  const Given fallback{std::string(flag), std::string(otherwise), Layer::command, "--" + std::string(flag)};
  return Settings::convert<decltype(parse(otherwise))>(given == nullptr ? fallback : *given, parse);
}

MapAxes axes_of(const RunOptions& options, unsigned processors) {
  MapAxes axes;
  axes.threads = axis(options, "threads", kThreads,
                      [&](std::string_view text) { return parse_map_threads(text, processors); });
  axes.write_shares = axis(options, "write-share", kWriteShares,
                           [](std::string_view text) { return list_of<double>(text, parse_write_share); });
  axes.zipfs = axis(options, "zipf", kZipfs, [](std::string_view text) {
    return list_of<double>(text, [](std::string_view each) { return parse_real(each, {0, 10}); });
  });
  axes.members = axis(options, "members", kMembers, [](std::string_view text) {
    return list_of<std::uint32_t>(text, [](std::string_view each) {
      return static_cast<std::uint32_t>(parse_whole(each, {2, 10'000}));
    });
  });
  axes.outsides_ns = axis(options, "outside", kOutsides, [](std::string_view text) {
    return list_of<std::uint64_t>(
        text, [](std::string_view each) { return parse_duration_ns(each, kOutsideBounds); });
  });
  return axes;
}

std::string origin_of(const RunOptions& options, std::string_view flag) {
  const Given* given = options.given(flag);
  return given == nullptr ? "--" + std::string(flag) : given->origin;
}

void check_cells(const MapOptions& options) {
  const unsigned processors = options.request.processors;
  for (const MapCell& cell : options.request.cells) {
    const std::uint64_t outside_ns = outside_of(cell, processors);
    if (outside_ns > kOutsideBounds.high) {
      throw UsageError(origin_of(options.run, "outside") + ": must be at most " +
                       format_duration(kOutsideBounds.high) + " x processors / drivers (" +
                       std::to_string(processors) + " / " + std::to_string(cell.threads) + "), got " +
                       format_duration(cell.outside_ns));
    }
    if (cell.threads > clients_of(cell)) {
      throw UsageError(origin_of(options.run, "threads") + ": must be at most the number of clients, " +
                       std::to_string(kMapRooms) + " x --members (" + std::to_string(clients_of(cell)) +
                       "), got " + std::to_string(cell.threads));
    }
  }
}

// A number of blocks that nobody chose is cut to what a plan holds.
std::uint64_t most_blocks(const MapOptions& options) {
  const std::uint64_t wanted = options.run.request.repetitions;
  const std::uint64_t trials = trials_of_block(options.request);
  if (trials > kPlanLimit || (options.run.repetitions_were_chosen && wanted > kPlanLimit / trials)) {
    throw UsageError("cells x --strategy x --repetitions: must be at most " + std::to_string(kPlanLimit) +
                     " trials, got " + std::to_string(options.request.cells.size()) + " cells of " +
                     std::to_string(trials / options.request.cells.size()) + " trials, " +
                     std::to_string(wanted) + " times");
  }
  return std::min(wanted, kPlanLimit / trials);
}

}  // namespace

bool asks_for_map(const std::vector<std::string>& arguments) {
  return std::find(arguments.begin(), arguments.end(), "--map") != arguments.end();
}

std::vector<unsigned> parse_map_threads(std::string_view text, unsigned processors) {
  return list_of<unsigned>(text, [processors](std::string_view each) {
    if (!each.ends_with('x')) return static_cast<unsigned>(parse_whole(each, kThreadsBounds));
    const double factor = parse_real(each.substr(0, each.size() - 1), {0.001, 1024});
    const double drivers = std::max(1.0, std::round(factor * processors));
    if (drivers > static_cast<double>(kThreadsBounds.high)) {
      throw ValueError("must be at most " + std::to_string(kThreadsBounds.high) + " drivers, got " +
                       std::string(each) + " of " + std::to_string(processors) + " processors");
    }
    return static_cast<unsigned>(drivers);
  });
}

MapOptions parse_map(const Catalog& catalog, const std::vector<std::string>& arguments,
                     const Environment& environment) {
  MapOptions options;
  options.run = parse_run(catalog, arguments, environment, map_of_winners(catalog));
  options.budget = budget_of(options.run, kMapBudgetS);
  MapRequest& request = options.request;
  request.processors = std::max(1U, static_cast<unsigned>(usable_processors().size()));
  options.axes = axes_of(options.run, request.processors);
  request.base = options.run.request.base;
  request.cells = cells_of(options.axes);
  request.strategies = options.run.request.strategies;
  std::erase(request.strategies, "null/null");
  if (request.strategies.size() < 2) {
    throw UsageError(origin_of(options.run, "strategy") + ": a map takes at least two strategies, got " +
                     std::to_string(request.strategies.size()));
  }
  request.with_floor = options.run.request.with_floor;
  check_cells(options);
  request.blocks = most_blocks(options);
  return options;
}

std::string map_help() {
  return "usage: crosstalk compare --map [flags]\n\n" +
         wrapped(
             "The map of winners: which strategy has the most throughput where, by how much, and where nothing is "
             "resolved. A cell of the map is a load: member lists of 64 rooms that are read (who) and changed (joins "
             "and leaves), by --threads drivers in a closed loop. All combinations of threads x write share x Zipf "
             "exponent x members x outside work are measured.",
             0) +
         "\n\n" +
         wrapped(
             "--threads LIST takes multiples of the processors too (default 0.5x,1x,2x,8x). --outside LIST is what a "
             "driver works between two operations (default 0,1us) when there are as many drivers as processors; it is "
             "scaled by drivers / processors, so that locks are as busy with any number of them.",
             0) +
         "\n\n" +
         wrapped(
             "A block holds every cell once in random order, and a cell all strategies back to back in random order, "
             "each trial a process of its own (60 ms after 15 ms of warm-up). Each cell is judged as crosstalk compare "
             "judges a load: the signed-rank test over blocks, adjusted over all pairs, at 0.5 % for the cell. That "
             "error holds for each cell by itself: of 200 cells whose strategies are all equal one is expected to have "
             "a winner. The number of blocks comes from --repetitions or from the time. How many the budget affords, and "
             "how many so many strategies need, is said before anything is measured.",
             0) +
         "\n\n" +
         wrapped(
             "The map stands in map.csv, every trial in runs.csv: a cell is repeated by crosstalk run --scenario "
             "map_cell with the --set, --clients, --threads and --outside that its rows say.",
             0) +
         "\n\n" + describe_flags(kMapFlags) + "\n" +
         wrapped(
             "Takes of the flags of crosstalk run (see crosstalk help run) --strategy (default: six that differ in kind), --repetitions, "
             "--duration, --warmup, --timeout, --seed, --store, --counter, --pace, --allocator, --pin, --checks, "
             "--foreign-limit, --no-check, --out, --format, --quiet and --config.",
             0) +
         "\n";
}

}  // namespace crosstalk::harness
