#include "pool/resources/file_upload.h"

#include <stdexcept>
#include <utility>

#include "pool/resources/file_checksum.h"
#include "pool/resources/file_error.h"

namespace crosstalk::pool {

FileUpload::FileUpload(std::shared_ptr<FileStoreCore> core, FilePartial partial, std::string name,
                       OnExisting on_existing) noexcept
    : core_(std::move(core)),
      partial_(std::move(partial)),
      name_(std::move(name)),
      on_existing_(on_existing) {}

FileUpload& FileUpload::operator=(FileUpload&& other) noexcept {
  if (this == &other) return *this;
  discard();
  core_ = std::move(other.core_);
  partial_ = std::move(other.partial_);
  name_ = std::move(other.name_);
  written_ = other.written_;
  on_existing_ = other.on_existing_;
  return *this;
}

void FileUpload::check_open(const char* doing) const {
  if (core_ == nullptr) {
    throw std::logic_error("FileUpload: " + std::string(doing) + " of an upload that has ended");
  }
}

void FileUpload::write(std::span<const std::byte> chunk) {
  check_open("write()");
  try {
    const std::uint64_t most = core_->options().file_bytes_max;
    if (chunk.size() > most - written_.bytes) {
      throw FileError(FileFault::too_large, core_->folder().path_of(name_), "write",
                      "a file may have " + std::to_string(most) + " bytes, this one has " +
                          std::to_string(written_.bytes) + " and would get " + std::to_string(chunk.size()));
    }
    core_->folder().write(partial_, chunk, name_);
  } catch (...) {
    end(UploadEnd::failed);
    throw;
  }
  written_.bytes += chunk.size();
  written_.checksum = file_checksum(chunk, written_.checksum);
}

FileTrailer FileUpload::commit(std::optional<std::uint32_t> expected_checksum) {
  check_open("commit()");
  const FileFolder& folder = core_->folder();
  const bool synced = core_->options().durability == FileDurability::synced;
  try {
    if (expected_checksum && *expected_checksum != written_.checksum) {
      throw FileError(FileFault::checksum, folder.path_of(name_), "commit",
                      "the checksum is " + std::to_string(written_.checksum) + ", expected was " +
                          std::to_string(*expected_checksum));
    }
    folder.write(partial_, written_.encoded(), name_);
    // Before the name: else a power failure might leave the name of a file without its contents.
    if (synced) folder.sync(partial_, name_);
    folder.give_name(partial_, name_, on_existing_);
  } catch (...) {
    end(UploadEnd::failed);
    throw;
  }
  const std::shared_ptr<FileStoreCore> core = let_go();  // of the partial's name, which is none any more
  try {
    if (synced) folder.sync_names(name_);
  } catch (...) {
    core->count_end(UploadEnd::failed, 0);
    throw;
  }
  core->count_end(UploadEnd::committed, written_.bytes);
  return written_;
}

void FileUpload::end(UploadEnd end) noexcept {
  if (core_ == nullptr) return;
  core_->folder().remove_partial(partial_);
  let_go()->count_end(end, 0);
}

std::shared_ptr<FileStoreCore> FileUpload::let_go() noexcept {
  partial_.file.reset();
  return std::move(core_);
}

}  // namespace crosstalk::pool
