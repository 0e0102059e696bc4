/*
 * boot/directory.c - which groups meet here, under which name, and who may ask.
 *
 * Nothing happens by a timer: whatever is too old is dropped before anybody
 * gets to see it.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#include "boot/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "base/slots.h"
#include "directory_internal.h"

struct moot_directory *
moot_directory_create(const struct moot_directory_config *config)
{
    struct moot_directory *d = moot_alloc(sizeof *d);

    moot_assert(config->groups_max <= MOOT_HOSTED_GROUPS_MAX);
    moot_assert(config->members_max >= 1);
    d->config = *config;
    return d;
}

void moot_directory_destroy(struct moot_directory *d)
{
    if (d == NULL)
        return;
    for (unsigned i = 0; i < d->group_count; i++)
        moot_place_drop_all(d, &d->groups[i]);
    free(d->groups);
    free(d);
}

/* --- who may ask --- */

static void challenge_of(const struct moot_directory *d, uint64_t epoch,
                         const char *host, char out[MOOT_CHALLENGE_LEN + 1])
{
    static const char label[] = "moot/1 challenge";
    char hex[MOOT_HEX_LEN + 1];
    struct moot_hasher h;
    struct moot_hash mac;

    moot_hasher_init(&h);
    moot_hasher_add(&h, label, sizeof label);
    moot_hasher_add(&h, d->config.secret, sizeof d->config.secret);
    moot_hasher_add_u64(&h, epoch);
    moot_hasher_add(&h, host, strlen(host));
    mac = moot_hasher_final(&h);
    moot_hex(mac.b, hex);
    memcpy(out, hex, MOOT_CHALLENGE_LEN);
    out[MOOT_CHALLENGE_LEN] = '\0';
}

void moot_directory_challenge(const struct moot_directory *d, moot_ms now,
                              const char *host,
                              char out[MOOT_CHALLENGE_LEN + 1])
{
    challenge_of(d, (uint64_t)(now / MOOT_CHALLENGE_MS), host, out);
}

static bool same(const char *a, const char *b)
{
    unsigned difference = 0;

    for (unsigned i = 0; i < MOOT_CHALLENGE_LEN; i++)
        difference |= (unsigned)(a[i] ^ b[i]);
    return difference == 0;
}

bool moot_directory_fresh(const struct moot_directory *d, moot_ms now,
                          const char *host, const char *challenge)
{
    uint64_t epoch = (uint64_t)(now / MOOT_CHALLENGE_MS);
    char want[MOOT_CHALLENGE_LEN + 1], before[MOOT_CHALLENGE_LEN + 1];

    if (strlen(challenge) != MOOT_CHALLENGE_LEN)
        return false;
    challenge_of(d, epoch, host, want);
    challenge_of(d, epoch - 1, host, before);
    return same(challenge, want) || same(challenge, before);
}

/* An address shares its bucket with few others, and nobody can choose whose:
 * the secret decides. */
static struct source *source_of(struct moot_directory *d, const char *host)
{
    uint8_t network[MOOT_NETWORK_LEN];
    struct moot_hasher h;
    struct moot_hash mac;
    struct moot_addr addr;

    moot_addr_set(&addr, host, 1);
    moot_addr_network(&addr, network);
    moot_hasher_init(&h);
    moot_hasher_add(&h, d->config.secret, sizeof d->config.secret);
    moot_hasher_add(&h, network, sizeof network);
    mac = moot_hasher_final(&h);
    return &d->sources[(mac.b[0] | (unsigned)mac.b[1] << 8) %
                       MOOT_DIRECTORY_SOURCES];
}

bool moot_directory_admits(struct moot_directory *d, moot_ms now,
                           const char *host, moot_ms *ret_wait)
{
    struct source *s = source_of(d, host);
    uint64_t back = (uint64_t)(now - s->at) * MOOT_DIRECTORY_RATE / 1000;

    if (back > 0) {
        s->used = back < s->used ? s->used - (uint32_t)back : 0;
        s->at = now;
    }
    if (s->used < MOOT_DIRECTORY_BURST) {
        s->used++;
        return true;
    }
    *ret_wait = 1000;
    return false;
}

/* --- groups --- */

static bool heard_of(const struct moot_directory *d, const struct hosted *g,
                     moot_ms now)
{
    return now - g->heard < d->config.timeout;
}

static void purge(struct moot_directory *d, moot_ms now)
{
    if (now < d->purge_at)
        return;
    d->purge_at = MOOT_NEVER;
    for (unsigned i = d->group_count; i-- > 0;) {
        struct hosted *g = &d->groups[i];

        if (heard_of(d, g, now)) {
            d->purge_at =
                moot_ms_min(d->purge_at, g->heard + d->config.timeout);
            continue;
        }
        moot_place_drop_all(d, g);
        moot_slot_close(d->groups, sizeof *d->groups, &d->group_count, i);
    }
}

static struct hosted *find(struct moot_directory *d, const char *name)
{
    for (unsigned i = 0; i < d->group_count; i++)
        if (strcmp(d->groups[i].name, name) == 0)
            return &d->groups[i];
    return NULL;
}

/* The rule by which groups of one name give way when they meet on a link. */
static bool outweighs(const struct moot_register *r, const struct hosted *g)
{
    if (r->weight != g->weight)
        return r->weight > g->weight;
    return r->weight != MOOT_GROWN && moot_hash_cmp(&r->group, &g->id) < 0;
}

static struct hosted *open_group(struct moot_directory *d, moot_ms now,
                                 const struct moot_register *r)
{
    struct hosted *g;

    d->groups = moot_slot_open(d->groups, sizeof *d->groups, &d->group_count,
                               &d->group_max, d->group_count);
    g = &d->groups[d->group_count - 1];
    g->id = r->group;
    g->weight = r->weight;
    memcpy(g->name, r->group_name, sizeof g->name);
    g->heard = now;
    d->purge_at = moot_ms_min(d->purge_at, now + d->config.timeout);
    return g;
}

/* The group this request is about: the one that is here, or one that begins. */
static enum moot_directory_verdict settle(struct moot_directory *d, moot_ms now,
                                          const struct moot_register *r,
                                          struct hosted **ret_group)
{
    struct hosted *g = find(d, r->group_name);

    /* Before anything is given up for it, it has to be genuine. */
    if ((g == NULL || !moot_hash_eq(&g->id, &r->group)) &&
        !moot_record_verify(&r->records[0]))
        return MOOT_DIRECTORY_FORGED;
    if (g == NULL && d->group_count >= d->config.groups_max)
        return MOOT_DIRECTORY_FULL;
    if (g == NULL) {
        g = open_group(d, now, r);
    } else if (!moot_hash_eq(&g->id, &r->group)) {
        if (!outweighs(r, g))
            return MOOT_DIRECTORY_CLASH;
        moot_place_drop_all(d, g);
        g->id = r->group;
        g->weight = r->weight;
    }
    *ret_group = g;
    return MOOT_DIRECTORY_TAKEN;
}

/* Evidence of others, and whom of them we know nothing else of. */
static void take_heard(struct moot_directory *d, struct hosted *g, moot_ms now,
                       const struct moot_register *r, struct moot_id *ret_lack,
                       unsigned *ret_lack_count)
{
    for (unsigned i = 0; i < r->heard_count; i++) {
        const struct moot_heard *h = &r->heard[i];
        struct place *p = moot_place_find(g, &h->id);
        moot_ms seen = now - (moot_ms)h->ago_ms;

        if (now - seen >= MOOT_EVIDENCE_MS)
            continue;
        if (p == NULL) {
            if (*ret_lack_count < MOOT_LACK_MAX &&
                g->place_count < d->config.members_max)
                ret_lack[(*ret_lack_count)++] = h->id;
            continue;
        }
        p->seen = seen > p->seen ? seen : p->seen;
        if (p->host[0] == '\0')
            memcpy(p->host, h->seen, sizeof p->host);
    }
}

static const struct moot_heard *heard_by(const struct moot_register *r,
                                         const struct moot_id *id)
{
    for (unsigned i = 0; i < r->heard_count; i++)
        if (moot_id_eq(&r->heard[i].id, id))
            return &r->heard[i];
    return NULL;
}

/* Records of others count only with evidence that they live. */
static void take_records(struct moot_directory *d, struct hosted *g,
                         moot_ms now, const struct moot_register *r)
{
    for (unsigned i = 1; i < r->record_count; i++) {
        const struct moot_heard *h = heard_by(r, &r->records[i].id);

        if (h != NULL && h->ago_ms < MOOT_EVIDENCE_MS)
            (void)moot_place_take(d, g, &r->records[i],
                                  now - (moot_ms)h->ago_ms);
    }
}

/* A newcomer is no sign that those live whom it looks for. */
static bool speaks_for(const struct hosted *g, const struct moot_record *r)
{
    for (unsigned i = 0; i < g->place_count; i++)
        if (g->places[i].standing == MOOT_JOINED)
            return r->standing == MOOT_JOINED;
    return true;
}

enum moot_directory_verdict
moot_directory_take(struct moot_directory *d, moot_ms now,
                    const struct moot_register *r, const char *host,
                    struct moot_id *ret_lack, unsigned *ret_lack_count)
{
    enum moot_directory_verdict v;
    struct hosted *g;
    struct place *p;

    *ret_lack_count = 0;
    purge(d, now);
    v = settle(d, now, r, &g);
    if (v != MOOT_DIRECTORY_TAKEN)
        return v;
    moot_place_purge(d, g, now);
    v = moot_place_take(d, g, &r->records[0], now);
    if (v != MOOT_DIRECTORY_TAKEN)
        return v;
    p = moot_place_find(g, &r->records[0].id);
    p->beat = now;
    if (strlen(host) < sizeof p->host)
        memcpy(p->host, host, strlen(host) + 1);
    if (speaks_for(g, &r->records[0]))
        g->heard = now;
    g->weight = r->weight > g->weight ? r->weight : g->weight;
    take_records(d, g, now, r);
    take_heard(d, g, now, r, ret_lack, ret_lack_count);
    return MOOT_DIRECTORY_TAKEN;
}

bool moot_directory_crowded(struct moot_directory *d, moot_ms now,
                            const char *name, const struct moot_id *id)
{
    struct hosted *g;

    purge(d, now);
    g = find(d, name);
    if (g == NULL)
        return false;
    moot_place_purge(d, g, now);
    return g->place_count >= d->config.members_max &&
           moot_place_find(g, id) == NULL;
}

moot_ms moot_directory_again(struct moot_directory *d, moot_ms now,
                             const char *name, const struct moot_id *id)
{
    const struct hosted *g = find(d, name);
    unsigned before = 0;

    for (unsigned i = 0; g != NULL && i < g->place_count; i++) {
        const struct place *p = &g->places[i];

        if (moot_id_cmp(&p->id, id) >= 0)
            break;
        before += p->beat >= 0 && now - p->beat < MOOT_BEATING_MS;
    }
    if (before < MOOT_BEATERS)
        return MOOT_BEAT_MS;
    return before < MOOT_BEAT_DEPUTIES ? MOOT_BEAT_DEPUTY_MS
                                       : MOOT_BEAT_REST_MS;
}

void moot_directory_count(struct moot_directory *d, moot_ms now,
                          unsigned *ret_groups, unsigned *ret_members)
{
    purge(d, now);
    for (unsigned i = 0; i < d->group_count; i++)
        moot_place_purge(d, &d->groups[i], now);
    *ret_groups = d->group_count;
    *ret_members = d->place_count;
}

/* --- listing --- */

static void list_place(const struct place *p, bool near, struct moot_answer *a)
{
    struct moot_listed *l = &a->members[a->member_count++];
    struct moot_bytes raw = moot_bytes_of(p->raw, p->raw_len);
    struct moot_record r;
    struct moot_addr seen;
    int rc = moot_record_open(raw, &p->sig, &r);

    moot_assert(rc == MOOT_OK); /* it was read when it came */
    moot_addr_set(&seen, p->host, r.port);
    moot_listed_fill(l, &r, &seen, near);
    l->record_at = a->records.len;
    l->record_len = p->raw_len;
    l->sig = p->sig;
    moot_buf_append(&a->records, p->raw, p->raw_len);
}

/* A record is another when its signature is. */
int moot_directory_print(struct moot_directory *d, moot_ms now,
                         const char *name, uint64_t *ret_print)
{
    const struct hosted *g;
    uint64_t print;

    purge(d, now);
    g = find(d, name);
    if (g == NULL)
        return MOOT_ENONE;
    print = moot_mix(MOOT_MIX, g->id.b, sizeof g->id.b);
    print = moot_mix(print, &g->weight, sizeof g->weight);
    for (unsigned i = 0; i < g->place_count; i++) {
        const struct place *p = &g->places[i];

        if (!moot_place_alive(p, now))
            continue;
        print = moot_mix(print, p->sig.b, 16);
        print = moot_mix(print, p->host, strlen(p->host) + 1);
    }
    *ret_print = print;
    return MOOT_OK;
}

static bool skips(const struct moot_register *skip, const struct moot_id *id)
{
    return skip != NULL &&
           (moot_id_eq(&skip->records[0].id, id) || heard_by(skip, id) != NULL);
}

int moot_directory_list(struct moot_directory *d, moot_ms now, const char *name,
                        bool near, const struct moot_register *skip,
                        struct moot_answer *ret_answer)
{
    struct moot_answer a = {.hosted = true};
    const struct hosted *g;

    purge(d, now);
    g = find(d, name);
    if (g == NULL)
        return MOOT_ENONE;
    a.group = g->id;
    a.weight = g->weight;
    memcpy(a.group_name, g->name, sizeof a.group_name);
    a.members = moot_alloc((g->place_count + 1) * sizeof *a.members);
    for (unsigned i = 0; i < g->place_count; i++) {
        const struct place *p = &g->places[i];

        if (moot_place_alive(p, now) && !skips(skip, &p->id) &&
            a.member_count < MOOT_MEMBERS_MAX)
            list_place(p, near, &a);
    }
    *ret_answer = a;
    return MOOT_OK;
}
