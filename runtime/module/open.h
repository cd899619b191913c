// Opening a module's file.
#pragma once

#include <string>

#include "runtime/module/module.h"

namespace swage {

struct OpenFile {
  File file;
  size_t size = 0; ///< 0 of what has none, like a pipe
};

/// Errors: io, in words; the caller fills in the file's name.
Expected<OpenFile> open_file(const std::string& path);

} // namespace swage
