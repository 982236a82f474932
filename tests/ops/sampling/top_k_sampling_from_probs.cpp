// SPDX-License-Identifier: Apache-2.0
#include "gen/top_k_sampling_from_probs.api.h"
#include "tests/check/sampling.h"

using namespace check;

namespace {

using enum sampling_tensor;

const sampling_op sample{"top_k_sampling_from_probs",
                         false,
                         {output, valid, rows, indices, top_ks, philox},
                         [](auto c, auto t, const auto& s, auto stream) {
                           return hipinfer_top_k_sampling_from_probs(c, t[0], t[1], t[2], t[3], t[4], t[5], s.top_k,
                                                                     s.seed, s.offset, stream);
                         },
                         {{}, {.top_k = 4}, {.top_k = 1}, {.top_k = 700}, {.top_k = 9}}};

}  // namespace

HIPINFER_SAMPLING_TESTS(top_k_sampling_from_probs, sample)
