// The pool of connections, the pool of buffers and the registry of sessions, explored. Judged by pool_scenarios_test.cpp, and run by
// crosstalk_explore_pool.
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

#include "harness/explore/scenario.h"
#include "pool/chat/session_registry.h"
#include "pool/resources/buffer_pool.h"
#include "pool/resources/connection_pool.h"

namespace crosstalk::harness::explore {

namespace {

using Connections = pool::ConnectionPool<int>;

constexpr std::chrono::milliseconds kShort{1};

pool::ConnectionPoolOptions one_connection() {
  pool::ConnectionPoolOptions options;
  options.min = 0;
  options.max = 1;
  return options;
}

std::unique_ptr<int> new_connection() {
  return std::make_unique<int>(0);
}

// The laws of connection_pool_stats.h.
void require_books(const Connections& connections, std::uint64_t calls) {
  const pool::ConnectionPoolStats books = connections.stats();
  require(books.acquired + books.failed + books.timed_out + books.refused == calls,
          "a call is not in the books");
  require(books.acquired == books.returned + books.leased, "a lease is not in the books");
  require(
      books.opened == books.broken + books.expired + books.trimmed + books.closed + books.idle + books.leased,
      "a connection is not in the books");
  require(books.leased == 0 && books.waiting == 0, "a permit is lost");
}

pool::BufferPoolOptions one_block() {
  pool::BufferPoolOptions options;
  options.block_bytes = 64;
  options.blocks_max = 1;
  options.thread_cache_blocks = 1;
  return options;
}

}  // namespace

EXPLORE_AS("connections/connection_pool/lends_to_one") {
  Connections connections(one_connection(), new_connection);
  int lent = 0;
  {
    const auto use = [&] {
      const auto lease = connections.acquire();
      ++*lease;
      ++lent;
    };
    std::jthread first(use);
    std::jthread second(use);
    std::jthread third([&] {
      const auto lease = connections.acquire_for(kShort);
      if (lease) ++*lease;
    });
  }
  require(lent == 2, "a lease is lost");
  require_books(connections, 3);
}

EXPLORE_AS("connections/connection_pool/time_out_against_release") {
  Connections connections(one_connection(), new_connection);
  auto held = connections.acquire();
  {
    std::jthread waiting([&] {
      const auto lease = connections.acquire_for(kShort);
      if (lease) ++*lease;
    });
    held.give_back();
  }
  require_books(connections, 2);
  require(static_cast<bool>(connections.acquire_for(std::chrono::nanoseconds(0))), "a permit is lost");
}

EXPLORE_AS("connections/connection_pool/time_out_beside_a_waiter") {
  Connections connections(one_connection(), new_connection);
  auto held = connections.acquire();
  {
    std::jthread hasty([&] { static_cast<void>(connections.acquire_for(kShort)); });
    std::jthread patient(
        [&] { require(static_cast<bool>(connections.acquire()), "refused by an open pool"); });
    held.give_back();
  }
  require_books(connections, 3);
}

EXPLORE_AS("connections/connection_pool/close_against_waiters") {
  Connections connections(one_connection(), new_connection);
  auto held = connections.acquire();
  {
    std::jthread waiting([&] {
      const auto lease = connections.acquire();
      if (lease) ++*lease;
    });
    std::jthread closing([&] { connections.close(); });
    held.give_back();
  }
  require_books(connections, 2);
  require(connections.stats().idle == 0, "a closed pool keeps a connection");
}

EXPLORE_AS("connections/connection_pool/ends_when_all_are_back") {
  auto connections = std::make_unique<Connections>(one_connection(), new_connection);
  std::jthread holder([lease = connections->acquire()] {});
  connections.reset();
}

// A permit whose holder could open nothing goes to who waits.
EXPLORE_AS("connections/connection_pool/factory_that_fails") {
  std::atomic<bool> fails{true};
  Connections connections(one_connection(), [&] {
    if (fails.exchange(false)) throw std::runtime_error("no connection");
    return new_connection();
  });
  {
    const auto use = [&] {
      try {
        const auto lease = connections.acquire();
        ++*lease;
      } catch (const std::runtime_error&) {
      }
    };
    std::jthread first(use);
    std::jthread second(use);
  }
  require_books(connections, 2);
  require(connections.stats().failed == 1, "a failure is not in the books");
}

EXPLORE_AS("connections/connection_pool/maintain_against_acquire") {
  pool::ConnectionPoolOptions options = one_connection();
  options.min = 1;
  options.max_idle = std::chrono::nanoseconds(1);
  Connections connections(options, new_connection);
  {
    std::jthread first([&] { connections.maintain(); });
    std::jthread second([&] {
      const auto lease = connections.acquire();
      ++*lease;
    });
  }
  require_books(connections, 1);
}

EXPLORE_AS("resources/buffer_pool/one_block_for_two") {
  pool::BufferPool buffers(one_block());
  {
    const auto use = [&] {
      const pool::Buffer buffer = buffers.acquire();
      buffer.bytes()[0] = std::byte{1};
    };
    std::jthread first(use);
    std::jthread second(use);
  }
  require(buffers.statistics().out() == 0, "a block is lost");
}

EXPLORE_AS("resources/buffer_pool/time_out_against_return") {
  pool::BufferPool buffers(one_block());
  pool::Buffer held = buffers.acquire();
  {
    std::jthread waiting([&] {
      const pool::Buffer buffer = buffers.acquire_until(pool::deadline_in(kShort));
      if (buffer) buffer.bytes()[0] = std::byte{1};
    });
    held.reset();
  }
  require(buffers.statistics().out() == 0, "a block is lost");
  require(static_cast<bool>(buffers.try_acquire()), "a block is lost");
}

// The block lies in the cache of a thread that ends just now.
EXPLORE_AS("resources/buffer_pool/cache_of_a_thread_that_ends") {
  pool::BufferPool buffers(one_block());
  std::jthread first([&] { static_cast<void>(buffers.acquire()); });
  const pool::Buffer buffer = buffers.acquire();
  require(static_cast<bool>(buffer), "no block although none is out");
}

EXPLORE_AS("chat/session_registry/one_ends_a_stay") {
  std::atomic<int> ended{0};
  pool::SessionRegistry::Options options;
  options.ended = [&](pool::SessionRef, pool::EndReason) { ended.fetch_add(1); };
  pool::SessionRegistry sessions(std::move(options));
  const pool::SessionRef session = sessions.connect(0).session;
  bool left = false;
  bool kicked = false;
  {
    std::jthread first([&] { left = sessions.disconnect(session); });
    std::jthread second([&] { kicked = sessions.kick(session); });
  }
  require(left != kicked && ended.load() == 1, "a stay ends once");
  require(sessions.totals().balanced() && sessions.totals().active == 0,
          "the registry's books do not balance");
}

EXPLORE_AS("chat/session_registry/connect_against_shutdown") {
  std::atomic<int> opened{0};
  std::atomic<int> ended{0};
  pool::SessionRegistry::Options options;
  options.clients = 2;
  options.opened = [&](pool::SessionRef) { opened.fetch_add(1); };
  options.ended = [&](pool::SessionRef, pool::EndReason) { ended.fetch_add(1); };
  pool::SessionRegistry sessions(std::move(options));
  static_cast<void>(sessions.connect(0));
  {
    std::jthread first([&] { static_cast<void>(sessions.connect(1)); });
    require(sessions.shutdown(), "a shutdown outside of hooks");
    require(opened.load() == ended.load(), "a stay is left after the shutdown");
  }
  require(sessions.totals().balanced() && sessions.totals().active == 0,
          "the registry's books do not balance");
}

EXPLORE_AS("chat/session_registry/next_stay_against_old_handle") {
  pool::SessionRegistry sessions({});
  const pool::SessionRef old = sessions.connect(0).session;
  sessions.disconnect(old);
  std::jthread first([&] {
    const pool::ConnectResult next = sessions.connect(0);
    require(next.status == pool::ConnectStatus::ok && sessions.active(next.session),
            "an old handle has ended a later stay");
  });
  std::jthread second([&] {
    require(!sessions.kick(old), "an old handle has ended a later stay");
    require(!sessions.heartbeat(old), "an old handle is heard");
  });
}

}  // namespace crosstalk::harness::explore
