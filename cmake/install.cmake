# What `cmake --install` puts where: the program, the public headers, the libraries and a CMake package, so that
# `find_package(holdfast)` gives holdfast::holdfast, and holdfast::sim (sim/CMakeLists.txt) for tests.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The whole library under one name, here as in an installation.
add_library(holdfast_all INTERFACE)
target_link_libraries(holdfast_all INTERFACE holdfast_client holdfast_lock holdfast_schedule holdfast_token
                      holdfast_jws holdfast_same_token)
add_library(holdfast::holdfast ALIAS holdfast_all)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/holdfast)
set(installed headers boost base runtime store embedded store_redis lock cron schedule jws token same_token client)
foreach(name IN LISTS installed)
    set_target_properties(holdfast_${name} PROPERTIES EXPORT_NAME ${name})
endforeach()
set_target_properties(holdfast_all PROPERTIES EXPORT_NAME holdfast)
list(TRANSFORM installed PREPEND holdfast_)

install(TARGETS ${installed} holdfast_all EXPORT holdfast_targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
install(EXPORT holdfast_targets NAMESPACE holdfast:: DESTINATION ${package} COMPONENT library)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/holdfast-config.cmake.in
                              ${PROJECT_BINARY_DIR}/holdfast-config.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/holdfast-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/holdfast-config.cmake ${PROJECT_BINARY_DIR}/holdfast-config-version.cmake
        DESTINATION ${package} COMPONENT library)

install(TARGETS holdfast RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(FILES deploy/nginx.conf deploy/Caddyfile deploy/holdfast.service
        DESTINATION ${CMAKE_INSTALL_DATADIR}/holdfast/deploy COMPONENT program)
