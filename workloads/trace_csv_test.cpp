#include "workloads/trace_csv.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <random>

#include "workloads/replay.h"
#include "workloads/test_files.h"

namespace crosstalk::workloads {
namespace {

const std::string kHeader = "time_ms,user,room,event,bytes\n";
const std::string kTargetHeader = "time_ms,user,room,event,bytes,target\n";

// What is said about a file, without its path.
std::string refused(const std::string& csv) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.put("trace.csv", csv);
  try {
    static_cast<void>(read_trace_csv(file));
  } catch (const InputError& error) {
    const std::string message = error.what();
    REQUIRE(message.rfind(file.string() + ":", 0) == 0);
    return message.substr(file.string().size() + 1);
  }
  return "accepted";
}

std::string quoted(const std::string& text) {
  return std::string("'").append(text).append("'");
}

TEST_CASE("rows are read with users and rooms numbered by appearance", "[workloads][trace_csv]") {
  const TraceRows rows = rows_of(kHeader + "5,900,4294967295,message,12\n5,7,3,join,0\n6,900,3,leave,0\n");
  CHECK(rows.users == std::vector<std::uint32_t>{900, 7});
  CHECK(rows.rooms == std::vector<std::uint32_t>{4294967295, 3});
  CHECK(rows.rows == std::vector<TraceRow>{{5'000'000, 0, 0, 0, 12, TraceEvent::message},
                                           {5'000'000, 1, 1, 0, 0, TraceEvent::join},
                                           {6'000'000, 0, 1, 0, 0, TraceEvent::leave}});
}

TEST_CASE("columns may stand in any order, and there may be more", "[workloads][trace_csv]") {
  const TraceRows rows =
      rows_of("note,event,bytes,room,time_ms,user\n\"a, \"\"b\"\"\",\"message\",3,1,0,2\n");
  CHECK(rows.rows == std::vector<TraceRow>{{0, 0, 0, 0, 3, TraceEvent::message}});
  CHECK(rows.users == std::vector<std::uint32_t>{2});
}

TEST_CASE("CRLF and a UTF-8 BOM are accepted in a trace", "[workloads][trace_csv]") {
  const TraceRows rows =
      rows_of("\xEF\xBB\xBFtime_ms,user,room,event,bytes\r\n1,1,1,message,9\r\n2,1,1,mark,0\r\n");
  REQUIRE(rows.rows.size() == 2);
  CHECK(rows.rows[0].bytes == 9);
  CHECK(rows.rows[1].event == TraceEvent::mark);
}

TEST_CASE("times have up to six decimals, exactly", "[workloads][trace_csv]") {
  const TraceRows rows = rows_of(kHeader +
                                 "0,1,1,mark,0\n0.000001,1,1,mark,0\n0.1,1,1,mark,0\n1.000000,1,1,mark,0\n"
                                 "1234567890123.999999,1,1,mark,0\n9000000000000,1,1,mark,0\n");
  std::vector<std::uint64_t> times;
  for (const TraceRow& row : rows.rows) times.push_back(row.time_ns);
  CHECK(times == std::vector<std::uint64_t>{0, 1, 100'000, 1'000'000, 1'234'567'890'123'999'999,
                                            9'000'000'000'000'000'000});
}

TEST_CASE("every event is known, with the target that it has", "[workloads][trace_csv]") {
  const TraceRows rows =
      rows_of(kTargetHeader +
              "0,1,,present,,\n0,1,5,present,0,\n1,2,,connect,,\n1,2,5,join,,\n1,2,6,message,0,\n"
              "1,2,,direct,7,9\n1,2,5,history,,\n1,2,5,history,,20\n1,2,5,who,,\n1,2,,presence,,1\n"
              "1,2,5,mark,,\n1,2,5,move,,8\n1,2,8,leave,,\n1,2,,disconnect,,\n");
  using E = TraceEvent;
  CHECK(rows.rows == std::vector<TraceRow>{{0, 0, kNoRoom, 0, 0, E::present},
                                           {0, 0, 0, 0, 0, E::present},
                                           {1'000'000, 1, kNoRoom, 0, 0, E::connect},
                                           {1'000'000, 1, 0, 0, 0, E::join},
                                           {1'000'000, 1, 1, 0, 0, E::message},
                                           {1'000'000, 1, kNoRoom, 2, 7, E::direct},
                                           {1'000'000, 1, 0, 50, 0, E::history},
                                           {1'000'000, 1, 0, 20, 0, E::history},
                                           {1'000'000, 1, 0, 0, 0, E::who},
                                           {1'000'000, 1, kNoRoom, 0, 0, E::presence},
                                           {1'000'000, 1, 0, 0, 0, E::mark},
                                           {1'000'000, 1, 0, 2, 0, E::move},
                                           {1'000'000, 1, 2, 0, 0, E::leave},
                                           {1'000'000, 1, kNoRoom, 0, 0, E::disconnect}});
  CHECK(rows.users == std::vector<std::uint32_t>{1, 2, 9});
  CHECK(rows.rooms == std::vector<std::uint32_t>{5, 6, 8});
}

TEST_CASE("a missing or doubled column is refused", "[workloads][trace_csv]") {
  const std::string needed = "' is missing; needed are time_ms,user,room,event,bytes";
  CHECK(refused("user,room,event,bytes\n1,1,join,0\n") == "1: column 'time_ms" + needed);
  CHECK(refused("time_ms,user,channel,event,bytes\n1,1,1,join,0\n") == "1: column 'room" + needed);
  CHECK(refused("time_ms;user;room;event;bytes\n1;1;1;join;0\n") == "1: column 'time_ms" + needed);
  CHECK(refused("time_ms,user,room,event,bytes,user\n1,1,1,join,0,1\n") == "1: column 'user' stands twice");
  CHECK(refused("\n") == "1: column 'time_ms" + needed);
}

TEST_CASE("bad numbers are refused with line, column, bound and value", "[workloads][trace_csv]") {
  for (const char* bad :
       {"", "-1", "+1", " 1", "1 ", "x", "1x", "1.5", "4294967296", "99999999999999999999"}) {
    const std::string got = *bad == '\0' ? "nothing" : quoted(bad);
    const std::string id = ": must be a whole number from 0 to 4294967295, got " + got;
    CHECK(refused(kHeader + "1,1,1,mark,0\n2," + bad + ",1,mark,0\n") == "3: user" + id);
    CHECK(refused(kHeader + "2,1," + bad + ",mark,0\n") == "2: room" + id);
    CHECK(refused(kHeader + "2,1,1,message," + bad + "\n") ==
          "2: bytes: must be a whole number from 0 to 16777216, got " + got);
  }
  CHECK(refused(kHeader + "2,1,1,message,16777217\n") ==
        "2: bytes: must be a whole number from 0 to 16777216, got '16777217'");
  CHECK(refused(kHeader + "2,1,1,join,x\n") ==
        "2: bytes: must be a whole number from 0 to 16777216, got 'x'");
  CHECK(refused(kHeader + "2,1,x,connect,0\n") ==
        "2: room: must be a whole number from 0 to 4294967295, got 'x'");
  CHECK(refused(kHeader + "2," + std::string(100, '7') + ",1,mark,0\n") ==
        "2: user: must be a whole number from 0 to 4294967295, got '" + std::string(60, '7') + "...'");
}

TEST_CASE("bad times are refused", "[workloads][trace_csv]") {
  for (const char* bad : {"", "-1", "1.", ".5", "1.1234567", "1e3", "nan", "1,5", "9000000000001", "1.-1",
                          "1.2x", "99999999999999999999999"}) {
    if (std::string(bad) == "1,5") {
      CHECK(refused(kHeader + bad + ",1,1,mark,0\n") == "2: more cells than the header has");
      continue;
    }
    CHECK(refused(kHeader + bad + ",1,1,mark,0\n") ==
          "2: time_ms: must be between 0 and 9000000000000 with at most six decimals, got " +
              (*bad == '\0' ? "nothing" : quoted(bad)));
  }
}

TEST_CASE("a time that goes back is refused, an equal one is not", "[workloads][trace_csv]") {
  CHECK(refused(kHeader + "1.5,1,1,mark,0\n1.5,1,1,mark,0\n") == "accepted");
  CHECK(refused(kHeader + "1.5,1,1,mark,0\n1.499999,1,1,mark,0\n") ==
        "3: time_ms: goes back to 1.499999 from 1.5");
}

TEST_CASE("unknown events are refused with the nearest known one", "[workloads][trace_csv]") {
  CHECK(refused(kHeader + "1,1,1,massage,0\n") == "2: event: unknown: 'massage', did you mean 'message'?");
  CHECK(refused(kHeader + "1,1,1,Join,0\n") == "2: event: unknown: 'Join', did you mean 'join'?");
  CHECK(refused(kHeader + "1,1,1,,0\n") == "2: event: unknown: nothing");
  CHECK(refused(kHeader + "1,1,1,\x1B[2J,0\n") == "2: event: unknown: '?[2J'");
  CHECK(refused(kHeader + "1,1,1,receive,0\n") == "2: event: unknown: 'receive'");
  CHECK(refused(kHeader + "1,1,1,persist,0\n") == "2: event: unknown: 'persist'");
  CHECK(refused(kHeader + "1,1,1,join,0\n1,2,1,present,0\n") ==
        "3: present: must stand before all other events");
}

TEST_CASE("events that need a target are refused without", "[workloads][trace_csv]") {
  for (const auto& [event, text] : {std::pair{"direct", "the user"}, std::pair{"presence", "the user"},
                                    std::pair{"move", "the room to go to"}}) {
    const std::string message = std::string("2: target: ") + event + " needs one: " + text;
    CHECK(refused(kTargetHeader + "1,1,1," + event + ",0,\n") == message);
    CHECK(refused(kHeader + "1,1,1," + event + ",0\n") == message);
    CHECK(refused(kTargetHeader + "1,1,1," + event + ",0,-1\n") ==
          "2: target: must be a whole number from 0 to 4294967295, got '-1'");
  }
  CHECK(refused(kTargetHeader + "1,1,1,history,0,0\n") ==
        "2: target: must be a whole number from 1 to 100000, got '0'");
}

TEST_CASE("damaged files are refused", "[workloads][trace_csv]") {
  CHECK(refused("") == "1: the file is empty");
  CHECK(refused(kHeader) == "1: the file has a header and no rows");
  CHECK(refused(kHeader + "1,1,1,mark,0\n1,1,1,mark,0") ==
        "3: the last line is cut off (it does not end in a newline)");
  CHECK(refused("time_ms,us") == "1: the last line is cut off (it does not end in a newline)");
  CHECK(refused(kHeader + std::string("1,1,1,mark,0\n1,1\0,1,mark,0\n", 27)) ==
        "3: a NUL byte (is the file UTF-16?)");
  CHECK(refused(kHeader + "1,1,1,\"ma\nrk\",0\n") ==
        "2: a quote is not closed on its line (newlines inside quotes are not accepted)");
  CHECK(refused(kHeader + "1,1,1,mark\n") == "2: fewer cells than the header has");
  CHECK(refused(kHeader + "1,1,1,mark,0,9\n") == "2: more cells than the header has");
  CHECK(refused(kHeader + "1,1,1,mark,0\n\n1,1,1,mark,0\n") == "3: fewer cells than the header has");
}

TEST_CASE("UTF-16 is named, with and without a byte order mark", "[workloads][trace_csv]") {
  const auto wide = [](const std::string& text, bool big) {
    std::string result;
    for (const char c : text) result += big ? std::string{'\0', c} : std::string{c, '\0'};
    return result;
  };
  const std::string text = kHeader + "1,1,1,mark,0\n";
  CHECK(refused("\xFF\xFE" + wide(text, false)) == "1: the file is UTF-16; it must be UTF-8");
  CHECK(refused("\xFE\xFF" + wide(text, true)) == "1: the file is UTF-16; it must be UTF-8");
  CHECK(refused(wide(text, false)) == "1: a NUL byte (is the file UTF-16?)");
  CHECK(refused(wide(text, true)) == "1: a NUL byte (is the file UTF-16?)");
}

TEST_CASE("a line of 20 MB is refused", "[workloads][trace_csv]") {
  CHECK(refused(kHeader + "1,1,1,mark,0\n1,1,1," + std::string(20'000'000, 'x') + ",0\n") ==
        "3: the line is longer than 16777215 bytes");
  CHECK(refused(std::string(34'000'000, 'x') + "\n") == "1: the line is longer than 16777215 bytes");
}

TEST_CASE("what cannot be read is refused by name and reason", "[workloads][trace_csv]") {
  const TemporaryFolder folder;
  const auto none = folder.path() / "none.csv";
  CHECK_THROWS_WITH(read_trace_csv(none), none.string() + ": cannot be opened: No such file or directory");
  CHECK_THROWS_WITH(read_trace_csv(folder.path()),
                    folder.path().string() + ": cannot be read: Is a directory");
  CHECK_THROWS_WITH(read_trace_csv("/proc/self/mem"), "/proc/self/mem: cannot be read: Input/output error");
  const auto secret = folder.put("secret.csv", kHeader);
  REQUIRE(chmod(secret.c_str(), 0) == 0);
  // Root may read everything.
  if (geteuid() != 0)
    CHECK_THROWS_WITH(read_trace_csv(secret), secret.string() + ": cannot be opened: Permission denied");
}

// The library reads in blocks of 16 MiB; lines are counted, and bytes checked, across them.
TEST_CASE("files of several blocks are read and checked to the end", "[workloads][trace_csv]") {
  constexpr std::size_t kRows = 36'000;
  std::string csv = "time_ms,user,room,event,bytes,note\n";
  const std::string note(990, 'n');
  for (std::size_t i = 0; i < kRows; ++i) csv += std::to_string(i) + ",1,1,mark,0," + note + "\n";
  const TraceRows rows = rows_of(csv);
  REQUIRE(rows.rows.size() == kRows);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < kRows; ++i) wrong += rows.rows[i].time_ns == i * 1'000'000 ? 0 : 1;
  CHECK(wrong == 0);
  CHECK(refused(csv + "1,1,1,mark,0,\n") == "36002: time_ms: goes back to 1 from 35999");
  std::string nul = csv;
  nul[nul.size() - 10] = '\0';
  CHECK(refused(nul) == "36001: a NUL byte (is the file UTF-16?)");
  csv.pop_back();
  CHECK(refused(csv) == "36001: the last line is cut off (it does not end in a newline)");
}

const std::string kValid = kTargetHeader +
                           "0,4,9,present,,\n0.25,70000,9,join,0,\n1,70000,9,message,17,\n"
                           "2.000001,4,,direct,5,70000\n3,4,10,\"history\",0,20\n";

TEST_CASE("every prefix of a trace is read or refused", "[workloads][trace_csv]") {
  REQUIRE(rows_of(kValid).rows.size() == 5);
  std::size_t accepted = 0;
  for (std::size_t length = 0; length <= kValid.size(); ++length) {
    if (refused(kValid.substr(0, length)) == "accepted") ++accepted;
  }
  CHECK(accepted == 5);  // at the end of each row
}

TEST_CASE("every damaged byte is read or refused, and a replay of what is read is sound",
          "[workloads][trace_csv]") {
  const TemporaryFolder folder;
  std::mt19937 random(1);
  const std::string alphabet("01234567890123456789,.\"\n\r-xm \0\xFF", 31);
  std::size_t accepted = 0;
  for (int round = 0; round < 200; ++round) {
    std::string damaged = kValid;
    // The header decides about all rows, so it is left alone most of the time.
    const std::size_t from = round % 10 == 0 ? 0 : kTargetHeader.size();
    damaged[from + random() % (damaged.size() - from)] = alphabet[random() % alphabet.size()];
    const std::filesystem::path file = folder.put("trace.csv", damaged);
    try {
      const Trace trace = make_replay(read_trace_csv(file), {1, 0, 0, 0});
      ++accepted;
      for (const Op& op : trace.ops) {
        CHECK(op.client < trace.clients);
        CHECK(op.room < trace.rooms);
      }
    } catch (const InputError& error) {
      CHECK(std::string(error.what()).rfind(file.string() + ":", 0) == 0);
    }
  }
  CHECK(accepted > 20);
  CHECK(accepted < 150);
}

}  // namespace
}  // namespace crosstalk::workloads
