// Listeners handed in, and what a guest does with the connections.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/wasi/guest.h"

namespace swage::wasi {

namespace {

struct SocketTest : testing::Test {
  Guest guest{std::move(Config().listen("127.0.0.1:0"))};
  int client = -1;

  uint32_t connect() {
    client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(*guest.api().listening_port(0));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    uint32_t out = guest.allocate(4);
    EXPECT_EQ(guest.call("sock_accept", kFirst, 0, out), Errno::success);
    return guest.load<uint32_t>(out);
  }
  ~SocketTest() override {
    if (client >= 0) ::close(client);
  }
  std::string client_reads() {
    char bytes[64];
    ssize_t length = ::recv(client, bytes, sizeof bytes, 0);
    return {bytes, static_cast<size_t>(std::max<ssize_t>(length, 0))};
  }
  Guest::Transferred receive(uint32_t fd, uint32_t flags = 0) {
    uint32_t buffer = guest.allocate(64), count = guest.allocate(4), out = guest.allocate(4);
    Errno error = guest.call("sock_recv", fd, guest.vector(buffer, 64), 1, flags, count, out);
    return {error, guest.text(buffer, guest.load<uint32_t>(count))};
  }
  Errno send(uint32_t fd, std::string_view text, uint32_t flags = 0) {
    return guest.call("sock_send", fd, guest.vector(guest.put(text), static_cast<uint32_t>(text.size())), 1,
                      flags, guest.allocate(4));
  }
};

TEST_F(SocketTest, accepts_receives_and_sends) {
  uint32_t fd = connect();
  EXPECT_EQ(guest.fdstat(fd).type, static_cast<uint8_t>(FileType::socket_stream));
  ASSERT_EQ(::send(client, "ping", 4, 0), 4);
  EXPECT_EQ(receive(fd).text, "ping");
  EXPECT_EQ(send(fd, "pong"), Errno::success);
  EXPECT_EQ(client_reads(), "pong");
}

TEST_F(SocketTest, peeking_leaves_the_data) {
  uint32_t fd = connect();
  ASSERT_EQ(::send(client, "ping", 4, 0), 4);
  EXPECT_EQ(receive(fd, 1).text, "ping");
  EXPECT_EQ(guest.read(fd).text, "ping");
}

TEST_F(SocketTest, read_and_write_work_too) {
  uint32_t fd = connect();
  guest.write(fd, "written");
  EXPECT_EQ(client_reads(), "written");
}

TEST_F(SocketTest, shutdown_ends_each_direction) {
  uint32_t fd = connect();
  EXPECT_EQ(guest.call("sock_shutdown", fd, 2), Errno::success);
  EXPECT_EQ(client_reads(), "");
  EXPECT_EQ(send(fd, "x"), Errno::pipe);
  EXPECT_EQ(guest.call("sock_shutdown", fd, 0), Errno::inval);
  EXPECT_EQ(guest.call("sock_shutdown", fd, 4), Errno::inval);
}

TEST_F(SocketTest, a_nonblocking_listener_has_nothing_yet) {
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", kFirst, 4), Errno::success);
  EXPECT_EQ(guest.call("sock_accept", kFirst, 0, guest.allocate(4)), Errno::again);
}

TEST_F(SocketTest, a_nonblocking_connection_has_nothing_yet) {
  uint32_t fd = connect();
  EXPECT_EQ(guest.call("fd_fdstat_set_flags", fd, 4), Errno::success);
  EXPECT_EQ(receive(fd).error, Errno::again);
}

TEST_F(SocketTest, unknown_flags_are_refused) {
  uint32_t fd = connect();
  EXPECT_EQ(receive(fd, 4).error, Errno::inval);
  EXPECT_EQ(send(fd, "x", 1), Errno::inval);
  EXPECT_EQ(guest.call("sock_accept", kFirst, 1, guest.allocate(4)), Errno::inval);
}

TEST_F(SocketTest, what_is_no_socket_says_so) {
  EXPECT_EQ(guest.call("sock_shutdown", 1, 1), Errno::notsock);
  EXPECT_EQ(guest.call("sock_shutdown", 77, 1), Errno::badf);
  EXPECT_EQ(receive(0).error, Errno::notsock);
  EXPECT_EQ(guest.call("sock_accept", 0, 0, guest.allocate(4)), Errno::notsock);
}

TEST_F(SocketTest, a_connection_cannot_accept) {
  EXPECT_NE(guest.call("sock_accept", connect(), 0, guest.allocate(4)), Errno::success);
}

TEST(ListenTest, text_that_is_no_address_is_refused) {
  for (const char* address : {"", "localhost", "127.0.0.1:", ":99999", "127.0.0.1:http", "256.1.1.1:80"}) {
    EXPECT_FALSE(Context::create(std::move(Config().listen(address)))) << address;
  }
}

TEST(ListenTest, a_port_in_use_is_refused) {
  Guest guest(std::move(Config().listen("127.0.0.1:0")));
  std::string address = "127.0.0.1:" + std::to_string(*guest.api().listening_port(0));
  Expected<std::unique_ptr<Context>> second = Context::create(std::move(Config().listen(address)));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::io);
}

TEST(ListenTest, listeners_follow_the_preopened_directories) {
  ScratchFolder folder;
  Guest guest(std::move(Config().listen("127.0.0.1:0").directory(folder.path(), "/")));
  EXPECT_EQ(guest.fdstat(3).type, static_cast<uint8_t>(FileType::directory));
  EXPECT_EQ(guest.fdstat(4).type, static_cast<uint8_t>(FileType::socket_stream));
  EXPECT_EQ(guest.call("fd_prestat_get", 4, guest.allocate(8)), Errno::badf);
}

} // namespace

} // namespace swage::wasi
