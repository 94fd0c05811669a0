#include "pool/resources/file_folder.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "pool/resources/file_error.h"
#include "pool/resources/file_name.h"

namespace crosstalk::pool {

namespace {

// A name may be taken, by whatever stands in the folder, or by a process of another container with the same number.
constexpr unsigned kPartialTries = 10'000;

template <class Call>
auto without_interruption(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

std::uint64_t next_partial_number() noexcept {
  static std::atomic<std::uint64_t> number{0};
  // relaxed: all that matters is that no two are alike.
  return number.fetch_add(1, std::memory_order_relaxed);
}

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { closedir(folder); }
};

}  // namespace

FileFolder::FileFolder(std::string path, FileCalls& calls)
    : path_(std::move(path)), calls_(calls), folder_(without_interruption([&] {
        return calls_.open(AT_FDCWD, path_.c_str(), O_RDONLY | O_DIRECTORY);
      })) {
  if (!folder_) throw FileError(errno, path_, "open the folder");
}

bool FileFolder::status_of(const std::string& name, struct stat& status) const {
  if (fstatat(folder_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno != ENOENT) throw FileError(errno, path_of(name), "look at");
  return false;
}

bool FileFolder::has(const std::string& name) const {
  struct stat status {};
  return status_of(name, status) && S_ISREG(status.st_mode);
}

std::vector<std::string> FileFolder::entries(const Choice& choice) const {
  // Opened anew: a copy of the descriptor would share its place in the list with other threads.
  FileDescriptor again(
      without_interruption([&] { return calls_.open(folder_.get(), ".", O_RDONLY | O_DIRECTORY); }));
  const std::unique_ptr<DIR, CloseFolder> list(again ? fdopendir(again.get()) : nullptr);
  if (!list) throw FileError(errno, path_, "list");
  static_cast<void>(again.detach());
  std::vector<std::string> chosen;
  for (;;) {
    errno = 0;
    const dirent* const entry = readdir(list.get());
    if (entry == nullptr) break;
    if (std::string name = entry->d_name; choice(name, entry->d_type)) chosen.push_back(std::move(name));
  }
  if (errno != 0) throw FileError(errno, path_, "list");
  return chosen;
}

std::vector<std::string> FileFolder::names() const {
  std::vector<std::string> names = entries([this](const std::string& name, unsigned char type) {
    return is_file_name(name) && (type == DT_REG || (type == DT_UNKNOWN && has(name)));
  });
  std::sort(names.begin(), names.end());
  return names;
}

bool FileFolder::remove(const std::string& name) const {
  if (without_interruption([&] { return calls_.remove(folder_.get(), name.c_str()); }) == 0) return true;
  if (errno != ENOENT) throw FileError(errno, path_of(name), "remove");
  return false;
}

FileDescriptor FileFolder::open(const std::string& name) const {
  // O_NONBLOCK: a pipe by that name must not make anybody wait.
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  FileDescriptor file(without_interruption([&] { return calls_.open(folder_.get(), name.c_str(), kFlags); }));
  if (!file) throw FileError(errno, path_of(name), "open");
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw FileError(errno, path_of(name), "look at");
  if (!S_ISREG(status.st_mode)) throw FileError(FileFault::not_a_file, path_of(name), "open", "not a file");
  return file;
}

void FileFolder::read(const FileDescriptor& file, std::span<std::byte> to, std::uint64_t offset,
                      const std::string& name) const {
  while (!to.empty()) {
    const ssize_t got =
        without_interruption([&] { return calls_.read(file.get(), to.data(), to.size(), offset); });
    if (got < 0) throw FileError(errno, path_of(name), "read");
    if (got == 0) throw FileError(FileFault::corrupt, path_of(name), "read", "the file was cut");
    to = to.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

FilePartial FileFolder::create_partial(const std::string& name) const {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  const auto process = static_cast<std::uint64_t>(getpid());
  for (unsigned tries = 0; tries < kPartialTries; ++tries) {
    FilePartial partial{{}, partial_name(process, next_partial_number())};
    partial.file = FileDescriptor(
        without_interruption([&] { return calls_.open(folder_.get(), partial.name.c_str(), kFlags); }));
    if (!partial.file) {
      if (errno == EEXIST) continue;
      throw FileError(errno, path_of(name), "create");
    }
    if (without_interruption([&] { return calls_.lock(partial.file.get()); }) == 0) {
      struct stat status {};
      if (fstat(partial.file.get(), &status) == 0 && status.st_nlink > 0) return partial;
      // Gone: between creation and lock a store that was opened here took it for an orphan.
    } else if (errno != EWOULDBLOCK) {
      const int code = errno;
      remove_partial(partial);
      throw FileError(code, path_of(name), "lock");
    }
    // Else such a store has the lock, and is about to remove it.
  }
  throw FileError(FileFault::other, path_of(name), "create", "no name is free for the upload");
}

void FileFolder::write(const FilePartial& partial, std::span<const std::byte> bytes,
                       const std::string& name) const {
  while (!bytes.empty()) {
    const ssize_t put =
        without_interruption([&] { return calls_.write(partial.file.get(), bytes.data(), bytes.size()); });
    if (put <= 0) throw FileError(put < 0 ? errno : EIO, path_of(name), "write");
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

void FileFolder::sync(const FilePartial& partial, const std::string& name) const {
  if (without_interruption([&] { return calls_.sync(partial.file.get()); }) != 0) {
    throw FileError(errno, path_of(name), "sync");
  }
}

void FileFolder::give_name(const FilePartial& partial, const std::string& name,
                           OnExisting on_existing) const {
  const char* const from = partial.name.c_str();
  const char* const to = name.c_str();
  const auto check = [&](int result) {
    if (result != 0) throw FileError(errno, path_of(name), "rename");
  };
  if (on_existing == OnExisting::replace) {
    check(without_interruption([&] { return calls_.rename(folder_.get(), from, to); }));
    return;
  }
  const int result = without_interruption([&] { return calls_.rename_if_free(folder_.get(), from, to); });
  if (result == 0 || (errno != EINVAL && errno != ENOSYS)) {
    check(result);
    return;
  }
  // A file system that does not know that call. A second name is given only if it is free, too.
  check(without_interruption([&] { return calls_.link(folder_.get(), from, to); }));
  remove_partial(partial);
}

void FileFolder::sync_names(const std::string& name) const {
  if (without_interruption([&] { return calls_.sync(folder_.get()); }) == 0) return;
  const int code = errno;
  throw FileError(FileFault::unsynced, path_of(name), "sync the folder",
                  std::generic_category().message(code), code);
}

void FileFolder::remove_partial(const FilePartial& partial) const noexcept {
  static_cast<void>(without_interruption([&] { return calls_.remove(folder_.get(), partial.name.c_str()); }));
}

bool FileFolder::remove_orphan(const std::string& name) const {
  constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_NONBLOCK;
  const FileDescriptor file(
      without_interruption([&] { return calls_.open(folder_.get(), name.c_str(), kFlags); }));
  struct stat opened {};
  if (!file || fstat(file.get(), &opened) != 0 || !S_ISREG(opened.st_mode)) return false;
  if (without_interruption([&] { return calls_.lock(file.get()); }) != 0)
    return false;  // it is being written
  // Its lock may have come free because it has another name now: then there is nothing by this one, or something else.
  struct stat named {};
  if (!status_of(name, named) || named.st_dev != opened.st_dev || named.st_ino != opened.st_ino) return false;
  return without_interruption([&] { return calls_.remove(folder_.get(), name.c_str()); }) == 0;
}

std::size_t FileFolder::remove_orphans() const {
  const std::vector<std::string> partials =
      entries([](const std::string& name, unsigned char /*type*/) { return is_partial_name(name); });
  return static_cast<std::size_t>(std::count_if(
      partials.begin(), partials.end(), [this](const std::string& name) { return remove_orphan(name); }));
}

}  // namespace crosstalk::pool
