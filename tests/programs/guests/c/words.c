// Counts the words of standard input in a hash table that it grows itself, sorts them, and prints the
// commonest: stdio in both directions, strings, qsort with a callback (an indirect call), and a heap that
// grows by memory.grow.
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  char* word;
  uint32_t hash;
  uint32_t count;
} Entry;

typedef struct {
  Entry* entries;
  size_t capacity;
  size_t used;
} Table;

static uint32_t hash_of(const char* word) {
  uint32_t hash = 2166136261u;
  while (*word) hash = (hash ^ (unsigned char)*word++) * 16777619u;
  return hash;
}

static Entry* slot_for(Table* table, const char* word, uint32_t hash) {
  size_t i = hash & (table->capacity - 1);
  while (table->entries[i].word &&
         (table->entries[i].hash != hash || strcmp(table->entries[i].word, word) != 0))
    i = (i + 1) & (table->capacity - 1);
  return &table->entries[i];
}

static void grow(Table* table) {
  Table bigger = {calloc(table->capacity * 2, sizeof(Entry)), table->capacity * 2, table->used};
  for (size_t i = 0; i < table->capacity; i++) {
    const Entry* old = &table->entries[i];
    if (old->word) *slot_for(&bigger, old->word, old->hash) = *old;
  }
  free(table->entries);
  *table = bigger;
}

static void count(Table* table, const char* word) {
  if (table->used * 2 >= table->capacity) grow(table);
  uint32_t hash = hash_of(word);
  Entry* entry = slot_for(table, word, hash);
  if (entry->word == NULL) {
    *entry = (Entry){strdup(word), hash, 0};
    table->used++;
  }
  entry->count++;
}

static int commonest_first(const void* left, const void* right) {
  const Entry *a = left, *b = right;
  if (a->count != b->count) return a->count < b->count ? 1 : -1;
  return strcmp(a->word, b->word);
}

int main(int argc, char** argv) {
  size_t shown = argc > 1 ? strtoul(argv[1], NULL, 10) : 10;
  Table table = {calloc(16, sizeof(Entry)), 16, 0};
  char line[4096];
  size_t lines = 0, words = 0;
  while (fgets(line, sizeof line, stdin)) {
    lines++;
    for (char* word = strtok(line, " \t\r\n.,;:!?()\"'-"); word; word = strtok(NULL, " \t\r\n.,;:!?()\"'-")) {
      for (char* c = word; *c; c++) *c = (char)tolower((unsigned char)*c);
      count(&table, word);
      words++;
    }
  }
  Entry* sorted = malloc(table.used * sizeof(Entry));
  size_t n = 0;
  for (size_t i = 0; i < table.capacity; i++)
    if (table.entries[i].word) sorted[n++] = table.entries[i];
  qsort(sorted, n, sizeof(Entry), commonest_first);
  printf("%zu lines, %zu words, %zu different\n", lines, words, n);
  for (size_t i = 0; i < n && i < shown; i++) printf("%6u %s\n", sorted[i].count, sorted[i].word);
  fprintf(stderr, "done\n");
  return n > 0 ? 0 : 1;
}
