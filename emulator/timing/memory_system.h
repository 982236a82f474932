// SPDX-License-Identifier: Apache-2.0
// Device memory as one unit sees it while all units do the same: its address path and L1, its share of an L2 slice, of
// the last level of cache and of memory. Each is a queue that is served at a rate and adds a latency, so that latency
// grows with load.
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>
#include <vector>

#include "timing/parameters.h"
#include "timing/sharing.h"

namespace hipemu::timing {

// Lines that a cache holds, each with the cycle at which it arrives; the one unused for longest goes first.
class line_cache {
 public:
  explicit line_cache(size_t lines) : most_(lines) {}
  // The cycle of arrival of a line that is here, or null. It counts as used.
  double* find(uint64_t line);
  void insert(uint64_t line, double arrives);

 private:
  struct entry {
    uint64_t line;
    double arrives;
  };
  size_t most_;
  std::list<entry> recent_;  // the most recent first
  std::unordered_map<uint64_t, std::list<entry>::iterator> where_;
};

struct memory_traffic {
  double l1_bytes = 0, l2_bytes = 0, cache_bytes = 0, memory_bytes = 0;  // of this unit; shared ones in part
  double path_cycles = 0;
  uint64_t loads = 0, loads_on_a_channel = 0;  // of four lines or more; those that have most of them on one channel
};

class memory_system {
 public:
  struct surroundings {
    double units_of_slice = 1, units = 1;  // that are active
    const sharing* slice = nullptr;        // workgroups that share an L2 slice at one time
    const sharing* device = nullptr;       // that share the device
    bool in_cache = false;                 // what the launch touches stays in the last level of cache
    bool conflicts = false;                // loads whose lines lie on one channel hinder each other
    double clock = 1e9;
  };
  memory_system(const parameters& p, const surroundings& s);

  // An access that issues at a cycle; returns that at which its data are there (of a store: at which it is done).
  double load(int port, double at, std::span<const uint64_t> lines, uint32_t bytes, int lanes);
  double store(int port, double at, std::span<const uint64_t> lines, uint32_t bytes, int lanes);
  double scalar_load(double at, std::span<const uint64_t> lines);
  // The cycle from which the address path of a port is free.
  double path_free(int port) const { return path_[static_cast<size_t>(port)]; }
  const memory_traffic& traffic() const { return traffic_; }
  // When everything asked for is done.
  double done() const { return done_; }

 private:
  struct server {
    double cycles_per_byte = 0, free = 0;
    double serve(double at, double bytes);
  };
  double take_path(int port, double at, size_t lines, uint32_t bytes, int lanes);
  double from_l2(uint64_t line, double at);
  void count_channels(std::span<const uint64_t> lines);

  const parameters& p_;
  const surroundings s_;
  std::vector<double> path_;
  line_cache l1_, l2_, scalar_;
  server to_l2_, l2_rate_, cache_rate_, memory_rate_;
  double cache_latency_ = 0, memory_latency_ = 0;
  memory_traffic traffic_;
  double done_ = 0;
};

}  // namespace hipemu::timing
