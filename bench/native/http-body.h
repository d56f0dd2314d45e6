/* The response head and the framing of a body: until close, or chunked (RFC 9112 §6 and §7.1). */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct span {
  uint8_t *bytes;
  size_t length;
};

struct http_body {
  bool started, chunked;
  int status;
  char head[4096];
  size_t head_bytes;
  size_t chunk_left;
  char size_line[32];
  size_t size_bytes;
};

static inline void skip(struct span *span, size_t count) {
  span->bytes += count;
  span->length -= count;
}

/* Reads the head off the front of a span; true once the body has started. */
static bool http_head(struct http_body *body, struct span *span) {
  while (span->length > 0 && body->head_bytes < sizeof body->head - 1) {
    body->head[body->head_bytes++] = (char)*span->bytes;
    skip(span, 1);
    if (body->head_bytes < 4 || memcmp(body->head + body->head_bytes - 4, "\r\n\r\n", 4) != 0) continue;
    body->head[body->head_bytes] = 0;
    body->status = atoi(body->head + 9);
    body->chunked = strcasestr(body->head, "\r\ntransfer-encoding: chunked") != NULL;
    body->started = body->status == 200;
    return body->started;
  }
  return false;
}

/* The next stretch of payload, taken off the front of a span; empty where only framing was left. */
static struct span http_body(struct http_body *body, struct span *span) {
  struct span part = {span->bytes, 0};
  if (!body->chunked) {
    part.length = span->length;
    skip(span, part.length);
    return part;
  }
  // A size line, and before it the line break that ends the chunk before.
  while (body->chunk_left == 0 && span->length > 0) {
    char byte = (char)*span->bytes;
    skip(span, 1);
    if (byte == '\n' && body->size_bytes > 0) {
      body->size_line[body->size_bytes] = 0;
      body->chunk_left = strtoul(body->size_line, NULL, 16);
      body->size_bytes = 0;
    } else if (byte != '\r' && byte != '\n' && body->size_bytes < sizeof body->size_line - 1) {
      body->size_line[body->size_bytes++] = byte;
    }
  }
  part.bytes = span->bytes;
  part.length = span->length < body->chunk_left ? span->length : body->chunk_left;
  body->chunk_left -= part.length;
  skip(span, part.length);
  return part;
}

#endif
