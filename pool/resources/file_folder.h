// file_folder: the folder of a file store, and what is done to the files in it.
//
// The folder is opened once, and everything is done relative to it: should its path come to name something else, the store
// stays where it is. Names are those of file_name.h, without a slash, and symbolic links are not followed: nothing leads out.
//
// A partial is what an upload writes to until it gets its name. It is held by a lock (flock) from right after its creation
// to its end, and only who has the lock renames or removes it. So a partial whose lock is free is left over from a process
// that was killed, whoever has its number now, and may be removed; one that is being written, by this process or another
// (or by a child that a process forked meanwhile), is never touched.
//
// Holds no lock of its own and blocks only in the system; all members may be called by several threads. Throws FileError
// where nothing else is said.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pool/resources/file_calls.h"
#include "pool/resources/file_descriptor.h"
#include "pool/resources/file_store_options.h"

namespace crosstalk::pool {

struct FilePartial {
  FileDescriptor file;
  std::string name;
};

class FileFolder {
 public:
  FileFolder(std::string path, FileCalls& calls);

  // Of a file by that name, for messages.
  [[nodiscard]] std::string path_of(const std::string& name) const { return path_ + '/' + name; }

  [[nodiscard]] bool has(const std::string& name) const;  // a file; not a folder, a symbolic link or the like
  [[nodiscard]] std::vector<std::string> names()
      const;  // of files, sorted; those there all the time, at least
  // False if there is none. A symbolic link by that name is removed itself.
  bool remove(const std::string& name) const;

  [[nodiscard]] FileDescriptor open(const std::string& name) const;  // to be read
  // Fills `to`; what is not there is an error of the file.
  void read(const FileDescriptor& file, std::span<std::byte> to, std::uint64_t offset,
            const std::string& name) const;

  // `name`, here and below, is the one that the file is to get.
  [[nodiscard]] FilePartial create_partial(const std::string& name) const;
  void write(const FilePartial& partial, std::span<const std::byte> bytes, const std::string& name) const;
  void sync(const FilePartial& partial, const std::string& name) const;
  // One step for everybody who looks.
  void give_name(const FilePartial& partial, const std::string& name, OnExisting on_existing) const;
  // Makes names given and removed durable. It fails with FileFault::unsynced.
  void sync_names(const std::string& name) const;
  // Best effort: what remains is removed when a store is opened here.
  void remove_partial(const FilePartial& partial) const noexcept;
  // Of dead processes. Returns how many there were. Those that cannot be opened or removed are left alone.
  std::size_t remove_orphans() const;

 private:
  using Choice = std::function<bool(const std::string& name, unsigned char type)>;
  [[nodiscard]] std::vector<std::string> entries(const Choice& choice) const;
  [[nodiscard]] bool remove_orphan(const std::string& name) const;
  // Of the name itself, if it is a symbolic link. False if there is nothing.
  [[nodiscard]] bool status_of(const std::string& name, struct stat& status) const;

  std::string path_;
  FileCalls& calls_;
  FileDescriptor folder_;
};

}  // namespace crosstalk::pool
