// SPDX-License-Identifier: Apache-2.0
// Global, flat and scratch instructions; and the table of all vector memory instructions.
#include "operations/tables.h"
#include "operations/transpose.h"
#include "operations/vector_memory.h"

namespace hipemu {
namespace {

enum class space { global, flat, scratch };

// The register of addresses, or null if there is "off" in its place.
const operand* address_register(const wave& w, const instruction& i, int index, int words) {
  const operand& x = i.x(index);
  if (x.is == operand::off) return nullptr;
  if (x.is != operand::vector || x.words != words) bad_operand(i, index);
  uint64_t defined = ~uint64_t{0};
  for (int n = 0; n < words; ++n) defined &= w.defined[x.index + n].low & w.defined[x.index + n].high;
  need_defined(w, defined, w.exec(), "the address");
  return &x;
}

// The scalar part of the address: 0 for "off", or if the instruction has none.
uint64_t address_scalar(const wave& w, const instruction& i, int index, int words) {
  const operand& x = i.x(index);
  if (x.is == operand::off || x.is == operand::none) return 0;
  if (x.is == operand::scalar && x.index != sreg::null && x.words != words) bad_operand(i, index);
  const scalar_source s = read_scalar(w, x);
  need_defined(w, s.defined == ~uint64_t{0} ? ~uint64_t{0} : 0, w.exec(), "the scalar part of the address");
  return s.x;
}

void global_addresses(wave& w, const instruction& i, int vaddr, int saddr, lane_addresses& a) {
  a.active = w.exec();
  const bool scalar = i.x(saddr).is == operand::scalar && i.x(saddr).index != sreg::null;
  const uint64_t base = (scalar ? address_scalar(w, i, saddr, 2) : 0) + static_cast<uint64_t>(i.offset);
  const operand* v = address_register(w, i, vaddr, scalar ? 1 : 2);
  if (!v) {
    for (int l = 0; l < w.lanes; ++l) a.x[l] = base;
  } else if (scalar) {
    const uint32_t* low = w.v(v->index);
    for (int l = 0; l < w.lanes; ++l) a.x[l] = base + low[l];
  } else {
    const uint32_t *low = w.v(v->index), *high = w.v(v->index + 1);
    for (int l = 0; l < w.lanes; ++l) a.x[l] = base + (low[l] | static_cast<uint64_t>(high[l]) << 32);
  }
}

// Offsets into the lane's scratch to addresses: four bytes of each lane stand side by side.
void scratch_to_device(const wave& w, lane_addresses& a, int bytes) {
  a.scratch = true;
  a.word_stride = 4 * static_cast<uint32_t>(w.lanes);
  each_bit(a.active, [&](int l) {
    if (a.x[l] + static_cast<uint64_t>(bytes) > w.launch.scratch_bytes)
      throw fault(fault_kind::out_of_bounds,
                  std::to_string(bytes) + " bytes at scratch offset " + std::to_string(a.x[l]) + ", of " +
                      std::to_string(w.launch.scratch_bytes) + " bytes of scratch",
                  l);
    a.x[l] =
        w.scratch_address + (a.x[l] / 4 * static_cast<uint64_t>(w.lanes) + static_cast<uint64_t>(l)) * 4 + a.x[l] % 4;
  });
}

void scratch_addresses(wave& w, const instruction& i, int vaddr, int saddr, int bytes, lane_addresses& a) {
  a.active = w.exec();
  const uint32_t base = static_cast<uint32_t>(address_scalar(w, i, saddr, 1)) + static_cast<uint32_t>(i.offset);
  const operand* v = address_register(w, i, vaddr, 1);
  const uint32_t* offsets = v ? w.v(v->index) : nullptr;
  for (int l = 0; l < w.lanes; ++l) a.x[l] = base + (v ? offsets[l] : 0);
  scratch_to_device(w, a, bytes);
}

// Calls f(bytes of lanes, whether they are LDS) for the parts of one access, of which flat ones may have three.
template <space Space, class F>
void access(wave& w, const instruction& i, int vaddr, int saddr, int bytes, access_kind kind, F&& f) {
  if (!w.exec()) return;
  const auto device = [&](lane_addresses& a) {
    for (device_access part(w, a, bytes, kind); part.next();) f(part.here, false);
  };
  lane_addresses a;
  if constexpr (Space == space::scratch) {
    scratch_addresses(w, i, vaddr, saddr, bytes, a);
  } else {
    global_addresses(w, i, vaddr, saddr, a);
  }
  if constexpr (Space == space::flat) {
    uint64_t in_lds = 0, in_scratch = 0;
    for (int l = 0; l < w.lanes; ++l) {
      in_lds |= static_cast<uint64_t>(a.x[l] >> 32 == shared_aperture_high) << l;
      in_scratch |= static_cast<uint64_t>(a.x[l] >> 32 == private_aperture_high) << l;
    }
    in_lds &= a.active;
    in_scratch &= a.active;
    if (in_lds) {
      lds_addresses l;
      l.active = in_lds;
      for (int n = 0; n < w.lanes; ++n) l.x[n] = static_cast<uint32_t>(a.x[n]);
      lane_bytes here;
      access_lds(w, i, l, bytes, kind, here);
      f(here, true);
    }
    if (in_scratch) {
      lane_addresses s;
      s.active = in_scratch;
      for (int n = 0; n < w.lanes; ++n) s.x[n] = static_cast<uint32_t>(a.x[n]);
      scratch_to_device(w, s, bytes);
      device(s);
    }
    a.active &= ~(in_lds | in_scratch);
  }
  device(a);
}

template <space Space>
struct addressed {
  template <access_shape S>
  static void load(wave& w, const instruction& i) {
    if constexpr (Space == space::global && S.bytes <= 4 && S.part == register_part::word)
      if (i.lds) [[unlikely]]
        return to_lds<S>(w, i);  // gfx90a says it so
    access<Space>(w, i, 1, 2, S.bytes, access_kind::load,
                  [&](const lane_bytes& from, bool) { load_lanes<S>(w, data_registers(i, 0, S.words()), from); });
  }
  template <access_shape S>
  static void store(wave& w, const instruction& i) {
    access<Space>(w, i, 0, 2, S.bytes, access_kind::store,
                  [&](const lane_bytes& to, bool) { store_lanes<S>(w, data_registers(i, 1, S.words()), to); });
  }
  template <class T, auto F>
  static void atomic(wave& w, const instruction& i) {
    const int first = i.glc;
    access<Space>(w, i, first, first + 2, sizeof(T), access_kind::atomic, [&](const lane_bytes& at, bool in_lds) {
      if (at.carries && !in_lds) throw fault(fault_kind::unimplemented, "an atomic on scratch");
      atomic_lanes<T, F>(w, i, first + 1, in_lds, at);
    });
  }
  template <access_shape S>
  static void to_lds(wave& w, const instruction& i) {
    uint32_t rows[4 * lanes_max];
    defined_lanes defined[4];
    access<Space>(w, i, 0, 1, S.bytes, access_kind::load,
                  [&](const lane_bytes& from, bool) { gather<S>(w, rows, defined, from); });
    if (w.exec()) rows_to_lds<S>(w, i, w.exec(), rows, defined);
  }
};

template <space Space>
constexpr memory_row lds_rows[] = {
    {"load_lds_ubyte", nullptr, addressed<Space>::template to_lds<access_shape{1}>},
    {"load_lds_sbyte", nullptr, addressed<Space>::template to_lds<access_shape{1, true}>},
    {"load_lds_ushort", nullptr, addressed<Space>::template to_lds<access_shape{2}>},
    {"load_lds_sshort", nullptr, addressed<Space>::template to_lds<access_shape{2, true}>},
    {"load_lds_dword", nullptr, addressed<Space>::template to_lds<access_shape{4}>},
    {"load_lds_dwordx3", nullptr, addressed<Space>::template to_lds<access_shape{12}>},
    {"load_lds_dwordx4", nullptr, addressed<Space>::template to_lds<access_shape{16}>},
};

// No address register: the lane's number takes its place.
void lane_number_addresses(wave& w, const instruction& i, lane_addresses& a) {
  a.active = w.exec();
  const uint64_t base = address_scalar(w, i, 1, 2) + static_cast<uint64_t>(i.offset);
  for (int l = 0; l < w.lanes; ++l) a.x[l] = base + static_cast<uint64_t>(4 * l);
}

void load_by_lane(wave& w, const instruction& i) {
  lane_addresses a;
  lane_number_addresses(w, i, a);
  for (device_access part(w, a, 4, access_kind::load); part.next();)
    load_lanes<access_shape{4}>(w, data_registers(i, 0, 1), part.here);
}

void store_by_lane(wave& w, const instruction& i) {
  lane_addresses a;
  lane_number_addresses(w, i, a);
  for (device_access part(w, a, 4, access_kind::store); part.next();)
    store_lanes<access_shape{4}>(w, data_registers(i, 0, 1), part.here);
}

void load_transposed(wave& w, const instruction& i) {
  if (w.lanes != 32) throw fault(fault_kind::unimplemented, i.name + " in a wave of 64 lanes");
  if (w.exec() != w.all_lanes) throw fault(fault_kind::unimplemented, i.name + " with lanes switched off");
  const operand& to = data_registers(i, 0, 4);
  uint32_t rows[4 * lanes_max];
  defined_lanes defined[4];
  access<space::global>(w, i, 1, 2, 16, access_kind::load,
                        [&](const lane_bytes& from, bool) { gather<access_shape{16}>(w, rows, defined, from); });
  transpose<16, 4, 8>(w.lanes, rows, defined, w.v(to.index), &w.defined[to.index]);
}

template <space Space>
void add_space(operation_table& table, const char* prefix) {
  using enum instruction_class;
  table.add(prefix, load_rows<addressed<Space>>, vmem_load, 1);
  table.add(prefix, store_rows<addressed<Space>>, vmem_store, 0);
  if constexpr (Space != space::scratch) table.add(prefix, atomic_rows_of<addressed<Space>>, vmem_atomic, 0);
  if constexpr (Space != space::flat) table.add(prefix, lds_rows<Space>, vmem_load, 0);
}

}  // namespace

std::span<const operation> memory_operations() {
  static const operation_table table = [] {
    operation_table t;
    add_space<space::global>(t, "global_");
    add_space<space::flat>(t, "flat_");
    add_space<space::scratch>(t, "scratch_");
    t.add("global_load_addtid_b32", load_by_lane, instruction_class::vmem_load, 1);
    t.add("global_store_addtid_b32", store_by_lane, instruction_class::vmem_store, 0);
    t.add("global_load_tr_b128", load_transposed, instruction_class::vmem_load, 1);
    add_buffer_operations(t);
    return t;
  }();
  return table.rows();
}

}  // namespace hipemu
