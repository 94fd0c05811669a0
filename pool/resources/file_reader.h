// file_reader: a stored file that is open for reading. Opened by FileStore::open().
//
// It stays with the contents that it was opened with, whole, when the file is replaced or removed meanwhile. Opening looks
// at the trailer, which tells a file that was cut or that is none of a store's; whether the contents are what was uploaded
// says verify().
//
// Progress: blocks in the system only. Ownership: its own descriptor; it may outlive the store. Several threads may read at
// the same time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pool/resources/file_descriptor.h"
#include "pool/resources/file_folder.h"
#include "pool/resources/file_trailer.h"

namespace crosstalk::pool {

class FileReader {
 public:
  [[nodiscard]] std::uint64_t size() const noexcept { return trailer_.bytes; }         // of the contents
  [[nodiscard]] std::uint32_t checksum() const noexcept { return trailer_.checksum; }  // as it was uploaded

  // Fills `to` from that place on; returns how many bytes there were, fewer than asked for only at the end. Throws
  // FileError: corrupt if the file has been cut since, and what the disk says.
  [[nodiscard]] std::size_t read(std::uint64_t offset, std::span<std::byte> to) const;
  // Reads everything. False if it is not what was uploaded. Throws as read().
  [[nodiscard]] bool verify() const;
  // Everything, verified. Throws as read(), and FileError corrupt for what verify() says false to.
  [[nodiscard]] std::vector<std::byte> read_all() const;

 private:
  friend class FileStore;
  // Throws FileError: not_found, not_a_file, corrupt, and what the disk says.
  FileReader(std::shared_ptr<const FileFolder> folder, std::string name);

  std::shared_ptr<const FileFolder> folder_;
  std::string name_;
  FileDescriptor file_;
  FileTrailer trailer_;
};

}  // namespace crosstalk::pool
