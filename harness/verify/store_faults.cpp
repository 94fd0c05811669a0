// Stores whose disk fails at the n-th call, is full or held by others, whose process is killed, and that end from all sides.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <exception>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "harness/scratch_folder.h"
#include "harness/verify/child_end.h"
#include "harness/verify/durable_cases.h"
#include "harness/verify/puppets.h"
#include "harness/verify/scarcity.h"
#include "pool/resources/faulty_disk.h"
#include "pool/resources/sqlite_connection.h"
#include "pool/resources/store_error.h"

namespace crosstalk::harness::verify {

namespace {

constexpr const char* kAcked = "acknowledged is stored";
constexpr const char* kUsable = "usable after a fault";

// A fresh file, what was handed in to it and what was acknowledged.
class StoreLedger {
 public:
  explicit StoreLedger(CaseRun& run) : run_(run), folder_(std::filesystem::temp_directory_path()) {}

  [[nodiscard]] StorePlace place() const {
    StorePlace place;
    place.file = (folder_.path() / "store.db").string();
    return place;
  }
  // How many of them were acknowledged. By the leading thread.
  std::uint64_t append(DurableStore& store, std::uint64_t count) {
    run_.expect("progress", "what is handed in to a store is not completed");
    const std::uint64_t acked = append_beside(store, count);
    run_.expect_nothing();
    run_.step();
    return acked;
  }
  // The same by any thread, one at a time.
  std::uint64_t append_beside(DurableStore& store, std::uint64_t count) {
    const std::uint64_t first = next_;
    const std::size_t before = acked_.size();
    next_ += count;
    std::uint64_t told = 0;
    store.append(first, count, [&](std::uint64_t number, bool acknowledged) {
      ++told;
      if (acknowledged) acked_.insert(number);
    });
    if (told != count)
      run_.fail("exactly once", std::to_string(told) + " answers to " + std::to_string(count) + " entries");
    return acked_.size() - before;
  }
  void acknowledge(std::uint64_t number) { acked_.insert(number); }
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
  void handed_in_until(std::uint64_t next) noexcept { next_ = next; }

  // The laws, seen by a store that has no faults any more.
  void judge(const AnyDurableStore& any) {
    const auto store = any.open(place());
    const std::vector<std::uint64_t> stored = store->stored();
    if (std::adjacent_find(stored.begin(), stored.end()) != stored.end())
      run_.fail("exactly once", "an entry is stored twice");
    if (!stored.empty() && stored.back() >= next_)
      run_.fail("exactly once", "an entry is stored that nobody handed in");
    if (!std::includes(stored.begin(), stored.end(), acked_.begin(), acked_.end())) {
      run_.fail(kAcked, std::to_string(acked_.size()) +
                            " were acknowledged, and of those some are not among the " +
                            std::to_string(stored.size()) + " stored");
    }
    const std::string integrity = store->integrity();
    if (integrity != "ok") run_.fail("integrity", integrity);
  }

 private:
  CaseRun& run_;
  const ScratchFolder folder_;
  std::uint64_t next_ = 1;
  std::set<std::uint64_t> acked_;
};

struct AppendCells {
  explicit AppendCells(CaseRun& run)
      : stored(run.cell("append = acknowledged")), refused(run.cell("append = refused")) {}
  void count(CaseRun& run, std::uint64_t acked, std::uint64_t count) const {
    run.count(stored, acked);
    run.count(refused, count - acked);
  }
  std::size_t stored, refused;
};

void must_take(CaseRun& run, StoreLedger& ledger, DurableStore& store, const char* when) {
  if (ledger.append(store, 1) != 1) run.fail(kUsable, std::string("nothing is taken ") + when);
}

struct DiskFault {
  int code;
  std::size_t met;  // its cell
};

// The n-th write or sync of a fresh store fails; so do five more at times.
void meet_fault(CaseRun& run, const AnyDurableStore& any, pool::FaultyDisk& disk, const DiskFault& fault,
                const AppendCells& cells, Random& random) {
  StoreLedger ledger(run);
  StorePlace place = ledger.place();
  place.vfs = pool::FaultyDisk::kName;
  disk.fail_at(static_cast<std::int64_t>(1 + random.below(60)), fault.code, random.one_in(2) ? 5 : 0);
  try {
    const auto store = any.open(place);
    for (int batch = 0; batch < 3; ++batch) cells.count(run, ledger.append(*store, 10), 10);
    if (disk.has_failed()) run.count(fault.met);
    disk.work_again();
    must_take(run, ledger, *store, "once the disk works again");
  } catch (const pool::StoreError&) {
    disk.work_again();  // the constructor met the fault
    run.count(fault.met);
  }
  ledger.judge(any);
}

void fail_at_nth_call(CaseRun& run, const AnyDurableStore& any) {
  const AppendCells cells(run);
  const std::array faults{DiskFault{SQLITE_IOERR, run.cell("fault met: IOERR")},
                          DiskFault{SQLITE_FULL, run.cell("fault met: FULL")},
                          DiskFault{SQLITE_IOERR_NOMEM, run.cell("fault met: NOMEM")}};
  pool::FaultyDisk disk;
  run.rounds([&](const Round& round) {
    Random random(round.seed);
    for (const DiskFault& fault : faults) meet_fault(run, any, disk, fault, cells, random);
  });
}

void fill_store(CaseRun& run, const AnyDurableStore& any) {
  const AppendCells cells(run);
  run.rounds([&](const Round& round) {
    StoreLedger ledger(run);
    StorePlace place = ledger.place();
    place.max_pages = 24 + round.number % 16;
    std::uint64_t acked = 50;
    {
      const auto store = any.open(place);
      for (unsigned batch = 0; acked == 50 && batch < 1'000; ++batch) {
        acked = ledger.append(*store, 50);
        cells.count(run, acked, 50);
      }
    }
    ledger.judge(any);
    if (acked == 50) run.fail("full", "a store with a bound took everything");
    const auto store = any.open(ledger.place());
    must_take(run, ledger, *store, "though there is space again");
  });
}

// Another connection has the write lock for longer than the store tries; then others write beside it, as it waits its turn.
void stand_in_the_way(CaseRun& run, const AnyDurableStore& any) {
  const AppendCells cells(run);
  const std::size_t beside = run.cell("append beside another writer");
  Puppets puppets(run, 1);
  run.rounds([&](const Round&) {
    StoreLedger ledger(run);
    StorePlace hurried = ledger.place();
    hurried.busy_time = std::chrono::milliseconds(2);
    const auto store = any.open(hurried);
    pool::SqliteConnection other({.path = hurried.file, .vfs = {}, .create = false});
    other.execute("BEGIN IMMEDIATE");
    const std::uint64_t acked = ledger.append(*store, 3);
    cells.count(run, acked, 3);
    if (acked != 0) run.fail(kAcked, "entries were acknowledged that another writer's lock keeps out");
    other.execute("ROLLBACK");
    must_take(run, ledger, *store, "once the other writer has gone");
    cells.count(run, 1, 1);
    other.execute("CREATE TABLE foreign_rows(n INTEGER)");
    std::atomic<bool> ends{false};
    puppets.tell(0, [&](Member& member) {
      pool::SqliteConnection writer({.path = hurried.file,
                                     .vfs = {},
                                     .create = false,
                                     .wait_for_lock = std::chrono::milliseconds(60'000)});
      for (int i = 0; i < 10 || (i < 1'000 && !look(ends)); ++i) {
        member.begin("foreign write");
        writer.execute("BEGIN IMMEDIATE; INSERT INTO foreign_rows VALUES(1); COMMIT");
        member.end();
      }
    });
    const auto patient = any.open(ledger.place());
    const std::uint64_t taken = ledger.append(*patient, 5);
    note(ends, true);
    puppets.await(0, "progress", "another writer does not get its turn");
    if (taken != 5) run.fail(kUsable, "others who write in turn ended an entry, long before its time");
    run.count(beside, taken);
    patient->close();
    store->close();
    ledger.judge(any);
  });
}

// Numbers that were acknowledged, in memory that outlives the process that noted them.
struct SharedAcks {
  static constexpr std::size_t kMost = 200'000;
  std::atomic<std::uint64_t> first_not_tried{0};
  std::atomic<std::uint64_t> count{0};
  std::array<std::atomic<std::uint8_t>, kMost> acked{};
  Text<64> lack;  // of the machine, if the process ended by it
};
// How a process ends that could not open the store or write to it.
constexpr int kBroken = 4;
constexpr int kLacks = 5;

[[noreturn]] void append_until_killed(const AnyDurableStore& any, const StorePlace& place, SharedAcks& shared,
                                      std::uint64_t next) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    const auto store = any.open(place);
    constexpr std::uint64_t kBatch = 20;
    for (; next + kBatch < SharedAcks::kMost; next += kBatch) {
      note(shared.first_not_tried, next + kBatch);
      store->append(next, kBatch, [&](std::uint64_t number, bool acknowledged) {
        if (!acknowledged) return;
        note(shared.acked[number], std::uint8_t{1});
        raise(shared.count);
      });
    }
  } catch (const std::exception& error) {
    const std::string_view lack = lack_of(error);
    shared.lack.set(lack);
    end_child(lack.empty() ? kBroken : kLacks);
  } catch (...) {
    end_child(kBroken);
  }
  wait_for_end();
}

// In some lives it is killed while the file is being opened, in others after so many acknowledgements; soon in any case.
void wait_for_acks(CaseRun& run, const SharedAcks& shared, Random& random) {
  const bool early = random.one_in(4);
  const std::uint64_t enough = look(shared.count) + 1 + random.below(300);
  const std::uint64_t naps_most = early ? random.below(10) : 10'000;
  for (std::uint64_t naps = 0; naps < naps_most && look(shared.count) < enough; ++naps) {
    const timespec nap{.tv_sec = 0, .tv_nsec = 200'000};
    nanosleep(&nap, nullptr);
    run.step();  // whether the other process gets on is not asked here
  }
}

void kill_store(CaseRun& run, const AnyDurableStore& any) {
  const std::size_t killed = run.cell("process killed");
  const std::size_t acked = run.cell("append = acknowledged, then killed");
  void* const memory =
      mmap(nullptr, sizeof(SharedAcks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  run.rounds([&](const Round& round) {
    auto& shared = *new (memory) SharedAcks;
    StoreLedger ledger(run);
    Random random(round.seed);
    std::uint64_t seen = 1;
    for (int life = 0; life < 3; ++life) {
      const pid_t child = fork();
      if (child == 0) append_until_killed(any, ledger.place(), shared, seen);
      if (child < 0) throw std::runtime_error("fork failed");
      wait_for_acks(run, shared, random);
      const int status = end_of_killed(run, child);
      if (WIFEXITED(status) && WEXITSTATUS(status) == kLacks) run.give_up(shared.lack.get());
      if (!WIFSIGNALED(status)) run.fail(kUsable, "a store cannot be opened or written after a kill");
      run.count(killed);
      run.step();
      seen = std::max(seen, look(shared.first_not_tried));
      ledger.handed_in_until(seen);
      for (std::uint64_t number = 1; number < seen; ++number) {
        if (look(shared.acked[number]) == 0) continue;
        ledger.acknowledge(number);
        run.count(acked);
      }
      ledger.judge(any);
    }
  });
  munmap(memory, sizeof(SharedAcks));
}

// Three end it at once while entries come in; each returns after the end. Then once more.
void end_from_all_sides(CaseRun& run, const AnyDurableStore& any) {
  const AppendCells cells(run);
  const std::size_t ended = run.cell("drill: three ends at once");
  Puppets puppets(run, 4);
  run.rounds([&](const Round&) {
    StoreLedger ledger(run);
    {
      const auto store = any.open(ledger.place());
      const std::uint64_t before = ledger.append(*store, 5);
      std::uint64_t beside = 0;
      puppets.tell(3, [&](Member& member) {
        member.begin("append");
        beside = ledger.append_beside(*store, 50);
        member.end();
      });
      for (unsigned who = 0; who < 3; ++who) {
        puppets.tell(who, [&](Member& member) {
          member.begin("close");
          store->close();
          member.end();
        });
      }
      for (unsigned who = 0; who < 4; ++who)
        puppets.await(who, "shutdown", "the end of a store, or who appends beside it, does not return");
      if (before != 5) run.fail(kUsable, "an open store refused entries");
      cells.count(run, before + beside, 55);
      const std::uint64_t after = ledger.append(*store, 1);
      if (after != 0) run.fail("shutdown", "a closed store took an entry");
      cells.count(run, after, 1);
      store->close();
    }
    run.count(ended);
    ledger.judge(any);
  });
}

}  // namespace

std::vector<VerifyCase> durable_cases(const AnyDurableStore& any) {
  return {{"failing disk", [any](CaseRun& run) { fail_at_nth_call(run, any); }, 0.3},
          {"full disk", [any](CaseRun& run) { fill_store(run, any); }, 0.1},
          {"other writers", [any](CaseRun& run) { stand_in_the_way(run, any); }, 0.2},
          {"kills", [any](CaseRun& run) { kill_store(run, any); }, 0.3},
          {"ends", [any](CaseRun& run) { end_from_all_sides(run, any); }, 0.1}};
}

}  // namespace crosstalk::harness::verify
