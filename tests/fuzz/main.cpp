// SPDX-License-Identifier: Apache-2.0
// Calls every function of the C ABI with random arguments, valid and not, and sees that none of them crashes, hangs, writes
// where it may not, or fails without saying of what argument.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "gen/fuzz.h"
#include "hipinfer/hipinfer.h"
#include "tests/fuzz/attempt.h"
#include "tests/fuzz/by_hand.h"

using namespace fuzz;

// Without leave to give NULL, AddressSanitizer would end the process at an allocation of 2^62 bytes.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1:verbosity=0:detect_leaks=1:max_allocation_size_mb=1024";
}
extern "C" const char* __ubsan_default_options();
extern "C" const char* __ubsan_default_options() {
  return "halt_on_error=1:print_stacktrace=1";
}

namespace {

const char* const usage =
    "Usage: fuzz [options]\n"
    "\n"
    "  --seed N      what the arguments are drawn from (default: 1)\n"
    "  --calls N     how many calls (default: 100000)\n"
    "  --seconds N   or until so much time has passed\n"
    "  --start N     number of the first call (default: 0)\n"
    "  --op NAME     this operation alone; \"by_hand\": the functions that are none\n"
    "  --failures N  go on after a failure until there are so many (default: 10)\n"
    "  --verbose     print each call before it is made\n"
    "  --help        this text\n";

struct settings {
  uint64_t seed = 1, calls = 100000, start = 0, seconds = 0, failures = 10;
  std::string op;
  bool verbose = false;
};

// What the process that makes the calls tells the one that waits for it.
struct progress {
  uint64_t call, made, ok, refused;
};

struct target {
  hipinfer_context context;
  bool runs, shapes_only;
  std::string name;
};

std::vector<target> open_targets() {
  std::vector<target> found;
  const auto open = [&](const char* device, const char* name, uint32_t flags) {
    hipinfer_context_options o{};
    o.struct_size = sizeof o;
    o.device = device;
    o.target = name;
    o.flags = flags;
    target t{nullptr, device != nullptr, name != nullptr, name != nullptr ? name : "cpu"};
    if (hipinfer_context_create(&o, &t.context) != HIPINFER_STATUS_OK) {
      std::fprintf(stderr, "fuzz: %s: %s\n", t.name.c_str(), hipinfer_last_error());
      std::exit(2);
    }
    found.push_back(t);
  };
  open("cpu", nullptr, 0);
  open("cpu", nullptr, HIPINFER_CONTEXT_CHECK_CONTENTS);
  open(nullptr, "cpu", HIPINFER_CONTEXT_VALIDATE_ONLY);
  for (int i = 0; i < hipinfer_target_count(); ++i) {
    for (const uint32_t flag : {0u, uint32_t{HIPINFER_CONTEXT_BATCH_INVARIANT}}) {
      open(nullptr, hipinfer_target_name(i), HIPINFER_CONTEXT_VALIDATE_ONLY | flag);
    }
  }
  return found;
}

// What is wrong with one call; "": nothing.
std::string make_call(const settings& s, uint64_t number, const std::vector<target>& targets, arenas& memory,
                      progress& p) {
  dice d(s.seed, number);
  const int64_t all = std::size(operations), at = d.below(all + 1);
  const operation* op = at < all ? &operations[at] : nullptr;
  for (const operation& o : operations)
    if (s.op == o.name) op = &o;
  if (s.op == "by_hand") op = nullptr;
  if (op == nullptr) return call_by_hand(targets[0].context, d);
  attempt a(*op, d, memory);
  a.make();
  for (int64_t n = d.percent(50) ? 0 : 1 + d.below(3); n > 0; --n) a.spoil();
  const int64_t shapes_only = 2;  // the first that runs nothing
  const bool runs = a.honest() && !d.percent(20);
  const target& t = targets[runs ? d.percent(90) ? 0 : 1 : shapes_only + d.below(std::size(targets) - shapes_only)];
  if (!runs && d.percent(30)) a.forget_data();
  alignas(16) static char no_context[4096];
  hipinfer_context context = t.context;
  if (d.percent(1)) context = d.percent(50) ? nullptr : reinterpret_cast<hipinfer_context>(no_context);
  if (s.verbose)
    std::printf("%llu on %s: %s", static_cast<unsigned long long>(number), t.name.c_str(), a.describe().c_str());
  std::fflush(stdout);
  const hipinfer_status status = a.call(context);
  if (s.verbose) std::printf("  %s %s\n", hipinfer_status_string(status), status == 0 ? "" : hipinfer_last_error());
  ++(status == HIPINFER_STATUS_OK ? p.ok : p.refused);
  const std::string wrong = a.verdict(status, runs);
  return wrong.empty()
             ? ""
             : wrong + "\n  " + hipinfer_status_string(status) + ": " + hipinfer_last_error() + "\n" + a.describe();
}

[[noreturn]] void make_calls(const settings& s, progress& p, uint64_t end,
                             std::chrono::steady_clock::time_point until) {
  const auto memory = std::make_unique<arenas>();
  const std::vector<target> targets = open_targets();
  for (; p.call < end; ++p.call, ++p.made) {
    if (p.made % 1024 == 0 && s.seconds != 0 && std::chrono::steady_clock::now() > until) break;
    alarm(20);  // a call that takes so long hangs
    const std::string wrong = make_call(s, p.call, targets, *memory, p);
    if (wrong.empty()) continue;
    std::printf("call %llu: %s\n", static_cast<unsigned long long>(p.call), wrong.c_str());
    std::fflush(stdout);
    _exit(3);
  }
  alarm(0);
  for (const target& t : targets) hipinfer_context_destroy(t.context);
  std::exit(0);
}

settings read_arguments(int argc, char** argv) {
  settings s;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto next = [&]() -> const char* {
      if (i + 1 < argc) return argv[++i];
      std::fprintf(stderr, "fuzz: %s needs a value\n", word.c_str());
      std::exit(2);
    };
    const auto number = [&] {
      const char* text = next();
      char* end = nullptr;
      const unsigned long long n = std::strtoull(text, &end, 10);
      if (*text < '0' || *text > '9' || *end != '\0') {
        std::fprintf(stderr, "fuzz: %s %s: expected a number\n", word.c_str(), text);
        std::exit(2);
      }
      return static_cast<uint64_t>(n);
    };
    if (word == "--help" || word == "-h") {
      std::fputs(usage, stdout);
      std::exit(0);
    } else if (word == "--seed") {
      s.seed = number();
    } else if (word == "--calls") {
      s.calls = number();
    } else if (word == "--seconds") {
      s.seconds = number();
    } else if (word == "--start") {
      s.start = number();
    } else if (word == "--failures") {
      s.failures = number();
    } else if (word == "--verbose") {
      s.verbose = true;
    } else if (word == "--op") {
      s.op = next();
      bool known = s.op == "by_hand";
      for (const operation& o : operations) known |= s.op == o.name;
      if (known) continue;
      std::fprintf(stderr, "fuzz: --op %s: there is no such operation\n", s.op.c_str());
      std::exit(2);
    } else {
      std::fprintf(stderr, "fuzz: unknown argument %s\n%s", word.c_str(), usage);
      std::exit(2);
    }
  }
  return s;
}

}  // namespace

int main(int argc, char** argv) {
  const settings s = read_arguments(argc, argv);
  void* shared = mmap(nullptr, sizeof(progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    std::perror("fuzz: mmap");
    return 2;
  }
  progress& p = *new (shared) progress{s.start, 0, 0, 0};
  const auto begin = std::chrono::steady_clock::now();
  const auto until = begin + std::chrono::seconds(s.seconds);
  const uint64_t end = s.seconds != 0 ? UINT64_MAX : s.start + s.calls;
  uint64_t failures = 0;
  // Each crash ends one process; the next one goes on after it.
  for (bool done = false; !done;) {
    const pid_t child = fork();
    if (child < 0) {
      std::perror("fuzz: fork");
      return 2;
    }
    if (child == 0) make_calls(s, p, end, until);
    int status = 0, waited = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
      usleep(20000);
      if (++waited % 500 == 0) {
        std::printf("%llu calls\n", static_cast<unsigned long long>(p.made));
        std::fflush(stdout);
      }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2) return 2;
    ++failures;
    const std::string how =
        WIFSIGNALED(status)
            ? WTERMSIG(status) == SIGALRM ? "it hung" : std::string("died of ") + strsignal(WTERMSIG(status))
            : "not as it should be";
    std::printf("call %llu: %s; again: fuzz --seed %llu --start %llu --calls 1 --verbose%s%s\n",
                static_cast<unsigned long long>(p.call), how.c_str(), static_cast<unsigned long long>(s.seed),
                static_cast<unsigned long long>(p.call), s.op.empty() ? "" : " --op ", s.op.c_str());
    std::fflush(stdout);
    ++p.call;
    ++p.made;
    done = failures >= s.failures || p.call >= end;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%llu calls in %.1f s, %.0f a second; of those of operations %llu accepted, %llu refused\n%s\n",
              static_cast<unsigned long long>(p.made), seconds, static_cast<double>(p.made) / seconds,
              static_cast<unsigned long long>(p.ok), static_cast<unsigned long long>(p.refused),
              failures == 0 ? "1 passed, 0 failed" : ("0 passed, " + std::to_string(failures) + " failed").c_str());
  return failures == 0 ? 0 : 1;
}
