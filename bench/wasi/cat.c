// cat IN OUT: copies one file to another as cat(1) does, 128 KiB at a time.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { kBufferBytes = 128 << 10 };

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static void write_all(int fd, const char* bytes, size_t size) {
  while (size != 0) {
    ssize_t written = write(fd, bytes, size);
    if (written < 0) fail("write");
    bytes += written;
    size -= (size_t)written;
  }
}

int main(int argc, char** argv) {
  static char buffer[kBufferBytes];
  if (argc != 3) return 2;
  int in = open(argv[1], O_RDONLY), out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (in < 0 || out < 0) fail("open");
  ssize_t got;
  while ((got = read(in, buffer, sizeof buffer)) > 0) write_all(out, buffer, (size_t)got);
  if (got < 0) fail("read");
  return 0;
}
