// What follows from the rows: the imports' types, the lines of a trace, the table of the documentation.
#include "tests/wasi/guest.h"
#include "wasi/trace.h"

namespace swage::wasi {

namespace {

std::string signature(std::string_view name) { return find_function(name)->signature; }

TEST(RowsTest, there_are_46_functions_with_the_spec_s_types) {
  EXPECT_EQ(functions().size(), 46u);
  EXPECT_EQ(signature("path_open"), "iiiiiIIii");
  EXPECT_EQ(signature("fd_seek"), "iIii");
  EXPECT_EQ(signature("sched_yield"), "");
  EXPECT_EQ(signature("proc_exit"), "i");
  EXPECT_EQ(signature("poll_oneoff"), "iiii");
  EXPECT_EQ(signature("path_filestat_set_times"), "iiiiIIi");
  EXPECT_EQ(signature("fd_readdir"), "iiiIi");
  EXPECT_EQ(signature("sock_recv"), "iiiiii");
  EXPECT_FALSE(find_function("proc_exit")->has_errno);
}

TEST(RowsTest, numbers_are_the_spec_s) {
  EXPECT_EQ(static_cast<int>(Errno::badf), 8);
  EXPECT_EQ(static_cast<int>(Errno::noent), 44);
  EXPECT_EQ(static_cast<int>(Errno::notcapable), 76);
  EXPECT_EQ(Rights(Right::sock_accept).bits, 1u << 29);
  EXPECT_EQ(Rights(Right::path_open).bits, 1u << 13);
  EXPECT_EQ(from_host(EWOULDBLOCK), Errno::again);
  EXPECT_EQ(from_host(ENOTSUP), Errno::notsup);
  EXPECT_EQ(from_host(100000), Errno::io);
}

/// A guest that keeps its trace.
struct TraceTest : testing::Test {
  ScratchFolder folder;
  std::string line;
  Guest guest{std::move(
      Config().directory(folder.path(), "/").trace([this](std::string_view text) { line = text; }))};

  /// The line without its time.
  template<class... T> std::string traced(std::string_view name, T... arguments) {
    uint64_t raw[kMaxArguments + 1] = {static_cast<uint64_t>(arguments)...};
    Call call{guest.context(), guest.memory(), *find_function(name)};
    trace::traced_call(call, raw);
    EXPECT_TRUE(line.ends_with("us")) << line;
    return line.substr(0, line.rfind("  "));
  }
};

TEST_F(TraceTest, arguments_and_results_are_decoded) {
  folder.write("notes", "text");
  uint32_t out = guest.allocate(64), pair = guest.vector(guest.allocate(16), 16);
  EXPECT_EQ(
      traced("path_open", kFirst, 1, guest.put("notes"), 5, 9, 2, 66, 1, out),
      "path_open(fd=3, dirflags=symlink_follow, path=\"notes\", oflags=creat|trunc, fs_rights_base=fd_read, "
      "fs_rights_inheriting=fd_read|fd_write, fdflags=append) = opened=4");
  EXPECT_EQ(traced("fd_read", 4, pair, 1, out), "fd_read(fd=4, iovs=16 bytes) = nread=0");
  EXPECT_EQ(traced("fd_seek", 4, -1, 1, out), "fd_seek(fd=4, offset=-1, whence=cur) = notcapable");
  EXPECT_EQ(traced("clock_res_get", 1, out).substr(0, 40), "clock_res_get(id=monotonic) = resolution");
  EXPECT_EQ(traced("sched_yield"), "sched_yield()");
  EXPECT_EQ(traced("proc_exit", 3), "proc_exit(rval=3) = exit 3");
  EXPECT_EQ(traced("fd_filestat_get", 3, out).substr(0, 41), "fd_filestat_get(fd=3) = stat={directory s");
}

TEST_F(TraceTest, many_rights_stay_readable) {
  auto text = [](Rights rights) {
    std::string described;
    trace::put_rights(described, rights);
    return described;
  };
  EXPECT_EQ(text(Rights()), "0");
  EXPECT_EQ(text(kAllRights), "all");
  EXPECT_EQ(text(Rights(Right::fd_seek) | Right::fd_tell), "fd_seek|fd_tell");
  EXPECT_EQ(text(kFileRights), "fd_read|fd_write and 11 more");
  EXPECT_EQ(text(kDirectoryRights - Right::fd_readdir), "19 rights");
}

TEST_F(TraceTest, hostile_arguments_are_described_safely) {
  uint32_t out = guest.allocate(8);
  EXPECT_EQ(traced("fd_write", 1, 0xfffffff0u, 0xffffffffu, out),
            "fd_write(fd=1, iovs=(outside of memory)) = fault");
  EXPECT_EQ(traced("path_create_directory", kFirst, guest.put("a\"\n\x7f"), 4),
            "path_create_directory(fd=3, path=\"a\\\"\\x0a\\x7f\")");
  EXPECT_EQ(traced("clock_time_get", 77, 0, out), "clock_time_get(id=77, precision=0) = inval");
  EXPECT_EQ(traced("fd_fdstat_set_flags", 1, 0xffff0001u),
            "fd_fdstat_set_flags(fd=1, flags=append|0xffff0000) = inval");
}

/// The functions as a Markdown table.
std::string functions_table() {
  std::string table = "| function | parameters | right |\n|---|---|---|\n";
  for (const Function& function : functions()) {
    std::string_view parameters = function.parameters;
    parameters = parameters.substr(1, parameters.size() - 2);
    std::string rights;
    if (function.need.first != Rights()) trace::put_rights(rights, function.need.first);
    if (function.need.second != Rights()) trace::put_rights(rights += ", ", function.need.second);
    table += "| " + std::string(function.name) + " | " + std::string(parameters) + " | " + rights + " |\n";
  }
  return table;
}

TEST(DocumentationTest, the_table_of_functions_is_up_to_date) {
  std::filesystem::path path = std::filesystem::path(SWAGE_SOURCE_DIR) / "docs/wasi.md";
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  std::string page = text.str(), begin = "<!-- functions -->\n", end = "<!-- end of functions -->\n";
  size_t from = page.find(begin), to = page.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos) << path;
  from += begin.size();
  if (std::getenv("SWAGE_BLESS") != nullptr) {
    std::ofstream(path) << page.substr(0, from) + functions_table() + page.substr(to);
    return;
  }
  EXPECT_EQ(page.substr(from, to - from), functions_table()) << "run with SWAGE_BLESS=1 to rewrite it";
}

} // namespace

} // namespace swage::wasi
