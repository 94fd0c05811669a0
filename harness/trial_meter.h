// What the process and the machine spend on the measured phase of a trial: processor time, switches, faults, hardware
// counts, and what others took. Read by the thread that watches the trial, which sleeps meanwhile.
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/foreign_load.h"
#include "harness/hardware_counters.h"
#include "harness/resources.h"
#include "harness/trial_report.h"

namespace crosstalk::harness {

class TrialMeter {
 public:
  // Before the first thread of the trial, since counters are inherited.
  TrialMeter() = default;

  // Shortly before begin(): this alone allocates.
  void prepare() { load_ = load_snapshot(); }
  void begin() noexcept {
    counted_ = counters_.read();
    used_ = resources_used();
  }
  void end(TrialReport& report) const noexcept {
    const Resources now = resources_used();
    report.cpu_user_s = now.cpu_user_s - used_.cpu_user_s;
    report.cpu_system_s = now.cpu_system_s - used_.cpu_system_s;
    report.switches_voluntary = now.switches_voluntary - used_.switches_voluntary;
    report.switches_involuntary = now.switches_involuntary - used_.switches_involuntary;
    report.faults_minor = now.faults_minor - used_.faults_minor;
    report.faults_major = now.faults_major - used_.faults_major;
    report.rss_max_bytes = now.rss_max_bytes;
    report.hardware = counts_between(counted_, counters_.read());
  }
  // Soon after end(); allocates.
  void note_others(TrialReport& report) const { report.foreign = foreign_load_since(load_); }

 private:
  HardwareCounters counters_;
  LoadSnapshot load_;
  HardwareReading counted_{};
  Resources used_;
};

}  // namespace crosstalk::harness
