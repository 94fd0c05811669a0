// How an inbox and a registry of sessions are tried, which chat servers are built from.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "harness/verify/case_run.h"
#include "pool/chat/chat_types.h"

namespace crosstalk::harness::verify {

// Contract: many push, the owner takes; a sender's messages come in order, each once; what a full inbox loses is what its policy says,
// and counted; under `disconnect` what came is gap-free and the poster is told once; after the end nothing comes.
class InboxOnTrial {
 public:
  struct Item {
    std::uint32_t sender;
    std::uint64_t number;
  };
  // True: it was the first that found no room, under InboxPolicy::disconnect.
  virtual bool push(const Item& item) = 0;
  [[nodiscard]] virtual std::vector<Item> receive() = 0;
  virtual void end() = 0;
  [[nodiscard]] virtual pool::InboxTotals totals() const = 0;
  virtual ~InboxOnTrial() = default;
};
struct AnyInbox {
  std::function<std::unique_ptr<InboxOnTrial>(pool::InboxPolicy policy, std::uint32_t most)> make;
};

// Contract: never more sessions than the limit; a session that was opened ends once, whoever comes to end it; its hooks run once
// each, `opened` first; after the shutdown all have ended and nobody gets in.
class RegistryOnTrial {
 public:
  struct Hooks {
    std::function<void(pool::SessionRef)> opened;
    std::function<void(pool::SessionRef)> ended;
  };
  virtual ~RegistryOnTrial() = default;
  // False: refused. The session is in `session` if not.
  [[nodiscard]] virtual bool connect(pool::ClientId client, pool::SessionRef& session) = 0;
  // True: this call has ended it.
  virtual bool end(pool::SessionRef session) = 0;
  virtual void shutdown() = 0;
};
struct AnyRegistry {
  std::function<std::unique_ptr<RegistryOnTrial>(std::uint32_t clients, std::uint32_t limit,
                                                 RegistryOnTrial::Hooks hooks)>
      make;
};

[[nodiscard]] std::vector<VerifyCase> inbox_cases(const AnyInbox& any);        // inbox_cases.cpp
[[nodiscard]] std::vector<VerifyCase> registry_cases(const AnyRegistry& any);  // registry_cases.cpp

}  // namespace crosstalk::harness::verify
