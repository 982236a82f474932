// SPDX-License-Identifier: Apache-2.0
#include "gen/top_k_renorm_probs.api.h"
#include "tests/check/filters.h"

using namespace check;

namespace {

const row_filter keep{"top_k_renorm_probs", false, true, [](auto c, auto t, double setting, auto stream) {
                        return hipinfer_top_k_renorm_probs(c, t[0], t[1], t[2], static_cast<int32_t>(setting), stream);
                      }};

}  // namespace

HIPINFER_FILTER_TESTS(top_k_renorm_probs, keep)
