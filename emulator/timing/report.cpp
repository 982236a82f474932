// SPDX-License-Identifier: Apache-2.0
// What the model tells: a line of JSON for each launch, a timeline in the trace-event format (Perfetto and
// chrome://tracing open it).
#include <cstdio>

#include "machine/environment.h"
#include "machine/occupancy.h"
#include "machine/program.h"
#include "machine/report.h"
#include "timing/model.h"

namespace hipemu::timing {
namespace {

constexpr size_t timeline_events = 200'000;

std::string number(double x) {
  char text[32];
  return std::string(text, static_cast<size_t>(std::snprintf(text, sizeof(text), "%.6g", x)));
}

// An object of JSON, built member by member.
class object {
 public:
  object& add(const char* name, const std::string& json) {
    text_ += (text_.empty() ? "{" : ", ") + quoted(name) + ": " + json;
    return *this;
  }
  object& add(const char* name, double x) { return add(name, number(x)); }
  object& add(const char* name, uint64_t x) { return add(name, std::to_string(x)); }
  object& string(const char* name, const std::string& x) { return add(name, quoted(x)); }
  std::string text() const { return text_.empty() ? "{}" : text_ + "}"; }

 private:
  std::string text_;
};

std::string stalls(const std::array<uint64_t, static_cast<size_t>(stall::count)>& cycles) {
  object all;
  for (size_t n = 0; n < cycles.size(); ++n)
    if (cycles[n]) all.add(name_of(static_cast<stall>(n)), cycles[n]);
  return all.text();
}

std::string instructions(const launch_request& request, const unit_time& unit) {
  const program& code = request.code->code(request.k->wave_size);
  std::string text = "[";
  for (uint32_t n = 0; n < code.size(); ++n) {
    const instruction_time& t = unit.times[n];
    if (!t.executed) continue;
    const instruction& i = code[n];
    object one;
    one.add("offset", i.address - request.k->entry).string("text", code.text(i));
    if (const std::string source = request.code->source_line(i.address); !source.empty()) one.string("source", source);
    one.add("executed", t.executed).add("stalls", stalls(t.stalled));
    text += (text.size() > 1 ? ", " : "") + one.text();
  }
  return text + "]";
}

std::string line_of(const target_info& target, const launch_request& request, const prediction& p) {
  std::array<uint64_t, static_cast<size_t>(stall::count)> all{};
  for (const instruction_time& t : p.unit.times)
    for (size_t n = 0; n < all.size(); ++n) all[n] += t.stalled[n];
  object shares;
  shares.add("matrix", p.matrix).add("valu", p.valu).add("transcendental", p.transcendental).add("salu", p.salu);
  shares.add("lds", p.lds)
      .add("address_path", p.address_path)
      .add("l2", p.l2)
      .add("cache", p.cache)
      .add("memory", p.memory);
  object line;
  line.string("target", target.name).string("card", target.card).string("kernel", request.k->name);
  line.add("groups", p.groups).add("groups_executed", p.groups_executed).add("groups_replayed", p.groups_replayed);
  line.add("units", p.units).add("groups_of_unit", p.groups_of_unit).add("resident", p.resident);
  line.add("registers", static_cast<uint64_t>(registers_of(*request.k, target).total))
      .add("lds_bytes", uint64_t{request.k->lds_bytes} + request.dynamic_lds_bytes)
      .add("scratch_bytes", uint64_t{request.k->scratch_bytes});
  line.add("waves_per_simd", p.waves_per_simd).add("cycles", p.cycles).add("clock_hz", p.clock);
  line.add("time_us", p.seconds * 1e6).add("time_us_with_conflicts", p.seconds_with_conflicts * 1e6);
  line.string("bound", bound_of(p)).add("shares", shares.text());
  line.add("footprint_bytes", p.footprint_bytes).add("in_cache", std::string(p.in_cache ? "true" : "false"));
  line.add("replay_cycles", p.unit.cycles)
      .add("wave_cycles", p.unit.wave_cycles)
      .add("wave_instructions", p.unit.instructions);
  line.add("stalls", stalls(all)).add("instructions", instructions(request, p.unit));
  return line.text();
}

// One track a wave, below its SIMD: what it issued, and before that what it waited for. Times are in microseconds.
void write_timeline(const std::string& path, const launch_request& request, const prediction& p) {
  const program& code = request.code->code(request.k->wave_size);
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (!file) return hipemu::report("hipemu: cannot write to " + path);
  const double cycle = 1e6 / p.clock;
  std::fprintf(
      file, "{\"displayTimeUnit\": \"ns\", \"otherData\": {\"kernel\": %s, \"clock_hz\": %.0f}, \"traceEvents\": [\n",
      quoted(request.k->name).c_str(), p.clock);
  for (int s = 0; s < p.card->simds; ++s)
    std::fprintf(file, "{\"ph\": \"M\", \"name\": \"process_name\", \"pid\": %d, \"args\": {\"name\": \"SIMD %d\"}},\n",
                 s, s);
  for (size_t n = 0; n < p.unit.events.size(); ++n) {
    const event& e = p.unit.events[n];
    const unsigned track = 100u * e.group + e.wave;
    if (e.waited)
      std::fprintf(file,
                   "{\"ph\": \"X\", \"pid\": %d, \"tid\": %u, \"ts\": %.4f, \"dur\": %.4f, \"name\": \"wait: %s\"},\n",
                   e.simd, track, static_cast<double>(e.at - e.waited) * cycle, e.waited * cycle, name_of(e.why));
    const instruction& i = code[e.index];
    std::fprintf(file,
                 "{\"ph\": \"X\", \"pid\": %d, \"tid\": %u, \"ts\": %.4f, \"dur\": %.4f, \"name\": %s, \"args\": "
                 "{\"offset\": %llu}}%s\n",
                 e.simd, track, static_cast<double>(e.at) * cycle, p.card->slot * cycle, quoted(i.name).c_str(),
                 static_cast<unsigned long long>(i.address - request.k->entry),
                 n + 1 < p.unit.events.size() ? "," : "");
  }
  std::fputs("]}\n", file);
  if (std::fclose(file)) hipemu::report("hipemu: cannot write to " + path);
}

}  // namespace

void report(const target_info& target, const launch_request& request, const recording& recorded, const counters& count,
            const device_memory& memory) {
  const environment& e = settings();
  const auto p = predict(target, request, recorded, count, memory, e.timeline_path.empty() ? 0 : timeline_events);
  if (!p) return hipemu::report("hipemu: there is no time model of " + std::string(target.name));
  if (!p->unit.finished)
    return hipemu::report("hipemu: there is no prediction for " + request.k->name +
                          ": in the time model its waves wait for ever");
  if (p->groups_executed < p->groups)
    hipemu::report("hipemu: HIPEMU_TIMING_GROUPS: " + std::to_string(p->groups_executed) + " of " +
                   std::to_string(p->groups) + " workgroups of " + request.k->name +
                   " ran; what it computes is incomplete");
  if (!e.timing_path.empty()) append(e.timing_path, line_of(target, request, *p) + "\n");
  if (!e.timeline_path.empty()) write_timeline(e.timeline_path, request, *p);
}

}  // namespace hipemu::timing
