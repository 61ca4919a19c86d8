# Warnings, sanitizers and linker of our own targets.
add_library(holdfast_options INTERFACE)
target_compile_options(holdfast_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_link_options(holdfast_options INTERFACE -fuse-ld=lld)
    target_compile_options(holdfast_options INTERFACE -Xclang -fno-pch-timestamp)  # lets ccache reuse it
else()
    # False alarms of g++ 12 about Asio's coroutine frames and Boost's error categories; clang checks the same.
    target_compile_options(holdfast_options INTERFACE -Wno-maybe-uninitialized -Wno-conversion
        -Wno-sign-conversion -Wno-shadow -Wno-mismatched-new-delete -Wno-non-virtual-dtor)
endif()
if(HOLDFAST_SANITIZE)
    target_compile_options(holdfast_options INTERFACE
        -fsanitize=${HOLDFAST_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(holdfast_options INTERFACE -fsanitize=${HOLDFAST_SANITIZE})
endif()

find_program(HOLDFAST_CCACHE ccache)
if(HOLDFAST_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1 ${HOLDFAST_CCACHE})
    # CMake's own spelling names the header by an absolute path that ccache cannot see through.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -include-pch <PCH_FILE>)
    endif()
endif()

# A precompiled header holds absolute paths, so its bytes differ from one checkout to the next. What it is made of
# does not: ccache reads that from a file beside the header instead.
function(holdfast_sum_precompiled target)
    if(NOT HOLDFAST_CCACHE)
        return()
    endif()
    foreach(header IN LISTS ARGN)
        file(SHA256 ${header} sum)
        string(APPEND source ${sum})
    endforeach()
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${target}.dir/cmake_pch.hxx.pch.sum
         "${source} ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_CXX_FLAGS_RELWITHDEBINFO} \
${HOLDFAST_SANITIZE} ${HOLDFAST_BOOST_INCLUDE_VERSION}\n")
endfunction()

# The public face; every room sees it.
add_library(holdfast_headers INTERFACE)
file(GLOB public_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/holdfast/*.hpp)
target_sources(holdfast_headers INTERFACE
    FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${public_headers})

# holdfast_room(name SOURCES … [LINK …]): one static library a room.
function(holdfast_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
    add_library(holdfast_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(holdfast_${name} PUBLIC
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
    target_link_libraries(holdfast_${name} PUBLIC holdfast_headers holdfast_boost ${ROOM_LINK}
                          PRIVATE $<BUILD_INTERFACE:holdfast_options> ${ROOM_PRIVATE_LINK})
    if(HOLDFAST_PCH)
        if(name STREQUAL "base")
            target_precompile_headers(holdfast_base PRIVATE ${PROJECT_SOURCE_DIR}/src/base/asio_pch.hpp)
            holdfast_sum_precompiled(holdfast_base ${PROJECT_SOURCE_DIR}/src/base/asio_pch.hpp)
        else()
            target_precompile_headers(holdfast_${name} REUSE_FROM holdfast_base)
        endif()
    endif()
endfunction()
