// SPDX-License-Identifier: Apache-2.0
#include "machine/parse.h"

#include <cstdlib>
#include <cstring>

#include "machine/text.h"
#include "machine/wave.h"

namespace hipemu {

using namespace text;

namespace {

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

}  // namespace

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

}  // namespace hipemu
