// SPDX-License-Identifier: Apache-2.0
// Bytes to instructions: LLVM decodes and prints, parse.cpp reads what it printed, the tables of operations/ run it.
#include <cstdio>
#include <cstring>

#include "machine/disassembler.h"
#include "machine/dpp.h"
#include "machine/parse.h"
#include "machine/program.h"
#include "machine/text.h"
#include "machine/watch.h"
#include "machine/wave.h"
#include "operations/matrix_cycles.h"
#include "operations/matrix_output.h"
#include "operations/tables.h"
#include "operations/valu_cycles.h"

namespace hipemu {

using namespace text;

namespace {

// gfx9's operations with 16-bit results that came before gfx9 clear the upper half of the register. LLVM's source says
// which do (GCNSubtarget::zeroesHigh16BitsOfDest); these do not.
bool keeps_other_half(std::string_view name, const target_info& target) {
  if (target.rdna()) return true;
  for (const char* one : {"v_mac_f16", "v_fmac_f16", "v_madak_f16", "v_madmk_f16", "v_mad_f16", "v_mad_u16",
                          "v_mad_i16", "v_fma_f16", "v_div_fixup_f16", "v_add_i16", "v_sub_i16", "v_bitop3_b16"}) {
    if (name == one) return true;
  }
  return starts(name, "v_med3_") || starts(name, "v_min3_") || starts(name, "v_max3_") || starts(name, "v_ashr_pk_") ||
         starts(name, "v_cvt_scalef32") || starts(name, "v_cvt_sr_") || name == "v_cvt_pk_fp8_f32" ||
         name == "v_cvt_pk_bf8_f32";
}

[[noreturn]] void cannot_run(wave&, const instruction& i) {
  if (i.name.empty()) throw fault(fault_kind::illegal, "these bytes are no instruction");
  throw fault(fault_kind::unimplemented,
              i.problem.empty() ? i.name + " is not implemented" : i.name + ": " + i.problem);
}

}  // namespace

program::program(const target_info& target, int wave_size, uint64_t begin, uint64_t bytes)
    : target_(target), wave_size_(wave_size), begin_(begin), index_(bytes / 4, -1) {
  const std::lock_guard lock(llvm_mutex);
  disassembler& llvm = disassembler_for(target, wave_size);
  const auto* memory = reinterpret_cast<const uint8_t*>(begin);
  for (uint64_t at = 0; at + 4 <= bytes;) {
    std::string text;
    const size_t size = llvm.decode(begin + at, {memory + at, static_cast<size_t>(bytes - at)}, text);
    index_[at / 4] = static_cast<int32_t>(instructions_.size());
    instruction& i = instructions_.emplace_back();
    i.address = begin + at;
    i.next = static_cast<uint32_t>(instructions_.size());
    std::memcpy(&i.encoding, memory + at, std::min<uint64_t>(8, bytes - at));
    if (size == 0) {
      i.problem = "no instruction";
      at += 4;
      continue;
    }
    i.bytes = static_cast<uint8_t>(size);
    at += size;
    llvm.registers(i.reads, i.writes);
    if (const size_t pair = text.find(" :: "); pair != std::string::npos) {
      i.second = std::make_shared<instruction>();
      parse(std::string_view(text).substr(pair + 4), *i.second);
      text.resize(pair);
    }
    parse(text, i);
    for (instruction* one : {&i, i.second.get()}) {
      if (!one) continue;
      one->lanes_from = dpp_pattern_of(*one, wave_size);
      if (starts(one->name, "v_dual_")) one->name.erase(2, 5);
      const operation* known = find_operation(one->name, target);
      if (!known) {
        one->problem.clear();  // that the operation is missing says it all
        continue;
      }
      one->run = known->run;
      one->cls = known->cls;
      one->destinations = known->destinations;
      // gfx10 and later write EXEC alone
      if (starts(one->name, "v_cmpx_") && target.rdna()) one->destinations = 0;
      one->keeps_other_half = keeps_other_half(one->name, target);
      if (known->cls == instruction_class::matrix) {
        one->matrix_cycles = matrix_issue_cycles(*one, target);
        one->output = matrix_output_of(*one, target, wave_size);
      }
      one->valu_cycles = valu_issue_cycles(*one, target, wave_size);
    }
    if (i.second) {
      if (i.problem.empty()) i.problem = i.second->problem;
      i.alone = i.run;
      i.run = i.run && i.second->run ? run_dual : nullptr;
    }
    describe_for_watch(i, target, wave_size);
    describe_pace(i, target);
  }
  for (instruction& i : instructions_) {
    if (!i.run || !i.problem.empty()) i.run = cannot_run;
    if (starts(i.name, "s_branch") || starts(i.name, "s_cbranch") || starts(i.name, "s_call_b64"))
      i.target = this->at(i.address + 4 + 4 * static_cast<int64_t>(static_cast<int16_t>(i.encoding)));
  }
}

int32_t program::at(uint64_t address) const {
  const uint64_t offset = address - begin_;
  return address < begin_ || offset % 4 || offset / 4 >= index_.size() ? -1 : index_[offset / 4];
}

std::string program::text(const instruction& i) const {
  const std::lock_guard lock(llvm_mutex);
  std::string text;
  const auto* memory = reinterpret_cast<const uint8_t*>(i.address);
  const uint64_t rest = begin_ + 4 * index_.size() - i.address;
  if (!disassembler_for(target_, wave_size_).decode(i.address, {memory, static_cast<size_t>(rest)}, text)) {
    char words[32];
    std::snprintf(words, sizeof(words), ".long 0x%08x", static_cast<uint32_t>(i.encoding));
    return words;
  }
  for (char& c : text) c = c == '\t' ? ' ' : c;
  return std::string(trim(text));
}

}  // namespace hipemu
