// One thing a simulated client does. Plain data: workloads never call a server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace crosstalk::workloads {

enum class OpKind : std::uint8_t {
  connect,
  disconnect,
  join,
  leave,
  move,      // leave `room` and join `target` in one step
  post,      // a message of `bytes` bytes to every other member of `room`
  direct,    // a message of `bytes` bytes to client `target`
  history,   // the newest `target` messages of `room`
  who,       // the members of `room`
  presence,  // is client `target` online?
  upload,    // a file of `bytes` bytes to `room`
  receive,   // take what waits in the client's inbox
  mark,      // add one to the room's unread counter
  kick,      // client `target` has the client removed from `room`
  persist,   // nobody asks for it: a post is stored
};
inline constexpr std::size_t kOpKindCount = 15;

// What goes wrong with an operation, on purpose.
enum class Fault : std::uint8_t {
  none,
  thrown,  // its handler ends with an exception after it has done its work
  busy,    // another program locks the store for some milliseconds as the operation begins
};

[[nodiscard]] std::string_view to_string(OpKind kind) noexcept;
[[nodiscard]] std::optional<OpKind> parse_op_kind(std::string_view name) noexcept;

struct Op {
  double intended_ns = 0;  // planned instant after the start of the lap; a double, so gaps do not round
  std::uint32_t client = 0;
  std::uint32_t room = 0;
  std::uint32_t target = 0;    // meaning depends on the kind, see OpKind
  std::uint32_t bytes = 0;     // length of the message body
  std::uint32_t sequence = 0;  // 0, 1, 2, ... within this client's operations of one lap
  OpKind kind = OpKind::post;
  Fault fault = Fault::none;
};
static_assert(sizeof(Op) <= 32, "a lap of 4 Mi operations must stay within 128 MiB");

}  // namespace crosstalk::workloads
