// Paths in the file are relative to the file.
#pragma once

#include <string>
#include <string_view>

namespace sluice::config {

// The folder of `path`: "." when it names none.
std::string folder_of(std::string_view path);
// `path` itself when it starts at the root or is empty, else below `folder`.
std::string absolute_path(std::string_view path, std::string_view folder);

}  // namespace sluice::config
