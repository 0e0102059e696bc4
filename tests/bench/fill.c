/*
 * tests/bench/fill.c - a long past: opening it, comparing it, and giving it to
 * a newcomer while others go on talking.
 *
 * The directory holds what tests/tools/history.c wrote; the peers get copies of
 * its history, and identities of their own.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <errno.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "bench.h"
#include "store/db.h"

#define TALK_PER_S 20
#define AFTER_US 2000000 /* it goes on talking, and tells of what it has */
#define PATIENCE_US ((int64_t)600 * 1000000)
#define SAMPLES_MAX (2 * TALK_PER_S * 600)

enum {
    SERVER,
    TALKER,
    NEWCOMER,
    PEERS
};

static struct peer peers[PEERS];
static char dirs[PEERS][512];

/* What was shown late, and where. */
struct hearing {
    int64_t since; /* lines due before do not count */
    uint32_t *samples;
    size_t count;
    unsigned lines;
};

static struct hearing hearings[PEERS];

/* --- profiles --- */

static void run(struct moot_buf *command)
{
    if (system(moot_buf_text(command)) != 0)
        fail("cannot %s", moot_buf_text(command));
    moot_buf_fini(command);
}

static void remove_dirs(void)
{
    struct moot_buf command = {0};

    moot_buf_printf(&command, "rm -rf");
    for (unsigned i = 0; i < PEERS; i++)
        moot_buf_printf(&command, " '%s'", dirs[i]);
    run(&command);
}

/* The first ones get the history. */
static void make_dirs(const char *past, unsigned copies)
{
    struct moot_buf command = {0};

    for (unsigned i = 0; i < PEERS; i++)
        snprintf(dirs[i], sizeof dirs[i], "%s.%u", past, i);
    remove_dirs();
    moot_buf_printf(&command, ":");
    for (unsigned i = 0; i < copies; i++) {
        if (mkdir(dirs[i], 0700) != 0)
            die(dirs[i]);
        moot_buf_printf(&command,
                        " && cp '%s/history.db' '%s/' && sync '%s/history.db'",
                        past, dirs[i], dirs[i]);
    }
    run(&command);
}

/* The bytes of its database, log and all. */
static double stored_bytes(unsigned i)
{
    static const char *const parts[] = {"history.db", "history.db-wal"};
    double sum = 0;

    for (unsigned k = 0; k < 2; k++) {
        char path[600];
        struct stat st;

        snprintf(path, sizeof path, "%s/%s", dirs[i], parts[k]);
        if (stat(path, &st) == 0)
            sum += (double)st.st_size;
    }
    return sum;
}

static struct moot_db *look(unsigned i)
{
    char path[600], why[MOOT_WHY_MAX];
    struct moot_db_config c = {.path = path, .reader = true};
    struct moot_db *db;

    snprintf(path, sizeof path, "%s/history.db", dirs[i]);
    return moot_db_open(&c, &db, why) == MOOT_OK ? db : NULL;
}

/* How many entries are safe: a question that takes no time from those who are
 * measured, unlike those of store/db.h, which check what they read. */
struct count {
    sqlite3 *db;
    sqlite3_stmt *sum;
    sqlite3_stmt *newest;
};

static void count_open(struct count *c, unsigned i)
{
    char path[600];

    snprintf(path, sizeof path, "%s/history.db", dirs[i]);
    if (sqlite3_open_v2(path, &c->db, SQLITE_OPEN_READWRITE, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(c->db, 1000) != SQLITE_OK ||
        sqlite3_prepare_v2(c->db, "SELECT sum(len) FROM chains", -1, &c->sum,
                           NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(c->db,
                           "SELECT body FROM entries ORDER BY no DESC LIMIT 1",
                           -1, &c->newest, NULL) != SQLITE_OK)
        fail("%s: %s", path, sqlite3_errmsg(c->db));
}

static uint64_t count_stored(struct count *c)
{
    uint64_t sum = 0;

    if (sqlite3_step(c->sum) == SQLITE_ROW)
        sum = (uint64_t)sqlite3_column_int64(c->sum, 0);
    sqlite3_reset(c->sum);
    return sum;
}

static void count_close(struct count *c)
{
    sqlite3_finalize(c->sum);
    sqlite3_finalize(c->newest);
    sqlite3_close(c->db);
}

static void start_peer(unsigned i)
{
    static const char *const names[PEERS] = {"server", "talker", "newcomer"};
    char endpoint[32];
    const char *server[] = {"--mode",     "bootstrap", "--w_port",   "0",
                            "--b_port",   "0",         "--username", "server",
                            "--data_dir", dirs[i],     "--group",    "lobby",
                            NULL};
    const char *other[] = {"--remote_endpoint",
                           endpoint,
                           "--username",
                           names[i],
                           "--data_dir",
                           dirs[i],
                           "--timeout",
                           "50",
                           NULL};

    snprintf(endpoint, sizeof endpoint, "127.0.0.1:%u", peers[SERVER].b_port);
    peer_start(&peers[i], i == SERVER ? server : other);
}

static double ms_to_join(unsigned i)
{
    return (double)(peers[i].joined - peers[i].started) / 1000;
}

/* --- live lines meanwhile --- */

static void hear(void *ctx, struct moot_bytes line)
{
    struct hearing *h = ctx;
    unsigned author;
    uint32_t number;
    const uint8_t *at = line_find(line, &author, &number);

    if (at == NULL)
        return;
    h->lines++;
    if (line_due(at) < h->since || h->since == 0)
        return;
    if (h->count == SAMPLES_MAX)
        fail("more lines are shown than were said");
    h->samples[h->count++] = (uint32_t)(now_us() - line_due(at));
}

static void say_what_is_due(int64_t began, uint32_t *said)
{
    char text[LINE_LEN];

    for (;;) {
        int64_t due = began + (int64_t)*said * 1000000 / TALK_PER_S;

        if (now_us() < due)
            return;
        line_make(text, TALKER, (*said)++, due);
        peer_type(&peers[TALKER], text, sizeof text);
    }
}

static void listen_a_moment(void)
{
    struct pollfd fds[2 * PEERS];

    for (unsigned i = 0; i < PEERS; i++) {
        fds[2 * i] = (struct pollfd){peers[i].out, POLLIN, 0};
        fds[2 * i + 1] = (struct pollfd){peers[i].err, POLLIN, 0};
    }
    if (poll(fds, 2 * PEERS, 5) < 0 && errno != EINTR)
        die("poll");
    for (unsigned i = 0; i < PEERS; i++) {
        peer_lines(&peers[i], &hearings[i], hear);
        peer_note(&peers[i]);
        if (peers[i].inside && hearings[i].since == 0)
            hearings[i].since = peers[i].joined;
    }
}

/* --- a newcomer --- */

struct filling {
    int64_t began, all_at; /* all_at 0: not yet */
    int64_t looked;
    struct count count;
    uint64_t entries;
};

static void see_how_far(struct filling *f)
{
    uint64_t sum;

    if (now_us() < f->looked + 20000 || !peers[NEWCOMER].inside)
        return;
    f->looked = now_us();
    if (f->count.db == NULL)
        count_open(&f->count, NEWCOMER);
    sum = count_stored(&f->count);
    if (sum >= f->entries)
        f->all_at = now_us();
    if (now_us() > f->began + PATIENCE_US)
        fail("the newcomer has %llu entries, and never all",
             (unsigned long long)sum);
}

static void fill_and_talk(struct filling *f)
{
    uint32_t said = 0;

    f->began = now_us();
    start_peer(NEWCOMER);
    while (f->all_at == 0) {
        say_what_is_due(f->began, &said);
        listen_a_moment();
        see_how_far(f);
    }
}

/* Those who were quiet so long as there was much to do come now. */
static void hear_the_rest(void)
{
    int64_t until = now_us() + AFTER_US;

    while (now_us() < until)
        listen_a_moment();
}

static void report_latency(const char *name, struct hearing *h)
{
    if (h->count == 0)
        printf("%s_p99 nan\n", name);
    else
        result_percentiles(name, h->samples, h->count);
}

void fill(const char *past, uint64_t entries)
{
    struct filling f = {.entries = entries};
    double bytes[2], packets[2];
    int64_t cpu;

    make_dirs(past, 2);
    for (unsigned i = 0; i < PEERS; i++)
        hearings[i].samples = moot_alloc(SAMPLES_MAX * sizeof(uint32_t));
    start_peer(SERVER);
    peers_until_inside(peers, 1);
    start_peer(TALKER);
    peers_until_inside(peers, 2);
    result("open_ms", ms_to_join(SERVER));
    peer_until_linked(&peers[TALKER], 2);
    peers_idle(peers, 2, AFTER_US);
    begin_measuring();
    hearings[SERVER].since = now_us();
    cpu = cpu_us_of(peers, 2);
    read_loopback(&bytes[0], &packets[0]);
    fill_and_talk(&f);
    read_loopback(&bytes[1], &packets[1]);
    result("fill_ms", (double)(f.all_at - f.began) / 1000);
    result("join_ms", ms_to_join(NEWCOMER));
    result("giving_cpu_s", (double)(cpu_us_of(peers, 2) - cpu) / 1e6);
    result("taking_cpu_s", (double)cpu_us(peers[NEWCOMER].pid) / 1e6);
    result("wire_bytes", bytes[1] - bytes[0]);
    result("rss_kib", (double)proc_kib(peers[NEWCOMER].pid, "status", "VmHWM"));
    hear_the_rest();
    report_latency("there_us", &hearings[SERVER]);
    report_latency("here_us", &hearings[NEWCOMER]);
    result("here_lines", (double)hearings[NEWCOMER].count);
    result("disk_bytes", stored_bytes(NEWCOMER));
    count_close(&f.count);
    peers_end(peers, PEERS);
    remove_dirs();
}

/* --- two who have the same --- */

/* Both start with the same past: what it costs to open it, and to find out
 * that the other one has it, too. */
void meet(const char *past)
{
    double bytes[2], packets[2];
    int64_t cpu;

    make_dirs(past, 2);
    start_peer(SERVER);
    peers_until_inside(peers, 1);
    result("open_ms", ms_to_join(SERVER));
    result("open_cpu_ms", (double)cpu_us(peers[SERVER].pid) / 1000);
    peers_idle(peers, 1, AFTER_US);
    cpu = cpu_us(peers[SERVER].pid);
    read_loopback(&bytes[0], &packets[0]);
    start_peer(TALKER);
    peers_until_inside(peers, 2);
    result("join_ms", ms_to_join(TALKER));
    peers_idle(peers, 2, AFTER_US);
    read_loopback(&bytes[1], &packets[1]);
    result("bytes", bytes[1] - bytes[0]);
    result("host_cpu_ms", (double)(cpu_us(peers[SERVER].pid) - cpu) / 1000);
    result("guest_cpu_ms", (double)cpu_us(peers[TALKER].pid) / 1000);
    result("rss_kib", (double)proc_kib(peers[SERVER].pid, "status", "VmRSS"));
    peers_end(peers, 2);
    remove_dirs();
}

/* --- one who talks to himself --- */

#define OWN_LATENCIES 200
#define OWN_EVERY_US 20000
#define OWN_LINES_PER_WRITE 40 /* a pipe that takes anything takes 4 KiB */

/* From when a line is typed until it is on the disk. */
static void measure_own_latency(struct count *count)
{
    static uint32_t samples[OWN_LATENCIES];
    uint64_t before = count_stored(count);

    for (unsigned i = 0; i < OWN_LATENCIES; i++) {
        char text[LINE_LEN];
        int64_t at = now_us();

        line_make(text, SERVER, i, at);
        peer_type(&peers[SERVER], text, sizeof text);
        while (count_stored(count) < before + i + 1)
            if (now_us() > at + PATIENCE_US / 60)
                fail("line %u is never stored", i);
        samples[i] = (uint32_t)(now_us() - at);
        peers_idle(peers, 1, OWN_EVERY_US);
    }
    result_percentiles("own_us", samples, OWN_LATENCIES);
}

static bool takes_more(const struct peer *p)
{
    struct pollfd fd = {p->in, POLLOUT, 0};

    return poll(&fd, 1, 0) == 1 && (fd.revents & POLLOUT) != 0;
}

/* Entries of one author are made safe in their order. */
static bool newest_has(struct count *c, const char *line)
{
    bool has = sqlite3_step(c->newest) == SQLITE_ROW &&
               sqlite3_column_blob(c->newest, 0) != NULL &&
               memmem(sqlite3_column_blob(c->newest, 0),
                      (size_t)sqlite3_column_bytes(c->newest, 0), line,
                      LINE_LEN - 1) != NULL;

    sqlite3_reset(c->newest);
    return has;
}

/* As fast as it takes them, until the last one is shown and safe. */
static void measure_own_rate(struct count *count, double seconds)
{
    int64_t began = now_us(), until = began + (int64_t)(seconds * 1e6);
    char text[OWN_LINES_PER_WRITE][LINE_LEN];
    struct hearing *h = &hearings[SERVER];
    unsigned said = 0;

    h->lines = 0;
    while (now_us() < until || h->lines < said) {
        bool more = now_us() < until && takes_more(&peers[SERVER]);

        if (more) {
            for (unsigned i = 0; i < OWN_LINES_PER_WRITE; i++)
                line_make(text[i], SERVER, said + i, began);
            peer_type(&peers[SERVER], text, sizeof text);
            said += OWN_LINES_PER_WRITE;
        }
        if (!peer_lines(&peers[SERVER], h, hear) && !more)
            usleep(100);
        if (now_us() > until + PATIENCE_US / 60)
            fail("%u of %u lines are shown", h->lines, said);
    }
    while (said > 0 && !newest_has(count, text[OWN_LINES_PER_WRITE - 1]))
        if (now_us() > until + PATIENCE_US / 60)
            fail("the last line is never stored");
    result("own_rate", (double)said * 1e6 / (double)(now_us() - began));
}

void own(const char *past, double seconds)
{
    struct count count;

    make_dirs(past, 1);
    start_peer(SERVER);
    peers_until_inside(peers, 1);
    count_open(&count, SERVER);
    measure_own_latency(&count);
    measure_own_rate(&count, seconds);
    count_close(&count);
    peers_end(peers, 1);
    remove_dirs();
}

/* --- the same work without a network --- */

#define FLOOR_PER_COMMIT 1024

struct piece {
    double read, check, put;
    unsigned waiting; /* entries in the open transaction */
};

/* And begins the next one. */
static void floor_commit(struct moot_db *to, struct piece *cost)
{
    int64_t at = now_us();

    if (moot_db_commit(to) != MOOT_OK || moot_db_begin(to) != MOOT_OK)
        fail("no commit");
    cost->put += (double)(now_us() - at) / 1e6;
    cost->waiting = 0;
}

static void floor_page(struct moot_db *to, const struct moot_db_page *page,
                       struct piece *cost)
{
    int64_t at = now_us();
    int64_t checked;

    for (unsigned i = 0; i < page->count; i++)
        if (!moot_entry_verify(page->at[i]))
            fail("an entry is not signed as it should be");
    checked = now_us();
    cost->check += (double)(checked - at) / 1e6;
    for (unsigned i = 0; i < page->count; i++)
        if (moot_db_put(to, page->at[i]) != MOOT_OK)
            fail("an entry cannot be stored");
    cost->put += (double)(now_us() - checked) / 1e6;
}

static void floor_chain(struct moot_db *from, struct moot_db *to,
                        const struct moot_past *past,
                        const struct moot_past_chain *chain, struct piece *cost)
{
    struct moot_db_page page = {0};
    struct moot_range r = {.in = chain->in, .from = 1, .to = chain->len};

    while (r.from <= r.to) {
        int64_t at = now_us();

        if (moot_db_read(from, &past->group, &r, 1024 * 1024, &page) !=
                MOOT_OK ||
            page.count == 0)
            fail("an entry cannot be read");
        cost->read += (double)(now_us() - at) / 1e6;
        r.from += page.count;
        floor_page(to, &page, cost);
        cost->waiting += page.count;
        if (cost->waiting >= FLOOR_PER_COMMIT)
            floor_commit(to, cost);
    }
    moot_db_page_fini(&page);
}

/* Reads all, checks all, stores all: one after the other, in one thread. */
void floor_fill(const char *path)
{
    struct moot_id nobody = {{0}};
    struct moot_db_config c = {.own = &nobody};
    struct piece cost = {0};
    struct moot_pasts pasts;
    struct moot_db *from, *to;
    char why[MOOT_WHY_MAX], copy[600];

    make_dirs(path, 1);
    from = look(SERVER);
    if (mkdir(dirs[NEWCOMER], 0700) != 0)
        die(dirs[NEWCOMER]);
    snprintf(copy, sizeof copy, "%s/history.db", dirs[NEWCOMER]);
    c.path = copy;
    if (from == NULL || moot_db_open(&c, &to, why) != MOOT_OK ||
        moot_db_pasts(from, 0, &pasts) != MOOT_OK ||
        moot_db_begin(to) != MOOT_OK)
        fail("the history cannot be read");
    for (unsigned i = 0; i < pasts.count; i++)
        for (unsigned k = 0; k < pasts.at[i].chain_count; k++)
            floor_chain(from, to, &pasts.at[i], &pasts.at[i].chains[k], &cost);
    floor_commit(to, &cost);
    moot_pasts_fini(&pasts);
    moot_db_close(from);
    moot_db_close(to);
    result("read_s", cost.read);
    result("check_s", cost.check);
    result("put_s", cost.put);
    remove_dirs();
}
