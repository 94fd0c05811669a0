#include "harness/explore/places.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string_view>

namespace crosstalk::harness::explore {

namespace {

constexpr int kHexadecimal = 16;

std::string hexadecimal(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "%x", value);
  return text;
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// The standard library's and the system's. Other headers below /usr/include may be what is explored.
bool is_of_library(const std::string& line) {
  return line.find("/include/c++/") != std::string::npos || line.rfind("/usr/lib/", 0) == 0 ||
         line.rfind("/usr/include/x86_64-linux-gnu/", 0) == 0;
}

// Takes the place of a library's atomics: whoever calls them is meant.
bool is_stand_in(const std::string& line) {
  return line.find("/explore/peers/ck_atomics.h:") != std::string::npos;
}

// addr2line answers each address by itself and then, innermost first, the places it was inlined into. Wanted is the innermost
// that is neither the standard library's nor a stand-in.
void read_answers(std::FILE* answers, std::unordered_map<std::uint32_t, std::string>& names) {
  char buffer[4096];
  std::string* name = nullptr;
  while (std::fgets(buffer, sizeof buffer, answers) != nullptr) {
    std::string line(buffer);
    line = line.substr(0, line.find_first_of("\n ("));
    if (line.rfind("0x", 0) == 0) {
      name = &names[static_cast<std::uint32_t>(std::stoull(line, nullptr, kHexadecimal))];
    } else if (name != nullptr && line.find(":0") != line.size() - 2 && line[0] != '?' &&
               line.find(":?") == std::string::npos) {
      if (is_stand_in(line)) continue;
      if (name->empty() || (is_of_library(*name) && !is_of_library(line))) *name = line;
    }
  }
}

// f(position, length, place, caller) for every "@1a2b@" and "@1a2b/3c4d@".
template <class F>
void for_places(const std::string& text, F f) {
  constexpr const char* kDigits = "0123456789abcdef";
  for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    std::size_t end = text.find_first_not_of(kDigits, at + 1);
    if (end == std::string::npos || end == at + 1) continue;
    const auto place = static_cast<std::uint32_t>(std::stoull(text.substr(at + 1), nullptr, kHexadecimal));
    std::uint32_t caller = 0;
    if (text[end] == '/' && end + 1 < text.size() &&
        std::string_view(kDigits).find(text[end + 1]) != std::string_view::npos) {
      caller = static_cast<std::uint32_t>(std::stoull(text.substr(end + 1), nullptr, kHexadecimal));
      end = text.find_first_not_of(kDigits, end + 1);
    }
    if (end == std::string::npos || text[end] != '@') continue;
    f(at, end + 1 - at, place, caller);
    at = end;
  }
}

}  // namespace

Places::Places(const std::unordered_set<std::uint32_t>& places) {
  // The shell has a /proc/self of its own.
  std::string command = "addr2line -a -i -e /proc/" + std::to_string(getpid()) + "/exe";
  for (const std::uint32_t each : places) command += " 0x" + hexadecimal(each);
  command += " 2>/dev/null";
  if (places.empty()) return;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> answers(popen(command.c_str(), "r"), pclose);
  if (answers == nullptr) return;
  std::unordered_map<std::uint32_t, std::string> lines;
  read_answers(answers.get(), lines);
  for (const auto& [place, line] : lines) names_[place] = {base_name(line), is_of_library(line)};
}

std::string Places::name(std::uint32_t place) const {
  const auto found = names_.find(place);
  return found == names_.end() || found->second.text.empty() ? "+0x" + hexadecimal(place)
                                                             : found->second.text;
}

std::string Places::name(std::uint32_t place, std::uint32_t caller) const {
  const auto found = names_.find(place);
  return found != names_.end() && found->second.is_of_library && caller != 0 ? name(caller) : name(place);
}

std::string Places::expand(const std::string& text) const {
  std::string result;
  std::size_t done = 0;
  for_places(text, [&](std::size_t at, std::size_t length, std::uint32_t place, std::uint32_t caller) {
    result += text.substr(done, at - done) + name(place == 0 ? caller : place, caller);
    done = at + length;
  });
  return result + text.substr(done);
}

void collect_places(const std::string& text, std::unordered_set<std::uint32_t>& places) {
  for_places(text, [&](std::size_t, std::size_t, std::uint32_t place, std::uint32_t caller) {
    places.insert(place);
    if (caller != 0) places.insert(caller);
  });
}

}  // namespace crosstalk::harness::explore
