#include "harness/explore/replay.h"

#include <charconv>
#include <stdexcept>

namespace crosstalk::harness::explore {

namespace {

class ReplayPart {
 public:
  explicit ReplayPart(std::string_view text) : whole_(text), rest_(text) {}

  char kind() {
    if (rest_.empty() || std::string_view("tsr").find(rest_[0]) == std::string_view::npos)
      fail("starts with t, s or r");
    const char found = rest_[0];
    rest_.remove_prefix(1);
    return found;
  }

  std::uint32_t number(std::uint32_t limit) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{} || value >= limit) fail("numbers are below their bounds: thread.event.choice");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  void dot() {
    if (rest_.empty() || rest_[0] != '.') fail("has two dots: t1.15.2");
    rest_.remove_prefix(1);
  }

  void end() {
    if (!rest_.empty()) fail("ends after its third number");
  }

 private:
  [[noreturn]] void fail(const char* rule) const {
    throw std::invalid_argument("replay: '" + std::string(whole_) + "': a part " + rule);
  }

  std::string_view whole_;
  std::string_view rest_;
};

Switch parse_switch(std::string_view text) {
  ReplayPart part(text);
  Switch result{};
  result.kind = part.kind();
  result.thread = static_cast<std::uint8_t>(part.number(kMaxThreads));
  part.dot();
  result.event = part.number(~0U);
  part.dot();
  result.choice = static_cast<std::uint8_t>(part.number(kMaxThreads));
  part.end();
  return result;
}

}  // namespace

std::string to_text(const std::vector<Switch>& switches) {
  std::string text;
  for (const Switch& each : switches) {
    if (!text.empty()) text += ',';
    text += each.kind;
    text +=
        std::to_string(each.thread) + '.' + std::to_string(each.event) + '.' + std::to_string(each.choice);
  }
  return text;
}

std::vector<Switch> parse_replay(std::string_view text) {
  std::vector<Switch> switches;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (switches.size() == kMaxSwitches) {
      throw std::invalid_argument("replay: at most " + std::to_string(kMaxSwitches) + " parts");
    }
    switches.push_back(parse_switch(text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return switches;
}

}  // namespace crosstalk::harness::explore
