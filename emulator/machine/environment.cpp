// SPDX-License-Identifier: Apache-2.0
// Reads the HIPEMU_* variables.
#include "machine/environment.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace hipemu {
namespace {

std::string_view value_of(const char* name) {
  const char* text = std::getenv(name);
  return text ? text : "";
}

// Calls take(item) for each item of a list with commas.
template <class F>
void for_items(std::string_view list, F take) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    take(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

uint64_t number(const char* variable, std::string_view text, uint64_t least, uint64_t most) {
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || n < least || n > most)
    throw std::invalid_argument(std::string(variable) + ": '" + std::string(text) + "' is not a number from " +
                                std::to_string(least) + " to " + std::to_string(most));
  return n;
}

std::vector<const target_info*> parse_targets(std::string_view text) {
  if (text.empty()) throw std::invalid_argument("no device: set HIPEMU_TARGET to one of " + target_names());
  std::vector<const target_info*> targets;
  for_items(text, [&](std::string_view item) {
    const size_t star = item.find('*');
    const std::string_view name = item.substr(0, star);
    const target_info* target = find_target(name);
    if (!target)
      throw std::invalid_argument("HIPEMU_TARGET: there is no target '" + std::string(name) + "'; there are " +
                                  target_names());
    const uint64_t times = star == item.npos ? 1 : number("HIPEMU_TARGET", item.substr(star + 1), 1, 64);
    targets.insert(targets.end(), times, target);
  });
  return targets;
}

}  // namespace

checks parse_checks(std::string_view text) {
  struct {
    const char* name;
    bool checks::* flag;
    bool in_all = true;
  } constexpr flags[] = {
      {"alignment", &checks::alignment}, {"words", &checks::words, false},
      {"undefined", &checks::undefined}, {"races", &checks::races},
      {"barriers", &checks::barriers},   {"barrier-lanes", &checks::barrier_lanes, false},
      {"waits", &checks::waits},         {"barrier-sites", &checks::barrier_sites, false},
      {"hazards", &checks::hazards},
  };
  checks check;
  const auto set_all = [&](bool on) {
    for (const auto& f : flags) check.*f.flag = on && f.in_all;
  };
  // A list of names means those and no others; one that only takes out begins with all.
  if (!text.empty() && text.front() != '-') set_all(false);
  for_items(text, [&](std::string_view item) {
    const bool on = item.substr(0, 1) != "-";
    const std::string_view name = item.substr(on ? 0 : 1);
    if (on && (name == "all" || name == "none")) return set_all(name == "all");
    for (const auto& f : flags)
      if (name == f.name) {
        check.*f.flag = on;
        return;
      }
    std::string names = "all, none";
    for (const auto& f : flags) names += std::string(", ") + f.name;
    throw std::invalid_argument("HIPEMU_CHECKS: there is no check '" + std::string(name) + "'; there are " + names);
  });
  return check;
}

environment parse_environment() {
  environment e;
  e.targets = parse_targets(value_of("HIPEMU_TARGET"));
  e.check = parse_checks(value_of("HIPEMU_CHECKS"));
  if (const auto limit = value_of("HIPEMU_LIMIT"); !limit.empty())
    e.check.instruction_limit = number("HIPEMU_LIMIT", limit, 0, UINT64_MAX);
  const auto threads = value_of("HIPEMU_THREADS");
  e.threads = threads.empty() ? std::max(1u, std::thread::hardware_concurrency())
                              : static_cast<unsigned>(number("HIPEMU_THREADS", threads, 1, 1024));
  if (const auto seed = value_of("HIPEMU_SCHEDULE"); !seed.empty())
    e.schedule = number("HIPEMU_SCHEDULE", seed, 0, UINT64_MAX);
  if (const auto past = value_of("HIPEMU_ALLOW_READS_PAST"); !past.empty())
    e.check.reads_past = number("HIPEMU_ALLOW_READS_PAST", past, 0, 1 << 20);
  e.report_path = value_of("HIPEMU_REPORT");
  e.counters_path = value_of("HIPEMU_COUNTERS");
  e.timing_path = value_of("HIPEMU_TIMING");
  e.timeline_path = value_of("HIPEMU_TIMELINE");
  if (const auto groups = value_of("HIPEMU_TIMING_GROUPS"); !groups.empty()) {
    e.timing_groups = number("HIPEMU_TIMING_GROUPS", groups, 1, UINT64_MAX);
    if (!e.times())
      throw std::invalid_argument("HIPEMU_TIMING_GROUPS is for launches that are timed: set HIPEMU_TIMING too");
  }
  if (const auto units = value_of("HIPEMU_COMPUTE_UNITS"); !units.empty()) {
    e.compute_units = static_cast<int>(number("HIPEMU_COMPUTE_UNITS", units, 2, 65536));
    if (e.compute_units % 2 != 0)
      throw std::invalid_argument("HIPEMU_COMPUTE_UNITS: expected an even number: RDNA has pairs");
    if (e.times())
      throw std::invalid_argument(
          "HIPEMU_COMPUTE_UNITS: times are predicted for whole cards alone: unset HIPEMU_TIMING");
  }
  return e;
}

const environment& settings() {
  static const environment e = [] {
    try {
      return parse_environment();
    } catch (const std::invalid_argument& problem) {
      std::fprintf(stderr, "hipemu: %s\n", problem.what());
      return environment{};
    }
  }();
  return e;
}

}  // namespace hipemu
