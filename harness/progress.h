// The line that says how far a run has come. On a terminal only: it is drawn over and over in one place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "harness/flags.h"

namespace crosstalk::harness {

struct ProgressState {
  std::uint64_t done = 0;  // trials
  std::uint64_t total = 0;
  double share = 0;              // of the planned time that is over, 0 to 1
  std::uint64_t elapsed_ns = 0;  // since the start
  std::string_view what;         // the trial at hand
  // Of a trial that lasts long enough to be watched:
  std::string_view phase{};               // empty: not known
  std::optional<double> rate_ops_s{};     // of late
  std::optional<std::uint64_t> p99_ns{};  // of all responses so far
};

// " 12/48  25 %  ETA 1m30s  sharded/ticket  measure  1.23M/s  p99 4.50 us", cut to `width` characters. There is no ETA before anything is
// over.
[[nodiscard]] std::string progress_text(const ProgressState& state, std::size_t width);

// Unless NO_COLOR holds anything.
[[nodiscard]] bool colour_allowed(const Environment& environment);

class Progress {
 public:
  struct Options {
    bool visible = false;
    bool colour = false;
    std::size_t width = 80;
  };
  // For standard error: visible if that is a terminal that can redraw a line, unless quiet; no colour under
  // NO_COLOR.
  [[nodiscard]] static Options on_terminal(const Environment& environment, bool quiet);

  Progress(std::ostream& err, Options options) : err_(err), options_(options) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(const ProgressState& state);
  // Wipes the line, so that something else can be printed.
  void clear();

 private:
  std::ostream& err_;
  Options options_;
  std::size_t drawn_ = 0;  // characters that stand there now
};

}  // namespace crosstalk::harness
