#include "pool/resources/store_error.h"

#include <sqlite3.h>

#include <utility>

namespace crosstalk::pool {

std::string_view to_string(StoreFault fault) noexcept {
  switch (fault) {
    case StoreFault::none:
      return "no fault";
    case StoreFault::busy:
      return "busy";
    case StoreFault::full:
      return "full";
    case StoreFault::io:
      return "input or output failed";
    case StoreFault::no_memory:
      return "out of memory";
    case StoreFault::read_only:
      return "read-only";
    case StoreFault::cannot_open:
      return "cannot be opened";
    case StoreFault::not_a_database:
      return "not a database";
    case StoreFault::other_version:
      return "of another version";
    case StoreFault::corrupt:
      return "corrupt";
    case StoreFault::duplicate:
      return "duplicate";
    case StoreFault::closed:
      return "closed";
    case StoreFault::other:
      break;
  }
  return "failed";
}

StoreFault fault_of(int sqlite_code) noexcept {
  if (sqlite_code == SQLITE_IOERR_NOMEM) return StoreFault::no_memory;
  switch (sqlite_code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return StoreFault::none;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StoreFault::busy;
    case SQLITE_FULL:
      return StoreFault::full;
    case SQLITE_IOERR:
      return StoreFault::io;
    case SQLITE_NOMEM:
      return StoreFault::no_memory;
    case SQLITE_READONLY:
      return StoreFault::read_only;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return StoreFault::cannot_open;
    case SQLITE_NOTADB:
      return StoreFault::not_a_database;
    case SQLITE_CORRUPT:
      return StoreFault::corrupt;
    case SQLITE_CONSTRAINT:
      return StoreFault::duplicate;
    default:
      return StoreFault::other;
  }
}

StoreError::StoreError(StoreFault fault, int sqlite_code, std::string path, std::string_view doing,
                       std::string_view text)
    : std::runtime_error(path + ": " + std::string(doing) + ": " + std::string(text)),
      fault_(fault),
      sqlite_code_(sqlite_code),
      path_(std::move(path)) {}

}  // namespace crosstalk::pool
