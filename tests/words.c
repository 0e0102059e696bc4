/*
 * tests/words.c - how the words of the tests are carried out.
 *
 * Knows nothing of any layer but base and ident.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include "words.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WAIT_STEP_NS (2 * 1000 * 1000)

/* --- expectations --- */

void expect_error_at(const char *file, int line, const char *what, int got,
                     int want)
{
    if (got == want)
        return;
    ck_abort_msg("%s:%d: %s is %d (%s), not %d (%s)", file, line, what, got,
                 got <= 0 ? moot_error_text(got) : "?", want,
                 moot_error_text(want));
}

void expect_text_at(const char *file, int line, const char *what,
                    const char *got, const char *want)
{
    if (got == NULL && want == NULL)
        return;
    if (got != NULL && want != NULL && strcmp(got, want) == 0)
        return;
    ck_abort_msg("%s:%d: %s is\n\"%s\"\nand not\n\"%s\"", file, line, what,
                 got == NULL ? "(null)" : got, want == NULL ? "(null)" : want);
}

/* Does the line begin with one of the words? */
static bool is_one_of(const char *line, const char *words)
{
    size_t len = strcspn(line, " :\n");

    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");

        if (word == len && memcmp(at, line, len) == 0)
            return true;
        at += word;
    }
    return false;
}

void expect_lines_at(const char *file, int line, const char *what,
                     struct moot_buf *got, const char *kinds, const char *want)
{
    struct moot_buf chosen = {0};
    const char *at = moot_buf_text(got);

    while (*at != '\0') {
        size_t len = strcspn(at, "\n") + 1;

        if (kinds == NULL || is_one_of(at, kinds))
            moot_buf_append(&chosen, at, len);
        at += len;
    }
    expect_text_at(file, line, kinds == NULL ? what : kinds,
                   moot_buf_text(&chosen), want);
    moot_buf_fini(&chosen);
    moot_buf_clear(got);
}

/* The first bytes in hex, for a message: free() gives it back. */
static char *shown(struct moot_bytes bytes)
{
    size_t n = bytes.len < 256 ? bytes.len : 256;
    char *text = calloc(1, 2 * n + 4);

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < n; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes.data[i]);
    if (n < bytes.len)
        memcpy(text + 2 * n, "...", 4);
    return text;
}

static bool same(struct moot_bytes a, struct moot_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

void expect_bytes_at(const char *file, int line, const char *what,
                     struct moot_bytes got, struct moot_bytes want)
{
    if (same(got, want))
        return;
    ck_abort_msg("%s:%d: %s is %zu bytes\n%s\nand not %zu bytes\n%s", file,
                 line, what, got.len, shown(got), want.len, shown(want));
}

void expect_hex_at(const char *file, int line, const char *what,
                   struct moot_bytes got, const char *want)
{
    struct moot_buf buf = {0};

    unhex(want, &buf);
    expect_bytes_at(file, line, what, got, moot_buf_view(&buf));
    moot_buf_fini(&buf);
}

void expect_raw32_at(const char *file, int line, const char *what,
                     const uint8_t got[32], const uint8_t want[32])
{
    expect_bytes_at(file, line, what, (struct moot_bytes){got, 32},
                    (struct moot_bytes){want, 32});
}

void expect_within_at(const char *file, int line, const char *part,
                      const char *whole)
{
    if (part != NULL && whole != NULL && strstr(whole, part) != NULL)
        return;
    ck_abort_msg("%s:%d: \"%s\" is not within\n\"%s\"", file, line,
                 part == NULL ? "(null)" : part,
                 whole == NULL ? "(null)" : whole);
}

/* --- bytes --- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void unhex(const char *hex, struct moot_buf *out)
{
    int high = -1;

    for (const char *p = hex; *p != '\0'; p++) {
        if (*p == ' ')
            continue;

        int digit = digit_of(*p);

        ck_assert_msg(digit >= 0, "not hex: \"%s\"", hex);
        if (high < 0) {
            high = digit;
            continue;
        }

        uint8_t byte = (uint8_t)(high * 16 + digit);

        moot_buf_append(out, &byte, 1);
        high = -1;
    }
    ck_assert_msg(high < 0, "half a byte at the end: \"%s\"", hex);
}

struct moot_id id_of(uint8_t n)
{
    struct moot_id id;

    memset(id.b, n, sizeof id.b);
    return id;
}

struct moot_hash hash_of(uint8_t n)
{
    struct moot_hash hash;

    memset(hash.b, n, sizeof hash.b);
    return hash;
}

void read_file(const char *path, struct moot_buf *out)
{
    FILE *f = fopen(path, "rb");
    char part[4096];
    size_t n;

    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        moot_buf_append(out, part, n);
    ck_assert_msg(!ferror(f), "%s: %s", path, strerror(errno));
    fclose(f);
}

void write_file(const char *path, struct moot_bytes bytes)
{
    FILE *f = fopen(path, "wb");

    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    ck_assert(bytes.len == 0 ||
              fwrite(bytes.data, 1, bytes.len, f) == bytes.len);
    ck_assert_int_eq(fclose(f), 0);
}

void guarded_init(struct guarded *g, struct moot_bytes bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t body = (bytes.len + page) / page * page;

    g->map_len = body + page;
    g->map = mmap(NULL, g->map_len, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(g->map, MAP_FAILED);
    ck_assert_int_eq(mprotect((uint8_t *)g->map + body, page, PROT_NONE), 0);
    g->len = bytes.len;
    g->data = (uint8_t *)g->map + body - bytes.len;
    if (bytes.len > 0)
        memcpy(g->data, bytes.data, bytes.len);
}

void guarded_fini(struct guarded *g)
{
    if (g->map != NULL)
        munmap(g->map, g->map_len);
    *g = (struct guarded){0};
}

struct moot_bytes guarded_view(const struct guarded *g)
{
    return (struct moot_bytes){g->data, g->len};
}

/* --- vectors --- */

void vectors_open(struct vectors *v, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "tests/vectors/%s", name);
    *v = (struct vectors){0};
    read_file(path, &v->text);
    moot_buf_append(&v->text, "", 1);
}

void vectors_close(struct vectors *v)
{
    moot_buf_fini(&v->text);
}

/* The value on this line when it is one of the key, else NULL. */
static const char *value_on(const char *line, const char *key)
{
    size_t len = strlen(key);

    if (strncmp(line, key, len) != 0)
        return NULL;
    line += len;
    line += strspn(line, " \t");
    if (*line != '=')
        return NULL;
    line++;
    return line + strspn(line, " \t");
}

/* The value of the n-th line of key, or NULL; seen counts such lines. */
static const char *nth_value(const struct vectors *v, const char *key,
                             unsigned n, unsigned *seen)
{
    const char *line = (const char *)moot_buf_view(&v->text).data;

    *seen = 0;
    while (line != NULL && *line != '\0') {
        const char *value = value_on(line, key);

        if (value != NULL && (*seen)++ == n)
            return value;
        line = strchr(line, '\n');
        if (line != NULL)
            line++;
    }
    return NULL;
}

unsigned vectors_count(const struct vectors *v, const char *key)
{
    unsigned seen;

    nth_value(v, key, UINT32_MAX, &seen);
    return seen;
}

char *vectors_text(const struct vectors *v, const char *key, unsigned n)
{
    unsigned seen;
    const char *value = nth_value(v, key, n, &seen);

    ck_assert_msg(value != NULL, "no \"%s\" number %u", key, n);

    char *text = strndup(value, strcspn(value, "\r\n"));

    ck_assert_ptr_nonnull(text);
    return text;
}

void vectors_hex(const struct vectors *v, const char *key, unsigned n,
                 struct moot_buf *out)
{
    char *text = vectors_text(v, key, n);

    unhex(text, out);
    free(text);
}

/* --- the outside --- */

char *temp_dir_create(void)
{
    const char *root = getenv("TMPDIR");
    char path[512];

    snprintf(path, sizeof path, "%s/moot-test-XXXXXX",
             root == NULL || *root == '\0' ? "/tmp" : root);
    ck_assert_msg(mkdtemp(path) != NULL, "%s: %s", path, strerror(errno));

    char *dir = strdup(path);

    ck_assert_ptr_nonnull(dir);
    return dir;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void temp_dir_destroy(char *dir)
{
    if (dir == NULL)
        return;
    ck_assert_int_eq(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(dir);
}

static int socket_bound(uint16_t *ret_port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t len = sizeof addr;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
    *ret_port = ntohs(addr.sin_port);
    return fd;
}

int socket_listening(uint16_t *ret_port)
{
    int fd = socket_bound(ret_port);

    ck_assert_int_eq(listen(fd, 128), 0);
    return fd;
}

int socket_refusing(uint16_t *ret_port)
{
    return socket_bound(ret_port);
}

int64_t clock_ms(void)
{
    struct timespec now;

    ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t patience_ms(int64_t ms)
{
    const char *most = getenv("MOOT_TEST_PATIENCE_MS");

    return most != NULL && atoll(most) < ms ? atoll(most) : ms;
}

void expect_until_at(const char *file, int line, const char *what,
                     bool (*condition)(void *ctx), void *ctx, int64_t ms)
{
    const struct timespec step = {.tv_nsec = WAIT_STEP_NS};
    int64_t deadline = clock_ms() + patience_ms(ms);

    while (!condition(ctx)) {
        if (clock_ms() > deadline)
            ck_abort_msg("%s:%d: not within %" PRId64 " ms: %s", file, line, ms,
                         what);
        nanosleep(&step, NULL);
    }
}

uint64_t seed_of(int i)
{
    const char *seed = getenv("SEED");

    if (seed == NULL || *seed == '\0')
        return (uint64_t)i;
    return strtoull(seed, NULL, 10);
}
