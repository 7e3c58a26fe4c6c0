#pragma once
#include <dlfcn.h>
#include <stddef.h>
#include <srtp2/srtp.h>

// Where libsrtp2 is built on NSS, as on Debian, each of its ciphers opens NSS and closes it: srtp_init alone loads and
// unloads softoken thirteen times, and every session once more. Opened here, it stays open. Nothing where there is no NSS.
static inline void csrtp_keep_nss_open(void) {
  int (*open)(const char *) = (int (*)(const char *))dlsym(RTLD_DEFAULT, "NSS_NoDB_Init");
  if (open) open(NULL);
}
