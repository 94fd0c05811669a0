# The built-in strategies: one generated translation unit for each lock or server, so that they build in parallel and a change
# to one rebuilds nothing but what uses it. What they share is read once, as a precompiled header.
#
# CROSSTALK_STRATEGIES=core keeps those that between them use every server and every kind of lock: sanitizers and the second
# compiler need no more.

# name|header|type, in the order of pool/builtin.h, which is compared with this list as the program is compiled.
set(locks
  "null|pool/locks/null_lock.h|pool::NullLock"
  "std_mutex|pool/contract.h|std::mutex"
  "std_shared_mutex|pool/contract.h|std::shared_mutex"
  "ttas|pool/locks/ttas_lock.h|pool::TtasLock"
  "ticket|pool/locks/ticket_lock.h|pool::TicketLock"
  "mcs|pool/locks/mcs_lock.h|pool::McsLock"
  "clh|pool/locks/clh_lock.h|pool::ClhLock"
  "hemlock|pool/locks/hemlock.h|pool::Hemlock"
  "futex_mutex|pool/locks/futex_mutex.h|pool::FutexMutex"
  "rw_lock|pool/locks/rw_lock.h|pool::RwLock"
  "phase_fair_rw|pool/locks/phase_fair_rw_lock.h|pool::PhaseFairRwLock"
  "bravo|pool/locks/bravo_lock.h|pool::BravoLock<std::shared_mutex>"
  "distributed_rw|pool/locks/distributed_rw_lock.h|pool::DistributedRwLock")
set(core_locks std_mutex ticket rw_lock)
# The same of the cells; seq_lock guards no data of a server.
set(cells
  "left_right|pool/cells/left_right.h|pool::LeftRight"
  "rcu_cell|pool/cells/rcu_cell.h|pool::Rcu"
  "flat_combining|pool/cells/flat_combining.h|pool::FlatCombining")
set(core_cells left_right)
# name|header|type|algorithm|source
set(servers
  "snapshot/rcu|pool/chat/snapshot_server.h|pool::SnapshotServer|copy-on-write member lists, epochs|McKenney, Slingwine 1998, Fraser 2004"
  "actor/mailbox|pool/chat/actor_server.h|pool::ActorServer|a mailbox a room, run by whoever finds it idle|Hewitt, Bishop, Steiger 1973"
  "map/flat_map|pool/containers/flat_entry_map.h|pool::MapServer<pool::FlatEntryMap>|concurrent maps, open addressing, a lock per group|ours"
  "map/locked_map|pool/containers/locked_map.h|pool::MapServer<pool::RwLockedMap>|concurrent maps, shards behind rw_lock|ours")

set(strategy_sources)
set(strategy_calls "")
set(strategy_declarations "")
set(strategy_checks "")

# crosstalk_strategy_source(<name> <header> <body>): `body` defines functions that are declared by crosstalk_strategy_function.
function(crosstalk_strategy_source name header body)
  string(MAKE_C_IDENTIFIER ${name} file)
  configure_file(builtin_strategy.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/strategy_${file}.cpp @ONLY)
  list(APPEND strategy_sources ${CMAKE_CURRENT_BINARY_DIR}/strategy_${file}.cpp)
  set(strategy_sources ${strategy_sources} PARENT_SCOPE)
endfunction()
# crosstalk_strategy_function(<function>): the catalog calls it, in the order of these calls.
function(crosstalk_strategy_function function)
  set(strategy_declarations "${strategy_declarations}Strategy ${function}();\n" PARENT_SCOPE)
  set(strategy_calls "${strategy_calls}  add(${function}());\n" PARENT_SCOPE)
endfunction()

crosstalk_strategy_source(null_server pool/chat/null_server.h "Strategy null_null() {
  Strategy strategy;
  strategy.name = \"null/null\";
  strategy.trial = &run_trial<pool::NullServer>;
  strategy.floor = true;
  return strategy;
}
")
crosstalk_strategy_function(null_null)
crosstalk_strategy_source(reference_server pool/chat/reference_server.h "Strategy reference_none() {
  Strategy strategy;
  strategy.name = \"reference/none\";
  strategy.trial = &run_trial<pool::ReferenceServer>;
  strategy.one_thread = true;
  return strategy;
}
")
crosstalk_strategy_function(reference_none)

# crosstalk_lock_strategies(<entries> <servers>): a translation unit for each of the entries, with its servers.
macro(crosstalk_lock_strategies entries servers_of_lock)
  foreach(entry IN LISTS ${entries})
    string(REPLACE "|" ";" entry "${entry}")
    list(GET entry 0 lock)
    list(GET entry 1 header)
    list(GET entry 2 type)
    if(NOT CROSSTALK_STRATEGIES STREQUAL core OR lock IN_LIST core_locks OR lock IN_LIST core_cells)
      set(body "")
      foreach(server ${servers_of_lock})
        string(APPEND body "Strategy ${server}_${lock}() { return ${server}_strategy<${type}>(\"${lock}\"); }\n")
        list(APPEND ${server}_functions ${server}_${lock})
      endforeach()
      crosstalk_strategy_source(${lock} ${header} "${body}")
    endif()
  endforeach()
  foreach(server ${servers_of_lock})
    foreach(function IN LISTS ${server}_functions)
      crosstalk_strategy_function(${function})
    endforeach()
    set(${server}_functions)
  endforeach()
endmacro()

# crosstalk_server_strategy(<name> <header> <type> <algorithm> <source>)
macro(crosstalk_server_strategy name header type algorithm source)
  string(MAKE_C_IDENTIFIER ${name} function)
  crosstalk_strategy_source(${function}_server ${header} "Strategy ${function}() {
  Strategy strategy = server_strategy<${type}>(\"${name}\");
  strategy.contract.algorithm = \"${algorithm}\";
  strategy.contract.source = \"${source}\";
  return strategy;
}
")
  crosstalk_strategy_function(${function})
endmacro()

crosstalk_lock_strategies(locks "coarse;sharded")
crosstalk_lock_strategies(cells coarse)
foreach(entry IN LISTS servers)
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 name)
  list(GET entry 1 header)
  list(GET entry 2 type)
  list(GET entry 3 algorithm)
  list(GET entry 4 source)
  crosstalk_server_strategy(${name} ${header} "${type}" "${algorithm}" "${source}")
endforeach()

set(place 0)
foreach(entry IN LISTS locks)
  string(REPLACE "|" ";" entry "${entry}")
  list(GET entry 0 lock)
  list(GET entry 2 type)
  string(APPEND strategy_checks "static_assert(std::is_same_v<std::tuple_element_t<${place}, pool::BuiltinLocks>, ${type}> &&
              pool::kLockName<${type}> == \"${lock}\", \"pool/builtin.h and harness/strategies.cmake differ\");\n")
  math(EXPR place "${place} + 1")
endforeach()
list(LENGTH locks lock_count)
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/builtin_strategies.cpp @ONLY CONTENT
"// Generated by harness/strategies.cmake.
#include \"harness/builtin_strategies.h\"

#include <tuple>
#include <type_traits>
#include <utility>

#include \"pool/builtin.h\"

namespace crosstalk::harness {

static_assert(std::tuple_size_v<pool::BuiltinLocks> == @lock_count@, \"a lock of pool/builtin.h is not in harness/strategies.cmake\");
@strategy_checks@
@strategy_declarations@
void add_builtin_strategies(Catalog& catalog) {
  const auto add = [&catalog](Strategy strategy) { catalog.add(std::move(strategy)); };
@strategy_calls@}

}  // namespace crosstalk::harness
")

add_library(crosstalk_strategies OBJECT ${strategy_sources})
target_link_libraries(crosstalk_strategies PRIVATE crosstalk::pool crosstalk::workloads crosstalk::reports crosstalk_flags)
target_precompile_headers(crosstalk_strategies PRIVATE ${PROJECT_SOURCE_DIR}/harness/catalog.h)

# The peers that were found (scripts/cmake/peers.cmake). They are of the program and not of the library, so that an installed
# package asks its users for none. Sanitizers see little of what was not compiled with them: with core strategies there is none.
set(strategy_sources)
set(strategy_declarations "")
set(strategy_calls "")
if(NOT CROSSTALK_STRATEGIES STREQUAL core)
  set(peer_locks ${CROSSTALK_PEER_LOCKS})
  crosstalk_lock_strategies(peer_locks "coarse;sharded")
  foreach(entry IN LISTS CROSSTALK_PEER_MAPS)
    string(REPLACE "|" ";" entry "${entry}")
    list(GET entry 0 map)
    list(GET entry 1 header)
    list(GET entry 2 type)
    crosstalk_server_strategy(map/${map} ${header} "pool::MapServer<${type}>" "concurrent maps of a peer" "")
  endforeach()
  foreach(entry IN LISTS CROSSTALK_PEER_POOLS)
    string(REPLACE "|" ";" entry "${entry}")
    list(GET entry 0 pool)
    list(GET entry 1 header)
    list(GET entry 2 type)
    crosstalk_strategy_source(${pool}_pool ${header} "PoolKind pool_${pool}() { return pool_kind<${type}>(\"${pool}\"); }\n")
    string(APPEND strategy_declarations "PoolKind pool_${pool}();\n")
    string(APPEND strategy_calls "  add(pool_${pool}());\n")
  endforeach()
endif()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/peer_strategies.cpp @ONLY CONTENT
"// Generated by harness/strategies.cmake.
#include \"harness/peer_strategies.h\"

#include <utility>

namespace crosstalk::harness {

@strategy_declarations@
void add_peer_strategies(Catalog& catalog) {
  [[maybe_unused]] const auto add = [&catalog](auto what) {
    what.peer = true;
    catalog.add(std::move(what));
  };
@strategy_calls@}

}  // namespace crosstalk::harness
")
add_library(crosstalk_peer_strategies OBJECT ${strategy_sources} ${CMAKE_CURRENT_BINARY_DIR}/peer_strategies.cpp)
target_link_libraries(crosstalk_peer_strategies PRIVATE crosstalk::pool crosstalk::workloads crosstalk::reports crosstalk_peers crosstalk_flags)
target_precompile_headers(crosstalk_peer_strategies PRIVATE ${PROJECT_SOURCE_DIR}/harness/catalog.h)

# Optimised, the strategies are work for the optimiser more than for the parser: in groups they only build less in parallel.
if(NOT CROSSTALK_STRATEGIES STREQUAL core)
  set_target_properties(crosstalk_strategies crosstalk_peer_strategies PROPERTIES UNITY_BUILD OFF)
endif()
