// SPDX-License-Identifier: Apache-2.0
#include "gen/min_p_sampling_from_probs.api.h"
#include "tests/check/sampling.h"

using namespace check;

namespace {

using enum sampling_tensor;

const sampling_op sample{"min_p_sampling_from_probs",
                         false,
                         {output, valid, rows, indices, min_ps, philox},
                         [](auto c, auto t, const auto& s, auto stream) {
                           return hipinfer_min_p_sampling_from_probs(c, t[0], t[1], t[2], t[3], t[4], t[5], s.min_p,
                                                                     s.seed, s.offset, stream);
                         },
                         {{.min_p = 0.3f}, {.min_p = 1}, {.min_p = 0.05f}}};

}  // namespace

HIPINFER_SAMPLING_TESTS(min_p_sampling_from_probs, sample)
