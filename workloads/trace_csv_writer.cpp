#include <array>
#include <charconv>
#include <cmath>
#include <ostream>
#include <string>
#include <string_view>

#include "workloads/trace_csv.h"

namespace crosstalk::workloads {

namespace {

class TraceText {
 public:
  explicit TraceText(std::ostream& out) : out_(out) { text_ = "time_ms,user,room,event,bytes,target\n"; }

  void time(double ns) {
    const auto whole = static_cast<std::uint64_t>(std::llround(ns));
    add(whole / 1'000'000);
    std::uint64_t rest = whole % 1'000'000;
    if (rest == 0) return;
    text_ += '.';
    for (std::uint64_t unit = 100'000; rest > 0; rest %= unit, unit /= 10) {
      text_ += static_cast<char>('0' + rest / unit);
    }
  }
  void cell(std::uint64_t value) {
    text_ += ',';
    add(value);
  }
  void cell(std::string_view value) {
    text_ += ',';
    text_ += value;
  }
  void end_row() {
    text_ += '\n';
    if (text_.size() > 1U << 16) flush();
  }

  void flush() {
    out_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    text_.clear();
  }

 private:
  void add(std::uint64_t value) {
    std::array<char, 20> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    text_.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }

  std::ostream& out_;
  std::string text_;
};

void write_present(TraceText& text, std::uint32_t client, const Membership* member) {
  text.time(0);
  text.cell(client);
  if (member == nullptr) {
    text.cell("");
  } else {
    text.cell(member->room);
  }
  text.cell("present");
  text.cell(std::uint64_t{0});
  text.cell("");
  text.end_row();
}

// The name of an operation in the file; empty if it has none.
std::string_view event_of(OpKind kind) noexcept {
  if (kind == OpKind::receive || kind == OpKind::persist) return {};
  if (kind == OpKind::kick) return to_string(OpKind::leave);
  return kind == OpKind::post ? "message" : to_string(kind);
}

void write_op(TraceText& text, const Op& op, std::string_view event) {
  const bool has_room = op.kind != OpKind::connect && op.kind != OpKind::disconnect &&
                        op.kind != OpKind::direct && op.kind != OpKind::presence;
  const bool has_target = op.kind == OpKind::move || op.kind == OpKind::direct ||
                          op.kind == OpKind::history || op.kind == OpKind::presence;
  text.time(op.intended_ns);
  text.cell(op.client);
  has_room ? text.cell(op.room) : text.cell("");
  text.cell(event);
  text.cell(op.bytes);
  has_target ? text.cell(op.target) : text.cell("");
  text.end_row();
}

}  // namespace

std::size_t write_trace_csv(std::ostream& out, const Trace& trace) {
  TraceText text(out);
  // Clients first and by themselves, so that reading numbers them as here.
  for (const std::uint32_t client : trace.connected) write_present(text, client, nullptr);
  for (const Membership& member : trace.members) write_present(text, member.client, &member);
  std::size_t left_out = 0;
  for (const Op& op : trace.ops) {
    const std::string_view event = event_of(op.kind);
    if (event.empty()) {
      ++left_out;
    } else {
      write_op(text, op, event);
    }
  }
  text.flush();
  return left_out;
}

}  // namespace crosstalk::workloads
