#include "harness/junit_export.h"

#include <cstdio>

#include "harness/printable.h"

namespace crosstalk::harness {

namespace {

using reports::RecordedTrial;
using reports::Status;

struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;
};

std::string seconds_text(double seconds) {
  char text[64];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

std::string attribute(const char* name, std::string_view value) {
  return std::string(" ") + name + "=\"" + xml_text(value) + "\"";
}

std::string counts_of(const Counts& counts) {
  return attribute("tests", std::to_string(counts.tests)) +
         attribute("failures", std::to_string(counts.failures)) +
         attribute("errors", std::to_string(counts.errors)) +
         attribute("skipped", std::to_string(counts.skipped)) +
         attribute("time", seconds_text(counts.seconds));
}

// What is wrong with a trial, as an element; nothing where nothing is.
std::string verdict(const RecordedTrial& trial, Counts& counts) {
  const std::string reason =
      trial.status_reason.empty() ? std::string(to_string(trial.status)) : trial.status_reason;
  const auto element = [&](const char* name, std::string_view type) {
    return "      <" + std::string(name) + attribute("type", type) + attribute("message", reason) + "/>\n";
  };
  if (!trial.verified.value_or(true)) {
    ++counts.failures;
    return element("failure", "law_broken");
  }
  if (trial.status == Status::failed) {
    ++counts.errors;
    return element("error", to_string(trial.status));
  }
  if (trial.sound()) return "";
  ++counts.skipped;
  return "      <skipped" + attribute("message", std::string(to_string(trial.status)) + ": " + reason) +
         "/>\n";
}

std::string test_case(const LoadRecord& load, const RecordedTrial& trial, Counts& counts) {
  const double seconds = static_cast<double>(trial.measured_ns()) * 1e-9;
  ++counts.tests;
  counts.seconds += seconds;
  const std::string name = trial.identity.strategy + ", trial " + std::to_string(trial.identity.trial) +
                           " of run " + trial.identity.run_id;
  std::string text = "    <testcase" +
                     attribute("classname", load.identity().scenario + "." + load.name.text) +
                     attribute("name", name) + attribute("time", seconds_text(seconds));
  const std::string inside = verdict(trial, counts);
  return text + (inside.empty() ? "/>\n" : ">\n" + inside + "    </testcase>\n");
}

void add(Counts& to, const Counts& more) {
  to.tests += more.tests;
  to.failures += more.failures;
  to.errors += more.errors;
  to.skipped += more.skipped;
  to.seconds += more.seconds;
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string result;
  const std::string safe = printable(text);
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const std::string_view three = std::string_view(safe).substr(i, 3);
    // Characters of three bytes that XML forbids: surrogates (ED A0 to ED BF), U+FFFE and U+FFFF.
    const bool surrogate =
        three.size() == 3 && three[0] == '\xED' && static_cast<unsigned char>(three[1]) >= 0xA0;
    const bool no_character =
        three.starts_with("\xEF\xBF") && three.size() == 3 && static_cast<unsigned char>(three[2]) >= 0xBE;
    // Two bytes more than needed: an overlong form, or beyond the last character of Unicode (F4 8F BF BF).
    const auto lead = static_cast<unsigned char>(safe[i]);
    const auto next = i + 1 < safe.size() ? static_cast<unsigned char>(safe[i + 1]) : 0U;
    const bool overlong3 = lead == 0xE0 && next < 0xA0;
    const bool wrong4 = (lead == 0xF0 && next < 0x90) || (lead == 0xF4 && next > 0x8F) || lead > 0xF4;
    if (surrogate || no_character || overlong3) {
      result += "\xEF\xBF\xBD";
      i += 2;
    } else if (wrong4) {
      result += "\xEF\xBF\xBD";
      i += 3;
    } else if (safe[i] == '&') {
      result += "&amp;";
    } else if (safe[i] == '<') {
      result += "&lt;";
    } else if (safe[i] == '>') {
      result += "&gt;";
    } else if (safe[i] == '"') {
      result += "&quot;";
    } else {
      result += safe[i];
    }
  }
  return result;
}

std::string junit_xml(const RecordedFolder& folder) {
  Counts all;
  std::string suites;
  for (const LoadRecord& load : folder.loads()) {
    Counts counts;
    std::string cases;
    for (const StrategyRecord& record : load.strategies) {
      for (const RecordedTrial* trial : record.trials) cases += test_case(load, *trial, counts);
    }
    suites += "  <testsuite" + attribute("name", load.identity().scenario + ": " + load.name.text) +
              counts_of(counts) + ">\n" + cases + "  </testsuite>\n";
    add(all, counts);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", "crosstalk") +
         counts_of(all) + ">\n" + suites + "</testsuites>\n";
}

}  // namespace crosstalk::harness
