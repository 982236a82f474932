// SPDX-License-Identifier: Apache-2.0
// Names and sums of the counters; the lines that are written of launches and faults.
#include "machine/report.h"

#include <cstdio>
#include <mutex>

#include "machine/environment.h"

namespace hipemu {
namespace {

constexpr const char* class_names[] = {"salu",      "valu",       "transcendental", "matrix", "smem",
                                       "vmem_load", "vmem_store", "vmem_atomic",    "lds",    "branch",
                                       "barrier",   "wait",       "other"};
static_assert(std::size(class_names) == static_cast<size_t>(instruction_class::count));
constexpr const char* widths[] = {"1", "2", "4", "8", "12", "16"};

// Calls f(name, index or "", value) for each counter: the one place that knows them all.
template <class Counters, class F>
constexpr void visit(Counters& c, F f) {
  for (size_t i = 0; i < std::size(class_names); ++i) f("instructions_", class_names[i], c.instructions[i]);
  f("workgroups", "", c.workgroups);
  f("waves", "", c.waves);
  f("matrix_cycles", "", c.matrix_cycles);
  f("valu_cycles", "", c.valu_cycles);
  f("bytes_read", "", c.bytes_read);
  f("bytes_written", "", c.bytes_written);
  f("scratch_bytes", "", c.scratch_bytes);
  f("lines_read", "", c.lines_read);
  f("lines_written", "", c.lines_written);
  f("distinct_read_bytes", "", c.distinct_read_bytes);
  f("distinct_written_bytes", "", c.distinct_written_bytes);
  f("lds_bytes", "", c.lds_bytes);
  f("lds_cycles", "", c.lds_cycles);
  f("lds_conflict_cycles", "", c.lds_conflict_cycles);
  f("unaligned_accesses", "", c.unaligned_accesses);
  for (size_t i = 0; i < std::size(widths); ++i) f("loads_of_", widths[i], c.loads_by_width[i]);
  for (size_t i = 0; i < std::size(widths); ++i) f("stores_of_", widths[i], c.stores_by_width[i]);
}

constexpr size_t visited() {
  counters c;
  size_t n = 0;
  visit(c, [&](const char*, const char*, uint64_t) { ++n; });
  return n;
}
static_assert(visited() * sizeof(uint64_t) == sizeof(counters), "visit() misses a counter");

std::string three(const uint32_t (&x)[3]) {
  return "[" + std::to_string(x[0]) + ", " + std::to_string(x[1]) + ", " + std::to_string(x[2]) + "]";
}

}  // namespace

const char* class_name(instruction_class cls) {
  return class_names[static_cast<size_t>(cls)];
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    char escape[8];
    if (c == '"' || c == '\\')
      out += std::string("\\") + c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += (std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(c)), escape);
    else
      out += c;
  }
  return out + "\"";
}

void append(const std::string& path, const std::string& text) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::FILE* file = std::fopen(path.c_str(), "a");
  const bool written = file && std::fputs(text.c_str(), file) >= 0;
  if ((file && std::fclose(file)) || !written) std::fprintf(stderr, "hipemu: cannot write to %s\n", path.c_str());
}

void counters::add(const counters& other) {
  uint64_t values[sizeof(counters) / sizeof(uint64_t)];
  uint64_t* next = values;
  visit(other, [&](const char*, const char*, uint64_t value) { *next++ = value; });
  next = values;
  visit(*this, [&](const char*, const char*, uint64_t& value) { value += *next++; });
}

const char* fault_name(fault_kind kind) {
  switch (kind) {
    case fault_kind::bad_launch:
      return "bad launch";
    case fault_kind::unimplemented:
      return "instruction not implemented";
    case fault_kind::illegal:
      return "illegal instruction";
    case fault_kind::out_of_bounds:
      return "access out of bounds";
    case fault_kind::misaligned:
      return "misaligned access";
    case fault_kind::undefined_value:
      return "use of an undefined value";
    case fault_kind::lds_race:
      return "race in LDS";
    case fault_kind::divergent_barrier:
      return "divergent barrier";
    case fault_kind::too_long:
      return "instruction limit reached";
  }
  return "unknown fault";
}

std::string json_line(const target_info& target, const launch_request& request, const counters& count) {
  const auto number = [](double x) {
    char text[32];
    return std::string(text, static_cast<size_t>(std::snprintf(text, sizeof(text), "%.9g", x)));
  };
  std::string line = "{\"target\": " + quoted(target.name) + ", \"card\": " + quoted(target.card) +
                     ", \"compute_units\": " + std::to_string(target.compute_units) +
                     ", \"simds\": " + std::to_string(target.simds) + ", \"clock_hz\": " + number(target.clock_hz) +
                     ", \"memory_bytes_per_second\": " + number(target.memory_bytes_per_second) +
                     ", \"kernel\": " + quoted(request.k->name) + ", \"groups\": " + three(request.groups) +
                     ", \"block\": " + three(request.block) +
                     ", \"lds_allocated\": " + std::to_string(request.k->lds_bytes + request.dynamic_lds_bytes);
  visit(count, [&](const char* name, const char* suffix, uint64_t value) {
    line += std::string(", \"") + name + suffix + "\": " + std::to_string(value);
  });
  return line + "}";
}

void report(const std::string& text) {
  const std::string lines = text.ends_with('\n') ? text : text + "\n";
  std::fputs(lines.c_str(), stderr);
  if (const std::string& path = settings().report_path; !path.empty()) append(path, lines);
}

void report(const target_info& target, const launch_request& request, const counters& count) {
  if (const std::string& path = settings().counters_path; !path.empty())
    append(path, json_line(target, request, count) + "\n");
}

}  // namespace hipemu
