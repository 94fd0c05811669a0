// What was asked for, as text, from every place where it can be asked: a scenario file, an .ini of flags, the
// environment, the command line. Text becomes values in one place for all of them, and an error names the
// place.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/values.h"

namespace crosstalk::harness {

// A command line that cannot be obeyed: exit code 2. The text names flag (or file and line), bound and value.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A later layer outweighs the ones before it. `command`: what a command asks for by itself.
enum class Layer : std::uint8_t { scenario, command, config, environment, arguments };

struct Given {
  std::string flag;  // its name without dashes in front: "queue-policy"
  std::string text;
  Layer layer = Layer::arguments;
  std::string origin;  // "--clients", "CROSSTALK_CLIENTS" or "team.ini:12: clients"
};

class Settings {
 public:
  // A weaker or equal one that is there already is replaced.
  void add(Given given);

  // As if nobody had given it.
  void remove(std::string_view flag);

  // Null if nobody gave the flag. Valid until the next change.
  [[nodiscard]] const Given* find(std::string_view flag) const noexcept;
  [[nodiscard]] bool has(std::string_view flag) const noexcept { return find(flag) != nullptr; }
  // In the order in which they were added.
  [[nodiscard]] const std::vector<Given>& all() const noexcept { return given_; }

  // The value of a flag, or the fallback. A ValueError of parse(text) becomes a UsageError that names the
  // origin.
  template <class T, class Parse>
  [[nodiscard]] T get(std::string_view flag, T fallback, Parse&& parse) const {
    const Given* given = find(flag);
    return given == nullptr ? std::move(fallback) : convert<T>(*given, parse);
  }
  [[nodiscard]] std::string text(std::string_view flag, std::string fallback) const;
  [[nodiscard]] bool on(std::string_view flag) const;

  // `flag` means nothing beside `by`. If both stand in the same layer, or `flag` in a later one, that is a
  // UsageError. What an earlier layer says just gives way, with a note.
  void rule_out(std::string_view flag, std::string_view by);
  // Of two that exclude each other the later layer's stays.
  void exclusive(std::string_view a, std::string_view b);
  // `flag` means nothing without `what`, of which there is nothing.
  void needs(std::string_view flag, std::string_view what) const;

  // To be printed: what gave way to what.
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }
  void note(std::string text) { notes_.push_back(std::move(text)); }

  template <class T, class Parse>
  [[nodiscard]] static T convert(const Given& given, Parse&& parse) {
    try {
      return parse(std::string_view(given.text));
    } catch (const ValueError& error) {
      throw UsageError(given.origin + ": " + error.what());
    }
  }

 private:
  std::vector<Given> given_;
  std::vector<std::string> notes_;
};

// "--path direct", "CROSSTALK_PATH=direct", "team.ini:12: path = direct"
[[nodiscard]] std::string in_full(const Given& given);

}  // namespace crosstalk::harness
