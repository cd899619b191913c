// The compiler's threads: order, limits, and the end of an owner.
#include "compiler/jit/workers.h"

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include <gmock/gmock.h>

namespace swage::jit {
namespace {

TEST(Workers, RunATaskOnAnotherThread) {
  Workers workers(1);
  std::promise<pthread_t> ran_on;
  ASSERT_TRUE(workers.submit(Priority::demand, nullptr, [&] { ran_on.set_value(pthread_self()); }));
  EXPECT_FALSE(pthread_equal(ran_on.get_future().get(), pthread_self()));
}

TEST(Workers, KeepAThreadFreeOfBackgroundWork) {
  Workers workers(2);
  std::promise<void> release, demanded;
  std::shared_future<void> released = release.get_future().share();
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(workers.submit(Priority::background, nullptr, [released] { released.wait(); }));
  ASSERT_TRUE(workers.submit(Priority::demand, nullptr, [&] { demanded.set_value(); }));
  demanded.get_future().wait();
  release.set_value();
}

TEST(Workers, DoNoBackgroundWorkOnASingleCore) {
  Workers workers(1);
  EXPECT_FALSE(workers.submit(Priority::background, nullptr, [] { FAIL(); }));
}

/// A task that must not run, and knows whether it still exists.
struct Queued {
  std::shared_ptr<int> token = std::make_shared<int>();
  std::function<void()> task = [token = token] { FAIL(); };
  void wait_until_dropped() {
    while (token.use_count() != 1) std::this_thread::yield();
  }
};

TEST(Workers, RemoveDropsWhatHasNotStartedAndWaitsForWhatHas) {
  Workers workers(1);
  int owner = 0, other = 0;
  Queued queued;
  std::promise<void> started, other_ran;
  std::atomic<bool> is_finished = false;
  ASSERT_TRUE(workers.submit(Priority::demand, &owner, [&] {
    started.set_value();
    queued.wait_until_dropped();
    is_finished = true;
  }));
  ASSERT_TRUE(workers.submit(Priority::demand, &owner, std::move(queued.task)));
  ASSERT_TRUE(workers.submit(Priority::demand, &other, [&] { other_ran.set_value(); }));
  started.get_future().wait();
  workers.remove(&owner);
  EXPECT_TRUE(is_finished);
  other_ran.get_future().wait();
}

TEST(Workers, EndWithoutRunningWhatIsQueued) {
  auto workers = std::make_unique<Workers>(1);
  Queued queued;
  std::promise<void> started;
  ASSERT_TRUE(workers->submit(Priority::demand, nullptr, [&] {
    started.set_value();
    queued.wait_until_dropped();
  }));
  ASSERT_TRUE(workers->submit(Priority::demand, nullptr, std::move(queued.task)));
  started.get_future().wait();
  workers.reset();
}

} // namespace
} // namespace swage::jit
