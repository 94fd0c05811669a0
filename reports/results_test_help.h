// Results folders for the tests of what reads them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "reports/csv_writer.h"
#include "reports/run_result.h"

namespace crosstalk::reports {

class ResultsFolder {
 public:
  ResultsFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "crosstalk-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~ResultsFolder() { std::filesystem::remove_all(path); }
  ResultsFolder(const ResultsFolder&) = delete;
  ResultsFolder& operator=(const ResultsFolder&) = delete;

  [[nodiscard]] std::string content(const std::string& file) const {
    std::ifstream in(path / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const std::string& file, const std::string& text) const {
    std::ofstream(path / file, std::ios::binary) << text;
  }

  std::filesystem::path path;
};

// A sound trial of a closed loop with a slice, a post kind and a curve over its clients.
inline RunResult sample_result(const std::string& run_id, std::uint64_t trial, const std::string& strategy,
                               std::uint64_t block = 0) {
  RunResult run;
  run.identity.run_id = run_id;
  run.identity.trial = trial;
  run.identity.block = block;
  run.identity.strategy = strategy;
  run.identity.scenario = "team";
  run.identity.path = "direct";
  run.identity.load_model = "closed";
  run.identity.clients = 10;
  run.identity.threads = 2;
  run.identity.trace_hash = 0xABC;
  run.verified = true;
  run.compiler = "g++";
  run.commit = "abc";
  for (const char* kind : {"all", "post"}) {
    OpResult op;
    op.op = kind;
    op.achieved_ops_s = 1234.5;
    op.count = 1'000;
    op.service.record(500, 900);
    op.service.record(5'003, 100);
    op.response = op.service;
    run.ops.push_back(op);
  }
  Interval slice;
  slice.op = "all";
  slice.phase = "measure";
  slice.length_ns = 1'000'000;
  slice.completed = 1'000;
  slice.response_p99_ns = 5'003;
  run.intervals = {slice};
  run.clients = {.measure = "mean_response_ns", .curve = client_curve({400, 600, 950.5})};
  return run;
}

}  // namespace crosstalk::reports
