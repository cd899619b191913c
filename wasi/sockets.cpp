// Sockets: preview 1 can accept from a listener that it was given, receive, send and shut down.
#include <array>
#include <cerrno>
#include <climits>

#include "wasi/call.h"
#include "wasi/stat.h"

namespace swage::wasi {

Errno Call::sock_accept(Fd fd, FdFlags flags, Out<Fd> accepted) {
  ErrnoOr<DescriptorRef> listener = socket(fd);
  if (!listener) return listener.error();
  if ((flags.bits & ~FdFlags(FdFlagsBit::nonblock).bits) != 0) return Errno::inval;
  if (long ready = wait_ready(**listener, POLLIN); ready < 0) return from_host(-ready);
  int host_flags = SOCK_CLOEXEC | (flags.has(FdFlagsBit::nonblock) ? SOCK_NONBLOCK : 0);
  long result = retry([&] { return sys().accept4((*listener)->host.get(), host_flags); });
  if (result < 0) return from_host(-result);
  auto connection = std::make_shared<Descriptor>();
  connection->backing = Backing::host;
  connection->host = HostFd(sys(), result);
  connection->type = FileType::socket_stream;
  connection->flags = flags.bits;
  connection->grant((*listener)->inheriting() - Right::sock_accept, Rights());
  ErrnoOr<Fd> number = context.table.insert(std::move(connection));
  if (!number) return number.error();
  set(accepted, *number);
  return Errno::success;
}

Errno Call::sock_recv(Fd fd, Iovecs ri_data, RiFlags ri_flags, Out<Size> ro_datalen, Out<RoFlags> ro_flags) {
  ErrnoOr<DescriptorRef> file = socket(fd);
  if (!file) return file.error();
  if (!ri_flags.known()) return Errno::inval;
  int flags =
      (ri_flags.has(RiFlagsBit::peek) ? MSG_PEEK : 0) | (ri_flags.has(RiFlagsBit::waitall) ? MSG_WAITALL : 0);
  ErrnoOr<Received> received = receive(**file, ri_data, flags);
  if (!received) return received.error();
  bool is_truncated = (received->flags & MSG_TRUNC) != 0;
  set(ro_datalen, received->bytes);
  memory.store<uint16_t>(ro_flags.address,
                         is_truncated ? 1 << static_cast<int>(RoFlagsBit::data_truncated) : 0);
  return Errno::success;
}

Errno Call::sock_send(Fd fd, Iovecs si_data, SiFlags si_flags, Out<Size> so_datalen) {
  ErrnoOr<DescriptorRef> file = socket(fd);
  if (!file) return file.error();
  if (si_flags.bits != 0) return Errno::inval;
  ErrnoOr<uint32_t> count = write_from(**file, si_data, std::nullopt);
  if (!count) return count.error();
  set(so_datalen, *count);
  return Errno::success;
}

Errno Call::sock_shutdown(Fd fd, SdFlags how) {
  ErrnoOr<DescriptorRef> file = socket(fd);
  if (!file) return file.error();
  if (!how.known() || how.bits == 0) return Errno::inval;
  int host_how = how.bits == 3 ? SHUT_RDWR : how.has(SdFlagsBit::rd) ? SHUT_RD : SHUT_WR;
  return errno_of(sys().shutdown((*file)->host.get(), host_how));
}

} // namespace swage::wasi
