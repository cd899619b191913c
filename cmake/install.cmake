# What `cmake --install` puts where: programs, the compiler behind its shared library, the runtime and WASI as static
# libraries with their headers, a CMake package (find_package(swage): swage::runtime, swage::wasi), pkg-config files, man
# pages, shell completions. Headers lie in a folder of their own major version, so that two versions can be installed.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(SWAGE_INSTALL_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR}/swage-${PROJECT_VERSION_MAJOR})

# Libraries, those that others need last: the order that a linker wants them in.
set(libraries swage_wasi swage_wasi_core swage_runtime swage_artifact swage_vocabulary)
foreach(library ${libraries})
  string(REPLACE "swage_" "" name ${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${name})
endforeach()
set_target_properties(swage_flags PROPERTIES EXPORT_NAME flags)
target_include_directories(swage_flags INTERFACE $<INSTALL_INTERFACE:${SWAGE_INSTALL_INCLUDEDIR}>)
target_compile_features(swage_flags INTERFACE cxx_std_23)

install(TARGETS ${libraries} swage_flags EXPORT swage ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS swage-run RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(SWAGE_COMPILER)
  install(TARGETS swage swage_compiler RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/runtime/include/ ${PROJECT_SOURCE_DIR}/wasi/include/ DESTINATION ${SWAGE_INSTALL_INCLUDEDIR})
# The trap codes and the raw value are parts of the ABI that the public headers show.
install(FILES ${PROJECT_SOURCE_DIR}/runtime/abi/trap_code.h ${PROJECT_SOURCE_DIR}/runtime/abi/value.h ${PROJECT_SOURCE_DIR}/runtime/abi/traps.inc
        DESTINATION ${SWAGE_INSTALL_INCLUDEDIR}/runtime/abi)

set(SWAGE_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/swage)
install(EXPORT swage NAMESPACE swage:: FILE swageTargets.cmake DESTINATION ${SWAGE_INSTALL_CMAKEDIR})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/swageConfig.cmake.in ${CMAKE_BINARY_DIR}/cmake/swageConfig.cmake
                              INSTALL_DESTINATION ${SWAGE_INSTALL_CMAKEDIR})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/cmake/swageConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/cmake/swageConfig.cmake ${CMAKE_BINARY_DIR}/cmake/swageConfigVersion.cmake
        DESTINATION ${SWAGE_INSTALL_CMAKEDIR})

# From the folder of the .pc files up to the prefix, so that an installed tree can be moved.
file(RELATIVE_PATH SWAGE_INSTALL_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
foreach(package swage-runtime swage-wasi)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${package}.pc.in ${CMAKE_BINARY_DIR}/cmake/${package}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/cmake/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

set(cli ${PROJECT_SOURCE_DIR}/cli)
install(FILES ${cli}/man/swage.1 ${cli}/man/swage-run.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${cli}/completions/swage.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME swage)
install(FILES ${cli}/completions/_swage DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${cli}/completions/swage.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
