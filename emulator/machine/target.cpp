// SPDX-License-Identifier: Apache-2.0
// The GPUs that can be emulated: a card for each target, figures as published.
#include "machine/target.h"

namespace hipemu {
namespace {

constexpr int kib = 1024, mib = 1024 * kib;
constexpr uint64_t gib = 1 << 30;
using enum generation;

// clang-format off
constexpr target_info targets[] = {
    // name, features, generic, card, generation, wave, CUs, SIMDs, LDS, banks, registers, L2, bus, memory, bytes/s, Hz, FNUZ
    {"gfx906", ":sramecc+:xnack-", "gfx9-generic", "AMD Instinct MI50", gcn5,
     64, 60, 4, 64 * kib, 32, 256, 4 * mib, 4096, 16 * gib, 1.024e12, 1.725e9, false},
    {"gfx908", ":sramecc+:xnack-", "", "AMD Instinct MI100", cdna1,
     64, 120, 4, 64 * kib, 32, 512, 8 * mib, 4096, 32 * gib, 1.23e12, 1.502e9, false},
    {"gfx90a", ":sramecc+:xnack-", "", "AMD Instinct MI210", cdna2,
     64, 104, 4, 64 * kib, 32, 512, 8 * mib, 4096, 64 * gib, 1.64e12, 1.7e9, false},
    {"gfx942", ":sramecc+:xnack-", "gfx9-4-generic", "AMD Instinct MI300X", cdna3,
     64, 304, 4, 64 * kib, 32, 512, 4 * mib, 8192, 192 * gib, 5.3e12, 2.1e9, true},
    {"gfx950", ":sramecc+:xnack-", "gfx9-4-generic", "AMD Instinct MI355X", cdna4,
     64, 256, 4, 160 * kib, 64, 512, 4 * mib, 8192, 288 * gib, 8.0e12, 2.4e9, false},
    // RDNA's LDS has twice as many banks, shared by two compute units: half of them serve each.
    {"gfx1030", "", "gfx10-3-generic", "AMD Radeon RX 6800 XT", rdna2,
     32, 72, 2, 64 * kib, 32, 1024, 4 * mib, 256, 16 * gib, 0.512e12, 2.25e9, false},
    {"gfx1100", "", "gfx11-generic", "AMD Radeon RX 7900 XTX", rdna3,
     32, 96, 2, 64 * kib, 32, 1536, 6 * mib, 384, 24 * gib, 0.96e12, 2.5e9, false},
    {"gfx1151", "", "gfx11-generic", "AMD Radeon 8060S", rdna3,
     32, 40, 2, 64 * kib, 32, 1536, 2 * mib, 256, 96 * gib, 0.256e12, 2.9e9, false},
    {"gfx1200", "", "gfx12-generic", "AMD Radeon RX 9060 XT", rdna4,
     32, 32, 2, 64 * kib, 32, 1536, 4 * mib, 128, 16 * gib, 0.32e12, 3.13e9, false},
    {"gfx1201", "", "gfx12-generic", "AMD Radeon RX 9070 XT", rdna4,
     32, 64, 2, 64 * kib, 32, 1536, 8 * mib, 256, 16 * gib, 0.64e12, 2.97e9, false},
};
// clang-format on

}  // namespace

std::span<const target_info> all_targets() {
  return targets;
}

const target_info* find_target(std::string_view name) {
  for (const target_info& t : targets)
    if (t.name == name) return &t;
  return nullptr;
}

std::string target_names() {
  std::string names;
  for (const target_info& t : targets) names += (names.empty() ? "" : ", ") + std::string(t.name);
  return names;
}

}  // namespace hipemu
