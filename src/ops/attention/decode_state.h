// SPDX-License-Identifier: Apache-2.0
// What the waves of a block found of a chunk's keys, combined at its end.
#pragma once

#include "ops/attention/decode_chunks.h"
#include "ops/attention/online_softmax.h"

namespace hipinfer {

// Of each wave and head: the raw score that weights are relative to, -inf if there is none; their sum; sums of weighted values.
template <int Waves, int Heads, int Columns>
struct decode_state {
  float most[Waves][Heads], sum[Waves][Heads], value[Waves][Heads][Columns];
};

// A chunk, and the query heads of a block.
struct decode_work : decode_chunk {
  int64_t head, kv_head;  // head: the first one
  int heads;
};

// Of a chunk's keys those that a wave has: whole tiles, of which the last one may have fewer keys, or none.
struct key_range {
  int begin, end;
};
template <int Keys, int Waves>
HIPINFER_DEVICE key_range keys_of_wave(const decode_work& w, int wave) {
  const int seen = w.from / Keys * Keys, begin = seen > w.begin ? seen : w.begin;
  const int count = w.end > begin && !w.empty ? w.end - begin : 0;
  const int each = (count + Keys * Waves - 1) / (Keys * Waves) * Keys, own = begin + wave * each;
  return {own, own + each < begin + count ? own + each : begin + count};
}

// One column of a head's result: the output, or, of a request in several chunks, what `merge` combines.
template <class T, bool Fp8>
HIPINFER_DEVICE void put_column(const paged_attention_decode_params& p, const decode_work& w, int g, int i, int n,
                                float most, float sum, float value) {
  const int64_t head = w.head + g;
  if (w.whole) {
    const softmax_end end = end_of(p, head, anchor_of(most) * p.scale_log2, sum);
    if constexpr (Fp8) value *= v_scale_of(p, w.kv_head);
    static_cast<T*>(p.output)[w.b * p.output_stride[0] + head * p.output_stride[1] + i] = from_float<T>(end.of(value));
    if (i == 0 && p.lse != nullptr) static_cast<float*>(p.lse)[w.b * p.lse_stride + head] = end.lse;
  } else {
    const int64_t row = w.slot * p.q_heads + head;
    p.partial_value[row * n + i] = value;
    if (i == 0) {
      p.partial_most[row] = most;
      p.partial_sum[row] = sum;
    }
  }
}

// Every wave's state is there. n: columns of a head.
template <int Threads, class T, bool Fp8, int Waves, int Heads, int Columns>
HIPINFER_DEVICE void combine_waves(const paged_attention_decode_params& p, const decode_work& w,
                                   const decode_state<Waves, Heads, Columns>& of, int n) {
  for (int item = thread_id(); item < w.heads * n; item += Threads) {
    const int g = item / n, i = item % n;
    float most = -infinity;
    for (int k = 0; k < Waves; ++k) most = max(most, of.most[k][g]);
    const float anchor = anchor_of(most);
    float sum = 0, value = 0;
    for (int k = 0; k < Waves; ++k) {
      const float weight = weight_of(of.most[k][g], anchor, p.scale_log2);
      sum = fma(of.sum[k][g], weight, sum);
      value = fma(of.value[k][g][i], weight, value);
    }
    put_column<T, Fp8>(p, w, g, i, n, most, sum, value);
  }
}

}  // namespace hipinfer
