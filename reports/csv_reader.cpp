#include "reports/csv_reader.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "reports/csv_cells.h"

namespace crosstalk::reports {

namespace {

constexpr unsigned kRead = 18;

RunRow to_row(const CsvCells<kRead>& cells, const std::array<char*, kRead>& c) {
  cells.check_version(c[0]);
  RunRow row;
  row.run_id = c[1];
  row.block = cells.number<std::uint64_t>("block", c[2]);
  row.trial = cells.number<std::uint64_t>("trial", c[3]);
  row.role = c[4];
  const auto status = parse_status(c[5]);
  if (!status) cells.fail(std::string("status: unknown: '") + c[5] + "'");
  row.status = *status;
  if (const auto verified = cells.maybe<int>("verified", c[6])) row.verified = *verified != 0;
  row.trace_hash = c[7];
  row.strategy = c[8];
  row.load_model = c[9];
  row.op = c[10];
  row.achieved_ops_s = cells.number<double>("achieved_ops_s", c[11]);
  row.count = cells.number<std::uint64_t>("count", c[12]);
  row.service_p50_ns = cells.maybe<std::uint64_t>("service_p50_ns", c[13]);
  row.response_p50_ns = cells.maybe<std::uint64_t>("response_p50_ns", c[14]);
  row.response_p99_ns = cells.maybe<std::uint64_t>("response_p99_ns", c[15]);
  row.cpu_user_s = cells.number<double>("cpu_user_s", c[16]);
  row.cpu_system_s = cells.number<double>("cpu_system_s", c[17]);
  return row;
}

}  // namespace

void check_bytes(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw CsvError(file + ": cannot be opened");
  std::size_t lines = 0;  // that ended before this chunk
  char last = '\n';
  bool any = false;
  for (std::string chunk(1 << 16, '\0'); in;) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const std::string_view bytes(chunk.data(), static_cast<std::size_t>(in.gcount()));
    const auto line_ends = [&](std::size_t length) {
      return static_cast<std::size_t>(
          std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length), '\n'));
    };
    if (const auto nul = bytes.find('\0'); nul != std::string_view::npos) {
      throw CsvError(file + ":" + std::to_string(lines + line_ends(nul) + 1) +
                     ": a NUL byte (is the file UTF-16?)");
    }
    if (bytes.empty()) break;
    lines += line_ends(bytes.size());
    last = bytes.back();
    any = true;
  }
  if (!any) throw CsvError(file + ":1: the file is empty");
  if (last != '\n') throw CsvError(file + ":" + std::to_string(lines + 1) + ": the last line is cut off");
}

std::vector<RunRow> read_runs(const std::filesystem::path& path) {
  const std::string file = path.string();
  check_bytes(file);
  try {
    CellReader<kRead> reader(file);
    reader.read_header(io::ignore_extra_column, "schema_version", "run_id", "block", "trial", "role",
                       "status", "verified", "trace_hash", "strategy", "load_model", "op", "achieved_ops_s",
                       "count", "service_p50_ns", "response_p50_ns", "response_p99_ns", "cpu_user_s",
                       "cpu_system_s");
    const CsvCells<kRead> cells(file, reader);
    std::vector<RunRow> rows;
    std::array<char*, kRead> c{};
    while (reader.read_row(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12],
                           c[13], c[14], c[15], c[16], c[17])) {
      rows.push_back(to_row(cells, c));
    }
    return rows;
  } catch (const io::error::base& error) {
    throw CsvError(file + ": " + error.what());
  }
}

}  // namespace crosstalk::reports
