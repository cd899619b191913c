// The features that a script's folder was written for.
#pragma once

#include <string>

#include "swage/compiler.h"

namespace swage::cli {

/// Adds to `options` what the script's place in the official suites asks for; what the options say themselves
/// stays last.
void add_suite_features(const std::string& file, CompileOptions& options);

} // namespace swage::cli
