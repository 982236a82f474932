// SPDX-License-Identifier: Apache-2.0
#include "gen/top_p_sampling_from_probs.api.h"
#include "tests/check/sampling.h"

using namespace check;

namespace {

using enum sampling_tensor;

const sampling_op sample{"top_p_sampling_from_probs",
                         false,
                         {output, valid, rows, indices, top_ps, philox},
                         [](auto c, auto t, const auto& s, auto stream) {
                           return hipinfer_top_p_sampling_from_probs(c, t[0], t[1], t[2], t[3], t[4], t[5], s.top_p,
                                                                     s.seed, s.offset, stream);
                         },
                         {{.top_p = 0.5f}, {.top_p = 1}, {.top_p = 0}, {.top_p = 0.9f}}};

}  // namespace

HIPINFER_SAMPLING_TESTS(top_p_sampling_from_probs, sample)
