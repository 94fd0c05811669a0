#include "harness/verify/durable_cases.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "harness/scratch_folder.h"
#include "pool/resources/sqlite_connection.h"
#include "pool/resources/store_error.h"

namespace crosstalk::harness::verify {

namespace {

// A reader beside the writer: its lock makes every commit of the writer fail as busy.
void commit_beside_reader(CaseRun& run, const AnyStore& any) {
  const std::size_t acknowledged = run.cell("append = acknowledged");
  const std::size_t refused = run.cell("append = refused");
  const ScratchFolder folder(std::filesystem::temp_directory_path());
  const std::string file = (folder.path() / "numbers.db").string();
  pool::SqliteConnection reader({.path = file, .vfs = {}, .create = true});
  reader.execute("CREATE TABLE numbers(number INTEGER)");
  std::int64_t acked = 0;
  run.rounds([&](const Round& round) {
    const bool held = round.number % 2 == 0;
    {
      const auto store = any(file);
      if (held) {
        reader.execute("BEGIN");
        static_cast<void>(reader.query_integer("SELECT count(*) FROM numbers"));
      }
      const bool ack = store->append(static_cast<std::int64_t>(round.number));
      run.count(ack ? acknowledged : refused);
      acked += ack ? 1 : 0;
      if (held) reader.execute("ROLLBACK");
    }
    const std::int64_t stored = reader.query_integer("SELECT count(DISTINCT number) FROM numbers");
    if (stored < acked) {
      run.fail("acknowledged is stored",
               std::to_string(acked) + " were acknowledged, " + std::to_string(stored) + " are stored");
    }
  });
}

std::string text_number(std::uint64_t number) {
  constexpr unsigned kLines = 4'000;
  std::string text;
  for (unsigned i = 0; i < kLines; ++i)
    text.append(std::to_string(number)).append(",a line of results,1234567890\n");
  return text;
}

[[noreturn]] void rewrite_for_ever(const AnyRewriter& any, const std::string& file) {
  for (std::uint64_t number = 1;; ++number) any(file, text_number(1'000'000 + number % 2));
}

void kill_writers(CaseRun& run, const AnyRewriter& any) {
  const std::size_t kills = run.cell("writer killed");
  const ScratchFolder folder(std::filesystem::temp_directory_path());
  const std::string file = (folder.path() / "results.csv").string();
  any(file, text_number(1'000'000));
  run.rounds([&](const Round& round) {
    const pid_t writer = fork();
    if (writer == 0) rewrite_for_ever(any, file);
    if (writer < 0) throw std::runtime_error("fork failed");
    Random random(round.seed);
    const timespec time{.tv_sec = 0, .tv_nsec = static_cast<long>(500'000 + random.below(4'000'000))};
    nanosleep(&time, nullptr);
    kill(writer, SIGKILL);
    waitpid(writer, nullptr, 0);
    run.count(kills);
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (text != text_number(1'000'000) && text != text_number(1'000'001)) {
      run.fail("old or new", "after a kill the file has " + std::to_string(text.size()) +
                                 " bytes, of neither the old nor the new text");
    }
  });
}

}  // namespace

std::vector<VerifyCase> store_cases(const AnyStore& any) {
  return {{"commits", [any](CaseRun& run) { commit_beside_reader(run, any); }, 1}};
}

std::vector<VerifyCase> file_cases(const AnyRewriter& any) {
  return {{"kills", [any](CaseRun& run) { kill_writers(run, any); }, 1}};
}

}  // namespace crosstalk::harness::verify
