// The compiler's threads: order, limits, and the end of an owner.
#include "compiler/jit/workers.h"

#include <atomic>
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
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(workers.submit(Priority::background, nullptr, [released] { released.wait(); }));
  ASSERT_TRUE(workers.submit(Priority::demand, nullptr, [&] { demanded.set_value(); }));
  demanded.get_future().wait();
  release.set_value();
}

TEST(Workers, DoNoBackgroundWorkOnASingleCore) {
  Workers workers(1);
  EXPECT_FALSE(workers.submit(Priority::background, nullptr, [] { FAIL(); }));
}

TEST(Workers, RemoveDropsWhatHasNotStartedAndWaitsForWhatHas) {
  Workers workers(1);
  int owner = 0, other = 0;
  std::promise<void> started, release;
  std::atomic<bool> is_finished = false;
  ASSERT_TRUE(workers.submit(Priority::demand, &owner, [&] {
    started.set_value();
    release.get_future().wait();
    is_finished = true;
  }));
  ASSERT_TRUE(workers.submit(Priority::demand, &owner, [] { FAIL(); }));
  std::promise<void> other_ran;
  ASSERT_TRUE(workers.submit(Priority::demand, &other, [&] { other_ran.set_value(); }));
  started.get_future().wait();
  std::thread releaser([&] { release.set_value(); });
  workers.remove(&owner);
  EXPECT_TRUE(is_finished);
  other_ran.get_future().wait();
  releaser.join();
}

TEST(Workers, EndWithoutRunningWhatIsQueued) {
  std::promise<void> started, release;
  auto workers = std::make_unique<Workers>(1);
  ASSERT_TRUE(workers->submit(Priority::demand, nullptr, [&] {
    started.set_value();
    release.get_future().wait();
  }));
  ASSERT_TRUE(workers->submit(Priority::demand, nullptr, [] { FAIL(); }));
  started.get_future().wait();
  std::thread releaser([&] { release.set_value(); });
  workers.reset();
  releaser.join();
}

} // namespace
} // namespace swage::jit
