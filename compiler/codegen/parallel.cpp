#include "compiler/codegen/parallel.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <thread>
#include <vector>

namespace swage::codegen {

namespace {

constexpr size_t kStackBytes = size_t{64} << 20;

class Queue {
public:
  Queue(size_t count, const std::function<Expected<void>(size_t)>& work) : count_(count), work_(work) {}

  static void* run(void* self) {
    static_cast<Queue*>(self)->drain();
    return nullptr;
  }

  Expected<void> result() {
    if (error_) return std::unexpected(std::move(*error_));
    return {};
  }

private:
  void drain() {
    for (size_t i = next_++; i < count_; i = next_++) {
      Expected<void> done = work_(i);
      if (done) continue;
      next_ = count_;
      std::lock_guard lock(mutex_);
      if (!error_ || i < failed_) {
        failed_ = i;
        error_ = std::move(done).error();
      }
    }
  }

  const size_t count_;
  const std::function<Expected<void>(size_t)>& work_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  std::optional<Error> error_;
  size_t failed_ = 0;
};

} // namespace

Expected<void> run_parallel(size_t count, unsigned jobs, const std::function<Expected<void>(size_t)>& work) {
  if (jobs == 0) jobs = std::max(1u, std::thread::hardware_concurrency());
  Queue queue(count, work);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  std::vector<pthread_t> threads;
  int status = 0;
  while (threads.size() < std::min<size_t>(jobs, count)) {
    pthread_t thread;
    status = pthread_create(&thread, &attributes, Queue::run, &queue);
    if (status != 0) break;
    threads.push_back(thread);
  }
  pthread_attr_destroy(&attributes);
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  if (threads.empty() && count != 0)
    return fail(ErrorCode::resource, std::string("cannot start a compiler thread: ") + std::strerror(status));
  return queue.result();
}

} // namespace swage::codegen
