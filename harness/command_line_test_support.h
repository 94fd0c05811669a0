// What the tests of the command line share: a catalog without servers, a folder, files, the reading of `run`.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/catalog.h"
#include "harness/run_options.h"
#include "workloads/input_error.h"

namespace crosstalk::harness {

// A folder of its own that goes with the test.
class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "crosstalk-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~TestFolder() { std::filesystem::remove_all(path); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
    return (path / name).string();
  }

  std::filesystem::path path;
};

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void no_trial(const TrialInput&, TrialReport&) {}

inline Strategy fake_strategy(const std::string& name) {
  Strategy strategy;
  strategy.name = name;
  strategy.trial = no_trial;
  return strategy;
}

// null/null (floor), reference/none (one thread), {coarse,sharded}/{null,ticket,std_mutex}, the null ones for
// one thread.
inline Catalog fake_catalog() {
  Catalog catalog;
  Strategy floor = fake_strategy("null/null");
  floor.floor = true;
  catalog.add(floor);
  Strategy reference = fake_strategy("reference/none");
  reference.one_thread = true;
  catalog.add(reference);
  for (const std::string server : {"coarse/", "sharded/"}) {
    Strategy null = fake_strategy(server + "null");
    null.composed = true;
    null.one_thread = true;
    null.lock_bytes = 1;
    null.contract = {.exclusive = false, .one_thread = true, .algorithm = "nothing", .source = "the floor"};
    catalog.add(null);
    Strategy ticket = fake_strategy(server + "ticket");
    ticket.composed = true;
    ticket.lock_bytes = 8;
    ticket.contract = {.fairness = pool::Fairness::fifo, .algorithm = "two counters", .source = "a paper"};
    catalog.add(ticket);
    Strategy mutex = fake_strategy(server + "std_mutex");
    mutex.composed = true;
    mutex.lock_bytes = 40;
    mutex.contract = {.parks = true, .algorithm = "futex", .source = "a library"};
    catalog.add(mutex);
  }
  return catalog;
}

// Scenarios are found by name whatever the environment of the tests says. Called by every test that needs
// one.
inline void use_built_in_scenarios() {
  setenv("CROSSTALK_SCENARIOS", CROSSTALK_SOURCE_DIR "/workloads/scenarios", 1);
}

using Arguments = std::vector<std::string>;

// What `crosstalk run` reads out of the arguments, with the fake catalog.
inline RunOptions parsed(const Arguments& arguments, const Environment& environment = {}) {
  use_built_in_scenarios();
  return parse_run(fake_catalog(), arguments, environment);
}

// What it says of arguments that it refuses.
inline std::string refusal(const Arguments& arguments, const Environment& environment = {}) {
  try {
    parsed(arguments, environment);
  } catch (const UsageError& error) {
    return error.what();
  } catch (const workloads::InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace crosstalk::harness
