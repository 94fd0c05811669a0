// store_schema: the tables of the message store, and how its file is opened.
//
// The file bears the store's application id and the version of the schema. An empty file (or none, where it may be made)
// gets the tables; anything else that is not of this version is left as it is and refused.
#pragma once

#include <memory>

#include "pool/resources/message_store_options.h"
#include "pool/resources/sqlite_connection.h"

namespace crosstalk::pool {

inline constexpr int kStoreApplicationId = 0x63727374;  // "crst"
inline constexpr int kStoreVersion = 1;

enum class MissingFile : bool { refuse, create };

// A connection with the options' settings, in WAL mode, to a file that has the tables. Throws StoreError with one of
// cannot_open, read_only, not_a_database, other_version, busy, full, io, no_memory, corrupt.
[[nodiscard]] std::unique_ptr<SqliteConnection> open_store_file(const MessageStoreOptions& options,
                                                                MissingFile missing);

}  // namespace crosstalk::pool
