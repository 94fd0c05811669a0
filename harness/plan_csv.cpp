// The CSV form of a plan.
#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>

#include "harness/choices.h"
#include "harness/count/countable.h"
#include "harness/limits.h"
#include "harness/output_file.h"
#include "harness/plan.h"
#include "harness/values.h"
#include "reports/csv_text.h"
#include "workloads/input_error.h"
#include "workloads/nearest.h"
#include "workloads/scenario.h"

namespace crosstalk::harness {

namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kAnything = std::numeric_limits<std::uint64_t>::max();

// A column: how a row's cell is written, and how it is read back (throws ValueError).
struct PlanColumn {
  std::string_view name;
  std::function<void(reports::CsvText&, const PlanRow&)> write;
  std::function<void(PlanRow&, std::string_view)> read;
  bool optional = false;  // may be missing: the row then has the default
};

PlanColumn later(PlanColumn column) {
  column.optional = true;
  return column;
}

PlanColumn text(std::string_view name, std::string PlanRow::*member) {
  return {name, [=](reports::CsvText& out, const PlanRow& row) { out.exactly(row.*member); },
          [=](PlanRow& row, std::string_view cell) { row.*member = cell; }};
}

template <class T>
PlanColumn whole(std::string_view name, T PlanRow::*member, WholeBounds bounds) {
  return {
      name, [=](reports::CsvText& out, const PlanRow& row) { out.cell(row.*member); },
      [=](PlanRow& row, std::string_view cell) { row.*member = static_cast<T>(parse_whole(cell, bounds)); }};
}

PlanColumn real(std::string_view name, double PlanRow::*member, RealBounds bounds) {
  return {name, [=](reports::CsvText& out, const PlanRow& row) { out.cell(row.*member); },
          [=](PlanRow& row, std::string_view cell) { row.*member = parse_real(cell, bounds); }};
}

template <class Choice, std::size_t n>
PlanColumn choice(std::string_view name, Choice PlanRow::*member,
                  const std::array<std::string_view, n>& words) {
  return {
      name, [=](reports::CsvText& out, const PlanRow& row) { out.cell(to_string(row.*member)); },
      [=, &words](PlanRow& row, std::string_view cell) { row.*member = parse_choice<Choice>(cell, words); }};
}

PlanColumn flag(std::string_view name, bool PlanRow::*member) {
  return {name, [=](reports::CsvText& out, const PlanRow& row) { out.cell(row.*member); },
          [=](PlanRow& row, std::string_view cell) {
            row.*member = parse_whole(cell, {0, 1}) == 1;
          }};
}

PlanColumn schema_column() {
  return {"schema_version", [](reports::CsvText& out, const PlanRow&) { out.cell(kVersion); },
          [](PlanRow&, std::string_view cell) {
            static_cast<void>(parse_whole(cell, {kVersion, kVersion}));
          }};
}

PlanColumn scenario_settings() {
  PlanColumn column = text("settings", &PlanRow::settings);
  column.read = [](PlanRow& row, std::string_view cell) {
    row.settings = cell;
    if (cell.empty()) return;
    try {
      workloads::Scenario any;
      workloads::set_keys(any, cell);
    } catch (const workloads::InputError& error) {
      throw ValueError(error.what());
    }
  };
  return column;
}

PlanColumn repeats() {
  return {
      "repeat", [](reports::CsvText& out, const PlanRow& row) { out.cell(repeat_text(row.repeat)); },
      [](PlanRow& row, std::string_view cell) { row.repeat = cell.empty() ? Repeat{} : parse_repeat(cell); }};
}

// Bounds that also let 0 through, where it means "there is none".
constexpr WholeBounds or_none(WholeBounds bounds) {
  return {0, bounds.high};
}
constexpr RealBounds or_none(RealBounds bounds) {
  return {0, bounds.high};
}

const std::vector<PlanColumn>& columns() {
  using R = PlanRow;
  static const std::vector<PlanColumn> all{
      schema_column(),
      whole("row", &R::row, {0, kPlanLimit - 1}),
      whole("block", &R::block, {0, kPlanLimit - 1}),
      whole("repetition", &R::repetition, {0, kPlanLimit - 1}),
      flag("floor", &R::floor),
      text("strategy", &R::strategy),
      text("scenario", &R::scenario),
      text("trace", &R::trace),
      real("time_scale", &R::time_scale, or_none(kTimeScaleBounds)),
      real("lurkers", &R::lurkers, kLurkersBounds),
      choice("path", &R::path, kPathWords),
      text("pool", &PlanRow::pool),
      choice("queue_policy", &R::queue_policy, kQueuePolicyWords),
      choice("counter", &R::counter, kCounterWords),
      choice("dispatch", &R::dispatch, kDispatchWords),
      choice("store", &R::store, kStoreWords),
      whole("clients", &R::clients, or_none(kClientsBounds)),
      whole("threads", &R::threads, kThreadsBounds),
      whole("workers", &R::workers, or_none(kThreadsBounds)),
      whole("inflight", &R::inflight, or_none(kInflightBounds)),
      choice("load", &R::load, kLoadWords),
      real("rate_ops_s", &R::rate_ops_s, or_none(kRateBounds)),
      whole("duration_ns", &R::duration_ns, or_none(kDurationBounds)),
      whole("warmup_ns", &R::warmup_ns, kWarmupBounds),
      whole("operations", &R::operations, or_none(kOperationsBounds)),
      whole("timeout_ns", &R::timeout_ns, {1, kAnything}),
      whole("seed", &R::seed, kSeedBounds),
      choice("pin", &R::pin, kPinWords),
      choice("checks", &R::checks, kChecksWords),
      flag("latency", &R::latency),
      // Later than the first plans, which do without them.
      later(text("stages", &R::stages)),
      later(text("envelope", &R::envelope)),
      later(text("think", &R::think)),
      later(flag("steady", &R::steady)),
      later(flag("anatomy", &R::anatomy)),
      later(flag("arena", &R::arena)),
      later(flag("sleeps", &R::sleeps)),
      later(real("foreign_limit_pct", &R::foreign_limit_pct, kForeignLimitBounds)),
      later(scenario_settings()),
      later(whole("outside_ns", &R::outside_ns, kOutsideBounds)),
      later(repeats()),
      later(flag("count", &R::count)),
  };
  return all;
}

// A cell that does not go with the others of its row.
struct Contradiction {
  std::string_view column;
  std::string problem;
};

std::optional<Contradiction> contradiction_of_loads(const PlanRow& row) {
  const bool closed = row.load == LoadModel::closed;
  if (!row.stages.empty() && !row.envelope.empty()) return {{"envelope", "must be empty beside stages"}};
  if (row.has_profile() && (!row.has_rate() || row.operations > 0))
    return {
        {row.stages.empty() ? "envelope" : "stages", "must be empty without a rate, and with operations"}};
  if (!row.think.empty() && !closed) return {{"think", "must be empty unless the load is closed"}};
  if (!row.think.empty() && !row.latency) return {{"think", "must be empty where latency is 0"}};
  if (row.outside_ns > 0 && (!closed || row.path != Path::direct || !row.think.empty())) {
    return {{"outside_ns", "must be 0 unless the path is direct, the load closed and think empty, got " +
                               std::to_string(row.outside_ns)}};
  }
  const bool repeats = row.repeat.of != RepeatOf::nothing;
  if (repeats && (!closed || !row.think.empty()))
    return {{"repeat", "must be empty unless the load is closed and think empty"}};
  if (row.repeat.of == RepeatOf::pool && row.path != Path::pooled)
    return {{"repeat", "must not be of the pool unless the path is pooled"}};
  if (row.anatomy && !row.latency) return {{"anatomy", "must be 0 where latency is 0, got 1"}};
  if (const std::string why = row.count ? count::obstacle_to_counting(row) : ""; !why.empty())
    return {{"count", why}};
  if (row.steady && row.warmup_ns == 0) return {{"steady", "must be 0 without a warm-up, got 1"}};
  return std::nullopt;
}

std::optional<Contradiction> contradiction_of(const PlanRow& row) {
  const bool replay = !row.trace.empty();
  const bool pooled = row.path == Path::pooled;
  const bool closed = row.load == LoadModel::closed;
  const auto whole = [](std::uint64_t value) { return ", got " + std::to_string(value); };
  if (row.strategy.empty()) return {{"strategy", "must be server/mechanism, got nothing"}};
  if (row.scenario.empty() != replay)
    return {{"scenario", "must be given where trace is not, and only there"}};
  if ((row.clients == 0) != replay)
    return {{"clients", "must be 0 for a replay, and only there" + whole(row.clients)}};
  if ((row.load == LoadModel::trace) && !replay) return {{"load", "must not be trace without a trace"}};
  if (row.has_rate() && replay) return {{"load", "must be closed or trace for a replay"}};
  if ((row.rate_ops_s > 0) != row.has_rate()) {
    return {{"rate_ops_s", "must be above 0 for constant, poisson and hawkes load, and only there, got " +
                               format_real(row.rate_ops_s)}};
  }
  if ((row.workers > 0) != row.has_workers())
    return {{"workers", "must be above 0 for path or dispatch pooled, and only there" + whole(row.workers)}};
  if ((row.inflight > 0) != (pooled && closed && row.think.empty())) {
    return {
        {"inflight", "must be above 0 for path pooled in a closed loop without think time, and only there" +
                         whole(row.inflight)}};
  }
  if (replay && !row.settings.empty())
    return {{"settings", "must be empty for a replay, got " + shown(row.settings)}};
  if (replay && row.operations > 0) return {{"operations", "must be 0 for a replay" + whole(row.operations)}};
  if (!replay && (row.time_scale > 0) != !row.envelope.empty()) {
    return {{"time_scale", "must be above 0 for an envelope, and else 0 without a trace, got " +
                               format_real(row.time_scale)}};
  }
  if (const auto wrong = contradiction_of_loads(row)) return wrong;
  const bool has_length = row.operations > 0 || (replay && row.time_scale > 0);
  if ((row.duration_ns > 0) == has_length) {
    return {{"duration_ns", "must be above 0 where neither operations nor time_scale are, and only there" +
                                whole(row.duration_ns)}};
  }
  if (!row.latency && (pooled || !closed))
    return {{"latency", "must be 1 unless the path is direct and the load closed, got 0"}};
  return std::nullopt;
}

class PlanReader {
 public:
  explicit PlanReader(const std::filesystem::path& path) : file_(path.string()) {
    std::ifstream in(path, std::ios::binary);
    std::error_code ignored;
    if (!in || std::filesystem::is_directory(path, ignored))
      throw workloads::InputError(file_ + ": cannot be opened");
    content_.assign(std::istreambuf_iterator<char>(in), {});
    if (in.bad()) throw workloads::InputError(file_ + ": cannot be read");
  }

  Plan read() {
    std::string_view rest = content_;
    if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
    if (rest.empty()) fail("the file is empty");
    Plan plan;
    while (!rest.empty()) {
      ++line_;
      const auto end = rest.find('\n');
      if (end == std::string_view::npos) fail("the last line is cut off");
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(end + 1);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.find('\0') != std::string_view::npos) fail("a NUL byte (is the file UTF-16?)");
      if (line_ == 1) {
        read_header(cells_of(line));
      } else {
        add(plan, row_of(cells_of(line)));
      }
    }
    if (plan.empty()) fail("there are no rows behind the header");
    return plan;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw workloads::InputError(file_ + ":" + std::to_string(std::max<std::size_t>(line_, 1)) + ": " +
                                reason);
  }
  [[noreturn]] void fail(std::string_view column, const std::string& reason) const {
    fail(std::string(column) + ": " + reason);
  }

  // The cells of a line (RFC 4180; a line break never stands in a cell).
  std::vector<std::string> cells_of(std::string_view line) const {
    std::vector<std::string> cells(1);
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == ',') {
        cells.emplace_back();
        continue;
      }
      if (line[i] != '"') {
        cells.back() += line[i];
        continue;
      }
      if (!cells.back().empty()) fail("a quote inside a cell that does not begin with one");
      i = read_quoted(line, i + 1, cells.back());
      if (i + 1 < line.size() && line[i + 1] != ',') fail("text behind a closing quote");
    }
    return cells;
  }

  // Returns where the closing quote stands.
  std::size_t read_quoted(std::string_view line, std::size_t i, std::string& cell) const {
    for (; i < line.size(); ++i) {
      if (line[i] != '"') {
        cell += line[i];
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        cell += line[i++];
      } else {
        return i;
      }
    }
    fail("a quote is not closed");
  }

  void read_header(const std::vector<std::string>& names) {
    std::vector<std::string> known;
    for (const PlanColumn& column : columns()) known.emplace_back(column.name);
    for (const std::string& name : names) {
      const auto found = std::find(known.begin(), known.end(), name);
      // An unknown column may ask for something that this version would not do.
      if (found == known.end()) fail("unknown column " + shown(name) + workloads::did_you_mean(name, known));
      const PlanColumn* column = &columns()[static_cast<std::size_t>(found - known.begin())];
      if (std::find(order_.begin(), order_.end(), column) != order_.end())
        fail(column->name, "the column stands twice");
      order_.push_back(column);
    }
    for (const PlanColumn& column : columns()) {
      if (!column.optional && std::find(order_.begin(), order_.end(), &column) == order_.end())
        fail(column.name, "the column is missing");
    }
  }

  PlanRow row_of(const std::vector<std::string>& cells) const {
    if (cells.size() != order_.size()) {
      fail("must have " + std::to_string(order_.size()) + " cells, got " + std::to_string(cells.size()));
    }
    PlanRow row;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      try {
        order_[i]->read(row, cells[i]);
      } catch (const ValueError& error) {
        fail(order_[i]->name, error.what());
      }
    }
    if (const auto wrong = contradiction_of(row)) fail(wrong->column, wrong->problem);
    return row;
  }

  void add(Plan& plan, PlanRow row) const {
    if (!plan.empty() && row.row <= plan.back().row) {
      fail("row", "must be above the row before, " + std::to_string(plan.back().row) + ", got " +
                      std::to_string(row.row));
    }
    plan.push_back(std::move(row));
  }

  std::string file_;
  std::string content_;
  std::size_t line_ = 0;
  std::vector<const PlanColumn*> order_;
};

}  // namespace

std::string plan_text(const Plan& plan) {
  reports::CsvText out;
  for (const PlanColumn& column : columns()) out.cell(column.name);
  out.end_row();
  for (const PlanRow& row : plan) {
    for (const PlanColumn& column : columns()) column.write(out, row);
    out.end_row();
  }
  return out.text();
}

void write_plan(const std::filesystem::path& path, const Plan& plan) {
  OutputFile file(path);
  file.stream() << plan_text(plan);
  file.commit();
}

Plan read_plan(const std::filesystem::path& path) {
  return PlanReader(path).read();
}

}  // namespace crosstalk::harness
