/*
 * What the source puts into every packet and the load client looks for: transport private data in the adaptation
 * field (ISO/IEC 13818-1 §2.4.3.4), so that the stream stays a valid one for whoever relays it.
 *
 *   adaptation field: length | flags | [PCR, 6 bytes] | 20 | magic (4) | sequence (8) | written at, µs (8)
 *
 * The sequence number counts packets of one connection to the source. The time is CLOCK_MONOTONIC, the same for every
 * process of a machine, taken when the packet is handed to the socket.
 */
#ifndef BENCH_PACKET_H
#define BENCH_PACKET_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum { PACKET_BYTES = 188, MARK_BYTES = 20, PMT_PID = 0x1000, VIDEO_PID = 0x100, NULL_PID = 0x1fff };
static const uint32_t MARK_MAGIC = 0x9ce2b5a4;

static inline int64_t now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

static inline int pid_of(const uint8_t *packet) { return (packet[1] & 0x1f) << 8 | packet[2]; }
static inline bool starts_unit(const uint8_t *packet) { return packet[1] & 0x40; }
static inline bool is_random_access(const uint8_t *packet) { return packet[5] & 0x40; }

/* Offset of the mark, behind the PCR where there is one. */
static inline int mark_at(const uint8_t *packet) { return packet[5] & 0x10 ? 13 : 7; }

static inline bool has_mark(const uint8_t *packet) {
  return packet[0] == 0x47 && (packet[3] & 0x20) && packet[4] > MARK_BYTES && (packet[5] & 0x02) &&
         memcmp(packet + mark_at(packet), &MARK_MAGIC, 4) == 0;
}

static inline void write_mark(uint8_t *packet, uint64_t sequence, int64_t at_us) {
  uint8_t *mark = packet + mark_at(packet);
  memcpy(mark, &MARK_MAGIC, 4);
  memcpy(mark + 4, &sequence, 8);
  memcpy(mark + 12, &at_us, 8);
}

static inline uint64_t sequence_of(const uint8_t *packet) {
  uint64_t sequence;
  memcpy(&sequence, packet + mark_at(packet) + 4, 8);
  return sequence;
}

static inline int64_t written_us(const uint8_t *packet) {
  int64_t at_us;
  memcpy(&at_us, packet + mark_at(packet) + 12, 8);
  return at_us;
}

#endif
