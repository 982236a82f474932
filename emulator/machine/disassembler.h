// SPDX-License-Identifier: Apache-2.0
// LLVM's machine-code layer: an instruction's text, and every register that it reads and writes.
#pragma once

#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCTargetOptions.h>

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "machine/instruction.h"
#include "machine/target.h"

namespace hipemu {

// LLVM's machine-code layer for one processor. Not thread-safe: one mutex guards them all.
class disassembler {
 public:
  disassembler(const char* processor, int wave_size);

  // The bytes of the instruction and its text; 0 if there is none.
  size_t decode(uint64_t address, std::span<const uint8_t> bytes, std::string& text);

  // The registers of the instruction that was decoded last.
  void registers(std::vector<register_range>& reads, std::vector<register_range>& writes);

 private:
  const register_range& range_of(unsigned name);

  const int wave_size_;
  llvm::MCInst last_;
  std::vector<std::optional<register_range>> ranges_;  // by LLVM's number of the register
  llvm::MCTargetOptions options_;
  std::unique_ptr<llvm::MCRegisterInfo> registers_;
  std::unique_ptr<llvm::MCAsmInfo> assembly_;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget_;
  std::unique_ptr<llvm::MCInstrInfo> instructions_;
  std::unique_ptr<llvm::MCContext> context_;
  std::unique_ptr<llvm::MCDisassembler> decoder_;
  std::unique_ptr<llvm::MCInstPrinter> printer_;
};

// Held by whoever uses one.
extern std::mutex llvm_mutex;
disassembler& disassembler_for(const target_info& target, int wave_size);

}  // namespace hipemu
