// Descriptor data -> a relocatable ELF object, written directly: a few sections, one symbol per target and
// one relocation per fixup. Each int32 `target - swage_module` is a PC-relative relocation whose addend is
// the field's own offset, so the finished artifact needs no relocation at load time and its descriptor lies
// in read-only pages shared between processes.
//
//   .rodata        the blob; swage_module is its first byte, the only symbol that the artifact exports
//   .swage.image   the images' pages, page-aligned
//   .note.swage    abi::ArtifactNote, its checksum still zero
#pragma once

#include <span>
#include <vector>

#include "compiler/codegen/descriptor_builder.h"

namespace swage::codegen {

/// `input` is what the descriptor was built from.
std::vector<char> write_descriptor_object(const DescriptorData& data, const DescriptorInput& input);

} // namespace swage::codegen
