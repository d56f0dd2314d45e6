/*
 * The floor: one upstream HTTP body fanned out to any number of HTTP clients with epoll, and nothing else. No index, no
 * keyframe joins, no recovery.
 *
 *   fanout --source-port N [--path /live] [--batch-ms 0] [--max-bytes 131072]
 *
 * With `--batch-ms 0` every read from upstream is written to every client at once; otherwise reads are gathered for that
 * time, or until `--max-bytes` have come. A full ring stops reading upstream, so nothing is ever dropped.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

#include "bench-net.h"

enum { RING_BYTES = 188 * 65536, READ_BYTES = 256 * 1024, MAX_CLIENTS = 8192, PACKET_BYTES = 188 };

struct client {
  int fd;
  bool streaming, blocked;
  size_t request_bytes;
  char request[2048];
  uint64_t offset;
};

static uint8_t ring[RING_BYTES];
static uint64_t head;
static struct client *clients[MAX_CLIENTS];
static int client_fds[MAX_CLIENTS], client_count;
static int epoll_fd, upstream, timer;
static bool upstream_paused, timer_armed, body_started;
static double batch_ms;
static uint64_t max_bytes, gathered;

static void watch(int operation, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  epoll_ctl(epoll_fd, operation, fd, &event);
}

static void drop(struct client *c) {
  for (int i = 0; i < client_count; i++)
    if (client_fds[i] == c->fd) client_fds[i] = client_fds[--client_count];
  clients[c->fd] = NULL;
  close(c->fd);
  free(c);
}

/* Writes what waits; false when the client is gone. */
static bool flush_client(struct client *c) {
  while (c->offset < head) {
    size_t at = c->offset % RING_BYTES, waiting = head - c->offset, first = RING_BYTES - at;
    struct iovec parts[2] = {{ring + at, waiting < first ? waiting : first},
                             {ring, waiting < first ? 0 : waiting - first}};
    ssize_t taken = writev(c->fd, parts, parts[1].iov_len > 0 ? 2 : 1);
    if (taken < 0 && errno != EAGAIN) return drop(c), false;
    if (taken > 0) c->offset += (uint64_t)taken;
    bool blocked = c->offset < head;
    if (blocked != c->blocked) watch(EPOLL_CTL_MOD, c->fd, EPOLLIN | EPOLLRDHUP | (blocked ? EPOLLOUT : 0));
    c->blocked = blocked;
    if (blocked) return true;
  }
  return true;
}

static uint64_t room(void) {
  uint64_t slowest = head;
  for (int i = 0; i < client_count; i++) {
    struct client *c = clients[client_fds[i]];
    if (c->streaming && c->offset < slowest) slowest = c->offset;
  }
  return RING_BYTES - (head - slowest);
}

static void resume_upstream(void) {
  if (!upstream_paused || room() < READ_BYTES) return;
  upstream_paused = false;
  watch(EPOLL_CTL_MOD, upstream, EPOLLIN);
}

static void flush_all(void) {
  gathered = 0;
  for (int i = client_count - 1; i >= 0; i--) {
    struct client *c = clients[client_fds[i]];
    if (c->streaming && !c->blocked) flush_client(c);
  }
  resume_upstream();
}

static void arm_timer(void) {
  if (timer_armed) return;
  timer_armed = true;
  struct itimerspec once = {.it_value = {(time_t)(batch_ms / 1000), (long)(batch_ms * 1e6) % 1000000000L}};
  timerfd_settime(timer, 0, &once, NULL);
}

/* The upstream's response head is skipped; the body starts with a whole packet. */
static void read_upstream(void) {
  size_t at = head % RING_BYTES, contiguous = RING_BYTES - at;
  ssize_t got = recv(upstream, ring + at, contiguous < READ_BYTES ? contiguous : READ_BYTES, 0);
  if (got == 0 || (got < 0 && errno != EAGAIN)) exit(0);
  if (got < 0) return;
  if (!body_started) {
    uint8_t *end = memmem(ring, (size_t)got, "\r\n\r\n", 4);
    if (end == NULL) exit(1);
    got -= end + 4 - ring;
    memmove(ring, end + 4, (size_t)got);
    body_started = true;
  }
  head += (uint64_t)got;
  gathered += (uint64_t)got;
  if (batch_ms <= 0 || gathered >= max_bytes) flush_all();
  else arm_timer();
  if (upstream_paused || room() >= READ_BYTES) return;
  upstream_paused = true;
  watch(EPOLL_CTL_MOD, upstream, 0);
}

static void read_client(struct client *c) {
  ssize_t got = recv(c->fd, c->request + c->request_bytes, sizeof c->request - 1 - c->request_bytes, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) return drop(c);
  if (c->streaming) return;
  c->request_bytes += (size_t)got;
  c->request[c->request_bytes] = 0;
  if (strstr(c->request, "\r\n\r\n") == NULL) return;
  c->request_bytes = 0;
  send(c->fd, STREAM_HEAD, sizeof STREAM_HEAD - 1, MSG_NOSIGNAL);
  c->streaming = true;
  c->offset = head / PACKET_BYTES * PACKET_BYTES;
}

static void accept_all(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    if (fd >= MAX_CLIENTS) {
      close(fd);
      continue;
    }
    no_delay(fd);
    clients[fd] = calloc(1, sizeof(struct client));
    clients[fd]->fd = fd;
    client_fds[client_count++] = fd;
    watch(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLRDHUP);
  }
}

static void open_upstream(int port, const char *path) {
  char request[512];
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path);
  upstream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = loopback(port);
  if (connect(upstream, (struct sockaddr *)&address, sizeof address)) die("upstream");
  if (send(upstream, request, (size_t)length, MSG_NOSIGNAL) != length) die("request");
  watch(EPOLL_CTL_ADD, upstream, EPOLLIN);
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  batch_ms = number_option(argc, argv, "--batch-ms", 0);
  max_bytes = (uint64_t)number_option(argc, argv, "--max-bytes", 128 * 1024);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  watch(EPOLL_CTL_ADD, timer, EPOLLIN);
  int listener = listen_and_say();
  watch(EPOLL_CTL_ADD, listener, EPOLLIN);
  for (;;) {
    struct epoll_event ready[256];
    int count = epoll_wait(epoll_fd, ready, 256, -1);
    for (int i = 0; i < count; i++) {
      int fd = ready[i].data.fd;
      if (fd == listener) {
        accept_all(listener);
        if (upstream == 0 && client_count > 0)
          open_upstream((int)number_option(argc, argv, "--source-port", 0), option(argc, argv, "--path", "/live"));
      } else if (fd == upstream) {
        read_upstream();
      } else if (fd == timer) {
        uint64_t expired;
        if (read(timer, &expired, sizeof expired) < 0) continue;
        timer_armed = false;
        flush_all();
      } else {
        if (clients[fd] != NULL && (ready[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
          read_client(clients[fd]);
        if (clients[fd] != NULL && clients[fd]->streaming && (ready[i].events & EPOLLOUT)) {
          clients[fd]->blocked = true;
          if (flush_client(clients[fd])) resume_upstream();
        }
      }
    }
  }
}
