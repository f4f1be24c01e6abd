// Put before the C library: names under slow.test take two seconds to find out that they are unknown,
// names under quick.test are this machine.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

static int ends_with(const char* name, const char* tail) {
  size_t length = strlen(name), of_tail = strlen(tail);
  return length >= of_tail && strcmp(name + length - of_tail, tail) == 0;
}

int getaddrinfo(const char* name, const char* service, const struct addrinfo* hints, struct addrinfo** found) {
  int (*usual)(const char*, const char*, const struct addrinfo*, struct addrinfo**) = dlsym(RTLD_NEXT, "getaddrinfo");
  if (name && ends_with(name, "slow.test")) {
    sleep(2);
    return EAI_AGAIN;
  }
  return usual(name && ends_with(name, "quick.test") ? "127.0.0.1" : name, service, hints, found);
}
