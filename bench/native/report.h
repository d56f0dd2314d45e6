/* What the load client keeps of each connection and of all, and how it is printed. */
#ifndef REPORT_H
#define REPORT_H

#include <sys/resource.h>

#include "bench-packet.h"
#include "http-body.h"

/* Ages are counted in steps of 100 µs up to 20 s. */
enum { AGE_STEP_US = 100, AGE_STEPS = 200000 };

struct client {
  int fd;
  struct http_body body;
  char request[512];
  size_t request_bytes;
  uint8_t carry[PACKET_BYTES];
  size_t carried;
  bool aligned, misaligned_start, counting, clean_start;
  int ordered_start, packets_before_video;
  size_t body_bytes_before_video;
  uint64_t next_sequence;
  int64_t opened_us, first_byte_us, keyframe_us, closed_us;
};

struct totals {
  bool measuring;
  int64_t measured_from_us, measured_to_us, cpu_from_us, cpu_to_us;
  uint64_t bytes, reads, lost_packets, gaps, repeated_packets, reordered_packets, foreign_packets, null_packets;
  uint64_t misalignments, ended_by_server, refused;
  uint64_t ages, age_counts[AGE_STEPS];
};

static int64_t own_cpu_us(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static inline void add_age(struct totals *totals, int64_t age_us) {
  int64_t step = age_us / AGE_STEP_US;
  totals->age_counts[step < 0 ? 0 : step >= AGE_STEPS ? AGE_STEPS - 1 : step]++;
  totals->ages++;
}

static double age_ms(const struct totals *totals, double share) {
  uint64_t below = 0, wanted = (uint64_t)((double)totals->ages * share);
  for (int step = 0; step < AGE_STEPS; step++)
    if ((below += totals->age_counts[step]) > wanted) return (step + 0.5) * AGE_STEP_US / 1000;
  return AGE_STEPS * AGE_STEP_US / 1000.0;
}

static int by_size(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return difference < 0 ? -1 : difference > 0;
}

static double percentile(const double *sorted, int count, double share) {
  if (count == 0) return 0;
  int at = (int)(share * count);
  return sorted[at < count ? at : count - 1];
}

/* Milliseconds from opening a connection to its first body byte, and to its first keyframe. */
static void print_joins(const struct client *clients, int count) {
  double *first_byte = calloc((size_t)count, sizeof(double)), *keyframe = calloc((size_t)count, sizeof(double));
  int joined = 0, shown = 0, clean = 0, misaligned = 0;
  for (int i = 0; i < count; i++) {
    const struct client *c = &clients[i];
    if (c->first_byte_us == 0) continue;
    first_byte[joined++] = (double)(c->first_byte_us - c->opened_us) / 1000;
    if (c->keyframe_us != 0) keyframe[shown++] = (double)(c->keyframe_us - c->opened_us) / 1000;
    clean += c->clean_start;
    misaligned += c->misaligned_start;
  }
  qsort(first_byte, (size_t)joined, sizeof(double), by_size);
  qsort(keyframe, (size_t)shown, sizeof(double), by_size);
  printf("\"joined\":%d,\"cleanStarts\":%d,\"misalignedStarts\":%d,", joined, clean, misaligned);
  printf("\"firstByteP50Ms\":%.3f,\"firstByteP99Ms\":%.3f,\"firstByteMaxMs\":%.3f,", percentile(first_byte, joined, 0.5),
         percentile(first_byte, joined, 0.99), percentile(first_byte, joined, 1));
  printf("\"keyframeP50Ms\":%.3f,\"keyframeP99Ms\":%.3f,", percentile(keyframe, shown, 0.5),
         percentile(keyframe, shown, 0.99));
  free(first_byte);
  free(keyframe);
}

static void print_report(const struct client *clients, int count, const struct totals *totals) {
  printf("{\"clients\":%d,", count);
  print_joins(clients, count);
  printf("\"refused\":%llu,\"endedByServer\":%llu,", (unsigned long long)totals->refused,
         (unsigned long long)totals->ended_by_server);
  printf("\"seconds\":%.6f,\"bytes\":%llu,\"reads\":%llu,", (double)(totals->measured_to_us - totals->measured_from_us) / 1e6,
         (unsigned long long)totals->bytes, (unsigned long long)totals->reads);
  printf("\"lostPackets\":%llu,\"gaps\":%llu,\"repeatedPackets\":%llu,\"reorderedPackets\":%llu,",
         (unsigned long long)totals->lost_packets, (unsigned long long)totals->gaps,
         (unsigned long long)totals->repeated_packets, (unsigned long long)totals->reordered_packets);
  printf("\"foreignPackets\":%llu,\"nullPackets\":%llu,\"misalignments\":%llu,", (unsigned long long)totals->foreign_packets,
         (unsigned long long)totals->null_packets, (unsigned long long)totals->misalignments);
  printf("\"ageP50Ms\":%.2f,\"ageP99Ms\":%.2f,\"ageMaxMs\":%.2f,", age_ms(totals, 0.5), age_ms(totals, 0.99),
         age_ms(totals, 0.9999999));
  printf("\"cpuSeconds\":%.6f,\"closedAtUs\":[", (double)(totals->cpu_to_us - totals->cpu_from_us) / 1e6);
  for (int i = 0; i < count; i++) printf(i > 0 ? ",%lld" : "%lld", (long long)clients[i].closed_us);
  puts("]}");
}

#endif
