# What the project's compiler makes is made once more by the other one, g++ or clang++, where that is installed, to show that it
# makes no difference. Plain commands, as a build has but one compiler of CMake's.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  find_program(CROSSTALK_OTHER_COMPILER g++)
else()
  find_program(CROSSTALK_OTHER_COMPILER clang++)
endif()
mark_as_advanced(CROSSTALK_OTHER_COMPILER)

# crosstalk_other_objects(<variable> FLAGS <flag>... SOURCES <absolute path>...): adds the objects' paths to the variable.
function(crosstalk_other_objects variable)
  cmake_parse_arguments(ARG "" "" "FLAGS;SOURCES" ${ARGN})
  set(objects ${${variable}})
  file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/other)
  foreach(source ${ARG_SOURCES})
    get_filename_component(name ${source} NAME)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/other/${name}.o)
    add_custom_command(OUTPUT ${object}
      COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${CROSSTALK_OTHER_COMPILER} -std=c++20 -Wall -Wextra -I${PROJECT_SOURCE_DIR} ${ARG_FLAGS}
        -MD -MF ${object}.d -c ${source} -o ${object}
      DEPENDS ${source} DEPFILE ${object}.d COMMENT "Building ${name} by the other compiler" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  set(${variable} ${objects} PARENT_SCOPE)
endfunction()

# crosstalk_other_program(<name> OBJECTS <path>... LINK <flag>...): other/<name> in the folder's build tree.
function(crosstalk_other_program name)
  cmake_parse_arguments(ARG "" "" "OBJECTS;LINK" ${ARGN})
  set(program ${CMAKE_CURRENT_BINARY_DIR}/other/${name})
  add_custom_command(OUTPUT ${program}
    COMMAND ${CROSSTALK_OTHER_COMPILER} ${ARG_OBJECTS} ${ARG_LINK} -o ${program}
    DEPENDS ${ARG_OBJECTS} COMMENT "Linking ${name} by the other compiler" VERBATIM)
  add_custom_target(${name} ALL DEPENDS ${program})
endfunction()
