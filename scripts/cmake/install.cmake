# Install and export: libraries, headers with the spelling they have in the tree, the program, and the package that
# find_package(crosstalk) reads. A project that adds crosstalk as a subfolder has an install of its own.
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/crosstalk)
get_property(targets GLOBAL PROPERTY CROSSTALK_TARGETS)

# Headers go one folder deeper than usual: names as general as pool/ do not belong into the include folder itself.
install(TARGETS ${targets} EXPORT crosstalk
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/crosstalk)
install(EXPORT crosstalk NAMESPACE crosstalk:: FILE crosstalkTargets.cmake DESTINATION ${package_folder})
if(TARGET crosstalk)
  install(TARGETS crosstalk RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
# The explorer: its objects, which crosstalk_explore() links with a user's code; and the programs of scenarios, which
# `crosstalk verify --tier full` looks for beside crosstalk.
if(TARGET crosstalk_explore_runtime)
  install(TARGETS crosstalk_explore_pool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(TARGETS crosstalk_explored_flags crosstalk_explore_runtime crosstalk_explore_main EXPORT crosstalk
    OBJECTS DESTINATION ${CMAKE_INSTALL_LIBDIR}/crosstalk)
  if(TARGET crosstalk_explore_peers)
    install(TARGETS crosstalk_explore_peers RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
  install(FILES harness/explore/explore.h harness/explore/finding.h harness/explore/scenario.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/crosstalk/harness/explore)
endif()
install(FILES ${CMAKE_CURRENT_LIST_DIR}/explore.cmake DESTINATION ${package_folder})

# A static library leaves its private libraries to be linked by whoever links it, so the package has to find them too.
set(dependencies "")
foreach(target IN LISTS targets)
  get_target_property(libraries ${target} LINK_LIBRARIES)
  foreach(library IN LISTS libraries)
    if(library STREQUAL Boost::program_options)
      list(APPEND dependencies "find_dependency(Boost 1.74 COMPONENTS program_options)")
    elseif(library STREQUAL SQLite::SQLite3)
      list(APPEND dependencies "find_dependency(SQLite3 3.37)")
    elseif(library STREQUAL Threads::Threads)
      list(APPEND dependencies "find_dependency(Threads)")
    elseif(library STREQUAL ZLIB::ZLIB)
      list(APPEND dependencies "find_dependency(ZLIB)")
    elseif(library MATCHES "^[A-Za-z0-9_]+::" AND NOT library MATCHES "^crosstalk::")
      message(FATAL_ERROR "install.cmake: ${target} links ${library}, which the installed package does not find yet")
    endif()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES dependencies)
list(JOIN dependencies "\n" dependencies)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/crosstalkConfig.cmake.in
  ${PROJECT_BINARY_DIR}/crosstalkConfig.cmake
  INSTALL_DESTINATION ${package_folder}
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/crosstalkConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/crosstalkConfig.cmake ${PROJECT_BINARY_DIR}/crosstalkConfigVersion.cmake
  DESTINATION ${package_folder})
