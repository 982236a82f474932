// SPDX-License-Identifier: Apache-2.0
// The first blocks have the rotary parts (units.h), a thread a unit of several heads; the others what is only
// quantised, a thread a few accesses of several heads.
#include "ops/rope/params.h"
#include "ops/rope/units.h"

namespace hipinfer {

// A thread's chunk of heads: of the queries, or of the keys.
struct heads_of {
  bool key;
  int first, apart;
  head_count count;
  float factor;

  HIPINFER_DEVICE heads_of(const rope_quantize_fp8_params& p, int number) {
    key = number >= p.q_chunks;
    first = key ? number - p.q_chunks : number;
    apart = key ? p.k_chunks : p.q_chunks;
    count = {(key ? p.k_heads : p.q_heads) - first, apart};
    factor = key ? p.k_factor : p.q_factor;
  }
  template <class T>
  HIPINFER_DEVICE head_list<T> list(T* x, int64_t token, const int64_t (&q)[2], const int64_t (&k)[2]) const {
    const int64_t step = key ? k[1] : q[1];
    return {x + token * (key ? k[0] : q[0]) + first * step, apart * step};
  }
};

template <int Width, bool Interleaved, class T, int Threads>
HIPINFER_DEVICE void turn_and_quantise(const rope_quantize_fp8_params& p) {
  const token_share share = share_of<Threads>(p);
  if (!share.there) return;
  const small_division chunk = divide(share.slot, p.units);
  const heads_of own(p, chunk.quotient);
  const T* x = static_cast<const T*>(own.key ? p.k_rope : p.q_rope);
  rope_unit<Width, Interleaved, 2>(
      p, own.list(x, share.token, p.q_rope_stride, p.k_rope_stride), own.count,
      unit_of<Width, Interleaved>(p, chunk.rest), false,
      [&] { return angles_at(p, index_at(p.positions, p.wide, share.token)); },
      [&](auto body) {
        uint8_t* y = static_cast<uint8_t*>(own.key ? p.k_rope_out : p.q_rope_out);
        const auto to = own.list(y, share.token, p.q_rope_out_stride, p.k_rope_out_stride);
        with_fp8_rounding<Width>(p.output_type, [&](auto as) { body(fp8_heads<decltype(as)>{to, own.factor, as}); });
      });
}

// A thread has `parts` accesses together of each head, and of `batch` heads at once.
template <int Width, class T, int Threads>
HIPINFER_DEVICE void quantise(const rope_quantize_fp8_params& p) {
  constexpr int parts = Width > 1 ? 2 : 1, batch = 2, all = parts * Width;
  const token_share share = share_of<Threads>(p, static_cast<uint32_t>(block_id()) - p.rotary_blocks, p.plain_slots);
  if (!share.there) return;
  const small_division chunk = divide(share.slot, p.plain_units);
  heads_of own(p, chunk.quotient);
  const T* x = static_cast<const T*>(own.key ? p.k_nope : p.q_nope);
  if (x == nullptr) return;
  uint8_t* y = static_cast<uint8_t*>(own.key ? p.k_nope_out : p.q_nope_out);
  auto from = own.list(x + chunk.rest * all, share.token, p.q_nope_stride, p.k_nope_stride);
  auto to = own.list(y + chunk.rest * all, share.token, p.q_nope_out_stride, p.k_nope_out_stride);
  loaded<T, Width> v[batch][parts];
  const auto read = [&] {
    for (int k = 0; k < batch; ++k) {
      if (k > 0 && !own.count.has(k)) continue;
      for (int part = 0; part < parts; ++part) v[k][part].load_from(from.x + k * from.step + part * Width);
    }
  };
  read();
  with_fp8_rounding<Width>(p.output_type, [&](auto as) {
    for (;;) {
      if constexpr (as.is_long) {
#pragma unroll 1
        for (int k = 0; k < batch && own.count.has(k); ++k) {
#pragma unroll 1
          for (int part = 0; part < parts; ++part) {
            float own_part[Width];
            to_floats(v[0][0].get(), own_part);
            scale_by(own_part, own.factor);
            store<Width>(to.x + k * to.step + part * Width, as.bytes(own_part));
            for (int next = 1; next < batch * parts; ++next)
              v[(next - 1) / parts][(next - 1) % parts] = v[next / parts][next % parts];
          }
        }
      } else {
        for (int k = 0; k < batch; ++k) {
          if (k > 0 && !own.count.has(k)) continue;
          float x_all[all];
          for (int part = 0; part < parts; ++part) {
            float own_part[Width];
            to_floats(v[k][part].get(), own_part);
            for (int i = 0; i < Width; ++i) x_all[part * Width + i] = own_part[i] * own.factor;
          }
          store<all>(to.x + k * to.step, as.bytes(x_all));
        }
      }
      own.count.left -= batch * own.apart;
      if (own.count.left <= 0) return;
      from.x += batch * from.step;
      to.x += batch * to.step;
      read();
    }
  });
}

template <int Width, class T, int Threads>
HIPINFER_DEVICE void rope_quantize(const rope_quantize_fp8_params& p) {
  if (static_cast<uint32_t>(block_id()) >= p.rotary_blocks)
    quantise<Width, T, Threads>(p);
  else if (p.interleaved)
    turn_and_quantise<Width, true, T, Threads>(p);
  else
    turn_and_quantise<Width, false, T, Threads>(p);
}

}  // namespace hipinfer
