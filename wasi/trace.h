// A call as a line of text, for people: "path_open(fd=3, dirflags=symlink_follow, path="notes.txt", ...) =
// noent  4.1us".
#pragma once

#include <string>
#include <string_view>

#include "wasi/errno.h"
#include "wasi/memory.h"
#include "wasi/types.h"

namespace swage::wasi {
struct Call;
}

namespace swage::wasi::trace {

using Text = std::string;

/// The next parameter's name of "(Fd fd, Path path)", taken off the front.
std::string_view next_name(std::string_view& parameters);
/// The index-th of the comma-separated words, or the number when there is none.
void put_word(Text& text, std::string_view words, uint32_t index);
void put_flags(Text& text, std::string_view words, uint32_t bits);
void put_rights(Text& text, Rights rights);
void put_address(Text& text, uint32_t address);
void put_path(Text& text, const GuestMemory& memory, Path path);
void put_iovecs(Text& text, const GuestMemory& memory, Iovecs iovs);
void put_fdstat(Text& text, const GuestMemory& memory, uint32_t address);
/// `size`: where the struct has the file's.
void put_filestat(Text& text, const GuestMemory& memory, uint32_t address, uint32_t size);
/// Runs the call and gives its line to the context's sink.
Errno traced_call(Call& call, const uint64_t* arguments);

} // namespace swage::wasi::trace
