// SPDX-License-Identifier: Apache-2.0
// Buffer instructions (MUBUF, VBUFFER): addresses from a resource of four SGPRs, with its range check and swizzle.
// AMD's ISA manuals, "Vector Memory Buffer Instructions"; for gfx9's range check, which the manual gives in part: records
// are strides if the instruction has an index and the resource a stride, else bytes.
#include "operations/vector_memory.h"

namespace hipemu {
namespace {

struct buffer_resource {
  uint64_t base;
  uint32_t stride, records, index_stride, element_bytes;
  bool swizzled, adds_lane;
  uint8_t check;  // gfx10 and later: OOB_SELECT
};

buffer_resource read_resource(const wave& w, const instruction& i, int index) {
  const operand& x = i.x(index);
  if (x.is != operand::scalar || x.words != 4) bad_operand(i, index);
  uint32_t defined = ~0u;
  for (int n = 0; n < 4; ++n) defined &= w.s_defined[x.index + n];
  need_defined(w, defined == ~0u ? ~uint64_t{0} : 0, w.exec(), "the buffer resource");
  const uint32_t* r = w.s + x.index;
  buffer_resource b;
  b.base = r[0] | static_cast<uint64_t>(r[1] & 0xffff) << 32;
  b.stride = r[1] >> 16 & 0x3fff;
  b.records = r[2];
  b.index_stride = 8u << (r[3] >> 21 & 3);
  b.adds_lane = r[3] >> 23 & 1;
  if (w.target.gen < generation::rdna3) {
    b.swizzled = r[1] >> 31;
    b.element_bytes = 4;
  } else {
    b.swizzled = r[1] >> 30;
    b.element_bytes = 2u << (r[1] >> 30);
  }
  if (w.target.cdna() && b.adds_lane) b.stride |= (r[3] >> 15 & 0xf) << 14;  // where the format would be
  b.check = w.target.cdna() ? 0 : r[3] >> 28 & 3;
  return b;
}

// The addresses of one instruction. `vaddr` is the index of its address operand: resource and scalar offset follow.
class buffer_lanes {
 public:
  buffer_lanes(const wave& w, const instruction& i, int vaddr)
      : w_(w), i_(i), resource_(read_resource(w, i, vaddr + 1)), exec_(w.exec()) {
    if (i.tfe) throw fault(fault_kind::unimplemented, i.name + " with tfe");
    const scalar_source s = read_scalar(w, i.x(vaddr + 2));
    need_defined(w, s.defined == ~uint64_t{0} ? ~uint64_t{0} : 0, exec_, "the buffer's scalar offset");
    scalar_offset_ = static_cast<uint32_t>(s.x);
    const operand& v = i.x(vaddr);
    if (v.is == operand::off && !i.idxen && !i.offen) return;
    if (v.is != operand::vector || v.words != i.idxen + i.offen) bad_operand(i, vaddr);
    for (int n = 0; n < v.words; ++n)
      need_defined(w, w.defined[v.index + n].low & w.defined[v.index + n].high, exec_, "the buffer's index or offset");
    if (i.idxen) index_ = const_cast<wave&>(w).v(v.index);
    if (i.offen) offset_ = const_cast<wave&>(w).v(v.index + i.idxen);
  }

  // Keeps index and offset, for loads may write the registers that hold them word by word.
  void keep_registers() {
    for (auto& [from, copy] : {std::pair{&index_, kept_}, std::pair{&offset_, kept_ + lanes_max}}) {
      if (!*from) continue;
      std::copy_n(*from, w_.lanes, copy);
      *from = copy;
    }
  }

  // Consecutive words of a lane are not consecutive in memory.
  bool scattered() const { return resource_.swizzled; }

  // Where the lanes' bytes at `further` begin, `bytes` of which are wanted; a.active: the lanes that are in range.
  void addresses(int further, int bytes, lane_addresses& a) const {
    const buffer_resource& b = resource_;
    a.active = 0;
    if (b.swizzled && b.element_bytes == 4) a.word_stride = 4 * b.index_stride;
    for (int l = 0; l < w_.lanes; ++l) {
      const uint64_t index = (index_ ? index_[l] : 0) + static_cast<uint64_t>(b.adds_lane ? l : 0);
      const uint64_t offset = (offset_ ? offset_[l] : 0) + static_cast<uint64_t>(i_.offset + further);
      uint64_t at;
      if (b.swizzled) {
        const uint64_t row = index / b.index_stride, column = index % b.index_stride;
        at = (row * b.stride + offset / b.element_bytes * b.element_bytes) * b.index_stride + column * b.element_bytes +
             offset % b.element_bytes;
      } else {
        at = index * b.stride + offset;
      }
      a.x[l] = b.base + scalar_offset_ + at;
      a.active |= static_cast<uint64_t>(in_range(index, offset, at, static_cast<uint64_t>(bytes))) << l;
    }
    a.active &= exec_;
  }

 private:
  bool in_range(uint64_t index, uint64_t offset, uint64_t at, uint64_t bytes) const {
    const buffer_resource& b = resource_;
    const uint64_t left = b.records > scalar_offset_ ? b.records - scalar_offset_ : 0;
    if (w_.target.cdna()) return i_.idxen && b.stride ? index < b.records : at < left;
    switch (b.check) {
      case 0:
        return index < b.records && offset + bytes <= b.stride;
      case 1:
        return index < b.records;
      case 2:
        return b.records != 0;
      default:
        return b.swizzled && b.stride ? index < left && offset + bytes <= b.stride : offset + bytes <= left;
    }
  }

  const wave& w_;
  const instruction& i_;
  buffer_resource resource_;
  uint64_t exec_;
  uint32_t scalar_offset_ = 0;
  const uint32_t *index_ = nullptr, *offset_ = nullptr;
  uint32_t kept_[2 * lanes_max];
};

// What lanes out of range read.
lane_bytes zeros(uint64_t active) {
  alignas(64) static uint8_t bytes[16] = {};
  lane_bytes z;
  z.bytes = bytes;
  z.active = active;
  std::fill(std::begin(z.at), std::end(z.at), 0);
  return z;
}

// Calls f(bytes of lanes, first word) for the whole of an access if it can be had as one, else for each of its words.
template <int Bytes, class F>
void access(wave& w, buffer_lanes& lanes, access_kind kind, F&& f) {
  constexpr int words = (Bytes + 3) / 4;
  lane_addresses a;
  if (words > 1 && !lanes.scattered()) {
    lanes.addresses(4 * (words - 1), 4, a);
    const uint64_t last = a.active;
    lanes.addresses(0, 4, a);
    if (a.active == w.exec() && last == w.exec()) {
      for (device_access part(w, a, Bytes, kind); part.next();) f(part.here, 0, words);
      return;
    }
  }
  if (words > 1 && kind == access_kind::load) lanes.keep_registers();
  for (int n = 0; n < words; ++n) {
    constexpr int bytes = Bytes < 4 ? Bytes : 4;
    lanes.addresses(4 * n, bytes, a);
    const uint64_t outside = w.exec() & ~a.active;
    for (device_access part(w, a, bytes, kind); part.next();) f(part.here, n, 1);
    if (outside && kind == access_kind::load) f(zeros(outside), n, 1);
  }
}

struct buffer {
  template <access_shape S>
  static void load(wave& w, const instruction& i) {
    if (!w.exec()) return;
    // Direct to LDS there are no data registers.
    buffer_lanes lanes(w, i, i.lds ? 0 : 1);
    uint32_t rows[4 * lanes_max];
    defined_lanes defined[4];
    const operand& to = i.lds ? i.x(0) : data_registers(i, 0, S.words());
    uint32_t* row = i.lds ? rows : w.v(to.index);
    defined_lanes* d = i.lds ? defined : &w.defined[to.index];
    constexpr access_shape word = S.bytes > 4 ? access_shape{4} : S;
    access<S.bytes>(w, lanes, access_kind::load, [&](const lane_bytes& from, int n, int words) {
      if (words == S.words())
        gather<S>(w, row, d, from);
      else
        gather<word>(w, row + n * lanes_max, d + n, from);
    });
    if (i.lds) rows_to_lds<S>(w, i, w.exec(), rows, defined);
  }

  template <access_shape S>
  static void store(wave& w, const instruction& i) {
    if (!w.exec()) return;
    buffer_lanes lanes(w, i, 1);
    const operand& from = data_registers(i, 0, S.words());
    constexpr access_shape word = S.bytes > 4 ? access_shape{4} : S;
    access<S.bytes>(w, lanes, access_kind::store, [&](const lane_bytes& to, int n, int words) {
      if (words == S.words())
        store_lanes<S>(w, from, to);
      else
        store_lanes<word>(w, from, to, n);
    });
  }

  // All or nothing is in range.
  template <class T, auto F>
  static void atomic(wave& w, const instruction& i) {
    if (!w.exec()) return;
    const buffer_lanes lanes(w, i, 1);
    if (lanes.scattered()) throw fault(fault_kind::unimplemented, i.name + " on a swizzled buffer");
    lane_addresses a;
    lanes.addresses(0, sizeof(T), a);
    const uint64_t outside = w.exec() & ~a.active;
    for (device_access part(w, a, sizeof(T), access_kind::atomic); part.next();)
      atomic_lanes<T, F>(w, i, 0, false, part.here);
    if (!i.glc || !outside) return;
    const operand& to = i.x(0);
    gather<access_shape{sizeof(T)}>(w, w.v(to.index), &w.defined[to.index], zeros(outside));
  }
};

}  // namespace

void add_buffer_operations(operation_table& table) {
  using enum instruction_class;
  table.add("buffer_", load_rows<buffer>, vmem_load, 1);
  table.add("buffer_", store_rows<buffer>, vmem_store, 0);
  table.add("buffer_", atomic_rows_of<buffer>, vmem_atomic, 0);
}

}  // namespace hipemu
