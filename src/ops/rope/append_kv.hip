// SPDX-License-Identifier: Apache-2.0
// A thread has a unit (units.h) of several of a token's queries, of its keys or of its values. The heads' elements are
// read first; the angles, and the slot in the cache, are found while they are on their way, once for all of a thread's heads.
#include "device/kv_write.h"
#include "ops/rope/params.h"
#include "ops/rope/units.h"

namespace hipinfer {

// A thread's part of a token: queries, keys or values, by selection.
enum class kind { query, key, value };

template <int Width, bool Interleaved, bool Plain, bool Fp8, class T>
HIPINFER_DEVICE void serve(const rope_append_kv_params& p, token_share share) {
  const uint32_t of_queries = p.q_chunks * static_cast<uint32_t>(p.units.by);
  const uint32_t turned = of_queries + p.kv_chunks * static_cast<uint32_t>(p.units.by);
  const kind is = share.slot < of_queries ? kind::query : share.slot < turned ? kind::key : kind::value;
  const bool query = is == kind::query, value = is == kind::value;
  const small_division chunk = value   ? divide(share.slot - turned, p.value_units)
                               : query ? divide(share.slot, p.units)
                                       : divide(share.slot - of_queries, p.units);
  const int first = chunk.quotient, apart = query ? p.q_chunks : p.kv_chunks;
  const T* x = static_cast<const T*>(query ? p.q : value ? p.v : p.k);
  const int64_t step = query ? p.q_stride[1] : value ? p.v_stride[1] : p.k_stride[1];
  x += share.token * (query ? p.q_stride[0] : value ? p.v_stride[0] : p.k_stride[0]) + first * step;
  const head_unit unit =
      value ? head_unit{false, static_cast<int>(chunk.rest) * Width, 0} : unit_of<Width, Interleaved>(p, chunk.rest);
  rope_unit<Width, Interleaved, Fp8 ? 2 : 4>(
      p, head_list<const T>{x, apart * step}, {(query ? p.q_heads : p.kv_heads) - first, apart}, unit,
      query && p.q_in_place != 0,
      // Values have no angles: what is not NULL lets them through.
      [&] { return value ? static_cast<const float*>(p.v) : angles_at(p, index_at(p.pos_ids, p.wide, share.token)); },
      [&](auto body) {
        cache_slot to{0, 0};
        if (!query) to = slot_of_token(p, share.token);
        if (to.page < 0) return;
        const int64_t to_step = query ? p.q_out_stride[1] : value ? p.v_cache_stride[2] : p.k_cache_stride[2];
        T* y = static_cast<T*>(p.q_out) + share.token * p.q_out_stride[0];
        if (!query) {
          const int64_t at = to.page * (value ? p.v_cache_stride[0] : p.k_cache_stride[0]) +
                             to.slot * (value ? p.v_cache_stride[1] : p.k_cache_stride[1]);
          void* cache = value ? p.v_cache : p.k_cache;
          if constexpr (Fp8) {
            if (!Plain || is_fp8(p.cache_type)) {
              const float factor = cache_factor(value ? p.v_scale : p.k_scale);
              const head_list<uint8_t> bytes{static_cast<uint8_t*>(cache) + at + first * to_step, apart * to_step};
              return with_fp8_rounding<Width>(p.cache_type,
                                              [&](auto as) { body(fp8_heads<decltype(as)>{bytes, factor, as}); });
            }
          }
          y = static_cast<T*>(cache) + at;
        }
        body(plain_heads<T>{{y + first * to_step, apart * to_step}});
      });
}

// Plain and Fp8: the caches that there may be. Aligned calls have a kernel for each of the two, because fp8 takes registers
// that loads would have. The two widths have kernels of their own, because in one the parameters would not fit into the
// scalar registers.
template <int Width, bool Plain, bool Fp8, class T, int Threads>
HIPINFER_DEVICE void rope_append_kv(const rope_append_kv_params& p) {
  const token_share share = share_of<Threads>(p);
  if (!share.there) return;
  if (p.interleaved)
    serve<Width, true, Plain, Fp8, T>(p, share);
  else
    serve<Width, false, Plain, Fp8, T>(p, share);
}

}  // namespace hipinfer
