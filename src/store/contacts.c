/*
 * store/contacts.c - gathering news for the cache file, and having it merged.
 *
 * Layer:  store (loud).
 * Thread: the loop's, but for run_merge().
 */
#include "store/contacts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "loop/metrics.h"
#include "store/cache.h"

/* A merge under way. */
struct merge {
    struct moot_job job; /* first: a job is its merge */
    struct moot_contacts *contacts;
    char *path;
    struct moot_peers news;

    /* What came of it. */
    int error;
    char why[MOOT_WHY_MAX];
};

struct moot_contacts {
    struct moot_contacts_config config;
    char *path;
    struct moot_peers news; /* not in the file, and not on its way */
    struct merge *merging;  /* NULL: none */
    ev_timer timer;
    moot_ms merged; /* when the last merge ended; 0: none yet */
    moot_ms pause;  /* after it */
    bool failed;    /* the last merge */
    bool said;      /* that the file cannot be changed */
};

static bool has_news(const struct moot_contacts *c)
{
    return c->news.peer_count + c->news.tripped_count > 0;
}

static void free_merge(struct merge *m)
{
    moot_peers_fini(&m->news);
    free(m->path);
    free(m);
}

/* --- one merge --- */

static struct moot_metric cached = {
    .name = "moot_cache_peers",
    .help = "Peers in the address book, when it was written last.",
    .kind = MOOT_GAUGE};

static void run_merge(struct moot_job *job)
{
    struct merge *m = (struct merge *)job;
    struct moot_peers book = {0};

    m->error = moot_cache_merge(m->path, &m->news, moot_clock_wall(),
                                MOOT_CACHE_LOCK_MS, &book, m->why);
    if (m->error == MOOT_OK)
        moot_metric_set(&cached, book.peer_count);
    moot_peers_fini(&book);
}

static void say(struct moot_contacts *c, const char *text)
{
    moot_log(MOOT_LOG_INFO, "cache", "what", text, NULL);
    if (c->config.say != NULL)
        c->config.say(c->config.ctx, text);
}

/* That others held the lock for long is no fault of the file's. */
static void say_failed(struct moot_contacts *c, int error, const char *why)
{
    struct moot_buf text = {0};

    if (error == MOOT_EBUSY || c->said) {
        moot_log(MOOT_LOG_INFO, "cache", "what", why, NULL);
        return;
    }
    c->said = true;
    moot_buf_printf(&text,
                    "%s; who was met is remembered for this run only (see "
                    "--cache_file)",
                    why);
    say(c, moot_buf_text(&text));
    moot_buf_fini(&text);
}

/* What came of it; the news that is in no file yet is news again. */
static void settle(struct moot_contacts *c, struct merge *m)
{
    c->failed = m->job.skipped || m->error != MOOT_OK;
    if (c->failed) {
        moot_book_append(&m->news, &c->news);
        moot_peers_fini(&c->news);
        c->news = m->news;
        memset(&m->news, 0, sizeof m->news);
    }
    if (m->job.skipped)
        return;
    if (m->error != MOOT_OK)
        say_failed(c, m->error, m->why);
    else if (m->why[0] != '\0')
        say(c, m->why);
}

static struct merge *begin_merge(struct moot_contacts *c)
{
    struct merge *m = moot_alloc(sizeof *m);

    m->contacts = c;
    m->path = moot_copy(c->path, strlen(c->path));
    m->news = c->news;
    memset(&c->news, 0, sizeof c->news);
    return m;
}

/* --- when --- */

static moot_ms soon_of(const struct moot_contacts *c)
{
    return c->config.soon > 0 ? c->config.soon : MOOT_CACHE_SOON_MS;
}

static moot_ms every_of(const struct moot_contacts *c)
{
    return c->config.every > 0 ? c->config.every : MOOT_CACHE_EVERY_MS;
}

/* Twice as long each time, while there is always something new. */
static moot_ms next_pause(const struct moot_contacts *c)
{
    return c->failed ? 6 * every_of(c) : moot_ms_min(2 * c->pause, every_of(c));
}

static void arm(struct moot_contacts *c)
{
    moot_ms now = moot_clock_ms(), wait = soon_of(c);

    if (ev_is_active(&c->timer) || c->merging != NULL || !has_news(c))
        return;
    if (!c->failed && now - c->merged > every_of(c))
        c->pause = soon_of(c);
    if (c->merged != 0 && c->merged + c->pause - now > wait)
        wait = c->merged + c->pause - now;
    ev_timer_set(&c->timer, (double)wait / 1000., 0.);
    ev_timer_start(c->config.loop, &c->timer);
}

static void done_merge(struct moot_job *job)
{
    struct merge *m = (struct merge *)job;
    struct moot_contacts *c = m->contacts;

    c->merging = NULL;
    settle(c, m);
    free_merge(m);
    c->merged = moot_clock_ms();
    c->pause = next_pause(c);
    arm(c);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
    struct moot_contacts *c = w->data;

    (void)loop;
    (void)revents;
    c->merging = begin_merge(c);
    c->merging->job.run = run_merge;
    c->merging->job.done = done_merge;
    if (moot_jobs_submit(c->config.jobs, &c->merging->job) != MOOT_OK)
        moot_jobs_skip(c->config.jobs, &c->merging->job);
}

/* --- what others call --- */

struct moot_contacts *
moot_contacts_open(const struct moot_contacts_config *config)
{
    struct moot_contacts *c = moot_alloc(sizeof *c);

    c->config = *config;
    c->path = moot_copy(config->path, strlen(config->path));
    ev_timer_init(&c->timer, on_timer, 0., 0.);
    c->timer.data = c;
    return c;
}

/* A worker that never came back still has its merge, and what is in it. */
void moot_contacts_close(struct moot_contacts *c)
{
    struct merge *m;

    if (c == NULL)
        return;
    ev_timer_stop(c->config.loop, &c->timer);
    if (has_news(c)) {
        m = begin_merge(c);
        m->error = moot_cache_merge(m->path, &m->news, moot_clock_wall(),
                                    MOOT_CACHE_LAST_LOCK_MS, NULL, m->why);
        settle(c, m);
        free_merge(m);
    }
    moot_peers_fini(&c->news);
    free(c->path);
    free(c);
}

void moot_contacts_note(struct moot_contacts *c,
                        const struct moot_contact *contact)
{
    if (c == NULL)
        return;
    moot_book_note(&c->news, contact);
    arm(c);
}

void moot_contacts_trip(struct moot_contacts *c,
                        const struct moot_tripped *tripped)
{
    if (c == NULL)
        return;
    moot_book_trip(&c->news, tripped);
    arm(c);
}
