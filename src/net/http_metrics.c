/*
 * net/http_metrics.c - /metrics: what was counted, and what is known only now.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "loop/clock.h"
#include "loop/metrics.h"
#include "net/http_internal.h"

static void one(struct moot_buf *out, const char *name,
                enum moot_metric_kind kind, const char *help, int64_t n)
{
    moot_metrics_family(out, name, kind, help);
    moot_metrics_sample(out, name, "", n, 1);
}

/* --- of the group --- */

static void put_node(const struct moot_node *n, struct moot_buf *out)
{
    struct moot_node_stats s;

    moot_node_stats(n, &s);
    one(out, "moot_joined", MOOT_GAUGE, "1 when the join is done.",
        moot_node_joined(n));
    one(out, "moot_members", MOOT_GAUGE, "Live members, this peer among them.",
        s.members);
    moot_metrics_family(out, "moot_links", MOOT_GAUGE,
                        "Links to members: up, and not proven yet.");
    moot_metrics_sample(out, "moot_links", "state=\"up\"", s.links_up, 1);
    moot_metrics_sample(out, "moot_links", "state=\"early\"", s.links_early, 1);
    one(out, "moot_chains", MOOT_GAUGE, "Runs of which entries are held.",
        s.chains);
    one(out, "moot_entries", MOOT_GAUGE, "Entries of the group that are held.",
        (int64_t)s.entries);
    one(out, "moot_entries_kept", MOOT_GAUGE,
        "Entries of the group that are safe in the store.", (int64_t)s.kept);
    one(out, "moot_entries_held_back", MOOT_GAUGE,
        "Entries that wait for what they refer to before they are shown.",
        s.screen_held);
    one(out, "moot_say_waiting_lines", MOOT_GAUGE,
        "Own lines that are in no entry yet.", s.say_waiting);
    moot_metrics_family(out, "moot_breakers", MOOT_GAUGE,
                        "Circuit breakers of bootstrap sources, by state.");
    moot_metrics_sample(out, "moot_breakers", "state=\"closed\"",
                        s.breakers[MOOT_BREAKER_CLOSED], 1);
    moot_metrics_sample(out, "moot_breakers", "state=\"open\"",
                        s.breakers[MOOT_BREAKER_OPEN], 1);
    moot_metrics_sample(out, "moot_breakers", "state=\"half_open\"",
                        s.breakers[MOOT_BREAKER_HALF_OPEN], 1);
}

/* --- of the groups that meet here --- */

static void put_hosted(struct moot_node *n, struct moot_buf *out)
{
    unsigned groups, members;

    moot_node_hosts(n, moot_clock_ms(), &groups, &members);
    one(out, "moot_hosted_groups", MOOT_GAUGE,
        "Groups in the directory that are not this peer's own.", groups);
    one(out, "moot_hosted_members", MOOT_GAUGE,
        "Members of these groups that are held to be alive.", members);
}

/* --- of the process: the names all exporters use --- */

static int64_t micros(const struct timeval *t)
{
    return (int64_t)t->tv_sec * 1000000 + t->tv_usec;
}

static void put_usage(struct moot_buf *out)
{
    static const char name[] = "process_cpu_seconds_total";
    struct rusage u;

    if (getrusage(RUSAGE_SELF, &u) != 0)
        return;
    moot_metrics_family(out, name, MOOT_COUNTER,
                        "Time on a processor, all threads.");
    moot_metrics_sample(out, name, "",
                        micros(&u.ru_utime) + micros(&u.ru_stime), 1000000);
}

static void put_memory(struct moot_buf *out)
{
    FILE *f = fopen("/proc/self/statm", "re");
    int64_t size, resident, page = sysconf(_SC_PAGESIZE);

    if (f == NULL)
        return;
    if (fscanf(f, "%" SCNd64 " %" SCNd64, &size, &resident) == 2) {
        one(out, "process_virtual_memory_bytes", MOOT_GAUGE,
            "Address space in use.", size * page);
        one(out, "process_resident_memory_bytes", MOOT_GAUGE, "Memory in use.",
            resident * page);
    }
    fclose(f);
}

enum MHD_Result moot_http_get_metrics(const struct moot_asked *a)
{
    struct moot_buf text = {NULL, 0, 0, 0};
    struct moot_reply r = {.status = MHD_HTTP_OK,
                           .type = "text/plain; version=0.0.4; charset=utf-8"};
    enum MHD_Result rc;

    put_node(a->node, &text);
    put_hosted(a->node, &text);
    put_usage(&text);
    put_memory(&text);
    moot_metrics_print(&text);
    r.body = moot_buf_view(&text);
    rc = moot_http_reply(a, &r);
    moot_buf_fini(&text);
    return rc;
}
