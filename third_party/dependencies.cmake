# How each dependency is found. third_party/README.md gives version, licence and reason.
find_package(Threads REQUIRED)
find_path(XXHASH_INCLUDE xxhash.h REQUIRED)

if(SWAGE_COMPILER)
  find_package(LLVM 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/llvm)
  find_package(LLD REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/lld)
  find_package(fmt 9 REQUIRED)

  # LLVM and lld as one library: headers, definitions, and either the static components that swage uses (loads in 2 ms
  # instead of 15, and the linker drops the rest) or libLLVM.so (links at once, for debugging). lld is always static.
  add_library(swage_llvm INTERFACE)
  separate_arguments(SWAGE_LLVM_DEFINITIONS UNIX_COMMAND "${LLVM_DEFINITIONS}")
  target_compile_definitions(swage_llvm INTERFACE ${SWAGE_LLVM_DEFINITIONS})
  target_include_directories(swage_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${LLD_INCLUDE_DIRS})
  if(SWAGE_STATIC_LLVM)
    llvm_map_components_to_libnames(SWAGE_LLVM_LIBRARIES
      x86codegen x86desc x86info aarch64codegen aarch64desc aarch64info
      passes orcjit jitlink debuginfodwarf object support targetparser lto dtlto option)
    # The package's lld targets name libLLVM.so; a second LLVM in the process would be fatal.
    set_target_properties(lldCommon PROPERTIES INTERFACE_LINK_LIBRARIES "${SWAGE_LLVM_LIBRARIES}")
    set_target_properties(lldELF PROPERTIES INTERFACE_LINK_LIBRARIES
      "lldCommon;swage_lld_targets;${SWAGE_LLVM_LIBRARIES};ZLIB::ZLIB;zstd::libzstd_shared")
    # lld initialises every target that the package was built with, in case it meets bitcode, which ours never does. Those that
    # swage does not link are empty, and so are the parsers of assembly.
    set(stubs "// Made by dependencies.cmake.\n")
    foreach(target ${LLVM_TARGETS_TO_BUILD})
      set(functions Target TargetInfo TargetMC AsmPrinter AsmParser)
      if(target MATCHES "^(X86|AArch64)$")
        set(functions AsmParser)
      endif()
      foreach(function ${functions})
        string(APPEND stubs "extern \"C\" void LLVMInitialize${target}${function}() {}\n")
      endforeach()
    endforeach()
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/third_party/lld_targets.cpp CONTENT "${stubs}")
    add_library(swage_lld_targets STATIC ${CMAKE_BINARY_DIR}/third_party/lld_targets.cpp)
    target_link_libraries(swage_llvm INTERFACE lldELF lldCommon swage_lld_targets ${SWAGE_LLVM_LIBRARIES})
    target_link_options(swage_llvm INTERFACE -Wl,--gc-sections -Wl,--as-needed)
  else()
    target_link_libraries(swage_llvm INTERFACE lldELF lldCommon LLVM)
  endif()

  # Linking LLVM takes lld a second and GNU ld half a minute.
  if(EXISTS ${LLVM_TOOLS_BINARY_DIR}/ld.lld)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_link_options(swage_llvm INTERFACE -B${LLVM_TOOLS_BINARY_DIR} -fuse-ld=lld)
    else()
      target_link_options(swage_llvm INTERFACE --ld-path=${LLVM_TOOLS_BINARY_DIR}/ld.lld)
    endif()
  endif()
endif()
find_package(CLI11 2.1 REQUIRED)
if(SWAGE_TESTS)
  find_package(GTest 1.12 REQUIRED)
endif()
