/*
 * tests/group/group_words.c - telling a mind things, and its effects as text.
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#include "group_words.h"

#include <string.h>

#include "base/assert.h"

/* --- effects as text --- */

static void put_show(struct mind *m, const struct moot_group_effect *f)
{
    struct moot_body body;
    bool there = moot_entry_body(f->entry, &body);

    moot_buf_printf(&m->text, "show %s:", f->name);
    if (there && body.line_count > 4)
        moot_buf_printf(&m->text, " (%u lines)", body.line_count);
    for (unsigned i = 0; there && body.line_count <= 4 && i < body.line_count;
         i++)
        moot_buf_printf(&m->text, " %.*s", (int)body.lines[i].text.len,
                        (const char *)body.lines[i].text.data);
    if (f->after > 0 && !f->own)
        moot_buf_printf(&m->text, " (after our #%llu)",
                        (unsigned long long)f->after);
    moot_buf_printf(&m->text, "%s%s%s\n", f->own ? " (own)" : "",
                    f->earlier ? " (earlier)" : "", f->late ? " (late)" : "");
}

static void put_presence(struct mind *m, const struct moot_group_effect *f)
{
    static const char *const words[] = {[MOOT_PRESENCE_JOINED] = "joined",
                                        [MOOT_PRESENCE_LEFT] = "left",
                                        [MOOT_PRESENCE_LOST] = "lost",
                                        [MOOT_PRESENCE_BACK] = "back",
                                        [MOOT_PRESENCE_INDIRECT] = "indirect"};

    moot_buf_printf(&m->text, "%s %s", words[f->presence], f->name);
    if (f->text[0] != '\0')
        moot_buf_printf(&m->text, " (%s)", f->text);
    moot_buf_printf(&m->text, ", %u here\n", f->count);
}

static void put_bytes(struct mind *m, const struct moot_group_effect *f)
{
    if (f->kind == MOOT_GROUP_SEND)
        moot_buf_printf(&m->text, "send %llu ", (unsigned long long)f->link);
    else
        moot_buf_printf(&m->text,
                        f->kind == MOOT_GROUP_SPREAD ? "spread " : "tell ");
    cast_put_frames(
        &m->text,
        moot_bytes_of(moot_buf_view(&m->fx.bytes).data + f->at, f->len));
    moot_buf_printf(&m->text, "\n");
}

static void put_store(struct mind *m, const struct moot_group_effect *f)
{
    moot_buf_printf(&m->text, "store ");
    cast_put_run(&m->text, &f->entry->in);
    moot_buf_printf(&m->text, ":%llu #%llu\n",
                    (unsigned long long)f->entry->seq,
                    (unsigned long long)f->token);
    m->token = f->token;
    moot_entry_unref(m->stored);
    m->stored = moot_entry_ref(f->entry);
}

static void put_end_run(struct mind *m, const struct moot_group_effect *f)
{
    moot_buf_printf(&m->text, "end ");
    cast_put_run(&m->text, &f->range.in);
    moot_buf_printf(&m->text, ":%llu%s #%llu\n",
                    (unsigned long long)f->range.from,
                    f->range.from > 1 && moot_hash_zero(&f->head) ? " ?" : "",
                    (unsigned long long)f->token);
    m->token = f->token;
}

static void put_fetch(struct mind *m, const struct moot_group_effect *f)
{
    moot_buf_printf(&m->text, "fetch ");
    cast_put_range(&m->text, &f->range);
    moot_buf_printf(&m->text, " #%llu\n", (unsigned long long)f->token);
    m->token = m->fetch = f->token;
}

static void put_id_line(struct mind *m, const char *word,
                        const struct moot_id *id)
{
    moot_buf_printf(&m->text, "%s ", word);
    cast_put_id(&m->text, id);
    moot_buf_printf(&m->text, "\n");
}

static void put_effect(struct mind *m, const struct moot_group_effect *f)
{
    switch (f->kind) {
    case MOOT_GROUP_SEND:
    case MOOT_GROUP_SPREAD:
    case MOOT_GROUP_TELL:
        put_bytes(m, f);
        return;
    case MOOT_GROUP_PING:
        moot_buf_printf(&m->text, "ping %llu\n", (unsigned long long)f->link);
        return;
    case MOOT_GROUP_STORE:
        put_store(m, f);
        return;
    case MOOT_GROUP_END_RUN:
        put_end_run(m, f);
        return;
    case MOOT_GROUP_FETCH:
        put_fetch(m, f);
        return;
    case MOOT_GROUP_SHOW:
        put_show(m, f);
        return;
    case MOOT_GROUP_SENT:
        moot_buf_printf(&m->text, "sent %llu\n", (unsigned long long)f->seq);
        return;
    case MOOT_GROUP_PRESENCE:
        put_presence(m, f);
        return;
    case MOOT_GROUP_MET:
        put_id_line(m, "met", &f->id);
        return;
    case MOOT_GROUP_GONE:
        put_id_line(m, "gone", &f->id);
        return;
    case MOOT_GROUP_NOTICE:
        moot_buf_printf(&m->text, "notice: %s\n", f->text);
        return;
    }
}

/* --- looking --- */

void forget_asked(struct mind *m)
{
    moot_buf_clear(&m->text);
}

/* --- life --- */

static void create(struct mind *m, uint64_t run, const struct moot_past *past)
{
    struct moot_group_config config = {
        .key = cast_key('M'), .rng = &m->rng, .past = past};

    config.self = cast_record('M', run, 1);
    config.self.standing = MOOT_JOINING;
    m->g = moot_group_create(&config);
}

void mind_begin(struct mind *m)
{
    const struct moot_hash group = hash_of(0x67);
    uint8_t seed[32] = {7};

    memset(m, 0, sizeof *m);
    cast_begin(&group);
    moot_rng_init(&m->rng, seed);
    m->now = 100000;
    create(m, CAST_RUN, NULL);
}

void mind_resume(struct mind *m, uint64_t run, const struct moot_past *past)
{
    moot_group_destroy(m->g);
    m->token = m->fetch = 0;
    forget_asked(m);
    cast_set_run('M', run);
    create(m, run, past);
}

void mind_begin_joined(struct mind *m)
{
    mind_begin(m);
    standing(m, MOOT_JOINED);
    forget_asked(m);
}

void mind_end(struct mind *m)
{
    moot_group_destroy(m->g);
    moot_group_effects_fini(&m->fx);
    moot_entry_unref(m->stored);
    moot_buf_fini(&m->text);
    cast_end();
}

/* --- events --- */

void mind_step(struct mind *m, struct moot_group_event *ev)
{
    ev->now = m->now;
    ev->wall = CAST_WALL;
    moot_group_step(m->g, ev, &m->fx);
    for (unsigned i = 0; i < m->fx.count; i++)
        put_effect(m, &m->fx.at[i]);
    moot_group_effects_clear(&m->fx);
}

void mind_run_ms(struct mind *m, moot_ms ms)
{
    moot_ms until = m->now + ms;
    moot_ms due;

    for (unsigned turns = 0; (due = moot_group_deadline(m->g)) <= until;
         turns++) {
        struct moot_group_event ev = {.kind = MOOT_GROUP_TIMER};

        ck_assert_msg(turns < 10000, "the deadline never moves on");
        m->now = due > m->now ? due : m->now;
        mind_step(m, &ev);
    }
    m->now = until;
}

void damaged(struct mind *m, char who, uint64_t seq)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_DAMAGED};

    ev.damaged.in = cast_run(who);
    ev.damaged.seq = seq;
    mind_step(m, &ev);
}

void link_up(struct mind *m, uint64_t link, char who)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_LINK_UP, .link = link};

    ev.up.id = *cast_id(who);
    ev.up.run = cast_run(who).run;
    ev.up.seen = cast_addr(who);
    mind_step(m, &ev);
}

void link_down(struct mind *m, uint64_t link, int why)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_LINK_DOWN, .link = link};

    ev.down.why = why;
    mind_step(m, &ev);
}

void link_leaves(struct mind *m, uint64_t link, const char *reason)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_LINK_DOWN, .link = link};

    ev.down.left = true;
    ev.down.reason = moot_bytes_text(reason);
    mind_step(m, &ev);
}

void link_event(struct mind *m, uint64_t link, enum moot_group_event_kind kind)
{
    struct moot_group_event ev = {.kind = kind, .link = link};

    mind_step(m, &ev);
}

void learn_record(struct mind *m, const struct moot_record *r)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_RECORD};

    ev.learned.record = r;
    mind_step(m, &ev);
}

void let_in(struct mind *m, char who)
{
    struct moot_record r = cast_record(who, CAST_RUN, 1);

    link_up(m, (uint64_t)(who - 'A' + 1), who);
    learn_record(m, &r);
    mind_run_ms(m, MOOT_LINKED_WAIT_MS);
    forget_asked(m);
}

void deliver(struct mind *m, uint64_t link, struct moot_entry *e, bool asked)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_ENTRY, .link = link};

    ev.arrived.entry = e;
    ev.arrived.asked = asked;
    mind_step(m, &ev);
}

void settle(struct mind *m)
{
    link_event(m, 0, MOOT_GROUP_SETTLE);
}

void hear(struct mind *m, uint64_t link, struct moot_entry *e)
{
    deliver(m, link, e, false);
    settle(m);
}

void say_line(struct mind *m, enum moot_line_kind kind, const char *text)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_SAY};

    ev.say.kind = kind;
    ev.say.text = moot_bytes_text(text);
    mind_step(m, &ev);
}

void stored_up_to(struct mind *m, uint64_t token)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_STORED, .token = token};

    mind_step(m, &ev);
}

void store_all(struct mind *m)
{
    stored_up_to(m, m->token);
}

void fetched(struct mind *m, uint64_t token, struct moot_entry *const *entries,
             unsigned count)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_FETCHED};

    ev.fetched.token = token;
    ev.fetched.entries = entries;
    ev.fetched.count = count;
    mind_step(m, &ev);
}

void standing(struct mind *m, enum moot_standing s)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_STANDING, .standing = s};

    mind_step(m, &ev);
}

/* --- messages --- */

struct moot_message *draft_message(struct mind *m, enum moot_message_kind kind)
{
    memset(&m->message, 0, sizeof m->message);
    m->message.kind = kind;
    return &m->message;
}

void post(struct mind *m, uint64_t link)
{
    struct moot_group_event ev = {.kind = MOOT_GROUP_MESSAGE, .link = link};

    ev.message = &m->message;
    mind_step(m, &ev);
}

void post_linked(struct mind *m, uint64_t link, bool full, const char *up,
                 const char *down)
{
    struct moot_linked *l = &draft_message(m, MOOT_MSG_LINKED)->linked;

    l->full = full;
    for (; up[l->up_count] != '\0'; l->up_count++)
        l->up[l->up_count] = *cast_id(up[l->up_count]);
    for (; down[l->down_count] != '\0'; l->down_count++)
        l->down[l->down_count] = *cast_id(down[l->down_count]);
    post(m, link);
}

void post_want(struct mind *m, uint64_t link, char who, uint64_t from,
               uint64_t to)
{
    struct moot_want *w = &draft_message(m, MOOT_MSG_WANT)->want;

    w->count = 1;
    w->at[0] = (struct moot_range){.in = cast_run(who), .from = from, .to = to};
    post(m, link);
}

void post_lack(struct mind *m, uint64_t link, char who, uint64_t from,
               uint64_t to)
{
    struct moot_lack *l = &draft_message(m, MOOT_MSG_LACK)->lack;

    l->at = (struct moot_range){.in = cast_run(who), .from = from, .to = to};
    post(m, link);
}

void post_who(struct mind *m, uint64_t link, const char *who)
{
    struct moot_who *w = &draft_message(m, MOOT_MSG_WHO)->who;

    for (; who[w->count] != '\0'; w->count++)
        w->at[w->count] = *cast_id(who[w->count]);
    post(m, link);
}

void post_chain(struct mind *m, uint64_t link, char who, uint64_t len,
                const struct moot_hash *head, bool ask)
{
    struct moot_chains *c = &draft_message(m, MOOT_MSG_CHAINS)->chains;

    c->author = *cast_id(who);
    c->first = c->last = true;
    c->ask = ask;
    c->count = 1;
    c->at[0].run = cast_run(who).run;
    c->at[0].len = len;
    c->at[0].head = *head;
    post(m, link);
}

const struct moot_chain *chain_of(const struct mind *m, char who)
{
    struct moot_run in = cast_run(who);

    return moot_history_find(&m->g->log, &in);
}
