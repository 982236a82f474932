// SPDX-License-Identifier: Apache-2.0
#include "gen/sampling_from_logits.api.h"
#include "tests/check/sampling.h"

using namespace check;

namespace {

using enum sampling_tensor;

const sampling_op sample{"sampling_from_logits",
                         true,
                         {output, valid, rows, indices, temperatures, philox},
                         [](auto c, auto t, const auto& s, auto stream) {
                           return hipinfer_sampling_from_logits(c, t[0], t[1], t[2], t[3], t[4], t[5], s.temperature,
                                                                s.seed, s.offset, stream);
                         },
                         {{}, {.temperature = 0.7f}, {.temperature = 0}, {.temperature = 1.3f}}};

}  // namespace

HIPINFER_SAMPLING_TESTS(sampling_from_logits, sample)
