// SPDX-License-Identifier: Apache-2.0
// A block a request. The draft's tokens are judged all at once; then one more is drawn by the weights of its place, which are
// found as the row is read.
#include "device/philox.h"
#include "ops/sampling/selection.h"

namespace hipinfer {

// What the target's probabilities have over the draft's; without a draft the target's.
template <class T>
struct excess_view {
  using one = row_view<T>;
  static constexpr int width = one::width;
  struct words {
    typename one::words target, draft;
  };
  one target, draft;
  int32_t n;
  bool vector, difference;

  HIPINFER_DEVICE int32_t whole_groups() const { return target.whole_groups(); }
  HIPINFER_DEVICE int32_t groups() const { return target.groups(); }
  HIPINFER_DEVICE words whole(int32_t group) const {
    return {target.whole(group), difference ? draft.whole(group) : typename one::words{}};
  }
  HIPINFER_DEVICE words get(int32_t group) const {
    return {target.get(group), difference ? draft.get(group) : typename one::words{}};
  }
  // A draft's probability counts as probabilities do: 0 where it is none.
  HIPINFER_DEVICE static float part(float x) { return x >= 0x1p-126f ? x : 0.0f; }
  HIPINFER_DEVICE static void floats(words v, float (&f)[width]) {
    float d[width];
    one::floats(v.target, f);
    one::floats(v.draft, d);
#pragma unroll
    for (int k = 0; k < width; ++k) f[k] = part(f[k]) - part(d[k]);
  }
};

// The random bits of one place of one request's chain. Places count from 1: 0 is what the sampling operations draw with, the draft perhaps.
HIPINFER_DEVICE uint64_t chain_bits(const chain_speculative_sampling_params& p, int64_t request, int64_t place) {
  const int64_t* own = p.philox == nullptr ? nullptr : p.philox + request * p.philox_stride;
  const uint64_t seed = static_cast<uint64_t>(own != nullptr ? own[0] : p.seed);
  const uint64_t offset = static_cast<uint64_t>(own != nullptr ? own[1] : p.offset);
  return random_bits(seed, offset, static_cast<uint64_t>(request) + (static_cast<uint64_t>(place + 1) << 32));
}

// The largest that a thread meets: the tops of shares, as tops_of finds them, would be registers more than there are.
template <int Threads, class Row>
HIPINFER_DEVICE float own_top(const Row& row) {
  float top = not_a_number;
  walk<8>(row, thread_id(), row.groups(), Threads, [&](int32_t, auto v) {
    float f[Row::width];
    row.floats(v, f);
#pragma unroll
    for (int k = 0; k < Row::width; ++k) top = max(top, f[k]);
  });
  return top;
}

template <int Threads, class T>
HIPINFER_DEVICE void chain_speculative_sampling(const chain_speculative_sampling_params& p) {
  using weight = probs_row<T>;
  __shared__ selection_lds<Threads> lds;
  const auto token = [&](int64_t request, int64_t place) {
    const int64_t at = request * p.ids_stride[0] + place * p.ids_stride[1];
    return p.wide_ids ? static_cast<const int64_t*>(p.ids)[at] : static_cast<const int32_t*>(p.ids)[at];
  };
  for (int64_t request = block_id(); request < p.requests; request += block_count<Threads>()) {
    const T* target = static_cast<const T*>(p.target) + request * p.target_stride[0];
    const T* draft = static_cast<const T*>(p.draft) + request * p.draft_stride[0];
    uint32_t accepted = 0, first = ~0u;
    for (int64_t i = thread_id(); i < p.places; i += Threads) {
      const int64_t id = token(request, i);
      bool good = false;
      if (id >= 0 && id < p.n) {
        // 24 bits of u, so that the product is exact in double.
        const double u = static_cast<double>(static_cast<uint32_t>(chain_bits(p, request, i) >> 40)) * 0x1p-24;
        const double q = excess_view<T>::part(to_float(draft[i * p.draft_stride[1] + id]));
        good = u * q < static_cast<double>(excess_view<T>::part(to_float(target[i * p.target_stride[1] + id])));
      }
      accepted += good;
      if (!good && first == ~0u) first = static_cast<uint32_t>(i);
    }
    const uint64_t all = scan_block(accepted, lds).total;
    block_barrier();  // wave_total has been read
    const uint32_t least = block_least<Threads>(first, lds);
    const int64_t emitted = least == ~0u ? p.places : static_cast<int64_t>(least);
    const int32_t n = static_cast<int32_t>(p.n);
    const bool vector = p.vector != 0;
    const row_view<T> own{target + emitted * p.target_stride[1], n, vector};
    excess_view<T> view{own, own, n, vector, emitted < p.places};
    if (view.difference) view.draft.x = draft + emitted * p.draft_stride[1];
    float top = block_max<Threads>(own_top<Threads>(view), lds.floats);
    if (!(top >= weight::least) && view.difference) {
      view.difference = false;
      top = block_max<Threads>(own_top<Threads>(view), lds.floats);
    }
    const bool valid = top >= weight::least;
    int32_t id = 0;
    if (valid) {
      id = locate_weight(view, weight(top, 1, p.weight_bits), all_kept{}, lds,
                         [&](uint64_t total) { return random_below(chain_bits(p, request, p.places), total); });
    }
    for (int64_t i = thread_id(); i <= p.places; i += Threads) {
      p.output[request * p.output_stride + i] = i < emitted    ? static_cast<int32_t>(token(request, i))
                                                : i == emitted ? id
                                                               : -1;
    }
    if (thread_id() == 0) {
      if (p.accepted) p.accepted[request] += static_cast<int32_t>(all);
      if (p.emitted) p.emitted[request] += static_cast<int32_t>(emitted);
      if (p.valid) p.valid[request] = valid;
    }
    block_barrier();  // LDS may be used again
  }
}

}  // namespace hipinfer
