// SPDX-License-Identifier: Apache-2.0
#include "operations/memory_access.h"

#include <algorithm>
#include <bitset>
#include <string>

#include "timing/trace.h"

namespace hipemu {
namespace {

std::string hexadecimal(uint64_t x) {
  char text[24];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(x));
  return text;
}

const char* name_of(access_kind kind) {
  return kind == access_kind::load ? "load" : kind == access_kind::store ? "store" : "atomic";
}

}  // namespace

const wave::recent_allocation& find_allocation(wave& w, uint64_t address, uint64_t bytes) {
  static constexpr wave::recent_allocation none;
  for (const auto& one : w.recent)
    if (one.at && one.at->contains(address, bytes)) return one;
  const allocation* found = w.launch.memory.find(address);
  if (!found || !found->contains(address, bytes)) return none;
  std::move_backward(std::begin(w.recent), std::end(w.recent) - 1, std::end(w.recent));
  w.recent[0] = {found, found->kind == memory_kind::scratch ? nullptr : &w.launch.touched.of(*found)};
  return w.recent[0];
}

std::optional<read_past_end> try_read_past(const wave& w, uint64_t address, int bytes) {
  const uint64_t most = w.launch.check.reads_past;
  if (!most) return {};
  const allocation* a = w.launch.memory.below(address);
  const uint64_t count = static_cast<uint64_t>(bytes);
  if (!a || a->kind == memory_kind::scratch || address + count > a->base + a->bytes + most) return {};
  read_past_end read;
  for (uint64_t n = 0; n < count; ++n) {
    if (!a->contains(address + n, 1)) break;
    read.bytes[n] = *reinterpret_cast<const uint8_t*>(address + n);
    read.defined[n] = !a->defined || a->defined[address + n - a->base];
  }
  return read;
}

void need_aligned(const wave& w, const uint64_t* addresses, uint64_t active, int alignment, const char* what) {
  if (!w.launch.check.alignment && !w.launch.check.words) return;
  const uint64_t mask = static_cast<uint64_t>(alignment) - 1;
  each_bit(active, [&](int l) {
    if (addresses[l] & mask)
      throw fault(
          fault_kind::misaligned,
          std::string(what) + " " + hexadecimal(addresses[l]) + " is not a multiple of " + std::to_string(alignment),
          l);
  });
}

void count_width(counters& c, int bytes, access_kind kind) {
  const int width = bytes == 1 ? 0 : bytes == 2 ? 1 : bytes == 4 ? 2 : bytes == 8 ? 3 : bytes == 12 ? 4 : 5;
  if (kind != access_kind::store) ++c.loads_by_width[width];
  if (kind != access_kind::load) ++c.stores_by_width[width];
}

device_access::device_access(wave& w, lane_addresses& a, int bytes, access_kind kind)
    : w_(w),
      addresses_(a),
      bytes_(bytes),
      span_(bytes <= 4 ? bytes : (bytes / 4 - 1) * a.word_stride + 4),
      kind_(kind),
      rest_(a.active) {
  if (!rest_) return;
  // Inactive lanes go where an active one goes, so that the loops over addresses need not ask.
  const uint64_t first = a.x[__builtin_ctzll(rest_)];
  if (rest_ != w.all_lanes)
    for (int l = 0; l < w.lanes; ++l) a.x[l] = rest_ >> l & 1 ? a.x[l] : first;
  uint64_t bits = 0;
  for (int l = 0; l < w.lanes; ++l) bits |= a.x[l];
  // The runtime sets the hardware's unaligned access mode, and compilers count on it: an access may begin at any byte.
  // Atomics may not.
  const int alignment = kind == access_kind::atomic ? bytes : std::min(bytes, 4);
  if (bits & (static_cast<uint64_t>(alignment) - 1)) {
    ++w.group.count.unaligned_accesses;
    if (kind == access_kind::atomic || w.launch.check.words) need_aligned(w, a.x, rest_, alignment, "address");
  }
  count_width(w.group.count, bytes, kind);
}

bool device_access::next() {
  if (!rest_) return false;
  uint64_t low = ~uint64_t{0}, high = 0;
  if (rest_ == addresses_.active) {
    for (int l = 0; l < w_.lanes; ++l) {
      low = std::min(low, addresses_.x[l]);
      high = std::max(high, addresses_.x[l]);
    }
    if (const auto& one = find_allocation(w_, low, high - low + span_); one.at) {
      use(one, rest_);
      return true;
    }
  }
  const int first = __builtin_ctzll(rest_);
  const wave::recent_allocation one = find_allocation(w_, addresses_.x[first], span_);
  if (!one.at) {
    if (use_past_end(first)) return true;
    out_of_bounds(first);
  }
  uint64_t in = 0;
  each_bit(rest_, [&](int l) { in |= static_cast<uint64_t>(one.at->contains(addresses_.x[l], span_)) << l; });
  use(one, in);
  return true;
}

bool device_access::use_past_end(int lane) {
  if (kind_ != access_kind::load || addresses_.word_stride != 4) return false;
  past_ = try_read_past(w_, addresses_.x[lane], bytes_);
  if (!past_) return false;
  here = {};
  here.bytes = past_->bytes;
  here.defined = past_->defined;
  here.active = uint64_t{1} << lane;
  std::fill(std::begin(here.at), std::end(here.at), 0);
  here.end = static_cast<uint64_t>(bytes_);
  w_.group.count.bytes_read += static_cast<uint64_t>(bytes_);
  rest_ &= ~here.active;
  return true;
}

void device_access::use(const wave::recent_allocation& one, uint64_t active) {
  const allocation& in = *one.at;
  if (!in.writable && kind_ != access_kind::load) not_writable(in, __builtin_ctzll(active));
  here.bytes = reinterpret_cast<uint8_t*>(in.base);
  here.defined = in.defined;
  here.carries = in.kind == memory_kind::scratch;
  here.word_stride = addresses_.word_stride;
  here.active = active;
  uint64_t low = ~uint64_t{0}, high = 0, strays = 0;
  const uint64_t first = addresses_.x[0];
  for (int l = 0; l < w_.lanes; ++l) {
    here.at[l] = addresses_.x[l] - in.base;
    strays |= addresses_.x[l] ^ (first + static_cast<uint64_t>(l * bytes_));
  }
  here.crosses = false;
  if (here.word_stride != 4)
    for (int l = 0; l < w_.lanes; ++l)
      here.crosses |= (here.at[l] & 3) && (here.at[l] & 3) + static_cast<uint64_t>(bytes_) > 4;
  if (active == addresses_.active) {
    for (int l = 0; l < w_.lanes; ++l) {
      low = std::min(low, here.at[l]);
      high = std::max(high, here.at[l]);
    }
  } else {
    each_bit(active, [&](int l) {
      low = std::min(low, here.at[l]);
      high = std::max(high, here.at[l]);
    });
  }
  here.lowest = low;
  here.end = high + span_;
  here.consecutive = active == w_.all_lanes && !strays && here.word_stride == 4;
  count(one.lines);
  rest_ &= ~active;
}

// Calls touch(line) for each line of memory that the lanes touch.
template <class F>
void device_access::for_lines(F touch) const {
  const uint64_t base = reinterpret_cast<uint64_t>(here.bytes);
  const uint64_t first = (base + here.lowest) >> line_shift, last = (base + here.end - 1) >> line_shift;
  constexpr uint64_t few = 4096;
  if (here.consecutive) {
    for (uint64_t line = first; line <= last; ++line) touch(line);
  } else if (last - first < few) {
    std::bitset<few> seen;
    uint64_t before = ~uint64_t{0};
    each_bit(here.active, [&](int l) {
      const uint64_t begin = base + here.at[l];
      for (uint64_t line = begin >> line_shift; line <= (begin + span_ - 1) >> line_shift; ++line) {
        if (line == before || seen[line - first]) continue;
        seen[line - first] = true;
        before = line;
        touch(line);
      }
    });
  } else {
    uint64_t all[2 * lanes_max];
    uint64_t* end = all;
    each_bit(here.active, [&](int l) {
      const uint64_t begin = base + here.at[l];
      *end++ = begin >> line_shift;
      *end++ = (begin + span_ - 1) >> line_shift;
    });
    std::sort(all, end);
    std::for_each(all, std::unique(all, end), touch);
  }
}

void device_access::count(touched_lines::flags* lines) {
  counters& c = w_.group.count;
  const uint64_t bytes = static_cast<uint64_t>(__builtin_popcountll(here.active)) * static_cast<uint64_t>(bytes_);
  const bool reads = kind_ != access_kind::store, writes = kind_ != access_kind::load;
  if (timing::recorder* recorder = w_.group.recorder) for_lines([&](uint64_t line) { recorder->touch(w_.id, line); });
  if (addresses_.scratch || !lines) {
    c.scratch_bytes += bytes;
    return;
  }
  if (reads) c.bytes_read += bytes;
  if (writes) c.bytes_written += bytes;
  uint64_t count = 0;
  for_lines([&](uint64_t line) {
    lines->touch(line, reads, writes);
    ++count;
  });
  if (reads) c.lines_read += count;
  if (writes) c.lines_written += count;
}

void device_access::out_of_bounds(int lane) const {
  const uint64_t address = addresses_.x[lane];
  // Of an access that begins inside, what counts is where it leaves.
  const allocation* in = w_.launch.memory.find(address);
  throw fault(fault_kind::out_of_bounds,
              std::string(name_of(kind_)) + " of " + std::to_string(bytes_) + " bytes at " + hexadecimal(address) +
                  ", " + w_.launch.memory.describe(in ? in->base + in->bytes : address),
              lane);
}

void device_access::not_writable(const allocation& in, int lane) const {
  throw fault(fault_kind::out_of_bounds,
              std::string(name_of(kind_)) + " of " + std::to_string(bytes_) + " bytes at " +
                  hexadecimal(addresses_.x[lane]) + ", in " +
                  (in.kind == memory_kind::code ? "code or constants" : "the kernel's arguments") +
                  ", which kernels cannot write",
              lane);
}

}  // namespace hipemu
