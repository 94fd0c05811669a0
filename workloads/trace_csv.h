// Trace CSV: a chat log as plain rows. Columns time_ms,user,room,event,bytes and optionally target, in any
// order; more columns are ignored. CRLF and a UTF-8 BOM are accepted.
//
//   event       needs                      meaning
//   present     (room)                     has a session, and is in the room, from the start of the trace;
//                                          no operation; stands before all other events
//   connect                                a session begins
//   disconnect                             it ends, and so do all memberships
//   join        room
//   leave       room
//   move        room, target: a room       leaves the one and joins the other in one step
//   message     room, bytes
//   direct      bytes, target: a user      a message to one user
//   history     room, (target: a number)   reads the newest messages, 50 if no number is given
//   who         room                       reads the list of members
//   presence    target: a user             asks whether the user has a session
//   mark        room                       counts an unread message
//   upload      room, bytes                a file to the room
//
// time_ms may have six decimals and never goes back. Users and rooms are any numbers up to 2^32 - 1. A cell
// that the event does not need may be empty; if it is not, it must be a number all the same, but for target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "workloads/input_error.h"
#include "workloads/trace.h"

namespace crosstalk::workloads {

enum class TraceEvent : std::uint8_t {
  present,
  connect,
  disconnect,
  join,
  leave,
  move,
  message,
  direct,
  history,
  who,
  presence,
  mark,
  upload,
};

// The room of an event that has none.
inline constexpr std::uint32_t kNoRoom = 0xFFFF'FFFF;

// Users and rooms are numbered densely, in order of first appearance, whether as actor or as target.
struct TraceRow {
  std::uint64_t time_ns = 0;
  std::uint32_t user = 0;
  std::uint32_t room = kNoRoom;
  std::uint32_t target = 0;  // a user, a room or a number of messages, by event
  std::uint32_t bytes = 0;
  TraceEvent event = TraceEvent::message;
  friend bool operator==(const TraceRow&, const TraceRow&) = default;
};

struct TraceRows {
  std::string file;
  std::vector<TraceRow> rows;        // at least one
  std::vector<std::uint32_t> users;  // as the file has them, by dense number
  std::vector<std::uint32_t> rooms;
};

// Throws InputError (FILE:LINE: reason) for whatever is not as above, a last line without LF, a NUL, UTF-16, a newline inside quotes, a line of 16 MiB or a file without rows, and
// (FILE: reason) for one that cannot be read.
[[nodiscard]] TraceRows read_trace_csv(const std::filesystem::path& file);

// Writes one lap so that read_trace_csv and make_replay with time_scale 1 give the trace back: clients,
// sessions, memberships, instants to the nanosecond and operations. What a file cannot hold: that a lap
// repeats, and its length beyond the last operation; clients without a session at the start, and rooms
// without a member then, are numbered anew, in order of appearance. A kick is written as the leave that it is for the
// client; receive and persist have no event, and faults are not written.
// Returns how many operations were left out: generated traces and replays have none of these. The stream's
// state says whether it could be written.
std::size_t write_trace_csv(std::ostream& out, const Trace& trace);

}  // namespace crosstalk::workloads
