#include "reports/csv_reader.h"

// The library starts a reading thread of its own unless told not to.
#define CSV_IO_NO_THREAD
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <libfccp/csv.h>
#pragma GCC diagnostic pop

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>

namespace crosstalk::reports {

namespace {

using Reader = io::CSVReader<18, io::trim_chars<>, io::double_quote_escape<',', '"'>>;

// Cells are read as text and converted here: the library takes an empty integer cell for 0 and rounds decimals its own
// way.
class Cells {
 public:
  Cells(std::string file, const Reader& reader) : file_(std::move(file)), reader_(reader) {}

  template <class T>
  T number(const char* column, const char* text) const {
    T value{};
    const char* end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    if (error != std::errc() || stop != end || text == end || !finite(static_cast<double>(value))) {
      fail(std::string(column) + ": not a number: '" + text + "'");
    }
    return value;
  }
  template <class T>
  std::optional<T> maybe(const char* column, const char* text) const {
    if (*text == '\0') return std::nullopt;
    return number<T>(column, text);
  }
  [[noreturn]] void fail(const std::string& reason) const {
    throw CsvError(file_ + ":" + std::to_string(reader_.get_file_line()) + ": " + reason);
  }

 private:
  static bool finite(double value) { return value - value == 0; }

  std::string file_;
  const Reader& reader_;
};

// What the library cannot see or would misread: NUL ends its lines, a torn last line looks complete.
void check_bytes(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw CsvError(file + ": cannot be opened");
  std::size_t line = 1;
  char last = '\n';
  bool any = false;
  for (std::string chunk(1 << 16, '\0'); in;) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    for (const char c : std::string_view(chunk.data(), static_cast<std::size_t>(in.gcount()))) {
      if (c == '\0') throw CsvError(file + ":" + std::to_string(line) + ": a NUL byte (is the file UTF-16?)");
      if (c == '\n') ++line;
      last = c;
      any = true;
    }
  }
  if (!any) throw CsvError(file + ":1: the file is empty");
  if (last != '\n') throw CsvError(file + ":" + std::to_string(line) + ": the last line is cut off");
}

RunRow to_row(const Cells& cells, const std::array<char*, 18>& c) {
  if (cells.number<int>("schema_version", c[0]) != kSchemaVersion) {
    cells.fail("schema_version: must be " + std::to_string(kSchemaVersion) + ", got " + c[0]);
  }
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

std::vector<RunRow> read_runs(const std::filesystem::path& path) {
  const std::string file = path.string();
  check_bytes(file);
  try {
    Reader reader(file);
    reader.read_header(io::ignore_extra_column, "schema_version", "run_id", "block", "trial", "role",
                       "status", "verified", "trace_hash", "strategy", "load_model", "op", "achieved_ops_s",
                       "count", "service_p50_ns", "response_p50_ns", "response_p99_ns", "cpu_user_s",
                       "cpu_system_s");
    const Cells cells(file, reader);
    std::vector<RunRow> rows;
    std::array<char*, 18> c{};
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
