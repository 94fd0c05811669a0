// A store that takes no notice of an error of COMMIT, and a file that is rewritten in place; each beside the same done right.
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>

#include "harness/output_file.h"
#include "harness/verify/durable_cases.h"
#include "harness/verify/specimen.h"
#include "pool/resources/sqlite_connection.h"
#include "pool/resources/store_error.h"

namespace crosstalk::harness::verify {

namespace {

// M29: BUSY on COMMIT is ignored: acknowledged, and not stored.
class M29Store final : public StoreOnTrial {
 public:
  M29Store(const std::string& file, bool broken)
      : broken_(broken), connection_({.path = file, .vfs = {}, .create = false}) {}
  bool append(std::int64_t number) override {
    connection_.execute("BEGIN");
    connection_.execute(("INSERT INTO numbers VALUES(" + std::to_string(number) + ")").c_str());
    try {
      connection_.execute("COMMIT");
      return true;
    } catch (const pool::StoreError&) {
      connection_.execute("ROLLBACK");
      return broken_;
    }
  }

 private:
  const bool broken_;
  pool::SqliteConnection connection_;
};

std::vector<VerifyCase> m29_cases(bool broken) {
  return store_cases([broken](const std::string& file) { return std::make_unique<M29Store>(file, broken); });
}

// M30: the file is cut to nothing and written anew.
void rewrite_in_place(const std::string& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
}
void rewrite_beside(const std::string& file, const std::string& text) {
  OutputFile output(file);
  output.stream() << text;
  output.commit();
}

}  // namespace

void add_durable_specimens(std::vector<Specimen>& all) {
  const auto add = [&all](const char* name, SpecimenKind kind, const char* bug, std::vector<VerifyCase> cases,
                          const char* property) {
    all.push_back({.name = name,
                   .kind = kind,
                   .bug = bug,
                   .cases = std::move(cases),
                   .properties = {property},
                   .of_the_chapter = false,
                   .layer = "disk"});
  };
  add("M29", SpecimenKind::mutant, "an error of COMMIT is ignored", m29_cases(true),
      "acknowledged is stored");
  add("M29", SpecimenKind::twin, "without the bug", m29_cases(false), "acknowledged is stored");
  add("M30", SpecimenKind::mutant, "a file is rewritten in place", file_cases(rewrite_in_place),
      "old or new");
  add("M30", SpecimenKind::twin, "without the bug: the program's own OutputFile", file_cases(rewrite_beside),
      "old or new");
}

}  // namespace crosstalk::harness::verify
