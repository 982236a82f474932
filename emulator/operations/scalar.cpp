// SPDX-License-Identifier: Apache-2.0
// The scalar unit's integers and bits: SOP1, SOP2, SOPC, SOPK.
#include "operations/scalar.h"

#include <bit>

#include "operations/tables.h"

namespace hipemu {
namespace {

using u32 = uint32_t;
using u64 = uint64_t;
using s32 = int32_t;
using s64 = int64_t;

constexpr auto salu_class = instruction_class::salu;

s32 as_signed(u32 x) {
  return static_cast<s32>(x);
}
s64 as_signed(u64 x) {
  return static_cast<s64>(x);
}

// --- Sums ------------------------------------------------------------------------------------------------------------

with_scc<u32> add_carry(word a, word b, flag carry) {
  const u64 wide = u64{a.x} + b.x + carry.x;
  const u32 defined = carry.defined ? word::below_undefined(a.defined & b.defined) : 0;
  return {{static_cast<u32>(wide), defined}, {wide >> 32 != 0, defined == ~0u}};
}

with_scc<u32> subtract_borrow(word a, word b, flag borrow) {
  const u64 wide = u64{a.x} - b.x - borrow.x;
  const u32 defined = borrow.defined ? word::below_undefined(a.defined & b.defined) : 0;
  return {{static_cast<u32>(wide), defined}, {wide >> 63 != 0, defined == ~0u}};
}

with_scc<u32> add_overflow(word a, word b) {
  const word sum = a + b;
  return {sum, {((a.x ^ sum.x) & (b.x ^ sum.x)) >> 31 != 0, sum.known()}};
}

with_scc<u32> subtract_overflow(word a, word b) {
  const word difference = a - b;
  return {difference, {((a.x ^ b.x) & (a.x ^ difference.x)) >> 31 != 0, difference.known()}};
}

template <int N>
with_scc<u32> shift_add(word a, word b) {
  const word sum = (a << N) + b;
  return {sum, {((u64{a.x} << N) + b.x) >> 32 != 0, sum.known()}};
}

// --- Shifts and fields -----------------------------------------------------------------------------------------------

template <class T>
tracked<T> left(tracked<T> a, word n) {
  return n.known() ? a << (n.x % (8 * sizeof(T))) : tracked<T>(0, 0);
}
template <class T>
tracked<T> right(tracked<T> a, word n) {
  return n.known() ? a >> (n.x % (8 * sizeof(T))) : tracked<T>(0, 0);
}
template <class T>
tracked<T> right_signed(tracked<T> a, word n) {
  const unsigned by = n.x % (8 * sizeof(T));
  if (!n.known()) return {0, 0};
  return {static_cast<T>(as_signed(a.x) >> by), static_cast<T>(as_signed(a.defined) >> by)};
}

// S1: the offset in bits 0-4 or 0-5, the width in 16-22.
template <class T, bool Signed>
with_scc<T> field(tracked<T> a, word s1) {
  constexpr unsigned bits = 8 * sizeof(T);
  const unsigned width = s1.x >> 16 & 0x7f;
  tracked<T> f = Signed ? right_signed(a, s1) : right(a, s1);
  if (width == 0) {
    f = T{0};
  } else if (width < bits) {
    f = f << (bits - width);
    f = Signed ? right_signed(f, bits - width) : right(f, bits - width);
  }
  if (!s1.known()) f.defined = 0;
  return {f, is_nonzero(f)};
}

template <class T>
T field_mask(u32 width, u32 offset) {
  constexpr u32 bits = 8 * sizeof(T);
  return ((T{1} << width % bits) - 1) << offset % bits;
}

template <class T>
tracked<T> with_bit(tracked<T> old, word n, bool one) {
  if (!n.known()) return {0, 0};
  const tracked<T> bit = T{1} << n.x % (8 * sizeof(T));
  return one ? old | bit : old & ~bit;
}

template <class T>
flag bit_is(tracked<T> a, word n, bool one) {
  const unsigned at = n.x % (8 * sizeof(T));
  return {(a.x >> at & 1) == one, n.known() && (a.defined >> at & 1)};
}

// --- Selection -------------------------------------------------------------------------------------------------------

template <class T>
tracked<T> select(flag which, tracked<T> a, tracked<T> b) {
  tracked<T> chosen = which.x ? a : b;
  if (!which.defined) chosen.defined = 0;
  return chosen;
}

// SCC: the first was chosen. Of two equal ones the second is the minimum, the first the maximum.
template <class T, bool Signed, bool Most>
with_scc<T> extreme(tracked<T> a, tracked<T> b) {
  const bool less = Signed ? as_signed(a.x) < as_signed(b.x) : a.x < b.x;
  const flag first{less != Most, a.known() && b.known()};
  return {select(first, a, b), first};
}

// --- Counting --------------------------------------------------------------------------------------------------------

template <class T>
u32 first_one(T x) {
  return x ? static_cast<u32>(std::countr_zero(x)) : ~0u;
}
template <class T>
u32 leading(T x) {
  return x ? static_cast<u32>(std::countl_zero(x)) : ~0u;
}
template <class T>
u32 leading_sign(T x) {  // how many bits from the top equal the sign
  return leading(static_cast<T>(as_signed(x) < 0 ? ~x : x));
}
template <class T>
T reversed(T x) {
  T r = 0;
  for (unsigned n = 0; n < 8 * sizeof(T); ++n) r |= (x >> n & 1) << (8 * sizeof(T) - 1 - n);
  return r;
}
template <class T>
T quads(T x) {  // in every fourth bit: is any of the four set?
  x |= x >> 1;
  x |= x >> 2;
  return x & static_cast<T>(0x1111111111111111);
}
template <class T>
T quad_mask(T x) {
  T r = 0;
  for (unsigned n = 0; n < 2 * sizeof(T); ++n) r |= (quads(x) >> 4 * n & 1) << n;
  return r;
}
u64 replicated(u32 x) {
  u64 r = 0;
  for (unsigned n = 0; n < 32; ++n) r |= (u64{3} << 2 * n) & (0 - u64{x >> n & 1});
  return r;
}

// --- EXEC ------------------------------------------------------------------------------------------------------------

// The operations that change EXEC, by a formula over the source and EXEC, and set SCC if any lane is left. `Result`:
// the destination gets the new EXEC (wrexec), else the old one (saveexec).
template <class T>
struct on_exec {
  template <auto F, bool Result = false>
  static void run(wave& w, const instruction& i) {
    operand exec;
    exec.is = operand::scalar;
    exec.index = sreg::exec;
    exec.words = sizeof(T) / 4;
    const tracked<T> source = read_tracked<T>(w, i.x(1)), old = read_tracked<T>(w, exec);
    const tracked<T> value = F(source, old);
    write_scalar(w, exec, value.x, exec.words, value.defined);
    finish(w, i, with_scc<T>{Result ? read_tracked<T>(w, exec) : old, {w.exec() != 0, true}});
  }
};

// --- Registers by number ---------------------------------------------------------------------------------------------

operand moved(const wave& w, const operand& x, uint32_t by) {
  operand other = x;
  const uint64_t index = uint64_t{x.index} + by;
  const int registers = w.target.cdna() ? 102 : 106;
  if (x.is != operand::scalar || x.index >= registers || index + x.words > static_cast<uint64_t>(registers))
    throw fault(fault_kind::out_of_bounds, "M0 points past the scalar registers");
  other.index = static_cast<uint16_t>(index);
  return other;
}

template <bool Source, bool Destination, bool TwoOffsets = false>
void move_relative(wave& w, const instruction& i) {
  need_known(w, w.s_defined[sreg::m0] == ~0u, "a register's number");
  const uint32_t m0 = w.s[sreg::m0];
  const uint32_t from = TwoOffsets ? m0 & 0x3ff : m0, to = TwoOffsets ? m0 >> 16 & 0x3ff : m0;
  const operand source = Source ? moved(w, i.x(1), from) : i.x(1);
  const operand destination = Destination ? moved(w, i.x(0), to) : i.x(0);
  const pair value = destination.words == 2 ? read_tracked<u64>(w, source) : [&]() -> pair {
    const word one = read_tracked<u32>(w, source);
    return {one.x, one.defined};
  }();
  write_scalar(w, destination, value.x, destination.words, value.defined);
}

// --- Tables ----------------------------------------------------------------------------------------------------------

constexpr auto op_not = [](auto a) { return ~a; };
constexpr auto op_and = [](auto a, auto b) { return a & b; };
constexpr auto op_or = [](auto a, auto b) { return a | b; };
constexpr auto op_xor = [](auto a, auto b) { return a ^ b; };
constexpr auto op_andn2 = [](auto a, auto b) { return a & ~b; };
constexpr auto op_orn2 = [](auto a, auto b) { return a | ~b; };
constexpr auto op_andn1 = [](auto a, auto b) { return ~a & b; };
constexpr auto op_orn1 = [](auto a, auto b) { return ~a | b; };
constexpr auto op_nand = [](auto a, auto b) { return ~(a & b); };
constexpr auto op_nor = [](auto a, auto b) { return ~(a | b); };
constexpr auto op_xnor = [](auto a, auto b) { return ~(a ^ b); };
constexpr auto op_add = [](auto a, auto b) { return a + b; };
constexpr auto op_sub = [](auto a, auto b) { return a - b; };
constexpr auto op_mul = [](auto a, auto b) { return a * b; };
constexpr auto op_same = [](auto a) { return a; };

constexpr auto equal = whole<[](auto a, auto b) { return a == b; }>;
constexpr auto unequal = whole<[](auto a, auto b) { return a != b; }>;
constexpr auto greater_u = whole<[](u32 a, u32 b) { return (a > b); }>;
constexpr auto greater_equal_u = whole<[](u32 a, u32 b) { return (a >= b); }>;
constexpr auto less_u = whole<[](u32 a, u32 b) { return a < b; }>;
constexpr auto less_equal_u = whole<[](u32 a, u32 b) { return a <= b; }>;
constexpr auto greater_s = whole<[](u32 a, u32 b) { return (as_signed(a) > as_signed(b)); }>;
constexpr auto greater_equal_s = whole<[](u32 a, u32 b) { return (as_signed(a) >= as_signed(b)); }>;
constexpr auto less_s = whole<[](u32 a, u32 b) { return as_signed(a) < as_signed(b); }>;
constexpr auto less_equal_s = whole<[](u32 a, u32 b) { return as_signed(a) <= as_signed(b); }>;

using one32 = salu<u32>;
using one64 = salu<u64>;
using two32 = salu<u32, u32>;
using two64 = salu<u64, u64>;
using long_and_count = salu<u64, u32>;

constexpr operation table[] = {
    {"s_mov_b32", one32::run<op_same>, salu_class},
    {"s_mov_b64", one64::run<op_same>, salu_class},
    {"s_movk_i32", salu<simm>::run<op_same>, salu_class},
    {"s_cmov_b32", salu<u32, old32, scc>::run<[](auto a, auto d, flag c) { return select(c, a, d); }>, salu_class},
    {"s_cmov_b64", salu<u64, old64, scc>::run<[](auto a, auto d, flag c) { return select(c, a, d); }>, salu_class},
    {"s_cmovk_i32", salu<simm, old32, scc>::run<[](auto a, auto d, flag c) { return select(c, a, d); }>, salu_class},
    {"s_cselect_b32", salu<u32, u32, scc>::run<[](auto a, auto b, flag c) { return select(c, a, b); }>, salu_class},
    {"s_cselect_b64", salu<u64, u64, scc>::run<[](auto a, auto b, flag c) { return select(c, a, b); }>, salu_class},

    {"s_add_u32", two32::run<[](auto a, auto b) { return add_carry(a, b, {}); }>, salu_class},
    {"s_sub_u32", two32::run<[](auto a, auto b) { return subtract_borrow(a, b, {}); }>, salu_class},
    {"s_addc_u32", salu<u32, u32, scc>::run<add_carry>, salu_class},
    {"s_subb_u32", salu<u32, u32, scc>::run<subtract_borrow>, salu_class},
    {"s_add_i32", two32::run<add_overflow>, salu_class},
    {"s_sub_i32", two32::run<subtract_overflow>, salu_class},
    {"s_addk_i32", salu<old32, simm>::run<add_overflow>, salu_class},
    {"s_add_nc_u64", two64::run<op_add>, salu_class},
    {"s_sub_nc_u64", two64::run<op_sub>, salu_class},
    {"s_lshl1_add_u32", two32::run<shift_add<1>>, salu_class},
    {"s_lshl2_add_u32", two32::run<shift_add<2>>, salu_class},
    {"s_lshl3_add_u32", two32::run<shift_add<3>>, salu_class},
    {"s_lshl4_add_u32", two32::run<shift_add<4>>, salu_class},
    {"s_mul_i32", two32::run<op_mul>, salu_class},
    {"s_mulk_i32", salu<old32, simm>::run<op_mul>, salu_class},
    {"s_mul_u64", two64::run<op_mul>, salu_class},
    {"s_mul_hi_u32", two32::run<whole<[](u32 a, u32 b) { return static_cast<u32>((u64{a} * b) >> 32); }>>, salu_class},
    {"s_mul_hi_i32",
     two32::run<whole<[](u32 a, u32 b) { return static_cast<u32>((s64{as_signed(a)} * as_signed(b)) >> 32); }>>,
     salu_class},
    {"s_abs_i32", one32::run<nonzero<whole<[](u32 a) { return as_signed(a) < 0 ? 0 - a : a; }>>>, salu_class},
    {"s_absdiff_i32", two32::run<nonzero<whole<[](u32 a, u32 b) { return as_signed(a - b) < 0 ? b - a : a - b; }>>>,
     salu_class},
    {"s_min_i32", two32::run<extreme<u32, true, false>>, salu_class},
    {"s_min_u32", two32::run<extreme<u32, false, false>>, salu_class},
    {"s_max_i32", two32::run<extreme<u32, true, true>>, salu_class},
    {"s_max_u32", two32::run<extreme<u32, false, true>>, salu_class},

    {"s_not_b32", one32::run<nonzero<op_not>>, salu_class},
    {"s_not_b64", one64::run<nonzero<op_not>>, salu_class},
    {"s_and_b32", two32::run<nonzero<op_and>>, salu_class},
    {"s_and_b64", two64::run<nonzero<op_and>>, salu_class},
    {"s_or_b32", two32::run<nonzero<op_or>>, salu_class},
    {"s_or_b64", two64::run<nonzero<op_or>>, salu_class},
    {"s_xor_b32", two32::run<nonzero<op_xor>>, salu_class},
    {"s_xor_b64", two64::run<nonzero<op_xor>>, salu_class},
    {"s_andn2_b32", two32::run<nonzero<op_andn2>>, salu_class},
    {"s_andn2_b64", two64::run<nonzero<op_andn2>>, salu_class},
    {"s_orn2_b32", two32::run<nonzero<op_orn2>>, salu_class},
    {"s_orn2_b64", two64::run<nonzero<op_orn2>>, salu_class},
    {"s_nand_b32", two32::run<nonzero<op_nand>>, salu_class},
    {"s_nand_b64", two64::run<nonzero<op_nand>>, salu_class},
    {"s_nor_b32", two32::run<nonzero<op_nor>>, salu_class},
    {"s_nor_b64", two64::run<nonzero<op_nor>>, salu_class},
    {"s_xnor_b32", two32::run<nonzero<op_xnor>>, salu_class},
    {"s_xnor_b64", two64::run<nonzero<op_xnor>>, salu_class},

    {"s_lshl_b32", two32::run<nonzero<left<u32>>>, salu_class},
    {"s_lshl_b64", long_and_count::run<nonzero<left<u64>>>, salu_class},
    {"s_lshr_b32", two32::run<nonzero<right<u32>>>, salu_class},
    {"s_lshr_b64", long_and_count::run<nonzero<right<u64>>>, salu_class},
    {"s_ashr_i32", two32::run<nonzero<right_signed<u32>>>, salu_class},
    {"s_ashr_i64", salu<i64, u32>::run<nonzero<right_signed<u64>>>, salu_class},
    {"s_bfe_u32", two32::run<field<u32, false>>, salu_class},
    {"s_bfe_i32", two32::run<field<u32, true>>, salu_class},
    {"s_bfe_u64", long_and_count::run<field<u64, false>>, salu_class},
    {"s_bfe_i64", salu<i64, u32>::run<field<u64, true>>, salu_class},
    {"s_bfm_b32", two32::run<whole<field_mask<u32>>>, salu_class},
    {"s_bfm_b64", two32::run<whole<field_mask<u64>>>, salu_class},
    {"s_bitset0_b32", salu<old32, u32>::run<[](auto d, auto n) { return with_bit(d, n, false); }>, salu_class},
    {"s_bitset0_b64", salu<old64, u32>::run<[](auto d, auto n) { return with_bit(d, n, false); }>, salu_class},
    {"s_bitset1_b32", salu<old32, u32>::run<[](auto d, auto n) { return with_bit(d, n, true); }>, salu_class},
    {"s_bitset1_b64", salu<old64, u32>::run<[](auto d, auto n) { return with_bit(d, n, true); }>, salu_class},
    {"s_sext_i32_i8", one32::run<[](word a) { return right_signed(a << 24, 24); }>, salu_class},
    {"s_sext_i32_i16", one32::run<[](word a) { return right_signed(a << 16, 16); }>, salu_class},
    {"s_pack_ll_b32_b16", two32::run<[](word a, word b) { return (a & 0xffff) | b << 16; }>, salu_class},
    {"s_pack_lh_b32_b16", two32::run<[](word a, word b) { return (a & 0xffff) | (b & 0xffff0000); }>, salu_class},
    {"s_pack_hl_b32_b16", two32::run<[](word a, word b) { return (a >> 16) | (b << 16); }>, salu_class},
    {"s_pack_hh_b32_b16", two32::run<[](word a, word b) { return (a >> 16) | (b & 0xffff0000); }>, salu_class},

    {"s_brev_b32", one32::run<[](word a) { return word{reversed(a.x), reversed(a.defined)}; }>, salu_class},
    {"s_brev_b64", one64::run<[](pair a) { return pair{reversed(a.x), reversed(a.defined)}; }>, salu_class},
    {"s_bitreplicate_b64_b32", one32::run<[](word a) { return pair{replicated(a.x), replicated(a.defined)}; }>,
     salu_class},
    {"s_bcnt0_i32_b32", one32::run<nonzero<whole<[](u32 a) { return static_cast<u32>(std::popcount(~a)); }>>>,
     salu_class},
    {"s_bcnt0_i32_b64", one64::run<nonzero<whole<[](u64 a) { return static_cast<u32>(std::popcount(~a)); }>>>,
     salu_class},
    {"s_bcnt1_i32_b32", one32::run<nonzero<whole<[](u32 a) { return static_cast<u32>(std::popcount(a)); }>>>,
     salu_class},
    {"s_bcnt1_i32_b64", one64::run<nonzero<whole<[](u64 a) { return static_cast<u32>(std::popcount(a)); }>>>,
     salu_class},
    {"s_ff0_i32_b32", one32::run<whole<[](u32 a) { return first_one(~a); }>>, salu_class},
    {"s_ff0_i32_b64", one64::run<whole<[](u64 a) { return first_one(~a); }>>, salu_class},
    {"s_ff1_i32_b32", one32::run<whole<first_one<u32>>>, salu_class},
    {"s_ff1_i32_b64", one64::run<whole<first_one<u64>>>, salu_class},
    {"s_flbit_i32_b32", one32::run<whole<leading<u32>>>, salu_class},
    {"s_flbit_i32_b64", one64::run<whole<leading<u64>>>, salu_class},
    {"s_flbit_i32", one32::run<whole<leading_sign<u32>>>, salu_class},
    {"s_flbit_i32_i64", salu<i64>::run<whole<leading_sign<u64>>>, salu_class},
    {"s_wqm_b32", one32::run<nonzero<whole<[](u32 a) { return quads(a) * 15; }>>>, salu_class},
    {"s_wqm_b64", one64::run<nonzero<whole<[](u64 a) { return quads(a) * 15; }>>>, salu_class},
    {"s_quadmask_b32", one32::run<nonzero<whole<quad_mask<u32>>>>, salu_class},
    {"s_quadmask_b64", one64::run<nonzero<whole<quad_mask<u64>>>>, salu_class},

    {"s_cmp_eq_i32", two32::run<equal>, salu_class, 0},
    {"s_cmp_lg_i32", two32::run<unequal>, salu_class, 0},
    {"s_cmp_gt_i32", two32::run<greater_s>, salu_class, 0},
    {"s_cmp_ge_i32", two32::run<greater_equal_s>, salu_class, 0},
    {"s_cmp_lt_i32", two32::run<less_s>, salu_class, 0},
    {"s_cmp_le_i32", two32::run<less_equal_s>, salu_class, 0},
    {"s_cmp_eq_u32", two32::run<equal>, salu_class, 0},
    {"s_cmp_lg_u32", two32::run<unequal>, salu_class, 0},
    {"s_cmp_gt_u32", two32::run<greater_u>, salu_class, 0},
    {"s_cmp_ge_u32", two32::run<greater_equal_u>, salu_class, 0},
    {"s_cmp_lt_u32", two32::run<less_u>, salu_class, 0},
    {"s_cmp_le_u32", two32::run<less_equal_u>, salu_class, 0},
    {"s_cmp_eq_u64", two64::run<equal>, salu_class, 0},
    {"s_cmp_lg_u64", two64::run<unequal>, salu_class, 0},
    {"s_cmpk_eq_i32", salu<u32, simm>::run<equal>, salu_class, 0},
    {"s_cmpk_lg_i32", salu<u32, simm>::run<unequal>, salu_class, 0},
    {"s_cmpk_gt_i32", salu<u32, simm>::run<greater_s>, salu_class, 0},
    {"s_cmpk_ge_i32", salu<u32, simm>::run<greater_equal_s>, salu_class, 0},
    {"s_cmpk_lt_i32", salu<u32, simm>::run<less_s>, salu_class, 0},
    {"s_cmpk_le_i32", salu<u32, simm>::run<less_equal_s>, salu_class, 0},
    {"s_cmpk_eq_u32", salu<u32, uimm>::run<equal>, salu_class, 0},
    {"s_cmpk_lg_u32", salu<u32, uimm>::run<unequal>, salu_class, 0},
    {"s_cmpk_gt_u32", salu<u32, uimm>::run<greater_u>, salu_class, 0},
    {"s_cmpk_ge_u32", salu<u32, uimm>::run<greater_equal_u>, salu_class, 0},
    {"s_cmpk_lt_u32", salu<u32, uimm>::run<less_u>, salu_class, 0},
    {"s_cmpk_le_u32", salu<u32, uimm>::run<less_equal_u>, salu_class, 0},
    {"s_bitcmp0_b32", two32::run<[](auto a, auto n) { return bit_is(a, n, false); }>, salu_class, 0},
    {"s_bitcmp1_b32", two32::run<[](auto a, auto n) { return bit_is(a, n, true); }>, salu_class, 0},
    {"s_bitcmp0_b64", long_and_count::run<[](auto a, auto n) { return bit_is(a, n, false); }>, salu_class, 0},
    {"s_bitcmp1_b64", long_and_count::run<[](auto a, auto n) { return bit_is(a, n, true); }>, salu_class, 0},

    {"s_and_saveexec_b32", on_exec<u32>::run<op_and>, salu_class},
    {"s_and_saveexec_b64", on_exec<u64>::run<op_and>, salu_class},
    {"s_or_saveexec_b32", on_exec<u32>::run<op_or>, salu_class},
    {"s_or_saveexec_b64", on_exec<u64>::run<op_or>, salu_class},
    {"s_xor_saveexec_b32", on_exec<u32>::run<op_xor>, salu_class},
    {"s_xor_saveexec_b64", on_exec<u64>::run<op_xor>, salu_class},
    {"s_nand_saveexec_b32", on_exec<u32>::run<op_nand>, salu_class},
    {"s_nand_saveexec_b64", on_exec<u64>::run<op_nand>, salu_class},
    {"s_nor_saveexec_b32", on_exec<u32>::run<op_nor>, salu_class},
    {"s_nor_saveexec_b64", on_exec<u64>::run<op_nor>, salu_class},
    {"s_xnor_saveexec_b32", on_exec<u32>::run<op_xnor>, salu_class},
    {"s_xnor_saveexec_b64", on_exec<u64>::run<op_xnor>, salu_class},
    {"s_andn1_saveexec_b32", on_exec<u32>::run<op_andn1>, salu_class},
    {"s_andn1_saveexec_b64", on_exec<u64>::run<op_andn1>, salu_class},
    {"s_andn2_saveexec_b32", on_exec<u32>::run<op_andn2>, salu_class},
    {"s_andn2_saveexec_b64", on_exec<u64>::run<op_andn2>, salu_class},
    {"s_orn1_saveexec_b32", on_exec<u32>::run<op_orn1>, salu_class},
    {"s_orn1_saveexec_b64", on_exec<u64>::run<op_orn1>, salu_class},
    {"s_orn2_saveexec_b32", on_exec<u32>::run<op_orn2>, salu_class},
    {"s_orn2_saveexec_b64", on_exec<u64>::run<op_orn2>, salu_class},
    {"s_andn1_wrexec_b32", on_exec<u32>::run<op_andn1, true>, salu_class},
    {"s_andn1_wrexec_b64", on_exec<u64>::run<op_andn1, true>, salu_class},
    {"s_andn2_wrexec_b32", on_exec<u32>::run<op_andn2, true>, salu_class},
    {"s_andn2_wrexec_b64", on_exec<u64>::run<op_andn2, true>, salu_class},

    {"s_movrels_b32", move_relative<true, false>, salu_class},
    {"s_movrels_b64", move_relative<true, false>, salu_class},
    {"s_movreld_b32", move_relative<false, true>, salu_class},
    {"s_movreld_b64", move_relative<false, true>, salu_class},
    {"s_movrelsd_2_b32", move_relative<true, true, true>, salu_class},
};

}  // namespace

std::span<const operation> scalar_operations() {
  return table;
}

}  // namespace hipemu
