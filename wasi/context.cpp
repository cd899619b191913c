// From a Config to a Context: the only place that opens host paths and host streams by name, before the guest
// runs.
#include "wasi/context.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "wasi/call.h"
#include "wasi/listen.h"
#include "wasi/stat.h"

extern char** environ;

namespace swage::wasi {

namespace {

constexpr Rights kReadRights = Rights(Right::fd_read), kWriteRights = rights_of('c');

Error host_error(const std::string& what, const std::string& name, long error) {
  return fail(ErrorCode::io, what + " \"" + name + "\": " + std::strerror(static_cast<int>(error))).error();
}

/// A descriptor for a stream of the host, with what its type allows in that direction.
DescriptorRef stream_descriptor(const Syscalls& sys, HostFd host, Stream stream) {
  auto file = std::make_shared<Descriptor>();
  struct stat status = {};
  sys.fstat(host.get(), &status);
  file->backing = Backing::host;
  file->type = type_of(status);
  file->is_terminal = file->type == FileType::character_device && ::isatty(host.get()) == 1;
  long flags = sys.fcntl(host.get(), F_GETFL, 0);
  if (flags > 0 && (flags & O_APPEND) != 0) file->flags = FdFlags(FdFlagsBit::append).bits;
  Rights base = rights_for(file->type);
  // A guest's isatty() takes a character device that cannot seek for a terminal.
  if (file->type == FileType::character_device && !file->is_terminal)
    base = base | Right::fd_seek | Right::fd_tell;
  file->grant(base - (stream == Stream::in ? kWriteRights : kReadRights), Rights());
  file->host = std::move(host);
  return file;
}

DescriptorRef null_descriptor(Stream stream) {
  auto file = std::make_shared<Descriptor>();
  file->type = FileType::character_device;
  Rights base = kStreamRights | Right::fd_seek | Right::fd_tell;
  file->grant(base - (stream == Stream::in ? kWriteRights : kReadRights), Rights());
  return file;
}

Expected<DescriptorRef> open_stream(const Syscalls& sys, StreamConfig& config, Stream stream) {
  if (config.backing == Backing::source || config.backing == Backing::sink) {
    auto file = std::make_shared<Descriptor>();
    file->backing = config.backing;
    file->source = std::move(config.source);
    file->sink = std::move(config.sink);
    file->grant(kStreamRights - (stream == Stream::in ? kWriteRights : kReadRights), Rights());
    return file;
  }
  if (config.backing == Backing::null) return null_descriptor(stream);
  if (!config.path.empty()) {
    int flags = stream == Stream::in ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
    long fd = sys.openat(AT_FDCWD, config.path.c_str(), flags | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0) return std::unexpected(host_error("cannot open stream", config.path, -fd));
    return stream_descriptor(sys, HostFd(sys, fd), stream);
  }
  long fd = sys.fcntl(static_cast<int>(stream), F_DUPFD_CLOEXEC, 3);
  // A process may be started with a standard stream closed.
  if (fd == -EBADF) return null_descriptor(stream);
  if (fd < 0)
    return fail(ErrorCode::resource,
                std::string("cannot duplicate a standard stream: ") + std::strerror(static_cast<int>(-fd)));
  DescriptorRef file = stream_descriptor(sys, HostFd(sys, fd), stream);
  file->is_inherited = true;
  return file;
}

DescriptorRef preopen(std::string name, Access access) {
  auto file = std::make_shared<Descriptor>();
  file->type = FileType::directory;
  file->is_preopen = true;
  file->is_read_only = access == Access::read_only;
  file->preopen_name = std::move(name);
  file->grant(kDirectoryRights, kAllRights - Right::sock_accept - Right::sock_shutdown);
  return file;
}

/// A file's preopen and its path therein: "/etc/a/b" is a/b in "/etc".
std::pair<std::string, std::string_view> split_guest_path(std::string_view path) {
  bool is_absolute = !path.empty() && path.front() == '/';
  std::string_view inside = path.substr(is_absolute ? 1 : 0);
  size_t slash = inside.find('/');
  if (slash == std::string_view::npos) return {is_absolute ? "/" : ".", inside};
  return {std::string(path.substr(0, slash + (is_absolute ? 1 : 0))), inside.substr(slash + 1)};
}

Expected<void> add_directories(Context::Impl& context, Config::Impl& config) {
  for (const Config::Impl::Directory& directory : config.directories) {
    long fd = context.sys.openat(AT_FDCWD, directory.host.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0) return std::unexpected(host_error("cannot open directory", directory.host, -fd));
    DescriptorRef file = preopen(directory.guest, directory.access);
    file->backing = Backing::host;
    file->host = HostFd(context.sys, fd);
    context.table.insert(std::move(file));
  }
  return {};
}

Expected<void> add_files(Context::Impl& context, Config::Impl& config) {
  std::vector<std::pair<std::string, std::shared_ptr<MemoryFiles>>> trees;
  for (Config::Impl::File& file : config.files) {
    auto [name, inside] = split_guest_path(file.guest);
    auto is_named = [&](const auto& entry) { return entry.first == name; };
    auto tree = std::ranges::find_if(trees, is_named);
    if (tree == trees.end()) tree = trees.insert(trees.end(), {name, std::make_shared<MemoryFiles>()});
    Errno error = tree->second->add(inside, std::move(file.bytes));
    if (error != Errno::success) {
      return fail(ErrorCode::usage, "cannot place a file at \"" + file.guest + "\": " + to_string(error));
    }
  }
  for (auto& [name, tree] : trees) {
    auto is_same = [&](const Config::Impl::Directory& directory) { return directory.guest == name; };
    if (std::ranges::any_of(config.directories, is_same)) {
      return fail(ErrorCode::usage,
                  "preopen \"" + name + "\" is both a directory of the host and files in memory");
    }
    DescriptorRef file = preopen(name, Access::read_only);
    file->backing = Backing::memory;
    file->files = std::move(tree);
    context.table.insert(std::move(file));
  }
  return {};
}

Expected<void> add_listeners(Context::Impl& context, Config::Impl& config) {
  for (const std::string& address : config.listeners) {
    Listener listener = SWAGE_TRY(listen_on(context.sys, address));
    auto file = std::make_shared<Descriptor>();
    file->backing = Backing::host;
    file->type = FileType::socket_stream;
    Rights connection = kSocketRights - Right::sock_accept;
    file->grant((kSocketRights - Right::fd_read) - Right::fd_write, connection);
    file->host = std::move(listener.socket);
    context.table.insert(std::move(file));
    context.ports.push_back(listener.port);
  }
  return {};
}

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

} // namespace

Config::Config() : impl_(std::make_unique<Impl>()) {}
Config::~Config() = default;
Config::Config(Config&&) noexcept = default;
Config& Config::operator=(Config&&) noexcept = default;

Config& Config::arguments(std::vector<std::string> arguments) {
  impl_->arguments = std::move(arguments);
  return *this;
}

Config& Config::environment(std::string name, std::string value) {
  std::erase_if(impl_->environment, [&](const std::string& variable) { return name_of(variable) == name; });
  impl_->environment.push_back(std::move(name) + "=" + value);
  return *this;
}

Config& Config::inherit_environment() {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const char* value = std::strchr(*variable, '=');
    if (value != nullptr) environment(std::string(name_of(*variable)), value + 1);
  }
  return *this;
}

Config& Config::directory(std::string host, std::string guest, Access access) {
  impl_->directories.push_back({std::move(host), std::move(guest), access});
  return *this;
}

Config& Config::file(std::string guest, std::vector<std::byte> bytes) {
  impl_->files.push_back({std::move(guest), std::move(bytes)});
  return *this;
}

Config& Config::inherit(Stream stream) {
  impl_->streams[static_cast<size_t>(stream)] = {
      .backing = Backing::host, .path = {}, .source = {}, .sink = {}};
  return *this;
}

Config& Config::stream_file(Stream stream, std::string host) {
  impl_->streams[static_cast<size_t>(stream)] = {
      .backing = Backing::host, .path = std::move(host), .source = {}, .sink = {}};
  return *this;
}

Config& Config::stdout_to(std::function<size_t(std::span<const std::byte>)> sink) {
  impl_->streams[1] = {.backing = Backing::sink, .path = {}, .source = {}, .sink = std::move(sink)};
  return *this;
}

Config& Config::stderr_to(std::function<size_t(std::span<const std::byte>)> sink) {
  impl_->streams[2] = {.backing = Backing::sink, .path = {}, .source = {}, .sink = std::move(sink)};
  return *this;
}

Config& Config::stdin_from(std::function<size_t(std::span<std::byte>)> source) {
  impl_->streams[0] = {.backing = Backing::source, .path = {}, .source = std::move(source), .sink = {}};
  return *this;
}

Config& Config::listen(std::string address) {
  impl_->listeners.push_back(std::move(address));
  return *this;
}

Config& Config::clocks(std::function<uint64_t()> realtime, std::function<uint64_t()> monotonic) {
  impl_->realtime = std::move(realtime);
  impl_->monotonic = std::move(monotonic);
  return *this;
}

Config& Config::random(std::function<void(std::span<std::byte>)> source) {
  impl_->random = std::move(source);
  return *this;
}

Config& Config::trace(std::function<void(std::string_view line)> sink) {
  impl_->trace = std::move(sink);
  return *this;
}

Config& Config::interruptible() {
  impl_->interruptible = true;
  return *this;
}

Context::Impl::Impl(Config::Impl& config)
    : sys(*config.sys), resolution(config.resolution), arguments(std::move(config.arguments)),
      environment(std::move(config.environment)), realtime(std::move(config.realtime)),
      monotonic(std::move(config.monotonic)), random(std::move(config.random)),
      trace(std::move(config.trace)), interruptible(config.interruptible),
      stop_event(sys, ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (size_t i = 0; i < kFunctionCount; ++i) bindings[i] = {this, &functions()[i]};
  for (size_t i = 0; i < kUnstableFunctionCount; ++i) unstable_bindings[i] = {this, &unstable_functions()[i]};
}

Context::Context(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Context::~Context() = default;

Expected<std::unique_ptr<Context>> Context::create(Config config) {
  auto impl = std::make_unique<Impl>(config.impl());
  if (!impl->stop_event.is_open()) return fail(ErrorCode::resource, "cannot create an event descriptor");
  for (Stream stream : {Stream::in, Stream::out, Stream::err}) {
    impl->table.insert(
        SWAGE_TRY(open_stream(impl->sys, config.impl().streams[static_cast<size_t>(stream)], stream)));
  }
  SWAGE_CHECK(add_directories(*impl, config.impl()));
  SWAGE_CHECK(add_files(*impl, config.impl()));
  SWAGE_CHECK(add_listeners(*impl, config.impl()));
  return std::make_unique<Context>(std::move(impl));
}

void Context::stop() {
  impl_->is_stopped = true;
  ::eventfd_write(impl_->stop_event.get(), 1);
}

std::optional<uint16_t> Context::listening_port(size_t listener) const {
  if (listener >= impl_->ports.size()) return std::nullopt;
  return impl_->ports[listener];
}

} // namespace swage::wasi
