// file_upload: a file that is coming in, chunk by chunk. Begun by FileStore::begin().
//
//   state                   write()          commit()              discard(), destruction
//   open                    open | failed    committed | failed    discarded
//   committed, discarded,
//   failed, moved from      std::logic_error std::logic_error      nothing happens
//
// Until commit() makes it visible, whole, under its name, nobody sees it. An upload that ends in another way leaves nothing,
// and the first error ends it. The one exception: commit() that throws FileFault::unsynced has made the file visible.
// Every end gives the place back at once.
//
// Progress: blocks in the system only. Ownership: it owns the partial file and a place of the store; it may outlive the store.
// One thread at a time; it may move from thread to thread. It belongs to the process that began it: a forked child that
// destroys its copy removes the partial.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "pool/resources/file_folder.h"
#include "pool/resources/file_store_core.h"
#include "pool/resources/file_trailer.h"

namespace crosstalk::pool {

class FileUpload {
 public:
  FileUpload(FileUpload&&) noexcept = default;
  FileUpload& operator=(FileUpload&& other) noexcept;
  ~FileUpload() { discard(); }

  // Appends a chunk, of any size; goes to the system as it is, so few large ones are cheaper. Throws FileError: too_large,
  // full, and what the disk says.
  void write(std::span<const std::byte> chunk);
  // Ends the upload. Throws FileError: checksum, exists, full, unsynced, and what the disk says.
  FileTrailer commit(std::optional<std::uint32_t> expected_checksum = std::nullopt);
  // Ends it without a file.
  void discard() noexcept { end(UploadEnd::discarded); }

  // Until here; what is written later changes them.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return written_.bytes; }
  [[nodiscard]] std::uint32_t checksum() const noexcept { return written_.checksum; }
  [[nodiscard]] bool open() const noexcept { return core_ != nullptr; }

 private:
  friend class FileStore;
  FileUpload(std::shared_ptr<FileStoreCore> core, FilePartial partial, std::string name,
             OnExisting on_existing) noexcept;
  void check_open(const char* doing) const;
  void end(UploadEnd end) noexcept;
  [[nodiscard]] std::shared_ptr<FileStoreCore> let_go() noexcept;

  std::shared_ptr<FileStoreCore> core_;  // none when it has ended
  FilePartial partial_;
  std::string name_;
  FileTrailer written_;
  OnExisting on_existing_;
};

}  // namespace crosstalk::pool
