// SPDX-License-Identifier: Apache-2.0
#include "gen/sampling_from_probs.api.h"
#include "tests/check/sampling.h"

using namespace check;

namespace {

using enum sampling_tensor;

const sampling_op sample{"sampling_from_probs",
                         false,
                         {output, valid, rows, indices, philox},
                         [](auto c, auto t, const auto& s, auto stream) {
                           return hipinfer_sampling_from_probs(c, t[0], t[1], t[2], t[3], t[4], s.seed, s.offset,
                                                               stream);
                         },
                         {{}}};

}  // namespace

HIPINFER_SAMPLING_TESTS(sampling_from_probs, sample)
