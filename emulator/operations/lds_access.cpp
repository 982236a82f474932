// SPDX-License-Identifier: Apache-2.0
#include "operations/lds_access.h"

#include <algorithm>
#include <string>

#include "machine/program.h"

namespace hipemu {
namespace {

constexpr int wave_bits = 6, wave_at = 32, atomic_at = wave_at + wave_bits, time_at = atomic_at + 1;

constexpr int wave_of(uint64_t stamp) {
  return static_cast<int>(stamp >> wave_at & ((1 << wave_bits) - 1));
}
constexpr bool is_atomic(uint64_t stamp) {
  return stamp >> atomic_at & 1;
}

// The stamps of each word become those of each of its parts.
void split_units(lds_memory& lds, int shift) {
  const size_t parts = size_t{1} << (lds.unit_shift - shift);
  for (auto* stamps : {&lds.written, &lds.read, &lds.other_read}) {
    std::vector<uint64_t> units(stamps->size() * parts);
    for (size_t n = 0; n < units.size(); ++n) units[n] = (*stamps)[n / parts];
    *stamps = std::move(units);
  }
  lds.unit_shift = shift;
}

// An access happens before one of another wave only if that wave has since passed a barrier which the first wave
// signalled after its access. Two that are not ordered so race, unless both read or both are atomics.
class race_check {
 public:
  race_check(const wave& w, const instruction& i, access_kind kind, lds_memory& lds)
      : w_(w),
        kind_(kind),
        id_(static_cast<uint64_t>(w.id)),
        stamp_(static_cast<uint64_t>(w.signals + 1) << time_at |
               static_cast<uint64_t>(kind == access_kind::atomic) << atomic_at | id_ << wave_at | (i.next - 1)),
        unordered_(static_cast<uint64_t>(w.waits + 1) << time_at),
        written_(lds.written.data()),
        read_(lds.read.data()),
        other_read_(lds.other_read.data()) {}

  // `Count` neighbouring units; 0: as many as `count` says. False if one races; nothing is noted then.
  template <size_t Count>
  bool touch(size_t first, size_t count = Count) const {
    uint64_t *written = written_ + first, *read = read_ + first, *other = other_read_ + first;
    if constexpr (Count != 0) count = Count;
    uint64_t races = 0;
    if (kind_ == access_kind::load) {
      for (size_t n = 0; n < count; ++n) races |= conflicts(written[n]);
      if (races) return false;
#pragma GCC ivdep
      for (size_t n = 0; n < count; ++n) {
        // The last reader of all, and the last of another wave.
        const uint64_t last = read[n], before = other[n];
        const bool is_own = is_of_this_wave(last), is_last = is_own | (stamp_ >= last);
        const uint64_t own_or_later = stamp_ > before || is_of_this_wave(before) ? stamp_ : before;
        other[n] = is_own ? before : is_last ? last : own_or_later;
        read[n] = is_last ? stamp_ : last;
      }
      return true;
    }
    const uint64_t atomics = kind_ == access_kind::atomic ? uint64_t{1} << atomic_at : 0;
    for (size_t n = 0; n < count; ++n)
      races |= (conflicts(written[n]) & !(written[n] & atomics)) | conflicts(read[n]) | conflicts(other[n]);
    if (races) return false;
    // Whoever races with the reads before will race with this write as well.
#pragma GCC ivdep
    for (size_t n = 0; n < count; ++n) {
      written[n] = stamp_;
      read[n] = other[n] = 0;
    }
    return true;
  }

  // Whether all that a write to the unit races with is an earlier write.
  bool races_with_write_only(size_t unit) const {
    return kind_ == access_kind::store && !is_atomic(written_[unit]) && !conflicts(read_[unit]) &&
           !conflicts(other_read_[unit]);
  }
  void note_write(size_t unit) const { written_[unit] = stamp_; }

  [[noreturn]] void report(size_t unit, uint32_t address, int lane) const {
    const bool by_writer = conflicts(written_[unit]) && !(kind_ == access_kind::atomic && is_atomic(written_[unit]));
    const uint64_t other = by_writer ? written_[unit] : conflicts(read_[unit]) ? read_[unit] : other_read_[unit];
    const program& code = w_.launch.code;
    throw fault(fault_kind::lds_race,
                "LDS word at offset " + std::to_string(address & ~3u) + ": wave " + std::to_string(id_) + " runs \"" +
                    code.text(code[static_cast<uint32_t>(stamp_)]) + "\", wave " + std::to_string(wave_of(other)) +
                    " ran \"" + code.text(code[static_cast<uint32_t>(other)]) + "\", and no barrier stands between",
                lane);
  }

 private:
  bool is_of_this_wave(uint64_t stamp) const { return ((stamp >> wave_at ^ id_) & ((1 << wave_bits) - 1)) == 0; }
  uint64_t conflicts(uint64_t stamp) const { return (stamp >= unordered_) & !is_of_this_wave(stamp); }

  const wave& w_;
  const access_kind kind_;
  const uint64_t id_, stamp_, unordered_;
  uint64_t *const written_, *const read_, *const other_read_;
};

// Whether the lane stores into the unit what stands there.
bool stores_the_same(const lds_memory& lds, const stored_rows& stored, uint32_t address, int bytes, uint32_t unit,
                     int lane) {
  if (!stored.row) return false;
  const uint32_t begin = std::max(address, unit << lds.unit_shift);
  const uint32_t end = std::min(address + static_cast<uint32_t>(bytes), (unit + 1) << lds.unit_shift);
  for (uint32_t at = begin; at < end; ++at)
    if (!lds.defined[at] || lds.bytes[at] != stored.byte(lane, at - address)) return false;
  return true;
}

template <size_t Count>
void check_each(const race_check& check, const lds_memory& lds, const lds_addresses& a, int bytes,
                const stored_rows& stored) {
  const int shift = lds.unit_shift;
  uint32_t before = ~0u;
  each_bit(a.active, [&](int l) {
    if (a.x[l] == before) return;  // lanes that read the same
    before = a.x[l];
    const uint32_t first = a.x[l] >> shift, last = (a.x[l] + static_cast<uint32_t>(bytes) - 1) >> shift;
    if (check.touch<Count>(first, last - first + 1)) [[likely]]
      return;
    for (uint32_t unit = first; unit <= last; ++unit) {
      if (check.touch<1>(unit)) continue;
      if (!check.races_with_write_only(unit) || !stores_the_same(lds, stored, a.x[l], bytes, unit, l))
        check.report(unit, unit << shift, l);
      check.note_write(unit);
    }
  });
}

// `words`: the lanes have whole words; `consecutive`: which follow on each other.
void check_races(wave& w, const instruction& i, const lds_addresses& a, int bytes, access_kind kind, bool words,
                 bool consecutive, const stored_rows& stored) {
  lds_memory& lds = w.group.lds;
  if (w.group.waves.size() == 1 || !w.launch.check.races) return;
  if (const int shift = bytes == 1 ? 0 : bytes == 2 ? 1 : 2; shift < lds.unit_shift && kind != access_kind::load)
    split_units(lds, shift);
  const race_check check(w, i, kind, lds);
  const int shift = lds.unit_shift;
  if (words && consecutive && check.touch<0>(a.x[0] >> shift, static_cast<size_t>(w.lanes * bytes) >> shift)) return;
  const int units = words && shift == 2 ? bytes / 4 : 0;
  if (units == 1) return check_each<1>(check, lds, a, bytes, stored);
  if (units == 2) return check_each<2>(check, lds, a, bytes, stored);
  if (units == 4) return check_each<4>(check, lds, a, bytes, stored);
  check_each<0>(check, lds, a, bytes, stored);
}

// Bank conflicts. An instruction is served in groups of lanes, a group a cycle if no bank has to give two of its words.
// Groups and banks as AMD publishes them for CDNA (Composable Kernel's documentation, "LDS bank conflicts": 32 banks;
// reads of 128 bits take lanes 0-3 with 20-23, 4-7 with 16-19 and so on; everything else takes neighbours). gfx950 reads
// through 64 banks, so that two such groups become one, and writes through 32. For RDNA nothing is published: neighbours.
struct bank_groups {
  int banks, group;  // lanes of a group
  bool crossed;
};

bank_groups groups_for(const target_info& t, int bytes, access_kind kind) {
  const int banks = t.gen == generation::cdna4 && kind != access_kind::load ? 32 : t.lds_banks;
  const int words = std::max(1, bytes / 4);
  return {banks, std::min(64, banks / (words == 3 ? 4 : words)), t.cdna() && kind == access_kind::load && words > 2};
}

// The lane that comes n-th, where reads of 96 and 128 bits cross.
int crossed_lane(int n) {
  constexpr uint8_t quads[8] = {0, 5, 1, 4, 2, 7, 3, 6};  // groups of eight lanes: 0-3 with 20-23, ...
  constexpr uint8_t order[8] = {0, 1, 6, 7, 2, 3, 4, 5};  // pairs of groups that 64 banks serve at once
  return (n & 32) + quads[order[(n & 31) / 4]] * 4 + (n & 3);
}

void count_cycles(wave& w, const lds_addresses& a, int bytes, access_kind kind, bool consecutive) {
  const bank_groups g = groups_for(w.target, bytes, kind);
  const int words = std::max(1, bytes / 4);
  // What is as wide as aligned goes by its own width: banks of 4, 8 or 16 bytes. The rest goes word by word.
  uint32_t bits = 0;
  for (int l = 0; l < w.lanes; ++l) bits |= a.x[l];
  const bool wide = words > 1 && words != 3 && !(bits & (static_cast<uint32_t>(bytes) - 1));
  const int shift = wide ? (words == 2 ? 3 : 4) : 2, pieces = wide ? 1 : words;
  if (consecutive && (wide || words == 1)) {
    w.group.count.lds_cycles += static_cast<uint64_t>((w.lanes + g.group - 1) / g.group);
    return;
  }
  const uint32_t bank_mask = (static_cast<uint32_t>(g.banks) >> (shift - 2)) - 1;
  uint64_t cycles = 0, groups = 0;
  uint32_t in_bank[64][64];
  for (int from = 0; from < w.lanes; from += g.group) {
    uint8_t depth[64] = {};
    int worst = 0;
    uint32_t before = ~0u;
    for (int n = from; n < std::min(from + g.group, w.lanes); ++n) {
      const int lane = g.crossed ? crossed_lane(n) : n;
      if (!(a.active >> lane & 1) || a.x[lane] == before) continue;
      before = a.x[lane];
      for (int piece = 0; piece < pieces; ++piece) {
        const uint32_t word = (a.x[lane] >> shift) + static_cast<uint32_t>(piece), bank = word & bank_mask;
        uint32_t* held = in_bank[bank];
        int k = 0;
        while (k < depth[bank] && held[k] != word) ++k;
        if (k < depth[bank]) continue;
        if (k == 64) break;
        held[k] = word;
        worst = std::max<int>(worst, ++depth[bank]);
      }
    }
    cycles += static_cast<uint64_t>(worst);
    groups += worst != 0;
  }
  w.group.count.lds_cycles += cycles;
  w.group.count.lds_conflict_cycles += cycles - groups;
}

}  // namespace

void access_lds(wave& w, const instruction& i, lds_addresses& a, int bytes, access_kind kind, lane_bytes& here,
                stored_rows stored) {
  lds_memory& lds = w.group.lds;
  here.active = a.active;
  if (!a.active) return;
  const uint32_t first = a.x[__builtin_ctzll(a.active)];
  if (a.active != w.all_lanes)
    for (int l = 0; l < w.lanes; ++l) a.x[l] = a.active >> l & 1 ? a.x[l] : first;
  uint32_t low = ~0u, high = 0, bits = 0, strays = 0;
  for (int l = 0; l < w.lanes; ++l) {
    here.at[l] = a.x[l];
    low = std::min(low, a.x[l]);
    high = std::max(high, a.x[l]);
    bits |= a.x[l];
    strays |= a.x[l] ^ (a.x[0] + static_cast<uint32_t>(l * bytes));
  }
  const uint64_t size = lds.bytes.size();
  if (high + static_cast<uint64_t>(bytes) > size) {
    each_bit(a.active, [&](int l) {
      if (a.x[l] + static_cast<uint64_t>(bytes) > size)
        throw fault(fault_kind::out_of_bounds,
                    std::to_string(bytes) + " bytes at LDS offset " + std::to_string(a.x[l]) +
                        ", of a workgroup with " + std::to_string(size) + " bytes of LDS",
                    l);
    });
  }
  const int alignment = kind == access_kind::atomic ? bytes : std::min(bytes, 4);
  // As in device memory: the unaligned access mode holds here too, but not for atomics.
  if (bits & (static_cast<uint32_t>(alignment) - 1) && (kind == access_kind::atomic || w.launch.check.words))
    need_aligned(w, here.at, a.active, alignment, "LDS offset");
  here.consecutive = a.active == w.all_lanes && !strays;
  check_races(w, i, a, bytes, kind, bytes % 4 == 0 && !(bits & 3), here.consecutive, stored);
  w.group.count.lds_bytes += static_cast<uint64_t>(__builtin_popcountll(a.active)) * static_cast<uint64_t>(bytes);
  count_cycles(w, a, bytes, kind, here.consecutive);
  here.bytes = lds.bytes.data();
  here.defined = lds.defined.data();
  here.carries = true;
  here.word_stride = 4;
  here.lowest = low;
  here.end = high + static_cast<uint64_t>(bytes);
}

}  // namespace hipemu
