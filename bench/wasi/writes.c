// writes COUNT FILE: so many writes of one byte each, the smallest there are.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  int out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (out < 0) {
    perror("open");
    return 1;
  }
  for (long left = atol(argv[1]); left != 0; --left) {
    if (write(out, "x", 1) != 1) {
      perror("write");
      return 1;
    }
  }
  return 0;
}
