// Whatever bytes a trace file holds: refused with file and reason, or rows that keep the reader's promises.
#include <algorithm>
#include <cstdlib>

#include "workloads/fuzz_file.h"
#include "workloads/trace_csv.h"

namespace crosstalk::workloads {
namespace {

void require(bool held) {
  if (!held) std::abort();
}

void check_rows(const TraceRows& trace) {
  require(!trace.rows.empty());
  std::uint64_t last_ns = 0;
  for (const TraceRow& row : trace.rows) {
    require(row.time_ns >= last_ns && row.user < trace.users.size());
    require(row.room == kNoRoom || row.room < trace.rooms.size());
    if (row.event == TraceEvent::move) require(row.target < trace.rooms.size());
    if (row.event == TraceEvent::direct || row.event == TraceEvent::presence)
      require(row.target < trace.users.size());
    last_ns = row.time_ns;
  }
}

}  // namespace
}  // namespace crosstalk::workloads

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace crosstalk::workloads;
  static const FuzzFile file;
  const auto path = file.holding(data, size);
  try {
    check_rows(read_trace_csv(path));
  } catch (const InputError& error) {
    require_refusal(error.what(), path);
  }
  return 0;
}
