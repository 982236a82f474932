// SPDX-License-Identifier: Apache-2.0
// Decoded code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "machine/instruction.h"
#include "machine/target.h"

namespace hipemu {

class program {
 public:
  // Decodes [begin, begin + bytes), which is device memory. Bytes that are no instruction become one with the name "".
  program(const target_info& target, int wave_size, uint64_t begin, uint64_t bytes);

  // The index of the instruction at an address, or -1.
  int32_t at(uint64_t address) const;
  const instruction& operator[](uint32_t index) const { return instructions_[index]; }
  uint32_t size() const { return static_cast<uint32_t>(instructions_.size()); }
  // The instruction as LLVM prints it.
  std::string text(const instruction& i) const;

 private:
  const target_info& target_;
  int wave_size_ = 64;
  uint64_t begin_ = 0;
  std::vector<instruction> instructions_;
  std::vector<int32_t> index_;  // of the instruction at begin + 4 i, or -1
};

// The operation of that canonical name on that target; null handler if there is none. Defined by the tables in
// operations/; decode.cpp asks once an instruction.
struct operation {
  const char* name;
  handler run;
  instruction_class cls;
  uint8_t destinations = 1;
};
const operation* find_operation(std::string_view name, const target_info& target);

}  // namespace hipemu
