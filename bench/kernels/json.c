// JSON (RFC 8259): a document is parsed into a tree and written out again, as a service does all day.
#include "bench.h"

enum Kind { kind_null, kind_false, kind_true, kind_number, kind_string, kind_array, kind_object };
struct Node {
  enum Kind kind;
  uint32_t start, length; // of its text; an object's members are a name and a value in turn
  struct Node *child, *next;
};

enum { kCapacity = 1 << 18, kNodes = 1 << 15 };
static char text[kCapacity], output[kCapacity];
static struct Node nodes[kNodes];
static uint32_t text_length, output_length, node_count, at;

static void put(char* to, uint32_t* length, const char* piece) {
  while (*piece) to[(*length)++] = *piece++;
}

static void put_number(char* to, uint32_t* length, uint32_t value) {
  char digits[12], *first = digits + 11;
  *first = 0;
  do *--first = (char)('0' + value % 10);
  while (value /= 10);
  put(to, length, first);
}

static void make_document(void) {
  uint64_t random = 5;
  put(text, &text_length, "[");
  for (int record = 0; record < 1000; record++) {
    put(text, &text_length, record ? ",\n  {\"id\": " : "\n  {\"id\": ");
    put_number(text, &text_length, (uint32_t)(bench_random(&random) >> 40));
    put(text, &text_length, ", \"name\": \"user \\\"");
    put_number(text, &text_length, (uint32_t)(bench_random(&random) >> 50));
    put(text, &text_length, "\\\" of many\", \"active\": ");
    put(text, &text_length, bench_random(&random) & 1 ? "true" : "false");
    put(text, &text_length, ", \"scores\": [1.5, -20, 3e7, ");
    put_number(text, &text_length, (uint32_t)(bench_random(&random) >> 55));
    put(text, &text_length, "], \"parent\": null}");
  }
  put(text, &text_length, "\n]\n");
}

static void skip_space(void) {
  while (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r') at++;
}

static struct Node* make_node(enum Kind kind) {
  struct Node* node = &nodes[node_count++];
  *node = (struct Node){kind, at, 0, NULL, NULL};
  return node;
}

static struct Node* parse_string(void) {
  struct Node* node = make_node(kind_string);
  for (at++; text[at] != '"'; at++) at += text[at] == '\\';
  node->length = ++at - node->start;
  return node;
}

static struct Node* parse_value(void);

static struct Node* parse_list(enum Kind kind, char close) {
  struct Node* node = make_node(kind);
  struct Node** last = &node->child;
  at++;
  for (skip_space(); text[at] != close; skip_space()) {
    if (text[at] == ',') at++, skip_space();
    if (kind == kind_object) {
      *last = parse_string();
      last = &(*last)->next;
      skip_space();
      at++;
    }
    *last = parse_value();
    last = &(*last)->next;
  }
  at++;
  return node;
}

static struct Node* parse_word(enum Kind kind, uint32_t length) {
  struct Node* node = make_node(kind);
  at += node->length = length;
  return node;
}

static struct Node* parse_value(void) {
  skip_space();
  switch (text[at]) {
  case '{': return parse_list(kind_object, '}');
  case '[': return parse_list(kind_array, ']');
  case '"': return parse_string();
  case 't': return parse_word(kind_true, 4);
  case 'f': return parse_word(kind_false, 5);
  case 'n': return parse_word(kind_null, 4);
  default: break;
  }
  struct Node* node = make_node(kind_number);
  while ((text[at] >= '0' && text[at] <= '9') || text[at] == '-' || text[at] == '+' || text[at] == '.' ||
         text[at] == 'e' || text[at] == 'E')
    at++;
  node->length = at - node->start;
  return node;
}

static void write_value(const struct Node* node) {
  if (node->kind != kind_array && node->kind != kind_object) {
    for (uint32_t i = 0; i < node->length; i++) output[output_length++] = text[node->start + i];
    return;
  }
  int is_object = node->kind == kind_object, index = 0;
  output[output_length++] = is_object ? '{' : '[';
  for (const struct Node* child = node->child; child; child = child->next, index++) {
    if (index) output[output_length++] = is_object && index % 2 ? ':' : ',';
    write_value(child);
  }
  output[output_length++] = is_object ? '}' : ']';
}

int main(int argc, char** argv) {
  uint32_t rounds = bench_size(argc, argv);
  uint64_t checksum = 0;
  make_document();
  bench_begin();
  for (uint32_t round = 0; round < rounds; round++) {
    at = node_count = output_length = 0;
    text[10] = (char)('1' + round % 9); // a digit of the first number
    write_value(parse_value());
    for (uint32_t i = 0; i < output_length; i += 13) checksum = bench_mix(checksum, (uint8_t)output[i]);
    checksum = bench_mix(checksum, node_count);
  }
  return bench_end(checksum);
}
