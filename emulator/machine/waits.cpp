// SPDX-License-Identifier: Apache-2.0
#include "machine/waits.h"

#include <algorithm>
#include <string>

#include "machine/program.h"
#include "machine/relative.h"
#include "machine/watch.h"
#include "machine/wave.h"
#include "operations/lds_access.h"

namespace hipemu {
namespace {

using enum wait_order;

constexpr uint8_t bit(wait_order o) {
  return static_cast<uint8_t>(1u << static_cast<unsigned>(o));
}

constexpr size_t index(wait_order o) {
  return static_cast<size_t>(o);
}

// By generation: the counter of each order, and the orders that each counter counts, a bit each.
struct counting {
  std::array<uint8_t, outstanding::orders> counter{};
  std::array<uint8_t, outstanding::counters> orders{};
};
constexpr auto countings = [] {
  std::array<counting, static_cast<size_t>(generation::rdna4) + 1> all{};
  for (size_t gen = 0; gen < all.size(); ++gen) {
    const counted_in in = counters_of(static_cast<generation>(gen));
    const wait_counter of[outstanding::orders] = {in.load, in.load, in.store, in.lds, in.lds, in.scalar, in.scalar};
    for (size_t n = 0; n < outstanding::orders; ++n) {
      all[gen].counter[n] = static_cast<uint8_t>(of[n]);
      all[gen].orders[static_cast<size_t>(of[n])] |= static_cast<uint8_t>(1u << n);
    }
  }
  return all;
}();

const counting& counting_of(const target_info& target) {
  return countings[static_cast<size_t>(target.gen)];
}

bool in_order(wait_order o) {
  return o != flat_vector && o != flat_lds && o != scalar_memory;
}

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view p) { return name.starts_with(p); });
}

// In which orders an instruction counts: LLVM's SIInsertWaitcnts::getEventsFor.
uint8_t orders_of(const instruction& i, const target_info& target) {
  using enum instruction_class;
  const bool stores = target.rdna() && (i.cls == vmem_store || (i.cls == vmem_atomic && !i.glc));
  switch (i.cls) {
    case smem:
      return bit(scalar_memory);
    case instruction_class::lds:
      return i.name == "ds_nop" ? 0 : bit(wait_order::lds);
    case vmem_load:
    case vmem_store:
    case vmem_atomic:
      if (!i.name.starts_with("flat_")) return bit(stores ? wait_order::store : vector);
      // Before gfx10 a flat operation may be counted as done early, in any order.
      if (target.cdna()) return bit(flat_vector) | bit(flat_lds);
      return bit(stores ? wait_order::store : vector) | bit(wait_order::lds);
    default:
      break;
  }
  if (i.name == "s_get_barrier_state") return bit(scalar_memory);
  if (i.name.starts_with("s_sendmsg")) return bit(message);
  if (i.name == "buffer_wbl2" || i.name == "global_inv") return bit(vector);
  if (starts_with_any(i.name, {"global_wb"})) return bit(wait_order::store);
  return 0;
}

std::string name_of(int n) {
  if (n < 256) return "v" + std::to_string(n);
  if (n < first_scalar) return "a" + std::to_string(n - 256);
  const int s = n - first_scalar;
  if (s == sreg::vcc || s == sreg::vcc + 1) return s == sreg::vcc ? "vcc_lo" : "vcc_hi";
  if (s == sreg::exec || s == sreg::exec + 1) return s == sreg::exec ? "exec_lo" : "exec_hi";
  if (s == sreg::m0) return "m0";
  if (s >= sreg::ttmp0 && s < sreg::exec) return "ttmp" + std::to_string(s - sreg::ttmp0);
  return s == scc_register - first_scalar ? "scc" : "s" + std::to_string(s);
}

// "vmcnt must be at most 1 here and may still be 3", for each counter that is too high.
std::string too_weak(const outstanding& o, const outstanding::writer& x, const target_info& target) {
  std::string text;
  for (int n = 0; n < 2; ++n) {
    const wait_order order = x.order[n];
    if (x.number[n] <= o.done[index(order)]) continue;
    const size_t counter = counting_of(target).counter[index(order)];
    const uint64_t needed = in_order(order) ? o.issued[index(order)] - x.number[n] : 0;
    text += (text.empty() ? "" : ", ") + std::string(counter_name(static_cast<wait_counter>(counter), target)) +
            " must be " + (needed ? "at most " : "") + std::to_string(needed) + " here and may be " +
            std::to_string(o.most[counter]);
  }
  return text;
}

[[noreturn]] void report(const wave& w, const instruction& i, const std::string& does, const outstanding::writer& x,
                         const std::string& too_high) {
  throw fault(fault_kind::missing_wait,
              i.name + " " + does + ", which \"" + w.launch.code.text(w.launch.code[x.at]) +
                  "\" may not have written yet: " + too_high,
              -1, x.at);
}

// Loads of one order may write one register one after the other. gfx12's vector memory may not: LLVM's
// hasVmemWriteVgprInOrder.
bool writes_in_order(const instruction& first, const instruction& second, const target_info& target) {
  if (first.watch.counts_in != second.watch.counts_in) return false;
  return first.watch.counts_in == bit(wait_order::lds) ||
         (first.watch.counts_in == bit(vector) && target.gen != generation::rdna4);
}

void check_register(const wave& w, const instruction& i, const register_range& r, bool reads) {
  const outstanding& o = w.watched.waits;
  if (!o.is_busy(r)) return;
  for (auto it = o.writers.rbegin(); it != o.writers.rend(); ++it) {  // the last one needs the strongest wait
    const outstanding::writer& x = *it;
    const instruction& other = w.launch.code[x.at];
    if (o.is_done(x) || (!reads && writes_in_order(other, i, w.target))) continue;
    for (const register_range& written : other.writes) {
      if (!written.overlaps(r)) continue;
      report(w, i, (reads ? "reads " : "writes ") + name_of(std::max(r.first, written.first)), x,
             too_weak(o, x, w.target));
    }
  }
}

void mark(watch_state& state, const instruction& i) {
  for (const register_range& r : i.writes) {
    add_register_tags(state.tags, r);
    state.waits.make_busy(r);
  }
}

void issue(wave& w, const instruction& i) {
  outstanding& o = w.watched.waits;
  outstanding::writer x;
  int found = 0;
  for (unsigned left = i.watch.counts_in; left; left &= left - 1) {
    const wait_order order = static_cast<wait_order>(__builtin_ctz(left));
    x.order[found] = order;
    x.number[found++] = ++o.issued[index(order)];
    ++o.most[counting_of(w.target).counter[index(order)]];
  }
  if (i.writes.empty()) return;
  x.at = static_cast<uint32_t>(w.launch.code.at(i.address));
  o.writers.push_back(x);
  mark(w.watched, i);
}

void wait(wave& w, const instruction& i) {
  outstanding& o = w.watched.waits;
  bool any = false;
  for (size_t counter = 0; counter < outstanding::counters; ++counter) {
    if (i.watch.limits[counter] < 0) continue;
    const uint64_t limit = static_cast<uint64_t>(i.watch.limits[counter]);
    o.most[counter] = std::min(o.most[counter], static_cast<uint32_t>(limit));
    for (unsigned left = counting_of(w.target).orders[counter]; left; left &= left - 1) {
      const wait_order order = static_cast<wait_order>(__builtin_ctz(left));
      const size_t n = index(order);
      if (o.issued[n] - o.done[n] <= limit || (limit && !in_order(order))) continue;
      o.done[n] = o.issued[n] - limit;
      any = true;
    }
  }
  if (!any || o.writers.empty()) return;
  std::erase_if(o.writers, [&](const outstanding::writer& x) { return o.is_done(x); });
  std::fill(std::begin(o.busy), std::end(o.busy), 0);
  w.watched.tags[0] = 0;
  w.watched.tags[1] &= ~watch_tag::scalars;
  for (const outstanding::writer& x : o.writers) mark(w.watched, w.launch.code[x.at]);
}

}  // namespace

void describe_waits(instruction& i, const target_info& target) {
  i.watch.counts_in = orders_of(i, target);
  if (i.cls == instruction_class::wait) i.watch.limits = wait_limits_of(i, target);
  const bool waits = std::any_of(i.watch.limits.begin(), i.watch.limits.end(), [](int limit) { return limit >= 0; });
  if (i.watch.counts_in || waits || i.cls == instruction_class::barrier) i.watch.tags[1] |= watch_tag::counts;
}

void check_waits(wave& w, const instruction& i) {
  const watch_state& state = w.watched;
  const auto check = [&](const auto& registers) {
    for (const register_range& r : registers.reads) check_register(w, i, r, true);
    for (const register_range& r : registers.writes) check_register(w, i, r, false);
  };
  if (i.watch.relative || (w.indexes_registers && i.is_vector_alu()))
    check(relative_registers(w, i));
  else if ((i.watch.tags[0] & state.tags[0]) | (i.watch.tags[1] & state.tags[1] & watch_tag::scalars))
    check(i);
  if (i.watch.counts_in) issue(w, i);
  if (i.cls == instruction_class::wait) wait(w, i);
  if (i.cls == instruction_class::barrier)
    w.watched.waits.done_at_signal[(w.signals + 1) % 4] = w.watched.waits.done[index(vector)];
}

void check_arrivals(wave& w, const instruction& i, const lds_addresses& a, int bytes, access_kind kind) {
  std::vector<lds_arrival>& arriving = w.group.lds.arriving;
  const bool loads_direct = i.cls == instruction_class::vmem_load && kind == access_kind::store;
  const auto check = [&](const lds_arrival& x, uint32_t word) {
    const wave& by = *w.group.waves[static_cast<size_t>(x.wave)];
    const outstanding& o = by.watched.waits;
    const uint32_t passed = std::min(w.waits, by.signals);
    const bool same = x.wave == w.id;
    // Without a barrier between, other waves race; and loads direct to LDS come in order.
    if (same ? loads_direct || x.number <= o.done[index(vector)]
             : passed <= x.signals || x.number <= o.done_at_signal[passed % 4])
      return;
    const outstanding::writer load{x.at, {vector, vector}, {x.number, 0}};
    report(w, i,
           std::string(kind == access_kind::load ? "reads" : "writes") + " the LDS word at offset " +
               std::to_string(4 * word),
           load,
           same ? too_weak(o, load, w.target)
                : "wave " + std::to_string(x.wave) + " came to the barrier without waiting for " +
                      counter_name(wait_counter::load, w.target));
  };
  for (int l = 0; l < w.lanes; ++l) {
    if (!(a.active >> l & 1)) continue;
    for (uint32_t word = a.x[l] / 4; word <= (a.x[l] + static_cast<uint32_t>(bytes) - 1) / 4; ++word) {
      lds_arrival& x = arriving[word];
      if (!x.number) continue;
      check(x, word);
      if (kind != access_kind::load) x.number = 0;
    }
  }
}

void note_arrivals(wave& w, const instruction& i, const lds_addresses& a, int bytes) {
  lds_memory& lds = w.group.lds;
  if (lds.arriving.empty()) lds.arriving.resize((lds.bytes.size() + 3) / 4);
  const lds_arrival x{w.watched.waits.issued[index(vector)], w.id, static_cast<uint32_t>(w.launch.code.at(i.address)),
                      w.signals};
  for (int l = 0; l < w.lanes; ++l) {
    if (!(a.active >> l & 1)) continue;
    for (uint32_t word = a.x[l] / 4; word <= (a.x[l] + static_cast<uint32_t>(bytes) - 1) / 4; ++word)
      lds.arriving[word] = x;
  }
}

}  // namespace hipemu
