#include "harness/verify/process_look.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "harness/verify/page.h"

namespace crosstalk::harness::verify {

namespace {

// The letter behind the name, which stands in parentheses and may hold any character.
char state_in(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  const auto end = text.rfind(')');
  return end == std::string::npos || end + 2 >= text.size() ? '?' : text[end + 2];
}

std::uint64_t cpu_ns_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t ns = 0;
  file >> ns;
  return ns;
}

std::uint64_t steps_on(const Page& page) {
  std::uint64_t steps = look(page.steps);
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(look(page.members), kMembersMost); ++i) {
    steps += look(page.member[i].steps);
  }
  return steps;
}

}  // namespace

char state_of_thread(pid_t thread) {
  return state_in("/proc/self/task/" + std::to_string(thread) + "/stat");
}

StallSample look_at_process(pid_t process, const Page& page) {
  StallSample sample;
  sample.all_asleep = true;
  const std::string helper = std::to_string(look(page.helper));
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", ignored)) {
    if (entry.path().filename() == helper) continue;
    const char state = state_in(entry.path() / "stat");
    if (state == 'T' || state == 't') sample.stopped = true;
    if (state != 'S') sample.all_asleep = false;
    sample.cpu_ns += cpu_ns_in(entry.path() / "schedstat");
  }
  sample.steps = steps_on(page);
  sample.patience = look(page.patience);
  // Last: a look that takes long is late.
  sample.now_ns = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                                 std::chrono::steady_clock::now().time_since_epoch())
                                                 .count());
  return sample;
}

}  // namespace crosstalk::harness::verify
