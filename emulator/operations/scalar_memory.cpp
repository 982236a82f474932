// SPDX-License-Identifier: Apache-2.0
// Scalar memory instructions: loads through the constant cache; gfx90a's stores and atomics (CDNA's ISA manuals, "Scalar
// Memory Operations").
#include <optional>

#include "operations/scalar.h"
#include "operations/tables.h"
#include "operations/vector_memory.h"
#include "timing/trace.h"

namespace hipemu {
namespace {

constexpr auto smem_class = instruction_class::smem;

uint64_t address_part(const wave& w, const operand& x) {
  const pair value = read_tracked<uint64_t>(w, x);
  need_known(w, value.known(), "an address");
  return value.x;
}

// The offset: an immediate with a sign, or a register without; or both.
int64_t offset_of(const wave& w, const instruction& i, int k) {
  return i.offset + static_cast<int64_t>(address_part(w, i.x(k)));
}

// `bytes` (1, 2 or 4) of memory.
word load(wave& w, uint64_t address, unsigned bytes) {
  const auto& found = find_allocation(w, address, bytes);
  if (!found.at) {
    if (const std::optional<read_past_end> past = try_read_past(w, address, bytes)) {
      word value;
      std::memcpy(&value.x, past->bytes, 4);
      for (unsigned b = 0; b < bytes; ++b)
        if (!past->defined[b]) value.defined &= ~(0xffu << 8 * b);
      return value;
    }
    throw fault(fault_kind::out_of_bounds,
                "a scalar load of " + std::to_string(bytes) + " bytes " + w.launch.memory.describe(address));
  }
  if (found.lines) found.lines->touch(address >> line_shift, true, false);
  word value;
  std::memcpy(&value.x, reinterpret_cast<const void*>(address), bytes);
  if (const uint8_t* defined = found.at->defined) {
    defined += address - found.at->base;
    for (unsigned b = 0; b < bytes; ++b)
      if (!defined[b]) value.defined &= ~(0xffu << 8 * b);
  }
  return value;
}

void check_alignment(const wave& w, uint64_t address, unsigned bytes) {
  if (w.launch.check.alignment && address % bytes)
    throw fault(fault_kind::misaligned,
                "a scalar access of " + std::to_string(bytes) + "-byte words at an address that is no multiple of it");
}

void count(wave& w, uint64_t address, unsigned bytes, access_kind kind = access_kind::load) {
  if (timing::recorder* recorder = w.group.recorder)
    for (uint64_t line = address >> line_shift; line <= (address + bytes - 1) >> line_shift; ++line)
      recorder->touch(w.id, line);
  const uint64_t lines = (address + bytes - 1) / 128 - address / 128 + 1;
  if (kind != access_kind::store) {
    w.group.count.bytes_read += bytes;
    w.group.count.lines_read += lines;
  }
  if (kind != access_kind::load) {
    w.group.count.bytes_written += bytes;
    w.group.count.lines_written += lines;
  }
}

void put(wave& w, const instruction& i, int n, word value) {
  operand to = i.x(0);
  if (to.is == operand::scalar && to.index != sreg::null) to.index = static_cast<uint16_t>(to.index + n);
  write_scalar(w, to, value.x, 1, value.defined);
}

// s_scratch_*: an offset that a register has counts in 64 bytes.
uint64_t scratch_address(const wave& w, const instruction& i) {
  const uint64_t offset = address_part(w, i.x(2));
  return address_part(w, i.x(1)) + static_cast<uint64_t>(i.offset) + (i.x(2).is == operand::scalar ? 64 : 1) * offset;
}

uint64_t plain_address(const wave& w, const instruction& i) {
  return address_part(w, i.x(1)) + static_cast<uint64_t>(offset_of(w, i, 2));
}

// The destination may overlap the address: read everything before writing anything.
template <unsigned Words, auto Address = plain_address>
void load_words(wave& w, const instruction& i) {
  const uint64_t address = Address(w, i);
  check_alignment(w, address, 4);
  word values[Words];
  for (unsigned n = 0; n < Words; ++n) values[n] = load(w, (address & ~uint64_t{3}) + 4 * n, 4);
  for (unsigned n = 0; n < Words; ++n) put(w, i, static_cast<int>(n), values[n]);
  count(w, address, 4 * Words);
}

word extended(word value, unsigned bytes, bool sign) {
  const unsigned shift = 32 - 8 * bytes;
  value = value << shift;
  if (!sign) return value >> shift;
  return {static_cast<uint32_t>(static_cast<int32_t>(value.x) >> shift),
          static_cast<uint32_t>(static_cast<int32_t>(value.defined) >> shift)};
}

template <unsigned Bytes, bool Signed>
void load_part(wave& w, const instruction& i) {
  const uint64_t address = plain_address(w, i);
  check_alignment(w, address, Bytes);
  put(w, i, 0, extended(load(w, address, Bytes), Bytes, Signed));
  count(w, address, Bytes);
}

// A buffer's descriptor: words 0 and 1 hold the base (48 bits) and the stride (14 bits), word 2 the number of records.
struct buffer {
  uint64_t base, bytes;
  buffer(const wave& w, const operand& x) {
    if (x.is != operand::scalar || x.words != 4) throw fault(fault_kind::unimplemented, "a descriptor of this kind");
    for (int n = 0; n < 3; ++n) need_known(w, w.s_defined[x.index + n] == ~0u, "an address");
    const uint32_t* d = w.s + x.index;
    base = d[0] | static_cast<uint64_t>(d[1] & 0xffff) << 32;
    const uint32_t stride = d[1] >> 16 & 0x3fff;
    bytes = static_cast<uint64_t>(d[2]) * (stride ? stride : 1);
  }
  bool has(int64_t offset, unsigned size) const { return offset >= 0 && static_cast<uint64_t>(offset) + size <= bytes; }
  // What lies past the end reads as zero.
  word read(wave& w, int64_t offset, unsigned size) const {
    return has(offset, size) ? load(w, base + static_cast<uint64_t>(offset), size) : word(0u);
  }
};

template <unsigned Words>
void buffer_load_words(wave& w, const instruction& i) {
  const buffer from(w, i.x(1));
  const int64_t offset = offset_of(w, i, 2);
  check_alignment(w, from.base + static_cast<uint64_t>(offset), 4);
  word values[Words];
  for (unsigned n = 0; n < Words; ++n) values[n] = from.read(w, (offset & ~int64_t{3}) + 4 * n, 4);
  for (unsigned n = 0; n < Words; ++n) put(w, i, static_cast<int>(n), values[n]);
  count(w, from.base + static_cast<uint64_t>(offset), 4 * Words);
}

template <unsigned Bytes, bool Signed>
void buffer_load_part(wave& w, const instruction& i) {
  const buffer from(w, i.x(1));
  const int64_t offset = offset_of(w, i, 2);
  check_alignment(w, from.base + static_cast<uint64_t>(offset), Bytes);
  put(w, i, 0, extended(from.read(w, offset, Bytes), Bytes, Signed));
  count(w, from.base + static_cast<uint64_t>(offset), Bytes);
}

// --- Stores and atomics ----------------------------------------------------------------------------------------------

// `bytes` at an address, as the only active lane's.
lane_bytes writable(wave& w, uint64_t address, unsigned bytes, access_kind kind) {
  const char* name = kind == access_kind::store ? "a scalar store of " : "a scalar atomic of ";
  const auto& found = find_allocation(w, address, bytes);
  if (!found.at || !found.at->writable)
    throw fault(fault_kind::out_of_bounds, name + std::to_string(bytes) + " bytes " +
                                               (found.at ? "where kernels cannot write: " : "") +
                                               w.launch.memory.describe(address));
  if (found.lines) found.lines->touch(address >> line_shift, kind == access_kind::atomic, true);
  lane_bytes at;
  at.bytes = reinterpret_cast<uint8_t*>(found.at->base);
  at.defined = found.at->defined;
  at.active = 1;
  at.at[0] = address - found.at->base;
  return at;
}

word data_word(const wave& w, const instruction& i, int n) {
  const operand& x = i.x(0);
  if (x.is != operand::scalar || n >= x.words) bad_operand(i, 0);
  return {w.s[x.index + n], w.s_defined[x.index + n]};
}

void store_word(wave& w, uint64_t address, word value) {
  need_known(w, value.known(), "the value to store");
  const lane_bytes to = writable(w, address, 4, access_kind::store);
  std::memcpy(to.bytes + to.at[0], &value.x, 4);
  if (to.defined) std::memset(to.defined + to.at[0], 1, 4);
}

template <unsigned Words, auto Address = plain_address>
void store_words(wave& w, const instruction& i) {
  const uint64_t address = Address(w, i);
  check_alignment(w, address, 4);
  for (unsigned n = 0; n < Words; ++n) store_word(w, (address & ~uint64_t{3}) + 4 * n, data_word(w, i, n));
  count(w, address, 4 * Words, access_kind::store);
}

// Words past the buffer's end are dropped.
template <unsigned Words>
void buffer_store_words(wave& w, const instruction& i) {
  const buffer to(w, i.x(1));
  const int64_t offset = offset_of(w, i, 2);
  check_alignment(w, to.base + static_cast<uint64_t>(offset), 4);
  for (unsigned n = 0; n < Words; ++n)
    if (const int64_t at = (offset & ~int64_t{3}) + 4 * n; to.has(at, 4))
      store_word(w, to.base + static_cast<uint64_t>(at), data_word(w, i, n));
  count(w, to.base + static_cast<uint64_t>(offset), 4 * Words, access_kind::store);
}

// A policy for the table of atomics: what vector atomics do for a lane is done for one, whose registers are these rows.
template <bool Buffer>
struct scalar_atomics {
  template <class T, auto F>
  static void atomic(wave& w, const instruction& i) {
    constexpr int words = sizeof(T) / 4;
    constexpr bool three = std::is_invocable_v<decltype(F), T, T, T>;
    uint64_t address;
    if constexpr (Buffer) {
      const buffer in(w, i.x(1));
      const int64_t offset = offset_of(w, i, 2);
      if (!in.has(offset, sizeof(T))) return;
      address = in.base + static_cast<uint64_t>(offset);
    } else {
      address = plain_address(w, i);
    }
    check_alignment(w, address, sizeof(T));
    address &= ~uint64_t{sizeof(T) - 1};
    uint32_t rows[4 * lanes_max], result[2 * lanes_max];
    defined_lanes defined[4], result_defined[2];
    for (int n = 0; n < (three ? 2 : 1) * words; ++n) {
      const word x = data_word(w, i, n);
      need_known(w, x.known(), "the operand of an atomic");
      rows[n * lanes_max] = x.x;
      defined[n] = {1, 1};
    }
    const lane_bytes at = writable(w, address, sizeof(T), access_kind::atomic);
    apply_atomic<T, F>(at, {}, {rows, defined},
                       three ? atomic_rows{rows + words * lanes_max, defined + words} : atomic_rows{},
                       {result, result_defined});
    count(w, address, sizeof(T), access_kind::atomic);
    if (!i.glc) return;
    for (int n = 0; n < words; ++n)
      put(w, i, n, {result[n * lanes_max], result_defined[n].low & result_defined[n].high & 1 ? ~0u : 0});
  }
};

constexpr operation plain_table[] = {
    {"s_load_dword", load_words<1>, smem_class},
    {"s_load_dwordx2", load_words<2>, smem_class},
    {"s_load_b96", load_words<3>, smem_class},
    {"s_load_dwordx4", load_words<4>, smem_class},
    {"s_load_dwordx8", load_words<8>, smem_class},
    {"s_load_dwordx16", load_words<16>, smem_class},
    {"s_load_i8", load_part<1, true>, smem_class},
    {"s_load_u8", load_part<1, false>, smem_class},
    {"s_load_i16", load_part<2, true>, smem_class},
    {"s_load_u16", load_part<2, false>, smem_class},
    {"s_buffer_load_dword", buffer_load_words<1>, smem_class},
    {"s_buffer_load_dwordx2", buffer_load_words<2>, smem_class},
    {"s_buffer_load_b96", buffer_load_words<3>, smem_class},
    {"s_buffer_load_dwordx4", buffer_load_words<4>, smem_class},
    {"s_buffer_load_dwordx8", buffer_load_words<8>, smem_class},
    {"s_buffer_load_dwordx16", buffer_load_words<16>, smem_class},
    {"s_buffer_load_i8", buffer_load_part<1, true>, smem_class},
    {"s_buffer_load_u8", buffer_load_part<1, false>, smem_class},
    {"s_buffer_load_i16", buffer_load_part<2, true>, smem_class},
    {"s_buffer_load_u16", buffer_load_part<2, false>, smem_class},
    {"s_scratch_load_dword", load_words<1, scratch_address>, smem_class},
    {"s_scratch_load_dwordx2", load_words<2, scratch_address>, smem_class},
    {"s_scratch_load_dwordx4", load_words<4, scratch_address>, smem_class},
    {"s_store_dword", store_words<1>, smem_class, 0},
    {"s_store_dwordx2", store_words<2>, smem_class, 0},
    {"s_store_dwordx4", store_words<4>, smem_class, 0},
    {"s_buffer_store_dword", buffer_store_words<1>, smem_class, 0},
    {"s_buffer_store_dwordx2", buffer_store_words<2>, smem_class, 0},
    {"s_buffer_store_dwordx4", buffer_store_words<4>, smem_class, 0},
    {"s_scratch_store_dword", store_words<1, scratch_address>, smem_class, 0},
    {"s_scratch_store_dwordx2", store_words<2, scratch_address>, smem_class, 0},
    {"s_scratch_store_dwordx4", store_words<4, scratch_address>, smem_class, 0},
};

}  // namespace

std::span<const operation> scalar_memory_operations() {
  static const operation_table table = [] {
    operation_table t;
    for (const operation& one : plain_table) t.add(one.name, one.run, one.cls, one.destinations);
    t.add("s_", atomic_rows_of<scalar_atomics<false>>, smem_class, 0);
    t.add("s_buffer_", atomic_rows_of<scalar_atomics<true>>, smem_class, 0);
    return t;
  }();
  return table.rows();
}

}  // namespace hipemu
