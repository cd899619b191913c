// The initial contents of a module's own memories, laid out in whole pages, so that an instance maps them
// copy-on-write instead of copying segments. Instantiation then costs what the guest touches.
//
// A memory has an image only where that cannot be told from the spec's instantiation: all of its active
// segments have plain offsets and lie inside of its initial size, so that none of them traps and their order
// is known. https://webassembly.github.io/spec/core/exec/modules.html#instantiation
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/codegen/constant.h"
#include "compiler/wasm/module.h"

namespace swage::codegen {

/// Whether data may be laid out for mapping from the file.
enum class Images : uint8_t { none, mapped };

/// A run of pages of one memory's image.
struct ImageRun {
  uint32_t memory = 0;
  uint64_t address = 0;         ///< in the memory; a multiple of the page size
  std::vector<std::byte> bytes; ///< whole pages
};

struct ImagePlan {
  std::vector<ImageRun> runs;    ///< by memory, then by address
  std::vector<bool> is_in_image; ///< by data segment
};

ImagePlan plan_images(const wasm::Module& module, const ConstantRows& constants, Images images,
                      uint32_t page_size);

} // namespace swage::codegen
