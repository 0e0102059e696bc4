/*
 * store/store.c - what waits becomes one transaction on the writer's thread,
 * what is asked is read on the reader's, and what came of it is delivered.
 *
 * While nothing can be written, everything given waits, in its order, and all
 * of it is tried again from the start: it is never half done.
 *
 * Layer:  store (loud).
 * Thread: the loop's.
 */
#include "store/store.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/slots.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "loop/metrics.h"
#include "store/store_internal.h"

#define CLOSE_MS 200   /* for a thread that has nothing left to do */
#define REST_FACTOR 3  /* the writer is busy for a quarter of the time ... */
#define OFTEN_MS 20    /* ... when transactions come more often than this, */
#define OFTEN_COUNT 10 /* so many in a row */
#define NEARLY_FULL(max) ((max) / 5 * 4)

struct moot_store {
    struct ev_loop *loop;
    const struct moot_sink *sink;
    char *path, *vfs; /* vfs NULL: the system's */
    struct moot_id own;

    struct moot_jobs *write_jobs; /* one thread */
    struct store_batch *waiting;  /* the loop's */
    bool hurry;                   /* ... goes as soon as it can */
    ev_timer gather;              /* ... or then */
    ev_timer rest;                /* ... and not before that */
    moot_ms quiet_at;             /* when there were not too many of late */
    bool writing;                 /* a batch is with the thread */
    bool failing;                 /* the last one could not be made safe */
    bool reindex, reindexed;
    bool told_nearly_full;
    ev_timer retry;
    uint64_t bytes_max;
    struct store_writer writer; /* the thread's */
    int written;                /* an eventfd: counts batches that were run */
    uint64_t submitted;         /* ... of so many */
    unsigned puts_out;          /* entries in them, not come back yet */
    unsigned unsafe;            /* closing: entries that came to nothing */

    struct moot_jobs *read_jobs; /* one thread */
    struct store_reads *asked;   /* the loop's */
    bool reading;
    bool read_failed; /* was logged */
    ev_timer scan;
    moot_ms scan_pace;
    struct store_reader reader; /* the thread's */

    bool closing;
};

static const int64_t flush_bounds[] = {200,    500,    1000,    2000,
                                       5000,   10000,  20000,   50000,
                                       100000, 200000, 1000000, 10000000};
static struct moot_metric flushes = {
    .name = "moot_store_flush_seconds",
    .help = "How long a transaction took until it was safe.",
    .kind = MOOT_HISTOGRAM,
    .unit = 1000000,
    .bounds = flush_bounds,
    .bound_count = sizeof flush_bounds / sizeof flush_bounds[0]};
static struct moot_metric failures = {
    .name = "moot_store_failures_total",
    .help = "Transactions that could not be made safe, each try."};
static struct moot_metric not_safe = {
    .name = "moot_store_waiting_entries",
    .help = "Entries given to the store that are not safe yet.",
    .kind = MOOT_GAUGE};
static struct moot_metric usage = {
    .name = "moot_store_bytes",
    .help = "Size of the database as of the last transaction.",
    .kind = MOOT_GAUGE};

static void list_metrics(void)
{
    moot_metric_list(&flushes);
    moot_metric_list(&failures);
    moot_metric_list(&not_safe);
    moot_metric_list(&usage);
}

/* --- batches --- */

static void run_batch(struct moot_job *job)
{
    struct store_batch *b = (struct store_batch *)job;
    const uint64_t one = 1;
    int64_t began = moot_clock_us();

    store_write(&b->store->writer, b);
    b->took_us = moot_clock_us() - began;
    if (b->trouble != MOOT_DB_FINE)
        moot_metric_add(&failures, 1);
    else if (b->count > 0)
        moot_metric_observe(&flushes, b->took_us);
    if (write(b->store->written, &one, sizeof one) != sizeof one)
        return; /* it is full of ones already */
}

static void drop_request(struct store_request *r)
{
    moot_entry_unref(r->entry);
    free(r->end);
    free(r->proof);
    if (r->group != NULL) /* it holds the secrets of the group */
        sodium_memzero(r->group, sizeof *r->group);
    free(r->group);
}

static void destroy_batch(struct store_batch *b)
{
    for (unsigned i = 0; i < b->count; i++)
        drop_request(&b->requests[i]);
    free(b->requests);
    free(b);
}

static unsigned puts_of(const struct store_batch *b)
{
    unsigned count = 0;

    for (unsigned i = 0; i < b->count; i++)
        count += b->requests[i].kind == STORE_PUT;
    return count;
}

static void batch_done(struct moot_job *job);

static struct store_batch *need_waiting(struct moot_store *s)
{
    if (s->waiting == NULL) {
        s->waiting = moot_alloc(sizeof *s->waiting);
        s->waiting->job.run = run_batch;
        s->waiting->job.done = batch_done;
        s->waiting->store = s;
    }
    return s->waiting;
}

static struct store_request *add_request(struct moot_store *s,
                                         enum store_kind kind)
{
    struct store_batch *b = need_waiting(s);
    struct store_request *r;

    b->requests = moot_slot_open(b->requests, sizeof b->requests[0], &b->count,
                                 &b->max, b->count);
    r = &b->requests[b->count - 1];
    r->kind = kind;
    return r;
}

static void submit(struct moot_store *s)
{
    struct store_batch *b = need_waiting(s);

    ev_timer_stop(s->loop, &s->gather);
    b->reindex = s->reindex;
    s->reindex = s->hurry = false;
    s->waiting = NULL;
    s->writing = true;
    s->puts_out += puts_of(b);
    if (moot_jobs_submit(s->write_jobs, &b->job) == MOOT_OK)
        s->submitted++;
    else
        moot_jobs_skip(s->write_jobs, &b->job);
}

static void submit_waiting(struct moot_store *s)
{
    if (s->waiting == NULL || s->closing || s->failing)
        return;
    if (!s->hurry) {
        if (!ev_is_active(&s->gather))
            ev_timer_again(s->loop, &s->gather);
        return;
    }
    if (!s->writing && !ev_is_active(&s->rest))
        submit(s);
}

/* A transaction costs nearly the same for one entry as for ten.  Who says one
 * now and then never waits; who keeps the writer busy shares the next with
 * what comes until it has rested. */
static void rest_after(struct moot_store *s, const struct store_batch *b)
{
    moot_ms now = moot_clock_ms();
    int64_t us = b->took_us * REST_FACTOR;

    if (s->quiet_at < now)
        s->quiet_at = now;
    s->quiet_at += OFTEN_MS;
    if (s->quiet_at <= now + OFTEN_MS * OFTEN_COUNT)
        return;
    s->quiet_at = now + OFTEN_MS * OFTEN_COUNT;
    if (us > MOOT_STORE_REST_MS * 1000)
        us = MOOT_STORE_REST_MS * 1000;
    ev_timer_stop(s->loop, &s->rest);
    ev_timer_set(&s->rest, (double)us / 1e6, 0.);
    ev_timer_start(s->loop, &s->rest);
}

static void on_rested(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    submit_waiting(w->data);
}

static void on_gathered(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_store *s = w->data;

    (void)revents;
    ev_timer_stop(loop, w);
    ev_timer_stop(loop, &s->rest); /* that long nothing waits twice */
    s->hurry = true;
    submit_waiting(s);
}

/* --- what came of it --- */

/* One event for all: the last token names them. */
static void deliver_stored(struct moot_store *s, const struct store_batch *b)
{
    struct moot_event ev;
    bool any = false;

    memset(&ev, 0, sizeof ev);
    ev.kind = MOOT_EV_STORED;
    for (unsigned i = 0; i < b->count; i++) {
        const struct store_request *r = &b->requests[i];

        if (r->kind != STORE_PUT && r->kind != STORE_END)
            continue;
        ev.stored.token = r->token;
        any = true;
        moot_metric_add(&not_safe, r->kind == STORE_PUT ? -1 : 0);
    }
    if (any)
        moot_sink_deliver(s->sink, &ev);
}

static void deliver_usage(struct moot_store *s, uint64_t used)
{
    struct moot_event ev;

    if (used == 0)
        return;
    moot_metric_set(&usage, (int64_t)used);
    if (used < NEARLY_FULL(s->bytes_max)) {
        s->told_nearly_full = false;
        return;
    }
    if (s->told_nearly_full)
        return;
    s->told_nearly_full = true;
    memset(&ev, 0, sizeof ev);
    ev.kind = MOOT_EV_STORE_NEARLY_FULL;
    ev.nearly_full.used = used;
    ev.nearly_full.max = s->bytes_max;
    moot_sink_deliver(s->sink, &ev);
}

/* What waits is behind what failed. */
static void put_back(struct moot_store *s, struct store_batch *b)
{
    struct store_batch *later = s->waiting;

    for (unsigned i = 0; later != NULL && i < later->count; i++) {
        b->requests = moot_slot_open(b->requests, sizeof b->requests[0],
                                     &b->count, &b->max, b->count);
        b->requests[b->count - 1] = later->requests[i];
    }
    if (later != NULL)
        free(later->requests);
    free(later);
    s->waiting = b;
}

static void failed(struct moot_store *s, struct store_batch *b)
{
    struct moot_event ev;
    bool news = !s->failing;

    s->failing = true;
    if (b->trouble == MOOT_DB_DAMAGED)
        s->reindex = true;
    put_back(s, b);
    ev_timer_stop(s->loop, &s->gather);
    ev_timer_again(s->loop, &s->retry);
    if (!news)
        return;
    moot_log(MOOT_LOG_ERROR, "store_failed", "why",
             moot_db_trouble_text(b->trouble), "sqlite", b->words, NULL);
    memset(&ev, 0, sizeof ev);
    ev.kind = MOOT_EV_STORE_FAILED;
    ev.store_failed.why = moot_db_trouble_text(b->trouble);
    moot_sink_deliver(s->sink, &ev);
}

static void deliver_damaged(struct moot_store *s,
                            const struct moot_db_place *place)
{
    struct moot_event ev;

    moot_log(MOOT_LOG_WARN, "store_damaged", "#seq",
             moot_log_int((int64_t)place->seq).text, NULL);
    add_request(s, STORE_DROP)->place = *place;
    submit_waiting(s);
    memset(&ev, 0, sizeof ev);
    ev.kind = MOOT_EV_DAMAGED;
    ev.damaged.group = place->group;
    ev.damaged.in = place->in;
    ev.damaged.seq = place->seq;
    moot_sink_deliver(s->sink, &ev);
}

/* What does not fit what is kept is not there: whoever counts on it hears of
 * it, and it is fetched anew. */
static void deliver_refused(struct moot_store *s, const struct store_batch *b)
{
    for (unsigned i = 0; i < b->count && b->refused > 0; i++) {
        const struct store_request *r = &b->requests[i];

        if (r->refused && r->kind == STORE_PUT)
            deliver_damaged(s, &(struct moot_db_place){.group = r->entry->group,
                                                       .in = r->entry->in,
                                                       .seq = r->entry->seq});
    }
}

static void succeeded(struct moot_store *s, struct store_batch *b)
{
    bool back = s->failing;
    struct moot_event ev;

    s->failing = false;
    ev_timer_stop(s->loop, &s->retry);
    if (b->over) { /* as an empty batch, so that others get between */
        need_waiting(s);
        s->hurry = true;
    }
    if (b->refused > 0)
        moot_log(MOOT_LOG_ERROR, "store_refused", "#count",
                 moot_log_int(b->refused).text, NULL);
    rest_after(s, b);
    submit_waiting(s); /* it runs while this one is told of */
    deliver_stored(s, b);
    deliver_refused(s, b);
    if (back) {
        moot_log(MOOT_LOG_WARN, "store_back", NULL);
        memset(&ev, 0, sizeof ev);
        ev.kind = MOOT_EV_STORE_BACK;
        moot_sink_deliver(s->sink, &ev);
    }
    deliver_usage(s, b->usage);
    destroy_batch(b);
}

static void batch_done(struct moot_job *job)
{
    struct store_batch *b = (struct store_batch *)job;
    struct moot_store *s = b->store;

    s->writing = false;
    s->puts_out -= puts_of(b);
    if (job->skipped)
        b->trouble = MOOT_DB_OTHER;
    if (s->closing) {
        s->unsafe += b->trouble != MOOT_DB_FINE ? puts_of(b) : b->refused;
        destroy_batch(b);
    } else if (b->trouble != MOOT_DB_FINE) {
        failed(s, b);
    } else {
        succeeded(s, b);
    }
}

static void on_retry(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_store *s = w->data;

    (void)loop;
    (void)revents;
    if (s->failing && !s->writing && !s->closing)
        submit(s);
}

/* --- reading --- */

static void run_reads(struct moot_job *job)
{
    struct store_reads *r = (struct store_reads *)job;

    store_read(&r->store->reader, r);
}

static void destroy_reads(struct store_reads *r)
{
    for (unsigned i = 0; i < r->count; i++)
        moot_db_page_fini(&r->fetches[i].page);
    free(r->fetches);
    free(r);
}

static void deliver_fetched(struct moot_store *s, const struct store_fetch *f)
{
    struct moot_event ev;
    struct moot_db_place place;

    memset(&ev, 0, sizeof ev);
    ev.kind = MOOT_EV_FETCHED;
    ev.fetched.token = f->what.token;
    ev.fetched.entries = f->page.count > 0 ? f->page.at : NULL;
    ev.fetched.count = f->page.count;
    moot_sink_deliver(s->sink, &ev);
    if (f->page.damaged == 0)
        return;
    place.group = f->what.group;
    place.in = f->what.range.in;
    place.seq = f->page.damaged;
    deliver_damaged(s, &place);
}

/* A file that reads badly as a whole may still be mended from its tables. */
static void read_trouble(struct moot_store *s, const struct store_reads *r)
{
    if (!s->read_failed)
        moot_log(MOOT_LOG_ERROR, "store_cannot_read", "why",
                 moot_db_trouble_text(r->trouble), "sqlite", r->words, NULL);
    s->read_failed = true;
    if (r->trouble != MOOT_DB_DAMAGED || s->reindexed)
        return;
    s->reindexed = s->reindex = s->hurry = true;
    need_waiting(s);
    submit_waiting(s);
}

static void submit_reads(struct moot_store *s);

static void next_scan(struct moot_store *s, const struct store_reads *r)
{
    bool done = r->trouble != MOOT_DB_FINE || r->scanned.checked == 0;

    s->scan.repeat =
        (double)(done ? MOOT_STORE_SCAN_REST_MS : s->scan_pace) / 1000.;
    ev_timer_again(s->loop, &s->scan);
}

static void reads_done(struct moot_job *job)
{
    struct store_reads *r = (struct store_reads *)job;
    struct moot_store *s = r->store;

    s->reading = false;
    if (job->skipped)
        r->trouble = MOOT_DB_OTHER;
    if (!s->closing) {
        submit_reads(s);
        if (r->trouble != MOOT_DB_FINE)
            read_trouble(s, r);
        else
            s->read_failed = false;
        for (unsigned i = 0; i < r->count; i++)
            deliver_fetched(s, &r->fetches[i]);
        for (unsigned i = 0; i < r->scanned.bad_count; i++)
            deliver_damaged(s, &r->scanned.bad[i]);
        if (r->scan)
            next_scan(s, r);
    }
    destroy_reads(r);
}

static struct store_reads *need_asked(struct moot_store *s)
{
    if (s->asked == NULL) {
        s->asked = moot_alloc(sizeof *s->asked);
        s->asked->job.run = run_reads;
        s->asked->job.done = reads_done;
        s->asked->store = s;
    }
    return s->asked;
}

static void submit_reads(struct moot_store *s)
{
    struct store_reads *r = s->asked;

    if (r == NULL || s->reading || s->closing)
        return;
    s->asked = NULL;
    s->reading = true;
    if (moot_jobs_submit(s->read_jobs, &r->job) != MOOT_OK)
        moot_jobs_skip(s->read_jobs, &r->job);
}

/* Only when nobody else reads. */
static void on_scan(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_store *s = w->data;

    (void)revents;
    if (s->reading)
        return; /* it comes again */
    ev_timer_stop(loop, w);
    need_asked(s)->scan = true;
    submit_reads(s);
}

/* --- what is asked for --- */

void moot_store_put(struct moot_store *s, struct moot_entry *e,
                    moot_token token, bool hurry)
{
    struct store_request *r = add_request(s, STORE_PUT);

    r->token = token;
    r->entry = moot_entry_ref(e);
    moot_metric_add(&not_safe, 1);
    r->own = hurry;
    s->hurry = s->hurry || hurry;
    submit_waiting(s);
}

void moot_store_end_run(struct moot_store *s, const struct moot_fx_end_run *end,
                        moot_token token)
{
    struct store_request *r = add_request(s, STORE_END);

    r->token = token;
    r->end = moot_copy(end, sizeof *end);
    r->proof = moot_copy(end->proof.data, end->proof.len);
    r->end->proof.data = r->proof;
    submit_waiting(s);
}

void moot_store_remember(struct moot_store *s,
                         const struct moot_fx_remember *group)
{
    add_request(s, STORE_REMEMBER)->group = moot_copy(group, sizeof *group);
    submit_waiting(s);
}

void moot_store_fetch(struct moot_store *s, const struct moot_fx_fetch *what)
{
    struct store_reads *r = need_asked(s);

    r->fetches = moot_slot_open(r->fetches, sizeof r->fetches[0], &r->count,
                                &r->max, r->count);
    r->fetches[r->count - 1].what = *what;
    submit_reads(s);
}

/* --- opening and closing --- */

static void start_timer(struct moot_store *s, ev_timer *w,
                        void (*on_time)(struct ev_loop *, ev_timer *, int),
                        moot_ms ms)
{
    ev_timer_init(w, on_time, 0., (double)ms / 1000.);
    w->data = s;
}

struct moot_store *moot_store_open(const struct moot_store_config *config)
{
    struct moot_store *s = moot_alloc(sizeof *s);
    struct moot_db_config db = {.vfs = NULL};

    list_metrics();
    s->loop = config->loop;
    s->sink = config->sink;
    s->bytes_max = config->bytes_max;
    s->path = moot_copy(config->path, strlen(config->path));
    if (config->vfs != NULL)
        s->vfs = moot_copy(config->vfs, strlen(config->vfs));
    db.path = s->path;
    db.vfs = s->vfs;
    db.reader = true;
    s->reader.config = db;
    db.reader = false;
    s->writer.config = db;
    s->own = config->own;
    s->writer.config.own = &s->own;
    s->writer.bytes_max = config->bytes_max;
    s->written = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    moot_assert(s->written >= 0);
    start_timer(s, &s->gather, on_gathered, MOOT_STORE_WAIT_MS);
    ev_timer_init(&s->rest, on_rested, 0., 0.);
    s->rest.data = s;
    s->scan_pace = config->pace > 0 ? config->pace : MOOT_STORE_SCAN_MS;
    start_timer(s, &s->retry, on_retry,
                config->pace > 0 ? config->pace : MOOT_STORE_RETRY_MS);
    start_timer(s, &s->scan, on_scan, s->scan_pace);
    ev_timer_again(s->loop, &s->scan);
    s->write_jobs = moot_jobs_open(s->loop, 1, 2);
    s->read_jobs = moot_jobs_open(s->loop, 1, 1);
    return s;
}

/* Until all batches were run, or it is too late. */
static void wait_written(struct moot_store *s, moot_ms until)
{
    struct pollfd p = {.fd = s->written, .events = POLLIN};
    uint64_t run = 0, more;

    while (run < s->submitted) {
        moot_ms left = until - moot_clock_ms();

        if (left <= 0)
            return;
        if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
            return;
        if (read(s->written, &more, sizeof more) == sizeof more)
            run += more;
    }
}

static void free_store(struct moot_store *s)
{
    moot_db_close(s->reader.db);
    moot_db_close(s->writer.db);
    if (s->asked != NULL)
        destroy_reads(s->asked);
    close(s->written);
    free(s->path);
    free(s->vfs);
    free(s);
}

unsigned moot_store_close(struct moot_store *s, moot_ms within)
{
    moot_ms until = moot_clock_ms() + within;
    unsigned unsafe;
    bool ended;

    if (s == NULL)
        return 0;
    s->closing = true;
    ev_timer_stop(s->loop, &s->gather);
    ev_timer_stop(s->loop, &s->rest);
    ev_timer_stop(s->loop, &s->retry);
    ev_timer_stop(s->loop, &s->scan);
    if (s->waiting != NULL)
        submit(s);
    wait_written(s, until);
    ended = moot_jobs_close(s->write_jobs, CLOSE_MS);
    ended = moot_jobs_close(s->read_jobs, CLOSE_MS) && ended;
    unsafe = s->unsafe + s->puts_out;
    if (ended)
        free_store(s); /* else a thread still has it */
    return unsafe;
}
