#include <catch2/catch.hpp>

#include <vector>

#include "pool/chat/message_store.h"
#include "pool/conformance.h"
#include "pool/stress_rounds.h"

namespace crosstalk::pool {
namespace {

TEST_CASE("a message keeps all of its body until its last reference is given back", "[pool][store]") {
  MessageStore store;
  {
    MessageStore::Writer writer(store);
    for (const std::uint32_t bytes : {0U, 1U, 450U, 70'000U, 1'000'000U}) {
      Message* message = writer.write(3, 9, 0xAB, bytes);
      MessageStore::acquire(message, 1);
      REQUIRE(message->bytes == bytes);
      for (std::uint32_t i = 0; i < bytes; ++i) REQUIRE(message->body()[i] == std::byte{0xAB});
      store.release(message, 1);
    }
  }
  CHECK(store.slabs_in_use() == 0);
}

TEST_CASE("slabs are used again", "[pool][store]") {
  MessageStore store;
  MessageStore::Writer writer(store);
  for (int i = 0; i < 100'000; ++i) {
    Message* message = writer.write(0, 0, 0, 100);
    MessageStore::acquire(message, 1);
    store.release(message, 1);
  }
  CHECK(store.slabs() <= 2);
}

TEST_CASE("writers and receivers on many threads give every slab back", "[pool][store][stress]") {
  MessageStore store;
  detail::run_threads(4, [&](unsigned id) {
    MessageStore::Writer writer(store);
    std::vector<Delivery> held;
    for (unsigned i = 0; i < stress_rounds(50'000); ++i) {
      Message* message = writer.write(id, id, i, i % 300);
      MessageStore::acquire(message, 2);
      held.push_back({message, i});
      store.release(message, 1);
      if (held.size() < 64) continue;
      store.release(held.data(), held.size());
      held.clear();
    }
    store.release(held.data(), held.size());
  });
  CHECK(store.slabs_in_use() == 0);
}

}  // namespace
}  // namespace crosstalk::pool
