// Signals are sent in forked processes of their own wherever one is to end the program.
#include <catch2/catch.hpp>

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "harness/interrupt.h"

namespace crosstalk::harness {
namespace {

// The wait status of a process that runs `body`.
template <class Body>
int status_of(Body&& body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(99);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST_CASE("the first signal sets the flag and is remembered", "[harness][interrupt]") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Interrupt interrupt;
    CHECK_FALSE(interrupt.stop());
    CHECK(interrupt.signal() == 0);
    std::raise(signal);
    CHECK(interrupt.stop());
    CHECK(interrupt.signal() == signal);
  }
  const Interrupt fresh;
  CHECK_FALSE(fresh.stop());
  CHECK(fresh.signal() == 0);
}

TEST_CASE("child processes see the flag that a signal of their parent sets", "[harness][interrupt]") {
  const Interrupt interrupt;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    Interrupt::ignore();
    char byte = 0;
    if (read(ready[0], &byte, 1) != 1) _exit(2);  // written after the signal
    _exit(interrupt.stop() ? 0 : 1);
  }
  std::raise(SIGTERM);
  CHECK(write(ready[1], "x", 1) == 1);
  int status = 0;
  waitpid(child, &status, 0);
  close(ready[0]);
  close(ready[1]);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a second signal ends the program with its number and kills the trial", "[harness][interrupt]") {
  int alive[2];  // the trial holds the end that is written to: end of file says that it is gone
  REQUIRE(pipe(alive) == 0);
  const int status = status_of([&] {
    const Interrupt interrupt;
    const pid_t trial = fork();
    if (trial == 0) {
      Interrupt::ignore();
      for (;;) pause();
    }
    Interrupt::set_child(trial);
    std::raise(SIGINT);
    std::raise(SIGTERM);
  });
  close(alive[1]);
  char byte = 0;
  CHECK(read(alive[0], &byte, 1) == 0);
  close(alive[0]);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 128 + SIGTERM);
}

TEST_CASE("a second signal kills a whole group", "[harness][interrupt]") {
  int alive[2];  // as above
  REQUIRE(pipe(alive) == 0);
  const int status = status_of([&] {
    const Interrupt interrupt;
    const pid_t program = fork();
    if (program == 0) {
      setpgid(0, 0);
      Interrupt::ignore();
      fork();
      for (;;) pause();
    }
    setpgid(program, program);
    Interrupt::set_child(-program);
    std::raise(SIGINT);
    std::raise(SIGTERM);
  });
  close(alive[1]);
  char byte = 0;
  CHECK(read(alive[0], &byte, 1) == 0);
  close(alive[0]);
  CHECK(WEXITSTATUS(status) == 128 + SIGTERM);
}

TEST_CASE("a second signal without a trial just ends the program", "[harness][interrupt]") {
  const int status = status_of([] {
    const Interrupt interrupt;
    std::raise(SIGINT);
    std::raise(SIGINT);
  });
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
}

TEST_CASE("after the interrupt's life a signal means what it always did", "[harness][interrupt]") {
  const int status = status_of([] {
    { const Interrupt interrupt; }
    std::raise(SIGTERM);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
}

TEST_CASE("a process that ignores signals lives on", "[harness][interrupt]") {
  const int status = status_of([] {
    Interrupt::ignore();
    std::raise(SIGINT);
    std::raise(SIGTERM);
    _exit(0);
  });
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace crosstalk::harness
