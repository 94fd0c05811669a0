// Measures plans into one results folder: every trial's rows are written as soon as it ends, progress goes to stderr.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/anatomy_table.h"
#include "harness/calibration.h"
#include "harness/catalog.h"
#include "harness/count/count_table.h"
#include "harness/interrupt.h"
#include "harness/live_file.h"
#include "harness/plan.h"
#include "harness/progress.h"
#include "harness/session.h"
#include "harness/streams.h"
#include "harness/summary.h"
#include "harness/text_table.h"
#include "harness/threshold_table.h"
#include "reports/csv_writer.h"

namespace crosstalk::harness {

struct CampaignOptions {
  std::filesystem::path out;
  bool quiet = false;
  Progress::Options progress;
  std::filesystem::path live{};  // --live; empty: none
  std::string command;           // for environment.csv: what was asked for
  std::vector<reports::Threshold> thresholds{};
  std::function<void(const reports::RunResult&)>
      observer{};  // told of every result once it is written; may be empty
  bool plug_ins_checked =
      true;  // else rows of what is plugged in are not `verified`, whatever their laws say
  std::uint64_t reference_ops = ~std::uint64_t{0};  // see ReferenceCheck
};

class Campaign {
 public:
  // `catalog` must outlive the campaign. Opens the results folder: what is wrong with it is known before anything is measured. Throws reports::OutputError.
  Campaign(const Catalog& catalog, CampaignOptions options, Streams streams);

  // Runs the plan, or as much of it as there is time for before a signal. Throws workloads::InputError and
  // reports::OutputError. `go_on`, where there is one, is asked before every block but the first of the plan.
  void run(const Plan& plan, const std::function<bool()>& go_on = {});

  [[nodiscard]] const Summary& summary() const noexcept { return summary_; }
  [[nodiscard]] const AnatomyTable& anatomy() const noexcept { return anatomy_; }
  [[nodiscard]] const count::CountTable& counts() const noexcept { return counts_; }
  [[nodiscard]] const ThresholdTable& thresholds() const noexcept { return thresholds_; }
  [[nodiscard]] bool interrupted() const noexcept { return session_.interrupted(); }
  // --live could not be written to its end: exit code 7.
  [[nodiscard]] bool live_failed() const noexcept { return live_ && !live_->failure().empty(); }
  // By DESIGN's order of precedence: an interruption outweighs what the rows say.
  [[nodiscard]] int exit_code() const;

 private:
  void mark_unchecked(const PlanRow& row, reports::RunResult& result) const;
  void report_at_once(const reports::RunResult& result);
  void warn_of_live();

  const Catalog& catalog_;
  CampaignOptions options_;
  Streams streams_;
  std::string run_id_;
  reports::ResultsWriter writer_;
  Interrupt interrupt_;
  std::optional<Calibration> calibration_ = load_calibration();
  Session session_;
  Summary summary_;
  AnatomyTable anatomy_;
  count::CountTable counts_;
  ThresholdTable thresholds_;
  std::optional<LiveFile> live_;
  bool live_was_told_ = false;
};

// Prints the table, findings, warnings and the folder. The table alone goes to stdout unless the format is made for
// people, who want it all in one place.
void print_summary(const Summary& summary, Format format, const std::filesystem::path& out, Streams streams);

// Throws UnfitBuild unless this program is optimised and free of assertions and sanitizers.
class UnfitBuild : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
void require_fit_build();

}  // namespace crosstalk::harness
