#include "harness/command_text.h"

#include <string_view>

namespace crosstalk::harness {

namespace {

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::string command_text(const std::string& command, const std::vector<std::string>& arguments) {
  std::string text = "crosstalk " + command;
  for (const std::string& argument : arguments) text += " " + shell_word(argument);
  return text;
}

}  // namespace crosstalk::harness
