// SPDX-License-Identifier: Apache-2.0
// Loads into scalar registers, through the constant cache.
#include "operations/memory_access.h"
#include "operations/scalar.h"
#include "operations/tables.h"
#include "runtime/memory.h"
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
  if (!found.at)
    throw fault(fault_kind::out_of_bounds,
                "a scalar load of " + std::to_string(bytes) + " bytes " + w.launch.memory.describe(address));
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
                "a scalar load of " + std::to_string(bytes) + "-byte words at an address that is no multiple of it");
}

void count(wave& w, uint64_t address, unsigned bytes) {
  if (timing::recorder* recorder = w.group.recorder)
    for (uint64_t line = address >> line_shift; line <= (address + bytes - 1) >> line_shift; ++line)
      recorder->touch(w.id, line);
  w.group.count.bytes_read += bytes;
  w.group.count.lines_read += (address + bytes - 1) / 128 - address / 128 + 1;
}

void put(wave& w, const instruction& i, int n, word value) {
  operand to = i.x(0);
  if (to.is == operand::scalar && to.index != sreg::null) to.index = static_cast<uint16_t>(to.index + n);
  write_scalar(w, to, value.x, 1, value.defined);
}

// The destination may overlap the address: read everything before writing anything.
template <unsigned Words>
void load_words(wave& w, const instruction& i) {
  const uint64_t address = address_part(w, i.x(1)) + static_cast<uint64_t>(offset_of(w, i, 2));
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
  const uint64_t address = address_part(w, i.x(1)) + static_cast<uint64_t>(offset_of(w, i, 2));
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
  // What lies past the end reads as zero.
  word read(wave& w, int64_t offset, unsigned size) const {
    if (offset < 0 || static_cast<uint64_t>(offset) + size > bytes) return 0u;
    return load(w, base + static_cast<uint64_t>(offset), size);
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

constexpr operation table[] = {
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
};

}  // namespace

std::span<const operation> scalar_memory_operations() {
  return table;
}

}  // namespace hipemu
