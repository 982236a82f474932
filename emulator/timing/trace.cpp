// SPDX-License-Identifier: Apache-2.0
#include "timing/trace.h"

#include <algorithm>

namespace hipemu::timing {
namespace {

bool has(const std::vector<uint64_t>& groups, uint64_t group) {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

}  // namespace

bool recording::wants_steps(uint64_t group) const {
  return has(replayed, group);
}

bool recording::wants_lines(uint64_t group) const {
  return has(replayed, group) || has(neighbours, group) || has(others, group) || has(everywhere, group);
}

}  // namespace hipemu::timing
