# holdfast_embed_scripts(room file.lua …): makes "<room>_scripts.hpp" with one `holdfast::script` constant a
# file, in namespace holdfast::scripts::<room>. The library target of the room must exist already. After INCLUDES
# come files that the others include ("-- @include file.lua") and that are no scripts themselves.
function(holdfast_embed_scripts room)
    cmake_parse_arguments(PARSE_ARGV 1 S "" "" "INCLUDES")
    set(folder ${CMAKE_CURRENT_BINARY_DIR}/generated)
    set(header ${folder}/${room}_scripts.hpp)
    set(files ${S_UNPARSED_ARGUMENTS})
    set(included ${S_INCLUDES})
    list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    list(TRANSFORM included PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    add_custom_command(
        OUTPUT ${header}
        COMMAND ${CMAKE_COMMAND} -DROOM=${room} -DHEADER=${header} "-DFILES=${files}"
                -P ${PROJECT_SOURCE_DIR}/cmake/write_scripts_header.cmake
        DEPENDS ${files} ${included} ${PROJECT_SOURCE_DIR}/cmake/write_scripts_header.cmake
        VERBATIM)
    add_custom_target(holdfast_${room}_scripts DEPENDS ${header})
    target_sources(holdfast_${room} PRIVATE ${header})
    target_include_directories(holdfast_${room} PUBLIC $<BUILD_INTERFACE:${folder}>)
    add_dependencies(holdfast_${room} holdfast_${room}_scripts)
endfunction()
