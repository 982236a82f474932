// SPDX-License-Identifier: Apache-2.0
// Sources, by their letter in the table:
//   A  AMD: CDNA 2 and 3 white papers, RDNA 3 and 4 product pages, ISA manuals: sizes, widths, counters, peak rates.
//   L  LLVM's scheduling models (SISchedule.td: SIDPGFX942FullSpeedModel, GFX11SpeedModel, GFX12SpeedModel), whose CDNA
//      numbers count slots of four cycles; and its hazard tables (GCNHazardRecognizer.cpp) for matrix results.
//   P  pointer chases and streams on real cards, "GPU benchmark reports" of MI300X VF and MI210 (2025): L1 116 and 124
//      cycles, L2 288 and 302, HBM 900 and 741, LDS 51, scalar cache 48 (miss +124) and 53 (+127).
//   C  Chips and Cheese, "Testing AMD's Giant MI300X" (2024): Infinity Cache 218 ns, 11.9 TB/s.
//   B  BabelStream on ND MI300X v5 (Azure's AI benchmarking guide): copy 4.11, mul 4.26 TB/s.
//   R  a microbenchmark of the RX 7900 XT: LDS 33 cycles and 100 of 128 bytes a cycle, L2 340, DRAM 551; 706-814 GB/s of
//      800, L2 3.25 TB/s.
//   M  AMD, "Measuring Max-Achievable FLOPs, part 2" (2025): MI300X runs dense GEMM at 1115 (fp8) to 1230 MHz.
//   G  a guess: from the neighbouring generation, or from nothing better.
#include "timing/parameters.h"

#include <string_view>

namespace hipemu::timing {
namespace {

constexpr int kib = 1024, mib = 1024 * kib;

// clang-format off
constexpr parameters cdna3{
    .target = "gfx942",
    .compute_units = 1, .simds = 4, .slot = 4, .ports = 1, .waves = 8,  // A
    .valu_result = 0, .wide_result = 0, .double_result = 0, .transcendental_result = 0,  // L: a slot hides them
    .salu_result = 0,                                                                    // L
    .scalar_from_vector = 4,                                                             // G
    .matrix_result = 16,  // L: passes + 3 wait states stand between an MFMA and a reader
    .matrix_beside_valu = true, .transcendental_beside_valu = false,  // A
    .branch_taken = 32, .branch_untaken = 8, .barrier = 8,  // L (8 slots), G, G
    .most_loads = 63, .most_lds = 15,  // A
    .lds_latency = 51, .lds_rate = 1,  // P G
    .lanes_per_cycle = 16, .l1_bytes_per_cycle = 64, .l1_bytes = 32 * kib, .l1_latency = 116,  // A A A P
    .scalar_latency = 48, .scalar_miss = 124,  // P
    .l2_slices = 8, .l2_bytes = 4 * mib, .l2_latency = 288,  // A A P
    .l2_bytes_per_cycle = 2048, .l2_unit_bytes_per_cycle = 64,  // A: 16 channels of 128; A
    .cache_bytes = 256.0 * mib, .cache_bytes_per_second = 11.9e12, .cache_ns = 218,  // A C C
    .memory_bytes_per_second = 4.3e12, .memory_ns = 428,  // B P
    .conflict_latency = 2000,  // what an earlier model needed for GEMM whose rows are 8192 bytes apart, against 500 without
    .clock = 2.1e9, .clock_of_matrix = 1.2e9,  // A M
};

constexpr parameters cdna2() {
  parameters p = cdna3;
  p.target = "gfx90a";
  p.lds_latency = 51;  // G: as gfx942
  p.l1_bytes = 16 * kib;
  p.l1_latency = 124;                        // A P
  p.scalar_latency = 53, p.scalar_miss = 127;  // P
  p.l2_slices = 1, p.l2_bytes = 8 * mib, p.l2_latency = 302;  // A A P
  p.l2_bytes_per_cycle = 4096;                                // A: 32 channels of 128
  p.cache_bytes = p.cache_bytes_per_second = p.cache_ns = 0;  // A
  p.memory_bytes_per_second = 1.3e12, p.memory_ns = 436;      // P
  p.clock = 1.7e9, p.clock_of_matrix = 1.6e9;                 // A G
  return p;
}

constexpr parameters cdna4() {
  parameters p = cdna3;  // G: all latencies as gfx942
  p.target = "gfx950";
  p.memory_bytes_per_second = 6.4e12;          // G: the share of the peak that MI300X reaches
  p.cache_bytes_per_second = 14e12;            // G
  p.clock = 2.4e9, p.clock_of_matrix = 1.6e9;  // A; of published GEMM at 1.6 PFLOP/s of bf16, which needs 1.53 GHz or more
  return p;
}

constexpr parameters rdna3{
    .target = "gfx1100",
    .compute_units = 2, .simds = 4, .slot = 1, .ports = 2, .waves = 16,  // A
    .valu_result = 4, .wide_result = 4, .double_result = 22, .transcendental_result = 6,  // L: latency less the issue cycles
    .salu_result = 1,         // L
    .scalar_from_vector = 4,  // G
    .matrix_result = 4,       // G: as the VALU
    .matrix_beside_valu = false, .transcendental_beside_valu = true,  // A L
    .branch_taken = 32, .branch_untaken = 4, .barrier = 8,  // L G G
    .most_loads = 63, .most_lds = 63,  // A
    .lds_latency = 33, .lds_rate = 100.0 / 128,  // R: 100 bytes a cycle
    .lanes_per_cycle = 32, .l1_bytes_per_cycle = 64, .l1_bytes = 64 * kib, .l1_latency = 116,  // G A A(two of 32) G
    .scalar_latency = 35, .scalar_miss = 124,  // G G
    .l2_slices = 1, .l2_bytes = 6 * mib, .l2_latency = 340,  // A A R
    .l2_bytes_per_cycle = 1536, .l2_unit_bytes_per_cycle = 128,  // R: 3.25 TB/s on 84 CUs near 2.2 GHz; A
    .cache_bytes = 96.0 * mib, .cache_bytes_per_second = 2.9e12, .cache_ns = 180,  // A G(of AMD's 3.5 peak) G
    .memory_bytes_per_second = 0.85e12, .memory_ns = 230,  // R (88 % of the peak) R
    .conflict_latency = 2000,  // G: as gfx942
    .clock = 2.5e9, .clock_of_matrix = 2.5e9,  // A G
};

constexpr parameters rdna4() {
  parameters p = rdna3;  // G: all latencies as gfx1100
  p.target = "gfx1201";
  p.transcendental_result = 5;                                             // L
  p.l2_bytes = 8 * mib, p.l2_bytes_per_cycle = 2048;                       // A G
  p.cache_bytes = 64.0 * mib, p.cache_bytes_per_second = 2.9e12;           // A G
  p.memory_bytes_per_second = 0.57e12;                                     // G: 88 % of the peak
  p.clock = 2.97e9, p.clock_of_matrix = 2.97e9;                            // A G
  return p;
}
// clang-format on

constexpr parameters rows[] = {cdna2(), cdna3, cdna4(), rdna3, rdna4()};

}  // namespace

const parameters* find_parameters(const target_info& target) {
  for (const parameters& row : rows)
    if (std::string_view(row.target) == target.name) return &row;
  return nullptr;
}

}  // namespace hipemu::timing
