// For tests of the file store: contents made from a number, what a call throws, and what lies in the folder.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pool/resources/file_error.h"
#include "pool/resources/file_name.h"
#include "pool/resources/file_store.h"
#include "pool/resources/store_test_help.h"

namespace crosstalk::pool {

using FileBytes = std::vector<std::byte>;

inline FileBytes file_bytes(std::size_t bytes, unsigned seed = 1) {
  FileBytes contents(bytes);
  std::uint32_t state = seed * 2'654'435'761U + 1;
  for (std::byte& byte : contents) {
    state = state * 1'664'525U + 1'013'904'223U;
    byte = static_cast<std::byte>(state >> 24);
  }
  return contents;
}

inline FileStoreOptions file_options() {
  FileStoreOptions options;
  options.durability = FileDurability::none;
  options.wait_time = std::chrono::hours(1);
  return options;
}

// What `call` ends with; nothing if it returns.
template <class Call>
std::optional<FileFault> file_fault(Call&& call) {
  try {
    std::forward<Call>(call)();
  } catch (const FileError& error) {
    return error.fault();
  }
  return std::nullopt;
}

// As file_store.h promises, when nobody is inside a call. `begun`: calls of begin().
inline bool file_balance(const FileStoreStats& stats, std::uint64_t begun) {
  return begun == stats.started + stats.refused &&
         stats.started == stats.committed + stats.discarded + stats.failed + stats.active;
}

inline std::vector<std::string> partials_in(const StoreFolder& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::string name = entry.path().filename().string();
    if (is_partial_name(name)) names.push_back(std::move(name));
  }
  return names;
}

inline std::filesystem::path file_at(const StoreFolder& folder, const std::string& name) {
  return std::filesystem::path(folder.path()) / name;
}

inline void flip_bit(const std::filesystem::path& path, std::uint64_t byte, unsigned bit = 0) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(byte));
  const int was = file.get();
  file.seekp(static_cast<std::streamoff>(byte));
  file.put(static_cast<char>(was ^ (1 << bit)));
}

}  // namespace crosstalk::pool
