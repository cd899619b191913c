// Files as the command line needs them: read whole, and written under a temporary name first, so that a kill
// leaves no half file.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "swage/error.h"

namespace swage::cli {

/// The bytes of a regular file, or of standard input for "-". Errors: io, naming the file and the cause.
Expected<std::vector<std::byte>> read_file(const std::string& path);

/// Writes beside `path` and renames; `path` is either the old file or the whole new one. "-" is standard
/// output.
Expected<void> write_file(const std::string& path, std::span<const std::byte> bytes);

/// Prints "swage: error: ..." in one line to stderr, with the excerpt below it, and returns the exit status
/// that fits the error.
int report(const Error& error);

} // namespace swage::cli
