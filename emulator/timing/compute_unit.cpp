// SPDX-License-Identifier: Apache-2.0
#include "timing/compute_unit.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <memory>
#include <span>

namespace hipemu::timing {
namespace {

constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

uint64_t cycle(double x) {
  return static_cast<uint64_t>(std::ceil(x));
}

struct outstanding {
  uint64_t done;
  stall kind;
};

struct running_group {
  const group_trace* trace = nullptr;
  size_t index = 0;
  size_t alive = 0;
  std::vector<uint32_t> signalled;  // barriers, by wave
  std::vector<struct running_wave*> waves;
};

struct running_wave {
  const wave_trace* trace = nullptr;
  running_group* group = nullptr;
  int id = 0, simd = 0, priority = 0;
  uint64_t age = 0;  // order in which waves began
  size_t step = 0, access = 0;
  uint32_t line = 0;
  uint64_t began = 0, last_issue = 0,
           may_issue = 0;   // the earliest cycle for the next instruction, by the wave's own pace
  stall pace = stall::alu;  // why it is later than the next slot
  uint64_t ready = 0;       // with registers and counters
  stall why = stall::alu;
  bool ended = false;
  uint32_t barriers_passed = 0;
  bool at_barrier = false;
  std::array<uint64_t, register_count> written{};  // when results are there
  std::array<stall, register_count> by{};
  std::array<uint64_t, 512> accumulated{};  // when a matrix result may be added to
  std::array<std::deque<outstanding>, static_cast<size_t>(wait_counter::count)> pending_accesses;
};

class unit {
 public:
  unit(const parameters& p, const counted_in& counters, const std::vector<cost>& costs, const unit_work& work,
       memory_system& memory)
      : p_(p),
        counters_(counters),
        costs_(costs),
        work_(work),
        memory_(memory),
        simds_(static_cast<size_t>(p.simds)),
        lds_free_(static_cast<size_t>(p.ports)) {
    result_.times.resize(costs.size());
    result_.ended.resize(work.groups.size());
  }

  unit_time run() {
    for (size_t n = 0; n < work_.resident; ++n) begin_group(0);
    for (uint64_t now = next_turn(); now != never; now = next_turn()) {
      for (size_t s = 0; s < simds_.size(); ++s)
        if (simds_[s].turn == now) turn(s, now);
    }
    result_.cycles = std::max(result_.cycles, cycle(memory_.done()));
    result_.finished = std::all_of(simds_.begin(), simds_.end(), [](const simd& s) { return s.waves.empty(); });
    return std::move(result_);
  }

 private:
  struct simd {
    std::vector<std::unique_ptr<running_wave>> waves;
    uint64_t turn = never;
    uint64_t valu_free = 0, matrix_free = 0, transcendental_free = 0;
  };

  uint64_t next_turn() const {
    uint64_t first = never;
    for (const simd& s : simds_) first = std::min(first, s.turn);
    return first;
  }

  // The first turn of a SIMD at or after a cycle: SIMDs have theirs one after the other.
  uint64_t turn_after(size_t s, uint64_t at) const {
    const uint64_t slot = static_cast<uint64_t>(p_.slot), phase = s % slot;
    return at <= phase ? phase : (at - phase + slot - 1) / slot * slot + phase;
  }

  void wake(size_t s, uint64_t at) {
    if (at != never) simds_[s].turn = std::min(simds_[s].turn, turn_after(s, at));
  }

  void begin_group(uint64_t now) {
    if (next_group_ == work_.groups.size()) return;
    groups_.push_back(std::make_unique<running_group>());
    running_group& g = *groups_.back();
    g.index = next_group_++;
    g.trace = work_.groups[g.index];
    g.alive = g.trace->waves.size();
    g.signalled.resize(g.alive);
    for (size_t n = 0; n < g.trace->waves.size(); ++n) {
      // Each wave goes to the SIMD that has the fewest.
      const auto least = std::min_element(simds_.begin(), simds_.end(),
                                          [](const simd& a, const simd& b) { return a.waves.size() < b.waves.size(); });
      auto w = std::make_unique<running_wave>();
      w->trace = &g.trace->waves[n];
      w->group = &g;
      w->id = static_cast<int>(n);
      w->simd = static_cast<int>(least - simds_.begin());
      w->age = ages_++;
      w->began = w->last_issue = w->may_issue = now;
      g.waves.push_back(w.get());
      running_wave& started = *w;
      least->waves.push_back(std::move(w));
      prepare(started);
    }
  }

  const cost& next(const running_wave& w) const { return costs_[w.trace->steps[w.step]]; }

  void later(running_wave& w, uint64_t at, stall why) {
    if (at <= w.ready) return;
    w.ready = at;
    w.why = why;
  }

  // When the wave's next instruction can issue, its units apart, and what it waits for.
  void prepare(running_wave& w) {
    w.ready = w.may_issue;
    w.why = w.pace;
    const cost& c = next(w);
    for (size_t n = 0; n < c.reads.size(); ++n) {
      const register_range r = c.reads[n];
      const bool accumulates = static_cast<int>(n) == c.accumulator;
      for (int k = r.first; k < r.first + r.count && k < register_count; ++k)
        later(w, accumulates ? w.accumulated[static_cast<size_t>(k)] : w.written[static_cast<size_t>(k)],
              w.by[static_cast<size_t>(k)]);
    }
    for (size_t n = 0; n < c.limits.size(); ++n)
      if (c.limits[n] >= 0) wait_until(w, static_cast<wait_counter>(n), static_cast<size_t>(c.limits[n]));
    // Counters that are full.
    if (c.where == port::vmem)
      wait_until(w, c.is_store ? counters_.store : counters_.load, static_cast<size_t>(p_.most_loads) - 1);
    if (c.where == port::lds) wait_until(w, counters_.lds, static_cast<size_t>(p_.most_lds) - 1);
    if (c.where == port::smem) wait_until(w, counters_.scalar, static_cast<size_t>(p_.most_lds) - 1);
    if (c.barrier == barrier_part::wait && !complete(*w.group, w.barriers_passed + 1)) {
      w.at_barrier = true;
      w.ready = never;
    }
    wake(static_cast<size_t>(w.simd), w.ready);
  }

  void wait_until(running_wave& w, wait_counter which, size_t left) {
    const auto& queue = w.pending_accesses[static_cast<size_t>(which)];
    if (queue.size() > left) later(w, queue[queue.size() - 1 - left].done, queue[queue.size() - 1 - left].kind);
  }

  bool complete(const running_group& g, uint32_t barrier) const {
    for (size_t n = 0; n < g.waves.size(); ++n)
      if (g.waves[n] && g.signalled[n] < barrier) return false;
    return true;
  }

  void turn(size_t s, uint64_t now) {
    simd& here = simds_[s];
    here.turn = never;
    std::array<bool, static_cast<size_t>(port::count)> used{};
    order_.clear();
    for (const auto& w : here.waves)
      if (!w->ended) order_.push_back(w.get());
    std::sort(order_.begin(), order_.end(), [](const running_wave* a, const running_wave* b) {
      return a->priority != b->priority ? a->priority > b->priority : a->age < b->age;
    });
    for (running_wave* w : order_) {
      if (w->ready == never) continue;
      if (w->ready > now) {
        wake(s, w->ready);
        continue;
      }
      const cost& c = next(*w);
      const uint64_t free = free_from(here, c);
      const bool taken = c.where != port::none && used[static_cast<size_t>(c.where)];
      if (free > now || taken) {
        wake(s, std::max(free, now + 1));
        continue;
      }
      if (c.where != port::none) used[static_cast<size_t>(c.where)] = true;
      issue(s, *w, c, now);
    }
    std::erase_if(here.waves, [](const auto& w) { return w->ended; });
  }

  uint64_t free_from(const simd& s, const cost& c) const {
    if (c.where != port::valu) return 0;
    if (c.matrix) return std::max(s.valu_free, s.matrix_free);
    if (c.transcendental && p_.transcendental_beside_valu) return std::max(s.valu_free, s.transcendental_free);
    return s.valu_free;
  }

  stall busy_kind(const cost& c) const {
    if (c.where == port::valu) return c.matrix ? stall::matrix_busy : stall::valu_busy;
    return c.where == port::lds ? stall::lds_busy : stall::other_busy;
  }

  void account(running_wave& w, const cost& c, uint32_t index, uint64_t now) {
    instruction_time& t = result_.times[index];
    ++t.executed;
    ++result_.instructions;
    const uint64_t from = w.step ? w.last_issue + static_cast<uint64_t>(p_.slot) : w.began;
    const uint64_t ready = std::min(now, std::max(from, w.ready));
    // What the turns of the SIMD add is nobody's fault.
    const uint64_t turned = turn_after(static_cast<size_t>(w.simd), ready);
    // What holds the wave itself up is the doing of the instruction before.
    const bool held = w.step && w.why == w.pace && w.ready == w.may_issue;
    instruction_time& blamed = held ? result_.times[w.trace->steps[w.step - 1]] : t;
    if (ready > from) blamed.stalled[static_cast<size_t>(w.why)] += ready - from;
    if (now > turned) t.stalled[static_cast<size_t>(busy_kind(c))] += now - turned;
    if (result_.events.size() < work_.events) {
      result_.events.push_back({now, index, static_cast<uint32_t>(now - std::min(now, from)),
                                static_cast<uint16_t>(w.group->index), static_cast<uint16_t>(w.id),
                                static_cast<uint8_t>(w.simd), ready > from ? w.why : busy_kind(c)});
    }
  }

  void issue(size_t s, running_wave& w, const cost& c, uint64_t now) {
    const uint32_t index = w.trace->steps[w.step];
    account(w, c, index, now);
    w.last_issue = now;
    w.may_issue = now + std::max<uint64_t>(static_cast<uint64_t>(p_.slot), c.hold);
    w.pace = c.hold ? stall::nop : stall::alu;
    ++w.step;
    for (auto& queue : w.pending_accesses)
      while (!queue.empty() && queue.front().done <= now) queue.pop_front();
    if (c.where == port::valu) run_vector(simds_[s], c, now);
    if (c.where == port::salu) result_.salu += static_cast<uint64_t>(p_.slot);
    if (c.where == port::vmem || c.where == port::smem || c.where == port::lds) run_access(w, c, now);
    if (c.branches) {
      const bool taken = w.step < w.trace->steps.size() && w.trace->steps[w.step] != index + 1;
      w.may_issue = now + static_cast<uint64_t>(taken ? p_.branch_taken : p_.branch_untaken);
      w.pace = stall::branch;
    }
    if (c.priority >= 0) w.priority = c.priority;
    write_results(w, c, now);
    if (c.ends) return end(w, now);
    if (c.barrier != barrier_part::none) {
      pass_barrier(w, c, now);
      return;
    }
    prepare(w);
  }

  void run_vector(simd& s, const cost& c, uint64_t now) {
    const uint64_t slot = static_cast<uint64_t>(p_.slot);
    if (c.matrix) {
      result_.matrix += c.matrix;
      s.matrix_free = now + c.matrix;
      s.valu_free = now + (p_.matrix_beside_valu ? slot : c.matrix);
      result_.valu += p_.matrix_beside_valu ? slot : 0;
    } else if (c.transcendental && p_.transcendental_beside_valu) {
      s.transcendental_free = now + c.busy;
      s.valu_free = now + std::max<uint64_t>(1, c.busy / 4u);
      result_.transcendental += c.busy;
      result_.valu += std::max<uint64_t>(1, c.busy / 4u);
    } else {
      s.valu_free = now + c.busy;
      result_.valu += c.busy;
      if (c.transcendental) result_.transcendental += c.busy;
    }
  }

  void write_results(running_wave& w, const cost& c, uint64_t now) {
    // What memory brings is waited for by counters.
    if (c.where != port::valu && c.where != port::salu) return;
    for (const register_range r : c.writes) {
      const bool scalar = r.first >= first_scalar;
      const uint64_t there = now + (scalar && c.where == port::valu ? c.scalar_result : c.result);
      for (int k = r.first; k < r.first + r.count && k < register_count; ++k) {
        w.written[static_cast<size_t>(k)] = there;
        w.by[static_cast<size_t>(k)] = c.matrix ? stall::matrix : stall::alu;
        if (k < 512) w.accumulated[static_cast<size_t>(k)] = c.matrix ? now + c.matrix : there;
      }
    }
  }

  uint64_t run_lds(int at_port, double from, unsigned cycles) {
    double& free = lds_free_[static_cast<size_t>(at_port)];
    free = std::max(free, from) + cycles / p_.lds_rate;
    result_.lds += cycles;
    // Of the latency that was measured, the first cycles served it, and the wait took a slot.
    const double least = 64.0 / 32 / p_.ports;
    return cycle(free + p_.lds_latency - least - p_.slot);
  }

  void count(running_wave& w, wait_counter in, uint64_t done, stall kind) {
    auto& queue = w.pending_accesses[static_cast<size_t>(in)];
    // In order, or taken to be: of what comes out of order nobody waits for a part.
    if (!queue.empty()) done = std::max(done, queue.back().done);
    queue.push_back({done, kind});
  }

  void run_access(running_wave& w, const cost& c, uint64_t now) {
    const access& a = w.trace->accesses[w.access++];
    const std::span<const uint64_t> lines(w.trace->lines.data() + w.line, a.lines_end - w.line);
    w.line = a.lines_end;
    const int at_port = w.simd / (p_.simds / p_.ports);
    const double at = static_cast<double>(now);
    if (c.where == port::smem) {
      count(w, counters_.scalar, cycle(memory_.scalar_load(at, lines)), stall::scalar);
    } else if (c.where == port::lds) {
      const unsigned cycles = std::max<unsigned>(a.lds_cycles, 1);
      count(w, counters_.lds, run_lds(at_port, at, cycles), stall::lds);
    } else {
      double done = c.is_store ? memory_.store(at_port, at, lines, a.bytes, work_.wave_size)
                               : memory_.load(at_port, at, lines, a.bytes, work_.wave_size);
      if (c.is_atomic) done = std::max(done, memory_.store(at_port, at, lines, a.bytes, work_.wave_size));
      if (c.to_lds) done += a.lds_cycles;
      if (a.lds_cycles) done = std::max(done, static_cast<double>(run_lds(at_port, at, a.lds_cycles)));
      count(w, c.is_store ? counters_.store : counters_.load, cycle(done), c.is_store ? stall::store : stall::load);
      if (c.is_flat) count(w, counters_.lds, cycle(done), stall::load);
    }
  }

  void pass_barrier(running_wave& w, const cost& c, uint64_t now) {
    running_group& g = *w.group;
    const int parts = static_cast<int>(c.barrier);
    if (parts & static_cast<int>(barrier_part::wait)) ++w.barriers_passed;
    if (parts & static_cast<int>(barrier_part::signal)) {
      ++g.signalled[static_cast<size_t>(w.id)];
      if (c.barrier == barrier_part::both && !complete(g, w.barriers_passed)) {
        // It is past the barrier's instruction; the next must wait.
        w.at_barrier = true;
        w.ready = never;
        return;
      }
      release(g, now);
    }
    if (c.barrier == barrier_part::both) {
      w.may_issue = std::max(w.may_issue, now + static_cast<uint64_t>(p_.barrier));
      w.pace = stall::barrier;
    }
    prepare(w);
  }

  void release(running_group& g, uint64_t now) {
    for (running_wave* w : g.waves) {
      if (!w || !w->at_barrier) continue;
      // s_barrier has been passed already, s_barrier_wait is still to come.
      const bool waits = static_cast<int>(next(*w).barrier) == static_cast<int>(barrier_part::wait);
      if (!complete(g, waits ? w->barriers_passed + 1 : w->barriers_passed)) continue;
      w->at_barrier = false;
      w->may_issue = std::max(w->may_issue, now + static_cast<uint64_t>(p_.barrier));
      w->pace = stall::barrier;
      prepare(*w);
    }
  }

  void end(running_wave& w, uint64_t now) {
    w.ended = true;
    running_group& g = *w.group;
    result_.wave_cycles += now - w.began;
    result_.cycles = std::max(result_.cycles, now + static_cast<uint64_t>(p_.slot));
    g.waves[static_cast<size_t>(w.id)] = nullptr;
    if (--g.alive) return release(g, now);
    result_.ended[g.index] = now;
    begin_group(now + static_cast<uint64_t>(p_.slot));
  }

  const parameters& p_;
  const counted_in counters_;
  const std::vector<cost>& costs_;
  const unit_work& work_;
  memory_system& memory_;
  std::vector<simd> simds_;
  std::vector<double> lds_free_;
  std::vector<std::unique_ptr<running_group>> groups_;
  std::vector<running_wave*> order_;
  size_t next_group_ = 0;
  uint64_t ages_ = 0;
  unit_time result_;
};

}  // namespace

const char* name_of(stall why) {
  constexpr const char* names[] = {"alu", "matrix", "load",      "store",       "lds",      "scalar",    "barrier",
                                   "nop", "branch", "valu_busy", "matrix_busy", "lds_busy", "other_busy"};
  static_assert(std::size(names) == static_cast<size_t>(stall::count));
  return names[static_cast<size_t>(why)];
}

unit_time run_unit(const parameters& p, const counted_in& counters, const std::vector<cost>& costs,
                   const unit_work& work, memory_system& memory) {
  return unit(p, counters, costs, work, memory).run();
}

}  // namespace hipemu::timing
