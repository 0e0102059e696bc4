/*
 * tests/sim/conn.c - connections as TCP makes them.
 *
 * Each end has a stream to the other: bytes wait for room in the window, then
 * they are on the wire in segments, in order.  What meets a cut path is sent
 * again with a doubling timeout, so a link can stay silent for longer than the
 * cut lasted.  A reset is sent once; who misses it learns it when it next sends
 * something.  A process that is stopped still has a kernel that listens.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"
#include "wire/frame.h"

/* --- names of ends --- */

moot_link sim_link_of(uint32_t end)
{
    return (moot_link)end + 1;
}

struct sim_end *sim_end_of(struct sim *s, uint32_t end)
{
    moot_assert(end / 2 < s->conn_count);
    return &s->conns[end / 2]->end[end % 2];
}

struct sim_end *sim_other_end(struct sim *s, uint32_t end)
{
    return sim_end_of(s, end ^ 1);
}

static unsigned host_of(const struct sim *s, const struct sim_end *e)
{
    return s->peers[e->peer]->host;
}

static bool way_open(struct sim *s, uint32_t end)
{
    return sim_open_way(s, host_of(s, sim_end_of(s, end)),
                        host_of(s, sim_other_end(s, end)));
}

static moot_ms way_latency(struct sim *s, uint32_t end)
{
    return sim_latency(s, host_of(s, sim_end_of(s, end)),
                       host_of(s, sim_other_end(s, end)));
}

/* --- segments --- */

static void serve_at(struct sim *s, uint32_t end, moot_ms at)
{
    struct sim_end *e = sim_end_of(s, end);

    sim_due_at(s, at < s->now ? s->now : at, SIM_SERVE, SIM_NOBODY, end,
               ++e->serving);
}

static void grow_ring(struct sim_end *e)
{
    uint32_t max = e->max == 0 ? 8 : 2 * e->max;
    struct sim_segment *ring = moot_alloc(max * sizeof *ring);

    for (uint32_t i = 0; i < e->count; i++)
        ring[i] = e->segments[(e->first + i) % e->max];
    free(e->segments);
    e->segments = ring;
    e->first = 0;
    e->max = max;
}

static void push_segment(struct sim *s, uint32_t end, size_t len,
                         enum sim_mark mark)
{
    struct sim_end *e = sim_end_of(s, end);
    unsigned from = host_of(s, e), to = host_of(s, sim_other_end(s, end));
    moot_ms leaves = s->now;
    size_t rate = s->path[from][to].rate;

    if (rate > 0) {
        leaves = (e->rate_at > s->now ? e->rate_at : s->now) +
                 (moot_ms)(len * 1000 / rate);
        e->rate_at = leaves;
    }
    leaves += way_latency(s, end);
    if (leaves > e->last_at)
        e->last_at = leaves;
    if (e->count == e->max)
        grow_ring(e);
    e->segments[(e->first + e->count) % e->max] =
        (struct sim_segment){e->last_at, (uint32_t)len, mark};
    if (e->count++ == 0)
        serve_at(s, end, e->last_at);
    if (mark == SIM_MARK_FIN || mark == SIM_MARK_RST)
        e->finished = true;
}

static void drop_wire(struct sim_end *e)
{
    e->count = 0;
    e->serving++;
    moot_buf_clear(&e->wire);
    moot_buf_clear(&e->waiting);
}

static void drop_memory(struct sim_end *e)
{
    moot_buf_fini(&e->waiting);
    moot_buf_fini(&e->wire);
    moot_buf_fini(&e->in);
    free(e->segments);
    e->segments = NULL;
    e->max = e->count = 0;
}

/* When nobody holds either end and nothing is under way. */
static void maybe_forget(struct sim *s, uint32_t end)
{
    struct sim_conn *c = s->conns[end / 2];

    if (c->buried || !c->end[0].gone || !c->end[1].gone ||
        c->end[0].count > 0 || c->end[1].count > 0)
        return;
    c->buried = true;
    drop_memory(&c->end[0]);
    drop_memory(&c->end[1]);
}

/* --- sending --- */

static void tell_closed(struct sim *s, uint32_t end, int why)
{
    struct sim_end *e = sim_end_of(s, end);

    if (e->told)
        return;
    e->told = true;
    sim_due_at(s, s->now, SIM_CLOSED, e->peer, end, (uint32_t)-why);
}

static void tell_flow(struct sim *s, uint32_t end, bool full)
{
    struct sim_end *e = sim_end_of(s, end);

    e->full = full;
    s->figures.full += full;
    sim_due_at(s, s->now, SIM_FLOW, e->peer, end, full ? 1 : 0);
}

/* The other side does not take what is sent to it. */
void sim_conn_slow(struct sim *s, uint32_t end)
{
    s->figures.slow++;
    sim_conn_cut(s, end, MOOT_ESLOW);
}

void sim_conn_pump(struct sim *s, uint32_t end)
{
    struct sim_end *e = sim_end_of(s, end);

    if (!e->opened || e->finished || e->gone)
        return;
    while (e->waiting.len > 0 && e->held < s->world.window) {
        struct moot_bytes bytes = moot_buf_view(&e->waiting);
        size_t room = s->world.window - e->held;
        size_t len = bytes.len < SIM_SEGMENT_MAX ? bytes.len : SIM_SEGMENT_MAX;

        len = len < room ? len : room;
        moot_buf_append(&e->wire, bytes.data, len);
        moot_buf_consume(&e->waiting, len);
        e->held += len;
        e->progress = s->now;
        push_segment(s, end, len, SIM_MARK_NONE);
    }
    if (e->waiting.len > MOOT_QUEUE_HARD)
        sim_conn_slow(s, end);
    else if (e->waiting.len > MOOT_QUEUE_SOFT && !e->full)
        tell_flow(s, end, true);
    if (e->waiting.len > 0 || e->finished)
        return;
    if (e->full && !e->told)
        tell_flow(s, end, false);
    if (e->draining)
        push_segment(s, end, 0, SIM_MARK_FIN);
}

void sim_conn_send(struct sim *s, uint32_t end, struct moot_bytes bytes)
{
    struct sim_end *e = sim_end_of(s, end);

    if (e->told || e->gone || e->draining)
        return;
    if (e->waiting.len == 0)
        e->progress = s->now;
    moot_buf_append(&e->waiting, bytes.data, bytes.len);
    s->figures.bytes += bytes.len;
}

/* --- reading --- */

static void open_end(struct sim *s, uint32_t end)
{
    struct sim_end *e = sim_end_of(s, end);
    const struct sim_conn *c = s->conns[end / 2];
    const struct sim_peer *other = s->peers[sim_other_end(s, end)->peer];
    struct moot_event ev = {.kind = MOOT_EV_LINK_OPEN,
                            .link = sim_link_of(end)};

    e->opened = true;
    e->heard = e->arrived = e->opened_at = s->now;
    ev.open.link = ev.link;
    ev.open.dial = e->dial;
    ev.open.id = other->profile->key.id;
    ev.open.exporter = c->exporter;
    if (e->dial != 0) {
        ev.open.remote = c->dialled;
    } else {
        if (e->loopback)
            moot_addr_set(&ev.open.remote, "127.0.0.1", 1);
        else
            sim_host_name(other->host, ev.open.remote.host);
        ev.open.remote.port = c->from_port;
    }
    sim_peer_step(s->peers[e->peer], &ev);
}

/* Room in the window, once the other side knows of it. */
static void give_room(struct sim *s, uint32_t end)
{
    struct sim_end *reader = sim_end_of(s, end);
    struct sim_end *writer = sim_other_end(s, end);

    if (reader->unread == 0)
        return;
    writer->unacked += reader->unread;
    reader->unread = 0;
    if (!way_open(s, end))
        return;
    writer->held -= writer->unacked;
    writer->unacked = 0;
    writer->progress = s->now;
    sim_conn_pump(s, end ^ 1);
}

static bool paused(const struct sim *s, const struct sim_end *e)
{
    return s->now < e->paused_until;
}

static void read_frames(struct sim *s, uint32_t end)
{
    struct sim_end *e = sim_end_of(s, end);
    struct sim_peer *p = s->peers[e->peer];

    while (!e->told && !e->gone && !paused(s, e) && p->state == SIM_RUNNING) {
        struct moot_bytes frame;
        int rc = moot_frame_first(
            moot_buf_view(&e->in),
            e->up ? MOOT_FRAME_LEN_MAX : MOOT_FRAME_EARLY_LEN_MAX, &frame);

        if (rc == MOOT_EAGAIN)
            return;
        if (rc != MOOT_OK && s->evil) {
            sim_conn_cut(s, end, MOOT_EPROTO);
            return;
        }
        if (rc != MOOT_OK) {
            sim_blame(s, "%s is sent a bad frame by %s", p->label,
                      s->peers[sim_other_end(s, end)->peer]->label);
            return;
        }

        if (s->frames)
            sim_tell_frame(s, end, frame);
        sim_known_heard(p, end, frame);
        sim_stranger_hears(p, frame);

        size_t len = MOOT_FRAME_PREFIX + frame.len;

        if (p->evil != NULL)
            sim_evil_hear(p, moot_bytes_of(moot_buf_view(&e->in).data, len),
                          frame);

        struct moot_event ev = {
            .kind = MOOT_EV_FRAME, .link = sim_link_of(end), .frame = frame};

        sim_peer_step(p, &ev);
        if (!e->gone)
            moot_buf_consume(&e->in, len);
    }
}

void sim_conn_read(struct sim *s, uint32_t end)
{
    struct sim_end *e = sim_end_of(s, end);
    struct sim_peer *p = s->peers[e->peer];

    if (e->told || e->gone || paused(s, e) || p->state != SIM_RUNNING)
        return;
    if (e->in_open) {
        e->in_open = false;
        open_end(s, end);
        if (e->told || e->gone)
            return;
    }
    if (e->unread > 0)
        e->heard = s->now;
    give_room(s, end);
    read_frames(s, end);
    if (e->gone || paused(s, e))
        return;
    if (e->in_reset)
        tell_closed(s, end, MOOT_ERESET);
    else if (e->in_eof)
        tell_closed(s, end, e->draining ? MOOT_OK : MOOT_ECLOSED);
}

/* --- arriving --- */

static void send_reset(struct sim *s, uint32_t end)
{
    if (way_open(s, end))
        sim_due_at(s, s->now + way_latency(s, end), SIM_RST, SIM_NOBODY,
                   end ^ 1, 0);
}

static void arrive(struct sim *s, uint32_t end, struct sim_segment segment)
{
    struct sim_end *e = sim_end_of(s, end);
    struct sim_end *o = sim_other_end(s, end);

    if (o->gone) {
        drop_wire(e);
        if (segment.mark != SIM_MARK_RST && !e->gone)
            send_reset(s, end ^ 1);
        maybe_forget(s, end);
        return;
    }
    if (segment.mark == SIM_MARK_OPEN)
        o->in_open = true;
    else if (segment.mark == SIM_MARK_FIN)
        o->in_eof = true;
    else if (segment.mark == SIM_MARK_RST)
        o->in_reset = true;
    if (segment.len > 0) {
        moot_buf_append(&o->in, moot_buf_view(&e->wire).data, segment.len);
        moot_buf_consume(&e->wire, segment.len);
    }
    o->unread += segment.len;
    o->arrived = s->now;
    if (e->count > 0)
        serve_at(s, end, e->segments[e->first].at);
    sim_conn_read(s, end ^ 1);
}

/* Does the head get through, or at least its answer back, if there is nobody
 * any more?  Else it is sent again. */
static bool gets_through(struct sim *s, uint32_t end)
{
    const struct sim_end *e = sim_end_of(s, end);
    const struct sim_end *o = sim_other_end(s, end);

    return way_open(s, end) && (!o->gone || e->gone || way_open(s, end ^ 1));
}

static void serve(struct sim *s, uint32_t end, uint32_t generation)
{
    struct sim_end *e = sim_end_of(s, end);

    if (generation != e->serving || e->count == 0)
        return;

    struct sim_segment head = e->segments[e->first];

    if (!gets_through(s, end)) {
        if (head.mark == SIM_MARK_RST) {
            drop_wire(e); /* sent once, and lost */
            maybe_forget(s, end);
            return;
        }
        e->stuck = true;
        e->rto = e->rto == 0 ? SIM_RTO_MS : 2 * e->rto;
        if (e->rto > SIM_RTO_MAX_MS)
            e->rto = SIM_RTO_MAX_MS;
        serve_at(s, end, s->now + e->rto);
        return;
    }
    e->stuck = false;
    e->rto = 0;
    e->first = (e->first + 1) % e->max;
    e->count--;
    arrive(s, end, head);
}

/* --- ending --- */

/* The process lets go of its end.  Of what is on the wire, a reset may take
 * some with it. */
static void hang_up(struct sim *s, uint32_t end, bool reset)
{
    struct sim_end *e = sim_end_of(s, end);

    moot_buf_clear(&e->waiting);
    if (e->in_reset || s->vanished[host_of(s, e)] ||
        (reset && !way_open(s, end))) {
        drop_wire(e);
        e->finished = true;
    } else if (!e->finished) {
        if (reset && sim_between(s, 0, 1) == 0)
            drop_wire(e);
        push_segment(s, end, 0, reset ? SIM_MARK_RST : SIM_MARK_FIN);
    }
}

void sim_conn_gone(struct sim *s, uint32_t end)
{
    struct sim_end *e = sim_end_of(s, end);

    e->gone = true;
    hang_up(s, end, e->unread > 0);
    maybe_forget(s, end);
}

void sim_conn_close(struct sim *s, uint32_t end)
{
    struct sim_end *e = sim_end_of(s, end);

    if (e->told || e->draining)
        return;
    e->draining = true;
    sim_due_at(s, s->now + SIM_DRAIN_MS, SIM_DRAINED, SIM_NOBODY, end, 0);
}

void sim_conn_cut(struct sim *s, uint32_t end, int why)
{
    if (sim_end_of(s, end)->told)
        return;
    hang_up(s, end, true);
    tell_closed(s, end, why);
}

/* What arrives stays in the kernel, the end of the connection as well. */
void sim_conn_pause(struct sim *s, uint32_t end, moot_ms ms)
{
    struct sim_end *e = sim_end_of(s, end);

    if (e->told || e->gone)
        return;
    s->figures.pauses++;
    e->paused_until = s->now + ms;
    sim_due_at(s, e->paused_until, SIM_READ, e->peer, end, 0);
}

void sim_conn_crash(struct sim *s, uint32_t end)
{
    struct sim_end *e = sim_end_of(s, end);

    e->gone = e->told = true;
    hang_up(s, end, e->unread > 0 || sim_between(s, 0, 1) == 0);
    maybe_forget(s, end);
}

static void reset_end(struct sim *s, uint32_t end)
{
    struct sim_end *e = sim_end_of(s, end);

    if (e->gone)
        return;
    e->in_reset = true;
    drop_wire(e);
    sim_conn_read(s, end);
}

void sim_conn_due(struct sim *s, const struct sim_due *due)
{
    struct sim_end *e = sim_end_of(s, due->a);

    if (due->what == SIM_SERVE) {
        serve(s, due->a, due->b);
    } else if (due->what == SIM_RST) {
        reset_end(s, due->a);
    } else if (due->what == SIM_DRAINED) {
        if (!e->gone)
            tell_closed(s, due->a, MOOT_OK);
    }
}

/* --- making --- */

void sim_conn_create(struct sim *s, const struct sim_job *job,
                     const struct moot_addr *dialled, bool loopback)
{
    if (s->conn_count == s->conn_max) {
        s->conn_max = s->conn_max == 0 ? 64 : 2 * s->conn_max;
        s->conns = moot_realloc(s->conns, s->conn_max * sizeof *s->conns);
    }

    struct sim_conn *c = moot_alloc(sizeof *c);
    uint32_t end = 2 * s->conn_count;

    s->conns[s->conn_count++] = c;
    s->figures.links++;
    c->dialled = *dialled;
    c->from_port = (uint16_t)(32768 + s->conn_count % 20000);
    moot_rng_bytes(&s->rng, c->exporter.b, sizeof c->exporter.b);
    c->end[0].peer = job->peer;
    c->end[0].dial = job->dial.token;
    c->end[1].peer = job->target;
    c->end[1].loopback = loopback;
    sim_peer_add_end(s->peers[job->peer], end);
    sim_peer_add_end(s->peers[job->target], end + 1);
    push_segment(s, end, 0, SIM_MARK_OPEN);
    open_end(s, end);
}

void sim_conn_destroy(struct sim_conn *c)
{
    drop_memory(&c->end[0]);
    drop_memory(&c->end[1]);
    free(c);
}

/* --- faults --- */

static bool between(const struct sim *s, const struct sim_conn *c, unsigned a,
                    unsigned b)
{
    unsigned one = host_of(s, &c->end[0]), two = host_of(s, &c->end[1]);

    return (one == a && two == b) || (one == b && two == a);
}

void sim_reset(struct sim *s, unsigned a, unsigned b)
{
    s->disturbed = s->path[a][b].touched = s->now;
    for (uint32_t i = 0; i < s->conn_count; i++)
        if (!s->conns[i]->buried && between(s, s->conns[i], a, b)) {
            sim_due_at(s, s->now, SIM_RST, SIM_NOBODY, 2 * i, 0);
            sim_due_at(s, s->now, SIM_RST, SIM_NOBODY, 2 * i + 1, 0);
        }
}

static void catch_up_acks(struct sim *s, uint32_t end)
{
    struct sim_end *e = sim_end_of(s, end);

    if (e->unacked == 0 || !way_open(s, end ^ 1))
        return;
    e->held -= e->unacked;
    e->unacked = 0;
    e->progress = s->now;
    sim_conn_pump(s, end);
}

/* Who waits for room in the window of a process that is no more asks for it
 * now and then, and is told. */
static void probe_window(struct sim *s, uint32_t end)
{
    const struct sim_end *e = sim_end_of(s, end);

    if (!e->gone && e->waiting.len > 0 && e->count == 0 &&
        sim_other_end(s, end)->gone && way_open(s, end))
        send_reset(s, end ^ 1);
}

void sim_conns_kick(struct sim *s)
{
    for (uint32_t end = 0; end < 2 * s->conn_count; end++)
        if (!s->conns[end / 2]->buried) {
            catch_up_acks(s, end);
            probe_window(s, end);
        }
}

/* Nothing waits longer than a second for its next transmission; and who still
 * holds a link to one whose last word was lost is told. */
static void hurry(struct sim *s, uint32_t end)
{
    struct sim_end *e = sim_end_of(s, end);
    moot_ms latest = s->now + SIM_DRAIN_MS;

    e->rate_at = s->now;
    if (e->last_at > latest)
        e->last_at = latest;
    for (uint32_t i = 0; i < e->count; i++) {
        struct sim_segment *segment = &e->segments[(e->first + i) % e->max];

        if (segment->at > latest)
            segment->at = latest;
    }
    if (e->count == 0) {
        if (!e->gone && sim_other_end(s, end)->gone)
            send_reset(s, end ^ 1);
        return;
    }
    if (e->stuck)
        serve_at(s, end, s->now + sim_between(s, 0, SIM_DRAIN_MS));
    else
        serve_at(s, end, e->segments[e->first].at);
    e->stuck = false;
    e->rto = 0;
}

void sim_conns_heal(struct sim *s)
{
    sim_conns_kick(s);
    for (uint32_t end = 0; end < 2 * s->conn_count; end++)
        if (!s->conns[end / 2]->buried)
            hurry(s, end);
}
