# Finds the third-party libraries of DESIGN section 8. Headers are SYSTEM includes: their warnings are not ours.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LUAJIT REQUIRED IMPORTED_TARGET luajit)
if(HOLDFAST_TESTS OR HOLDFAST_BENCH)  # a bare client to compare with
    pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
    # Its -D_FILE_OFFSET_BITS=64 would make g++ refuse the precompiled header.
    set_target_properties(PkgConfig::HIREDIS PROPERTIES INTERFACE_COMPILE_OPTIONS "")
endif()
find_package(spdlog REQUIRED)

# Boost is used header-only. Debian 12's own is too old; tools/setup.sh then puts one under .deps/.
find_path(HOLDFAST_BOOST_INCLUDE boost/redis.hpp
          HINTS ${PROJECT_SOURCE_DIR}/.deps/boost/usr/include
          REQUIRED)
file(STRINGS ${HOLDFAST_BOOST_INCLUDE}/boost/version.hpp HOLDFAST_BOOST_INCLUDE_VERSION
     REGEX "define BOOST_VERSION ")
add_library(holdfast_boost INTERFACE)
target_include_directories(holdfast_boost SYSTEM INTERFACE $<BUILD_INTERFACE:${HOLDFAST_BOOST_INCLUDE}>)
# Separate compilation: the one source file that includes asio/impl/src.hpp is src/base/asio.cpp.
target_compile_definitions(holdfast_boost INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION
    BOOST_ASIO_NO_DEPRECATED
    BOOST_ALL_NO_LIB)
target_link_libraries(holdfast_boost INTERFACE Threads::Threads)
