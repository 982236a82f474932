// SPDX-License-Identifier: Apache-2.0
// Reads JSON (RFC 8259), for the manifest of a folder of kernels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hipinfer {

// Texts may be of ASCII and UTF-8 as it stands, not of \u escapes; numbers are kept as they are written.
struct json {
  enum { nothing, boolean, number, text, list, object } is = nothing;
  std::string word;  // of a number, a text, a boolean
  std::vector<json> items;
  std::vector<std::pair<std::string, json>> members;

  // The members of an object, by name: of the kind that is asked for, or the call throws std::invalid_argument.
  const std::string& text_of(std::string_view name) const;
  uint64_t number_of(std::string_view name) const;
  const std::vector<json>& list_of(std::string_view name) const;
};

// Throws std::invalid_argument, with the reason.
json parse_json(std::string_view text);

}  // namespace hipinfer
