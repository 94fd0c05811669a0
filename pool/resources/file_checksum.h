// The checksum of the file store: CRC-32 as of zip, PNG and `crc32` everywhere (zlib's). It finds what goes wrong on a wire or
// a disk: any change of one stretch of up to 32 bits, and all but one in 4 billion of the others. It is no protection from
// those who change a file on purpose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace crosstalk::pool {

// Of `bytes` after those whose checksum is `before`; that of nothing is 0.
[[nodiscard]] std::uint32_t file_checksum(std::span<const std::byte> bytes,
                                          std::uint32_t before = 0) noexcept;

}  // namespace crosstalk::pool
