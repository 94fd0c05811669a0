#include "pool/resources/file_trailer.h"

#include <algorithm>
#include <string_view>

#include "pool/resources/file_checksum.h"

namespace crosstalk::pool {

namespace {

constexpr std::string_view kTrailerMark = "XTALKF1\n";
constexpr std::size_t kTrailerLengthAt = 8;
constexpr std::size_t kTrailerChecksumAt = 16;
constexpr std::size_t kTrailerOwnChecksumAt = 20;
static_assert(kTrailerMark.size() == kTrailerLengthAt);

template <class Integer>
void put_low_first(std::span<std::byte> to, Integer value) noexcept {
  for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<std::byte>(value >> (8 * i));
}

template <class Integer>
Integer get_low_first(std::span<const std::byte> from) noexcept {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value |= static_cast<Integer>(from[i]) << (8 * i);
  return value;
}

}  // namespace

std::array<std::byte, FileTrailer::kBytes> FileTrailer::encoded() const noexcept {
  std::array<std::byte, kBytes> encoded{};
  const std::span<std::byte> all(encoded);
  std::transform(kTrailerMark.begin(), kTrailerMark.end(), encoded.begin(),
                 [](char c) { return static_cast<std::byte>(c); });
  put_low_first(all.subspan(kTrailerLengthAt), bytes);
  put_low_first(all.subspan(kTrailerChecksumAt), checksum);
  put_low_first(all.subspan(kTrailerOwnChecksumAt), file_checksum(all.first(kTrailerOwnChecksumAt)));
  return encoded;
}

std::optional<FileTrailer> FileTrailer::decoded(std::span<const std::byte, kBytes> encoded) noexcept {
  const std::span<const std::byte> all(encoded);
  const FileTrailer trailer{.bytes = get_low_first<std::uint64_t>(all.subspan(kTrailerLengthAt)),
                            .checksum = get_low_first<std::uint32_t>(all.subspan(kTrailerChecksumAt))};
  // What the same numbers would have been written as: so every bit counts.
  const auto wanted = trailer.encoded();
  if (!std::equal(wanted.begin(), wanted.end(), all.begin())) return std::nullopt;
  return trailer;
}

}  // namespace crosstalk::pool
