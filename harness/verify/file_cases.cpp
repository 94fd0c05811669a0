// Files that are to be there as they were or as they are to be: their writer is killed, the disk is full, a call of the system fails.
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "harness/scratch_folder.h"
#include "harness/verify/child_end.h"
#include "harness/verify/durable_cases.h"
#include "reports/file_size_limit.h"

namespace crosstalk::harness::verify {

namespace {

constexpr const char* kOldOrNew = "old or new";
constexpr std::uint64_t kOldText = 1'000'000;
constexpr std::uint64_t kNewText = 1'000'001;

std::string text_number(std::uint64_t number) {
  constexpr unsigned kLines = 4'000;
  std::string text;
  for (unsigned i = 0; i < kLines; ++i)
    text.append(std::to_string(number)).append(",a line of results,1234567890\n");
  return text;
}

[[noreturn]] void rewrite_for_ever(const AnyRewriter& any, const std::string& file) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (std::uint64_t number = 0;; ++number)
    any.write(file, text_number(number % 2 == 0 ? kOldText : kNewText));
}

// What is there is whole, or the property is broken. True: it is the new text.
bool check_whole(CaseRun& run, const AnyRewriter& any, const std::string& file, const char* when) {
  std::string text;
  try {
    text = any.read(file);
  } catch (const std::exception& error) {
    run.fail(kOldOrNew, std::string(when) + " the file cannot be read: " + error.what());
  }
  const bool is_new = text == text_number(kNewText);
  if (!is_new && text != text_number(kOldText)) {
    run.fail(kOldOrNew, std::string(when) + " the file has " + std::to_string(text.size()) +
                            " bytes, of neither the old nor the new text");
  }
  return is_new;
}

void kill_writers(CaseRun& run, const AnyRewriter& any) {
  const std::size_t kills = run.cell("writer killed");
  const ScratchFolder folder(std::filesystem::temp_directory_path());
  const std::string file = (folder.path() / "results.csv").string();
  any.write(file, text_number(kOldText));
  run.rounds([&](const Round& round) {
    const pid_t writer = fork();
    if (writer == 0) rewrite_for_ever(any, file);
    if (writer < 0) throw std::runtime_error("fork failed");
    Random random(round.seed);
    const timespec time{.tv_sec = 0, .tv_nsec = static_cast<long>(500'000 + random.below(4'000'000))};
    nanosleep(&time, nullptr);
    static_cast<void>(end_of_killed(run, writer));
    run.count(kills);
    check_whole(run, any, file, "after a kill");
  });
}

// Writes the new text over the old one by `write`, in which something fails.
void rewrite_with_fault(CaseRun& run, const AnyRewriter& any, const std::string& file, std::size_t done,
                        std::size_t refused, const std::function<void()>& write) {
  any.write(file, text_number(kOldText));
  bool threw = false;
  try {
    write();
  } catch (const std::exception&) {
    threw = true;
  }
  run.count(threw ? refused : done);
  const bool is_new = check_whole(run, any, file, "after a fault");
  if (!threw && !is_new)
    run.fail("acknowledged is stored", "a fault was not reported, and the file is the old one");
}

// The limit of a file's size stands in for the end of the disk.
void fill_disk(CaseRun& run, const AnyRewriter& any) {
  const std::size_t done = run.cell("write = done");
  const std::size_t refused = run.cell("write = refused: disk full");
  const ScratchFolder folder(std::filesystem::temp_directory_path());
  const std::string file = (folder.path() / "results.csv").string();
  run.rounds([&](const Round& round) {
    Random random(round.seed);
    // Beyond the length of the text in some rounds.
    const std::size_t bytes = random.below(2 * text_number(kNewText).size());
    rewrite_with_fault(run, any, file, done, refused, [&] {
      const reports::FileSizeLimit limit(bytes);
      any.write(file, text_number(kNewText));
    });
  });
}

void fail_calls(CaseRun& run, const AnyRewriter& any) {
  const std::size_t done = run.cell("write = done");
  const std::size_t refused = run.cell("write = refused: a call failed");
  const ScratchFolder folder(std::filesystem::temp_directory_path());
  const std::string file = (folder.path() / "results.csv").string();
  run.rounds([&](const Round& round) {
    Random random(round.seed);
    constexpr std::int64_t kNever = 1'000'000;
    for (const std::int64_t call : {static_cast<std::int64_t>(1 + random.below(3)),
                                    static_cast<std::int64_t>(1 + random.below(24)), kNever}) {
      rewrite_with_fault(run, any, file, done, refused,
                         [&] { any.write_failing(file, text_number(kNewText), call); });
    }
  });
}

}  // namespace

std::string whole_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<VerifyCase> file_cases(const AnyRewriter& any) {
  std::vector<VerifyCase> cases{{"kills", [any](CaseRun& run) { kill_writers(run, any); }, 0.4},
                                {"full disk", [any](CaseRun& run) { fill_disk(run, any); }, 0.3}};
  if (any.write_failing)
    cases.push_back({"failing calls", [any](CaseRun& run) { fail_calls(run, any); }, 0.3});
  return cases;
}

}  // namespace crosstalk::harness::verify
