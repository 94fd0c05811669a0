#include "harness/run_command.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "harness/campaign.h"
#include "harness/flags.h"
#include "harness/plug_in_check.h"
#include "harness/printable.h"
#include "harness/text_table.h"
#include "harness/threshold_table.h"

namespace crosstalk::harness {

namespace {

Plan chosen_plan(const RunOptions& options) {
  if (options.plan.empty() || options.dry_run) return make_plan(options.request);
  Plan plan = read_plan(options.plan);
  if (!options.row) return plan;
  for (const PlanRow& row : plan) {
    if (row.row == *options.row) return {row};
  }
  throw UsageError("--row: must be one of the " + std::to_string(plan.size()) + " rows of " +
                   options.plan.string() + ", got " + std::to_string(*options.row));
}

void write_dry(const RunOptions& options, const Plan& plan, Streams streams) {
  if (!options.plan.empty()) {
    write_plan(options.plan, plan);
    streams.err << "plan: " << options.plan.string() << ", " << plan.size() << " trials" << std::endl;
    return;
  }
  TextTable table;
  table.columns = {{"row", true},     {"block", true}, {"strategy", false}, {"clients", true},
                   {"threads", true}, {"load", false}, {"rate", true}};
  for (const PlanRow& row : plan) {
    table.rows.push_back({std::to_string(row.row), std::to_string(row.block), row.strategy,
                          row.clients == 0 ? "" : std::to_string(row.clients), std::to_string(row.threads),
                          std::string(to_string(row.load)),
                          row.rate_ops_s == 0 ? "" : format_real(row.rate_ops_s)});
  }
  print_table(streams.out, table, options.format);
}

void print_anatomy(const AnatomyTable& anatomy, Format format, Streams streams) {
  if (anatomy.empty()) return;
  const bool for_people = format == Format::table || format == Format::markdown;
  std::ostream& out = for_people ? streams.out : streams.err;
  out << "\nwhere the time of an operation goes, means: late (the generator), queue,\nwait for locks, hold of them, rest\n\n";
  print_table(out, anatomy.table(), for_people ? format : Format::table);
  out << '\n' << wrapped(anatomy.cost(), 2) << '\n';
  out.flush();
}

void print_counts(const count::CountTable& counts, Format format, Streams streams) {
  if (counts.empty()) return;
  const bool for_people = format == Format::table || format == Format::markdown;
  std::ostream& out = for_people ? streams.out : streams.err;
  out << "\nwhat an operation does, counted exactly in a replay; taken: acquisitions of\nall its locks that found one taken, which is not exact\n";
  for (const auto& [strategy, table] : counts.tables()) {
    out << '\n' << printable(strategy) << ":\n\n";
    print_table(out, table, for_people ? format : Format::table);
  }
  out.flush();
}

// A stored plan's strategies are not known before it is read.
void require_judged(const RunOptions& options, const Plan& plan) {
  if (options.thresholds.empty()) return;
  if (std::all_of(plan.begin(), plan.end(), [](const PlanRow& row) { return row.floor; }))
    throw UsageError(std::string("--threshold") + kJudgesNothing);
}

// What was measured, beside the results. Not where one row of a plan was, whose file the other rows need too; and a plan that
// was read from this very place stays as it is.
void keep_plan(const RunOptions& options, const Plan& plan) {
  const std::filesystem::path file = options.out / "plan.csv";
  std::error_code not_there;
  if (options.row || std::filesystem::equivalent(options.plan, file, not_there)) return;
  write_plan(file, plan);
}

}  // namespace

int run_command(const Catalog& catalog, const RunOptions& options, Streams streams) {
  if (!options.quiet) {
    for (const std::string& note : options.notes) streams.err << wrapped("note: " + note, 2) << '\n';
  }
  const Plan plan = chosen_plan(options);
  if (options.seed_was_chosen) streams.err << "seed: " << options.request.base.seed << std::endl;
  if (options.dry_run) {
    write_dry(options, plan, streams);
    return 0;
  }
  require_judged(options, plan);
  require_fit_build();
  if (options.check_plugged_in) check_plugged_in(catalog, measured_parts(plan));
  Campaign campaign(catalog,
                    {.out = options.out,
                     .quiet = options.quiet,
                     .progress = options.progress,
                     .live = options.live,
                     .command = options.command,
                     .thresholds = options.thresholds,
                     .plug_ins_checked = options.check_plugged_in,
                     .reference_ops = options.reference_ops},
                    streams);
  keep_plan(options, plan);
  campaign.run(plan);
  print_summary(campaign.summary(), options.format, options.out, streams);
  print_anatomy(campaign.anatomy(), options.format, streams);
  print_counts(campaign.counts(), options.format, streams);
  print_thresholds(campaign.thresholds(), options.format, streams);
  return campaign.exit_code();
}

}  // namespace crosstalk::harness
