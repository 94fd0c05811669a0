#include "pool/resources/buffer_pool.h"

#include <limits>
#include <stdexcept>
#include <string>

#include "pool/resources/buffer_core.h"

namespace crosstalk::pool {

namespace {

constexpr std::size_t kBlocksMax = std::size_t{1} << 31;

void check_buffer_options(const BufferPoolOptions& options) {
  const auto refuse = [](const char* what, std::size_t got) {
    throw std::invalid_argument(std::string("buffer pool: ") + what + ", got " + std::to_string(got));
  };
  if (options.block_bytes < 1) refuse("block_bytes must be at least 1", options.block_bytes);
  if (options.blocks_max < 1 || options.blocks_max > kBlocksMax) {
    refuse("blocks_max must be between 1 and 2147483648", options.blocks_max);
  }
  constexpr std::size_t kBytesMax = std::numeric_limits<std::ptrdiff_t>::max();
  if (options.block_bytes > kBytesMax / options.blocks_max - BufferCore::kBlockAlign) {
    refuse("block_bytes times blocks_max must fit into memory", options.block_bytes);
  }
  if (options.thread_cache_blocks > options.blocks_max) {
    refuse("thread_cache_blocks must be at most blocks_max", options.thread_cache_blocks);
  }
}

}  // namespace

std::string_view to_string(BufferFault fault) noexcept {
  switch (fault) {
    case BufferFault::double_release:
      return "given back twice";
    case BufferFault::foreign_pointer:
      return "not a block of this pool";
    case BufferFault::written_after_release:
      return "written to after it was given back";
    case BufferFault::leak:
      return "still out at the end of the pool";
  }
  return "unknown";
}

void Buffer::reset() noexcept {
  if (core_ == nullptr) return;
  // Told or counted; a destructor cannot do more.
  static_cast<void>(std::exchange(core_, nullptr)->release(std::exchange(block_, {}).data()));
}

BufferPool::BufferPool(BufferPoolOptions options) {
  check_buffer_options(options);
  core_ = std::make_shared<BufferCore>(std::move(options));
  core_->hold_itself();
}

BufferPool::~BufferPool() {
  core_->close();
}

Buffer BufferPool::acquire_until(Deadline deadline) {
  std::byte* const block = core_->acquire(deadline, true);
  return block != nullptr ? Buffer(*core_, core_->span(block)) : Buffer();
}

Buffer BufferPool::try_acquire() {
  std::byte* const block = core_->acquire(Deadline::min(), false);
  return block != nullptr ? Buffer(*core_, core_->span(block)) : Buffer();
}

void BufferPool::give_back(std::byte* block) {
  if (!core_->release(block))
    throw std::logic_error(
        "buffer pool: the block is not out: given back twice, or not a block of this pool");
}

bool BufferPool::checked() const noexcept {
  return core_->checked();
}
BufferPoolStatistics BufferPool::statistics() const noexcept {
  return core_->statistics();
}

}  // namespace crosstalk::pool
