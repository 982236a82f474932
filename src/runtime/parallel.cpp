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
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "platform.h"

namespace hipinfer::runtime {
namespace {

// Chunks a thread on average: enough that a thread which starts late or is descheduled holds up little.
constexpr int64_t chunks_per_thread = 4;
constexpr int most_threads = 1024;

thread_local bool inside = false;  // this thread runs a body: calls from there are serial

struct job {
  void (*body)(void*, int64_t, int64_t);
  void* closure;
  int64_t count;
  int64_t chunks;
  std::atomic<int64_t> next{0};  // first chunk that nobody has taken
  int helpers = 0;               // workers inside take_chunks(); the pool's mutex guards it and failure
  std::exception_ptr failure{};  // the first one thrown

  bool open() const { return next.load(std::memory_order_relaxed) < chunks; }
};

class pool {
 public:
  const pid_t owner = getpid();

  void run(job& work);

 private:
  void start_threads();
  void serve();
  void take_chunks(job& work);

  std::mutex mutex_;
  std::condition_variable wake_, left_;
  std::vector<job*> jobs_;  // of all threads that are inside parallel_for now
  bool started_ = false;
};

void pool::take_chunks(job& work) {
  const bool outer = std::exchange(inside, true);
  const int64_t size = work.count / work.chunks, longer = work.count % work.chunks;
  for (int64_t i; (i = work.next.fetch_add(1, std::memory_order_relaxed)) < work.chunks;) {
    const int64_t begin = i * size + std::min(i, longer);
    try {
      work.body(work.closure, begin, begin + size + (i < longer));
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
    const auto found = std::find_if(jobs_.begin(), jobs_.end(), [](const job* work) { return work->open(); });
    if (found == jobs_.end()) {
      wake_.wait(lock);
      continue;
    }
    job& work = **found;
    ++work.helpers;
    lock.unlock();
    take_chunks(work);
    lock.lock();
    if (--work.helpers == 0) left_.notify_all();
  }
}

// Called with the mutex held.
void pool::start_threads() {
  started_ = true;
  // The threads' code must stay: a caller who loaded this library with dlopen may close it.
  if (Dl_info self; dladdr(reinterpret_cast<void*>(&cpu_threads), &self))
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  // Signals are the caller's threads' business, but for those that a fault of the thread itself raises.
  sigset_t blocked, before;
  sigfillset(&blocked);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) sigdelset(&blocked, fault);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  try {
    for (int i = 1; i < cpu_threads(); ++i) {
      std::thread thread([this] { serve(); });
      pthread_setname_np(thread.native_handle(), "hipinfer");
      thread.detach();
    }
  } catch (const std::system_error&) {
    // No more threads to be had: those that there are, at least the caller's own, do the work.
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void pool::run(job& work) {
  {
    std::lock_guard lock(mutex_);
    if (!started_) start_threads();
    jobs_.push_back(&work);
  }
  wake_.notify_all();
  take_chunks(work);
  std::unique_lock lock(mutex_);
  jobs_.erase(std::find(jobs_.begin(), jobs_.end(), &work));  // nobody joins from here on
  left_.wait(lock, [&] { return work.helpers == 0; });
  lock.unlock();
  if (work.failure) std::rethrow_exception(work.failure);
}

// A forked child has none of its parent's threads and perhaps locks that they held: it gets a pool of its
// own.
pool& this_process_pool() {
  static std::atomic<pool*> shared{nullptr};
  pool* found = shared.load(std::memory_order_acquire);
  while (!found || found->owner != getpid()) {
    pool* fresh = new pool;  // has no threads before its first job, so that losing the race costs nothing
    if (shared.compare_exchange_strong(found, fresh, std::memory_order_acq_rel)) return *fresh;
    delete fresh;
  }
  return *found;
}

int count_threads() {
  if (const char* text = std::getenv("HIPINFER_NUM_THREADS"))
    if (const long wanted = std::strtol(text, nullptr, 10); wanted > 0)
      return static_cast<int>(std::min<long>(wanted, most_threads));
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

void parallel_for(int64_t count, int64_t grain, void (*body)(void* closure, int64_t begin, int64_t end),
                  void* closure) {
  if (count <= 0) return;
  const int64_t chunks = std::min(count / std::max<int64_t>(grain, 1), chunks_per_thread * cpu_threads());
  if (chunks <= 1 || cpu_threads() == 1 || inside) return body(closure, 0, count);
  job work{.body = body, .closure = closure, .count = count, .chunks = chunks};
  this_process_pool().run(work);
}

}  // namespace hipinfer::runtime
