// SPDX-License-Identifier: Apache-2.0
// An instruction as the executor wants it. LLVM decodes the bytes and prints them; parse.cpp reads that text, whose
// syntax LLVM documents (AMDGPUInstructionSyntax, AMDGPUOperandSyntax, AMDGPUModifierSyntax), once for each instruction.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hipemu {

struct wave;
struct instruction;
struct matrix_output;

using handler = void (*)(wave&, const instruction&);

// Which part of a 32-bit source SDWA takes, or of the destination it writes.
enum class sdwa_select : uint8_t { byte0, byte1, byte2, byte3, word0, word1, dword };
enum class sdwa_unused : uint8_t { pad, sext, preserve };

struct operand {
  enum kind : uint8_t {
    none,
    vector,    // index: VGPR 0-255, AGPR 256-511
    scalar,    // index into wave::s: SGPRs, vcc, ttmp, m0, exec, null
    special,   // index: a special_value
    constant,  // bits
    off,       // "off": no address register
  };
  kind is = none;
  uint8_t words = 1;  // 32-bit registers it spans
  uint16_t index = 0;
  bool negate = false, absolute = false, sign_extend = false;  // -x, |x|, sext(x)
  bool high = false;      // .h: the upper half of a VGPR (gfx11 and later name halves)
  bool half = false;      // .l or .h was written
  bool floating = false;  // the constant was written as a number with a point: its bits depend on the operand's width
  uint64_t bits = 0;      // constant: an integer sign-extended to 64 bits; of a floating one, the double's bits
  bool literal = false;   // written in hexadecimal: 32 bits as they are (of a 64-bit float operand, the upper half)
};

enum class special_value : uint16_t {
  scc,
  vccz,
  execz,
  shared_base,
  shared_limit,
  private_base,
  private_limit,
  pops_exiting_wave_id,
  lds_direct
};

enum class dpp_kind : uint8_t {
  none,
  quad_perm,  // control: 4 x 2 bits, lane 0's lowest
  row_shl,
  row_shr,
  row_ror,  // control: lanes
  wave_shl,
  wave_rol,
  wave_shr,
  wave_ror,
  row_mirror,
  row_half_mirror,
  row_bcast15,
  row_bcast31,
  row_newbcast,  // gfx90a: control: the lane of each row
  row_share,
  row_xmask,  // gfx10 and later: control: the lane, the mask
  dpp8,       // control: 8 x 3 bits, lane 0's lowest
};

// For the counters; also what the executor must know of an instruction apart from running it.
enum class instruction_class : uint8_t {
  salu,
  valu,
  transcendental,
  matrix,
  smem,
  vmem_load,
  vmem_store,
  vmem_atomic,
  lds,
  branch,
  barrier,
  wait,
  other,
  count
};

// What DPP does, worked out: whose value each lane gets.
struct dpp_pattern {
  std::array<int32_t, 64> from{};  // 0 where the lane would read outside its row or the wave
  uint64_t inside = 0;             // the lanes that would not
  uint64_t written = 0;            // the lanes that row_mask and bank_mask let through
};

// All registers in one row of numbers: vector registers (AGPRs from 256), then scalars as wave::s has them, then SCC.
inline constexpr int first_scalar = 512, scc_register = first_scalar + 132, register_count = scc_register + 1;

struct register_range {
  uint16_t first;
  uint8_t count;
  uint8_t halves = 3;  // bit 0: the lower halves, bit 1: the upper ones

  bool overlaps(const register_range& x) const {
    return first < x.first + x.count && x.first < first + count && halves & x.halves;
  }
};

// Of what is no register, none.
inline register_range range_of(const operand& x) {
  if (x.is == operand::vector) return {x.index, x.words};
  if (x.is == operand::scalar) return {static_cast<uint16_t>(first_scalar + x.index), x.words};
  return {0, 0};
}

// What the checks of waits and hazards need to know of an instruction: watch.h.
struct watch_traits {
  uint64_t tags[2] = {};      // what it may run into: watch_tag
  uint64_t leaves = 0;        // what those after it may run into
  uint64_t scalar_pairs = 0;  // pairs of scalar registers that the VALU reads: watch_state::scalars_read
  uint32_t hazards = 0;       // hazard_trait
  uint8_t counts_in = 0;      // a bit for each wait_order
  std::array<int8_t, 4> limits{-1, -1, -1,
                               -1};  // of a wait, by wait_counter: how many may be outstanding; -1: any number
  uint8_t wait_states = 1;
  bool relative = false;  // M0 chooses registers: machine/relative.h
};

// What an instruction takes of its wave's time: machine/pace.h.
enum class pace_kind : uint8_t { plain, vector, access, matrix, flat, wait, priority };
struct pace_traits {
  uint16_t cycles = 1;   // until the wave's next instruction
  uint16_t busy = 0;     // of the matrix unit
  uint16_t latency = 0;  // of an access
  pace_kind kind = pace_kind::plain;
  uint8_t counter = 0;  // that the access counts in: wait_counter
};

struct instruction {
  handler run = nullptr;  // of what is not implemented, one that says so
  pace_traits pace;
  watch_traits watch;
  std::string name;  // "v_add_f32": without _e32, _e64, _dpp, _sdwa
  instruction_class cls = instruction_class::other;
  uint8_t bytes = 4;
  uint64_t address = 0;        // in device memory
  uint32_t next = 0;           // index of the instruction after it
  int32_t target = -1;         // of a direct branch: index of the instruction, or -1
  uint16_t matrix_cycles = 0;  // that the matrix unit of a SIMD is busy
  uint16_t valu_cycles = 0;    // that its VALU is
  uint64_t encoding = 0;       // the first 8 bytes

  // As printed, destinations first. Handlers know their own operands; x(i) is the i-th.
  std::array<operand, 8> operands{};
  uint8_t operand_count = 0;
  // Every register that it reads and writes, also those that its text does not name: LLVM describes them. Of a load
  // that writes a part of a register, not what it leaves there.
  std::vector<register_range> reads, writes;

  // Output modifiers.
  bool clamp = false;
  uint8_t omod = 0;  // 1: times 2, 2: times 4, 3: times 1/2
  // Input modifiers of VOP3 and VOP3P, a bit a source.
  uint8_t op_sel = 0, op_sel_hi = 0, neg_lo = 0, neg_hi = 0;
  uint8_t op_sel_count = 0;  // bits written; one more than there are sources: the last is the destination's
  bool has_op_sel_hi = false;
  // DPP
  dpp_kind dpp = dpp_kind::none;
  uint32_t dpp_control = 0;
  std::shared_ptr<const dpp_pattern> lanes_from;
  uint8_t row_mask = 0xf, bank_mask = 0xf;
  bool bound_ctrl = false, fetch_inactive = false;
  // SDWA
  bool sdwa = false;
  sdwa_select source_select[2] = {sdwa_select::dword, sdwa_select::dword};
  sdwa_select dst_select = sdwa_select::dword;
  sdwa_unused dst_unused = sdwa_unused::pad;
  // Memory
  int64_t offset = 0;                // offset:N
  uint8_t offset0 = 0, offset1 = 0;  // of the ds_*2 forms
  bool glc = false;                  // also sc0: of an atomic, return what was there before (th:TH_ATOMIC_RETURN)
  bool idxen = false, offen = false, gds = false, lds = false, tfe = false;
  // Matrix
  uint8_t cbsz = 0, abid = 0, blgp = 0;
  std::shared_ptr<const matrix_output> output;
  uint8_t bitop3 = 0;  // the truth table of v_bitop3

  // VOPD: this instruction and a second that reads its sources before either writes. `run` then runs both, `alone` this.
  std::shared_ptr<instruction> second;
  handler alone = nullptr;

  bool keeps_other_half = true;  // a 16-bit result leaves the other half of its register as it was
  uint8_t destinations = 1;      // how many of the operands are written: set by the operation's table
  std::string problem;           // why it cannot run, where the text had something that the reader does not know

  const operand& x(int i) const { return operands[i]; }
  bool is_vector_alu() const {
    return cls == instruction_class::valu || cls == instruction_class::transcendental ||
           cls == instruction_class::matrix;
  }
  int op_sel_hi_or(int by_default) const { return has_op_sel_hi ? op_sel_hi : by_default; }
};

}  // namespace hipemu
