// SPDX-License-Identifier: Apache-2.0
// A thread moves one vector of a token, of its latent key or of the rotated part. It reads the vector before it looks for the slot,
// because the look-ups wait for each other and the vector for none of them.
#include "device/kv_write.h"
#include "device/loaded.h"
#include "ops/kv/params.h"

namespace hipinfer {

template <int Width, class T, int Threads>
HIPINFER_DEVICE void append_mla(const append_paged_mla_kv_cache_params& p) {
  const token_share share = share_of<Threads>(p);
  if (!share.there) return;
  const int part = share.slot < p.latent ? 0 : 1;
  const int64_t i = (share.slot - (part == 0 ? 0 : p.latent)) * int64_t{Width};
  loaded<T, Width> x;
  x.load_from(static_cast<const T*>(p.append[part]) + share.token * p.append_stride[part] + i);
  const cache_slot to = slot_of_token(p, share.token);
  if (to.page < 0) return;
  T* row = static_cast<T*>(p.cache[part]) + to.page * p.page_stride[part] + to.slot * p.slot_stride[part];
  store<Width>(row + i, x.get());
}

}  // namespace hipinfer
