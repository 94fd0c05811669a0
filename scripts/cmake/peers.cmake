# Peers: locks, maps and pools of other people, to be measured beside our own where they are installed. Nothing of crosstalk
# needs one, and one that is absent costs nothing.
#
# Defines, for each NAME found, an interface target crosstalk_peers_NAME (what it takes to compile and link with the peer, and
# CROSSTALK_HAS_<NAME>), and
#   crosstalk_peers       everything found, for the tests
#   CROSSTALK_PEERS_FOUND the names found
#   CROSSTALK_PEER_LOCKS  name|header|type|target of every lock of a peer that was found, as pool/peer_locks.h has them
#   CROSSTALK_PEER_MAPS   the same of the maps, as pool/peer_maps.h has them; type is a template over key and value
#   CROSSTALK_PEER_POOLS  the same of the pools, as pool/peer_pools.h has them
# and writes pool/peers_found.h, which is the table behind pool/peers.h. No target of the library links a peer: its paths and
# libraries reach only what asks for them, and an installed package asks its users for none.
option(CROSSTALK_PEERS "Measure locks, maps and pools of other libraries too, where they are installed"
  ${PROJECT_IS_TOP_LEVEL})

add_library(crosstalk_peers INTERFACE)
set(CROSSTALK_PEERS_FOUND "")
set(CROSSTALK_PEER_LOCKS "")
set(CROSSTALK_PEER_MAPS "")
set(CROSSTALK_PEER_POOLS "")
set(peer_rows "")

# The version of the Debian package, for libraries that do not say their own.
function(crosstalk_package_version package result)
  set(version "unknown")
  find_program(CROSSTALK_DPKG_QUERY dpkg-query)
  mark_as_advanced(CROSSTALK_DPKG_QUERY)
  if(CROSSTALK_DPKG_QUERY)
    execute_process(COMMAND ${CROSSTALK_DPKG_QUERY} --show --showformat "\${Version}" ${package}
      OUTPUT_VARIABLE installed ERROR_QUIET RESULT_VARIABLE code)
    if(code EQUAL 0 AND installed)
      string(REGEX REPLACE "(\\+ds[0-9]*)?-[^-]*$" "" version "${installed}")
    endif()
  endif()
  set(${result} ${version} PARENT_SCOPE)
endfunction()

# crosstalk_peer(NAME PACKAGE deb OFFERS what [FOUND] [VERSION v] [LIBRARIES libs or targets] [INCLUDES folders] [LOCKS ...] [MAPS ...] [POOLS ...])
# A lock, a map or a pool is name|header|type.
macro(crosstalk_peer name)
  cmake_parse_arguments(PEER "FOUND" "PACKAGE;OFFERS;VERSION" "LIBRARIES;INCLUDES;LOCKS;MAPS;POOLS" ${ARGN})
  set(found false)
  if(PEER_FOUND)
    set(found true)
    if(NOT PEER_VERSION)
      crosstalk_package_version(${PEER_PACKAGE} PEER_VERSION)
    endif()
    string(TOUPPER ${name} upper)
    add_library(crosstalk_peers_${name} INTERFACE)
    target_compile_definitions(crosstalk_peers_${name} INTERFACE CROSSTALK_HAS_${upper}=1)
    target_link_libraries(crosstalk_peers_${name} INTERFACE ${PEER_LIBRARIES})
    target_include_directories(crosstalk_peers_${name} SYSTEM INTERFACE ${PEER_INCLUDES})
    target_link_libraries(crosstalk_peers INTERFACE crosstalk_peers_${name})
    list(APPEND CROSSTALK_PEERS_FOUND ${name})
    foreach(kind LOCKS MAPS POOLS)
      foreach(one IN LISTS PEER_${kind})
        list(APPEND CROSSTALK_PEER_${kind} "${one}|crosstalk_peers_${name}")
        string(REGEX REPLACE "\\|.*" " " one_name "${one}")
        string(APPEND peer_names_${kind} "${one_name}")
      endforeach()
    endforeach()
  else()
    set(PEER_VERSION "")
  endif()
  string(APPEND peer_rows
    "    {.name = \"${name}\", .version = \"${PEER_VERSION}\", .found = ${found}, .package = \"${PEER_PACKAGE}\", "
    ".offers = \"${PEER_OFFERS}\"},\n")
endmacro()

set(wanted false)
if(CROSSTALK_PEERS)
  set(wanted true)
endif()

# A search is quiet, and what it leaves in the variables of its package is not looked at when peers are off.
macro(crosstalk_peer_is_found)
  set(is_found)
  if(CROSSTALK_PEERS AND (${ARGN}))
    set(is_found FOUND)
  endif()
endmacro()

if(CROSSTALK_PEERS)
  find_package(TBB QUIET CONFIG GLOBAL)
  find_package(absl QUIET CONFIG)
  # Boost's own search says what it misses even where it is optional.
  find_package(Boost 1.74 QUIET OPTIONAL_COMPONENTS thread)
  find_path(CROSSTALK_CK_INCLUDE ck_pflock.h)
  find_path(CROSSTALK_NSYNC_INCLUDE nsync_mu.h)
  find_library(CROSSTALK_NSYNC_LIBRARY nsync_cpp)
  mark_as_advanced(CROSSTALK_CK_INCLUDE CROSSTALK_NSYNC_INCLUDE CROSSTALK_NSYNC_LIBRARY)
  find_path(CROSSTALK_ASIO_INCLUDE boost/asio/thread_pool.hpp HINTS ${Boost_INCLUDE_DIRS})
  find_package(libcuckoo QUIET CONFIG)
  find_path(CROSSTALK_CONCURRENTQUEUE_INCLUDE concurrentqueue/blockingconcurrentqueue.h)
  mark_as_advanced(CROSSTALK_ASIO_INCLUDE CROSSTALK_CONCURRENTQUEUE_INCLUDE libcuckoo_DIR absl_DIR TBB_DIR)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(CROSSTALK_CK QUIET ck)
    pkg_check_modules(CROSSTALK_URCU QUIET IMPORTED_TARGET liburcu-bp liburcu-cds)
  endif()
endif()

crosstalk_peer_is_found(TARGET TBB::tbb)
set(header pool/locks/peers/tbb_locks.h)
crosstalk_peer(tbb ${is_found} PACKAGE libtbb-dev OFFERS "locks, map, pool" VERSION "${TBB_VERSION}" LIBRARIES TBB::tbb
  LOCKS
    "tbb_mutex|${header}|tbb::mutex" "tbb_rw_mutex|${header}|tbb::rw_mutex"
    "tbb_spin_mutex|${header}|tbb::spin_mutex" "tbb_spin_rw_mutex|${header}|tbb::spin_rw_mutex"
    "tbb_queuing_mutex|${header}|pool::TbbQueuingMutex" "tbb_queuing_rw_mutex|${header}|pool::TbbQueuingRwMutex"
  MAPS "tbb_map|pool/containers/peers/tbb_map.h|pool::TbbMap"
  POOLS "tbb|pool/executor/peers/tbb_pool.h|pool::TbbPool")

crosstalk_peer_is_found(TARGET absl::synchronization)
crosstalk_peer(absl ${is_found} PACKAGE libabsl-dev OFFERS "lock" VERSION "${absl_VERSION}" LIBRARIES absl::synchronization
  LOCKS "absl_mutex|pool/locks/peers/absl_locks.h|pool::AbslMutex")

# Half of Concurrency Kit is C only, so it takes a C compiler.
if(CROSSTALK_PEERS AND CROSSTALK_CK_INCLUDE)
  include(CheckLanguage)
  check_language(C)
  if(CMAKE_C_COMPILER)
    enable_language(C)
    add_library(crosstalk_ck_shim STATIC EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/pool/locks/peers/ck_shim.c ${PROJECT_SOURCE_DIR}/pool/containers/peers/ck_fifo_shim.c)
    set_target_properties(crosstalk_ck_shim PROPERTIES C_STANDARD 11)
    target_include_directories(crosstalk_ck_shim PRIVATE ${PROJECT_SOURCE_DIR})
    target_include_directories(crosstalk_ck_shim SYSTEM PRIVATE ${CROSSTALK_CK_INCLUDE})
  endif()
endif()
crosstalk_peer_is_found(TARGET crosstalk_ck_shim)
set(header pool/locks/peers/ck_locks.h)
crosstalk_peer(ck ${is_found} PACKAGE libck-dev OFFERS "locks" VERSION "${CROSSTALK_CK_VERSION}" LIBRARIES crosstalk_ck_shim
  INCLUDES ${CROSSTALK_CK_INCLUDE}
  LOCKS
    "ck_pflock|${header}|pool::CkPflock" "ck_tflock|${header}|pool::CkTflock" "ck_rwlock|${header}|pool::CkRwlock"
    "ck_brlock|${header}|pool::CkBrlock" "ck_ticket|${header}|pool::CkTicket" "ck_mcs|${header}|pool::CkMcs")

crosstalk_peer_is_found(CROSSTALK_NSYNC_INCLUDE AND CROSSTALK_NSYNC_LIBRARY)
crosstalk_peer(nsync ${is_found} PACKAGE libnsync-dev OFFERS "lock" LIBRARIES ${CROSSTALK_NSYNC_LIBRARY}
  INCLUDES ${CROSSTALK_NSYNC_INCLUDE}
  LOCKS "nsync_mu|pool/locks/peers/nsync_locks.h|pool::NsyncMu")

crosstalk_peer_is_found(TARGET Boost::thread)
crosstalk_peer(boost ${is_found} PACKAGE libboost-thread-dev OFFERS "lock" VERSION "${Boost_VERSION}" LIBRARIES Boost::thread
  LOCKS "boost_shared_mutex|pool/locks/peers/boost_locks.h|boost::shared_mutex")

crosstalk_peer_is_found(TARGET Boost::headers AND CROSSTALK_ASIO_INCLUDE)
crosstalk_peer(asio ${is_found} PACKAGE libboost-dev OFFERS "pool" VERSION "${Boost_VERSION}" LIBRARIES Boost::headers
  POOLS "asio|pool/executor/peers/asio_pool.h|pool::AsioPool")

crosstalk_peer_is_found(CROSSTALK_CONCURRENTQUEUE_INCLUDE)
crosstalk_peer(concurrentqueue ${is_found} PACKAGE libconcurrentqueue-dev OFFERS "pool"
  INCLUDES ${CROSSTALK_CONCURRENTQUEUE_INCLUDE}
  POOLS "concurrentqueue|pool/executor/peers/concurrent_queue_pool.h|pool::ConcurrentQueuePool")

crosstalk_peer_is_found(TARGET libcuckoo::libcuckoo)
crosstalk_peer(cuckoo ${is_found} PACKAGE libcuckoo-dev OFFERS "map" VERSION "${libcuckoo_VERSION}"
  LIBRARIES libcuckoo::libcuckoo
  MAPS "cuckoo_map|pool/containers/peers/cuckoo_map.h|pool::CuckooMap")

crosstalk_peer_is_found(TARGET PkgConfig::CROSSTALK_URCU)
crosstalk_peer(urcu ${is_found} PACKAGE liburcu-dev OFFERS "map" VERSION "${CROSSTALK_URCU_liburcu-cds_VERSION}"
  LIBRARIES PkgConfig::CROSSTALK_URCU
  MAPS "urcu_map|pool/containers/peers/urcu_map.h|pool::UrcuMap")

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/pool/peers_found.h @ONLY CONTENT
"// Generated by scripts/cmake/peers.cmake: the peers of this build.
#pragma once

#include <array>
#include <string_view>

#include \"pool/peers.h\"

namespace crosstalk::pool::detail {

inline constexpr auto kPeers = std::to_array<Peer>({
@peer_rows@});
inline constexpr bool kPeersWanted = @wanted@;
// The names in CROSSTALK_PEER_LOCKS, _MAPS and _POOLS, for the test that the headers list the same.
inline constexpr std::string_view kPeerLockNames = \"@peer_names_LOCKS@\";
inline constexpr std::string_view kPeerMapNames = \"@peer_names_MAPS@\";
inline constexpr std::string_view kPeerPoolNames = \"@peer_names_POOLS@\";

}  // namespace crosstalk::pool::detail
")
if(CROSSTALK_PEERS_FOUND)
  list(JOIN CROSSTALK_PEERS_FOUND ", " names)
  message(STATUS "Peers found: ${names}")
endif()
