/* Sockets on 127.0.0.1 and command-line options, as the three programs of the benchmark need them. */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

/* The value behind `--name`, or the default. */
static inline const char *option(int argc, char **argv, const char *name, const char *fallback) {
  for (int i = 1; i + 1 < argc; i++)
    if (strcmp(argv[i], name) == 0) return argv[i + 1];
  return fallback;
}

static inline double number_option(int argc, char **argv, const char *name, double fallback) {
  const char *text = option(argc, argv, name, NULL);
  return text == NULL ? fallback : atof(text);
}

static inline struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/* Listens on a free port and prints it as {"port":N}. */
static inline int listen_and_say(void) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4096) ||
      getsockname(listener, (struct sockaddr *)&address, &length))
    die("listen");
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

/* Starts connecting; the socket becomes writable when it is done. */
static inline int connect_to(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = loopback(port);
  if (fd < 0 || (connect(fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)) die("connect");
  return fd;
}

static inline void no_delay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static const char STREAM_HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n";

#endif
