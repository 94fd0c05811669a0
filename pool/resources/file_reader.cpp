#include "pool/resources/file_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "pool/resources/file_checksum.h"
#include "pool/resources/file_error.h"

namespace crosstalk::pool {

namespace {
constexpr std::size_t kVerifyBytes = std::size_t{64} << 10;
}

FileReader::FileReader(std::shared_ptr<const FileFolder> folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)), file_(folder_->open(name_)) {
  struct stat status {};
  if (fstat(file_.get(), &status) != 0) throw FileError(errno, folder_->path_of(name_), "look at");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  std::array<std::byte, FileTrailer::kBytes> last{};
  std::optional<FileTrailer> trailer;
  if (size >= last.size()) {
    folder_->read(file_, last, size - last.size(), name_);
    trailer = FileTrailer::decoded(last);
  }
  if (!trailer || trailer->bytes != size - last.size()) {
    throw FileError(FileFault::corrupt, folder_->path_of(name_), "open",
                    "no file of a store, or cut or changed since");
  }
  trailer_ = *trailer;
}

std::size_t FileReader::read(std::uint64_t offset, std::span<std::byte> to) const {
  if (offset >= trailer_.bytes) return 0;
  const std::uint64_t there = trailer_.bytes - offset;
  if (to.size() > there) to = to.first(static_cast<std::size_t>(there));
  folder_->read(file_, to, offset, name_);
  return to.size();
}

bool FileReader::verify() const {
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kVerifyBytes, size())));
  std::uint32_t checksum = 0;
  std::uint64_t offset = 0;
  while (const std::size_t got = read(offset, buffer)) {
    checksum = file_checksum(std::span(buffer).first(got), checksum);
    offset += got;
  }
  return checksum == trailer_.checksum;
}

std::vector<std::byte> FileReader::read_all() const {
  std::vector<std::byte> contents(static_cast<std::size_t>(size()));
  static_cast<void>(read(0, contents));
  if (file_checksum(contents) != trailer_.checksum) {
    throw FileError(FileFault::corrupt, folder_->path_of(name_), "read",
                    "the checksum is not that of the upload");
  }
  return contents;
}

}  // namespace crosstalk::pool
