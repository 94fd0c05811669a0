// file_store: files in one folder, that appear whole or not at all.
//
// An upload is written to a partial, ".upload-PROCESS-NUMBER", and gets its name in one step when it is committed; who reads
// sees the file before it or the file after it, never half. Partials that a killed process left are removed when a store is
// opened in the folder; the partials of living ones stay, so several stores, in one process or in many, may share a folder.
// Each counts its own uploads only. What else stands in the folder (folders, symbolic links, names that begin with a dot) is
// neither shown nor followed.
//
// A stored file is its contents and a trailer of 24 bytes with their length and checksum (file_trailer.h), mode 0600.
//
// Guarded: at most uploads_max uploads at a time, each at most file_bytes_max long.
//
//   operation       progress                                                       throws
//   begin()         blocks until a place is free, or the deadline; then one of     FileError: bad_name, closed, timed_out,
//                   the system's calls                                             exists, full, denied, ...; nothing begun
//   put()           begin, write, commit                                           as these; nothing stored, but see unsynced
//   open(), read()  the system's calls only; never waits for uploads               FileError: bad_name, not_found, corrupt, ...
//   remove()        as open()                                                      FileError: bad_name, unsynced, ...
//   contains()      as open(); false for a bad name                                FileError
//   list()          as open(), in time with the folder's size                      FileError
//   close()         lock-free; idempotent                                          nothing
//   stats()         wait-free                                                      nothing
//
// All operations may be called by several threads; no lock is held during any of them. Those who wait for a place are served
// in no order. A full disk, or quota, is one FileError: the upload is gone, the place free, the store usable.
//
// A process whose limit of a file's size (RLIMIT_FSIZE) is reached is sent SIGXFSZ, which kills it unless it ignores the
// signal; a server should. Then it is a full disk. What signals do is the process's choice: the store changes nothing.
//
// The order of steps is that of Pillai et al., All File Systems Are Not Created Equal (OSDI 2014). A sync that failed is never
// tried again, it would lie: Rebello et al., Can Applications Recover from fsync Failures? (ATC 2020).
//
// Ownership: uploads and readers share the store's core and may outlive it. The destructor closes it and waits for nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pool/resources/file_reader.h"
#include "pool/resources/file_store_options.h"
#include "pool/resources/file_trailer.h"
#include "pool/resources/file_upload.h"
#include "pool/sync/futex.h"

namespace crosstalk::pool {

class FileStore {
 public:
  // Opens a folder that exists, and removes the partials of dead processes. Throws std::invalid_argument with bound and
  // value, and FileError.
  explicit FileStore(const std::filesystem::path& folder, const FileStoreOptions& options = {});
  FileStore(const FileStore&) = delete;
  FileStore& operator=(const FileStore&) = delete;
  ~FileStore() { close(); }

  // Waits for a place for the options' wait_time, or until the deadline.
  [[nodiscard]] FileUpload begin(std::string_view name);
  [[nodiscard]] FileUpload begin(std::string_view name, OnExisting on_existing);
  [[nodiscard]] FileUpload begin_until(std::string_view name, OnExisting on_existing, Deadline deadline);
  // A whole upload. Returns its length and checksum.
  FileTrailer put(std::string_view name, std::span<const std::byte> contents,
                  std::optional<std::uint32_t> expected_checksum = std::nullopt);

  [[nodiscard]] FileReader open(std::string_view name) const;
  // The contents, verified.
  [[nodiscard]] std::vector<std::byte> read(std::string_view name) const { return open(name).read_all(); }
  // False if there is none. Durable as a commit is; unsynced if the name is gone but may come back after a power failure.
  bool remove(std::string_view name);
  [[nodiscard]] bool contains(std::string_view name) const;
  // Names, sorted. No point in time: a file that comes or goes meanwhile may be there or not.
  [[nodiscard]] std::vector<std::string> list() const;

  // No upload is begun any more; who waits for a place gets `closed`. Uploads that are open go on, and files stay readable.
  void close() noexcept { core_->close(); }
  [[nodiscard]] FileStoreStats stats() const noexcept { return core_->stats(); }

 private:
  // Throws FileError bad_name.
  [[nodiscard]] std::string checked(std::string_view name, const char* doing) const;
  [[nodiscard]] FileUpload begin_in_place(std::string name, OnExisting on_existing);

  std::shared_ptr<FileStoreCore> core_;
};

}  // namespace crosstalk::pool
