#include "harness/program_call.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "reports/csv_writer.h"
#include "workloads/input_error.h"

namespace crosstalk::harness {

namespace {

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

std::string read_to_end(int descriptor) {
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    // What is beyond the limit is read all the same, or the program would wait for its reader.
    if (text.size() < kOutputLimit) text.append(buffer, static_cast<std::size_t>(got));
  }
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

}  // namespace

std::string ProgramEnd::told() const {
  std::string text =
      signal != 0 ? "killed by signal " + std::to_string(signal) : "exit code " + std::to_string(exit_code);
  if (!last_line.empty()) text += ": " + last_line;
  return text;
}

ProgramEnd call_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                        const std::filesystem::path& log) {
  Descriptor err(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (err.number() < 0) throw reports::OutputError(log.string() + ": " + std::strerror(errno));
  const std::streamoff begin = ::lseek(err.number(), 0, SEEK_END);
  int pipe_ends[2] = {-1, -1};
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0)
    throw reports::OutputError(std::string("pipe: ") + std::strerror(errno));
  Descriptor reader(pipe_ends[0]);
  Descriptor writer(pipe_ends[1]);
  std::string name = program.string();
  std::vector<std::string> words(arguments);
  std::vector<char*> argv{name.data()};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const Actions actions(writer.number(), err.number());
  pid_t child = 0;
  const int error = ::posix_spawn(&child, program.c_str(), actions.get(), nullptr, argv.data(), ::environ);
  if (error != 0) throw workloads::InputError(name + ": cannot be started: " + std::strerror(error));
  writer.close();
  ProgramEnd end;
  end.out = read_to_end(reader.number());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  read_messages(log, begin, end);
  return end;
}

}  // namespace crosstalk::harness
