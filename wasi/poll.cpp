// poll_oneoff: waits for clocks and descriptors at once, in one ppoll.
//
// A clock becomes the time that is left when the call begins, measured from then on with the host's monotonic
// clock; the earliest is ppoll's timeout. A deadline of the host's realtime clock, which can be set while we
// wait, is a timerfd instead. Subscriptions stay in guest memory and are read once before and once after the
// wait: host memory grows with the descriptors that are open, not with the number of subscriptions.
#include <algorithm>
#include <cerrno>
#include <sys/ioctl.h>

#include "wasi/call.h"

namespace swage::wasi {

namespace {

constexpr uint64_t kNanosPerSecond = 1'000'000'000;
constexpr uint64_t kNever = UINT64_MAX;

/// What a subscription has come to.
struct Happened {
  Errno error = Errno::success;
  uint64_t bytes = 0;
  EventFlags flags;
};

/// Where a subscription has what the previews do not agree on.
struct Layout {
  uint32_t size, clock_id, timeout, clock_flags;
};
template<class T> constexpr Layout kLayout = {T::kSize, T::kClockId, T::kTimeout, T::kClockFlags};

class Poll {
public:
  Poll(Call& call, const Layout& layout, Address subscriptions, Size count)
      : call_(call), layout_(layout), memory_(call.memory), in_(subscriptions.value), count_(count) {}

  ErrnoOr<uint32_t> run(uint32_t out) {
    if (Errno error = prepare(); error != Errno::success) return fail_with(error);
    for (;;) {
      if (Errno error = wait(); error != Errno::success) return fail_with(error);
      uint32_t events = 0;
      for (Size i = 0; i < count_; ++i) {
        uint64_t at = subscription(i);
        uint64_t userdata = memory_.load<uint64_t>(at + Subscription::kUserdata);
        uint8_t tag = memory_.load<uint8_t>(at + Subscription::kTag);
        std::optional<Happened> happened = outcome(at, static_cast<EventType>(tag));
        if (happened) store_event(out + uint64_t{events++} * Event::kSize, userdata, tag, *happened);
      }
      if (events != 0) return events;
    }
  }

private:
  uint64_t subscription(Size i) const { return in_ + uint64_t{i} * layout_.size; }
  uint64_t elapsed() const { return monotonic() - start_; }
  uint64_t monotonic() const {
    timespec time;
    call_.sys().clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<uint64_t>(time.tv_sec) * kNanosPerSecond + static_cast<uint64_t>(time.tv_nsec);
  }

  /// Reads what to wait for.
  Errno prepare() {
    start_ = monotonic();
    fds_.push_back({call_.context.stop_event.get(), POLLIN, 0});
    files_.emplace_back();
    for (Size i = 0; i < count_; ++i) {
      uint64_t at = subscription(i);
      switch (static_cast<EventType>(memory_.load<uint8_t>(at + Subscription::kTag))) {
      case EventType::clock: add_clock(at); break;
      case EventType::fd_read: add_descriptor(at, Right::fd_read, POLLIN); break;
      case EventType::fd_write: add_descriptor(at, Right::fd_write, POLLOUT); break;
      default: return Errno::inval;
      }
    }
    return Errno::success;
  }

  struct Clock {
    ClockId id;
    uint64_t timeout;
    ClockFlags flags;
    bool is_valid() const { return id <= ClockId::monotonic && flags.known(); }
    bool is_absolute() const { return flags.has(ClockFlagsBit::abstime); }
  };
  Clock clock(uint64_t at) const {
    return {static_cast<ClockId>(memory_.load<uint32_t>(at + layout_.clock_id)),
            memory_.load<uint64_t>(at + layout_.timeout),
            ClockFlags(memory_.load<uint16_t>(at + layout_.clock_flags))};
  }
  /// Whether the host's realtime clock itself must be watched.
  bool follows_realtime(const Clock& clock) const {
    return clock.is_absolute() && clock.id == ClockId::realtime && !call_.context.realtime;
  }
  /// Nanoseconds from the call's beginning. The clock's time then is read once, so that a clock of the
  /// embedder's which stands still cannot make a guest wait for ever.
  uint64_t left_at_start(const Clock& clock) {
    if (!clock.is_absolute()) return clock.timeout;
    std::optional<uint64_t>& now = now_[static_cast<uint32_t>(clock.id)];
    if (!now) now = call_.clock_now(clock.id).value_or(0);
    return clock.timeout > *now ? clock.timeout - *now : 0;
  }

  void add_clock(uint64_t at) {
    Clock clock = this->clock(at);
    if (!clock.is_valid())
      shortest_ = 0;
    else if (follows_realtime(clock))
      realtime_ = std::min(realtime_, clock.timeout);
    else
      shortest_ = std::min(shortest_, left_at_start(clock));
  }

  /// A listener is readable when there is a connection to accept.
  ErrnoOr<DescriptorRef> descriptor(Fd fd, Right right) {
    Rights poll = call_.function.need.first;
    ErrnoOr<DescriptorRef> file = call_.descriptor(fd, poll);
    bool accepts = file && right == Right::fd_read && (*file)->base().has(Right::sock_accept);
    return accepts ? file : call_.descriptor(fd, poll | right);
  }

  void add_descriptor(uint64_t at, Right right, short events) {
    Fd fd = static_cast<Fd>(memory_.load<uint32_t>(at + Subscription::kFd));
    ErrnoOr<DescriptorRef> file = descriptor(fd, right);
    if (!file || (*file)->backing != Backing::host) {
      shortest_ = 0;
      return;
    }
    // Open, hence below DescriptorTable::kMaxDescriptors.
    uint32_t number = static_cast<uint32_t>(fd);
    if (number >= slots_.size()) slots_.resize(number + 1);
    if (slots_[number] == 0) {
      slots_[number] = static_cast<uint32_t>(fds_.size());
      fds_.push_back({(*file)->host.get(), 0, 0});
      files_.push_back(std::move(*file));
    }
    fds_[slots_[number]].events |= events;
  }

  Errno wait() {
    HostFd timer;
    if (realtime_ != kNever && shortest_ != 0) {
      // A time of zero would disarm the timer.
      uint64_t when = std::max<uint64_t>(realtime_, 1);
      itimerspec spec = {};
      spec.it_value = {static_cast<time_t>(when / kNanosPerSecond),
                       static_cast<long>(when % kNanosPerSecond)};
      long fd = call_.sys().timerfd(CLOCK_REALTIME, &spec);
      if (fd < 0) return from_host(-fd);
      timer = HostFd(call_.sys(), fd);
      fds_.push_back({timer.get(), POLLIN, 0});
    }
    uint64_t waited = elapsed();
    uint64_t left = shortest_ == kNever ? kNever : shortest_ > waited ? shortest_ - waited : 0;
    timespec timeout = {static_cast<time_t>(left / kNanosPerSecond),
                        static_cast<long>(left % kNanosPerSecond)};
    long result = call_.sys().ppoll(fds_.data(), fds_.size(), left == kNever ? nullptr : &timeout);
    if (timer.is_open()) fds_.pop_back();
    if (call_.stops()) return Errno::intr;
    if (result == -EINTR) {
      for (pollfd& fd : fds_) fd.revents = 0;
      return Errno::success;
    }
    return result < 0 ? from_host(-result) : Errno::success;
  }

  std::optional<Happened> outcome(uint64_t at, EventType type) {
    switch (type) {
    case EventType::clock: return clock_outcome(clock(at));
    case EventType::fd_read: return descriptor_outcome(at, Right::fd_read, POLLIN);
    case EventType::fd_write: return descriptor_outcome(at, Right::fd_write, POLLOUT);
    default: return Happened{.error = Errno::inval, .flags = {}}; // rewritten by another thread of the guest
    }
  }

  std::optional<Happened> clock_outcome(const Clock& clock) {
    if (!clock.is_valid()) return Happened{.error = Errno::inval, .flags = {}};
    bool is_over = follows_realtime(clock) ? call_.clock_now(ClockId::realtime).value_or(0) >= clock.timeout
                                           : elapsed() >= left_at_start(clock);
    if (is_over) return Happened{};
    return std::nullopt;
  }

  std::optional<Happened> descriptor_outcome(uint64_t at, Right right, short events) {
    uint32_t number = memory_.load<uint32_t>(at + Subscription::kFd);
    if (number >= slots_.size() || slots_[number] == 0) {
      ErrnoOr<DescriptorRef> file = descriptor(static_cast<Fd>(number), right);
      if (!file) return Happened{.error = file.error(), .flags = {}};
      if ((*file)->backing != Backing::host) return Happened{.bytes = 1, .flags = {}};
      return std::nullopt;
    }
    const pollfd& polled = fds_[slots_[number]];
    if ((polled.revents & POLLNVAL) != 0) return Happened{.error = Errno::badf, .flags = {}};
    if ((polled.revents & (events | POLLHUP | POLLERR)) == 0) return std::nullopt;
    Happened happened;
    if ((polled.revents & (POLLHUP | POLLERR)) != 0) happened.flags = EventFlagsBit::hangup;
    happened.bytes = right == Right::fd_read ? readable(*files_[slots_[number]]) : 1;
    return happened;
  }

  /// How many bytes a read would give, or 1 where the host does not say.
  uint64_t readable(const Descriptor& file) {
    int fd = file.host.get();
    if (file.type == FileType::regular_file) {
      struct stat status;
      long position = call_.sys().lseek(fd, 0, SEEK_CUR);
      if (position < 0 || call_.sys().fstat(fd, &status) < 0) return 1;
      return status.st_size > position ? static_cast<uint64_t>(status.st_size - position) : 0;
    }
    int available = 0;
    if (call_.sys().ioctl_int(fd, FIONREAD, &available) < 0) return 1;
    return static_cast<uint64_t>(std::max(available, 0));
  }

  void store_event(uint64_t at, uint64_t userdata, uint8_t tag, const Happened& happened) {
    std::memset(memory_.at(at), 0, Event::kSize);
    memory_.store<uint64_t>(at + Event::kUserdata, userdata);
    memory_.store<uint16_t>(at + Event::kError, static_cast<uint16_t>(happened.error));
    memory_.store<uint8_t>(at + Event::kType, tag);
    memory_.store<uint64_t>(at + Event::kBytes, happened.bytes);
    memory_.store<uint16_t>(at + Event::kFlags, static_cast<uint16_t>(happened.flags.bits));
  }

  Call& call_;
  const Layout& layout_;
  const GuestMemory& memory_;
  uint64_t in_;
  Size count_;
  uint64_t start_ = 0;
  uint64_t shortest_ = kNever; ///< nanoseconds from the start
  uint64_t realtime_ = kNever; ///< of the host's realtime clock
  std::optional<uint64_t> now_[static_cast<size_t>(ClockId::count)];
  std::vector<pollfd> fds_;          ///< the first is the stop event
  std::vector<DescriptorRef> files_; ///< for each of fds_
  std::vector<uint32_t> slots_;      ///< guest number to index in fds_; 0 is none
};

Errno poll(Call& call, const Layout& layout, Address in, Address out, Size count, Out<Size> nevents) {
  if (count == 0) return Errno::inval;
  if (!call.memory.contains(in.value, uint64_t{count} * layout.size)) return Errno::fault;
  if (!call.memory.contains(out.value, uint64_t{count} * Event::kSize)) return Errno::fault;
  ErrnoOr<uint32_t> events = Poll(call, layout, in, count).run(out.value);
  if (!events) return events.error();
  call.set(nevents, *events);
  return Errno::success;
}

} // namespace

Errno Call::poll_oneoff(Address in, Address out, Size nsubscriptions, Out<Size> nevents) {
  return poll(*this, kLayout<Subscription>, in, out, nsubscriptions, nevents);
}

Errno Call::unstable_poll_oneoff(Address in, Address out, Size nsubscriptions, Out<Size> nevents) {
  return poll(*this, kLayout<UnstableSubscription>, in, out, nsubscriptions, nevents);
}

} // namespace swage::wasi
