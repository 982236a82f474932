// SPDX-License-Identifier: Apache-2.0
#include "machine/disassembler.h"

#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Support/TargetSelect.h>

#include <map>
#include <stdexcept>

#include "machine/text.h"
#include "machine/wave.h"

namespace hipemu {

using namespace text;

namespace {

// The registers that one of LLVM's names stands for: "VGPR4_VGPR5", "VGPR4_HI16", "TTMP6_vi", "VCC_LO", "M0_gfx11plus". None of
// what is no register of the emulator's.
register_range range_of_name(std::string_view name, int wave_size) {
  struct {
    const char* prefix;
    int first;
  } const files[] = {{"VGPR", 0}, {"AGPR", 256}, {"SGPR", first_scalar}, {"TTMP", first_scalar + sreg::ttmp0}};
  const auto parts = split(name, '_');
  for (const auto& file : files) {
    int64_t first = 0, last = 0;
    std::string_view rest = parts.front();
    if (!take(rest, file.prefix) || !number(rest, first)) continue;
    int count = 0;
    uint8_t halves = 3;
    for (std::string_view part : parts) {
      count += take(part, file.prefix) && number(part, last);
      if (part == "LO16") halves = 1;
      if (part == "HI16") halves = 2;
    }
    return {static_cast<uint16_t>(file.first + first), static_cast<uint8_t>(count), halves};
  }
  // LLVM's descriptions name masks of 64 lanes.
  const uint8_t mask = static_cast<uint8_t>(wave_size / 32);
  struct {
    const char* name;
    int scalar;
    uint8_t count;
  } const others[] = {{"VCC_LO", sreg::vcc, 1},
                      {"VCC_HI", sreg::vcc + 1, 1},
                      {"VCC", sreg::vcc, mask},
                      {"EXEC_LO", sreg::exec, 1},
                      {"EXEC_HI", sreg::exec + 1, 1},
                      {"EXEC", sreg::exec, mask},
                      {"M0", sreg::m0, 1},
                      {"SCC", scc_register - first_scalar, 1},
                      {"FLAT_SCR_LO", sreg::flat_scratch, 1},
                      {"FLAT_SCR_HI", sreg::flat_scratch + 1, 1},
                      {"FLAT_SCR", sreg::flat_scratch, 2},
                      {"XNACK_MASK_LO", sreg::xnack_mask, 1},
                      {"XNACK_MASK_HI", sreg::xnack_mask + 1, 1},
                      {"XNACK_MASK", sreg::xnack_mask, 2}};
  for (const auto& other : others)
    if (starts(name, other.name)) return {static_cast<uint16_t>(first_scalar + other.scalar), other.count};
  return {0, 0};
}

}  // namespace

disassembler::disassembler(const char* processor, int wave_size) : wave_size_(wave_size) {
  static const bool initialised = [] {
    LLVMInitializeAMDGPUTargetInfo();
    LLVMInitializeAMDGPUTarget();
    LLVMInitializeAMDGPUTargetMC();
    LLVMInitializeAMDGPUDisassembler();
    return true;
  }();
  static_cast<void>(initialised);
  const llvm::Triple triple("amdgcn-amd-amdhsa");
  std::string problem;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, problem);
  if (!target) throw std::runtime_error("hipemu: this LLVM has no AMDGPU target: " + problem);
  // Names of register halves also where LLVM's own compiler does not use them yet.
  const std::string_view name = processor;
  const bool gfx9 = name.starts_with("gfx9"), gfx10 = name.starts_with("gfx10");
  const std::string features =
      std::string(gfx9 || gfx10 ? "" : "+real-true16,") + (gfx9              ? ""
                                                           : wave_size == 64 ? "+wavefrontsize64"
                                                                             : "+wavefrontsize32");
  registers_.reset(target->createMCRegInfo(triple));
  assembly_.reset(target->createMCAsmInfo(*registers_, triple, options_));
  subtarget_.reset(target->createMCSubtargetInfo(triple, processor, features));
  instructions_.reset(target->createMCInstrInfo());
  context_ = std::make_unique<llvm::MCContext>(triple, assembly_.get(), registers_.get(), subtarget_.get());
  decoder_.reset(target->createMCDisassembler(*subtarget_, *context_));
  printer_.reset(
      target->createMCInstPrinter(triple, assembly_->getAssemblerDialect(), *assembly_, *instructions_, *registers_));
  printer_->setPrintImmHex(false);
}

size_t disassembler::decode(uint64_t address, std::span<const uint8_t> bytes, std::string& text) {
  uint64_t size = 0;
  last_.clear();
  if (decoder_->getInstruction(last_, size, {bytes.data(), bytes.size()}, address, llvm::nulls()) !=
      llvm::MCDisassembler::Success)
    return 0;
  llvm::raw_string_ostream out(text);
  printer_->printInst(&last_, address, "", *subtarget_, out);
  return size;
}

const register_range& disassembler::range_of(unsigned name) {
  if (ranges_.empty()) ranges_.resize(registers_->getNumRegs());
  auto& range = ranges_.at(name);
  if (!range) range = range_of_name(registers_->getName(name), wave_size_);
  return *range;
}

void disassembler::registers(std::vector<register_range>& reads, std::vector<register_range>& writes) {
  const llvm::MCInstrDesc& description = instructions_->get(last_.getOpcode());
  const auto add = [&](std::vector<register_range>& to, unsigned name) {
    if (name == 0) return;
    if (const register_range& r = range_of(name); r.count) to.push_back(r);
  };
  const bool only_loads = description.mayLoad() && !description.mayStore();
  for (unsigned n = 0; n < last_.getNumOperands(); ++n) {
    if (!last_.getOperand(n).isReg()) continue;
    if (n < description.getNumDefs()) {
      add(writes, last_.getOperand(n).getReg());
    } else if (const int written = description.getOperandConstraint(n, llvm::MCOI::TIED_TO); written == -1) {
      add(reads, last_.getOperand(n).getReg());
    } else if (!only_loads) {  // the same register as what is written; of VOPD the decoder has it wrong here
      add(reads, last_.getOperand(static_cast<unsigned>(written)).getReg());
    }
  }
  for (const auto name : description.implicit_uses()) add(reads, name);
  for (const auto name : description.implicit_defs()) add(writes, name);
}

std::mutex llvm_mutex;

disassembler& disassembler_for(const target_info& target, int wave_size) {
  static std::map<std::pair<std::string, int>, std::unique_ptr<disassembler>> all;
  auto& one = all[{target.name, wave_size}];
  if (!one) one = std::make_unique<disassembler>(target.name, wave_size);
  return *one;
}

}  // namespace hipemu
