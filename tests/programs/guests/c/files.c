// A guest that lives in its directory: create, write, seek, append, truncate, rename, list, stat, remove.
// Every errno that it provokes is printed by name, because numbers differ between WASI and the host.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path_buffer[2][512];

static const char* in(const char* dir, const char* name, int slot) {
  snprintf(path_buffer[slot], sizeof path_buffer[slot], "%s/%s", dir, name);
  return path_buffer[slot];
}

static const char* errno_name(int code) {
  switch (code) {
  case 0: return "ok";
  case ENOENT: return "ENOENT";
  case EEXIST: return "EEXIST";
  case ENOTDIR: return "ENOTDIR";
  case EISDIR: return "EISDIR";
  case ENOTEMPTY: return "ENOTEMPTY";
  case EBADF: return "EBADF";
  case ESPIPE: return "ESPIPE";
  case EINVAL: return "EINVAL";
  case ELOOP: return "ELOOP";
  default: return "another error";
  }
}

static void report(const char* what, int result) {
  printf("%s: %s\n", what, errno_name(result < 0 ? errno : 0));
}

static int by_name(const void* left, const void* right) {
  return strcmp(*(char* const*)left, *(char* const*)right);
}

static void list(const char* dir) {
  DIR* stream = opendir(dir);
  if (stream == NULL) {
    report("opendir", -1);
    return;
  }
  char* names[64];
  size_t count = 0;
  for (struct dirent* entry; (entry = readdir(stream)) != NULL && count < 64;)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      names[count++] = strdup(entry->d_name);
  closedir(stream);
  qsort(names, count, sizeof names[0], by_name);
  printf("%zu entries:", count);
  for (size_t i = 0; i < count; i++) {
    printf(" %s", names[i]);
    free(names[i]);
  }
  printf("\n");
}

static void write_lines(const char* file, const char* mode, int from, int to) {
  FILE* out = fopen(file, mode);
  if (out == NULL) {
    report("fopen", -1);
    return;
  }
  for (int i = from; i < to; i++) fprintf(out, "line %03d\n", i);
  report("fclose", fclose(out));
}

static void show_kind(const char* file) {
  struct stat status;
  if (stat(file, &status) < 0) {
    report("stat", -1);
    return;
  }
  if (S_ISDIR(status.st_mode))
    printf("a directory\n");
  else
    printf("a file of %lld bytes\n", (long long)status.st_size);
}

static void stream_positions(const char* file) {
  char line[32] = "";
  FILE* stream = fopen(file, "r+");
  fseek(stream, 9 * 70, SEEK_SET);
  printf("at 70: %s", fgets(line, sizeof line, stream));
  fseek(stream, -9, SEEK_END);
  printf("last: %s", fgets(line, sizeof line, stream));
  fseek(stream, 0, SEEK_SET);
  fputs("LINE", stream);
  rewind(stream);
  printf("first: %s", fgets(line, sizeof line, stream));
  printf("position: %ld\n", ftell(stream));
  fclose(stream);
}

static void descriptors(const char* file) {
  int fd = open(file, O_RDWR);
  char buffer[8] = "";
  ssize_t got = pread(fd, buffer, 7, 9);
  printf("pread %zd: %s\n", got, buffer);
  printf("pwrite %zd\n", pwrite(fd, "XYZ", 3, 9));
  printf("lseek end %lld\n", (long long)lseek(fd, 0, SEEK_END));
  report("ftruncate", ftruncate(fd, 100));
  report("close", close(fd));
  report("close again", close(fd));
  report("seek to a negative place", lseek(open(file, O_RDONLY), -1, SEEK_SET) < 0 ? -1 : 0);
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const char* dir = argv[1];
  const char* notes = in(dir, "notes.txt", 0);
  write_lines(notes, "w", 0, 100);
  write_lines(notes, "a", 100, 150);
  show_kind(notes);
  stream_positions(notes);
  descriptors(notes);
  show_kind(notes);

  report("mkdir", mkdir(in(dir, "sub", 1), 0777));
  report("mkdir again", mkdir(in(dir, "sub", 1), 0777));
  show_kind(in(dir, "sub", 1));
  report("rename", rename(in(dir, "notes.txt", 0), in(dir, "sub/moved.txt", 1)));
  report("open what is gone", open(in(dir, "notes.txt", 0), O_RDONLY));
  report("exclusive create of what exists",
         open(in(dir, "sub/moved.txt", 0), O_CREAT | O_EXCL | O_RDWR, 0666));
  report("rmdir of a full directory", rmdir(in(dir, "sub", 0)));
  report("a file as a directory", open(in(dir, "sub/moved.txt/x", 0), O_RDONLY));
  for (int i = 0; i < 20; i++) {
    char name[32];
    snprintf(name, sizeof name, "sub/many%02d", i);
    write_lines(in(dir, name, 0), "w", 0, i);
  }
  list(in(dir, "sub", 0));
  for (int i = 0; i < 20; i += 2) {
    char name[32];
    snprintf(name, sizeof name, "sub/many%02d", i);
    report(name, unlink(in(dir, name, 0)));
  }
  list(in(dir, "sub", 0));
  list(dir);
  write_lines(in(dir, "kept.txt", 0), "w", 0, 3);
  return 0;
}
