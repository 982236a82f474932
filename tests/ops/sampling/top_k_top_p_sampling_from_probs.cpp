// SPDX-License-Identifier: Apache-2.0
#include "gen/top_k_top_p_sampling_from_probs.api.h"
#include "tests/check/sampling.h"

using namespace check;

namespace {

using enum sampling_tensor;

const sampling_op sample{"top_k_top_p_sampling_from_probs",
                         false,
                         {output, valid, rows, indices, top_ks, top_ps, philox},
                         [](auto c, auto t, const auto& s, auto stream) {
                           return hipinfer_top_k_top_p_sampling_from_probs(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6],
                                                                           s.top_k, s.top_p, s.joint, s.seed, s.offset,
                                                                           stream);
                         },
                         {{.top_k = 4},
                          {.top_k = 40, .top_p = 0.8f},
                          {.top_k = 700, .top_p = 0.6f},
                          {.top_k = 700, .top_p = 0.6f, .joint = true},
                          {.top_k = 9, .top_p = 0.9f, .joint = true}}};

}  // namespace

HIPINFER_SAMPLING_TESTS(top_k_top_p_sampling_from_probs, sample)
