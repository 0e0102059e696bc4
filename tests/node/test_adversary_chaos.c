/*
 * tests/node/test_adversary_chaos.c - members and strangers who say anything at
 * any time: well-formed messages of every kind, true and false ones, in every
 * state, while links come and go.
 *
 * The peer must go on, keep within its bounds, and never be busy with nothing.
 * CHAOS_ROUNDS in the environment lives as many lives instead of a few.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "node_words.h"

Suite *suite_node_adversary_chaos(void);

#define ROUNDS 12
#define STEPS 1500
#define LETTERS 8 /* A to H play */
#define WRITTEN_MAX 48

static struct stage st;
static struct moot_rng rng;
static moot_link next_link;
static moot_link open_links[16];
static unsigned open_count;
static struct moot_entry *written[LETTERS][WRITTEN_MAX];
static unsigned written_count[LETTERS];
static uint64_t serial;
static bool joining, quiet;

static unsigned below(unsigned n)
{
    return (unsigned)moot_rng_below(&rng, n);
}

static char any_letter(void)
{
    return (char)('A' + below(LETTERS));
}

static struct moot_id any_id(void)
{
    if (below(6) == 0)
        return id_of((uint8_t)below(256));
    if (below(8) == 0)
        return *cast_id('M');
    return *cast_id(any_letter());
}

static struct moot_hash any_hash(void)
{
    struct moot_node_stats s;

    moot_node_stats(st.n, &s);
    return below(2) ? hash_of((uint8_t)below(4)) : below(2) ? s.log : s.roster;
}

static uint64_t any_seq(void)
{
    static const uint64_t odd[] = {1, 2, 3, 1000, UINT64_MAX - 1, UINT64_MAX};

    return below(4) ? 1 + below(WRITTEN_MAX) : odd[below(6)];
}

static uint64_t any_run(void)
{
    return below(3) ? CAST_RUN : 1 + below(4);
}

/* --- links --- */

static moot_link any_link(void)
{
    return open_count == 0 ? 0 : open_links[below(open_count)];
}

static void forget_link(unsigned at)
{
    for (unsigned i = 0; i < st.actor_count; i++)
        if (st.actors[i].link == open_links[at]) {
            st.actors[i] = st.actors[--st.actor_count];
            break;
        }
    open_links[at] = open_links[--open_count];
}

static void close_any(void)
{
    unsigned at;

    if (open_count == 0)
        return;
    at = below(open_count);
    close_link(&st, open_links[at], below(2) ? MOOT_ECLOSED : MOOT_ERESET);
    forget_link(at);
}

/* It moved: what was written elsewhere is not for here. */
static void follow(void)
{
    struct moot_node_stats s;
    struct moot_hash group = cast_group();

    moot_node_stats(st.n, &s);
    if (moot_hash_eq(&s.group, &group))
        return;
    stage_follow(&st);
    memset(written_count, 0, sizeof written_count);
}

/* It is in another group of our name, and one of the two gives way. */
static void meet_other_group(moot_link link, bool dialled)
{
    struct moot_hash other = hash_of((uint8_t)below(256));
    enum moot_weight weight = (enum moot_weight)(1 + below(3));
    struct moot_message *m;

    if (dialled) {
        m = stage_draft(&st, MOOT_MSG_REFUSE);
        m->refuse.why = MOOT_REFUSE_OTHER;
        m->refuse.group = other;
        m->refuse.weight = weight;
        hand_in(&st, link);
        return;
    }
    draft_hello(&st, link)->group_tag =
        moot_group_tag(&other, &actor_of(&st, link)->exporter);
    hand_in(&st, link);
    m = stage_draft(&st, MOOT_MSG_MOVE);
    m->move.group = other;
    m->move.weight = weight;
    hand_in(&st, link);
}

static void open_any(void)
{
    moot_token dial = below(3) == 0 ? st.last_dial.token : 0;
    moot_link link = ++next_link;

    if (open_count == sizeof open_links / sizeof open_links[0])
        close_any();
    open_links[open_count++] = link;
    open_link(&st, link, below(20) == 0 ? 'M' : any_letter(), dial);
    if (below(5) == 0)
        return;
    if (below(6) == 0)
        meet_other_group(link, dial != 0);
    follow();
    say_hello(&st, link);
    if (below(8) != 0)
        say_welcome(&st, link);
}

/* --- messages --- */

static struct moot_range any_range(void)
{
    struct moot_range r = {.in = {.author = any_id(), .run = any_run()},
                           .from = any_seq()};

    r.to = below(3) ? r.from : any_seq();
    if (r.to < r.from)
        r.to = r.from;
    return r;
}

static int by_run(const void *a, const void *b)
{
    const struct moot_chain_head *x = a, *y = b;

    return x->run < y->run ? -1 : x->run > y->run;
}

static void draft_chains(struct moot_chains *c)
{
    c->author = any_id();
    c->first = below(4) != 0;
    c->after_run = c->first ? 0 : below(3);
    c->last = below(2);
    c->ask = below(2);
    for (unsigned i = below(5); i > 0; i--)
        c->at[c->count++] =
            (struct moot_chain_head){.run = c->after_run + 1 + c->count,
                                     .len = any_seq(),
                                     .head = any_hash()};
    qsort(c->at, c->count, sizeof c->at[0], by_run);
}

static int by_author(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct moot_id));
}

static void draft_authors(struct moot_authors *a)
{
    a->last = below(2);
    for (unsigned i = below(6); i > 0; i--)
        a->at[a->count++] = (struct moot_author_digest){any_id(), any_hash()};
    qsort(a->at, a->count, sizeof a->at[0], by_author);
    for (unsigned i = 1; i < a->count; i++)
        if (moot_id_eq(&a->at[i - 1].author, &a->at[i].author))
            a->count = i; /* rising, or it is not well-formed */
}

static void draft_linked(struct moot_linked *l)
{
    l->full = below(3) == 0;
    for (unsigned i = below(LETTERS); i > 0; i--)
        l->up[l->up_count++] = any_id();
    for (unsigned i = below(4); i > 0; i--)
        l->down[l->down_count++] = any_id();
}

static void draft_members(struct moot_members *m)
{
    static struct moot_record records[4];

    for (unsigned i = below(4); i > 0; i--) {
        struct moot_record *r = &records[m->count];
        struct moot_member_hint *h = &m->at[m->count++];

        *r = cast_record(any_letter(), any_run(), ++serial);
        if (below(10) == 0)
            r->sig.b[0] ^= 1;
        h->record = moot_bytes_of(r->raw, r->raw_len);
        h->sig = r->sig;
        if (below(2))
            moot_addr_set(&h->seen, below(3) ? "10.9.9.9" : "127.0.0.1", 99);
    }
}

static enum moot_message_kind any_kind(void)
{
    unsigned kind;

    do
        kind = 1 + below(MOOT_MSG_LAST);
    while (!moot_message_known(kind));
    return (enum moot_message_kind)kind;
}

static void draft_any(void)
{
    struct moot_message *m = stage_draft(&st, any_kind());

    switch (m->kind) {
    case MOOT_MSG_HELLO:
        m->hello.major = 1 + below(20) / 19;
        m->hello.group_tag = any_hash();
        return;
    case MOOT_MSG_WELCOME:
        m->welcome.record = cast_record(any_letter(), any_run(), ++serial);
        return;
    case MOOT_MSG_REFUSE:
        m->refuse.why = (enum moot_refusal)(1 + below(4));
        m->refuse.group = hash_of((uint8_t)below(256));
        if (m->refuse.why == MOOT_REFUSE_OTHER)
            m->refuse.weight = (enum moot_weight)(1 + below(3));
        return;
    case MOOT_MSG_BYE:
        m->bye.kind = (enum moot_bye_kind)(1 + below(5));
        m->bye.reason = moot_bytes_text(below(2) ? "bye" : "");
        return;
    case MOOT_MSG_PING:
    case MOOT_MSG_PONG:
        m->ping.nonce = below(2) ? st.nonce : moot_rng_u64(&rng);
        m->ping.sync = below(2);
        m->ping.log = any_hash();
        m->ping.roster = any_hash();
        return;
    case MOOT_MSG_AUTHORS:
        draft_authors(&m->authors);
        return;
    case MOOT_MSG_CHAINS:
        draft_chains(&m->chains);
        return;
    case MOOT_MSG_WANT:
        for (unsigned i = below(5); i > 0; i--)
            m->want.at[m->want.count++] = any_range();
        return;
    case MOOT_MSG_LACK:
        m->lack.at = any_range();
        return;
    case MOOT_MSG_MEMBERS:
        draft_members(&m->members);
        return;
    case MOOT_MSG_LINKED:
        draft_linked(&m->linked);
        return;
    case MOOT_MSG_WHO:
        for (unsigned i = below(4); i > 0; i--)
            m->who.at[m->who.count++] = any_id();
        return;
    case MOOT_MSG_PROBE:
    case MOOT_MSG_VERDICT:
        m->probe.id = any_id();
        m->probe.alive = m->kind == MOOT_MSG_VERDICT && below(2);
        return;
    case MOOT_MSG_MOVE:
        m->move.group = hash_of((uint8_t)below(256));
        m->move.weight = (enum moot_weight)(1 + below(20) / 8);
        return;
    case MOOT_MSG_ACK:
        m->ack.run = any_run();
        m->ack.seq = 1 + below(4);
        return;
    case MOOT_MSG_FORK:
    case MOOT_MSG_ENTRIES:
    case MOOT_MSG_UNKNOWN:
        return;
    }
}

static void post_any(void)
{
    moot_link link = any_link();

    if (link == 0)
        return;
    draft_any();
    /* Greetings and goodbyes end a link: a few will do. */
    if (st.message.kind <= MOOT_MSG_BYE && below(8) != 0)
        return;
    if (st.message.kind == MOOT_MSG_MOVE && below(8) != 0)
        return;
    hand_in(&st, link);
}

/* --- entries --- */

static struct moot_entry *write_any(void)
{
    unsigned who = below(LETTERS);
    const struct moot_entry *cause = NULL;
    unsigned other = below(LETTERS);

    if (written_count[who] == WRITTEN_MAX)
        return written[who][below(WRITTEN_MAX)];
    if (written_count[other] > 0)
        cause = written[other][below(written_count[other])];
    if (cause != NULL && other == who)
        cause = NULL;
    written[who][written_count[who]] =
        cast_replies((char)('A' + who), "x", cause, NULL);
    return written[who][written_count[who]++];
}

static void tell_entry(void)
{
    struct moot_entry *e;
    moot_link link = any_link();
    unsigned who = below(LETTERS);

    if (link == 0 || quiet)
        return;
    e = below(2) || written_count[who] == 0
            ? write_any()
            : written[who][below(written_count[who])];
    if (below(8) == 0) { /* another history, or one that leads nowhere */
        struct moot_draft d = cast_draft((char)('A' + who), "y");

        d.seq = any_seq() % 100 + 1;
        memset(&d.prev, 0, sizeof d.prev);
        if (d.seq > 1)
            d.prev = hash_of(7);
        d.lamport = 1 + below(3) * (MOOT_LAMPORT_MAX / 4);
        e = cast_drafts((char)('A' + who), &d);
    }
    if (below(6) == 0) {
        struct moot_entry *bare = moot_entry_pruned(e);

        hand_in_entry(&st, link, bare, below(2));
        moot_entry_unref(bare);
        return;
    }
    hand_in_entry(&st, link, e, below(2));
}

/* --- the world --- */

static void answer_fetch(void)
{
    const struct moot_range *r = &st.last_fetch.fetch.range;
    char who = cast_letter(&r->in.author);
    struct moot_event ev = {.kind = MOOT_EV_FETCHED};
    unsigned at = (unsigned)(who - 'A'), have;

    ev.fetched.token = st.last_fetch.fetch.token;
    if (ev.fetched.token == 0)
        return;
    st.last_fetch.fetch.token = 0;
    if (at < LETTERS && r->in.run == CAST_RUN && r->from <= written_count[at] &&
        below(4) != 0) {
        have = written_count[at] - (unsigned)r->from + 1;
        ev.fetched.entries = &written[at][r->from - 1];
        ev.fetched.count = 1 + below(have);
        if (ev.fetched.count > r->to - r->from + 1)
            ev.fetched.count = (unsigned)(r->to - r->from + 1);
    }
    stage_step(&st, &ev);
}

static void fail_dial(void)
{
    struct moot_event ev = {.kind = MOOT_EV_DIAL_FAILED};

    ev.failed.token = st.last_dial.token;
    ev.failed.why = MOOT_EREFUSED;
    stage_step(&st, &ev);
}

/* A bootstrap peer answers, or does not. */
static void answer_ask(void)
{
    struct moot_event ev = {.kind = MOOT_EV_ASK_FAILED};
    char members[5] = "";

    for (unsigned i = 1 + below(4); i > 0; i--)
        members[i - 1] = any_letter();
    follow();
    if (below(2)) {
        stage_answer(&st, members, (enum moot_weight)(1 + below(3)));
        return;
    }
    ev.failed.token = st.last_ask.ask.token;
    ev.failed.why = MOOT_ETIMEOUT;
    stage_step(&st, &ev);
}

static void press_link(void)
{
    static const enum moot_event_kind kinds[] = {
        MOOT_EV_LINK_FULL, MOOT_EV_LINK_CLEAR, MOOT_EV_PING_DUE,
        MOOT_EV_LINK_DEAD};

    stage_event(&st, kinds[below(4)], any_link());
}

static void happen(void)
{
    static char text[100];

    switch (below(16)) {
    case 0:
        open_any();
        return;
    case 1:
        if (below(3) == 0)
            close_any();
        return;
    case 2:
    case 3:
    case 4:
        tell_entry();
        return;
    case 5:
        stage_run_ms(&st, below(4) ? below(100) : below(joining ? 500 : 5000));
        return;
    case 6:
        answer_fetch();
        return;
    case 7:
        fail_dial();
        return;
    case 8:
        press_link();
        return;
    case 9:
        memset(text, 'z', 1 + below(90));
        if (quiet && open_count > 0)
            return;
        stage_say(&st, text);
        return;
    case 10:
        stage_store_all(&st);
        return;
    case 11:
        if (below(10) == 0)
            stage_event(&st, MOOT_EV_WOKE, 0);
        else
            answer_ask();
        return;
    default:
        post_any();
        return;
    }
}

static void expect_bounds(void)
{
    const struct moot_node *n = st.n;
    struct moot_node_stats s;

    moot_node_stats(n, &s);
    expect(s.members <= MOOT_MEMBERS_MAX);
    expect(n->link_count <= 16);
    expect(n->probe_count <= MOOT_PROBES_MAX);
    expect(s.screen_held <= MOOT_SCREEN_HELD_MAX);
    expect(moot_node_deadline(n) > st.now - 1000);
}

static void begin_life(int number)
{
    uint8_t seed[32] = {(uint8_t)number, (uint8_t)(number >> 8), 99};

    moot_rng_init(&rng, seed);
    next_link = 1;
    open_count = 0;
    serial = 1;
    memset(written_count, 0, sizeof written_count);
    joining = number % 2 == 1;
    quiet = number % 3 == 0; /* so that the group stays light */
    if (!joining) {
        stage_begin(&st);
        return;
    }
    stage_begin_asking(&st, 2);
    stage_event(&st, MOOT_EV_START, 0);
}

START_TEST(whatever_is_said_the_peer_goes_on)
{
    begin_life(_i);
    for (unsigned i = 0; i < STEPS; i++) {
        happen();
        expect_bounds();
        forget_done(&st);
    }
    stage_run_ms(&st, 20000);
    forget_done(&st);
    stage_event(&st, MOOT_EV_INPUT_END, 0);
    stage_run_ms(&st, 6000);
    if (!st.n->leaving) /* a join may have failed */
        expect_within("drained", moot_buf_text(&st.text));
    stage_leave(&st, "enough");
    while (open_count > 0)
        close_any();
    stage_end(&st);
}
END_TEST

Suite *suite_node_adversary_chaos(void)
{
    Suite *s = suite_create("node/adversary_chaos");
    TCase *t = tcase_create("chaos");
    const char *rounds = getenv("CHAOS_ROUNDS");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, whatever_is_said_the_peer_goes_on, 0,
                        rounds == NULL ? ROUNDS : atoi(rounds));
    suite_add_tcase(s, t);
    return s;
}
