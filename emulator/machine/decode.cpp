// SPDX-License-Identifier: Apache-2.0
// Bytes to instructions: LLVM decodes and prints, this reads what it printed.
#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/MCTargetOptions.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Support/TargetSelect.h>

#include <charconv>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>

#include "machine/dpp.h"
#include "machine/program.h"
#include "machine/watch.h"
#include "machine/wave.h"
#include "operations/matrix_cycles.h"
#include "operations/matrix_output.h"
#include "operations/tables.h"
#include "operations/valu_cycles.h"

namespace hipemu {
namespace {

// LLVM's machine-code layer for one processor. Not thread-safe: one mutex guards them all.
class disassembler {
 public:
  disassembler(const char* processor, int wave_size) : wave_size_(wave_size) {
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

  // The bytes of the instruction and its text; 0 if there is none.
  size_t decode(uint64_t address, llvm::ArrayRef<uint8_t> bytes, std::string& text) {
    uint64_t size = 0;
    last_.clear();
    if (decoder_->getInstruction(last_, size, bytes, address, llvm::nulls()) != llvm::MCDisassembler::Success) return 0;
    llvm::raw_string_ostream out(text);
    printer_->printInst(&last_, address, "", *subtarget_, out);
    return size;
  }

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

std::mutex llvm_mutex;

disassembler& disassembler_for(const target_info& target, int wave_size) {
  static std::map<std::pair<std::string, int>, std::unique_ptr<disassembler>> all;
  auto& one = all[{target.name, wave_size}];
  if (!one) one = std::make_unique<disassembler>(target.name, wave_size);
  return *one;
}

bool starts(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!starts(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Cuts the text at a character, outside of brackets of any kind.
std::vector<std::string_view> split(std::string_view text, char at) {
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

bool number(std::string_view text, int64_t& value) {
  const bool minus = take(text, "-");
  const int base = take(text, "0x") ? 16 : 10;
  uint64_t x = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), x, base);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return false;
  value = static_cast<int64_t>(minus ? 0 - x : x);
  return true;
}

// "[1,0,3]" -> the numbers.
bool numbers(std::string_view text, std::vector<int64_t>& values) {
  if (!take(text, "[") || text.empty() || text.back() != ']') return false;
  text.remove_suffix(1);
  for (const auto part : split(text, ',')) {
    int64_t x;
    if (!number(part, x)) return false;
    values.push_back(x);
  }
  return true;
}

struct named_register {
  const char* name;
  operand::kind is;
  uint16_t index;
  uint8_t words;
};

constexpr uint16_t of(special_value x) {
  return static_cast<uint16_t>(x);
}

constexpr named_register named_registers[] = {
    {"vcc", operand::scalar, sreg::vcc, 2},
    {"vcc_lo", operand::scalar, sreg::vcc, 1},
    {"vcc_hi", operand::scalar, sreg::vcc + 1, 1},
    {"exec", operand::scalar, sreg::exec, 2},
    {"exec_lo", operand::scalar, sreg::exec, 1},
    {"exec_hi", operand::scalar, sreg::exec + 1, 1},
    {"m0", operand::scalar, sreg::m0, 1},
    {"null", operand::scalar, sreg::null, 1},
    {"flat_scratch", operand::scalar, sreg::flat_scratch, 2},
    {"flat_scratch_lo", operand::scalar, sreg::flat_scratch, 1},
    {"flat_scratch_hi", operand::scalar, sreg::flat_scratch + 1, 1},
    {"xnack_mask", operand::scalar, sreg::xnack_mask, 2},
    {"xnack_mask_lo", operand::scalar, sreg::xnack_mask, 1},
    {"xnack_mask_hi", operand::scalar, sreg::xnack_mask + 1, 1},
    {"scc", operand::special, of(special_value::scc), 1},
    {"src_scc", operand::special, of(special_value::scc), 1},
    {"vccz", operand::special, of(special_value::vccz), 1},
    {"src_vccz", operand::special, of(special_value::vccz), 1},
    {"execz", operand::special, of(special_value::execz), 1},
    {"src_execz", operand::special, of(special_value::execz), 1},
    {"src_shared_base", operand::special, of(special_value::shared_base), 2},
    {"src_shared_limit", operand::special, of(special_value::shared_limit), 2},
    {"src_private_base", operand::special, of(special_value::private_base), 2},
    {"src_private_limit", operand::special, of(special_value::private_limit), 2},
    {"src_shared_base_lo", operand::special, of(special_value::shared_base), 1},
    {"src_shared_limit_lo", operand::special, of(special_value::shared_limit), 1},
    {"src_private_base_lo", operand::special, of(special_value::private_base), 1},
    {"src_private_limit_lo", operand::special, of(special_value::private_limit), 1},
    {"off", operand::off, 0, 0},
};

// "v5", "a[0:3]", "s[4:5]", "ttmp7", "v3.h".
bool read_register(std::string_view text, operand& x) {
  for (const auto& row : named_registers) {
    if (text == row.name) {
      x.is = row.is;
      x.index = row.index;
      x.words = row.words;
      return true;
    }
  }
  struct {
    const char* prefix;
    operand::kind is;
    int first;
  } const files[] = {{"ttmp", operand::scalar, sreg::ttmp0},
                     {"v", operand::vector, 0},
                     {"a", operand::vector, 256},
                     {"s", operand::scalar, 0}};
  for (const auto& file : files) {
    std::string_view rest = text;
    if (!take(rest, file.prefix)) continue;
    if (rest.size() > 2 && rest[rest.size() - 2] == '.') {
      x.half = true;
      x.high = rest.back() == 'h';
      rest.remove_suffix(2);
    }
    int64_t first = 0, last = 0;
    if (take(rest, "[")) {
      const size_t colon = rest.find(':');
      if (rest.empty() || rest.back() != ']') return false;
      rest.remove_suffix(1);
      if (colon == std::string_view::npos) {
        if (!number(rest, first)) return false;
        last = first;
      } else if (!number(rest.substr(0, colon), first) || !number(rest.substr(colon + 1), last)) {
        return false;
      }
    } else if (!number(rest, first)) {
      return false;
    } else {
      last = first;
    }
    x.is = file.is;
    x.index = static_cast<uint16_t>(file.first + first);
    x.words = static_cast<uint8_t>(last - first + 1);
    return true;
  }
  return false;
}

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

bool read_operand(std::string_view text, operand& x) {
  if (starts(text, "-") && text.size() > 1 && !std::isdigit(static_cast<unsigned char>(text[1]))) {
    x.negate = true;
    text.remove_prefix(1);
  }
  struct {
    const char* open;
    bool operand::* flag;
  } const wrappers[] = {{"neg(", &operand::negate},
                        {"abs(", &operand::absolute},
                        {"sext(", &operand::sign_extend},
                        {"|", &operand::absolute}};
  for (const auto& row : wrappers) {
    if (take(text, row.open)) {
      x.*row.flag = true;
      text.remove_suffix(1);
    }
  }
  if (take(text, "lit(") || take(text, "lit64(")) text.remove_suffix(1);
  if (read_register(text, x)) return true;
  x.is = operand::constant;
  int64_t integer;
  if (number(text, integer)) {
    x.literal = starts(text, "0x");
    x.bits = static_cast<uint64_t>(integer);
    return true;
  }
  char* end = nullptr;
  const std::string copy(text);
  const double value = std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end) return false;
  // LLVM prints 1/(2 pi) to the digits of the operand's type; each type has its own constant.
  x.floating = true;
  std::memcpy(&x.bits, &value, sizeof(value));
  return true;
}

struct flag_name {
  const char* name;
  bool instruction::* flag;  // null: says nothing that the emulator models (caches, prefetching)
};
constexpr flag_name flags[] = {
    {"clamp", &instruction::clamp},
    {"glc", &instruction::glc},
    {"sc0", &instruction::glc},
    {"idxen", &instruction::idxen},
    {"offen", &instruction::offen},
    {"gds", &instruction::gds},
    {"lds", &instruction::lds},
    {"tfe", &instruction::tfe},
    {"slc", nullptr},
    {"dlc", nullptr},
    {"sc1", nullptr},
    {"nt", nullptr},
    {"scc", nullptr},
    {"nv", nullptr},
};

struct select_name {
  const char* name;
  sdwa_select select;
};
constexpr select_name selects[] = {{"BYTE_0", sdwa_select::byte0}, {"BYTE_1", sdwa_select::byte1},
                                   {"BYTE_2", sdwa_select::byte2}, {"BYTE_3", sdwa_select::byte3},
                                   {"WORD_0", sdwa_select::word0}, {"WORD_1", sdwa_select::word1},
                                   {"DWORD", sdwa_select::dword}};

bool read_select(std::string_view text, sdwa_select& select) {
  for (const auto& row : selects)
    if (text == row.name) return select = row.select, true;
  return false;
}

struct dpp_name {
  const char* name;
  dpp_kind kind;
};
constexpr dpp_name dpp_names[] = {
    {"row_shl", dpp_kind::row_shl},     {"row_shr", dpp_kind::row_shr},           {"row_ror", dpp_kind::row_ror},
    {"wave_shl", dpp_kind::wave_shl},   {"wave_rol", dpp_kind::wave_rol},         {"wave_shr", dpp_kind::wave_shr},
    {"wave_ror", dpp_kind::wave_ror},   {"row_newbcast", dpp_kind::row_newbcast}, {"row_share", dpp_kind::row_share},
    {"row_xmask", dpp_kind::row_xmask},
};

uint8_t bits_of(const std::vector<int64_t>& values) {
  uint8_t bits = 0;
  for (size_t n = 0; n < values.size(); ++n) bits |= static_cast<uint8_t>(values[n] << n);
  return bits;
}

// One modifier: "offset:16", "clamp", "row_shr:1". False if it is none that is known.
bool read_modifier(std::string_view word, instruction& i) {
  for (const auto& row : flags) {
    if (word == row.name) {
      if (row.flag) i.*row.flag = true;
      return true;
    }
  }
  if (word == "row_mirror" || word == "row_half_mirror") {
    i.dpp = word == "row_mirror" ? dpp_kind::row_mirror : dpp_kind::row_half_mirror;
    return true;
  }
  const size_t colon = word.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view name = word.substr(0, colon), value = word.substr(colon + 1);
  if (name == "th") {
    if (starts(value, "TH_ATOMIC") && value.find("RETURN") != std::string_view::npos) i.glc = true;
    return true;
  }
  if (name == "scope") return true;
  if (name == "dst_sel") return i.sdwa = true, read_select(value, i.dst_select);
  if (name == "src0_sel") return i.sdwa = true, read_select(value, i.source_select[0]);
  if (name == "src1_sel") return i.sdwa = true, read_select(value, i.source_select[1]);
  if (name == "dst_unused") {
    i.sdwa = true;
    i.dst_unused = value == "UNUSED_PAD"    ? sdwa_unused::pad
                   : value == "UNUSED_SEXT" ? sdwa_unused::sext
                                            : sdwa_unused::preserve;
    return true;
  }
  int64_t x = 0;
  std::vector<int64_t> list;
  if (starts(value, "[")) {
    if (!numbers(value, list)) return false;
    if (name == "quad_perm" && list.size() == 4) {
      i.dpp = dpp_kind::quad_perm;
      for (int n = 0; n < 4; ++n) i.dpp_control |= static_cast<uint32_t>(list[n]) << 2 * n;
      return true;
    }
    if (name == "dpp8" && list.size() == 8) {
      i.dpp = dpp_kind::dpp8;
      i.bound_ctrl = true;  // it has no such bit: what an inactive lane holds reads as 0
      for (int n = 0; n < 8; ++n) i.dpp_control |= static_cast<uint32_t>(list[n]) << 3 * n;
      return true;
    }
    if (name == "op_sel") {
      i.op_sel = bits_of(list);
      // of two sources, the third bit is the destination's
      i.op_sel_count = static_cast<uint8_t>(list.size());
      return true;
    }
    if (name == "op_sel_hi") return i.has_op_sel_hi = true, i.op_sel_hi = bits_of(list), true;
    if (name == "neg_lo") return i.neg_lo = bits_of(list), true;
    if (name == "neg_hi") return i.neg_hi = bits_of(list), true;
    if (name == "neg") return i.neg_lo = bits_of(list), true;  // of f64 matrix operands
    return false;
  }
  if (!number(value, x)) return false;
  for (const auto& row : dpp_names) {
    if (name == row.name) {
      i.dpp = row.kind;
      i.dpp_control = static_cast<uint32_t>(x);
      return true;
    }
  }
  if (name == "row_bcast") return i.dpp = x == 15 ? dpp_kind::row_bcast15 : dpp_kind::row_bcast31, true;
  if (name == "row_mask") return i.row_mask = static_cast<uint8_t>(x), true;
  if (name == "bank_mask") return i.bank_mask = static_cast<uint8_t>(x), true;
  if (name == "bound_ctrl") return i.bound_ctrl = true;  // written with 0 or 1, meaning the same
  if (name == "fi") return i.fetch_inactive = x != 0, true;
  if (name == "mul") return i.omod = x == 2 ? 1 : 2, true;
  if (name == "div") return i.omod = 3, true;
  if (name == "offset") return i.offset = x, true;
  if (name == "offset0") return i.offset0 = static_cast<uint8_t>(x), true;
  if (name == "offset1") return i.offset1 = static_cast<uint8_t>(x), true;
  if (name == "cbsz") return i.cbsz = static_cast<uint8_t>(x), true;
  if (name == "abid") return i.abid = static_cast<uint8_t>(x), true;
  if (name == "blgp") return i.blgp = static_cast<uint8_t>(x), true;
  if (name == "bitop3") return i.bitop3 = static_cast<uint8_t>(x), true;
  if (name == "byte_sel") return i.op_sel = static_cast<uint8_t>(x), true;
  if (name == "index_key") return i.op_sel = static_cast<uint8_t>(x), true;
  if (name == "wait_vdst" || name == "wait_exp" || name == "wait_va_vdst" || name == "wait_vm_vsrc") return true;
  return false;
}

// Instructions whose operands are words of their own; their handlers read the encoding.
bool reads_encoding(std::string_view name) {
  for (const char* prefix : {"s_waitcnt",
                             "s_wait_",
                             "s_delay_alu",
                             "s_sendmsg",
                             "s_getreg",
                             "s_setreg",
                             "s_nop",
                             "s_branch",
                             "s_cbranch",
                             "s_clause",
                             "s_set_inst_prefetch",
                             "s_sethalt",
                             "s_setprio",
                             "s_sleep",
                             "s_trap",
                             "s_version",
                             "s_code_end",
                             "s_inst_prefetch",
                             "s_icache",
                             "s_dcache",
                             "s_ttracedata",
                             "s_round_mode",
                             "s_denorm_mode",
                             "s_endpgm",
                             "s_incperflevel",
                             "s_decperflevel",
                             "s_prefetch",
                             "s_set_gpr_idx"}) {
    if (starts(name, prefix)) return true;
  }
  return false;
}

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

void parse(std::string_view text, instruction& i) {
  text = trim(text);
  const size_t space = text.find_first_of(" \t");
  std::string_view name = text.substr(0, space);
  std::string_view rest = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  for (const char* suffix : {"_e64_dpp", "_dpp8", "_dpp", "_sdwa", "_e32", "_e64"}) {
    const std::string_view s(suffix);
    if (name.size() > s.size() && name.substr(name.size() - s.size()) == s) {
      name.remove_suffix(s.size());
      break;
    }
  }
  i.name = name;
  const auto fail = [&](std::string_view what) {
    if (i.problem.empty()) i.problem = "cannot read \"" + std::string(what) + "\"";
  };
  const auto read_one = [&](std::string_view word) {
    if (i.operand_count == i.operands.size()) return fail(word);
    if (!read_operand(word, i.operands[i.operand_count])) return fail(word);
    ++i.operand_count;
  };
  const bool encoded = reads_encoding(name);
  const auto parts = split(rest, ',');
  for (size_t p = 0; p < parts.size(); ++p) {
    const auto words = split(parts[p], ' ');
    for (size_t n = 0; n < words.size(); ++n) {
      if (encoded) {
        operand x;
        // the register of s_getreg and s_setreg, a prefetch's address
        if (read_register(words[n], x) && i.operand_count < i.operands.size()) i.operands[i.operand_count++] = x;
      } else if (read_modifier(words[n], i)) {
        continue;
      } else if (n == 0) {
        if (starts(words[n], "offset:"))
          i.offset = static_cast<int64_t>(i.encoding & 0xffff);
        else
          read_one(words[n]);
      } else if (starts(words[n], "offset:swizzle(")) {
        i.offset = static_cast<int64_t>(i.encoding & 0xffff);  // a spelling of ds_swizzle_b32's pattern
      } else {
        fail(words[n]);
      }
    }
  }
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
