/*
 * loop/log.c - counts and writes log lines.
 *
 * Layer:  loop (loud).
 * Thread: any; one lock around the classes and the write.
 */
#include "loop/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "loop/clock.h"
#include "loop/log_internal.h"

/* A bucket of thousandths of a line. */
struct log_class {
    const char *event;
    int64_t tokens;
    moot_ms filled; /* when tokens was right */
    uint64_t lost;  /* lines not written since the last one that was */
};

static const char *const level_names[] = {"error", "warn", "info", "debug",
                                          "trace"};
static atomic_int wanted = MOOT_LOG_WARN;
static atomic_bool as_json;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int out_fd = STDERR_FILENO;
static struct log_class classes[MOOT_LOG_CLASSES_MAX];
static unsigned class_count;

bool moot_log_level_parse(const char *text, enum moot_log_level *ret_level)
{
    for (int i = MOOT_LOG_ERROR; i <= MOOT_LOG_TRACE; i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *ret_level = (enum moot_log_level)i;
            return true;
        }
    }
    return false;
}

void moot_log_set_level(enum moot_log_level level)
{
    atomic_store(&wanted, (int)level);
}

bool moot_log_wants(enum moot_log_level level)
{
    return (int)level <= atomic_load_explicit(&wanted, memory_order_relaxed);
}

bool moot_log_format_parse(const char *text, bool *ret_json)
{
    bool json = strcmp(text, "json") == 0;

    if (!json && strcmp(text, "logfmt") != 0)
        return false;
    *ret_json = json;
    return true;
}

void moot_log_set_json(bool json)
{
    atomic_store(&as_json, json);
}

void moot_log_set_fd(int fd)
{
    pthread_mutex_lock(&lock);
    out_fd = fd;
    class_count = 0;
    pthread_mutex_unlock(&lock);
}

struct moot_log_number moot_log_int(int64_t value)
{
    struct moot_log_number n;

    snprintf(n.text, sizeof n.text, "%lld", (long long)value);
    return n;
}

static void add_head(struct moot_log_line *l, enum moot_log_level level,
                     const char *event)
{
    moot_wall_ms wall = moot_clock_wall();
    time_t s = (time_t)(wall / 1000);
    struct tm utc;
    char stamp[64];
    size_t n;

    gmtime_r(&s, &utc);
    n = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(stamp + n, sizeof stamp - n, ".%03dZ", (int)(wall % 1000));
    moot_log_line_pair(l, "level", level_names[level]);
    moot_log_line_pair(l, "ts", stamp);
    moot_log_line_pair(l, "event", event);
}

/* When all places are taken, the rest shares the last one. */
static struct log_class *class_of(const char *event)
{
    struct log_class *c = classes;

    while (c < classes + class_count && strcmp(c->event, event) != 0)
        c++;
    if (c == classes + class_count) {
        if (class_count == MOOT_LOG_CLASSES_MAX)
            return c - 1;
        class_count++;
        c->event = event;
        c->tokens = MOOT_LOG_BURST * 1000;
        c->filled = moot_clock_ms();
    }
    return c;
}

static bool may_write(struct log_class *c)
{
    moot_ms now = moot_clock_ms();

    c->tokens += (now - c->filled) * MOOT_LOG_PER_SECOND;
    c->filled = now;
    if (c->tokens > MOOT_LOG_BURST * 1000)
        c->tokens = MOOT_LOG_BURST * 1000;
    if (c->tokens < 1000) {
        c->lost++;
        return false;
    }
    c->tokens -= 1000;
    return true;
}

static void write_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(out_fd, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* there is nobody to tell */
        bytes += n;
        len -= (size_t)n;
    }
}

void moot_log(enum moot_log_level level, const char *event, ...)
{
    struct moot_log_line l;
    const char *key;
    va_list pairs;

    if (!moot_log_wants(level))
        return;
    l.json = atomic_load_explicit(&as_json, memory_order_relaxed);
    l.len = 0;
    add_head(&l, level, event);
    va_start(pairs, event);
    while ((key = va_arg(pairs, const char *)) != NULL) {
        const char *value = va_arg(pairs, const char *);

        if (value != NULL)
            moot_log_line_pair(&l, key, value);
    }
    va_end(pairs);

    pthread_mutex_lock(&lock);
    struct log_class *c = class_of(event);

    /* Whoever asks for debugging has asked for all of it. */
    if (level >= MOOT_LOG_DEBUG || may_write(c)) {
        moot_log_line_end(&l, c->lost > 0 ? moot_log_int((int64_t)c->lost).text
                                          : NULL);
        c->lost = 0;
        write_all(l.text, l.len);
    }
    pthread_mutex_unlock(&lock);
}
