#pragma once
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

// ns_msg_count, ns_rr_type and their kin are macros with arguments, and res_state is a type and a macro at once.
static inline int jc_ns_answer_count(const ns_msg *message) { return ns_msg_count(*message, ns_s_an); }
static inline int jc_ns_is_srv(const ns_rr *record) {
  return ns_rr_type(*record) == ns_t_srv && ns_rr_class(*record) == ns_c_in;
}
static inline const unsigned char *jc_ns_rdata(const ns_rr *record) { return ns_rr_rdata(*record); }
static inline int jc_ns_rdata_length(const ns_rr *record) { return ns_rr_rdlen(*record); }

// One query, with the resolver's own file and time limits (seconds, tries); the answer's length, or -1.
static inline int jc_res_query_srv(const char *name, int seconds, int tries, unsigned char *answer, int size) {
  struct __res_state state = {0};
  if (res_ninit(&state) != 0) return -1;
  state.retrans = seconds;
  state.retry = tries;
  int length = res_nquery(&state, name, ns_c_in, ns_t_srv, answer, size);
  res_nclose(&state);
  return length;
}
