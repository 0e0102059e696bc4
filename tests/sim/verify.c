/*
 * tests/sim/verify.c - the workers of a peer that check signatures: each batch
 * takes its own time, so they are not done in the order in which they began.
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "sim_internal.h"

#define VERIFY_MS_MAX 30

struct sim_verify {
    struct moot_fx_verify work; /* a reference to each entry */
    uint32_t number;
    struct sim_verify *next;
};

static void destroy(struct sim_verify *v)
{
    for (unsigned i = 0; i < v->work.count; i++)
        moot_entry_unref(v->work.entries[i]);
    free(v);
}

void sim_verify_begin(struct sim_peer *p, const struct moot_fx_verify *work)
{
    struct sim_verify *v = moot_alloc(sizeof *v);

    v->work = *work;
    for (unsigned i = 0; i < work->count; i++)
        moot_entry_ref(v->work.entries[i]);
    v->number = ++p->verify_number;
    v->next = p->verifying;
    p->verifying = v;
    sim_due_at(p->sim, p->sim->now + sim_between(p->sim, 0, VERIFY_MS_MAX),
               SIM_VERIFIED, p->number, v->number, 0);
}

void sim_verify_due(struct sim_peer *p, uint32_t number)
{
    struct sim_verify **at = &p->verifying;
    struct moot_event ev = {.kind = MOOT_EV_VERIFIED};
    struct sim_verify *v;
    bool genuine[MOOT_PAGE_MAX];

    while (*at != NULL && (*at)->number != number)
        at = &(*at)->next;
    if (*at == NULL)
        return;
    v = *at;
    *at = v->next;
    for (unsigned i = 0; i < v->work.count; i++)
        genuine[i] = moot_entry_verify(v->work.entries[i]);
    ev.verified.token = v->work.token;
    ev.verified.genuine = genuine;
    ev.verified.count = v->work.count;
    sim_peer_step(p, &ev);
    destroy(v);
}

void sim_verify_fini(struct sim_peer *p)
{
    while (p->verifying != NULL) {
        struct sim_verify *v = p->verifying;

        p->verifying = v->next;
        destroy(v);
    }
}
