// SPDX-License-Identifier: Apache-2.0
// parallel_for: a pool of threads that is started at the first call worth it and never ended. Its threads
// sleep between calls and touch only memory that is never freed, so exit() needs no word with them.
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "hipinfer/types.h"
#include "platform.h"

namespace hipinfer::runtime {
namespace {

// Chunks a thread on average: enough that a thread which starts late or is descheduled holds up little.
constexpr int64_t chunks_per_thread = 4;
constexpr int most_threads = 1024;

thread_local bool inside = false;  // this thread runs a body: calls from there are serial

struct job {
  void (*body)(void*, int64_t, int64_t, int);
  void* closure;
  int64_t count;
  int64_t chunks;
  job* following = nullptr;      // in the pool's list
  std::atomic<int64_t> next{0};  // first chunk that nobody has taken
  std::atomic<int> threads{0};   // that have taken any
  int helpers = 0;               // workers inside take_chunks(); the pool's mutex guards it and failure
  std::exception_ptr failure{};  // the first one thrown

  bool open() const { return next.load(std::memory_order_relaxed) < chunks; }
};

class pool {
 public:
  const pid_t owner = getpid();

  void run(job& work);

 private:
  void start_threads() noexcept;
  void serve();
  void take_chunks(job& work);

  std::mutex mutex_;
  std::condition_variable wake_, left_;
  job* jobs_ =
      nullptr;       // of all threads that are inside parallel_for now; linked, so that running one allocates nothing
  int started_ = 0;  // threads
};

// While in scope, the calling thread gets no signals but those that a fault of its own raises. Threads inherit that.
class signals_blocked {
 public:
  signals_blocked() {
    sigset_t blocked;
    sigfillset(&blocked);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &before_);
  }
  ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  sigset_t before_;
};

void pool::take_chunks(job& work) {
  const bool outer = std::exchange(inside, true);
  const int64_t size = work.count / work.chunks, longer = work.count % work.chunks;
  int thread = -1;  // counted with the first chunk, so that there are no more of them than chunks
  for (int64_t i; (i = work.next.fetch_add(1, std::memory_order_relaxed)) < work.chunks;) {
    const int64_t begin = i * size + std::min(i, longer);
    if (thread < 0) thread = work.threads.fetch_add(1, std::memory_order_relaxed);
    try {
      work.body(work.closure, begin, begin + size + (i < longer), thread);
    } catch (...) {
      work.next.store(work.chunks, std::memory_order_relaxed);  // the rest is not worth starting
      std::lock_guard lock(mutex_);
      if (!work.failure) work.failure = std::current_exception();
    }
  }
  inside = outer;
}

void pool::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    job* found = jobs_;
    while (found && !found->open()) found = found->following;
    if (!found) {
      wake_.wait(lock);
      continue;
    }
    job& work = *found;
    ++work.helpers;
    lock.unlock();
    take_chunks(work);
    lock.lock();
    if (--work.helpers == 0) left_.notify_all();
  }
}

// Called with the mutex held. Threads that cannot be had are asked for again at the next job; those that there are, at
// least the caller's own, do the work.
void pool::start_threads() noexcept {
  if (started_ == cpu_threads() - 1) return;
  // The threads' code must stay: a caller who loaded this library with dlopen may close it.
  if (Dl_info self; dladdr(reinterpret_cast<void*>(&cpu_threads), &self))
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  const signals_blocked scope;  // signals are the business of the program's own threads
  try {
    for (; started_ < cpu_threads() - 1; ++started_) {
      std::thread thread([this] { serve(); });
      pthread_setname_np(thread.native_handle(), "hipinfer");
      thread.detach();
    }
  } catch (const std::exception&) {  // std::system_error, std::bad_alloc
  }
}

void pool::run(job& work) {
  {
    std::lock_guard lock(mutex_);
    start_threads();
    work.following = std::exchange(jobs_, &work);
  }
  wake_.notify_all();
  take_chunks(work);
  std::unique_lock lock(mutex_);
  job** link = &jobs_;
  while (*link != &work) link = &(*link)->following;
  *link = work.following;  // nobody joins from here on
  left_.wait(lock, [&] { return work.helpers == 0; });
  lock.unlock();
  if (work.failure) std::rethrow_exception(work.failure);
}

// A forked child has none of its parent's threads and perhaps locks that they held: it gets a pool of its
// own. NULL: there is no memory for one.
pool* this_process_pool() {
  static std::atomic<pool*> shared{nullptr};
  pool* found = shared.load(std::memory_order_acquire);
  while (!found || found->owner != getpid()) {
    pool* fresh =
        new (std::nothrow) pool;  // has no threads before its first job, so that losing the race costs nothing
    if (!fresh || shared.compare_exchange_strong(found, fresh, std::memory_order_acq_rel)) return fresh;
    delete fresh;
  }
  return found;
}

int64_t chunks_of(int64_t count, int64_t grain) {
  return std::min(count / std::max<int64_t>(grain, 1), chunks_per_thread * cpu_threads());
}

int count_threads() {
  const char* variable = std::getenv("HIPINFER_NUM_THREADS");
  if (const std::string_view text = variable ? variable : ""; !text.empty()) {
    int wanted = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), wanted);
    if (failure == std::errc() && end == text.data() + text.size() && wanted >= 1 && wanted <= most_threads)
      return wanted;
    throw error{HIPINFER_STATUS_INVALID_ARGUMENT, "HIPINFER_NUM_THREADS=" + std::string(text) +
                                                      ": expected a number from 1 to " + std::to_string(most_threads)};
  }
  cpu_set_t usable;
  const int count = sched_getaffinity(0, sizeof(usable), &usable) == 0
                        ? CPU_COUNT(&usable)
                        : static_cast<int>(std::thread::hardware_concurrency());  // more CPUs than a cpu_set_t holds
  return std::clamp(count, 1, most_threads);
}

}  // namespace

int cpu_threads() {
  static const int threads = count_threads();
  return threads;
}

void parallel_for(int64_t count, int64_t grain, void (*body)(void* closure, int64_t begin, int64_t end, int thread),
                  void* closure) {
  if (count <= 0) return;
  pool* threads = parallel_threads(count, grain) == 1 ? nullptr : this_process_pool();
  if (!threads) return body(closure, 0, count, 0);
  job work{.body = body, .closure = closure, .count = count, .chunks = chunks_of(count, grain)};
  threads->run(work);
}

int parallel_threads(int64_t count, int64_t grain) {
  return inside ? 1 : static_cast<int>(std::clamp<int64_t>(chunks_of(count, grain), 1, cpu_threads()));
}

}  // namespace hipinfer::runtime
