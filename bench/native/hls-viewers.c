/*
 * Viewers of one HLS stream: each polls the playlist as players do and fetches every new segment, over one connection.
 *
 *   hls-viewers --port N --path /live.m3u8 --viewers 200 [--warmup-ms 4000] [--measure-ms 10000] [--blocking 0]
 *
 * A viewer follows one redirect, starts at the newest segment, and loads the playlist again after a target duration
 * when it was new, after half of one when it was not (RFC 8216 §6.3.4). Viewers start spread over one target duration.
 * With `--blocking 1` they start at once, fetch no segments, and ask for the part that the playlist hints at.
 * {"measuring":true} and {"measured":true} are printed around the measured span, then one line of results.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#include "bench-net.h"

enum { MAX_BODY = 64 * 1024, READ_BYTES = 256 * 1024, MAX_SAMPLES = 4000000, MAX_WAKES = 4096, START_US = 20000 };

enum step { IDLE, PLAYLIST, SEGMENT };

struct viewer {
  int fd;
  enum step step;
  bool connected, head_done;
  char path[512], request[1024], head[4096], body[MAX_BODY];
  size_t request_bytes, head_bytes, body_bytes, length, got;
  int status;
  long next_segment, newest, part_msn, part_index;
  int64_t due_us, sent_us, first_playlist_us;
  double target_seconds;
  char extension[16];
};

struct samples {
  float *ms;
  size_t count;
};

static struct viewer *viewers;
static struct samples playlists, segments;
static uint8_t buffer[READ_BYTES];
static int epoll_fd, port, viewer_count;
static bool blocking, measuring;
static uint64_t measured_bytes, failures, missed;
static const char *first_path;
static struct { long msn, index; int64_t last_us; int count; } wakes[MAX_WAKES];
static int wake_count;

static int64_t now_us(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000LL + at.tv_nsec / 1000;
}

static int64_t own_cpu_us(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void add_sample(struct samples *samples, int64_t us) {
  if (measuring && samples->count < MAX_SAMPLES) samples->ms[samples->count++] = (float)us / 1000;
}

static void open_connection(struct viewer *v) {
  v->fd = connect_to(port);
  v->connected = false;
  v->step = IDLE;
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = v};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, v->fd, &event)) die("epoll_ctl");
}

/* Asks for a path, or for a name beside the playlist. */
static void ask(struct viewer *v, enum step step, const char *path) {
  v->request_bytes = (size_t)snprintf(v->request, sizeof v->request,
                                      "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: viewer-%ld\r\n\r\n", path, port,
                                      (long)(v - viewers));
  v->step = step;
  v->head_done = false;
  v->head_bytes = v->body_bytes = v->length = v->got = 0;
  v->sent_us = now_us();
  if (write(v->fd, v->request, v->request_bytes) != (ssize_t)v->request_bytes) failures++;
}

static void ask_playlist(struct viewer *v) {
  if (blocking && v->part_msn >= 0) {
    char path[640];
    char join = strchr(v->path, '?') == NULL ? '?' : '&';
    snprintf(path, sizeof path, "%s%c_HLS_msn=%ld&_HLS_part=%ld", v->path, join, v->part_msn, v->part_index);
    ask(v, PLAYLIST, path);
  } else {
    ask(v, PLAYLIST, v->path);
  }
}

static void ask_segment(struct viewer *v) {
  char path[640];
  const char *slash = strrchr(v->path, '/'), *query = strchr(v->path, '?');
  if (query != NULL) for (slash = query; *slash != '/';) slash--;
  snprintf(path, sizeof path, "%.*s/%ld.%s", (int)(slash - v->path), v->path, v->next_segment, v->extension);
  ask(v, SEGMENT, path);
}

static void note_wake(long msn, long index, int64_t at_us) {
  for (int i = wake_count - 1; i >= 0; i--) {
    if (wakes[i].msn != msn || wakes[i].index != index) continue;
    wakes[i].last_us = at_us;
    wakes[i].count++;
    return;
  }
  if (wake_count < MAX_WAKES) {
    wakes[wake_count].msn = msn;
    wakes[wake_count].index = index;
    wakes[wake_count].last_us = at_us;
    wakes[wake_count++].count = 1;
  }
}

/* Reads what the viewer needs to know, and decides what it does next. Segments are named by their number. */
static void take_playlist(struct viewer *v, int64_t at_us) {
  v->body[v->body_bytes] = 0;
  if (v->first_playlist_us == 0) v->first_playlist_us = at_us;
  const char *target = strstr(v->body, "#EXT-X-TARGETDURATION:"), *media = strstr(v->body, "#EXT-X-MEDIA-SEQUENCE:");
  v->target_seconds = target == NULL ? 2 : atof(target + 22);
  long newest = (media == NULL ? 0 : atol(media + 22)) - 1;
  for (const char *line = v->body; (line = strstr(line, "#EXTINF:")) != NULL; line++) newest++;
  bool is_new = newest > v->newest;
  v->newest = newest;
  if (blocking) {
    if (v->part_msn >= 0) note_wake(v->part_msn, v->part_index, at_us);
    const char *hint = strstr(v->body, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"");
    if (hint == NULL || sscanf(hint + 35, "%ld.%ld", &v->part_msn, &v->part_index) != 2) failures++;
    else ask_playlist(v);
    return;
  }
  double wait = is_new ? v->target_seconds : v->target_seconds / 2;
  v->due_us = v->sent_us + (int64_t)(wait * 1e6);
  if (v->next_segment < 0) v->next_segment = newest;
  long oldest = media == NULL ? 0 : atol(media + 22);
  if (v->next_segment < oldest) missed += (uint64_t)(oldest - v->next_segment), v->next_segment = oldest;
  const char *dot = strrchr(v->body, '.');
  if (dot != NULL) sscanf(dot + 1, "%15[a-z0-9]", v->extension);
  if (v->next_segment <= newest) ask_segment(v);
}

static void take_answer(struct viewer *v) {
  int64_t at_us = now_us();
  enum step step = v->step;
  v->step = IDLE;
  if (measuring) measured_bytes += v->got;
  if (step == PLAYLIST && v->status == 302) {
    char location[400] = "";
    const char *found = strcasestr(v->head, "\r\nlocation: ");
    if (found != NULL) sscanf(found + 12, "%399[^\r]", location);
    char *slash = strrchr(v->path, '/');
    snprintf(slash + 1, sizeof v->path - (size_t)(slash + 1 - v->path), "%s", location);
    ask_playlist(v);
    return;
  }
  if (v->status != 200) {
    failures++;
    v->due_us = at_us + 1000000;
    return;
  }
  if (step == PLAYLIST) {
    add_sample(&playlists, at_us - v->sent_us);
    take_playlist(v, at_us);
    return;
  }
  add_sample(&segments, at_us - v->sent_us);
  v->next_segment++;
  if (v->next_segment <= v->newest) ask_segment(v);
}

static void take_bytes(struct viewer *v, const uint8_t *bytes, size_t count) {
  while (!v->head_done && count > 0 && v->head_bytes < sizeof v->head - 1) {
    v->head[v->head_bytes++] = (char)*bytes++;
    count--;
    if (v->head_bytes < 4 || memcmp(v->head + v->head_bytes - 4, "\r\n\r\n", 4) != 0) continue;
    v->head[v->head_bytes] = 0;
    v->head_done = true;
    v->status = atoi(v->head + 9);
    const char *length = strcasestr(v->head, "\r\ncontent-length: ");
    v->length = length == NULL ? 0 : strtoul(length + 18, NULL, 10);
  }
  if (v->step == PLAYLIST) {
    size_t room = sizeof v->body - 1 - v->body_bytes, kept = count < room ? count : room;
    memcpy(v->body + v->body_bytes, bytes, kept);
    v->body_bytes += kept;
  }
  v->got += count;
  if (v->head_done && v->got >= v->length) take_answer(v);
}

static void serve(struct viewer *v, uint32_t events) {
  if (!v->connected && (events & EPOLLOUT)) {
    v->connected = true;
    no_delay(v->fd);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = v};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, v->fd, &event);
    if (v->due_us <= now_us()) ask_playlist(v), v->due_us = INT64_MAX;
  }
  if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
  ssize_t count = read(v->fd, buffer, sizeof buffer);
  if (count > 0) {
    take_bytes(v, buffer, (size_t)count);
  } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
    // An idle connection may be closed; the next request opens another.
    if (v->step != IDLE) failures++;
    close(v->fd);
    open_connection(v);
  }
}

static int by_size(const void *a, const void *b) {
  float difference = *(const float *)a - *(const float *)b;
  return difference < 0 ? -1 : difference > 0;
}

static void print_samples(const char *name, struct samples *samples) {
  qsort(samples->ms, samples->count, sizeof(float), by_size);
  printf("\"%s\":{\"count\":%zu", name, samples->count);
  const double shares[] = {0.5, 0.95, 0.99};
  const char *labels[] = {"p50Ms", "p95Ms", "p99Ms"};
  for (int i = 0; i < 3; i++) {
    size_t at = (size_t)(shares[i] * (double)samples->count);
    printf(",\"%s\":%.3f", labels[i], samples->count == 0 ? 0 : samples->ms[at < samples->count ? at : samples->count - 1]);
  }
  printf("},");
}

static void print_report(double seconds, double cpu_seconds) {
  printf("{\"viewers\":%d,\"seconds\":%.6f,\"bytes\":%llu,\"failures\":%llu,\"missedSegments\":%llu,", viewer_count, seconds,
         (unsigned long long)measured_bytes, (unsigned long long)failures, (unsigned long long)missed);
  print_samples("playlists", &playlists);
  print_samples("segments", &segments);
  printf("\"cpuSeconds\":%.6f,\"firstPlaylistUs\":[", cpu_seconds);
  for (int i = 0; i < viewer_count; i++) printf(i > 0 ? ",%lld" : "%lld", (long long)viewers[i].first_playlist_us);
  printf("],\"wakes\":[");
  for (int i = 0; i < wake_count; i++)
    printf("%s{\"msn\":%ld,\"part\":%ld,\"lastUs\":%lld,\"count\":%d}", i > 0 ? "," : "", wakes[i].msn, wakes[i].index,
           (long long)wakes[i].last_us, wakes[i].count);
  puts("]}");
}

int main(int argc, char **argv) {
  port = (int)number_option(argc, argv, "--port", 0);
  viewer_count = (int)number_option(argc, argv, "--viewers", 1);
  blocking = number_option(argc, argv, "--blocking", 0) != 0;
  first_path = option(argc, argv, "--path", "/live.m3u8");
  int64_t warmup_us = (int64_t)(number_option(argc, argv, "--warmup-ms", 4000) * 1000);
  int64_t measure_us = (int64_t)(number_option(argc, argv, "--measure-ms", 10000) * 1000);
  playlists.ms = malloc(MAX_SAMPLES * sizeof(float));
  segments.ms = malloc(MAX_SAMPLES * sizeof(float));
  viewers = calloc((size_t)viewer_count, sizeof *viewers);
  epoll_fd = epoll_create1(0);
  int64_t start_us = now_us() + START_US, spread_us = blocking ? 0 : 2000000;
  for (int i = 0; i < viewer_count; i++) {
    struct viewer *v = &viewers[i];
    snprintf(v->path, sizeof v->path, "%s", first_path);
    v->next_segment = v->newest = v->part_msn = -1;
    v->due_us = start_us + spread_us * i / viewer_count;
    open_connection(v);
  }
  int64_t from_us = start_us + warmup_us, to_us = from_us + measure_us, cpu_from_us = 0;
  bool done = false;
  struct epoll_event events[256];
  while (!done) {
    int count = epoll_wait(epoll_fd, events, 256, 1);
    for (int i = 0; i < count; i++) serve(events[i].data.ptr, events[i].events);
    int64_t at_us = now_us();
    for (int i = 0; i < viewer_count; i++) {
      struct viewer *v = &viewers[i];
      if (v->connected && v->step == IDLE && v->due_us <= at_us) v->due_us = INT64_MAX, ask_playlist(v);
    }
    if (!measuring && at_us >= from_us) {
      measuring = true;
      cpu_from_us = own_cpu_us();
      puts("{\"measuring\":true}");
      fflush(stdout);
    }
    done = at_us >= to_us;
  }
  puts("{\"measured\":true}");
  fflush(stdout);
  // Long enough for the server to be looked at before the viewers leave.
  usleep(200000);
  print_report((double)measure_us / 1e6, (double)(own_cpu_us() - cpu_from_us) / 1e6);
  return 0;
}
