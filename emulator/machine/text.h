// SPDX-License-Identifier: Apache-2.0
// Reading the text that LLVM prints.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>
#include <vector>

namespace hipemu::text {

inline bool starts(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

inline bool take(std::string_view& text, std::string_view prefix) {
  if (!starts(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

inline std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Cuts the text at a character, outside of brackets of any kind.
inline std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t n = 0; n <= text.size(); ++n) {
    const char c = n < text.size() ? text[n] : at;
    depth += c == '[' || c == '(';
    depth -= c == ']' || c == ')';
    if (n == text.size() || (c == at && depth == 0)) {
      if (const auto part = trim(text.substr(begin, n - begin)); !part.empty()) parts.push_back(part);
      begin = n + 1;
    }
  }
  return parts;
}

inline bool number(std::string_view text, int64_t& value) {
  const bool minus = take(text, "-");
  const int base = take(text, "0x") ? 16 : 10;
  uint64_t x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x, base);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return false;
  value = static_cast<int64_t>(minus ? 0 - x : x);
  return true;
}

// "[1,0,3]" -> the numbers.
inline bool numbers(std::string_view text, std::vector<int64_t>& values) {
  if (!take(text, "[") || text.empty() || text.back() != ']') return false;
  text.remove_suffix(1);
  for (const auto part : split(text, ',')) {
    int64_t x;
    if (!number(part, x)) return false;
    values.push_back(x);
  }
  return true;
}

}  // namespace hipemu::text
