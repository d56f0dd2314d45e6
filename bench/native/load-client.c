/*
 * Opens HTTP connections, reads live streams from them, and checks every packet of every one.
 *
 *   load-client --port N --clients 200 [--path /live] [--streams 1] [--ramp-ms 500] [--warmup-ms 2000]
 *               [--measure-ms 10000] [--leave-after-join 0] [--http 1.1]
 *
 * Client i asks for <path><i % streams>. Clients arrive spread over the ramp; once each has had a byte and the warm-up
 * has passed, {"measuring":true} is printed, after the measured span {"measured":true}, then one line of results.
 * With `--leave-after-join 1` a client leaves at its first keyframe, and the measured span is that of all joins.
 */
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "bench-net.h"
#include "bench-packet.h"
#include "http-body.h"
#include "report.h"

/* After the measured span the clients stay a little, so that the server can be looked at before they leave. */
enum { READ_BYTES = 256 * 1024, JOIN_LIMIT_US = 20000000, STAY_US = 200000 };

struct settings {
  int port, clients, streams;
  const char *path, *http;
  int64_t ramp_us, warmup_us, measure_us;
  bool leave_after_join;
};

static struct settings settings;
static struct client *clients;
static struct totals totals;
static int epoll_fd, opened_count, joined_count, ended_count;
static uint8_t read_buffer[PACKET_BYTES + READ_BYTES];

static void end_client(struct client *c) {
  if (c->fd < 0) return;
  close(c->fd);
  c->fd = -1;
  c->closed_us = now_us();
  ended_count++;
}

/* What a join must begin with: PAT, PMT, and the packet in which a keyframe's PES starts. */
static void look_at_start(struct client *c, const uint8_t *packet) {
  int pid = pid_of(packet), place = c->packets_before_video;
  if (pid != VIDEO_PID) {
    c->ordered_start |= place == 0 && pid == 0 ? 1 : place == 1 && pid == PMT_PID ? 2 : 0;
    c->packets_before_video++;
  } else if (starts_unit(packet) && is_random_access(packet)) {
    if (c->body_bytes_before_video == 0 && place == 2 && c->ordered_start == 3) c->clean_start = true;
    c->keyframe_us = now_us();
  } else {
    c->body_bytes_before_video += PACKET_BYTES;
  }
  // PSI sent ahead of a keyframe is older than it: counting starts with the first video packet.
  if (pid == VIDEO_PID && !c->counting) c->counting = true, c->next_sequence = sequence_of(packet);
}

static void check_sequence(struct client *c, uint64_t sequence) {
  if (sequence == c->next_sequence) {
    c->next_sequence++;
  } else if (sequence > c->next_sequence) {
    totals.lost_packets += sequence - c->next_sequence;
    totals.gaps++;
    c->next_sequence = sequence + 1;
  } else if (sequence + 1 == c->next_sequence) {
    totals.repeated_packets++;
  } else {
    totals.reordered_packets++;
  }
}

static void take_packet(struct client *c, const uint8_t *packet, int64_t at_us) {
  if (!has_mark(packet)) {
    if (pid_of(packet) == NULL_PID) totals.null_packets++;
    else totals.foreign_packets++;
    return;
  }
  if (c->keyframe_us == 0) look_at_start(c, packet);
  if (c->counting) check_sequence(c, sequence_of(packet));
  int64_t written = written_us(packet);
  if (totals.measuring && written >= totals.measured_from_us) add_age(&totals, at_us - written);
}

/* Offset of the first packet at or behind `at`, or the length. */
static size_t find_packet(const uint8_t *bytes, size_t at, size_t length) {
  while (at + PACKET_BYTES <= length && !has_mark(bytes + at)) at++;
  return at;
}

/* Takes bytes of a body. There is room for the carried rest of a packet in front of them. */
static void take_body(struct client *c, uint8_t *bytes, size_t length, int64_t at_us) {
  if (length == 0) return;
  if (c->first_byte_us == 0) {
    c->first_byte_us = at_us;
    joined_count++;
  }
  if (totals.measuring) totals.bytes += length;
  bytes -= c->carried;
  length += c->carried;
  memcpy(bytes, c->carry, c->carried);
  size_t at = 0;
  for (;;) {
    if (at + PACKET_BYTES > length) break;
    if (bytes[at] != 0x47 || !c->aligned) {
      size_t found = find_packet(bytes, at, length);
      if (found > at && c->aligned) totals.misalignments++;
      if (found > at && !c->aligned) c->misaligned_start = true;
      at = found;
      if (at + PACKET_BYTES > length) break;
      c->aligned = true;
    }
    take_packet(c, bytes + at, at_us);
    at += PACKET_BYTES;
  }
  c->carried = length - at;
  memcpy(c->carry, bytes + at, c->carried);
}

static void read_stream(struct client *c) {
  uint8_t *bytes = read_buffer + PACKET_BYTES;
  ssize_t got = recv(c->fd, bytes, READ_BYTES, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    totals.ended_by_server++;
    return end_client(c);
  }
  int64_t at_us = now_us();
  totals.reads += totals.measuring;
  struct span span = {bytes, (size_t)got};
  if (!c->body.started && !http_head(&c->body, &span)) {
    if (c->body.status != 0 && c->body.status != 200) totals.refused++, end_client(c);
    return;
  }
  while (span.length > 0) {
    struct span part = http_body(&c->body, &span);
    take_body(c, part.bytes, part.length, at_us);
  }
  if (settings.leave_after_join && c->keyframe_us != 0) end_client(c);
}

static void open_client(struct client *c, int index) {
  c->opened_us = now_us();
  c->fd = connect_to(settings.port);
  char request[512];
  int length = snprintf(request, sizeof request, "GET %s%d HTTP/%s\r\nHost: 127.0.0.1:%d\r\nUser-Agent: bench\r\n\r\n",
                        settings.path, index % settings.streams, settings.http, settings.port);
  c->request_bytes = (size_t)length;
  memcpy(c->request, request, c->request_bytes);
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

static void send_request(struct client *c) {
  if (send(c->fd, c->request, c->request_bytes, MSG_NOSIGNAL) != (ssize_t)c->request_bytes) {
    totals.refused++;
    return end_client(c);
  }
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

/* Serves sockets until the next thing is due. */
static void serve_until(int64_t due_us) {
  int64_t wait_us = due_us - now_us();
  struct epoll_event ready[256];
  int count = epoll_wait(epoll_fd, ready, 256, wait_us > 0 ? (int)(wait_us / 1000) + 1 : 0);
  for (int i = 0; i < count; i++) {
    struct client *c = ready[i].data.ptr;
    if (c->fd < 0) continue;
    if (ready[i].events & EPOLLOUT) send_request(c);
    else read_stream(c);
  }
}

static void begin_span(void) {
  totals.measured_from_us = now_us();
  totals.cpu_from_us = own_cpu_us();
  totals.measuring = true;
  puts("{\"measuring\":true}");
  fflush(stdout);
}

static void end_span(void) {
  totals.measuring = false;
  totals.measured_to_us = now_us();
  totals.cpu_to_us = own_cpu_us();
  puts("{\"measured\":true}");
  fflush(stdout);
}

static void open_those_due(int64_t start_us) {
  while (opened_count < settings.clients &&
         now_us() - start_us >= settings.ramp_us * opened_count / settings.clients) {
    open_client(&clients[opened_count], opened_count);
    opened_count++;
  }
}

static void run(void) {
  int64_t start_us = now_us(), limit_us = start_us + settings.ramp_us + JOIN_LIMIT_US;
  if (settings.leave_after_join) begin_span();
  while (now_us() < limit_us) {
    open_those_due(start_us);
    bool all_in = joined_count + (settings.leave_after_join ? 0 : ended_count) >= settings.clients;
    if (all_in && (!settings.leave_after_join || ended_count >= settings.clients)) break;
    int64_t next_us = start_us + settings.ramp_us * opened_count / settings.clients;
    serve_until(opened_count < settings.clients ? next_us : now_us() + 5000);
  }
  if (!settings.leave_after_join) {
    for (int64_t until_us = now_us() + settings.warmup_us; now_us() < until_us;) serve_until(until_us);
    begin_span();
    for (int64_t until_us = now_us() + settings.measure_us; now_us() < until_us;) serve_until(until_us);
  }
  end_span();
  for (int64_t until_us = now_us() + STAY_US; now_us() < until_us;) serve_until(until_us);
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  settings = (struct settings){
      .port = (int)number_option(argc, argv, "--port", 0),
      .clients = (int)number_option(argc, argv, "--clients", 1),
      .streams = (int)number_option(argc, argv, "--streams", 1),
      .path = option(argc, argv, "--path", "/live"),
      .http = option(argc, argv, "--http", "1.1"),
      .ramp_us = (int64_t)(number_option(argc, argv, "--ramp-ms", 500) * 1000),
      .warmup_us = (int64_t)(number_option(argc, argv, "--warmup-ms", 2000) * 1000),
      .measure_us = (int64_t)(number_option(argc, argv, "--measure-ms", 10000) * 1000),
      .leave_after_join = number_option(argc, argv, "--leave-after-join", 0) != 0,
  };
  clients = calloc((size_t)settings.clients, sizeof *clients);
  for (int i = 0; i < settings.clients; i++) clients[i].fd = -1;
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  run();
  print_report(clients, settings.clients, &totals);
  return 0;
}
