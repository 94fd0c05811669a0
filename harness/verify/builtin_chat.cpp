// Our inbox and our registry of sessions, as the verifier calls them.
#include <utility>

#include "harness/verify/chat_cases.h"
#include "harness/verify/component.h"
#include "pool/chat/inbox.h"
#include "pool/chat/session_registry.h"

namespace crosstalk::harness::verify {

namespace {

class OurInbox final : public InboxOnTrial {
 public:
  OurInbox(pool::InboxPolicy policy, std::uint32_t most) : limit_(options_of(policy, most)) {}
  ~OurInbox() override { end(); }

  bool push(const Item& item) override {
    auto message = std::make_unique<pool::Message>();
    message->sender = item.sender;
    message->sequence = item.number;
    const pool::Inbox::PushResult result = inbox_.push(0, message.get(), limit_);
    const std::unique_ptr<const pool::Message> evicted(result.evicted);
    if (result.stored) static_cast<void>(message.release());  // the inbox's now
    return result.overflowed;
  }
  std::vector<Item> receive() override {
    pool::TakenMessages taken;
    inbox_.receive(taken);
    std::vector<Item> items;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const std::unique_ptr<const pool::Message> message(taken.messages()[i]);
      items.push_back({message->sender, message->sequence});
    }
    return items;
  }
  void end() override {
    inbox_.close([](const pool::Message* const* messages, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) const std::unique_ptr<const pool::Message> message(messages[i]);
    });
  }
  pool::InboxTotals totals() const override { return inbox_.totals(); }

 private:
  static pool::ServerOptions options_of(pool::InboxPolicy policy, std::uint32_t most) {
    pool::ServerOptions options;
    options.inbox_policy = policy;
    options.inbox_capacity = most;
    return options;
  }
  const pool::InboxLimit limit_;
  pool::Inbox inbox_;
};

class OurRegistry final : public RegistryOnTrial {
 public:
  OurRegistry(std::uint32_t clients, std::uint32_t limit, Hooks hooks)
      : registry_(options_of(clients, limit, std::move(hooks))) {}
  bool connect(pool::ClientId client, pool::SessionRef& session) override {
    const pool::ConnectResult result = registry_.connect(client);
    session = result.session;
    return result.status == pool::ConnectStatus::ok;
  }
  bool end(pool::SessionRef session) override { return registry_.disconnect(session); }
  void shutdown() override { registry_.shutdown(); }

 private:
  static pool::SessionRegistry::Options options_of(std::uint32_t clients, std::uint32_t limit, Hooks hooks) {
    pool::SessionRegistry::Options options;
    options.clients = clients;
    options.limit = limit;
    options.opened = std::move(hooks.opened);
    options.ended = [ended = std::move(hooks.ended)](pool::SessionRef session, pool::EndReason) {
      ended(session);
    };
    return options;
  }
  pool::SessionRegistry registry_;
};

}  // namespace

void add_builtin_chat(std::vector<Component>& all) {
  all.push_back({.name = "chat/inbox",
                 .promises = "a sender's in order, each once, losses as the policy says and counted",
                 .cases = inbox_cases({[](pool::InboxPolicy policy, std::uint32_t most) {
                   return std::make_unique<OurInbox>(policy, most);
                 }})});
  all.push_back(
      {.name = "chat/session_registry",
       .promises = "at most the limit, each session ends once",
       .cases = registry_cases({[](std::uint32_t clients, std::uint32_t limit, RegistryOnTrial::Hooks hooks) {
         return std::make_unique<OurRegistry>(clients, limit, std::move(hooks));
       }})});
}

}  // namespace crosstalk::harness::verify
