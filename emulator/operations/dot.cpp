// SPDX-License-Identifier: Apache-2.0
// Dot products of what is packed in a register, added to an accumulator. The manuals' pseudocode adds product after
// product, the lowest first; each sum is rounded once, which the products (exact) are not.
#include "operations/float_formulas.h"
#include "operations/packed.h"
#include "operations/small_formats.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

// The accumulator: the third source, or the destination of the "c" forms.
template <class T>
const lane_type<T>* addend(vector_operation& v, lane_buffer<T>& room) {
  const instruction& i = v.i;
  if (v.sources() < 3) return v.accumulator<T>(room);
  const lane_type<T>* from = v.in<T>(2, room);
  if ((i.neg_lo | i.neg_hi) >> 2 & 1) {
    if constexpr (std::is_same_v<T, float>) {
      if (!(i.neg_hi >> 2 & 1)) {
        each_lane(v.w.lanes, room.x, [](float x) { return -x; }, from);
        return room.x;
      }
    }
    throw fault(fault_kind::unimplemented, i.name + ": this modifier of the addend");
  }
  return from;
}

template <class T>
void read_both(vector_operation& v, packed_buffer<T> (&x)[2]) {
  uint64_t is_defined[2] = {~uint64_t{0}, ~uint64_t{0}};
  for (int k = 0; k < 2; ++k) {
    lane_buffer<uint32_t> room;
    defined_lanes from;
    const uint32_t* words = packed_words<T>(v, k, room, from);
    read_pair<T>(v, v.source(k), k, words, from, x[k], is_defined);
  }
  v.def = v.def & defined_lanes{is_defined[0], is_defined[0]} & defined_lanes{is_defined[1], is_defined[1]};
}

// Two products in f32. With f16 factors, subnormal f32 are flushed whatever MODE says (LLVM's SIISelLowering knows).
template <class T>
void dot2_f32(wave& w, const instruction& i) {
  vector_operation v(w, i);
  packed_buffer<T> x[2];
  read_both<T>(v, x);
  lane_buffer<float> c, room;
  const float* z = addend<float>(v, c);
  float* d = v.out<float>(room);
  {
    const mode_rounding<float> rounding(w);
    each_lane(
        w.lanes, d,
        [](float z0, float x0, float y0, float x1, float y1) {
          if constexpr (std::is_same_v<T, half>)
            return flush(fused(x1, y1, fused(x0, y0, flush(z0))));
          else
            return fused(x1, y1, fused(x0, y0, z0));
        },
        z, x[0].x[0], x[1].x[0], x[0].x[1], x[1].x[1]);
  }
  v.done<float>(d);
}

// Two products in f16 or bf16: each sum is rounded to that.
template <class T>
void dot2_narrow(wave& w, const instruction& i) {
  vector_operation v(w, i);
  const int select = i.op_sel & 3;
  if (select) throw fault(fault_kind::unimplemented, i.name + ": op_sel of a packed source");
  packed_buffer<T> x[2];
  read_both<T>(v, x);
  lane_buffer<T> c, room;
  const float* z = v.in<T>(2, c);
  {
    const mode_rounding<T> rounding(w);
    for (int n = 0; n < 2; ++n) {
      each_lane(w.lanes, room.x, fused_for_half, x[0].x[n], x[1].x[n], n ? room.x : z);
      if (n) continue;
      each_lane(
          w.lanes, room.x,
          [](float f) {
            if constexpr (std::is_same_v<T, half>)
              return half_value(half_bits(f));
            else
              return bhalf_value(bhalf_bits(f));
          },
          room.x);
    }
  }
  v.done<T>(room.x);
}

// Products of integers of some bits. `SignedX`, `SignedY`: 1, 0, or -1 where neg_lo says.
template <int Bits, int SignedX, int SignedY>
void dot_integer(wave& w, const instruction& i) {
  vector_operation v(w, i);
  lane_buffer<uint32_t> a, b, c;
  const uint32_t *x = v.in<uint32_t>(0, a), *y = v.in<uint32_t>(1, b);
  if (i.op_sel || (i.has_op_sel_hi && i.op_sel_hi != 7 && i.op_sel_hi != 3))
    throw fault(fault_kind::unimplemented, i.name + ": op_sel");
  const bool signed_x = SignedX == 1 || (SignedX < 0 && i.neg_lo & 1),
             signed_y = SignedY == 1 || (SignedY < 0 && i.neg_lo & 2);
  const bool signed_sum = SignedX != 0;
  const uint32_t* z = v.sources() < 3 ? v.accumulator<uint32_t>(c) : v.in<uint32_t>(2, c);
  constexpr uint32_t mask = (uint32_t{1} << Bits) - 1, sign = uint32_t{1} << (Bits - 1);
  const uint32_t extend_x = signed_x ? sign : 0, extend_y = signed_y ? sign : 0;
  const bool clamp = i.clamp;
  lane_buffer<uint32_t> room;
  each_lane(
      w.lanes, room.x,
      [=](uint32_t p, uint32_t q, uint32_t start) {
        int64_t sum = signed_sum ? static_cast<int32_t>(start) : static_cast<int64_t>(start);
        for (int n = 0; n < 32; n += Bits) {
          const auto f = static_cast<int32_t>(((p >> n & mask) ^ extend_x) - extend_x);
          const auto g = static_cast<int32_t>(((q >> n & mask) ^ extend_y) - extend_y);
          sum += static_cast<int64_t>(f) * g;
        }
        if (!clamp) return static_cast<uint32_t>(sum);
        const int64_t low = signed_sum ? std::numeric_limits<int32_t>::min() : 0;
        const int64_t high = signed_sum ? std::numeric_limits<int32_t>::max() : std::numeric_limits<uint32_t>::max();
        return static_cast<uint32_t>(sum < low ? low : sum > high ? high : sum);
      },
      x, y, z);
  const uint64_t both = v.def.low & v.def.high;
  v.store(i.x(0), room.x, {both, both});
}

// Products of fp8 or bf8.
template <bool X, bool Y>
void dot4_f32(wave& w, const instruction& i) {
  vector_operation v(w, i);
  const bool fnuz = w.target.fp8_fnuz;
  const byte_values &table_x = values_of_fp8(X, fnuz), &table_y = values_of_fp8(Y, fnuz);
  lane_buffer<uint32_t> a, b;
  lane_buffer<float> c, room;
  const uint32_t *x = v.in<uint32_t>(0, a), *y = v.in<uint32_t>(1, b);
  const float* z = addend<float>(v, c);
  {
    const mode_rounding<float> rounding(w);
    for (int l = 0; l < w.lanes; ++l) {
      float sum = z[l];
      for (int n = 0; n < 32; n += 8) sum = fused(table_x[x[l] >> n & 0xff], table_y[y[l] >> n & 0xff], sum);
      room.x[l] = sum;
    }
  }
  v.done<float>(room.x);
}

using enum instruction_class;

constexpr operation table[] = {
    {"v_dot2_f32_f16", dot2_f32<half>, valu},
    {"v_dot2c_f32_f16", dot2_f32<half>, valu},
    {"v_dot2_f32_bf16", dot2_f32<bhalf>, valu},
    {"v_dot2c_f32_bf16", dot2_f32<bhalf>, valu},
    {"v_dot2_f16_f16", dot2_narrow<half>, valu},
    {"v_dot2_bf16_bf16", dot2_narrow<bhalf>, valu},
    {"v_dot2_i32_i16", dot_integer<16, 1, 1>, valu},
    {"v_dot2c_i32_i16", dot_integer<16, 1, 1>, valu},
    {"v_dot2_u32_u16", dot_integer<16, 0, 0>, valu},
    {"v_dot4_i32_i8", dot_integer<8, 1, 1>, valu},
    {"v_dot4c_i32_i8", dot_integer<8, 1, 1>, valu},
    {"v_dot4_u32_u8", dot_integer<8, 0, 0>, valu},
    {"v_dot4_i32_iu8", dot_integer<8, -1, -1>, valu},
    {"v_dot8_i32_i4", dot_integer<4, 1, 1>, valu},
    {"v_dot8c_i32_i4", dot_integer<4, 1, 1>, valu},
    {"v_dot8_u32_u4", dot_integer<4, 0, 0>, valu},
    {"v_dot8_i32_iu4", dot_integer<4, -1, -1>, valu},
    {"v_dot4_f32_fp8_fp8", dot4_f32<false, false>, valu},
    {"v_dot4_f32_fp8_bf8", dot4_f32<false, true>, valu},
    {"v_dot4_f32_bf8_fp8", dot4_f32<true, false>, valu},
    {"v_dot4_f32_bf8_bf8", dot4_f32<true, true>, valu},
};

}  // namespace

std::span<const operation> dot_operations() {
  return table;
}

}  // namespace hipemu
