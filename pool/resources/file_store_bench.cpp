// The file store: uploads of 64 KiB with each durability, in one chunk and in sixteen, new names and names replaced; a file
// read back and verified; the checksum alone. For orientation the same bytes by plain open, write, close, which promises
// nothing: half a file shows, an error leaves it there, and nobody will know that a bit flipped. The folder is that for
// temporary files (TMPDIR).
#include <benchmark/benchmark.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pool/resources/file_checksum.h"
#include "pool/resources/file_store.h"

namespace crosstalk::pool {
namespace {

constexpr std::size_t kUploadBytes = std::size_t{64} << 10;
constexpr unsigned kBenchNames = 64;  // removed, untimed, when all are used

std::vector<std::byte> bench_file() {
  std::vector<std::byte> contents(kUploadBytes);
  for (std::size_t i = 0; i < contents.size(); ++i) contents[i] = static_cast<std::byte>(i * 131 >> 3);
  return contents;
}

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kUploadBytes));
}

struct BenchFiles {
  explicit BenchFiles(FileDurability durability = FileDurability::none,
                      OnExisting on_existing = OnExisting::refuse) {
    std::string name = (std::filesystem::temp_directory_path() / "crosstalk-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder = name;
    FileStoreOptions options;
    options.durability = durability;
    options.on_existing = on_existing;
    store = std::make_unique<FileStore>(folder, options);
  }
  ~BenchFiles() {
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  void empty() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      std::filesystem::remove(entry.path());
  }

  std::filesystem::path folder;
  std::unique_ptr<FileStore> store;
};

// durability, chunks, replace
void file_store_upload(benchmark::State& state) {
  const auto on_existing = state.range(2) != 0 ? OnExisting::replace : OnExisting::refuse;
  const BenchFiles files(static_cast<FileDurability>(state.range(0)), on_existing);
  const std::vector<std::byte> contents = bench_file();
  const std::size_t chunk = contents.size() / static_cast<std::size_t>(state.range(1));
  unsigned next = 0;
  for (auto _ : state) {
    if (next == kBenchNames) {
      next = 0;
      if (on_existing == OnExisting::refuse) {
        state.PauseTiming();
        files.empty();
        state.ResumeTiming();
      }
    }
    FileUpload upload = files.store->begin(std::to_string(next++));
    for (std::size_t from = 0; from < contents.size(); from += chunk) {
      upload.write(std::span(contents).subspan(from, chunk));
    }
    upload.commit();
  }
  count_bytes(state);
}
BENCHMARK(file_store_upload)
    ->ArgNames({"synced", "chunks", "replace"})
    ->Args({0, 1, 0})
    ->Args({0, 16, 0})
    ->Args({0, 1, 1})
    ->Args({1, 1, 0})
    ->Args({1, 1, 1})
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

// Upload and removal, each thread with a name of its own: the folder stays small, and nothing is replaced.
void file_store_put_remove(benchmark::State& state) {
  static const std::vector<std::byte> contents = bench_file();
  static std::unique_ptr<BenchFiles> files;
  if (state.thread_index() == 0) files = std::make_unique<BenchFiles>();
  const std::string name = std::to_string(state.thread_index());
  for (auto _ : state) {
    files->store->put(name, contents);
    files->store->remove(name);
  }
  if (state.thread_index() == 0) files.reset();
  count_bytes(state);
}
BENCHMARK(file_store_put_remove)->ThreadRange(1, 4)->Unit(benchmark::kMicrosecond)->UseRealTime();

void file_plain_write(benchmark::State& state) {
  const BenchFiles files;
  const std::vector<std::byte> contents = bench_file();
  unsigned next = 0;
  for (auto _ : state) {
    if (next == kBenchNames) {
      next = 0;
      state.PauseTiming();
      files.empty();
      state.ResumeTiming();
    }
    const std::string path = (files.folder / std::to_string(next++)).string();
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool done = write(file, contents.data(), contents.size()) == static_cast<ssize_t>(contents.size());
    if (state.range(0) != 0) done = fsync(file) == 0 && done;
    close(file);
    if (!done) state.SkipWithError("a file was not written");
  }
  count_bytes(state);
}
BENCHMARK(file_plain_write)->ArgName("synced")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond)->UseRealTime();

void file_store_read_verified(benchmark::State& state) {
  const BenchFiles files;
  files.store->put("a", bench_file());
  for (auto _ : state) benchmark::DoNotOptimize(files.store->open("a").verify());
  count_bytes(state);
}
BENCHMARK(file_store_read_verified)->Unit(benchmark::kMicrosecond);

void file_plain_read(benchmark::State& state) {
  const BenchFiles files;
  files.store->put("a", bench_file());
  const std::string path = (files.folder / "a").string();
  std::vector<std::byte> buffer(kUploadBytes);
  for (auto _ : state) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    benchmark::DoNotOptimize(read(file, buffer.data(), buffer.size()));
    close(file);
  }
  count_bytes(state);
}
BENCHMARK(file_plain_read)->Unit(benchmark::kMicrosecond);

void file_checksum_64k(benchmark::State& state) {
  const std::vector<std::byte> contents = bench_file();
  for (auto _ : state) benchmark::DoNotOptimize(file_checksum(contents));
  count_bytes(state);
}
BENCHMARK(file_checksum_64k)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace crosstalk::pool
