// Places: offsets in the program as file:line, by binutils' addr2line where it is installed.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace crosstalk::harness::explore {

class Places {
 public:
  // Asks for all of them at once, as every question costs a process.
  explicit Places(const std::unordered_set<std::uint32_t>& places);

  // "my_lock.h:12", or "+0x1a2b" where nothing is known.
  [[nodiscard]] std::string name(std::uint32_t place) const;
  // That of the caller if the place is in the standard library.
  [[nodiscard]] std::string name(std::uint32_t place, std::uint32_t caller) const;
  // The text with every "@1a2b@" and "@1a2b/3c4d@" (place and caller) in it replaced.
  [[nodiscard]] std::string expand(const std::string& text) const;

 private:
  struct Name {
    std::string text;
    bool is_of_library = false;
  };
  std::unordered_map<std::uint32_t, Name> names_;
};

// Those that are named in a text.
void collect_places(const std::string& text, std::unordered_set<std::uint32_t>& places);

}  // namespace crosstalk::harness::explore
