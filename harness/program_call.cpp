#include "harness/program_call.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>

#include "harness/interrupt.h"
#include "reports/output_error.h"
#include "workloads/input_error.h"

namespace crosstalk::harness {

namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t kOutputLimit = 64 * 1024;

// Closes a descriptor at the end of the scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }
  void close() noexcept {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

// The program leads a group of its own, so that its children can be killed with it, and a Ctrl-C meant for us reaches neither.
class OwnGroup {
 public:
  OwnGroup() {
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes_, 0);
  }
  ~OwnGroup() { posix_spawnattr_destroy(&attributes_); }
  OwnGroup(const OwnGroup&) = delete;
  OwnGroup& operator=(const OwnGroup&) = delete;
  [[nodiscard]] const posix_spawnattr_t* get() const noexcept { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

class Actions {
 public:
  Actions(int out, int err) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
  }
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  [[nodiscard]] const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// While it lives this thread may use these processors only: a program that is started inherits that.
class OnProcessors {
 public:
  explicit OnProcessors(const std::vector<int>& cpus) {
    if (cpus.empty() || sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t wanted;
    CPU_ZERO(&wanted);
    for (const int cpu : cpus) {
      if (cpu >= 0 && cpu < CPU_SETSIZE) CPU_SET(static_cast<std::size_t>(cpu), &wanted);
    }
    changed_ = sched_setaffinity(0, sizeof wanted, &wanted) == 0;
  }
  ~OnProcessors() {
    if (changed_) sched_setaffinity(0, sizeof before_, &before_);
  }
  OnProcessors(const OnProcessors&) = delete;
  OnProcessors& operator=(const OnProcessors&) = delete;

 private:
  cpu_set_t before_{};
  bool changed_ = false;
};

// While it lives programs that are started have their memory where it always is.
class FixedAddresses {
 public:
  explicit FixedAddresses(bool wanted) {
    constexpr unsigned long kAsk = 0xFFFFFFFF;
    before_ = ::personality(kAsk);
    if (!wanted || before_ == -1) return;
    changed_ = ::personality(static_cast<unsigned long>(before_) | ADDR_NO_RANDOMIZE) != -1;
  }
  ~FixedAddresses() {
    if (changed_) ::personality(static_cast<unsigned long>(before_));
  }
  FixedAddresses(const FixedAddresses&) = delete;
  FixedAddresses& operator=(const FixedAddresses&) = delete;

 private:
  int before_ = -1;
  bool changed_ = false;
};

// Pointers to texts that outlive it, as exec wants them.
class Pointers {
 public:
  void add(char* text) { pointers_.insert(pointers_.end() - 1, text); }
  void add(std::vector<std::string>& texts) {
    for (std::string& text : texts) add(text.data());
  }
  [[nodiscard]] char* const* data() const noexcept { return pointers_.data(); }

 private:
  std::vector<char*> pointers_{nullptr};
};

// Until something can be read, or the instant; false: that came first. Null: no limit.
bool wait_for_input(int descriptor, const Deadline* deadline) {
  if (deadline == nullptr) return true;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd wanted{descriptor, POLLIN, 0};
    const int got = ::poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000)));
    if (got > 0) return true;
  }
}

// False: the deadline came before the end.
bool read_to_end(int descriptor, const Deadline* deadline, std::string& text) {
  char buffer[4096];
  while (wait_for_input(descriptor, deadline)) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    // What is beyond the limit is read all the same, or the program would wait for its reader.
    if (text.size() < kOutputLimit) text.append(buffer, static_cast<std::size_t>(got));
  }
  return false;
}

void read_messages(const std::filesystem::path& log, std::streamoff begin, ProgramEnd& end) {
  std::ifstream in(log, std::ios::binary);
  in.seekg(begin);
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    if (!end.last_line.empty()) end.messages.append(end.last_line).append("\n");
    end.last_line = std::move(line);
    line.clear();
    if (end.messages.size() > kOutputLimit) end.messages.erase(0, end.messages.size() - kOutputLimit);
  }
}

pid_t start_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    const ProgramSetting& setting, const Actions& actions) {
  std::string name = program.string();
  std::vector<std::string> words(arguments);
  Pointers argv;
  argv.add(name.data());
  argv.add(words);
  std::vector<std::string> more(setting.environment);
  Pointers environment;
  for (char** each = ::environ; each != nullptr && *each != nullptr; ++each) environment.add(*each);
  environment.add(more);
  const OnProcessors there(setting.cpus);
  const FixedAddresses addresses(setting.fixed_addresses);
  const OwnGroup group;
  pid_t child = 0;
  const int error =
      ::posix_spawn(&child, program.c_str(), actions.get(), group.get(), argv.data(), environment.data());
  if (error != 0) throw workloads::InputError(name + ": cannot be started: " + std::strerror(error));
  return child;
}

}  // namespace

std::string ProgramEnd::told() const {
  std::string text = timed_out     ? "hung, and was killed"
                     : signal != 0 ? "killed by signal " + std::to_string(signal)
                                   : "exit code " + std::to_string(exit_code);
  if (!last_line.empty()) text += ": " + last_line;
  return text;
}

ProgramEnd call_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                        const std::filesystem::path& log, const ProgramSetting& setting) {
  Descriptor err(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (err.number() < 0) throw reports::OutputError(log.string() + ": " + std::strerror(errno));
  const std::streamoff begin = ::lseek(err.number(), 0, SEEK_END);
  int pipe_ends[2] = {-1, -1};
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0)
    throw reports::OutputError(std::string("pipe: ") + std::strerror(errno));
  Descriptor reader(pipe_ends[0]);
  Descriptor writer(pipe_ends[1]);
  const pid_t child = start_program(program, arguments, setting, Actions(writer.number(), err.number()));
  writer.close();
  Interrupt::set_child(-child);
  const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(setting.longest_ns);
  ProgramEnd end;
  end.process = child;
  end.timed_out = !read_to_end(reader.number(), setting.longest_ns == 0 ? nullptr : &deadline, end.out);
  if (end.timed_out) ::kill(-child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  Interrupt::set_child(0);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  read_messages(log, begin, end);
  return end;
}

}  // namespace crosstalk::harness
