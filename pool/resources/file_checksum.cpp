#include "pool/resources/file_checksum.h"

#include <zlib.h>

namespace crosstalk::pool {

std::uint32_t file_checksum(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
  if (bytes.empty()) return before;  // a null pointer means something else to zlib
  return static_cast<std::uint32_t>(
      crc32_z(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace crosstalk::pool
