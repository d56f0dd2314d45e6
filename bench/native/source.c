/*
 * An HTTP server that answers every GET with a live transport stream of one H.264 program: a stand-in for an engine,
 * cheap enough never to be the bottleneck. Each connection gets a stream of its own, starting at a keyframe.
 *
 *   source [--bits-per-second 4000000] [--tick-ms 20] [--gop-ms 1000] [--unpaced 1]
 *
 * Paced, it writes what is due every tick; unpaced, as fast as the reader takes it, with the PCRs of the same bit rate.
 * Prints {"port":N}, then {"opened":"/path","atUs":T} and {"closed":"/path","atUs":T} for every connection.
 */
#include <signal.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "bench-net.h"
#include "bench-packet.h"

enum { MAX_CONNECTIONS = 4096, BUFFER_PACKETS = 1394, FRAMES_PER_SECOND = 25, PSI_EVERY_FRAMES = 5 };

struct connection {
  int fd;
  bool streaming, blocked;
  char request[1024];
  size_t request_bytes;
  char path[256];
  int64_t start_us;
  uint64_t packets, frame, frame_end;
  int place_in_frame;
  uint8_t video_counter, pat_counter, pmt_counter;
  size_t buffered, sent;
  uint8_t buffer[BUFFER_PACKETS * PACKET_BYTES];
};

static struct connection *connections[MAX_CONNECTIONS];
static double packets_per_second;
static int gop_frames, epoll_fd;
static bool unpaced;
static uint8_t pat_packet[PACKET_BYTES], pmt_packet[PACKET_BYTES], video_packet[PACKET_BYTES];

/* Access unit delimiter, and for a keyframe SPS, PPS and the start of an IDR slice: a 128 × 96 baseline picture. */
static const uint8_t KEY_UNIT[] = {0, 0, 0, 1, 0x09, 0xf0, 0, 0, 0, 1, 0x67, 0x42, 0, 0x0a, 0xf8, 0x41, 0xa2,
                                   0, 0, 0, 1, 0x68, 0xce, 0x38, 0x80, 0, 0, 0, 1, 0x65, 0x88, 0x84, 0x21, 0xa0};
static const uint8_t OTHER_UNIT[] = {0, 0, 0, 1, 0x09, 0xf0, 0, 0, 0, 1, 0x41, 0x9a, 0x21, 0x6c};

/* CRC of ISO/IEC 13818-1 annex A. */
static uint32_t crc32_mpeg(const uint8_t *bytes, size_t length) {
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < length; i++) {
    crc ^= (uint32_t)bytes[i] << 24;
    for (int bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? crc << 1 ^ 0x04c11db7 : crc << 1;
  }
  return crc;
}

/* Header and an adaptation field that has room for the mark, and for a PCR on demand; returns where the payload starts. */
static int start_packet(uint8_t *packet, int pid, bool unit_start, bool pcr) {
  int field_bytes = 2 + MARK_BYTES + (pcr ? 6 : 0);
  packet[0] = 0x47;
  packet[1] = (uint8_t)((unit_start ? 0x40 : 0) | pid >> 8);
  packet[2] = (uint8_t)pid;
  packet[3] = 0x30;
  packet[4] = (uint8_t)field_bytes;
  packet[5] = pcr ? 0x12 : 0x02;
  packet[mark_at(packet) - 1] = MARK_BYTES;
  return 5 + field_bytes;
}

static void make_section(uint8_t *packet, int pid, const uint8_t *section, size_t length) {
  memset(packet, 0xff, PACKET_BYTES);
  int at = start_packet(packet, pid, true, false);
  packet[at++] = 0;
  memcpy(packet + at, section, length);
  uint32_t crc = crc32_mpeg(section, length);
  for (int i = 0; i < 4; i++) packet[at + (int)length + i] = (uint8_t)(crc >> (24 - 8 * i));
}

static void make_templates(void) {
  const uint8_t pat[] = {0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | PMT_PID >> 8, PMT_PID & 0xff};
  const uint8_t pmt[] = {0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, 0xe0 | VIDEO_PID >> 8, VIDEO_PID & 0xff, 0xf0, 0,
                         0x1b, 0xe0 | VIDEO_PID >> 8, VIDEO_PID & 0xff, 0xf0, 0};
  make_section(pat_packet, 0, pat, sizeof pat);
  make_section(pmt_packet, PMT_PID, pmt, sizeof pmt);
  memset(video_packet, 0x9d, PACKET_BYTES);
  start_packet(video_packet, VIDEO_PID, false, false);
}

static void put_timestamp(uint8_t *at, uint64_t ticks_90khz) {
  at[0] = (uint8_t)(0x21 | (ticks_90khz >> 30 & 7) << 1);
  at[1] = (uint8_t)(ticks_90khz >> 22);
  at[2] = (uint8_t)(1 | (ticks_90khz >> 15 & 0x7f) << 1);
  at[3] = (uint8_t)(ticks_90khz >> 7);
  at[4] = (uint8_t)(1 | (ticks_90khz & 0x7f) << 1);
}

static void start_frame(struct connection *c, uint8_t *packet) {
  bool key = c->frame % (uint64_t)gop_frames == 0;
  uint64_t pcr = (uint64_t)((double)c->packets / packets_per_second * 27e6), base = pcr / 300 & 0x1ffffffff;
  memset(packet, 0x9d, PACKET_BYTES);
  int at = start_packet(packet, VIDEO_PID, true, true);
  if (key) packet[5] |= 0x40;
  packet[6] = (uint8_t)(base >> 25);
  packet[7] = (uint8_t)(base >> 17);
  packet[8] = (uint8_t)(base >> 9);
  packet[9] = (uint8_t)(base >> 1);
  packet[10] = (uint8_t)((base & 1) << 7 | 0x7e | (pcr % 300 >> 8));
  packet[11] = (uint8_t)(pcr % 300);
  const uint8_t pes[] = {0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5};
  memcpy(packet + at, pes, sizeof pes);
  put_timestamp(packet + at + sizeof pes, base + 45000);
  memcpy(packet + at + sizeof pes + 5, key ? KEY_UNIT : OTHER_UNIT, key ? sizeof KEY_UNIT : sizeof OTHER_UNIT);
}

/* Makes the next packet of a stream: PAT and PMT before every fifth frame, then the frame. */
static void make_packet(struct connection *c, uint8_t *packet, int64_t at_us) {
  bool psi = c->frame % PSI_EVERY_FRAMES == 0;
  int place = c->place_in_frame++ - (psi ? 2 : 0);
  uint8_t *counter = &c->video_counter;
  if (place == -2) memcpy(packet, pat_packet, PACKET_BYTES), counter = &c->pat_counter;
  else if (place == -1) memcpy(packet, pmt_packet, PACKET_BYTES), counter = &c->pmt_counter;
  else if (place == 0) start_frame(c, packet);
  else memcpy(packet, video_packet, PACKET_BYTES);
  packet[3] = (uint8_t)(0x30 | (*counter)++ % 16);
  write_mark(packet, c->packets++, at_us);
  if (c->packets < c->frame_end) return;
  c->frame++;
  c->place_in_frame = 0;
  c->frame_end = (uint64_t)((double)(c->frame + 1) * packets_per_second / FRAMES_PER_SECOND);
  if (c->frame_end < c->packets + 3) c->frame_end = c->packets + 3;
}

static void say(const char *what, struct connection *c) {
  printf("{\"%s\":\"%s\",\"atUs\":%lld}\n", what, c->path, (long long)now_us());
  fflush(stdout);
}

static void close_connection(struct connection *c) {
  if (c->streaming) say("closed", c);
  connections[c->fd] = NULL;
  close(c->fd);
  free(c);
}

/* Sends until nothing more is due or the reader takes nothing more. */
static void send_due(struct connection *c) {
  for (int round = 0; round < 8; round++) {
    if (c->sent == c->buffered) {
      int64_t at_us = now_us();
      uint64_t due = unpaced ? UINT64_MAX : (uint64_t)((double)(at_us - c->start_us) / 1e6 * packets_per_second);
      c->sent = c->buffered = 0;
      while (c->packets < due && c->buffered < sizeof c->buffer) {
        make_packet(c, c->buffer + c->buffered, at_us);
        c->buffered += PACKET_BYTES;
      }
      if (c->buffered == 0) return;
    }
    ssize_t taken = send(c->fd, c->buffer + c->sent, c->buffered - c->sent, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) return close_connection(c);
    if (taken > 0) c->sent += (size_t)taken;
    bool blocked = c->sent < c->buffered;
    if (blocked != c->blocked && !unpaced) {
      struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | (blocked ? EPOLLOUT : 0), .data.fd = c->fd};
      epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
      c->blocked = blocked;
    }
    if (blocked) return;
  }
}

static void read_request(struct connection *c) {
  ssize_t got = recv(c->fd, c->request + c->request_bytes, sizeof c->request - 1 - c->request_bytes, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return close_connection(c);
  if (c->streaming) return;
  c->request_bytes += (size_t)got;
  c->request[c->request_bytes] = 0;
  if (strstr(c->request, "\r\n\r\n") == NULL) return;
  c->request_bytes = 0;
  if (sscanf(c->request, "GET %255s ", c->path) != 1) return close_connection(c);
  send(c->fd, STREAM_HEAD, sizeof STREAM_HEAD - 1, MSG_NOSIGNAL);
  c->streaming = true;
  c->start_us = now_us();
  c->frame_end = (uint64_t)(packets_per_second / FRAMES_PER_SECOND);
  say("opened", c);
  if (!unpaced) return;
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLOUT, .data.fd = c->fd};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static void accept_all(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    if (fd >= MAX_CONNECTIONS) {
      close(fd);
      continue;
    }
    no_delay(fd);
    connections[fd] = calloc(1, sizeof(struct connection));
    connections[fd]->fd = fd;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
  }
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  packets_per_second = number_option(argc, argv, "--bits-per-second", 4e6) / (8 * PACKET_BYTES);
  gop_frames = (int)(number_option(argc, argv, "--gop-ms", 1000) * FRAMES_PER_SECOND / 1000);
  unpaced = number_option(argc, argv, "--unpaced", 0) != 0;
  double tick_ms = number_option(argc, argv, "--tick-ms", 20);
  make_templates();
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  int listener = listen_and_say();
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct timespec tick = {.tv_nsec = (long)(tick_ms * 1e6)};
  struct itimerspec every = {.it_interval = tick, .it_value = tick};
  if (!unpaced) timerfd_settime(timer, 0, &every, NULL);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
  event.data.fd = timer;
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer, &event);
  for (;;) {
    struct epoll_event ready[256];
    int count = epoll_wait(epoll_fd, ready, 256, -1);
    for (int i = 0; i < count; i++) {
      int fd = ready[i].data.fd;
      if (fd == listener) {
        accept_all(listener);
      } else if (fd == timer) {
        uint64_t ticks;
        if (read(timer, &ticks, sizeof ticks) < 0) continue;
        for (int other = 0; other < MAX_CONNECTIONS; other++) {
          struct connection *c = connections[other];
          if (c != NULL && c->streaming && !c->blocked) send_due(c);
        }
      } else {
        if (connections[fd] != NULL && (ready[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
          read_request(connections[fd]);
        if (connections[fd] != NULL && connections[fd]->streaming && (ready[i].events & EPOLLOUT))
          send_due(connections[fd]);
      }
    }
  }
}
