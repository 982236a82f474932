// SPDX-License-Identifier: Apache-2.0
// The GPUs that can be emulated: a card for each target, figures as published.
#include "machine/target.h"

namespace hipemu {
namespace {

constexpr uint64_t kib = 1024, gib = kib * kib * kib;
using enum generation;

// clang-format off
constexpr target_info targets[] = {
    // name, features, generic, card, generation, wave, CUs, SIMDs, LDS, banks, registers, memory, bytes/s, Hz, FNUZ
    {"gfx90a", ":sramecc+:xnack-", "", "AMD Instinct MI210", cdna2,
     64, 104, 4, 64 * kib, 32, 512, 64 * gib, 1.64e12, 1.7e9, false},
    {"gfx942", ":sramecc+:xnack-", "gfx9-4-generic", "AMD Instinct MI300X", cdna3,
     64, 304, 4, 64 * kib, 32, 512, 192 * gib, 5.3e12, 2.1e9, true},
    {"gfx950", ":sramecc+:xnack-", "gfx9-4-generic", "AMD Instinct MI355X", cdna4,
     64, 256, 4, 160 * kib, 64, 512, 288 * gib, 8.0e12, 2.4e9, false},
    // RDNA's LDS has twice as many banks, shared by two compute units: half of them serve each.
    {"gfx1100", "", "gfx11-generic", "AMD Radeon RX 7900 XTX", rdna3,
     32, 96, 2, 64 * kib, 32, 1536, 24 * gib, 0.96e12, 2.5e9, false},
    {"gfx1201", "", "gfx12-generic", "AMD Radeon RX 9070 XT", rdna4,
     32, 64, 2, 64 * kib, 32, 1536, 16 * gib, 0.64e12, 2.97e9, false},
};
// clang-format on

}  // namespace

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
