// SPDX-License-Identifier: Apache-2.0
#include "core/code_objects.h"

#include <zlib.h>

#include <cstring>
#include <map>
#include <mutex>
#include <new>

#include "core/error.h"

namespace hipinfer {
namespace {

struct generic {
  const char* name;
  const char* covers;  // space-separated
};
// LLVM's AMDGPU usage guide, "Generic processor versioning".
constexpr generic generics[] = {
    {"gfx9-generic", "gfx900 gfx902 gfx904 gfx906 gfx909 gfx90c"},
    {"gfx9-4-generic", "gfx942 gfx950"},
    {"gfx10-3-generic", "gfx1030 gfx1031 gfx1032 gfx1033 gfx1034 gfx1035 gfx1036"},
    {"gfx11-generic", "gfx1100 gfx1101 gfx1102 gfx1103 gfx1150 gfx1151 gfx1152 gfx1153"},
    {"gfx12-generic", "gfx1200 gfx1201"},
};

bool lists(const char* words, const std::string& word) {
  const size_t n = word.size();
  for (const char* at = std::strstr(words, word.c_str()); at != nullptr; at = std::strstr(at + 1, word.c_str())) {
    if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0')) return true;
  }
  return false;
}

}  // namespace

std::string base_target(const std::string& reported) {
  return reported.substr(0, reported.find(':'));
}

std::vector<std::string> targets_that_run_on(const std::string& base) {
  std::vector<std::string> out{base};
  for (const generic& g : generics) {
    if (lists(g.covers, base)) out.push_back(g.name);
  }
  // A cubin runs on later minor versions of the same major one.
  if (base.rfind("sm_", 0) == 0 && base.size() > 4) {
    for (char minor = base.back() - 1; minor >= '0'; --minor) out.push_back(base.substr(0, base.size() - 1) + minor);
  }
  return out;
}

std::string built_in_target_for(const std::string& base) {
  for (const std::string& candidate : targets_that_run_on(base)) {
    for (int i = 0; i < code_target_count; ++i) {
      if (candidate == code_targets[i]) return candidate;
    }
  }
  return "";
}

std::string built_in_targets() {
  std::string text;
  for (int i = 0; i < code_target_count; ++i) text += (i ? ", " : "") + std::string(code_targets[i]);
  return text.empty() ? "none" : text;
}

std::pair<const void*, size_t> find_code_object(const std::string& target, const std::string& module) {
  static std::mutex mutex;
  static std::map<int, std::vector<unsigned char>> inflated;
  for (int i = 0; i < code_object_count; ++i) {
    const code_object& o = code_objects[i];
    if (target != o.target || module != o.module) continue;
    const std::lock_guard lock(mutex);
    auto it = inflated.find(i);
    if (it == inflated.end()) {
      // Into the map only when whole: an entry left behind by a failure would pass for an empty object.
      std::vector<unsigned char> bytes(o.bytes);
      uLongf size = o.bytes;
      const int status = uncompress(bytes.data(), &size, hipinfer_code_object_blob + o.offset, o.packed_bytes);
      if (status == Z_MEM_ERROR) throw std::bad_alloc();
      if (status != Z_OK || size != o.bytes) {
        throw fail(HIPINFER_STATUS_INTERNAL, "the built-in code object %s for %s is damaged", o.module, o.target);
      }
      it = inflated.emplace(i, std::move(bytes)).first;
    }
    return {it->second.data(), it->second.size()};
  }
  return {nullptr, 0};
}

bool target_matches(const char* patterns, const std::string& target) {
  if (std::strcmp(patterns, "*") == 0) return true;
  for (const char* word = patterns; *word != '\0';) {
    const size_t n = std::strcspn(word, " ");
    if (target.compare(0, n, word, n) == 0) return true;
    word += n;
    while (*word == ' ') ++word;
  }
  return false;
}

}  // namespace hipinfer
