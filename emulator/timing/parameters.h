// SPDX-License-Identifier: Apache-2.0
// The numbers of the time model, a row for each card. parameters.cpp has the source of each.
#pragma once

#include <cstdint>

#include "machine/target.h"

namespace hipemu::timing {

// Cycles are the engine's. A unit is what a workgroup runs on: a compute unit on CDNA, a pair of them (WGP) on RDNA.
// Latencies are those that a chain of dependent accesses shows: issue, access, wait.
struct parameters {
  const char* target;
  // The unit
  int compute_units;  // that make one unit
  int simds;
  int slot;   // cycles from one turn of a SIMD to its next; a wave issues at most one instruction in each
  int ports;  // LDS and address paths, each of its own part of the SIMDs
  int waves;  // of a SIMD, at most
  // Results: cycles from issue until a dependent instruction may issue, beyond those that the operation itself takes
  int valu_result, wide_result, double_result, transcendental_result, salu_result, scalar_from_vector;
  int matrix_result;  // until anything but the next accumulation may read the result
  bool matrix_beside_valu;
  bool transcendental_beside_valu;
  // Control
  int branch_taken, branch_untaken, barrier;
  int most_loads, most_lds;  // that a wave's counters can count
  // LDS: latency, and the share of its peak rate that it reaches
  int lds_latency;
  double lds_rate;
  // Vector memory
  int lanes_per_cycle;     // that the address path takes
  int l1_bytes_per_cycle;  // of a port
  int l1_bytes, l1_latency;
  int scalar_latency, scalar_miss;
  // L2: slices, each shared by the units of one die
  int l2_slices, l2_bytes, l2_latency;
  double l2_bytes_per_cycle;       // of a slice
  double l2_unit_bytes_per_cycle;  // that one unit can take
  // The last level of cache, and memory; 0: there is no such cache
  double cache_bytes, cache_bytes_per_second, cache_ns;
  double memory_bytes_per_second, memory_ns;
  int conflict_latency;  // cycles that a miss of the L2 may take when its addresses fall on few channels
  // Clocks: the highest, and the one that the power limit leaves when the matrix units are always busy
  double clock, clock_of_matrix;
};

// The row of a card, or null.
const parameters* find_parameters(const target_info& target);

}  // namespace hipemu::timing
