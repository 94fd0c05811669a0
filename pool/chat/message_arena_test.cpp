#include <catch2/catch.hpp>

#include <vector>

#include "pool/chat/message_arena.h"
#include "pool/conformance.h"
#include "pool/counting_resource.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("a message keeps all of its body until its last reference is given back", "[pool][arena]") {
  MessageArena arena;
  {
    MessageArena::Writer writer(arena);
    for (const std::uint32_t bytes : {0U, 1U, 450U, 70'000U, 1'000'000U}) {
      Message* message = writer.write(3, 9, 0xAB, bytes);
      MessageArena::acquire(message, 1);
      REQUIRE(message->bytes == bytes);
      for (std::uint32_t i = 0; i < bytes; ++i) REQUIRE(message->body()[i] == std::byte{0xAB});
      arena.release(message, 1);
    }
  }
  CHECK(arena.slabs_in_use() == 0);
}

TEST_CASE("a message after one of more than a slab is given back to its own slab", "[pool][arena]") {
  CountingResource memory;
  {
    MessageArena arena(&memory);
    MessageArena::Writer writer(arena);
    // 100,000 bytes take two slabs' worth of memory, and leave room for more messages at its end.
    for (const std::uint32_t bytes : {100'000U, 10U, 20'000U, 65'000U, 10U, 70'000U, 130'000U, 0U}) {
      Message* const message = writer.write(0, 0, 0xCD, bytes);
      MessageArena::acquire(message, 1);
      Message* const next = writer.write(0, 0, 0xEF, 10);
      MessageArena::acquire(next, 1);
      const Delivery both[] = {{message, 0}, {next, 0}};
      for (std::uint32_t i = 0; i < bytes; ++i) REQUIRE(message->body()[i] == std::byte{0xCD});
      arena.release(both, 2);
    }
    CHECK(arena.slabs_in_use() <= 1);  // the writer's
  }
  CHECK(memory.bytes_out() == 0);
}

TEST_CASE("slabs are used again", "[pool][arena]") {
  MessageArena arena;
  MessageArena::Writer writer(arena);
  for (int i = 0; i < 100'000; ++i) {
    Message* message = writer.write(0, 0, 0, 100);
    MessageArena::acquire(message, 1);
    arena.release(message, 1);
  }
  CHECK(arena.slabs() <= 2);
}

TEST_CASE("writers and receivers on many threads give every slab back", "[pool][arena][stress]") {
  MessageArena arena;
  detail::run_threads(4, [&](unsigned id) {
    MessageArena::Writer writer(arena);
    Deliveries held;
    for (unsigned i = 0; i < stress_rounds(50'000); ++i) {
      Message* message = writer.write(id, id, i, i % 300);
      MessageArena::acquire(message, 2);
      held.push_back({message, i});
      arena.release(message, 1);
      if (held.size() < 64) continue;
      arena.release(held.data(), held.size());
      held.clear();
    }
    arena.release(held.data(), held.size());
  });
  CHECK(arena.slabs_in_use() == 0);
}

}  // namespace
}  // namespace crosstalk::pool
