// Stores and transactions beside other connections.
#include "harness/verify/durable_cases.h"

#include <filesystem>
#include <stdexcept>

#include "harness/scratch_folder.h"
#include "harness/verify/crew.h"
#include "harness/verify/scarcity.h"
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

void count_up(Member& member, const AnyTransaction& any, const std::string& file, std::uint64_t operations,
              std::size_t committed) {
  pool::SqliteConnection connection({.path = file, .vfs = {}, .create = false});
  for (std::uint64_t i = 0; i < operations; ++i) {
    member.begin("transaction", i);
    any(connection, [&] {
      const std::int64_t number = connection.query_integer("SELECT n FROM number");
      member.injector().inside();
      connection.execute(("UPDATE number SET n = " + std::to_string(number + 1)).c_str());
    });
    member.end();
    member.run().count(committed);
  }
}

// Two writers that read and then write: whoever has read before the other wrote meets SQLITE_BUSY_SNAPSHOT, or overwrites.
void read_and_write(CaseRun& run, const AnyTransaction& any) {
  const std::size_t committed = run.cell("transaction = committed");
  const ScratchFolder folder(std::filesystem::temp_directory_path());
  const std::string file = (folder.path() / "number.db").string();
  pool::SqliteConnection judge({.path = file, .vfs = {}, .create = true});
  judge.execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; CREATE TABLE number(n INTEGER); INSERT INTO number VALUES(0)");
  Crew crew(run, 3);
  std::int64_t expected = 0;
  run.rounds({2, 3, 2, 2}, 2, 20, [&](const Round& round) {
    run.expect("progress", "transactions wait for each other");
    crew.round(round, [&](Member& member) {
      try {
        count_up(member, any, file, round.operations, committed);
      } catch (const pool::StoreError& error) {
        if (const std::string_view lack = lack_of(error); !lack.empty()) run.give_up(lack);
        crew.fail("the whole again", std::string("another writer ended a transaction: ") + error.what());
      }
    });
    run.expect_nothing();
    expected += static_cast<std::int64_t>(round.threads * round.operations);
    const std::int64_t number = judge.query_integer("SELECT n FROM number");
    if (number != expected)
      crew.fail("no lost update",
                std::to_string(expected) + " transactions counted to " + std::to_string(number));
  });
}

}  // namespace

std::vector<VerifyCase> store_cases(const AnyStore& any) {
  return {{"commits", [any](CaseRun& run) { commit_beside_reader(run, any); }, 1}};
}

std::vector<VerifyCase> transaction_cases(const AnyTransaction& any) {
  return {{"read and write", [any](CaseRun& run) { read_and_write(run, any); }, 1}};
}

}  // namespace crosstalk::harness::verify
