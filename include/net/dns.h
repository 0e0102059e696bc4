/*
 * net/dns.h - where the DNS says that a group can be asked for: SRV records of
 * _moot._tcp.NAME (RFC 2782), and TXT records of NAME that read
 * "moot=host:port" or are an invitation without a secret.
 *
 * Delivers MOOT_EV_FOUND, the best first, or MOOT_EV_ASK_FAILED: MOOT_ENONE
 * when there is no such record.
 *
 * Layer:  net (loud).
 * Thread: the loop's; the questions are asked in a worker.
 */
#ifndef MOOT_NET_DNS_H
#define MOOT_NET_DNS_H

#include "loop/jobs.h"
#include "loop/sink.h"

struct moot_dns;

/*
 * All borrowed for the lifetime of the dns.  server: asked instead of those
 * that the system knows, and then about the addresses of what was found, too;
 * a literal, copied; port 0: the system's.
 */
struct moot_dns *moot_dns_open(const struct moot_sink *sink,
                               struct moot_jobs *jobs,
                               const struct moot_addr *server);

/* Exactly one event will follow, never from inside this call. */
void moot_dns_start(struct moot_dns *d, const struct moot_fx_lookup *what);

/* After the pool was closed.  NULL does nothing. */
void moot_dns_close(struct moot_dns *d);

#endif
