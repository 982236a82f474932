// SPDX-License-Identifier: Apache-2.0
#include "machine/wave.h"

#include <cfenv>
#include <mutex>

#include "operations/lanes.h"

namespace hipemu {
namespace {

// Where the hardware shows LDS and scratch to flat instructions: apertures of 4 GiB.
constexpr uint64_t shared_aperture = uint64_t{1} << 48, private_aperture = uint64_t{2} << 48,
                   aperture_bytes = uint64_t{1} << 32;

defined_lanes everywhere(uint32_t bits) {
  return {(bits & 0xffff) == 0xffff ? ~uint64_t{0} : 0, bits >> 16 == 0xffff ? ~uint64_t{0} : 0};
}

uint64_t blend(uint64_t old, uint64_t value, uint64_t active) {
  return (old & ~active) | (value & active);
}

// Register files are so large that malloc would fetch each from the kernel, page by page, for every launch.
class register_files {
 public:
  uint32_t* take() {
    const std::lock_guard lock(mutex_);
    if (spare_.empty()) return static_cast<uint32_t*>(operator new[](wave::register_bytes, std::align_val_t{64}));
    uint32_t* file = spare_.back();
    spare_.pop_back();
    return file;
  }
  void give(uint32_t* file) {
    const std::lock_guard lock(mutex_);
    if (spare_.size() < kept) return spare_.push_back(file);
    operator delete[](file, std::align_val_t{64});
  }

 private:
  static constexpr size_t kept = 256;
  std::mutex mutex_;
  std::vector<uint32_t*> spare_;
};
register_files& all_register_files() {
  static register_files& all = *new register_files;  // waves may go after static objects
  return all;
}

}  // namespace

void wave::give_back::operator()(uint32_t* file) const {
  all_register_files().give(file);
}

wave::wave(workgroup& g, launch_state& l, int wave_lanes)
    : group(g),
      launch(l),
      target(l.target),
      lanes(wave_lanes),
      all_lanes(wave_lanes == 64 ? ~uint64_t{0} : 0xffffffff),
      registers(all_register_files().take()),
      defined(new defined_lanes[512]()) {}

scalar_source read_scalar(const wave& w, const operand& x) {
  if (x.is == operand::scalar) {
    if (x.index == sreg::null) return {};
    scalar_source one{w.s[x.index], w.s_defined[x.index] | ~uint64_t{0xffffffff}};
    if (x.words > 1) {
      one.x |= static_cast<uint64_t>(w.s[x.index + 1]) << 32;
      one.defined = w.s_defined[x.index] | static_cast<uint64_t>(w.s_defined[x.index + 1]) << 32;
    }
    return one;
  }
  if (x.is == operand::constant) return {x.bits, ~uint64_t{0}};
  if (x.is == operand::special) {
    const uint64_t vcc = w.s[sreg::vcc] | static_cast<uint64_t>(w.s[sreg::vcc + 1]) << 32;
    switch (static_cast<special_value>(x.index)) {
      case special_value::scc:
        return {w.scc, w.scc_defined ? ~uint64_t{0} : 0};
      case special_value::vccz:
        return {(vcc & w.all_lanes) == 0, ~uint64_t{0}};
      case special_value::execz:
        return {w.exec() == 0, ~uint64_t{0}};
      case special_value::shared_base:
        return {shared_aperture, ~uint64_t{0}};
      case special_value::shared_limit:
        return {shared_aperture + aperture_bytes - 1, ~uint64_t{0}};
      case special_value::private_base:
        return {private_aperture, ~uint64_t{0}};
      case special_value::private_limit:
        return {private_aperture + aperture_bytes - 1, ~uint64_t{0}};
      default:
        break;
    }
  }
  throw fault(fault_kind::unimplemented, "a scalar operand of this kind");
}

void write_scalar(wave& w, const operand& x, uint64_t value, int words, uint64_t defined) {
  if (x.is != operand::scalar) throw fault(fault_kind::unimplemented, "a scalar destination of this kind");
  if (x.index == sreg::null) return;
  for (int n = 0; n < words; ++n) {
    w.s[x.index + n] = static_cast<uint32_t>(value >> 32 * n);
    w.s_defined[x.index + n] = static_cast<uint32_t>(defined >> 32 * n);
  }
  if (x.index + words > sreg::exec && x.index < sreg::exec + 2) {
    need_defined(w, w.s_defined[sreg::exec] | static_cast<uint64_t>(w.s_defined[sreg::exec + 1]) << 32, w.all_lanes,
                 "EXEC");
    w.set_exec(w.exec() & w.all_lanes);
  }
}

void bad_operand(const instruction& i, int index) {
  throw fault(fault_kind::unimplemented,
              i.name + ": operand " + std::to_string(index) + " is of a kind that it is not implemented with");
}

void need_defined(const wave& w, uint64_t defined, uint64_t needed, const char* what) {
  const uint64_t missing = needed & ~defined;
  if (!missing || !w.launch.check.undefined) return;
  throw fault(fault_kind::undefined_value, std::string(what) + " depends on a value that nothing wrote",
              __builtin_ctzll(missing));
}

void set_host_rounding(uint8_t mode) {
  constexpr int host[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  std::fesetround(host[mode & 3]);
}

const uint32_t* vector_operation::words(const operand& x, int k, lane_buffer<uint32_t>& room, int n, int bits) {
  const uint32_t* from;
  defined_lanes defined;
  if (x.is == operand::vector) {
    if (n >= x.words) bad_operand(i, k == no_source ? 0 : i.destinations + k);
    from = w.v(x.index + n);
    defined = w.defined[x.index + n];
  } else {
    uint32_t value;
    if (x.is == operand::constant) {
      value = static_cast<uint32_t>(n ? constant_bits<uint64_t>(x) >> 32 : constant_bits<uint32_t>(x));
      defined = everywhere(~0u);
    } else {
      const scalar_source s = read_scalar(w, x);
      value = static_cast<uint32_t>(s.x >> 32 * n);
      defined = everywhere(static_cast<uint32_t>(s.defined >> 32 * n));
      if (bits == 16) defined.high = defined.low;
    }
    for (int l = 0; l < lanes_max; ++l) room.x[l] = value;
    from = room.x;
  }
  if (k == 0 && i.dpp != dpp_kind::none) {
    lane_buffer<uint32_t> moved;
    dpp(from, moved.x, defined);
    std::memcpy(room.x, moved.x, sizeof(moved.x));
    from = room.x;
  }
  if (i.sdwa && k < 2) {
    sdwa(x, i.source_select[k], from, room.x, defined, bits == 16 || bits == 33);
    from = room.x;
  }
  def = def & defined;
  return from;
}

void vector_operation::dpp(const uint32_t* x, uint32_t* to, defined_lanes& defined) {
  const dpp_pattern& p = *i.lanes_from;
  const auto moved = [&](uint64_t bits) {
    uint64_t r = 0;
    for (int l = 0; l < w.lanes; ++l) r |= (bits >> p.from[l] & 1) << l;
    return r;
  };
  const uint64_t valid = i.fetch_inactive || w.exec() == w.all_lanes ? p.inside : p.inside & moved(w.exec());
  for (int c = 0; c < w.lanes; c += 32) {
    const uint32_t bits = static_cast<uint32_t>(valid >> c);
#pragma GCC ivdep
    for (int l = 0; l < 32; ++l) to[c + l] = bits >> l & 1 ? x[p.from[c + l]] : 0;
  }
  if ((defined.low & defined.high) != ~uint64_t{0})
    defined = {moved(defined.low) | ~valid, moved(defined.high) | ~valid};
  active &= p.written & (i.bound_ctrl ? ~uint64_t{0} : valid);
}

void vector_operation::sdwa(const operand& x, sdwa_select select, const uint32_t* from, uint32_t* to,
                            defined_lanes& defined, bool floating) {
  static_cast<void>(floating);
  const int s = static_cast<int>(select);
  if (select == sdwa_select::dword) {
    if (from != to) std::memcpy(to, from, sizeof(uint32_t) * lanes_max);
    return;
  }
  const bool byte = s < 4;
  const int shift = byte ? 8 * s : 16 * (s - 4);
  const uint32_t mask = byte ? 0xff : 0xffff, sign = byte ? 0x80 : 0x8000;
  const uint32_t extend = x.sign_extend ? sign : 0;
  each_lane(w.lanes, to, [=](uint32_t b) { return ((b >> shift & mask) ^ extend) - extend; }, from);
  const uint64_t part = shift < 16 ? defined.low : defined.high;
  defined = {part, part};
}

void vector_operation::store(const operand& to, const uint32_t* x, defined_lanes d, int n) {
  if (to.is != operand::vector || n >= to.words) bad_operand(i, 0);
  uint32_t* row = w.v(to.index + n);
  lane_buffer<uint32_t> merged;
  if (i.sdwa && i.dst_select != sdwa_select::dword) {
    const int s = static_cast<int>(i.dst_select);
    const bool byte = s < 4;
    const int shift = byte ? 8 * s : 16 * (s - 4);
    const uint32_t mask = byte ? 0xff : 0xffff;
    const sdwa_unused unused = i.dst_unused;
    each_lane(
        w.lanes, merged.x,
        [=](uint32_t value, uint32_t old) -> uint32_t {
          const uint32_t part = (value & mask) << shift;
          if (unused == sdwa_unused::preserve) return (old & ~(mask << shift)) | part;
          if (unused == sdwa_unused::pad) return part;
          // sext: the bits above repeat the part's sign, those below are zero
          return part | (value >> (byte ? 7 : 15) & 1 ? ~((mask << shift) | ((uint32_t{1} << shift) - 1)) : 0);
        },
        x, row);
    x = merged.x;
    if (unused == sdwa_unused::preserve) {
      const uint64_t all = d.low & d.high;
      const defined_lanes old = w.defined[to.index + n];
      d = {shift < 16 ? all & (byte ? old.low : ~uint64_t{0}) : old.low,
           shift >= 16 ? all & (byte ? old.high : ~uint64_t{0}) : old.high};
    }
  }
  defined_lanes& def_row = w.defined[to.index + n];
  if (active == w.all_lanes) {
    std::memcpy(row, x, sizeof(uint32_t) * static_cast<size_t>(w.lanes));
    def_row = d;
    return;
  }
  for (int c = 0; c < w.lanes; c += 32) {
    const uint32_t bits = static_cast<uint32_t>(active >> c);
#pragma GCC ivdep
    for (int l = 0; l < 32; ++l) row[c + l] = bits >> l & 1 ? x[c + l] : row[c + l];
  }
  def_row = {blend(def_row.low, d.low, active), blend(def_row.high, d.high, active)};
}

void vector_operation::to_half(const float* r, uint32_t* bits) {
  half_bits(w.lanes, r, bits);
  // MODE.FP16_OVFL: what was finite stays finite.
  if (w.mode.fp16_overflow) {
    each_lane(
        w.lanes, bits,
        [](uint32_t b, float x) {
          return (b & 0x7fff) == 0x7c00 && std::fabs(x) < std::numeric_limits<float>::infinity() ? b - 1 : b;
        },
        bits, r);
  }
  if (!denormals_kept(false, true))
    each_lane(w.lanes, bits, [](uint32_t b) { return b & 0x7c00 ? b : b & 0x8000; }, bits);
}

// 16-bit results go to one half of the register. gfx10 and later keep the other half; gfx9 clears the upper half when
// the lower is written, but for the operations that it was the first to have.
void vector_operation::store_half(const operand& to, const uint32_t* x, defined_lanes d) {
  const bool high = to.high || (i.op_sel_count > sources() && i.op_sel >> sources() & 1);
  store_half(to, x, d, high, high || i.keeps_other_half);
}

void vector_operation::store_half(const operand& to, const uint32_t* x, defined_lanes d, bool high, bool keep_other) {
  if (to.is != operand::vector) bad_operand(i, 0);
  if (i.sdwa) return store(to, x, d);
  const uint32_t* row = w.v(to.index);
  const defined_lanes old = w.defined[to.index];
  lane_buffer<uint32_t> merged;
  if (high) {
    each_lane(w.lanes, merged.x, [](uint32_t h, uint32_t o) { return h << 16 | (o & 0xffff); }, x, row);
    return store(to, merged.x, {old.low, d.low});
  }
  if (!keep_other) return store(to, x, {d.low, ~uint64_t{0}});
  each_lane(w.lanes, merged.x, [](uint32_t h, uint32_t o) { return h | (o & 0xffff0000); }, x, row);
  store(to, merged.x, {d.low, old.high});
}

void vector_operation::store_mask(const operand& to, uint64_t mask) {
  mask &= active;
  const uint64_t defined = (def.low & def.high) | ~active;
  write_scalar(w, to, mask, w.wave64() ? 2 : 1, defined);
}

}  // namespace hipemu
