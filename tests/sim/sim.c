/*
 * tests/sim/sim.c - the clock of the simulated world, and its memory of what
 * happened.
 *
 * Layer:  tests.
 * Thread: the caller's.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"

#define TEXT_MAX 1024

struct sim *sim_create(uint64_t seed, const struct sim_world *world)
{
    struct sim *s = moot_alloc(sizeof *s);
    uint8_t bytes[32] = "a seed of the simulator";

    for (unsigned i = 0; i < 8; i++)
        bytes[24 + i] = (uint8_t)(seed >> (8 * i));
    moot_rng_init(&s->rng, bytes);
    s->seed = seed;
    s->world = *world;
    if (s->world.window == 0)
        s->world.window = SIM_WINDOW;
    s->disturbed = -SIM_RTO_MAX_MS;
    sim_paths_init(s);
    return s;
}

void sim_destroy(struct sim *s)
{
    if (s == NULL)
        return;
    for (uint32_t i = 0; i < s->peer_count; i++) {
        sim_peer_fini(s->peers[i]);
        free(s->peers[i]);
    }
    for (uint32_t i = 0; i < s->conn_count; i++)
        sim_conn_destroy(s->conns[i]);
    free(s->conns);
    for (uint32_t i = 0; i < s->job_count; i++)
        sim_job_destroy(s->jobs[i]);
    free(s->jobs);
    for (uint32_t i = 0; i < SIM_PEERS_MAX; i++) {
        for (unsigned k = 0; k < s->said[i].count; k++)
            free(s->said[i].lines[k].text);
        free(s->said[i].lines);
    }
    for (uint32_t i = 0; i < s->chain_count; i++) {
        free(s->chains[i].hashes);
        free(s->chains[i].others);
    }
    for (unsigned i = 0; i <= SIM_HOSTS_MAX; i++) {
        sim_profile_fini(&s->profiles[i]);
    }
    free(s->queue.at);
    moot_buf_fini(&s->story);
    moot_buf_fini(&s->told);
    free(s->fault);
    free(s->complaint);
    free(s);
}

/* --- time --- */

moot_ms sim_now(const struct sim *s)
{
    return s->now;
}

moot_ms sim_between(struct sim *s, moot_ms min, moot_ms max)
{
    if (max <= min)
        return min;
    return min + (moot_ms)moot_rng_below(&s->rng, (uint64_t)(max - min + 1));
}

void sim_due_at(struct sim *s, moot_ms at, enum sim_what what, uint32_t peer,
                uint32_t a, uint32_t b)
{
    moot_assert(at >= s->now);
    sim_queue_push(
        &s->queue,
        (struct sim_due){.at = at, .what = what, .peer = peer, .a = a, .b = b});
}

static void carry_out(struct sim *s, const struct sim_due *due)
{
    s->figures.events++;
    switch (due->what) {
    case SIM_TIMER:
    case SIM_TICK:
    case SIM_STORE:
    case SIM_SCAN:
    case SIM_VERIFIED:
    case SIM_READ:
    case SIM_CLOSED:
    case SIM_FLOW:
        sim_peer_due(s->peers[due->peer], due);
        return;
    case SIM_SERVE:
    case SIM_DRAINED:
    case SIM_RST:
        sim_conn_due(s, due);
        return;
    case SIM_JOB:
        sim_job_due(s, due);
        return;
    }
    moot_assert(!"everything due is known");
}

void sim_run_until(struct sim *s, moot_ms at)
{
    struct sim_due due;

    while (s->fault == NULL && sim_queue_pop(&s->queue, at, &due)) {
        moot_assert(due.at >= s->now);
        s->now = due.at;
        carry_out(s, &due);
    }
    if (s->now < at)
        s->now = at;
}

void sim_run_ms(struct sim *s, moot_ms ms)
{
    sim_run_until(s, s->now + ms);
}

bool sim_run_while(struct sim *s, moot_ms ms,
                   bool (*not_yet)(struct sim *s, void *ctx), void *ctx)
{
    moot_ms until = s->now + ms;

    while (not_yet(s, ctx)) {
        if (s->fault != NULL || s->now >= until)
            return false;
        sim_run_until(s, s->now + 10);
    }
    return true;
}

/* --- what happened --- */

void sim_note(struct sim *s, uint64_t value)
{
    uint64_t x = (s->digest ^ value) * 0x9e3779b97f4a7c15u;

    s->digest = x ^ (x >> 29);
}

void sim_note_bytes(struct sim *s, struct moot_bytes bytes)
{
    size_t i = 0;

    sim_note(s, bytes.len);
    for (; i + 8 <= bytes.len; i += 8) {
        uint64_t word;

        memcpy(&word, bytes.data + i, 8);
        sim_note(s, word);
    }
    for (; i < bytes.len; i++)
        sim_note(s, bytes.data[i]);
}

uint64_t sim_digest(const struct sim *s)
{
    return s->digest;
}

static char *format_text(const char *format, va_list args)
{
    char text[TEXT_MAX];

    vsnprintf(text, sizeof text, format, args);
    return moot_copy(text, strlen(text));
}

void sim_blame(struct sim *s, const char *format, ...)
{
    if (s->fault != NULL)
        return;

    char head[32];
    va_list args;

    va_start(args, format);

    char *text = format_text(format, args);

    va_end(args);
    snprintf(head, sizeof head, "[%6lld] ", (long long)s->now);

    size_t head_len = strlen(head), text_len = strlen(text);

    s->fault = moot_alloc(head_len + text_len + 1);
    memcpy(s->fault, head, head_len);
    memcpy(s->fault + head_len, text, text_len);
    sim_tell(s, "world", "! %s", text);
    free(text);
}

const char *sim_fault(const struct sim *s)
{
    return s->fault;
}

/* --- narration --- */

void sim_narrate(struct sim *s, bool to_stdout)
{
    s->narrating = true;
    s->to_stdout = to_stdout;
}

void sim_narrate_frames(struct sim *s)
{
    s->frames = true;
}

void sim_number_peers(struct sim *s)
{
    s->plain_labels = true;
}

void sim_tell(struct sim *s, const char *who, const char *format, ...)
{
    if (!s->narrating)
        return;

    va_list args;

    va_start(args, format);

    char *text = format_text(format, args);

    va_end(args);
    if (s->to_stdout)
        printf("[%6lld] %s %s\n", (long long)s->now, who, text);
    else
        moot_buf_printf(&s->story, "[%5lld] %s %s\n", (long long)s->now, who,
                        text);
    free(text);
}

const char *sim_story(struct sim *s)
{
    moot_buf_clear(&s->told);

    struct moot_bytes all = moot_buf_view(&s->story);

    moot_buf_append(&s->told, all.data, all.len);
    moot_buf_clear(&s->story);
    return moot_buf_text(&s->told);
}

void sim_figures(struct sim *s, struct sim_figures *out)
{
    *out = s->figures;
}
