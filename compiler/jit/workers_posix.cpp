// Threads by pthread, because std::thread cannot choose the size of their stacks.
#include "compiler/jit/workers.h"

#include <signal.h>

#include <algorithm>
#include <thread>

namespace swage::jit {

namespace {

/// LLVM recurses over expressions and loops: a large function takes more than the usual 8 MiB. Untouched
/// pages cost nothing.
constexpr size_t kStackBytes = size_t{32} << 20;

/// Signals are for the threads that run guests and the embedder's own; a fault in the compiler still ends the
/// process.
sigset_t asynchronous_signals() {
  sigset_t set;
  sigfillset(&set);
  for (int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS}) sigdelset(&set, fault);
  return set;
}

} // namespace

Workers& Workers::shared() {
  static Workers workers(std::max(1u, std::thread::hardware_concurrency()));
  return workers;
}

Workers::Workers(unsigned threads) : most_threads_(threads) {}

Workers::~Workers() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
    demand_.clear();
    background_.clear();
  }
  wake_.notify_all();
  for (pthread_t thread : threads_) pthread_join(thread, nullptr);
}

bool Workers::submit(Priority priority, const void* owner, std::function<void()> task) {
  std::lock_guard lock(mutex_);
  if (is_stopping_ || (priority == Priority::background && most_threads_ == 1)) return false;
  if (idle_ <= demand_.size() + background_.size() && threads_.size() < most_threads_ && !start_thread() &&
      threads_.empty())
    return false;
  (priority == Priority::demand ? demand_ : background_).push_back({owner, std::move(task)});
  wake_.notify_one();
  return true;
}

void Workers::remove(const void* owner) {
  std::unique_lock lock(mutex_);
  auto is_owned = [owner](const Task& task) { return task.owner == owner; };
  std::erase_if(demand_, is_owned);
  std::erase_if(background_, is_owned);
  finished_.wait(lock, [&] { return std::find(running_.begin(), running_.end(), owner) == running_.end(); });
}

bool Workers::start_thread() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  sigset_t blocked = asynchronous_signals(), before;
  pthread_sigmask(SIG_SETMASK, &blocked, &before); // the new thread inherits it
  pthread_t thread;
  auto entry = [](void* workers) -> void* {
    static_cast<Workers*>(workers)->work();
    return nullptr;
  };
  bool is_started = pthread_create(&thread, &attributes, entry, this) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attributes);
  if (is_started) threads_.push_back(thread);
  return is_started;
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    bool may_run_background = background_running_ + 1 < most_threads_;
    Priority priority = demand_.empty() ? Priority::background : Priority::demand;
    std::deque<Task>& queue = priority == Priority::demand ? demand_ : background_;
    if (queue.empty() || (priority == Priority::background && !may_run_background)) {
      if (is_stopping_) return;
      ++idle_;
      wake_.wait(lock);
      --idle_;
      continue;
    }
    Task task = std::move(queue.front());
    queue.pop_front();
    running_.push_back(task.owner);
    if (priority == Priority::background) ++background_running_;
    lock.unlock();
    task.run();
    task.run = nullptr;
    lock.lock();
    if (priority == Priority::background) --background_running_;
    running_.erase(std::find(running_.begin(), running_.end(), task.owner));
    finished_.notify_all();
  }
}

} // namespace swage::jit
