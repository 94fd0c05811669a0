#include "harness/gate/instruction_counter.h"

#include <catch2/catch.hpp>

#include "harness/gate/gate_test_help.h"

namespace crosstalk::harness::gate {
namespace {

TEST_CASE("valgrind is found where PATH says, and only if it may be run", "[harness][gate]") {
  FakePrograms programs;
  const std::string folder = programs.folder.path.string();
  CHECK(find_valgrind("").empty());
  CHECK(find_valgrind("/nowhere:" + folder).empty());
  programs.folder.put("valgrind", "");
  CHECK(find_valgrind("/nowhere:" + folder).empty());
  programs.file("valgrind", "#!/bin/sh\n");
  CHECK(find_valgrind("/nowhere:" + folder) == programs.folder.path / "valgrind");
  CHECK(find_valgrind(folder + ":/nowhere") == programs.folder.path / "valgrind");
}

}  // namespace
}  // namespace crosstalk::harness::gate
