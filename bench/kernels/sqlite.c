// SQLite (its own sources, from a package) with a database in memory: a table filled, indexed, queried,
// joined, changed.
#include "bench.h"

#include <stdio.h>

#include "sqlite3.h"

// SQLite is built without an operating system; a database in memory wants no file, but wants to be told of a
// system.
static int open_nothing(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  (void)vfs, (void)name, (void)file, (void)flags, (void)out;
  return SQLITE_CANTOPEN;
}

static int same_bytes(sqlite3_vfs* vfs, int length, char* to) {
  (void)vfs;
  memset(to, 7, (size_t)length);
  return length;
}

static int same_time(sqlite3_vfs* vfs, double* to) {
  (void)vfs;
  *to = 2460000.5;
  return SQLITE_OK;
}

int sqlite3_os_init(void) {
  static sqlite3_vfs none = {
      .iVersion = 1, .szOsFile = sizeof(sqlite3_file), .mxPathname = 64, .zName = "none"};
  none.xOpen = open_nothing;
  none.xRandomness = same_bytes;
  none.xCurrentTime = same_time;
  return sqlite3_vfs_register(&none, 1);
}

int sqlite3_os_end(void) { return SQLITE_OK; }

static int64_t query(sqlite3* database, const char* text) {
  sqlite3_stmt* statement;
  int64_t sum = 0;
  if (sqlite3_prepare_v2(database, text, -1, &statement, NULL) != SQLITE_OK) abort();
  while (sqlite3_step(statement) == SQLITE_ROW)
    for (int i = 0; i < sqlite3_column_count(statement); i++)
      sum = sum * 3 + sqlite3_column_int64(statement, i);
  if (sqlite3_finalize(statement) != SQLITE_OK) abort();
  return sum;
}

BENCH_ROUND static uint64_t work(uint64_t seed) {
  sqlite3* database;
  sqlite3_stmt* insert;
  uint64_t random = seed;
  char name[32];
  if (sqlite3_open(":memory:", &database) != SQLITE_OK) abort();
  query(database, "CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT, region INTEGER)");
  query(database, "CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER, amount INTEGER, note TEXT)");
  query(database, "BEGIN");
  sqlite3_prepare_v2(database, "INSERT INTO customers VALUES(?1, ?2, ?3)", -1, &insert, NULL);
  for (int i = 0; i < 300; i++) {
    snprintf(name, sizeof name, "customer %d", (int)(bench_random(&random) % 5000));
    sqlite3_bind_int(insert, 1, i);
    sqlite3_bind_text(insert, 2, name, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int(insert, 3, i % 12);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  sqlite3_prepare_v2(database, "INSERT INTO orders(customer, amount, note) VALUES(?1, ?2, ?3)", -1, &insert,
                     NULL);
  for (int i = 0; i < 3000; i++) {
    snprintf(name, sizeof name, "note %x", (unsigned)(bench_random(&random) >> 44));
    sqlite3_bind_int(insert, 1, (int)(bench_random(&random) % 300));
    sqlite3_bind_int(insert, 2, (int)(bench_random(&random) % 10000));
    sqlite3_bind_text(insert, 3, name, -1, SQLITE_TRANSIENT);
    sqlite3_step(insert);
    sqlite3_reset(insert);
  }
  sqlite3_finalize(insert);
  query(database, "COMMIT");
  query(database, "CREATE INDEX by_customer ON orders(customer)");
  uint64_t checksum = 0;
  static const char* const queries[] = {
      "SELECT region, sum(amount), count(*) FROM customers JOIN orders ON customers.id = customer GROUP BY "
      "region",
      "SELECT customer, max(amount) FROM orders WHERE note LIKE '%a1%' GROUP BY customer ORDER BY 2 DESC, 1 "
      "LIMIT 20",
      "SELECT count(*) FROM customers WHERE name > 'customer 3' AND id IN (SELECT customer FROM orders WHERE "
      "amount > 9000)",
      "UPDATE orders SET amount = amount + 1 WHERE customer % 3 = 0",
      "DELETE FROM orders WHERE amount % 7 = 0",
      "SELECT sum(amount), sum(length(note)), count(DISTINCT customer) FROM orders",
  };
  for (int i = 0; i < 6; i++) checksum = bench_mix(checksum, (uint64_t)query(database, queries[i]));
  sqlite3_close(database);
  return checksum;
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) checksum = bench_mix(checksum, work(37 + round));
  return bench_end(checksum);
}
