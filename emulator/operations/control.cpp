// SPDX-License-Identifier: Apache-2.0
// Branches, calls, barriers, the end; and what changes nothing here: waits, hints, caches, messages to the driver.
#include "machine/barrier.h"
#include "machine/program.h"
#include "operations/scalar.h"
#include "operations/tables.h"

namespace hipemu {
namespace {

// --- Branches --------------------------------------------------------------------------------------------------------

void go(wave& w, int32_t target) {
  if (target < 0) throw fault(fault_kind::illegal, "a branch out of the code");
  w.pc = static_cast<uint32_t>(target);
}

flag vcc_is_zero(const wave& w) {
  const uint64_t vcc = w.s[sreg::vcc] | static_cast<uint64_t>(w.s[sreg::vcc + 1]) << 32;
  const uint64_t defined = w.s_defined[sreg::vcc] | static_cast<uint64_t>(w.s_defined[sreg::vcc + 1]) << 32;
  return {(vcc & w.all_lanes) == 0, (~defined & w.all_lanes) == 0 || (vcc & defined & w.all_lanes) != 0};
}

constexpr auto always = [](const wave&) { return flag{true, true}; };
constexpr auto never = [](const wave&) { return flag{false, true}; };  // on bits that only debuggers set
constexpr auto on_scc = [](const wave& w) { return flag{w.scc, w.scc_defined}; };
constexpr auto on_vccz = [](const wave& w) { return vcc_is_zero(w); };
constexpr auto on_execz = [](const wave& w) { return flag{w.exec() == 0, true}; };

template <auto Condition, bool Wanted = true>
void branch(wave& w, const instruction& i) {
  const flag f = Condition(w);
  need_known(w, f.defined, "a branch");
  if (f.x == Wanted) go(w, i.target);
}

void put_address(wave& w, const operand& to, const instruction& i) {
  write_scalar(w, to, i.address + i.bytes, 2);
}

void jump(wave& w, pair address) {
  need_known(w, address.known(), "a jump");
  go(w, w.launch.code.at(address.x));
}

void get_pc(wave& w, const instruction& i) {
  put_address(w, i.x(0), i);
}
void set_pc(wave& w, const instruction& i) {
  jump(w, read_tracked<uint64_t>(w, i.x(0)));
}
void swap_pc(wave& w, const instruction& i) {
  const pair address = read_tracked<uint64_t>(w, i.x(1));
  put_address(w, i.x(0), i);
  jump(w, address);
}
void call(wave& w, const instruction& i) {
  put_address(w, i.x(0), i);
  go(w, i.target);
}

void end(wave& w, const instruction&) {
  w.status = wave_status::ended;
}

void trap(wave&, const instruction& i) {
  throw fault(fault_kind::illegal, "trap " + std::to_string(i.encoding & 0xff));
}

void code_end(wave&, const instruction&) {
  throw fault(fault_kind::illegal, "the program ran past its end");
}

void halt(wave&, const instruction& i) {
  if (i.encoding & 1) throw fault(fault_kind::illegal, "the wave halts");
}

// --- Barriers --------------------------------------------------------------------------------------------------------

void barrier(wave& w, const instruction& i) {
  signal_barrier(w, i);
  wait_at_barrier(w, i);
}

// Barrier -1 is the workgroup's, -2 the trap handler's and 0 none: signalling those does nothing. The others, and M0,
// are for GPUs yet to come.
enum class barrier_id : uint8_t { workgroup, none };
barrier_id which_barrier(int64_t id) {
  if (id == -1) return barrier_id::workgroup;
  if (id == 0 || id == -2) return barrier_id::none;
  throw fault(fault_kind::unimplemented, "barrier " + std::to_string(id));
}
barrier_id which_barrier(const operand& x) {
  if (x.is != operand::constant) throw fault(fault_kind::unimplemented, "a barrier named by a register");
  return which_barrier(static_cast<int64_t>(x.bits));
}

void barrier_signal(wave& w, const instruction& i) {
  if (which_barrier(i.x(0)) == barrier_id::workgroup) signal_barrier(w, i);
}
void barrier_signal_isfirst(wave& w, const instruction& i) {
  const bool first = which_barrier(i.x(0)) == barrier_id::workgroup && signal_barrier(w, i);
  finish(w, i, flag{first, true});
}
void barrier_wait(wave& w, const instruction& i) {
  if (which_barrier(static_cast<int16_t>(i.encoding)) == barrier_id::workgroup) wait_at_barrier(w, i);
}

void barrier_state(wave& w, const instruction& i) {
  uint32_t signalled = 0, members = 0;
  if (which_barrier(i.x(1)) == barrier_id::workgroup) {
    uint32_t most = 0, least = ~0u;
    for (const auto& other : w.group.waves) {
      if (other->status == wave_status::ended) continue;
      most = std::max(most, other->signals);
      least = std::min(least, other->signals);
      ++members;
    }
    for (const auto& other : w.group.waves)
      signalled += other->status != wave_status::ended && most != least && other->signals == most;
  }
  write_scalar(w, i.x(0), signalled << 16 | members << 4 | (members ? 1 : 0), 1);
}

// --- Clocks and messages ---------------------------------------------------------------------------------------------

// Time does not pass here. Every read of a clock finds it later than the one before, so that who waits for it ends.
uint64_t clock_now(wave& w) {
  return w.instructions + (w.clock += 64);
}

void read_clock(wave& w, const instruction& i) {
  write_scalar(w, i.x(0), clock_now(w), 2);
}

void message(wave& w, const instruction& i) {
  const unsigned id = static_cast<unsigned>(i.encoding & (w.target.cdna() ? 0xf : 0xff));
  const bool interrupt = id == 1, release_registers = id == 3 && w.target.rdna();
  if (!interrupt && !release_registers)
    throw fault(fault_kind::unimplemented, "message " + std::to_string(id) + " is not implemented");
}

void message_with_answer(wave& w, const instruction& i) {
  const unsigned id = static_cast<unsigned>(i.encoding & 0xff);
  constexpr unsigned real_time = 0x83;
  if (id != real_time) throw fault(fault_kind::unimplemented, "message " + std::to_string(id) + " is not implemented");
  write_scalar(w, i.x(0), clock_now(w), i.x(0).words);
}

// --- Hardware registers ----------------------------------------------------------------------------------------------

namespace mode_bit {
constexpr uint32_t dx10_clamp = 1u << 8, ieee = 1u << 9, fp16_overflow = 1u << 23, vgpr_index = 1u << 27,
                   skip = 1u << 28;
}

uint32_t mode_register(const wave& w) {
  return (w.mode_bits & ~(mode_bit::fp16_overflow | mode_bit::vgpr_index | mode_bit::skip)) |
         (w.mode.fp16_overflow ? mode_bit::fp16_overflow : 0) | (w.indexes_registers ? mode_bit::vgpr_index : 0) |
         (w.skips_vector ? mode_bit::skip : 0);
}

void set_mode(wave& w, uint32_t bits) {
  w.indexes_registers = w.target.cdna() && bits & mode_bit::vgpr_index;
  w.skips_vector = w.target.cdna() && bits & mode_bit::skip;
  w.mode_bits = bits;
  w.mode.round_32 = bits & 3;
  w.mode.round_16_64 = bits >> 2 & 3;
  w.mode.denormal_32 = bits >> 4 & 3;
  w.mode.denormal_16_64 = bits >> 6 & 3;
  w.mode.fp16_overflow = bits & mode_bit::fp16_overflow;
  if (w.target.gen == generation::rdna4) return;  // has neither of the two that follow
  w.mode.dx10_clamp = bits & mode_bit::dx10_clamp;
  w.mode.ieee = bits & mode_bit::ieee;
}

// s_getreg, s_setreg: the register's number in bits 0-5, the lowest bit in 6-10, the number of bits less one in 11-15.
struct hardware_field {
  unsigned id, low, bits;
  uint32_t mask;
  explicit hardware_field(const instruction& i)
      : id(i.encoding & 0x3f),
        low(i.encoding >> 6 & 0x1f),
        bits((i.encoding >> 11 & 0x1f) + 1),
        mask(bits == 32 ? ~0u : (1u << bits) - 1) {}
};

namespace hwreg {
constexpr unsigned mode = 1, status = 2, trap_status = 3, hw_id = 4, memory_bases = 15;
constexpr unsigned xcc_id = 20;                                 // gfx942, gfx950
constexpr unsigned flat_scratch_lo = 20, flat_scratch_hi = 21;  // gfx11, gfx12
constexpr unsigned hw_id1 = 23, hw_id2 = 24, cycles = 29;       // gfx11, gfx12
constexpr unsigned state_priv = 4, excp_flag_priv = 17, excp_flag_user = 18, sched_mode = 26, cycles_hi = 30;  // gfx12
}  // namespace hwreg

[[noreturn]] void unknown_register(unsigned id) {
  throw fault(fault_kind::unimplemented, "hardware register " + std::to_string(id) + " is not implemented");
}

word hardware_register(wave& w, unsigned id) {
  const bool gfx12 = w.target.gen == generation::rdna4;
  const word scc_bit{w.scc, w.scc_defined ? ~0u : ~1u};
  if (id == hwreg::mode) return mode_register(w);
  if (id == hwreg::status && !gfx12) {
    constexpr uint32_t valid = 1u << 16;
    const flag vccz = vcc_is_zero(w);
    return scc_bit | word(static_cast<uint32_t>(w.exec() == 0) << 9) |
           word(static_cast<uint32_t>(vccz.x) << 10, vccz.defined ? ~0u : ~(1u << 10)) | word(valid);
  }
  if (gfx12 && id == hwreg::state_priv) return scc_bit << 9;
  if (gfx12 && (id == hwreg::excp_flag_priv || id == hwreg::excp_flag_user)) return 0u;  // no exceptions
  if (!gfx12 && id == hwreg::trap_status) return 0u;
  if (w.target.rdna()) {
    if (id == hwreg::flat_scratch_lo) return w.s[sreg::flat_scratch_hardware];
    if (id == hwreg::flat_scratch_hi) return w.s[sreg::flat_scratch_hardware + 1];
    if (id == hwreg::hw_id1) return static_cast<uint32_t>(w.id & 0x1f);
    if (id == hwreg::hw_id2) return 0u;
    if (id == hwreg::cycles) return static_cast<uint32_t>(clock_now(w)) & (gfx12 ? ~0u : 0xfffff);
    if (gfx12 && id == hwreg::cycles_hi) return static_cast<uint32_t>((w.instructions + w.clock) >> 32);
  } else {
    if (id == hwreg::hw_id) return static_cast<uint32_t>(w.id & 0xf);
    if (id == hwreg::memory_bases) return private_aperture_high >> 16 | (shared_aperture_high >> 16) << 16;
    if (id == hwreg::xcc_id && w.target.gen >= generation::cdna3) return 0u;
  }
  unknown_register(id);
}

void get_register(wave& w, const instruction& i) {
  const hardware_field f(i);
  const word value = (hardware_register(w, f.id) >> f.low) & f.mask;
  write_scalar(w, i.x(0), value.x, 1, value.defined);
}

void set_register(wave& w, const instruction& i, uint32_t value) {
  const hardware_field f(i);
  const bool gfx12 = w.target.gen == generation::rdna4;
  const uint32_t mask = f.mask << f.low;
  const bool flat_scratch = f.id == hwreg::flat_scratch_lo || f.id == hwreg::flat_scratch_hi;
  if (f.id == hwreg::mode) {
    set_mode(w, (mode_register(w) & ~mask) | (value << f.low & mask));
  } else if (flat_scratch && w.target.gen == generation::rdna2) {  // where kernels set it
    uint32_t& to = w.s[sreg::flat_scratch_hardware + (f.id == hwreg::flat_scratch_hi)];
    to = (to & ~mask) | (value << f.low & mask);
  } else if (!(gfx12 ? f.id == hwreg::excp_flag_user || f.id == hwreg::sched_mode : f.id == hwreg::trap_status)) {
    unknown_register(f.id);
  }
}

void set_register_of_scalar(wave& w, const instruction& i) {
  const word value = read_tracked<uint32_t>(w, i.x(0));
  need_known(w, value.known(), "a mode of the machine");
  set_register(w, i, value.x);
}
void set_register_of_immediate(wave& w, const instruction& i) {
  set_register(w, i, static_cast<uint32_t>(i.encoding >> 32));
}

void set_rounding(wave& w, const instruction& i) {
  set_mode(w, (mode_register(w) & ~0xfu) | (i.encoding & 0xf));
}
void set_denormals(wave& w, const instruction& i) {
  set_mode(w, (mode_register(w) & ~0xf0u) | (i.encoding & 0xf) << 4);
}

// --- Tables ----------------------------------------------------------------------------------------------------------

void nothing(wave&, const instruction&) {}

constexpr auto branch_class = instruction_class::branch;
constexpr auto barrier_class = instruction_class::barrier;
constexpr auto wait_class = instruction_class::wait;
constexpr auto salu_class = instruction_class::salu;
constexpr auto other_class = instruction_class::other;

constexpr operation table[] = {
    {"s_branch", branch<always>, branch_class, 0},
    {"s_cbranch_scc0", branch<on_scc, false>, branch_class, 0},
    {"s_cbranch_scc1", branch<on_scc>, branch_class, 0},
    {"s_cbranch_vccz", branch<on_vccz>, branch_class, 0},
    {"s_cbranch_vccnz", branch<on_vccz, false>, branch_class, 0},
    {"s_cbranch_execz", branch<on_execz>, branch_class, 0},
    {"s_cbranch_execnz", branch<on_execz, false>, branch_class, 0},
    {"s_cbranch_cdbgsys", branch<never>, branch_class, 0},
    {"s_cbranch_cdbguser", branch<never>, branch_class, 0},
    {"s_cbranch_cdbgsys_or_user", branch<never>, branch_class, 0},
    {"s_cbranch_cdbgsys_and_user", branch<never>, branch_class, 0},
    {"s_getpc_b64", get_pc, salu_class},
    {"s_setpc_b64", set_pc, branch_class, 0},
    {"s_swappc_b64", swap_pc, branch_class},
    {"s_call_b64", call, branch_class},
    {"s_endpgm", end, branch_class, 0},
    {"s_trap", trap, other_class, 0},
    {"s_code_end", code_end, other_class, 0},
    {"s_sethalt", halt, other_class, 0},

    {"s_barrier", barrier, barrier_class, 0},
    {"s_barrier_signal", barrier_signal, barrier_class, 0},
    {"s_barrier_signal_isfirst", barrier_signal_isfirst, barrier_class, 0},
    {"s_barrier_wait", barrier_wait, barrier_class, 0},
    {"s_get_barrier_state", barrier_state, barrier_class},

    {"s_memtime", read_clock, instruction_class::smem},
    {"s_memrealtime", read_clock, instruction_class::smem},
    {"s_sendmsg", message, other_class, 0},
    {"s_sendmsg_rtn_b32", message_with_answer, other_class},
    {"s_sendmsg_rtn_b64", message_with_answer, other_class},

    {"s_getreg_b32", get_register, salu_class},
    {"s_setreg_b32", set_register_of_scalar, salu_class, 0},
    {"s_setreg_imm32_b32", set_register_of_immediate, salu_class, 0},
    {"s_round_mode", set_rounding, salu_class, 0},
    {"s_denorm_mode", set_denormals, salu_class, 0},

    // Everything is done when the next instruction begins, so there is nothing to wait for.
    {"s_waitcnt", nothing, wait_class, 0},
    {"s_waitcnt_depctr", nothing, wait_class, 0},
    {"s_waitcnt_vscnt", nothing, wait_class, 0},
    {"s_waitcnt_vmcnt", nothing, wait_class, 0},
    {"s_waitcnt_expcnt", nothing, wait_class, 0},
    {"s_waitcnt_lgkmcnt", nothing, wait_class, 0},
    {"s_wait_loadcnt", nothing, wait_class, 0},
    {"s_wait_storecnt", nothing, wait_class, 0},
    {"s_wait_samplecnt", nothing, wait_class, 0},
    {"s_wait_bvhcnt", nothing, wait_class, 0},
    {"s_wait_expcnt", nothing, wait_class, 0},
    {"s_wait_dscnt", nothing, wait_class, 0},
    {"s_wait_kmcnt", nothing, wait_class, 0},
    {"s_wait_loadcnt_dscnt", nothing, wait_class, 0},
    {"s_wait_storecnt_dscnt", nothing, wait_class, 0},
    {"s_wait_alu", nothing, wait_class, 0},
    {"s_wait_idle", nothing, wait_class, 0},
    {"s_wait_event", nothing, wait_class, 0},
    {"s_nop", nothing, wait_class, 0},
    {"s_sleep", nothing, wait_class, 0},
    {"s_sleep_var", nothing, wait_class, 0},
    {"s_wakeup", nothing, wait_class, 0},
    {"s_delay_alu", nothing, wait_class, 0},
    {"s_clause", nothing, other_class, 0},
    {"s_setprio", nothing, other_class, 0},
    {"s_set_inst_prefetch_distance", nothing, other_class, 0},
    {"s_inst_prefetch", nothing, other_class, 0},  // gfx10 says it so
    {"s_incperflevel", nothing, other_class, 0},
    {"s_decperflevel", nothing, other_class, 0},
    {"s_ttracedata", nothing, other_class, 0},
    {"s_ttracedata_imm", nothing, other_class, 0},
    {"s_version", nothing, other_class, 0},

    // There are no caches.
    {"s_icache_inv", nothing, other_class, 0},
    {"s_dcache_inv", nothing, other_class, 0},
    {"s_dcache_inv_vol", nothing, other_class, 0},
    {"s_dcache_wb", nothing, other_class, 0},
    {"s_dcache_wb_vol", nothing, other_class, 0},
    {"s_gl1_inv", nothing, other_class, 0},
    {"s_atc_probe", nothing, other_class, 0},
    {"s_atc_probe_buffer", nothing, other_class, 0},
    {"s_prefetch_inst", nothing, other_class, 0},
    {"s_prefetch_inst_pc_rel", nothing, other_class, 0},
    {"s_prefetch_data", nothing, other_class, 0},
    {"s_prefetch_data_pc_rel", nothing, other_class, 0},
    {"s_buffer_prefetch_data", nothing, other_class, 0},
    {"buffer_gl0_inv", nothing, other_class, 0},
    {"buffer_gl1_inv", nothing, other_class, 0},
    {"buffer_inv", nothing, other_class, 0},
    {"buffer_wbl2", nothing, other_class, 0},
    {"buffer_invl2", nothing, other_class, 0},
    {"buffer_wbinvl1", nothing, other_class, 0},
    {"buffer_wbinvl1_vol", nothing, other_class, 0},
    {"global_inv", nothing, other_class, 0},
    {"global_wb", nothing, other_class, 0},
    {"global_wbinv", nothing, other_class, 0},
};

}  // namespace

std::span<const operation> control_operations() {
  return table;
}

}  // namespace hipemu
