// A server as the trial sees it: what is called once a phase, or once a request of the pool. Whatever is called once an
// operation is compiled together with the server (hosted_server.h), and the rest of the trial only once for all servers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/clock.h"
#include "harness/driver_records.h"
#include "harness/issued.h"
#include "harness/late_sink.h"
#include "harness/law_counts.h"
#include "harness/repeat.h"
#include "harness/trial_input.h"
#include "harness/window.h"
#include "pool/chat/chat_types.h"
#include "workloads/op.h"

namespace crosstalk::harness {

class ClientBook;
class Journal;
class PostMarks;
class Recorder;
class TrialServices;

struct CallSetting {
  LateSink* late = nullptr;  // told of what comes after a call; null: nothing does
  bool deferred = false;     // posts are handed out after they have returned
};

// What every issuer of a trial is given. All that is pointed to must outlive the server.
struct IssuerSetting {
  const Clock& clock;
  Checks checks = Checks::live;
  CallSetting calls;
  ClientBook* book = nullptr;                               // null: nothing is checked
  Journal* journal = nullptr;                               // null: nothing is digested
  PostMarks* marks = nullptr;                               // null: no post is marked
  const std::vector<std::unique_ptr<Recorder>>& recorders;  // one an issuer
};

// One driver's run on the direct path.
struct DriverRun {
  const TrialInput& input;
  unsigned index = 0;
  TrialServices& services;
  Recorder& recorder;
  const WindowSwitch& news;
  Journal* journal = nullptr;
  TrialReport& report;
  Window window;
  // Out: what passed this driver.
  FlowReport& flows;
  LockMaxima& maxima;
};

class ServerUnderTest {
 public:
  ServerUnderTest() = default;
  ServerUnderTest(const ServerUnderTest&) = delete;
  ServerUnderTest& operator=(const ServerUnderTest&) = delete;
  virtual ~ServerUnderTest() = default;

  // Issuer `place` does what it says, on the calling thread; one thread at a time for each place.
  virtual Issued issue(std::size_t place, const workloads::Op& op) = 0;
  // The same for what is meant to begin at `intended` ticks.
  virtual Issued request(std::size_t place, const workloads::Op& op, std::uint64_t intended) = 0;
  virtual Issued receive(std::size_t place, std::uint32_t client, std::uint64_t intended) = 0;
  // Does what repeat.h says of an operation that was done.
  virtual void repeat(std::size_t place, RepeatOf what, const workloads::Op& op) = 0;
  // Runs a driver to its end; returns the instant at which its last operation ended.
  virtual std::uint64_t drive(const DriverRun& run) = 0;

  [[nodiscard]] virtual LawCounts& counts(std::size_t place) = 0;
  // Returns once every post that returned before has been handed out and stored.
  virtual void settle() = 0;
  [[nodiscard]] virtual std::uint64_t sequence(std::uint32_t room) = 0;
  // The server's own sums, or the number of calls it counted. Nobody else calls the server any more.
  virtual void sum_up(LawCounts& counts) = 0;
};

// What a trial must know of a kind of server to build one.
struct ServerKind {
  bool counting = false;  // only counts its calls
  bool composed = false;  // honours dispatch, store and files
  std::unique_ptr<ServerUnderTest> (*make)(const pool::ServerOptions& options, const IssuerSetting& setting,
                                           bool timed) = nullptr;
};

}  // namespace crosstalk::harness
