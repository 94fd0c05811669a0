// A results folder in the text exposition format of Prometheus 0.0.4, for a push gateway or the node exporter's text files.
#pragma once

#include <string>

#include "harness/recorded_folder.h"

namespace crosstalk::harness {

// One sample per load and strategy of each family, over the trials that were measured soundly; base units (seconds, bytes).
// The histogram's bounds are powers of two of nanoseconds less one, where the buckets of ours end, so that counts are exact.
[[nodiscard]] std::string prometheus_text(const RecordedFolder& folder);

}  // namespace crosstalk::harness
