# The kinds of target in this tree. A library is one layer; what it may link is what it may include
# (tests/check_layers.py checks the includes themselves).

# ion_library(NAME SOURCES ... [DEPENDS public...] [PRIVATE private...])
function(ion_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  if(ARG_SOURCES)
    add_library(ion_${name} STATIC ${ARG_SOURCES})
    target_link_libraries(ion_${name} PUBLIC ${ARG_DEPENDS} PRIVATE ion_warnings ${ARG_PRIVATE})
    target_include_directories(ion_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  else()
    add_library(ion_${name} INTERFACE)
    target_link_libraries(ion_${name} INTERFACE ${ARG_DEPENDS})
    target_include_directories(ion_${name} INTERFACE ${PROJECT_SOURCE_DIR})
  endif()
  add_library(ion::${name} ALIAS ion_${name})
endfunction()

# ion_plugin_host(TARGET): a program that loads plug-ins. They find everything of the SDK (include/iond) in it, used by
# the program itself or not, and once.
function(ion_plugin_host target)
  target_link_libraries(${target} PRIVATE ion::plugins)
  set_target_properties(${target} PROPERTIES
    ENABLE_EXPORTS ON
    LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,ion_base,ion_heap_interface,ion_heaps")
endfunction()

# ion_plugin(NAME SOURCES ... [DEFINE ...]): a plug-in of this tree, built as docs/plugins.md says, NAME.so.
function(ion_plugin name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEFINE" ${ARGN})
  add_library(${name} MODULE ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES PREFIX "")
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE ${ARG_DEFINE})
  target_link_libraries(${name} PRIVATE ion_warnings)
endfunction()

# ion_test(NAME LABEL label [TEST_PREFIX text] SOURCES ... DEPENDS ...): one GoogleTest program, each of its cases a
# CTest test, whose name begins with the prefix.
function(ion_test name)
  cmake_parse_arguments(ARG "" "LABEL;TEST_PREFIX" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ion_warnings ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE ION_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ION_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(NOT TARGET anywhere_tests)
    add_custom_target(anywhere_tests) # programs that need neither root nor a kernel's help
  endif()
  if(ARG_LABEL MATCHES "^(unit|contract|check|golden)$")
    add_dependencies(anywhere_tests ${name})
  endif()
  set(alone FALSE)
  if(ARG_LABEL STREQUAL stress) # they compare latencies
    set(alone TRUE)
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${ARG_TEST_PREFIX}" NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 600 RUN_SERIAL ${alone})
endfunction()

# ion_client_program(NAME SOURCE... [M32] [CHANNEL | LIBRARY] [DEFINE ...]): a static C program. It knows nothing of the
# project, but with CHANNEL it can use client/src/channel.h, with LIBRARY all of libion.
function(ion_client_program name)
  cmake_parse_arguments(ARG "M32;CHANNEL;LIBRARY" "" "DEFINE" ${ARGN})
  set(flags -std=gnu11 -O2 -g -Wall -Wextra -static -pthread)
  list(TRANSFORM ARG_UNPARSED_ARGUMENTS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE sources)
  if(ARG_M32)
    list(APPEND flags -m32)
  endif()
  foreach(define ${ARG_DEFINE})
    list(APPEND flags -D${define})
  endforeach()
  if(ARG_CHANNEL)
    list(APPEND flags -I${PROJECT_SOURCE_DIR})
    list(APPEND sources ${PROJECT_SOURCE_DIR}/client/src/channel.c)
  endif()
  if(ARG_LIBRARY)
    list(APPEND flags -I${PROJECT_SOURCE_DIR} -I${PROJECT_SOURCE_DIR}/client/include)
    foreach(part channel device libion)
      list(APPEND sources ${PROJECT_SOURCE_DIR}/client/src/${part}.c)
    endforeach()
  endif()
  set(output ${PROJECT_BINARY_DIR}/clients/${name})
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h ${PROJECT_SOURCE_DIR}/tests/clients/*.h
    ${PROJECT_SOURCE_DIR}/client/src/*.h ${PROJECT_SOURCE_DIR}/client/include/*/*.h)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/clients
    COMMAND gcc ${flags} -o ${output} ${sources}
    DEPENDS ${sources} ${headers}
    VERBATIM)
  add_custom_target(client_${name} ALL DEPENDS ${output})
endfunction()
