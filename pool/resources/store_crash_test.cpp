// The message store under kill -9.
#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "pool/resources/message_store.h"
#include "pool/resources/store_test_help.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

struct CrashPipe {
  int reading = -1;
  int writing = -1;
};

// Runs in the child until it is killed: appends, and writes every acknowledged sequence into the pipe.
[[noreturn]] void append_until_killed(const MessageStoreOptions& options, std::uint64_t first, int pipe) {
  try {
    MessageStore store(options);
    const Completion tell{[](void* context, std::uint64_t sequence, StoreResult result) noexcept {
                            const int to = *static_cast<int*>(context);
                            if (result.ok() && write(to, &sequence, sizeof sequence) != sizeof sequence)
                              _exit(3);
                          },
                          &pipe, 0};
    for (std::uint64_t sequence = first;; ++sequence) {
      Completion told = tell;
      told.tag = sequence;
      store.append(new_message(1, sequence, "message " + std::to_string(sequence)), told);
    }
  } catch (...) {
    _exit(4);
  }
}

// The next acknowledged sequence, or 0 at the end of the pipe. Sequences go in whole: they are short.
std::uint64_t next_acknowledged(int pipe) {
  std::uint64_t sequence = 0;
  return read(pipe, &sequence, sizeof sequence) == sizeof sequence ? sequence : 0;
}

// Kills the child after so many acknowledgements; returns what was acknowledged.
std::vector<std::uint64_t> run_and_kill(const MessageStoreOptions& options, std::uint64_t first,
                                        std::size_t acknowledgements) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    append_until_killed(options, first, ends[1]);
  }
  close(ends[1]);
  std::vector<std::uint64_t> acknowledged;
  std::uint64_t sequence = 0;
  while (acknowledged.size() < acknowledgements && (sequence = next_acknowledged(ends[0])) != 0) {
    acknowledged.push_back(sequence);
  }
  kill(child, SIGKILL);
  while ((sequence = next_acknowledged(ends[0])) != 0) acknowledged.push_back(sequence);
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));  // and not ended by an error of its own
  return acknowledged;
}

TEST_CASE("after 20 kills in a row everything acknowledged is stored, and nothing twice",
          "[pool][store][stress]") {
  const StoreFolder folder;
  MessageStoreOptions options = store_options_at(folder);
  options.checkpoint_pages = 50;  // some are killed in a checkpoint
  std::mt19937 random(20);
  std::vector<std::uint64_t> acknowledged;
  std::uint64_t first = 1;
  for (unsigned round = 0; round < (kSanitized ? 4U : 20U); ++round) {
    // Now and then at once, while the file is being opened; else somewhere in the first 20,000.
    const std::size_t until = round % 5 == 0 ? random() % 3 : random() % (kSanitized ? 500 : 20'000);
    const auto more = run_and_kill(options, first, until);
    acknowledged.insert(acknowledged.end(), more.begin(), more.end());
    MessageStore store(options);
    REQUIRE(store.integrity() == "ok");
    const auto stored = store.history(1, kLastSequence, ~std::size_t{0});
    const auto sequences = sequences_of(stored);
    REQUIRE(std::adjacent_find(sequences.begin(), sequences.end()) == sequences.end());
    REQUIRE(std::includes(sequences.begin(), sequences.end(), acknowledged.begin(), acknowledged.end()));
    for (const StoredMessage& message : stored) {
      if (message.body != "message " + std::to_string(message.sequence)) FAIL("a torn message");
    }
    first = store.last_sequence(1) + 1;
  }
  CHECK(acknowledged.size() > 100);
}

}  // namespace
}  // namespace crosstalk::pool
