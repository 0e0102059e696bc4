/*
 * tests/boot/boot_words.c - telling a mind of others, and its effects as text.
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#include "boot_words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"

/* --- effects as text --- */

static void put_addr(struct seeker *s, const struct moot_addr *a)
{
    char text[MOOT_ADDR_TEXT_MAX];

    moot_addr_format(a, text);
    moot_buf_printf(&s->text, "%s", text);
}

static void put_ask(struct seeker *s, const struct moot_boot_effect *f)
{
    unsigned at = (unsigned)strtoul(f->addrs[0].host + 1, NULL, 10);

    moot_buf_printf(&s->text, "ask ");
    put_addr(s, &f->addrs[0]);
    s->ask = *f;
    s->asks[at] = f->token;
    memcpy(s->nonces[at], f->nonce, sizeof f->nonce);
}

static void put_dial(struct seeker *s, const struct moot_boot_effect *f)
{
    char who = cast_letter(&f->id);

    moot_buf_printf(&s->text, "dial ");
    cast_put_id(&s->text, &f->id);
    moot_buf_printf(&s->text, "%s", f->pinned ? " pinned" : "");
    s->dial = *f;
    if (who != '?')
        s->dials[who - 'A'] = f->token;
}

static const char *standing_name(enum moot_standing standing)
{
    return standing == MOOT_JOINED    ? "joined"
           : standing == MOOT_WAITING ? "waiting"
                                      : "joining";
}

static void put_effect(struct seeker *s, const struct moot_boot_effect *f)
{
    char addr[MOOT_ADDR_TEXT_MAX];

    switch (f->kind) {
    case MOOT_BOOT_ASK:
        put_ask(s, f);
        break;
    case MOOT_BOOT_DIAL:
        put_dial(s, f);
        break;
    case MOOT_BOOT_READ:
        moot_buf_printf(&s->text, "read %s", f->text);
        s->read = *f;
        break;
    case MOOT_BOOT_LOOKUP:
        moot_buf_printf(&s->text, "look up %s", f->addrs[0].host);
        s->lookup = *f;
        break;
    case MOOT_BOOT_NOTED:
        moot_addr_format(&f->addrs[0], addr);
        moot_buf_printf(&s->noted, "%s %s\n", f->code == 0 ? "good" : "failed",
                        addr);
        return;
    case MOOT_BOOT_TRIPPED:
        moot_buf_printf(&s->text, "%s %s",
                        f->failures > 0 ? "tripped" : "healed", f->text);
        s->tripped = *f;
        break;
    case MOOT_BOOT_PROBE:
        s->probe = *f;
        moot_buf_printf(&s->text, "probe ");
        cast_put_id(&s->text, &f->id);
        break;
    case MOOT_BOOT_ADOPT:
        moot_buf_printf(&s->text, "adopt %02x %s", f->group.b[0], f->text);
        break;
    case MOOT_BOOT_STANDING:
        moot_buf_printf(&s->text, "standing %s", standing_name(f->standing));
        break;
    case MOOT_BOOT_PROGRESS:
        moot_buf_printf(&s->text, "progress: %s", f->text);
        break;
    case MOOT_BOOT_NOTICE:
        moot_buf_printf(&s->text, "notice: %s", f->text);
        break;
    case MOOT_BOOT_READY:
        moot_buf_printf(&s->text, "ready");
        break;
    case MOOT_BOOT_FAIL:
        moot_buf_printf(&s->text, "fail %d: %s", f->code, f->text);
        break;
    }
    moot_buf_printf(&s->text, "\n");
}

/* --- looking --- */

void forget_sought(struct seeker *s)
{
    moot_buf_clear(&s->text);
}

/* --- life --- */

void seeker_create(struct seeker *s, const struct seeker_options *o)
{
    const struct moot_hash group = hash_of(SEEKER_GROUP);
    struct moot_addr endpoints[MOOT_ENDPOINTS_MAX];
    struct moot_boot_config config = {.group = group,
                                      .group_name = "lobby",
                                      .group_asked = o->group_asked,
                                      .closed = o->closed,
                                      .strict = !o->partial,
                                      .timeout = 10000,
                                      .endpoints = endpoints,
                                      .endpoint_count = o->endpoints,
                                      .group_known = o->known,
                                      .pins = o->pins,
                                      .ways = o->ways,
                                      .way_count = o->way_count,
                                      .tripped = o->tripped,
                                      .tripped_count = o->tripped_count,
                                      .wall = 5000000,
                                      .rng = &s->rng};
    uint8_t seed[32] = {9};

    memset(s, 0, sizeof *s);
    cast_begin(&group);
    moot_rng_init(&s->rng, seed);
    s->now = 100000;
    s->group = OTHER_GROUP;
    s->name = "lobby";
    s->weight = MOOT_PROVISIONAL;
    for (unsigned i = 0; i < o->endpoints; i++) {
        char host[16];

        snprintf(host, sizeof host, "h%u", i);
        moot_addr_set(&endpoints[i], host, 8080);
    }
    if (o->timeout != 0)
        config.timeout = o->timeout;
    config.self = *cast_id('M');
    s->b = moot_boot_create(&config);
}

void seeker_begin(struct seeker *s, unsigned endpoints)
{
    const struct seeker_options o = {.endpoints = endpoints};

    seeker_create(s, &o);
    start(s);
    forget_sought(s);
}

void seeker_begin_joined(struct seeker *s)
{
    seeker_begin(s, 0);
}

void seeker_end(struct seeker *s)
{
    moot_boot_destroy(s->b);
    moot_boot_effects_fini(&s->fx);
    moot_buf_fini(&s->text);
    moot_buf_fini(&s->noted);
    cast_end();
}

/* --- events --- */

void seeker_step(struct seeker *s, struct moot_boot_event *ev)
{
    ev->now = s->now;
    moot_boot_step(s->b, ev, &s->fx);
    for (unsigned i = 0; i < s->fx.count; i++)
        put_effect(s, &s->fx.at[i]);
    moot_boot_effects_clear(&s->fx);
}

void event(struct seeker *s, enum moot_boot_event_kind kind)
{
    struct moot_boot_event ev = {.kind = kind};

    seeker_step(s, &ev);
}

void start(struct seeker *s)
{
    event(s, MOOT_BOOT_START);
}

static void answer_all(struct seeker *s)
{
    for (unsigned i = 0; s->always != NULL && i < MOOT_ENDPOINTS_MAX; i++) {
        if (s->asks[i] == s->answered[i])
            continue;
        s->answered[i] = s->asks[i];
        if (s->dead[i] == 0)
            answers(s, i, s->always);
        else if (s->dead[i] != MOOT_EAGAIN)
            ask_fails(s, i, s->dead[i]);
    }
}

/* To the next deadline, or to until; false: that is reached. */
static bool run_on(struct seeker *s, moot_ms until)
{
    moot_ms due = moot_boot_deadline(s->b);

    if (due > until) {
        s->now = until;
        return false;
    }
    s->now = due > s->now ? due : s->now;
    event(s, MOOT_BOOT_TIMER);
    answer_all(s);
    return true;
}

void run_ms(struct seeker *s, moot_ms ms)
{
    moot_ms until = s->now + ms;

    for (unsigned turns = 0; run_on(s, until); turns++)
        ck_assert_msg(turns < 100000, "the deadline never moves on");
}

moot_ms ms_until(struct seeker *s, const char *text, moot_ms max)
{
    moot_ms begun = s->now, until = s->now + max;

    for (;;) {
        const char *at = moot_buf_text(&s->text);

        for (; *at != '\0'; at = strchr(at, '\n') + 1)
            if (strncmp(at, text, strlen(text)) == 0)
                return s->now - begun;
        if (!run_on(s, until))
            return -1;
    }
}

static void list(struct moot_listed *l, char who, enum moot_standing standing)
{
    memset(l, 0, sizeof *l);
    l->id = *cast_id((char)toupper(who));
    l->name[0] = (char)tolower(who);
    l->addrs[0] = cast_addr((char)toupper(who));
    l->addr_count = 1;
    l->mode = MOOT_STANDARD;
    l->standing = standing;
}

static void hand_in(struct seeker *s, struct moot_boot_event *ev,
                    const char *nonce, const char *members)
{
    struct moot_listed listed[64];
    struct moot_answer a = {
        .group = hash_of(s->group), .weight = s->weight, .members = listed};

    snprintf(a.group_name, sizeof a.group_name, "%s", s->name);
    snprintf(a.nonce, sizeof a.nonce, "%s", nonce);
    for (const char *at = members; *at != '\0'; at++) {
        enum moot_standing standing =
            isupper((unsigned char)*at) ? MOOT_JOINED : MOOT_JOINING;

        if (*at == '?') {
            standing = MOOT_WAITING;
            at++;
        }
        list(&listed[a.member_count++], *at, standing);
    }
    moot_assert(a.member_count > 0 || s->hosted);
    listed[0].mode = MOOT_BOOTSTRAP;
    a.hosted = s->hosted;
    a.id = s->hosted ? *cast_id(s->by == 0 ? 'D' : s->by) : listed[0].id;
    ev->answer = &a;
    seeker_step(s, ev);
}

void answers_to(struct seeker *s, uint64_t token, const char *nonce,
                const char *members)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_ANSWER, .token = token};

    hand_in(s, &ev, nonce, members);
}

void lists(struct seeker *s, const char *members)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_LISTED};

    s->hosted = true;
    hand_in(s, &ev, "", members);
}

void answers(struct seeker *s, unsigned endpoint, const char *members)
{
    answers_to(s, s->asks[endpoint], s->nonces[endpoint], members);
}

void ask_fails(struct seeker *s, unsigned endpoint, int why)
{
    struct moot_boot_event ev = {
        .kind = MOOT_BOOT_ASK_FAILED, .token = s->asks[endpoint], .why = why};

    seeker_step(s, &ev);
}

void dial_fails(struct seeker *s, char who, int why)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_DIAL_FAILED,
                                 .token = s->dials[who - 'A'],
                                 .why = why};

    seeker_step(s, &ev);
}

void links_itself(struct seeker *s, char who, uint64_t token)
{
    struct moot_boot_event ev = {
        .kind = MOOT_BOOT_LINK_UP, .id = *cast_id(who), .token = token};

    seeker_step(s, &ev);
}

void dial_links(struct seeker *s, char who)
{
    links_itself(s, who, s->dials[who - 'A']);
}

void link_breaks(struct seeker *s, char who)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_LINK_DOWN,
                                 .id = *cast_id(who)};

    seeker_step(s, &ev);
}

void goes(struct seeker *s, char who, bool left)
{
    struct moot_boot_event ev = {
        .kind = MOOT_BOOT_GONE, .id = *cast_id(who), .left = left};

    seeker_step(s, &ev);
}

void verdict(struct seeker *s, char from, char who, bool alive)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_VERDICT,
                                 .id = *cast_id(who),
                                 .from = *cast_id(from),
                                 .alive = alive};

    seeker_step(s, &ev);
}

void meets(struct seeker *s, char who, enum moot_standing standing, bool linked,
           char introducer)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_MET};
    struct moot_addr addr = cast_addr(who);
    char name[2] = {(char)tolower(who), '\0'};

    ev.met = (struct moot_boot_met){.id = *cast_id(who),
                                    .name = name,
                                    .addrs = &addr,
                                    .addr_count = 1,
                                    .standing = standing,
                                    .linked = linked};
    if (introducer != 0)
        ev.met.introducer = *cast_id(introducer);
    seeker_step(s, &ev);
}

void meets_stranger(struct seeker *s, unsigned n, char introducer)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_MET};
    struct moot_addr addr = {{0}, 0};

    moot_addr_set(&addr, "192.0.2.1", (uint16_t)(1000 + n));
    ev.met =
        (struct moot_boot_met){.id = {{0xff, (uint8_t)(n >> 8), (uint8_t)n}},
                               .name = "stranger",
                               .addrs = &addr,
                               .addr_count = 1,
                               .standing = MOOT_JOINED};
    if (introducer != 0)
        ev.met.introducer = *cast_id(introducer);
    seeker_step(s, &ev);
}
