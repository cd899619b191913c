// The process's compiler threads, shared by all modules: started when there is work, at most one per core.
// LLVM needs megabytes of stack, so it never runs on a guest's.
//
// A task that somebody waits for goes before all background work, and one thread is kept free of the latter,
// so that such a task starts at once. On a single core there is no background work: it would only take time
// from the guest.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include <pthread.h>

namespace swage::jit {

enum class Priority : uint8_t { demand, background };

class Workers final {
public:
  /// The process's own. It ends, with what is running, when the process exits. The first use must come after
  /// LLVM's, so that LLVM's own static objects are still there then.
  static Workers& shared();
  explicit Workers(unsigned threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Runs `task` on some thread. False, and the task is dropped, when no thread can be started, or for
  /// background work on a single core.
  [[nodiscard]] bool submit(Priority priority, const void* owner, std::function<void()> task);
  /// Drops the tasks of `owner` that have not started, and waits for those that have.
  void remove(const void* owner);

private:
  struct Task {
    const void* owner = nullptr;
    std::function<void()> run;
  };

  void work();
  bool start_thread(); ///< under mutex_

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable finished_;
  std::deque<Task> demand_;
  std::deque<Task> background_;
  std::vector<const void*> running_; ///< owners
  std::vector<pthread_t> threads_;
  const size_t most_threads_;
  size_t idle_ = 0;
  size_t background_running_ = 0;
  bool is_stopping_ = false;
};

} // namespace swage::jit
