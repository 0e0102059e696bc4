/*
 * node/effects.c - the list of what one step asks for.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "node_internal.h"

/* The big members at the end are written by whoever asks for them; zeroing
 * them for every SEND would cost more than the line that is sent. */
struct moot_effect *moot_node_ask(struct moot_effects *fx,
                                  enum moot_effect_kind kind)
{
    struct moot_effect *e;

    if (fx->count == fx->max) {
        fx->max = fx->max == 0 ? 8 : 2 * fx->max;
        fx->at = moot_realloc(fx->at, fx->max * sizeof *fx->at);
    }
    e = &fx->at[fx->count++];
    memset(e, 0, offsetof(struct moot_effect, dial));
    e->kind = kind;
    return e;
}

struct moot_show *moot_node_show(struct moot_effects *fx,
                                 enum moot_show_kind kind, const char *name,
                                 const char *text)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_SHOW);

    memset(&e->show, 0, sizeof e->show);
    e->show.kind = kind;
    e->show.name = moot_copy(name, strlen(name));
    e->show.text = moot_copy(text, strlen(text));
    return &e->show;
}

void moot_node_exit(struct moot_effects *fx, int code, const char *text)
{
    struct moot_effect *e = moot_node_ask(fx, MOOT_FX_EXIT);

    e->exit.code = code;
    e->exit.text = moot_copy(text, strlen(text));
}

static void release_verify(struct moot_fx_verify *v)
{
    for (unsigned i = 0; i < v->count; i++)
        moot_entry_unref(v->entries[i]);
    free(v);
}

static void release_end(struct moot_fx_end_run *end)
{
    free((void *)(uintptr_t)end->proof.data);
    free(end);
}

static void release_post(struct moot_fx_post *post)
{
    moot_buf_fini(&post->body);
    free(post);
}

/* It holds the secrets of the group. */
static void release_remember(struct moot_fx_remember *remember)
{
    sodium_memzero(remember, sizeof *remember);
    free(remember);
}

static void release(struct moot_effect *e)
{
    moot_entry_unref(e->entry);
    if (e->kind == MOOT_FX_VERIFY)
        release_verify(e->verify);
    if (e->kind == MOOT_FX_END_RUN)
        release_end(e->end);
    if (e->kind == MOOT_FX_REMEMBER)
        release_remember(e->remember);
    if (e->kind == MOOT_FX_SILENCE)
        free(e->silence);
    if (e->kind == MOOT_FX_POST)
        release_post(e->post);
    if (e->kind == MOOT_FX_DIAL)
        free(e->dial);
    if (e->kind == MOOT_FX_READ)
        free(e->read);
    if (e->kind == MOOT_FX_PEER)
        free(e->contact);
    if (e->kind == MOOT_FX_TRIPPED)
        free(e->tripped);
    if (e->kind == MOOT_FX_EXIT)
        free(e->exit.text);
    if (e->kind != MOOT_FX_SHOW)
        return;
    moot_entry_unref(e->show.entry);
    free(e->show.name);
    free(e->show.text);
}

void moot_effects_clear(struct moot_effects *fx)
{
    for (unsigned i = 0; i < fx->count; i++)
        release(&fx->at[i]);
    fx->count = 0;
    moot_buf_clear(&fx->bytes);
}

void moot_effects_fini(struct moot_effects *fx)
{
    moot_effects_clear(fx);
    free(fx->at);
    moot_buf_fini(&fx->bytes);
    *fx = (struct moot_effects){0};
}

struct moot_bytes moot_fx_bytes(const struct moot_effects *fx,
                                const struct moot_effect *e)
{
    return moot_bytes_of(moot_buf_view(&fx->bytes).data + e->at, e->len);
}
