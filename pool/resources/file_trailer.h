// file_trailer: the last 24 bytes of a stored file, after its contents; integers with the low byte first.
//
//   | 0..7 "XTALKF1\n" | 8..15 bytes of contents | 16..19 their checksum | 20..23 checksum of bytes 0..19 |
//
// It stands in the file itself because nothing else becomes visible together with the contents, by one rename. A file that
// was cut, has grown, or whose trailer has a wrong bit is told from a sound one without reading it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace crosstalk::pool {

struct FileTrailer {
  static constexpr std::size_t kBytes = 24;

  std::uint64_t bytes = 0;
  std::uint32_t checksum = 0;

  [[nodiscard]] std::array<std::byte, kBytes> encoded() const noexcept;
  // Nothing if these bytes are none.
  [[nodiscard]] static std::optional<FileTrailer> decoded(
      std::span<const std::byte, kBytes> encoded) noexcept;
};

}  // namespace crosstalk::pool
