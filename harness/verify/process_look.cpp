#include "harness/verify/process_look.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

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

std::vector<std::filesystem::path> threads_of(const std::string& process) {
  std::vector<std::filesystem::path> threads;
  // Threads may end meanwhile, which is no error.
  std::error_code ignored;
  for (std::filesystem::directory_iterator task("/proc/" + process + "/task", ignored), end; task != end;
       task.increment(ignored)) {
    threads.push_back(task->path());
  }
  return threads;
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

bool others_sleep(const Page& page) {
  const std::string own = std::to_string(gettid());
  const std::string helper = std::to_string(look(page.helper));
  const auto threads = threads_of("self");
  return std::all_of(threads.begin(), threads.end(), [&](const std::filesystem::path& thread) {
    return thread.filename() == own || thread.filename() == helper || state_in(thread / "stat") == 'S';
  });
}

StallSample look_at_process(pid_t process, const Page& page) {
  StallSample sample;
  sample.threads = 0;
  unsigned asleep = 0;
  const std::string helper = std::to_string(look(page.helper));
  for (const std::filesystem::path& thread : threads_of(std::to_string(process))) {
    if (thread.filename() == helper) continue;
    const char state = state_in(thread / "stat");
    ++sample.threads;
    if (state == 'T' || state == 't') sample.stopped = true;
    if (state == 'S') ++asleep;
    sample.cpu_ns += cpu_ns_in(thread / "schedstat");
  }
  // None to be seen, as while the process ends or where /proc cannot be read, is not asleep.
  sample.all_asleep = sample.threads != 0 && asleep == sample.threads;
  sample.steps = steps_on(page);
  sample.patience = look(page.patience);
  // Last: a look that takes long is late.
  sample.now_ns = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                                 std::chrono::steady_clock::now().time_since_epoch())
                                                 .count());
  return sample;
}

}  // namespace crosstalk::harness::verify
