#include "pool/chat/member_list.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <vector>

#include "pool/counting_resource.h"

namespace crosstalk::pool {
namespace {

std::vector<ClientId> clients_of(const MemberList* list) {
  std::vector<ClientId> clients;
  if (list == nullptr) return clients;
  for (const SessionRef member : *list) clients.push_back(member.client);
  return clients;
}

TEST_CASE("a changed member list is another list, in ascending order", "[pool][chat]") {
  CountingResource memory;
  std::vector<MemberList*> lists{nullptr};
  for (const ClientId client : {5U, 1U, 9U, 7U, 0U}) {
    lists.push_back(MemberList::with(lists.back(), {client, client + 100}, &memory));
  }
  CHECK(clients_of(lists[1]) == std::vector<ClientId>{5});
  CHECK(clients_of(lists[3]) == std::vector<ClientId>{1, 5, 9});
  CHECK(clients_of(lists[5]) == std::vector<ClientId>{0, 1, 5, 7, 9});
  CHECK(lists[5]->contains(7));
  CHECK_FALSE(lists[5]->contains(8));
  CHECK_FALSE(lists[5]->contains(10));
  for (const ClientId client : {0U, 9U, 5U}) {
    lists.push_back(MemberList::without(*lists.back(), client, &memory));
  }
  CHECK(clients_of(lists[8]) == std::vector<ClientId>{1, 7});
  CHECK(lists[8]->begin()[1] == SessionRef{7, 107});
  std::vector<SessionRef> others(1);
  lists[8]->copy_others(1, others.data());
  CHECK(others == std::vector<SessionRef>{{7, 107}});
  CHECK(MemberList::without(*lists[1], 5, &memory) == nullptr);
  for (MemberList* list : lists) MemberList::destroy(list);
  CHECK(memory.bytes_out() == 0);
}

}  // namespace
}  // namespace crosstalk::pool
