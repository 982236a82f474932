// SPDX-License-Identifier: Apache-2.0
#include "timing/memory_system.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "machine/touched_lines.h"

namespace hipemu::timing {
namespace {

constexpr double line_bytes = 1 << line_shift;

// Lines of an L2 slice that this unit can count on: a line that several units use stands in it once.
size_t lines_of_l2(const parameters& p, const memory_system::surroundings& s) {
  const double shared = std::min(s.slice ? s.slice->mean() : 1.0, s.units_of_slice);
  return static_cast<size_t>(std::max(1.0, p.l2_bytes / line_bytes * shared / s.units_of_slice));
}

}  // namespace

double* line_cache::find(uint64_t line) {
  const auto found = where_.find(line);
  if (found == where_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second);
  return &found->second->arrives;
}

void line_cache::insert(uint64_t line, double arrives) {
  if (double* here = find(line)) {
    *here = arrives;
    return;
  }
  recent_.push_front({line, arrives});
  where_[line] = recent_.begin();
  if (recent_.size() <= most_) return;
  where_.erase(recent_.back().line);
  recent_.pop_back();
}

double memory_system::server::serve(double at, double bytes) {
  free = std::max(free, at) + bytes * cycles_per_byte;
  return free;
}

memory_system::memory_system(const parameters& p, const surroundings& s)
    : p_(p),
      s_(s),
      path_(static_cast<size_t>(p.ports)),
      l1_(static_cast<size_t>(p.l1_bytes) >> line_shift),
      l2_(lines_of_l2(p, s)),
      scalar_(16 * 1024 >> line_shift) {
  to_l2_.cycles_per_byte = 1 / p.l2_unit_bytes_per_cycle;
  l2_rate_.cycles_per_byte = s.units_of_slice / p.l2_bytes_per_cycle;
  const auto rate = [&](double bytes_per_second) {
    return bytes_per_second > 0 ? s.units * s.clock / bytes_per_second : 0;
  };
  cache_rate_.cycles_per_byte = rate(p.cache_bytes_per_second);
  memory_rate_.cycles_per_byte = rate(p.memory_bytes_per_second);
  const double least = s.conflicts ? p.conflict_latency : 0;
  cache_latency_ = std::max(least, p.cache_ns * 1e-9 * s.clock);
  memory_latency_ = std::max(least, p.memory_ns * 1e-9 * s.clock);
}

// An instruction occupies the path for as long as its lanes' addresses take, its lines are looked up, its bytes move.
double memory_system::take_path(int port, double at, size_t lines, uint32_t bytes, int lanes) {
  double& free = path_[static_cast<size_t>(port)];
  const double cycles = std::max({std::ceil(static_cast<double>(lanes) / p_.lanes_per_cycle),
                                  static_cast<double>(lines), static_cast<double>(bytes) / p_.l1_bytes_per_cycle});
  free = std::max(free, at) + cycles;
  traffic_.path_cycles += cycles;
  traffic_.l1_bytes += bytes;
  return cycles;
}

// The whole latency of an access that comes from the L2 or further, less what the L1 has taken.
double memory_system::from_l2(uint64_t line, double at) {
  traffic_.l2_bytes += line_bytes;
  const double served = l2_rate_.serve(to_l2_.serve(at, line_bytes), line_bytes);
  if (const double* arrives = l2_.find(line)) return std::max(served + p_.l2_latency, *arrives);
  // Others of the slice ask for the same line at about the same time: they pay a part of the traffic each, and all wait
  // for the one answer.
  const double slice = s_.slice ? std::min(s_.slice->of(line), s_.units_of_slice) : 1;
  const double device = s_.device ? std::max(slice, s_.device->of(line)) : 1;
  double data = served, latency = memory_latency_;
  if (p_.cache_bytes > 0) {
    traffic_.cache_bytes += line_bytes / slice;
    data = cache_rate_.serve(served, line_bytes / slice);
  }
  if (s_.in_cache) {
    latency = cache_latency_;
  } else {
    traffic_.memory_bytes += line_bytes / device;
    data = memory_rate_.serve(data, line_bytes / device);
  }
  data += std::max<double>(latency, p_.l2_latency);
  l2_.insert(line, data);
  return data;
}

// Channels change every 256 bytes, in the end; how addresses are hashed before is not public, so what looks like one channel
// here need not be one.
void memory_system::count_channels(std::span<const uint64_t> lines) {
  if (lines.size() < 4) return;
  std::array<size_t, 16> on{};
  for (const uint64_t line : lines) ++on[line / 2 % on.size()];
  ++traffic_.loads;
  traffic_.loads_on_a_channel += 2 * *std::max_element(on.begin(), on.end()) > lines.size();
}

double memory_system::load(int port, double at, std::span<const uint64_t> lines, uint32_t bytes, int lanes) {
  const double start = std::max(path_free(port), at);
  const double cycles = take_path(port, at, lines.size(), bytes, lanes);
  count_channels(lines);
  // A chase of one line: its address cycles and the wait's slot are in the latency that was measured.
  const double known = std::ceil(static_cast<double>(lanes) / p_.lanes_per_cycle) + p_.slot;
  double last = start + cycles + p_.l1_latency - known;
  for (size_t n = 0; n < lines.size(); ++n) {
    const double looked_up = start + cycles * static_cast<double>(n + 1) / static_cast<double>(lines.size());
    double data;
    if (const double* arrives = l1_.find(lines[n])) {
      data = std::max(looked_up + p_.l1_latency - known, *arrives);
    } else {
      data = from_l2(lines[n], looked_up) - known;
      l1_.insert(lines[n], data);
    }
    last = std::max(last, data);
  }
  done_ = std::max(done_, last);
  return last;
}

double memory_system::store(int port, double at, std::span<const uint64_t> lines, uint32_t bytes, int lanes) {
  const double start = std::max(path_free(port), at);
  const double cycles = take_path(port, at, lines.size(), bytes, lanes);
  double last = start + cycles + p_.l2_latency;
  const double each = lines.empty() ? 0 : static_cast<double>(bytes) / static_cast<double>(lines.size());
  for (size_t n = 0; n < lines.size(); ++n) {
    // The L1 writes through; the L2 writes back in whole lines, sooner or later, at the rate of what lies behind it.
    const double sent = start + cycles * static_cast<double>(n + 1) / static_cast<double>(lines.size());
    const double served = l2_rate_.serve(to_l2_.serve(sent, each), each);
    traffic_.l2_bytes += each;
    double data = served;
    if (p_.cache_bytes > 0) {
      traffic_.cache_bytes += each;
      data = cache_rate_.serve(served, each);
    }
    if (!s_.in_cache) {
      traffic_.memory_bytes += each;
      data = memory_rate_.serve(data, each);
    }
    done_ = std::max(done_, data);
    last = std::max(last, served + p_.l2_latency);
  }
  done_ = std::max(done_, last);
  return last;
}

double memory_system::scalar_load(double at, std::span<const uint64_t> lines) {
  double last = at + p_.scalar_latency - p_.slot;
  for (const uint64_t line : lines) {
    if (const double* arrives = scalar_.find(line)) {
      last = std::max(last, *arrives);
      continue;
    }
    // What misses comes from the L2: arguments and constants, which stay there.
    const double data = at + p_.scalar_latency + p_.scalar_miss - p_.slot;
    scalar_.insert(line, data);
    last = std::max(last, data);
  }
  done_ = std::max(done_, last);
  return last;
}

}  // namespace hipemu::timing
