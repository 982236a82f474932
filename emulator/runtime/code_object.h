// SPDX-License-Identifier: Apache-2.0
// A code object in device memory: the loaded segments, the kernels by name, the decoded program.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "machine/program.h"
#include "machine/target.h"
#include "runtime/memory.h"

namespace hipemu {

struct kernel_argument {
  std::string kind;  // the metadata's .value_kind: "by_value", "global_buffer", "hidden_block_count_x", ...
  uint32_t offset = 0, bytes = 0;
  bool hidden() const { return kind.starts_with("hidden_"); }
  uint64_t end() const { return uint64_t{offset} + bytes; }
};

// A kernel's descriptor (64 bytes in .rodata; LLVM's AMDGPU usage guide, "Kernel Descriptor") and its metadata.
struct kernel {
  std::string name;
  uint64_t entry = 0;                                            // address of the first instruction
  uint64_t code_bytes = 0;                                       // of its function; 0: nothing says
  uint32_t kernarg_bytes = 0, lds_bytes = 0, scratch_bytes = 0;  // scratch: a lane
  uint32_t rsrc1 = 0, rsrc2 = 0, rsrc3 = 0;
  uint16_t properties = 0;       // kernel_code_properties: which user SGPRs are set up, wave32, dynamic stack
  uint16_t kernarg_preload = 0;  // kernarg_preload: length in bits 0-6, offset in 7-15, in dwords
  std::vector<kernel_argument> arguments;
  uint32_t threads_max = 1024;
  bool dynamic_stack = false;
  uint32_t wave_size = 64;

  // What the caller gives: up to the end of the last argument that is not hidden.
  uint32_t explicit_bytes() const {
    uint64_t end = 0;
    for (const kernel_argument& a : arguments)
      if (!a.hidden()) end = std::max(end, a.end());
    return static_cast<uint32_t>(end);
  }
  // As HSA aligns it.
  uint32_t kernarg_segment_bytes() const { return std::max((kernarg_bytes + 15u) & ~15u, 16u); }
  uint32_t preload_words() const { return kernarg_preload & 0x7f; }
  uint32_t preload_at() const { return kernarg_preload >> 7; }
};

struct line_table;

class code_object {
 public:
  // Loads an ELF (a fat binary's or bundle's entry for the target, too). `bytes` 0: as many as its headers say, which
  // is all that hipModuleLoadData knows. Throws load_error.
  code_object(const void* image, const target_info& target, device_memory& memory, int device, size_t bytes = 0);
  ~code_object();
  code_object(const code_object&) = delete;
  code_object& operator=(const code_object&) = delete;

  const std::map<std::string, kernel>& kernels() const { return kernels_; }
  // A __device__ variable: address and bytes.
  const std::map<std::string, std::pair<uint64_t, uint64_t>>& variables() const { return variables_; }
  // Decoded at the first call, so that loading is quick. Kernels of both wave sizes may stand in one code object, and
  // the size tells how their instructions read.
  const program& code(uint32_t wave_size) const;
  const target_info& target() const { return target_; }
  // "rmsnorm.hip:41", of inlined code "reduce.h:7, called at rmsnorm.hip:41"; "" if there are no line tables.
  std::string source_line(uint64_t address) const;

 private:
  const target_info& target_;
  device_memory& memory_;
  uint64_t bias_ = 0;  // load address minus the ELF's
  uint64_t text_address_ = 0, text_bytes_ = 0;
  std::vector<uint8_t> image_;
  std::map<std::string, kernel> kernels_;
  std::map<std::string, std::pair<uint64_t, uint64_t>> variables_;
  mutable std::once_flag decoded_[2];
  mutable std::unique_ptr<program> programs_[2];  // of waves of 32, of 64
  mutable std::mutex lines_mutex_;
  mutable std::unique_ptr<line_table> lines_;
};

enum class load_failure : uint8_t { invalid, no_binary_for_target };
struct load_error : std::runtime_error {
  load_failure why;
  load_error(load_failure w, const std::string& what) : std::runtime_error(what), why(w) {}
};

}  // namespace hipemu
