// SPDX-License-Identifier: Apache-2.0
// Runs a kernel: lays out its arguments as the target wants them, and spreads workgroups over threads.
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "machine/environment.h"
#include "machine/launch.h"
#include "machine/wave.h"
#include "machine/worker.h"
#include "timing/trace.h"

namespace hipemu {
namespace {

// The AQL packet that dispatch_ptr points to (HSA's hsa_kernel_dispatch_packet_t).
struct dispatch_packet {
  uint16_t header, setup, workgroup_size[3], reserved0;
  uint32_t grid_size[3];
  uint32_t private_segment_size, group_segment_size;
  uint64_t kernel_object, kernarg_address, reserved2, completion_signal;
};
static_assert(sizeof(dispatch_packet) == 64);

// An allocation that lives as long as the launch.
struct temporary {
  device_memory& memory;
  allocation* at = nullptr;
  temporary(device_memory& m, size_t bytes, memory_kind kind, bool is_defined)
      : memory(m), at(bytes ? m.allocate(bytes, kind, 0, is_defined) : nullptr) {
    if (at) at->writable = kind == memory_kind::scratch;
  }
  ~temporary() {
    if (at) memory.release(reinterpret_cast<void*>(at->base));
  }
  uint64_t address() const { return at ? at->base : 0; }
};

template <class T>
void put(std::vector<uint8_t>& bytes, const kernel_argument& at, T value) {
  std::memcpy(bytes.data() + at.offset, &value, std::min<size_t>(sizeof(value), at.bytes));
}

// The kernarg segment: the caller's arguments and the hidden ones.
std::vector<uint8_t> kernarg_segment(const launch_request& request) {
  const kernel& k = *request.k;
  std::vector<uint8_t> bytes(k.kernarg_bytes, 0);
  std::copy_n(request.arguments.begin(), std::min(bytes.size(), request.arguments.size()), bytes.begin());
  const int dimensions = request.groups[2] * request.block[2] > 1   ? 3
                         : request.groups[1] * request.block[1] > 1 ? 2
                                                                    : 1;
  for (const kernel_argument& a : k.arguments) {
    for (int d = 0; d < 3; ++d) {
      const std::string axis(1, static_cast<char>('x' + d));
      if (a.kind == "hidden_block_count_" + axis) put<uint32_t>(bytes, a, request.groups[d]);
      if (a.kind == "hidden_group_size_" + axis) put<uint16_t>(bytes, a, static_cast<uint16_t>(request.block[d]));
    }
    if (a.kind == "hidden_grid_dims") put<uint16_t>(bytes, a, static_cast<uint16_t>(dimensions));
    if (a.kind == "hidden_dynamic_lds_size") put<uint32_t>(bytes, a, request.dynamic_lds_bytes);
    if (a.kind == "hidden_private_base") put<uint32_t>(bytes, a, private_aperture_high);
    if (a.kind == "hidden_shared_base") put<uint32_t>(bytes, a, shared_aperture_high);
    // The rest (global offsets, remainders of a uniform grid, printf, hostcall, heap, queue) is zero.
  }
  return bytes;
}

}  // namespace

counters run(const target_info& target, device_memory& memory, const checks& check, const launch_request& request,
             timing::recording* recording) {
  const kernel& k = *request.k;
  // Compilers widen scalar loads over the end of the arguments: what HSA aligns to 16 bytes can be read in whole sixteens.
  const size_t given = request.arguments.size(), wanted = k.explicit_bytes();
  const temporary kernargs(memory, k.kernarg_segment_bytes(), memory_kind::kernarg, given >= wanted);
  if (given < wanted) {
    memory.mark_defined(kernargs.address(), given);
    memory.mark_defined(kernargs.address() + wanted, k.kernarg_segment_bytes() - wanted);
  }
  const temporary packet(memory, sizeof(dispatch_packet), memory_kind::kernarg, true);
  const auto bytes = kernarg_segment(request);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<uint8_t*>(kernargs.address()));

  launch_state launch{target, memory, request.code->code(k.wave_size), k, check};
  std::copy_n(request.groups, 3, launch.groups);
  std::copy_n(request.block, 3, launch.block);
  launch.lds_bytes = k.lds_bytes + request.dynamic_lds_bytes;
  launch.kernarg_address = kernargs.address();
  launch.dispatch_packet_address = packet.address();

  dispatch_packet p{};
  p.setup = 3;
  for (int d = 0; d < 3; ++d) {
    p.workgroup_size[d] = static_cast<uint16_t>(request.block[d]);
    p.grid_size[d] = request.groups[d] * request.block[d];
  }
  p.private_segment_size = k.scratch_bytes;
  p.group_segment_size = launch.lds_bytes;
  p.kernarg_address = launch.kernarg_address;
  std::memcpy(reinterpret_cast<void*>(packet.address()), &p, sizeof(p));

  const uint64_t total = static_cast<uint64_t>(request.groups[0]) * request.groups[1] * request.groups[2];
  const uint32_t threads = request.block[0] * request.block[1] * request.block[2];
  const uint64_t waves = (threads + k.wave_size - 1) / k.wave_size;
  const size_t workers = static_cast<size_t>(std::min<uint64_t>(total, settings().threads));
  launch.scratch_bytes = k.dynamic_stack ? std::max(k.scratch_bytes, dynamic_stack_bytes) : k.scratch_bytes;
  launch.scratch_bytes = (launch.scratch_bytes + 15) & ~15u;
  const uint64_t scratch_wave = static_cast<uint64_t>(launch.scratch_bytes) * k.wave_size;
  const temporary scratch(memory, workers * waves * scratch_wave, memory_kind::scratch, false);
  launch.scratch_base = scratch.address();

  std::atomic<uint64_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::exception_ptr first;
  counters all;
  const auto work = [&](size_t n) {
    try {
      worker one(launch, request, recording, next, stop, launch.scratch_base + n * waves * scratch_wave, scratch_wave);
      one.run();
      const std::lock_guard lock(mutex);
      all.add(one.count());
      if (recording) recording->groups.merge(one.recorded());
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!first) first = std::current_exception();
      stop = true;
    }
  };
  std::vector<std::thread> others;
  try {
    for (size_t n = 1; n < workers; ++n) others.emplace_back(work, n);
  } catch (const std::exception&) {  // no more threads, or no memory for them: those that there are do the work
  }
  work(0);
  for (auto& t : others) t.join();
  if (first) std::rethrow_exception(first);
  all.distinct_read_bytes = launch.touched.bytes_read();
  all.distinct_written_bytes = launch.touched.bytes_written();
  return all;
}

}  // namespace hipemu
