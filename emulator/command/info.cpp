// SPDX-License-Identifier: Apache-2.0
// hipemu info: what is in a code object, without running it. For each kernel its registers, LDS and scratch, how many
// workgroups each card holds at one time, and which instructions it is made of.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

#include "machine/occupancy.h"
#include "machine/report.h"
#include "runtime/code_object.h"

namespace hipemu {
namespace {

constexpr const char* usage =
    "usage: hipemu info FILE [--block N] [--dynamic-lds BYTES]\n\n"
    "Shows the kernels of a code object (.hsaco): registers, LDS, scratch, the workgroups that each card holds at one "
    "time,\n"
    "and the instructions. --block: work-items of a workgroup (default: the most that the kernel allows).\n";

struct options {
  const char* file = nullptr;
  uint32_t block = 0, dynamic_lds = 0;
};

uint32_t number(const char* option, const char* text) {
  uint32_t n = 0;
  const char* end = text + std::strlen(text);
  const auto [at, error] = std::from_chars(text, end, n);
  if (error != std::errc() || at != end)
    throw std::invalid_argument(std::string(option) + ": '" + text + "' is not a number");
  return n;
}

options parse(int count, char** words) {
  options o;
  for (int n = 1; n < count; ++n) {
    const std::string word = words[n];
    uint32_t* value = word == "--block" ? &o.block : word == "--dynamic-lds" ? &o.dynamic_lds : nullptr;
    if (value) {
      if (n + 1 == count) throw std::invalid_argument(word + " needs a number");
      *value = number(words[n], words[n + 1]);
      ++n;
    } else if (word.starts_with("-") || o.file) {
      throw std::invalid_argument("'" + word + "' is not understood");
    } else {
      o.file = words[n];
    }
  }
  if (!o.file) throw std::invalid_argument("no file");
  return o;
}

std::vector<char> contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(std::string("cannot read ") + path);
  std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.empty()) throw std::runtime_error(std::string(path) + " is empty, or no file");
  return bytes;
}

// The kernel's function; what it calls is not counted.
struct code_range {
  uint32_t first, end;
};
code_range code_of(const kernel& k, const program& code) {
  const int32_t first = code.at(k.entry);
  if (first < 0) throw std::runtime_error(k.name + ": its code does not decode");
  uint32_t end = static_cast<uint32_t>(first);
  while (end < code.size() && (!k.code_bytes || code[end].address < k.entry + k.code_bytes) &&
         code[end].name != "s_code_end")
    ++end;
  return {static_cast<uint32_t>(first), end};
}

template <class Key>
std::vector<std::pair<size_t, Key>> most_first(const std::map<Key, size_t>& counts) {
  std::vector<std::pair<size_t, Key>> sorted;
  for (const auto& [key, n] : counts) sorted.emplace_back(n, key);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return sorted;
}

void show_instructions(const kernel& k, const program& code) {
  const code_range range = code_of(k, code);
  std::map<std::string, size_t> classes, names;
  for (uint32_t n = range.first; n < range.end; ++n) {
    ++classes[class_name(code[n].cls)];
    ++names[code[n].name];
  }
  const double all = std::max(1u, range.end - range.first);
  std::printf("  %u instructions:", range.end - range.first);
  const char* before = "";
  for (const auto& [n, name] : most_first(classes)) {
    std::printf("%s %s %zu (%.0f%%)", before, name.c_str(), n, 100 * static_cast<double>(n) / all);
    before = ",";
  }
  std::printf("\n  most often:");
  constexpr size_t shown = 8;
  const auto sorted = most_first(names);
  for (size_t n = 0; n < std::min(shown, sorted.size()); ++n)
    std::printf("%s %s %zu", n ? "," : "", sorted[n].second.c_str(), sorted[n].first);
  std::printf("\n");
}

void show_occupancy(const kernel& k, const target_info& t, const options& o) {
  const int block = static_cast<int>(o.block ? o.block : k.threads_max);
  const uint64_t lds = uint64_t{k.lds_bytes} + o.dynamic_lds;
  std::printf("  %s (%s): ", t.name, t.card);
  if (static_cast<uint32_t>(block) > k.threads_max)
    return void(std::printf("not with %d work-items a workgroup; it was compiled for %u\n", block, k.threads_max));
  if (lds > static_cast<uint64_t>(t.lds_bytes))
    return void(
        std::printf("%llu bytes of LDS, and there are %d\n", static_cast<unsigned long long>(lds), t.lds_bytes));
  const int blocks = blocks_per_unit(k, t, block, o.dynamic_lds), unit = t.rdna() ? 2 : 1;
  const int waves = (block + static_cast<int>(k.wave_size) - 1) / static_cast<int>(k.wave_size);
  std::printf("%d workgroups of %d work-items a %s, %.4g waves a SIMD\n", blocks, block,
              unit == 2 ? "pair of compute units" : "compute unit",
              static_cast<double>(blocks * waves) / (t.simds * unit));
}

void show(const options& o) {
  const std::vector<char> image = contents(o.file);
  device_memory memory;
  std::vector<std::unique_ptr<code_object>> loaded;
  std::string refused;
  for (const target_info& t : all_targets()) {
    try {
      loaded.push_back(std::make_unique<code_object>(image.data(), t, memory, 0, image.size()));
    } catch (const load_error& e) {
      if (e.why == load_failure::invalid) throw;
      refused = e.what();
    }
  }
  if (loaded.empty()) throw std::runtime_error("no target here runs it: " + refused);
  for (const auto& [name, k] : loaded.front()->kernels()) {
    const register_counts registers = registers_of(k, loaded.front()->target());
    std::printf("%s\n  %d VGPRs, %d AGPRs; %u bytes of LDS, %u of scratch a work-item, %u of arguments; ", name.c_str(),
                registers.vector, registers.accumulation, k.lds_bytes, k.scratch_bytes, k.kernarg_bytes);
    std::printf("waves of %u, at most %u work-items a workgroup\n", k.wave_size, k.threads_max);
    for (const auto& one : loaded) show_occupancy(one->kernels().at(name), one->target(), o);
    show_instructions(k, loaded.front()->code(k.wave_size));
  }
}

}  // namespace
}  // namespace hipemu

int main(int count, char** words) {
  for (int n = 1; n < count; ++n)
    if (!std::strcmp(words[n], "--help") || !std::strcmp(words[n], "-h")) return std::fputs(hipemu::usage, stdout), 0;
  try {
    hipemu::show(hipemu::parse(count, words));
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "hipemu info: %s\n%s", e.what(), hipemu::usage);
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "hipemu info: %s\n", e.what());
    return 1;
  }
}
