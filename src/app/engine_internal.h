/*
 * app/engine_internal.h - the engine's parts, for the files it is made of.
 *
 * Layer:  app (loud).
 * Thread: the loop's.
 */
#ifndef MOOT_APP_ENGINE_INTERNAL_H
#define MOOT_APP_ENGINE_INTERNAL_H

#include "app/engine.h"
#include "loop/jobs.h"
#include "loop/monitor.h"
#include "net/dial.h"
#include "net/dns.h"
#include "net/fetch.h"
#include "net/http.h"
#include "net/lan.h"
#include "net/link.h"
#include "net/verify.h"
#include "store/contacts.h"
#include "store/store.h"
#include "ui/ui.h"

/* An event that came while the effects of another were carried out. */
struct moot_later {
    struct moot_later *next;
    struct moot_event ev;
    void *bytes; /* what its views point to */
};

/* Leaving a loop that never settles: after this the rest is cut. */
#define MOOT_ENGINE_END_MS 3000

/* What was said last gets this long to become safe. */
#define MOOT_ENGINE_STORE_MS 5000

struct moot_engine {
    struct ev_loop *loop;
    const struct moot_options *options;
    struct moot_sink sink;
    struct moot_tracer tracer;
    struct moot_tls tls;
    struct moot_id self;
    struct moot_node *node;
    struct moot_ui *ui;
    struct moot_jobs *jobs;
    struct moot_monitor *monitor;
    struct moot_links *links;
    struct moot_dials *dials;
    struct moot_fetches *fetches;
    struct moot_verifier *verifier;
    struct moot_store *store;
    struct moot_contacts *contacts; /* NULL: nothing is kept of them */
    struct moot_http *http;
    struct moot_lan *lan;
    struct moot_dns *dns;

    struct moot_effects fx; /* of the one step being carried out */
    bool stepping;
    struct moot_later *later, **later_end;
    moot_ms now;   /* of the last event: never goes back */
    moot_ms armed; /* what the timer is set to */
    ev_timer deadline, idle, end;
    ev_prepare turn; /* the end of each turn, before the loop sleeps */
    ev_signal signals[3];

    bool idle_warned;
    bool leaving;     /* the node was told */
    bool drained;     /* ... because the piped input is all said */
    bool interrupted; /* before the join was done */
    bool ending;      /* FX_EXIT came: only the links are waited for */
    bool closed;      /* events come too late */
    int code;
    struct moot_buf last_words; /* for standard error */
};

/* The node is told; nothing when it knows already. */
void moot_engine_leave(struct moot_engine *e, const char *reason);

/* Carries out one effect; what it leads to comes as events, later. */
void moot_engine_carry_out(struct moot_engine *e, const struct moot_effect *fx);

/* What watchers of many peers are told: of the start and the end, and of each
 * effect before it is carried out. */
void moot_events_begin(const struct moot_options *o,
                       const struct moot_start *s);
void moot_events_tell(const struct moot_engine *e,
                      const struct moot_effect *fx);
void moot_events_end(int code);

/* --afk_timeout: warns, then leaves.  Does nothing when it is 0. */
void moot_idle_start(struct moot_engine *e);

#endif
