// SPDX-License-Identifier: Apache-2.0
#include "machine/watch.h"

#include <bit>

#include "machine/hazards.h"
#include "machine/relative.h"
#include "machine/wave.h"

namespace hipemu {

void add_register_tags(uint64_t (&tags)[2], const register_range& r) {
  if (r.first < first_scalar) {
    const uint64_t bits = r.count < 64 ? (uint64_t{1} << r.count) - 1 : ~uint64_t{0};
    tags[0] |= std::rotl(bits, r.first % 64);
    return;
  }
  const int first = r.first - first_scalar;
  for (int n = first / 4; n <= (first + r.count - 1) / 4; ++n) tags[1] |= uint64_t{1} << n;
}
static_assert((register_count - first_scalar - 1) / 4 < watch_tag::first_hazard);

void describe_for_watch(instruction& i, const target_info& target, int wave_size) {
  for (const auto* registers : {&i.reads, &i.writes})
    for (const register_range& r : *registers) add_register_tags(i.watch.tags, r);
  if (is_relative(i)) {
    i.watch.relative = true;
    i.watch.tags[0] = ~uint64_t{0};
    i.watch.tags[1] |= watch_tag::scalars;
  }
  describe_waits(i, target);
  describe_hazards(i, target, wave_size);
}

void start_watch(watch_state& state, const checks& check) {
  state.tags[0] = 0;
  state.tags[1] = (check.waits ? watch_tag::counts : 0) | (check.hazards ? hazards_from_the_start : 0);
  state.kept = check.hazards ? watch_tag::hazards : 0;
  state.steps = state.time = state.matrix_free = 0;
  state.scalars = {};
  state.waits = {};
}

void watch(wave& w, const instruction& i) {
  if (w.launch.check.hazards) check_hazards(w, i);
  if (w.launch.check.waits) check_waits(w, i);
}

}  // namespace hipemu
