#include "workloads/trace_csv.h"

// The library starts a reading thread of its own unless told not to.
#define CSV_IO_NO_THREAD
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <libfccp/csv.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "workloads/nearest.h"
#include "workloads/shown.h"

namespace crosstalk::workloads {

namespace {

using Reader = io::CSVReader<6, io::trim_chars<>, io::double_quote_escape<',', '"'>>;

constexpr std::array<std::string_view, 13> kEvents{"present",  "connect", "disconnect", "join",    "leave",
                                                   "move",     "message", "direct",     "history", "who",
                                                   "presence", "mark",    "upload"};
constexpr std::array<const char*, 6> kColumns{"time_ms", "user", "room", "event", "bytes", "target"};
enum Column : std::size_t { time_ms, user, room, event, bytes, target };

constexpr std::uint64_t kTimeMsMax = 9'000'000'000'000;  // 285 years; nanoseconds must fit 63 bits
constexpr std::uint32_t kIdMax = 0xFFFF'FFFF;
constexpr std::uint32_t kBytesMax = 1U << 24;
constexpr std::uint32_t kHistoryMax = 100'000;
constexpr std::uint32_t kHistoryDefault = 50;
// Room for the rows is taken beforehand, up to a limit, by the size of the file.
constexpr std::uintmax_t kTypicalRowBytes = 24;
constexpr std::uintmax_t kRowsAtOnce = 1U << 24;

[[noreturn]] void fail(const std::string& file, std::uint64_t line, const std::string& reason) {
  throw InputError(file + ":" + std::to_string(line) + ": " + reason);
}

// Passes the file's bytes to the library and sees what that cannot: NUL ends its lines, and a torn last line
// looks complete to it.
class CheckedBytes : public io::ByteSourceBase {
 public:
  explicit CheckedBytes(std::string name)
      : name_(std::move(name)), file_(std::fopen(name_.c_str(), "rb"), std::fclose) {
    if (!file_) throw InputError(name_ + ": cannot be opened: " + std::strerror(errno));
  }

  // Gives less than `size` bytes only at the end of the file, as the library expects.
  int read(char* buffer, int size) override {
    const std::size_t got = std::fread(buffer, 1, static_cast<std::size_t>(size), file_.get());
    if (std::ferror(file_.get()) != 0) throw InputError(name_ + ": cannot be read: " + std::strerror(errno));
    const std::string_view block(buffer, got);
    if (first_block_ && (block.starts_with("\xFF\xFE") || block.starts_with("\xFE\xFF"))) {
      fail(name_, 1, "the file is UTF-16; it must be UTF-8");
    }
    const std::size_t nul = block.find('\0');
    if (nul != block.npos) {
      fail(name_, line_ + newlines(block.substr(0, nul)), "a NUL byte (is the file UTF-16?)");
    }
    line_ += newlines(block);
    if (got > 0) last_ = block.back();
    if (got < static_cast<std::size_t>(size)) check_end(got);
    first_block_ = false;
    return static_cast<int>(got);
  }

 private:
  static std::uint64_t newlines(std::string_view text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  }
  void check_end(std::size_t got) const {
    if (first_block_ && got == 0) fail(name_, 1, "the file is empty");
    if (last_ != '\n') fail(name_, line_, "the last line is cut off (it does not end in a newline)");
  }

  std::string name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::uint64_t line_ = 1;  // of the next byte
  char last_ = '\n';
  bool first_block_ = true;
};

// Any numbers to 0, 1, 2, ... in order of first appearance. Most files number from 0: small ones need no hashing.
class DenseIds {
 public:
  std::uint32_t operator()(std::uint32_t id) {
    std::uint32_t& place = id < kSmall ? small_place(id) : large_[id];
    if (place == 0) {
      originals_.push_back(id);
      place = static_cast<std::uint32_t>(originals_.size());
    }
    return place - 1;
  }
  [[nodiscard]] std::vector<std::uint32_t> take() { return std::move(originals_); }

 private:
  static constexpr std::uint32_t kSmall = 1U << 20;

  std::uint32_t& small_place(std::uint32_t id) {
    if (id >= small_.size()) small_.resize(std::max<std::size_t>(id + std::size_t{1}, 2 * small_.size()));
    return small_[id];
  }

  // An id's place among the originals, from 1.
  std::vector<std::uint32_t> small_;
  std::unordered_map<std::uint32_t, std::uint32_t> large_;
  std::vector<std::uint32_t> originals_;
};

class TraceReader {
 public:
  explicit TraceReader(const std::string& file)
      : file_(file),
        reader_(file, std::unique_ptr<io::ByteSourceBase>(std::make_unique<CheckedBytes>(file))) {}

  TraceRows read() {
    read_header();
    TraceRows result;
    result.file = file_;
    std::error_code unknown;  // a pipe, say: then the rows grow as they come
    const std::uintmax_t bytes_in_file = std::filesystem::file_size(file_, unknown);
    if (!unknown)
      result.rows.reserve(std::min<std::uintmax_t>(bytes_in_file / kTypicalRowBytes, kRowsAtOnce));
    std::array<char*, 6>& c = cells_;
    while (reader_.read_row(c[0], c[1], c[2], c[3], c[4], c[5])) result.rows.push_back(row());
    if (result.rows.empty()) bad("the file has a header and no rows");
    result.users = users_.take();
    result.rooms = rooms_.take();
    return result;
  }

  [[noreturn]] void bad(const std::string& reason) const {
    fail(file_, std::max(1U, reader_.get_file_line()), reason);
  }

 private:
  void read_header() {
    reader_.read_header(io::ignore_extra_column | io::ignore_missing_column, kColumns[0], kColumns[1],
                        kColumns[2], kColumns[3], kColumns[4], kColumns[5]);
    for (const Column required : {time_ms, user, room, event, bytes}) {
      if (reader_.has_column(kColumns[required])) continue;
      bad(std::string("column '") + kColumns[required] +
          "' is missing; needed are time_ms,user,room,event,bytes");
    }
  }

  TraceRow row() {
    TraceRow row;
    row.time_ns = time();
    row.event = parse_event();
    row.user = users_(number(user, 0, kIdMax));
    const bool has_body = row.event == TraceEvent::message || row.event == TraceEvent::direct ||
                          row.event == TraceEvent::upload;
    if (has_body || !empty(bytes)) row.bytes = number(bytes, 0, kBytesMax);
    if (needs_room(row.event) || !empty(room)) {
      const std::uint32_t id = number(room, 0, kIdMax);
      if (needs_room(row.event) || row.event == TraceEvent::present) row.room = rooms_(id);
    }
    row.target = parse_target(row.event);
    return row;
  }

  std::uint64_t time() {
    const std::uint64_t time = parse_time(cells_[time_ms]);
    if (time < last_time_ns_) {
      bad(std::string("time_ms: goes back to ") + cells_[time_ms] + " from " + in_ms(last_time_ns_));
    }
    last_time_ns_ = time;
    return time;
  }

  static std::string in_ms(std::uint64_t time_ns) {
    const std::string text = std::to_string(time_ns / 1'000'000);
    std::string fraction = std::to_string(1'000'000 + time_ns % 1'000'000).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return fraction.empty() ? text : text + "." + fraction;
  }

  // The library's own floats are not correctly rounded; here they are integers of nanoseconds.
  std::uint64_t parse_time(std::string_view text) const {
    const char* const end = text.data() + text.size();
    std::uint64_t whole = 0;
    auto [stop, error] = std::from_chars(text.data(), end, whole);
    std::uint64_t fraction_ns = 0;
    if (error == std::errc() && stop != end && *stop == '.' && end - stop >= 2 && end - stop <= 7) {
      std::uint64_t unit_ns = 100'000;
      for (++stop; stop != end && *stop >= '0' && *stop <= '9'; ++stop, unit_ns /= 10) {
        fraction_ns += static_cast<std::uint64_t>(*stop - '0') * unit_ns;
      }
    }
    if (error != std::errc() || stop != end || whole > kTimeMsMax) {
      bad("time_ms: must be between 0 and " + std::to_string(kTimeMsMax) +
          " with at most six decimals, got " + shown(text));
    }
    return whole * 1'000'000 + fraction_ns;
  }

  TraceEvent parse_event() {
    const std::string_view name = cells_[event];
    const auto found = std::find(kEvents.begin(), kEvents.end(), name);
    if (found == kEvents.end()) {
      bad("event: unknown: " + shown(name) + did_you_mean(name, {kEvents.begin(), kEvents.end()}));
    }
    const auto result = static_cast<TraceEvent>(found - kEvents.begin());
    if (result != TraceEvent::present) started_ = true;
    if (result == TraceEvent::present && started_) bad("present: must stand before all other events");
    return result;
  }

  static bool needs_room(TraceEvent event) noexcept {
    switch (event) {
      case TraceEvent::join:
      case TraceEvent::leave:
      case TraceEvent::move:
      case TraceEvent::message:
      case TraceEvent::history:
      case TraceEvent::who:
      case TraceEvent::mark:
      case TraceEvent::upload:
        return true;
      default:
        return false;
    }
  }

  std::uint32_t parse_target(TraceEvent event) {
    switch (event) {
      case TraceEvent::direct:
      case TraceEvent::presence:
        require_target("the user");
        return users_(number(target, 0, kIdMax));
      case TraceEvent::move:
        require_target("the room to go to");
        return rooms_(number(target, 0, kIdMax));
      case TraceEvent::history:
        return empty(target) ? kHistoryDefault : number(target, 1, kHistoryMax);
      default:
        return 0;
    }
  }
  void require_target(const char* meaning) const {
    if (!empty(target)) return;
    bad(std::string("target: ") + cells_[event] + " needs one: " + meaning);
  }

  // A column that the file does not have stays null.
  [[nodiscard]] bool empty(Column column) const noexcept {
    return cells_[column] == nullptr || *cells_[column] == '\0';
  }

  std::uint32_t number(Column column, std::uint32_t low, std::uint32_t high) const {
    const std::string_view text = cells_[column];
    std::uint32_t value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size() || value < low || value > high) {
      bad(std::string(kColumns[column]) + ": must be a whole number from " + std::to_string(low) + " to " +
          std::to_string(high) + ", got " + shown(text));
    }
    return value;
  }

  std::string file_;
  Reader reader_;
  std::array<char*, 6> cells_{};
  DenseIds users_;
  DenseIds rooms_;
  std::uint64_t last_time_ns_ = 0;
  bool started_ = false;  // an event other than `present` was seen
};

TraceRows read_rows(const std::string& file) {
  TraceReader reader(file);
  // The library's own texts hold the name of the file cut to 255 bytes, and none of the reasons below.
  try {
    return reader.read();
  } catch (const io::error::too_few_columns&) {
    reader.bad("fewer cells than the header has");
  } catch (const io::error::too_many_columns&) {
    reader.bad("more cells than the header has");
  } catch (const io::error::escaped_string_not_closed&) {
    reader.bad("a quote is not closed on its line (newlines inside quotes are not accepted)");
  } catch (const io::error::line_length_limit_exceeded&) {
    reader.bad("the line is longer than 16777215 bytes");
  } catch (const io::error::duplicated_column_in_header& error) {
    reader.bad(std::string("column '") + error.column_name + "' stands twice");
  }
}

}  // namespace

TraceRows read_trace_csv(const std::filesystem::path& file) {
  return read_rows(file.string());
}

}  // namespace crosstalk::workloads
