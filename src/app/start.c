/*
 * app/start.c - opening the profile and the sockets, and saying what came of
 * it.
 *
 * Layer:  app (loud).
 * Thread: the loop's, before the loop runs.
 */
#include "app/start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "loop/clock.h"
#include "loop/log.h"
#include "net/listen.h"
#include "ui/harmless.h"

/* Every link is a descriptor; most systems start with room for fewer. */
static void raise_file_limit(unsigned guests)
{
    const rlim_t wanted = MOOT_FDS_WANTED - MOOT_EARLY_MAX + guests;
    struct rlimit limit;
    rlim_t before;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = before;
    if (limit.rlim_cur < wanted && moot_log_wants(MOOT_LOG_WARN))
        fprintf(stderr,
                "moot: only %llu files may be open here; a full group of %d "
                "links and %u connections need %llu (see ulimit -Hn)\n",
                (unsigned long long)limit.rlim_cur, MOOT_LINKS_MAX, guests,
                (unsigned long long)wanted);
}

static bool random_bytes(void *out, size_t len)
{
    return getrandom(out, len, 0) == (ssize_t)len;
}

/* Reads the past, once; from here on the file is the store's. */
static bool read_past(struct moot_start *s, char why[MOOT_WHY_MAX])
{
    struct moot_db_config config = {.path = moot_profile_history(s->profile),
                                    .own = &s->key.id};
    struct moot_db *db;

    if (moot_db_open(&config, &db, why) != MOOT_OK)
        return false;
    if (moot_db_pasts(db, MOOT_TAIL_MAX, &s->pasts) != MOOT_OK) {
        snprintf(why, MOOT_WHY_MAX,
                 "%s: %s (%s); nothing was changed.  Try again, or use another "
                 "profile with --data_dir or --temp",
                 config.path, moot_db_trouble_text(moot_db_trouble(db)),
                 moot_db_words(db));
        moot_db_close(db);
        return false;
    }
    moot_db_close(db);
    return true;
}

static bool open_profile(struct moot_start *s, const struct moot_options *o)
{
    struct moot_profile_config config = {.username = o->username,
                                         .data_dir =
                                             *o->data_dir ? o->data_dir : NULL,
                                         .temp = o->temp};
    char why[MOOT_WHY_MAX];

    if (!random_bytes(s->seed, sizeof s->seed)) {
        fprintf(stderr, "moot: the kernel gives no random bytes\n");
        return false;
    }
    if (moot_profile_open(&config, &s->profile, why) != MOOT_OK) {
        fprintf(stderr, "moot: %s\n", why);
        return false;
    }
    s->key = *moot_profile_key(s->profile);
    if (!read_past(s, why)) {
        fprintf(stderr, "moot: %s\n", why);
        return false;
    }
    return true;
}

/* That it cannot be read is told when it cannot be written either. */
static void read_cache(struct moot_start *s, const struct moot_options *o)
{
    if (strcmp(o->cache_file, "none") == 0 || (o->temp && !*o->cache_file))
        return;
    s->cache = *o->cache_file ? moot_copy(o->cache_file, strlen(o->cache_file))
                              : moot_cache_path();
    if (s->cache != NULL && moot_cache_read(s->cache, moot_clock_wall(),
                                            &s->book, s->cache_why) != MOOT_OK)
        s->cache_why[0] = '\0';
}

static int explain(int error, const char *option, uint16_t port,
                   const char *host)
{
    char holder[128];

    if (error == MOOT_EBUSY) {
        moot_listen_holder(port, holder, sizeof holder);
        fprintf(stderr,
                "moot: %s %u: the port is in use%s%s; choose another, or 0 "
                "for any free one\n",
                option, port, *holder ? " by " : "", holder);
    } else if (error == MOOT_ENAME || error == MOOT_EUNREACH) {
        fprintf(stderr, "moot: --bind %s: that is no address of this machine\n",
                host);
    } else {
        fprintf(stderr, "moot: %s %u: cannot listen there: %s\n", option, port,
                port < 1024 && port > 0 && geteuid() != 0
                    ? "ports below 1024 need privileges"
                    : moot_error_text(error));
    }
    return MOOT_EXIT_BIND;
}

static int open_sockets(struct moot_start *s, const struct moot_options *o)
{
    const char *host = *o->bind ? o->bind : NULL;
    int error = moot_listen(host, o->w_port, &s->w_fd, &s->w_port);

    if (error != MOOT_OK)
        return explain(error, "--w_port", o->w_port, o->bind);
    if (o->mode != MOOT_BOOTSTRAP)
        return MOOT_EXIT_LEFT;
    error = moot_listen(host, o->b_port, &s->b_fd, &s->b_port);
    if (error != MOOT_OK)
        return explain(error, "--b_port", o->b_port, o->bind);
    return MOOT_EXIT_LEFT;
}

static bool bound_to_one(const struct moot_options *o)
{
    struct moot_addr addr;

    moot_addr_set(&addr, o->bind, 1);
    return *o->bind && !moot_addr_wildcard(&addr);
}

/* What others are told: the user's word, else what this machine knows; the
 * loopback only when there is nothing else. */
static void find_addrs(struct moot_start *s, const struct moot_options *o)
{
    if (o->advertised_count > 0) {
        s->addr_count = o->advertised_count;
        for (unsigned i = 0; i < s->addr_count; i++) {
            s->addrs[i] = o->advertised[i];
            if (s->addrs[i].port == 0)
                s->addrs[i].port = s->w_port;
        }
        return;
    }
    if (bound_to_one(o)) {
        s->addr_count = 1;
        moot_addr_set(&s->addrs[0], o->bind, s->w_port);
        return;
    }
    s->addr_count =
        moot_listen_addrs(s->w_port, s->addrs, MOOT_RECORD_ADDRS_MAX);
    if (s->addr_count == 0) {
        s->addr_count = 1;
        moot_addr_set(&s->addrs[0], "127.0.0.1", s->w_port);
    }
}

static bool read_pass(struct moot_start *s, const struct moot_options *o)
{
    char why[MOOT_PASS_WHY_MAX];

    if (*o->b_auth == '\0' || o->mode != MOOT_BOOTSTRAP)
        return true;
    if (moot_pass_read(o->b_auth, &s->pass, why) == MOOT_OK)
        return true;
    fprintf(stderr, "moot: --b_auth \"%s\" %s\n", o->b_auth, why);
    return false;
}

/* Who founds a group has nobody to ask for it. */
static bool knows_closed(const struct moot_start *s,
                         const struct moot_options *o)
{
    for (unsigned i = 0; i < s->pasts.count; i++)
        if (s->pasts.at[i].back.secret_count > 0 &&
            strcmp(s->pasts.at[i].name, o->group) == 0)
            return true;
    return false;
}

static int check_closed(const struct moot_start *s,
                        const struct moot_options *o)
{
    if (!o->closed || o->invited || o->endpoint_count == 0 ||
        knows_closed(s, o))
        return MOOT_EXIT_LEFT;
    fprintf(stderr, "moot: --private founds a group, and --remote_endpoint "
                    "joins one: leave one of them out; who joins a closed "
                    "group needs an invitation\n");
    return MOOT_EXIT_USAGE;
}

/* Whoever has been in the group of the invitation knows what it is called. */
static int check_invited(const struct moot_start *s,
                         const struct moot_options *o)
{
    struct moot_buf text = {0};

    for (unsigned i = 0; o->invited && o->group_asked && i < s->pasts.count;
         i++) {
        const struct moot_past *p = &s->pasts.at[i];

        if (memcmp(p->group.b, o->invite.group, sizeof o->invite.group) != 0 ||
            p->name[0] == '\0' || strcmp(p->name, o->group) == 0)
            continue;
        moot_harmless(moot_bytes_text(p->name), &text);
        fprintf(stderr,
                "moot: no such group there: the invitation leads into \"%s\"; "
                "leave out --group\n",
                moot_buf_text(&text));
        moot_buf_fini(&text);
        return MOOT_EXIT_REFUSED;
    }
    return MOOT_EXIT_LEFT;
}

int moot_start_init(struct moot_start *s, const struct moot_options *o)
{
    int code;

    memset(s, 0, sizeof *s);
    s->w_fd = -1;
    s->b_fd = -1;
    if (!read_pass(s, o))
        return MOOT_EXIT_USAGE;
    raise_file_limit(o->b_connections);
    code = open_profile(s, o) ? check_closed(s, o) : MOOT_EXIT_FAILED;
    if (code == MOOT_EXIT_LEFT)
        code = check_invited(s, o);
    if (code == MOOT_EXIT_LEFT)
        code = open_sockets(s, o);
    if (code != MOOT_EXIT_LEFT) {
        moot_start_fini(s);
        return code;
    }
    find_addrs(s, o);
    read_cache(s, o);
    return MOOT_EXIT_LEFT;
}

void moot_start_fini(struct moot_start *s)
{
    if (s->w_fd >= 0)
        close(s->w_fd);
    if (s->b_fd >= 0)
        close(s->b_fd);
    moot_key_fini(&s->key);
    moot_pasts_fini(&s->pasts);
    moot_peers_fini(&s->book);
    free(s->cache);
    moot_profile_close(s->profile);
    memset(s, 0, sizeof *s);
    s->w_fd = -1;
    s->b_fd = -1;
}

/* Where a socket can be reached: the one address it is bound to, or those of
 * the machine and the loopback. */
static void put_hosts(const struct moot_options *o, struct moot_buf *out)
{
    struct moot_addr addrs[MOOT_RECORD_ADDRS_MAX];
    unsigned count;

    if (bound_to_one(o)) {
        moot_buf_printf(out, "%s\n", o->bind);
        return;
    }
    count = moot_listen_addrs(1, addrs, MOOT_RECORD_ADDRS_MAX);
    for (unsigned i = 0; i < count; i++)
        moot_buf_printf(out, "%s, ", addrs[i].host);
    moot_buf_printf(out, "127.0.0.1\n");
}

void moot_start_describe(const struct moot_start *s,
                         const struct moot_options *o, struct moot_buf *out)
{
    char fingerprint[20];

    moot_buf_printf(out, "Welcoming socket listening on port %u at ",
                    s->w_port);
    put_hosts(o, out);
    if (s->b_fd >= 0) {
        moot_buf_printf(out, "Bootstrap socket listening on port %u at ",
                        s->b_port);
        put_hosts(o, out);
    }
    moot_id_fingerprint(&s->key.id, fingerprint);
    moot_buf_printf(out, "Your key is %s (", fingerprint);
    if (o->temp) {
        moot_buf_printf(out, "for this run only)\n");
        return;
    }
    moot_buf_printf(out, "%skept in ",
                    moot_profile_fresh(s->profile) ? "a new one, " : "");
    moot_harmless(moot_bytes_text(moot_profile_dir(s->profile)), out);
    moot_buf_printf(out, ")\n");
}
