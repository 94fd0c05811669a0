#include "pool/resources/file_store.h"

#include <stdexcept>
#include <utility>

#include "pool/resources/file_error.h"
#include "pool/resources/file_name.h"

namespace crosstalk::pool {

namespace {

std::string checked_folder_path(const std::filesystem::path& folder) {
  std::string path = folder.string();
  if (path.empty() || path.find('\0') != std::string::npos) {
    throw std::invalid_argument("FileStore: the folder's path must not be empty or hold a NUL");
  }
  return path;
}

}  // namespace

FileStore::FileStore(const std::filesystem::path& folder, const FileStoreOptions& options)
    : core_(std::make_shared<FileStoreCore>(checked_folder_path(folder), options)) {}

std::string FileStore::checked(std::string_view name, const char* doing) const {
  const std::string_view fault = fault_of_file_name(name);
  if (fault.empty()) return std::string(name);
  // No more of it than a name may have: who sends a megabyte shall not find it in the log.
  const std::string shown(name.substr(0, kFileNameBytesMax));
  throw FileError(FileFault::bad_name, core_->folder().path_of(shown), doing, fault);
}

FileUpload FileStore::begin(std::string_view name) {
  return begin(name, core_->options().on_existing);
}

FileUpload FileStore::begin(std::string_view name, OnExisting on_existing) {
  return begin_until(name, on_existing, deadline_in(core_->options().wait_time));
}

FileUpload FileStore::begin_until(std::string_view name, OnExisting on_existing, Deadline deadline) {
  try {
    std::string checked_name = checked(name, "begin an upload");
    core_->take_place(deadline, checked_name);
    return begin_in_place(std::move(checked_name), on_existing);
  } catch (...) {
    core_->count_refused();
    throw;
  }
}

FileUpload FileStore::begin_in_place(std::string name, OnExisting on_existing) {
  try {
    // commit() decides; but who will be refused then need not send anything.
    if (on_existing == OnExisting::refuse && core_->folder().has(name)) {
      throw FileError(FileFault::exists, core_->folder().path_of(name), "begin an upload",
                      "there is a file of that name");
    }
    FilePartial partial = core_->folder().create_partial(name);
    core_->count_started();
    return FileUpload(core_, std::move(partial), std::move(name), on_existing);
  } catch (...) {
    core_->give_place();
    throw;
  }
}

FileTrailer FileStore::put(std::string_view name, std::span<const std::byte> contents,
                           std::optional<std::uint32_t> expected_checksum) {
  FileUpload upload = begin(name);
  upload.write(contents);
  return upload.commit(expected_checksum);
}

FileReader FileStore::open(std::string_view name) const {
  return {std::shared_ptr<const FileFolder>(core_, &core_->folder()), checked(name, "open")};
}

bool FileStore::remove(std::string_view name) {
  const std::string checked_name = checked(name, "remove");
  if (!core_->folder().remove(checked_name)) return false;
  if (core_->options().durability == FileDurability::synced) core_->folder().sync_names(checked_name);
  return true;
}

bool FileStore::contains(std::string_view name) const {
  return is_file_name(name) && core_->folder().has(std::string(name));
}

std::vector<std::string> FileStore::list() const {
  return core_->folder().names();
}

}  // namespace crosstalk::pool
