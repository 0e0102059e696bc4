/*
 * tests/node/node_words.c - playing the others, and a peer's effects as text.
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#include "node_words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "wire/frame.h"

/* --- effects as text --- */

/* What tests want to know of what was sent. */
static void note_frame(struct stage *st, struct moot_bytes frame)
{
    int status = moot_message_decode(frame, &st->heard);

    moot_assert(status == MOOT_OK);
    if (st->heard.kind == MOOT_MSG_PING)
        st->nonce = st->heard.ping.nonce;
    else if (st->heard.kind == MOOT_MSG_HELLO)
        st->hello = st->heard.hello;
    else if (st->heard.kind == MOOT_MSG_MOVE)
        st->move = st->heard.move;
    else if (st->heard.kind == MOOT_MSG_REFUSE)
        st->refuse = st->heard.refuse;
}

static void put_send(struct stage *st, const struct moot_effect *e)
{
    struct moot_bytes bytes = moot_fx_bytes(&st->fx, e);

    moot_buf_printf(&st->text, "send %llu ", (unsigned long long)e->link);
    cast_put_frames(&st->text, bytes);
    moot_buf_printf(&st->text, "\n");
    while (bytes.len > 0) {
        struct moot_bytes frame;
        int status = moot_frame_first(bytes, MOOT_FRAME_LEN_MAX, &frame);

        moot_assert(status == MOOT_OK);
        note_frame(st, frame);
        bytes.data += MOOT_FRAME_PREFIX + frame.len;
        bytes.len -= MOOT_FRAME_PREFIX + frame.len;
    }
}

static void put_shown_entry(struct stage *st, const struct moot_show *s)
{
    struct moot_body body;
    bool there = moot_entry_body(s->entry, &body);

    moot_buf_printf(&st->text, "show %s:", s->name);
    for (unsigned i = 0; there && i < body.line_count && i < 4; i++)
        moot_buf_printf(&st->text, " %.*s", (int)body.lines[i].text.len,
                        (const char *)body.lines[i].text.data);
    moot_buf_printf(&st->text, "%s%s%s\n", s->own ? " (own)" : "",
                    s->earlier ? " (earlier)" : "", s->late ? " (late)" : "");
}

static void put_show(struct stage *st, const struct moot_show *s)
{
    static const char *const words[] = {
        [MOOT_SHOW_ENTRY] = "show",           [MOOT_SHOW_SENT] = "sent",
        [MOOT_SHOW_MEMBER_JOINED] = "joined", [MOOT_SHOW_MEMBER_LEFT] = "left",
        [MOOT_SHOW_MEMBER_LOST] = "lost",     [MOOT_SHOW_MEMBER_BACK] = "back",
        [MOOT_SHOW_INDIRECT] = "indirect",    [MOOT_SHOW_PROGRESS] = "progress",
        [MOOT_SHOW_READY] = "ready",          [MOOT_SHOW_NOTICE] = "notice",
        [MOOT_SHOW_ANSWER] = "answer",        [MOOT_SHOW_ERROR] = "error"};

    if (s->kind == MOOT_SHOW_ENTRY) {
        put_shown_entry(st, s);
        return;
    }
    moot_buf_printf(&st->text, "%s", words[s->kind]);
    if (s->kind == MOOT_SHOW_SENT)
        moot_buf_printf(&st->text, " %llu", (unsigned long long)s->seq);
    else if (s->kind == MOOT_SHOW_READY)
        moot_buf_printf(&st->text, " %s, %u here", s->text, s->count);
    else if (s->name[0] == '\0')
        moot_buf_printf(&st->text, ": %s", s->text);
    else if (s->text[0] == '\0')
        moot_buf_printf(&st->text, " %s, %u here", s->name, s->count);
    else
        moot_buf_printf(&st->text, " %s (%s), %u here", s->name, s->text,
                        s->count);
    moot_buf_printf(&st->text, "\n");
}

static void put_dial(struct stage *st, const struct moot_effect *e)
{
    st->last_dial = *e->dial;
    moot_buf_printf(&st->text, "dial ");
    cast_put_id(&st->text, &e->dial->id);
    moot_buf_printf(&st->text, "%s\n", e->dial->pinned ? " pinned" : "");
}

static void put_post(struct stage *st, const struct moot_effect *e)
{
    char addr[MOOT_ADDR_TEXT_MAX];
    struct moot_bytes body = moot_buf_view(&e->post->body);

    moot_addr_format(&e->post->addr, addr);
    moot_buf_printf(&st->text, "post %s\n", addr);
    st->last_post = e->post->token;
    memcpy(st->post_signature, e->post->signature, sizeof st->post_signature);
    moot_buf_clear(&st->post_body);
    moot_buf_append(&st->post_body, body.data, body.len);
}

static void put_ask(struct stage *st, const struct moot_effect *e)
{
    char addr[MOOT_ADDR_TEXT_MAX];

    st->last_ask = *e;
    moot_addr_format(&e->ask.addr, addr);
    moot_buf_printf(&st->text, "ask %s\n", addr);
}

static void put_contact(struct stage *st, const struct moot_contact *c)
{
    static const char *const words[] = {[MOOT_CONTACT_MET] = "met",
                                        [MOOT_CONTACT_HEARD] = "heard",
                                        [MOOT_CONTACT_FAILED] = "failed"};
    const struct moot_peer *p = &c->peer;
    char addr[MOOT_ADDR_TEXT_MAX];

    moot_addr_format(&p->addr, addr);
    moot_buf_printf(&st->contacts, "%s %s", words[c->kind], addr);
    if (p->has_id)
        moot_buf_printf(&st->contacts, " %s", p->name);
    if (p->boot.port != 0) {
        moot_addr_format(&p->boot, addr);
        moot_buf_printf(&st->contacts, ", boot %s", addr);
    }
    if (st->wall - c->at >= 1000)
        moot_buf_printf(&st->contacts, ", -%lld s",
                        (long long)(st->wall - c->at) / 1000);
    moot_buf_printf(&st->contacts, "\n");
}

static void put_store(struct stage *st, const struct moot_effect *e)
{
    st->last_store = *e;
    moot_entry_unref(st->stored);
    st->stored = moot_entry_ref(e->entry);
    moot_buf_printf(&st->text, "store ");
    cast_put_run(&st->text, &e->entry->in);
    moot_buf_printf(&st->text, ":%llu\n", (unsigned long long)e->entry->seq);
}

static void put_fetch(struct stage *st, const struct moot_effect *e)
{
    st->last_fetch = *e;
    moot_buf_printf(&st->text, "fetch ");
    cast_put_range(&st->text, &e->fetch.range);
    moot_buf_printf(&st->text, "\n");
}

static void put_verify(struct stage *st, const struct moot_fx_verify *v)
{
    ck_assert_uint_lt(st->verify_count, STAGE_VERIFY_MAX);
    st->verify_tokens[st->verify_count] = v->token;
    st->verify_sizes[st->verify_count++] = v->count;
    moot_buf_printf(&st->text, "verify %u\n", v->count);
}

static void put_end_run(struct stage *st, const struct moot_effect *e)
{
    st->last_end = e->token;
    moot_buf_printf(&st->text, "end ");
    cast_put_run(&st->text, &e->end->in);
    moot_buf_printf(&st->text, ":%llu\n", (unsigned long long)e->end->seq);
}

static void put_link(struct stage *st, const char *word,
                     const struct moot_effect *e)
{
    moot_buf_printf(&st->text, "%s %llu", word, (unsigned long long)e->link);
    if (e->why != 0)
        moot_buf_printf(&st->text, ": %s", moot_error_text(e->why));
    moot_buf_printf(&st->text, "\n");
}

static void put_effect(struct stage *st, const struct moot_effect *e)
{
    switch (e->kind) {
    case MOOT_FX_SEND:
        put_send(st, e);
        return;
    case MOOT_FX_UP:
        put_link(st, "up", e);
        return;
    case MOOT_FX_CLOSE:
        put_link(st, "close", e);
        return;
    case MOOT_FX_CUT:
        put_link(st, "cut", e);
        return;
    case MOOT_FX_PAUSE:
        moot_buf_printf(&st->text, "pause %llu: %lld ms\n",
                        (unsigned long long)e->link, (long long)e->pause_ms);
        return;
    case MOOT_FX_DIAL:
        put_dial(st, e);
        return;
    case MOOT_FX_ASK:
        put_ask(st, e);
        return;
    case MOOT_FX_POST:
        put_post(st, e);
        return;
    case MOOT_FX_STORE:
        put_store(st, e);
        return;
    case MOOT_FX_FETCH:
        put_fetch(st, e);
        return;
    case MOOT_FX_SHOW:
        put_show(st, &e->show);
        return;
    case MOOT_FX_SPEAK:
        moot_buf_printf(&st->text, "speak\n");
        return;
    case MOOT_FX_VERIFY:
        put_verify(st, e->verify);
        return;
    case MOOT_FX_END_RUN:
        put_end_run(st, e);
        return;
    case MOOT_FX_REMEMBER:
        st->remember = *e->remember;
        st->remember_count++;
        return;
    case MOOT_FX_READ:
        moot_buf_printf(&st->text, "read %s\n", e->read->url);
        return;
    case MOOT_FX_LOOKUP:
        moot_buf_printf(&st->text, "look up %s\n", e->lookup.name);
        return;
    case MOOT_FX_PEER:
        put_contact(st, e->contact);
        return;
    case MOOT_FX_TRIPPED:
        return;
    case MOOT_FX_SILENCE:
        moot_buf_printf(&st->text, "silence: %s\n", e->silence);
        return;
    case MOOT_FX_DRAINED:
        moot_buf_printf(&st->text, "drained\n");
        return;
    case MOOT_FX_EXIT:
        moot_buf_printf(&st->text, "exit %d: %s\n", e->exit.code, e->exit.text);
        return;
    }
}

/* --- looking --- */

void forget_done(struct stage *st)
{
    moot_buf_clear(&st->text);
}

/* --- life --- */

/* What more says, and for the rest what every peer here is like. */
static void create_as(struct stage *st, const struct moot_node_config *more)
{
    const struct moot_hash no_group = {{0}};
    struct moot_addr addrs[4], own = {{0}, 0};
    unsigned endpoints = more->endpoint_count;
    struct moot_node_config config = *more;

    config.seed[0] = 3;
    config.wall = CAST_WALL;
    config.name = "m";
    config.group = "lobby";
    config.mode = MOOT_STANDARD;
    config.strict = true;
    config.join_timeout = 10000;
    config.port = 8081;
    config.addrs = &own;
    config.addr_count = 1;
    config.endpoints = addrs;
    memset(st, 0, sizeof *st);
    st->now = 100000;
    st->wall = CAST_WALL;
    cast_begin(&no_group);
    moot_assert(endpoints <= 4);
    own = cast_addr('M');
    for (unsigned i = 0; i < endpoints; i++) {
        char host[16];

        snprintf(host, sizeof host, "h%u", i);
        moot_addr_set(&addrs[i], host, 8080);
    }
    config.key = *cast_key('M');
    st->n = moot_node_create(&config);
    stage_follow(st);
}

static void create(struct stage *st, unsigned endpoints,
                   const struct moot_past *pasts, unsigned past_count)
{
    struct moot_node_config config = {
        .endpoint_count = endpoints, .pasts = pasts, .past_count = past_count};

    create_as(st, &config);
}

void stage_begin_closed(struct stage *st, const struct moot_secret *invited)
{
    struct moot_node_config config = {.closed = invited == NULL,
                                      .secret = invited,
                                      .endpoint_count = invited != NULL};

    create_as(st, &config);
    if (invited == NULL) {
        stage_event(st, MOOT_EV_START, 0);
        forget_done(st);
        st->secret = moot_ring_newest(&st->n->ring)->secret;
    } else {
        st->secret = *invited;
    }
    st->proves = st->seals = &st->secret;
}

void stage_follow(struct stage *st)
{
    struct moot_hash group = st->n->group_id;

    cast_end();
    cast_begin(&group);
    cast_set_run('M', st->n->self.run);
}

void stage_begin_asking(struct stage *st, unsigned endpoints)
{
    create(st, endpoints, NULL, 0);
}

void stage_begin_knowing(struct stage *st, unsigned endpoints,
                         const struct moot_past *pasts, unsigned count)
{
    create(st, endpoints, pasts, count);
}

void stage_begin_booked(struct stage *st, bool asked,
                        const struct moot_peer *peers, unsigned count)
{
    struct moot_node_config config = {
        .group_asked = asked, .peers = peers, .peer_count = count};

    create_as(st, &config);
}

void stage_begin(struct stage *st)
{
    create(st, 0, NULL, 0);
    stage_event(st, MOOT_EV_START, 0);
    forget_done(st);
}

void stage_end(struct stage *st)
{
    moot_node_destroy(st->n);
    moot_effects_fini(&st->fx);
    moot_entry_unref(st->stored);
    moot_buf_fini(&st->text);
    moot_buf_fini(&st->contacts);
    moot_buf_fini(&st->post_body);
    cast_end();
}

/* --- events --- */

void stage_step(struct stage *st, struct moot_event *ev)
{
    ev->now = st->now;
    ev->wall = st->wall;
    moot_node_step(st->n, ev, &st->fx);
    for (unsigned i = 0; i < st->fx.count; i++)
        put_effect(st, &st->fx.at[i]);
    moot_effects_clear(&st->fx);
}

void stage_event(struct stage *st, enum moot_event_kind kind, moot_link link)
{
    struct moot_event ev = {.kind = kind, .link = link};

    stage_step(st, &ev);
}

void stage_run_ms(struct stage *st, moot_ms ms)
{
    moot_ms until = st->now + ms;
    moot_ms due;

    for (unsigned turns = 0; (due = moot_node_deadline(st->n)) <= until;
         turns++) {
        ck_assert_msg(turns < 100000, "the deadline never moves on");
        st->now = due > st->now ? due : st->now;
        stage_event(st, MOOT_EV_TIMER, 0);
    }
    st->now = until;
}

struct actor *actor_of(struct stage *st, moot_link link)
{
    for (unsigned i = 0; i < st->actor_count; i++)
        if (st->actors[i].link == link)
            return &st->actors[i];
    moot_assert(!"there is such a link");
    return NULL;
}

struct actor *open_link(struct stage *st, moot_link link, char who,
                        moot_token dial)
{
    struct moot_event ev = {.kind = MOOT_EV_LINK_OPEN, .link = link};
    struct actor *a = &st->actors[st->actor_count++];

    moot_assert(st->actor_count <= STAGE_LINKS_MAX);
    a->link = link;
    a->who = who;
    a->dialled = dial != 0;
    a->run = CAST_RUN;
    memset(a->exporter.b, (int)link, sizeof a->exporter.b);
    ev.open.link = link;
    ev.open.dial = dial;
    ev.open.id = *cast_id(who);
    ev.open.exporter = a->exporter;
    ev.open.remote = cast_addr(who);
    ev.open.remote.port = 40000;
    stage_step(st, &ev);
    return a;
}

void close_link(struct stage *st, moot_link link, int why)
{
    struct moot_event ev = {
        .kind = MOOT_EV_LINK_CLOSED, .link = link, .why = why};

    stage_step(st, &ev);
}

struct moot_message *stage_draft(struct stage *st, enum moot_message_kind kind)
{
    memset(&st->message, 0, sizeof st->message);
    st->message.kind = kind;
    return &st->message;
}

void hand_in_raw(struct stage *st, moot_link link, struct moot_bytes frame)
{
    struct moot_event ev = {
        .kind = MOOT_EV_FRAME, .link = link, .frame = frame};

    stage_step(st, &ev);
}

static void hand_in_buf(struct stage *st, moot_link link, struct moot_buf *b)
{
    struct moot_bytes frame;

    expect_ok(moot_frame_first(moot_buf_view(b), MOOT_FRAME_LEN_MAX, &frame));
    hand_in_raw(st, link, frame);
    moot_buf_fini(b);
}

void hand_in(struct stage *st, moot_link link)
{
    struct moot_buf b = {0};

    moot_message_encode(&st->message, &b);
    hand_in_buf(st, link, &b);
}

void hand_in_entry(struct stage *st, moot_link link, struct moot_entry *e,
                   bool asked)
{
    struct moot_buf b = {0};

    moot_message_encode_entries(&e, 1, asked, &b);
    hand_in_buf(st, link, &b);
}

struct moot_hello *draft_hello(struct stage *st, moot_link link)
{
    const struct actor *a = actor_of(st, link);
    struct moot_hello *h = &stage_draft(st, MOOT_MSG_HELLO)->hello;
    struct moot_hash group = cast_group();
    const struct moot_id *self = cast_id('M'), *other = cast_id(a->who);

    h->major = MOOT_PROTOCOL_MAJOR;
    h->minor = MOOT_PROTOCOL_MINOR;
    h->group_tag = moot_group_tag(&group, &a->exporter);
    h->name_tag = moot_name_tag(moot_bytes_text("lobby"), &a->exporter);
    h->run = a->run;
    h->proof = moot_proof(
        &group, st->proves, a->dialled ? MOOT_ACCEPTOR : MOOT_DIALLER,
        &a->exporter, a->dialled ? self : other, a->dialled ? other : self);
    return h;
}

struct moot_welcome *draft_welcome(struct stage *st, moot_link link)
{
    const struct actor *a = actor_of(st, link);
    struct moot_welcome *w = &stage_draft(st, MOOT_MSG_WELCOME)->welcome;

    w->record = cast_record(a->who, a->run, 1);
    snprintf(w->seen, sizeof w->seen, "10.0.0.13");
    return w;
}

void say_hello(struct stage *st, moot_link link)
{
    draft_hello(st, link);
    hand_in(st, link);
}

void say_welcome(struct stage *st, moot_link link)
{
    draft_welcome(st, link);
    hand_in(st, link);
}

static void come_up(struct stage *st, moot_link link)
{
    say_hello(st, link);
    say_welcome(st, link);
    stage_run_ms(st, 100); /* it told the others whom it is linked to */
    forget_done(st);
}

void link_in(struct stage *st, moot_link link, char who)
{
    open_link(st, link, who, 0);
    come_up(st, link);
}

void link_out(struct stage *st, moot_link link, char who)
{
    open_link(st, link, who, 1000 + link);
    come_up(st, link);
}

void stage_say(struct stage *st, const char *text)
{
    struct moot_event ev = {.kind = MOOT_EV_SAY};

    ev.say.kind = MOOT_LINE_TEXT;
    ev.say.text = moot_bytes_text(text);
    stage_step(st, &ev);
}

void stage_stored(struct stage *st, moot_token token)
{
    struct moot_event ev = {.kind = MOOT_EV_STORED};

    ev.stored.token = token;
    stage_step(st, &ev);
}

void stage_store_all(struct stage *st)
{
    stage_stored(st, st->last_store.token);
}

void stage_leave(struct stage *st, const char *reason)
{
    struct moot_event ev = {.kind = MOOT_EV_LEAVE};

    ev.reason = moot_bytes_text(reason);
    stage_step(st, &ev);
}

void stage_answer(struct stage *st, const char *members,
                  enum moot_weight weight)
{
    struct moot_event ev = {.kind = MOOT_EV_ANSWER};
    struct moot_listed listed[26] = {0};
    struct moot_answer a = {
        .group = cast_group(), .weight = weight, .members = listed};
    char signature[MOOT_HEX_LEN + 1 + 128 + 1];
    struct moot_buf json = {0}, sealed = {0};
    uint8_t once[MOOT_SEAL_NONCE_LEN] = {1};

    snprintf(a.group_name, sizeof a.group_name, "lobby");
    memcpy(a.nonce, st->last_ask.ask.nonce, sizeof st->last_ask.ask.nonce);
    for (; members[a.member_count] != '\0'; a.member_count++) {
        struct moot_listed *l = &listed[a.member_count];

        l->id = *cast_id(members[a.member_count]);
        l->name[0] = (char)tolower(members[a.member_count]);
        l->addrs[0] = cast_addr(members[a.member_count]);
        l->addr_count = 1;
        l->mode = MOOT_STANDARD;
        l->standing = MOOT_JOINED;
    }
    a.id = listed[0].id;
    moot_answer_encode(&a, &json);
    moot_answer_sign(moot_buf_view(&json), cast_key(members[0]), signature);
    ev.answer.token = st->last_ask.ask.token;
    if (st->seals != NULL)
        moot_sealed_encode(st->seals, once, moot_buf_view(&json), signature,
                           &sealed);
    ev.answer.json = moot_buf_view(st->seals != NULL ? &sealed : &json);
    ev.answer.signature = st->seals != NULL ? NULL : signature;
    stage_step(st, &ev);
    moot_buf_fini(&json);
    moot_buf_fini(&sealed);
}
