#include "harness/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "harness/display.h"
#include "harness/values.h"

namespace crosstalk::harness {

namespace {

constexpr std::uint64_t kTickSecondNs = 1'000'000'000;

std::string eta_of(const ProgressState& state) {
  if (state.share <= 0 || state.elapsed_ns == 0) return "";
  const double left_s = static_cast<double>(state.elapsed_ns) * 1e-9 * (1 - state.share) / state.share;
  constexpr double kFar = 1e9;  // thirty years: no ETA at all
  if (!(left_s < kFar)) return "";
  return "  ETA " + format_duration(static_cast<std::uint64_t>(std::round(left_s)) * kTickSecondNs);
}

std::string variable(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

}  // namespace

std::string progress_text(const ProgressState& state, std::size_t width) {
  const std::string total = std::to_string(state.total);
  std::string done = std::to_string(state.done);
  done.insert(0, total.size() - std::min(total.size(), done.size()), ' ');
  const double share = std::clamp(state.share, 0.0, 1.0);
  std::string text =
      done + "/" + total + "  " + std::to_string(static_cast<int>(share * 100)) + " %" + eta_of(state);
  text += "  " + std::string(state.what);
  if (!state.phase.empty()) text += "  " + std::string(state.phase);
  if (state.rate_ops_s) text += "  " + display_rate(*state.rate_ops_s);
  if (state.p99_ns) text += "  p99 " + display_ns(static_cast<double>(*state.p99_ns));
  return text.substr(0, width);
}

bool colour_allowed(const Environment& environment) {
  return variable(environment, "NO_COLOR").empty();
}

Progress::Options Progress::on_terminal(const Environment& environment, bool quiet) {
  Options options;
  const std::string terminal = variable(environment, "TERM");
  options.visible = !quiet && ::isatty(STDERR_FILENO) == 1 && terminal != "dumb" && !terminal.empty();
  options.colour = options.visible && colour_allowed(environment);
  winsize size{};
  if (options.visible && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    options.width = size.ws_col;
  return options;
}

void Progress::show(const ProgressState& state) {
  if (!options_.visible) return;
  // A line as wide as the terminal would wrap, and then be drawn twice.
  const std::string text = progress_text(state, options_.width - 1);
  const std::string rest(drawn_ - std::min(drawn_, text.size()), ' ');
  err_ << '\r' << (options_.colour ? "\x1b[36m" : "") << text << (options_.colour ? "\x1b[0m" : "") << rest
       << std::flush;
  drawn_ = text.size();
}

void Progress::clear() {
  if (drawn_ == 0) return;
  err_ << '\r' << std::string(drawn_, ' ') << '\r' << std::flush;
  drawn_ = 0;
}

}  // namespace crosstalk::harness
