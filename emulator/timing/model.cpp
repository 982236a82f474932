// SPDX-License-Identifier: Apache-2.0
#include "timing/model.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "machine/occupancy.h"
#include "machine/program.h"
#include "machine/touched_lines.h"

namespace hipemu::timing {
namespace {

// Workgroups that show how many share a line: enough for a mean, few enough to keep.
constexpr size_t sample_size = 32;
// Of one unit's workgroups so many are replayed, when there are more: a first round, a last, and some between.
constexpr uint64_t least_replayed = 8, rounds_replayed = 3;

// How a launch spreads over the card. The hardware deals workgroups to the slices (dies) in turn, and in a slice to its
// units in turn.
struct spread {
  uint64_t total, units, active, resident, at_once, of_unit;
  spread(const target_info& t, const launch_request& r, const parameters& p) {
    total = uint64_t{r.groups[0]} * r.groups[1] * r.groups[2];
    units = static_cast<uint64_t>(t.compute_units / p.compute_units);
    active = std::min(units, total);
    const int block = static_cast<int>(r.block[0] * r.block[1] * r.block[2]);
    resident = static_cast<uint64_t>(std::max(1, blocks_per_unit(*r.k, t, block, r.dynamic_lds_bytes)));
    at_once = std::min(total, units * resident);
    of_unit = (total + units - 1) / units;
    resident = std::min(resident, of_unit);
  }
};

// Some of `all`, in order. Not evenly spaced: a stride could meet the same rows of a grid again and again.
std::vector<uint64_t> some_of(std::vector<uint64_t> all, size_t count) {
  std::mt19937_64 random(1);
  std::vector<uint64_t> some;
  std::sample(all.begin(), all.end(), std::back_inserter(some), count, random);
  return some;
}

// The clock that a card holds when its matrix units are busy for a share of the time: between the clock that was measured
// under dense GEMM and the highest, as if power went with the third power of the clock (voltage follows it). A guess.
double clock_under_load(const parameters& p, double matrix) {
  return matrix <= 0 ? p.clock : std::min(p.clock, p.clock_of_matrix * std::cbrt(1 / matrix));
}

// Bytes that the launch touches at all.
double footprint(const recording& recorded, const counters& count, const spread& s, const device_memory& memory) {
  if (recorded.executed.empty()) return static_cast<double>(count.distinct_read_bytes + count.distinct_written_bytes);
  return sharing(recorded, recorded.everywhere, s.total, memory).distinct_lines() * (1 << line_shift);
}

// Cycles of all `groups` of a unit. Those that were not replayed go at the pace of those between the first round and the end.
double whole_cycles(const unit_time& replay, size_t resident, uint64_t groups) {
  std::vector<uint64_t> ended = replay.ended;
  std::sort(ended.begin(), ended.end());
  const double cycles = static_cast<double>(replay.cycles), rest = static_cast<double>(groups - ended.size());
  const size_t between = ended.size() - resident;
  const double each = between ? static_cast<double>(ended.back() - ended[resident - 1]) / static_cast<double>(between)
                              : cycles / static_cast<double>(ended.size());
  return cycles + rest * each;
}

}  // namespace

recording plan(const target_info& target, const launch_request& request, uint64_t most) {
  recording r;
  const parameters* p = find_parameters(target);
  if (!p) return r;
  const spread s(target, request, *p);
  uint64_t replayed = std::min(s.of_unit, std::max(least_replayed, rounds_replayed * s.resident));
  if (most) replayed = std::min(replayed, std::max(most / 2, s.resident));
  for (uint64_t n = 0; n < replayed; ++n) r.replayed.push_back(n * s.of_unit / replayed * s.units);
  const uint64_t slices = static_cast<uint64_t>(p->l2_slices);
  std::vector<uint64_t> of_slice, of_device;
  for (uint64_t n = 0; n < s.at_once; ++n) {
    of_device.push_back(n);
    if (n % slices == 0) of_slice.push_back(n);
  }
  const size_t sample = most ? std::clamp<size_t>(most / 4, 1, sample_size) : sample_size;
  r.neighbours = some_of(of_slice, sample);
  r.others = some_of(of_device, sample);
  if (most && most < s.total) {
    // Indices of workgroups need no list, of which there may be millions.
    std::mt19937_64 random(2);
    std::set<uint64_t> chosen;
    while (chosen.size() < std::min<uint64_t>(sample, s.total)) chosen.insert(random() % s.total);
    r.everywhere.assign(chosen.begin(), chosen.end());
    std::set<uint64_t> all(r.replayed.begin(), r.replayed.end());
    all.insert(r.neighbours.begin(), r.neighbours.end());
    all.insert(r.others.begin(), r.others.end());
    all.insert(r.everywhere.begin(), r.everywhere.end());
    r.executed.assign(all.begin(), all.end());
  }
  return r;
}

std::optional<prediction> predict(const target_info& target, const launch_request& request, const recording& recorded,
                                  const counters& count, const device_memory& memory, size_t events) {
  const parameters* p = find_parameters(target);
  if (!p) return {};
  const spread s(target, request, *p);
  prediction out;
  out.card = p;
  out.groups = s.total;
  out.groups_executed = count.workgroups;
  out.groups_replayed = recorded.replayed.size();
  out.units = s.active;
  out.groups_of_unit = s.of_unit;
  out.resident = s.resident;

  const std::vector<cost> costs = costs_of(request.code->code(request.k->wave_size), target, *p);
  unit_work work;
  for (const uint64_t group : recorded.replayed) work.groups.push_back(&recorded.groups.at(group));
  work.resident = std::min<size_t>(s.resident, work.groups.size());
  work.wave_size = static_cast<int>(request.k->wave_size);
  work.events = events;
  out.waves_per_simd = static_cast<double>(work.resident * work.groups[0]->waves.size()) / p->simds;

  const uint64_t slices = static_cast<uint64_t>(p->l2_slices);
  const sharing slice(recorded, recorded.neighbours, (s.at_once + slices - 1) / slices, memory);
  const sharing device(recorded, recorded.others, s.at_once, memory);
  out.footprint_bytes = footprint(recorded, count, s, memory);
  out.in_cache = out.footprint_bytes <= p->cache_bytes;

  // The clock depends on how busy the matrix units are, and that on the clock: memory does not slow down with it.
  out.clock = p->clock;
  memory_traffic traffic;
  memory_system::surroundings around;
  for (int n = 0; n < 4; ++n) {
    around = {.units_of_slice = std::ceil(static_cast<double>(s.active) / static_cast<double>(slices)),
              .units = static_cast<double>(s.active),
              .slice = &slice,
              .device = &device,
              .in_cache = out.in_cache,
              .clock = out.clock};
    memory_system seen(*p, around);
    out.unit = run_unit(*p, counters_of(target.gen), costs, work, seen);
    traffic = seen.traffic();
    out.matrix = static_cast<double>(out.unit.matrix) / static_cast<double>(out.unit.cycles) / p->simds;
    const double next = clock_under_load(*p, out.matrix);
    const bool settled = std::abs(next - out.clock) < 0.01 * out.clock;
    if (settled || n == 3) break;
    out.clock = next;
  }

  const double cycles = static_cast<double>(out.unit.cycles), per_simd = cycles * p->simds;
  out.valu = static_cast<double>(out.unit.valu) / per_simd;
  out.transcendental = static_cast<double>(out.unit.transcendental) / per_simd;
  out.salu = static_cast<double>(out.unit.salu) / per_simd;
  out.lds = static_cast<double>(out.unit.lds) / (cycles * p->ports * p->lds_rate);
  out.address_path = traffic.path_cycles / (cycles * p->ports);
  const auto share = [&](double bytes, double bytes_per_cycle) {
    return bytes_per_cycle > 0 ? bytes / (cycles * bytes_per_cycle) : 0;
  };
  out.l2 = share(traffic.l2_bytes * around.units_of_slice, p->l2_bytes_per_cycle);
  out.cache = share(traffic.cache_bytes * around.units, p->cache_bytes_per_second / out.clock);
  out.memory = share(traffic.memory_bytes * around.units, p->memory_bytes_per_second / out.clock);

  out.cycles = whole_cycles(out.unit, work.resident, s.of_unit);
  out.seconds = out.seconds_with_conflicts = out.cycles / out.clock;
  if (2 * traffic.loads_on_a_channel > traffic.loads) {
    around.conflicts = true;
    memory_system seen(*p, around);
    work.events = 0;
    const unit_time slow = run_unit(*p, counters_of(target.gen), costs, work, seen);
    out.seconds_with_conflicts = std::max(out.seconds, whole_cycles(slow, work.resident, s.of_unit) / out.clock);
  }
  return out;
}

const char* bound_of(const prediction& p) {
  const std::pair<double, const char*> all[] = {
      {p.matrix, "matrix"}, {p.valu, "valu"},   {p.lds, "lds"},      {p.address_path, "address path"},
      {p.l2, "l2"},         {p.cache, "cache"}, {p.memory, "memory"}};
  const auto most =
      *std::max_element(std::begin(all), std::end(all), [](const auto& a, const auto& b) { return a.first < b.first; });
  return most.first > 2.0 / 3 ? most.second : "latency";
}

}  // namespace hipemu::timing
