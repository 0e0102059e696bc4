/*
 * group/say.c - our own lines: in an entry and sent at once, shown as sent when
 * the store has it.
 *
 * Lines that come at once form one entry, and so do those of one millisecond
 * while the entry before them is on its way to the store: who talks pays a
 * signature for each line, who pours lines in pays for many at a time.  A slow
 * disk keeps no line back, unless it is far behind; then lines wait for it a
 * moment, so that it gets fewer and larger entries.
 *
 * Layer:  group (quiet).
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/slots.h"
#include "group_internal.h"

/* What a line costs in a body beyond its text, at most. */
#define LINE_OVERHEAD 12
#define NAME_OVERHEAD (MOOT_NAME_LEN_MAX + 8)

/* While nobody was met, what was said may have to be said again elsewhere. */
void moot_say_remember(struct moot_group *g, enum moot_line_kind kind,
                       struct moot_bytes text)
{
    if (g->met)
        return;
    if (g->own_line_count == MOOT_OWN_LINES_MAX) {
        free((void *)(uintptr_t)g->own_lines[0].text.data);
        moot_slot_close(g->own_lines, sizeof *g->own_lines, &g->own_line_count,
                        0);
    }

    unsigned at = g->own_line_count;

    g->own_lines = moot_slot_open(g->own_lines, sizeof *g->own_lines,
                                  &g->own_line_count, &g->own_line_max, at);
    g->own_lines[at].kind = kind;
    g->own_lines[at].text =
        moot_bytes_of(moot_copy(text.data, text.len), text.len);
}

void moot_say_forget_own(struct moot_group *g)
{
    for (unsigned i = 0; i < g->own_line_count; i++)
        free((void *)(uintptr_t)g->own_lines[i].text.data);
    free(g->own_lines);
    g->own_lines = NULL;
    g->own_line_count = g->own_line_max = 0;
}

/* Nothing that is said later would find a place in the next one. */
static bool fills_an_entry(const struct moot_group *g)
{
    size_t size =
        NAME_OVERHEAD + g->say_text.len + (size_t)g->said_count * LINE_OVERHEAD;

    return g->said_count >= MOOT_ENTRY_LINES_MAX || size > MOOT_BODY_LEN_MAX;
}

void moot_say_add(struct moot_group *g, enum moot_line_kind kind,
                  struct moot_bytes text, bool more,
                  struct moot_group_effects *fx)
{
    unsigned at = g->said_count;

    g->said = moot_slot_open(g->said, sizeof *g->said, &g->said_count,
                             &g->said_max, at);
    g->said[at] =
        (struct said){.kind = kind, .at = g->say_text.len, .len = text.len};
    moot_buf_append(&g->say_text, text.data, text.len);
    moot_say_remember(g, kind, text);
    if (kind == MOOT_LINE_REKEY && !more)
        moot_say_rest(g, fx); /* a secret is told before it is remembered */
    else if (!more || kind == MOOT_LINE_NICK || fills_an_entry(g))
        moot_say_flush(g, fx);
    if (kind == MOOT_LINE_NICK)
        moot_roster_rename(g, text, fx);
}

/* How many of the waiting lines go into the next entry. */
static unsigned next_lines(const struct moot_group *g, struct moot_line *lines)
{
    struct moot_bytes all = moot_buf_view(&g->say_text);
    size_t size = NAME_OVERHEAD;
    unsigned n = 0;

    while (n < g->said_count && n < MOOT_ENTRY_LINES_MAX) {
        const struct said *s = &g->said[n];

        size += s->len + LINE_OVERHEAD;
        if (size > MOOT_BODY_LEN_MAX)
            break;
        lines[n].kind = s->kind;
        lines[n].text = moot_bytes_of(all.data + s->at, s->len);
        n++;
        if (s->kind == MOOT_LINE_NICK)
            break; /* the next entry goes under the new name */
    }
    return n;
}

/* Newest first; one that sorts above our own clock would contradict it. */
static unsigned take_cites(struct moot_group *g, struct moot_cite *cites)
{
    unsigned n = 0;

    for (unsigned i = g->tip_count; i > 0 && n < MOOT_CITES_MAX; i--) {
        if (g->tips[i - 1].lamport > g->lamport)
            continue;
        cites[n++] = g->tips[i - 1].cite;
        moot_slot_close(g->tips, sizeof *g->tips, &g->tip_count, i - 1);
    }
    return n;
}

static struct moot_entry *make_entry(struct moot_group *g,
                                     const struct moot_chain *own,
                                     const struct moot_line *lines, unsigned n)
{
    struct moot_cite cites[MOOT_CITES_MAX];
    struct moot_draft d = {.group = g->id,
                           .in = g->me,
                           .seq = own->len + 1,
                           .prev = own->head,
                           .wall = g->wall,
                           .cites = cites,
                           .lines = lines,
                           .line_count = n};

    d.name = moot_bytes_text(g->say_name);
    d.cite_count = take_cites(g, cites);
    d.lamport = ++g->lamport;
    return moot_entry_create(&d, g->key);
}

static void drop_said(struct moot_group *g, unsigned n)
{
    size_t bytes = g->said[n - 1].at + g->said[n - 1].len;

    moot_buf_consume(&g->say_text, bytes);
    g->said_count -= n;
    memmove(g->said, g->said + n, g->said_count * sizeof *g->said);
    for (unsigned i = 0; i < g->said_count; i++)
        g->said[i].at -= bytes;
}

static void take_name(struct moot_group *g, const struct moot_line *last)
{
    if (last->kind != MOOT_LINE_NICK)
        return;
    moot_assert(last->text.len <= MOOT_NAME_LEN_MAX);
    memcpy(g->say_name, last->text.data, last->text.len);
    g->say_name[last->text.len] = '\0';
}

static struct storing *add_storing(struct moot_group *g, uint64_t token)
{
    unsigned at = g->storing_count;

    g->storing = moot_slot_open(g->storing, sizeof *g->storing,
                                &g->storing_count, &g->storing_max, at);
    g->storing[at] = (struct storing){.token = token};
    return &g->storing[at];
}

void moot_say_store(struct moot_group *g, struct moot_entry *e, bool own,
                    struct moot_group_effects *fx)
{
    struct moot_group_effect *f = moot_group_ask(fx, MOOT_GROUP_STORE);
    struct storing *s = add_storing(g, ++g->tokens);

    f->entry = moot_entry_ref(e);
    f->token = s->token;
    f->own = own;
    s->in = e->in;
    s->seq = e->seq;
    s->hash = e->hash;
    s->entry = moot_entry_ref(e);
    s->own = own;
    s->size = e->raw.len + sizeof *e;
    g->storing_bytes += s->size;
}

void moot_say_end_run(struct moot_group *g, const struct moot_chain *c,
                      struct moot_group_effects *fx)
{
    struct moot_group_effect *f = moot_group_ask(fx, MOOT_GROUP_END_RUN);
    struct storing *s = add_storing(g, ++g->tokens);

    f->token = s->token;
    f->range.in = s->in = c->in;
    f->range.from = c->fork->seq;
    if (c->len + 1 == c->fork->seq)
        f->head = c->head; /* all zero while it is not known */
    s->hash = c->fork->hash;
    f->at = fx->bytes.len;
    moot_fork_encode(c->fork, &fx->bytes);
    f->len = fx->bytes.len - f->at;
}

struct moot_entry *moot_say_storing(const struct moot_group *g,
                                    const struct moot_run *in, uint64_t seq)
{
    for (unsigned i = g->storing_count; i > 0; i--) {
        const struct storing *s = &g->storing[i - 1];

        if (s->entry != NULL && s->seq == seq && moot_run_cmp(&s->in, in) == 0)
            return s->entry;
    }
    return NULL;
}

/* Nobody waits for what is not ours to say any more: it counts as sent. */
void moot_say_void(struct moot_group *g, const struct moot_run *in,
                   uint64_t seq, struct moot_group_effects *fx)
{
    for (unsigned i = 0; i < g->storing_count; i++) {
        struct storing *s = &g->storing[i];

        if (s->entry == NULL || s->seq < seq || moot_run_cmp(&s->in, in) != 0)
            continue;
        moot_entry_unref(s->entry);
        s->entry = NULL;
        if (!s->own)
            continue;
        s->own = false;
        g->own_unstored--;
        moot_group_ask(fx, MOOT_GROUP_SENT)->seq = s->seq;
    }
}

static void publish(struct moot_group *g, struct moot_chain *own,
                    struct moot_entry *e, struct moot_group_effects *fx)
{
    struct moot_group_effect *f;

    moot_chain_admit(&g->log, own, e);
    moot_sync_grown(g, own);
    g->own_unstored++;
    g->said_at = g->now;
    moot_say_store(g, e, true, fx);
    f = moot_group_ask(fx, MOOT_GROUP_SPREAD);
    f->at = fx->bytes.len;
    moot_message_encode_entries(&e, 1, false, &fx->bytes);
    f->len = fx->bytes.len - f->at;
    moot_screen_show(g, e, true, false, false, fx);
}

/* One entry of what waits; all of it is dropped when there is no place. */
static void say_next(struct moot_group *g, struct moot_group_effects *fx)
{
    struct moot_line lines[MOOT_ENTRY_LINES_MAX];
    struct moot_chain *own = moot_history_get(&g->log, &g->me);

    if (own == NULL) {
        moot_group_notice(fx, "the group is full: nothing can be said");
        drop_said(g, g->said_count);
        return;
    }

    unsigned n = next_lines(g, lines);
    struct moot_entry *e = make_entry(g, own, lines, n);

    moot_trace(g->tracer, "say #%llu, %u line%s -> store, send to %u",
               (unsigned long long)e->seq, n, n == 1 ? "" : "s", g->link_count);
    take_name(g, &lines[n - 1]);
    moot_own_said(g, e, lines, n);
    drop_said(g, n);
    publish(g, own, e, fx);
    moot_entry_unref(e);
}

/* A slow disk delays the mark on what was said, and not what is said next. */
moot_ms moot_say_deadline(const struct moot_group *g)
{
    if (g->said_count == 0)
        return MOOT_NEVER;
    if (g->own_unstored == 0)
        return g->now;
    if (moot_say_full(g))
        return MOOT_NEVER;
    if (g->own_unstored >= MOOT_SAY_AHEAD_MAX)
        return g->said_at + MOOT_SAY_WAIT_MS;
    return fills_an_entry(g) ? g->now : g->said_at + MOOT_SAY_PACE_MS;
}

void moot_say_flush(struct moot_group *g, struct moot_group_effects *fx)
{
    if (moot_say_deadline(g) <= g->now)
        say_next(g, fx);
}

void moot_say_rest(struct moot_group *g, struct moot_group_effects *fx)
{
    while (g->said_count > 0)
        say_next(g, fx);
}

/* They came up when our newest entry was sent already, and in no digest yet. */
static void compare_with_newcomers(struct moot_group *g,
                                   struct moot_group_effects *fx)
{
    for (unsigned i = 0; i < g->link_count; i++) {
        if (!g->links[i]->behind)
            continue;
        g->links[i]->behind = false;
        moot_group_ask(fx, MOOT_GROUP_PING)->link = g->links[i]->handle;
    }
}

bool moot_say_full(const struct moot_group *g)
{
    return g->storing_bytes > MOOT_STORING_BYTES_MAX;
}

bool moot_say_busy(const struct moot_group *g)
{
    return g->storing_bytes > MOOT_STORING_BYTES_MAX / 2;
}

/* There is room again: what was not taken in is found out at once. */
static void compare_with_one(struct moot_group *g,
                             struct moot_group_effects *fx)
{
    struct group_link *l = moot_group_link_at_random(g, 0);

    if (l != NULL)
        moot_group_ask(fx, MOOT_GROUP_PING)->link = l->handle;
}

static void entry_stored(struct moot_group *g, const struct storing *s,
                         struct moot_group_effects *fx)
{
    struct moot_chain *c = moot_history_find(&g->log, &s->in);

    moot_chain_keep(&g->log, c, s->seq, &s->hash);
    moot_entry_unref(s->entry);
    if (c->holes != NULL)
        moot_heal_look_below(g, c, fx);
    if (!s->own) {
        moot_acks_kept(g, &s->in);
        return;
    }
    moot_assert(g->own_unstored > 0);
    g->own_unstored--;
    moot_group_ask(fx, MOOT_GROUP_SENT)->seq = s->seq;
}

/* A better proof may have come meanwhile: it is on its way, too. */
static void end_stored(struct moot_group *g, const struct storing *s)
{
    struct moot_chain *c = moot_history_find(&g->log, &s->in);

    if (c->fork != NULL && moot_hash_eq(&c->fork->hash, &s->hash))
        moot_chain_fork_kept(&g->log, c);
}

void moot_say_stored(struct moot_group *g, uint64_t token,
                     struct moot_group_effects *fx)
{
    bool full = moot_say_full(g), busy = moot_say_busy(g);
    unsigned n = 0;

    while (n < g->storing_count && g->storing[n].token <= token) {
        const struct storing s = g->storing[n];

        g->storing[n++].entry = NULL; /* nobody finds it there any more */
        g->storing_bytes -= s.size;
        if (s.entry != NULL)
            entry_stored(g, &s, fx);
        else if (s.seq == 0)
            end_stored(g, &s);
    }
    g->storing_count -= n;
    memmove(g->storing, g->storing + n, g->storing_count * sizeof *g->storing);
    if (g->own_unstored == 0)
        compare_with_newcomers(g, fx);
    if (full && !moot_say_full(g))
        compare_with_one(g, fx);
    if (busy && !moot_say_busy(g))
        moot_sync_go_on(g, fx);
    moot_say_flush(g, fx);
}

void moot_say_raise_clock(struct moot_group *g, uint64_t lamport)
{
    if (lamport <= g->lamport)
        return;
    if (lamport - g->lamport > MOOT_LAMPORT_STEP_MAX)
        lamport = g->lamport + MOOT_LAMPORT_STEP_MAX;
    if (lamport >= MOOT_LAMPORT_MAX - MOOT_LAMPORT_STEP_MAX)
        return; /* our own lines still need times above it */
    g->lamport = lamport;
}
