/*
 * app/transcript_internal.h - entries as lines of a transcript, for people or
 * as JSON.
 *
 * Two authors of one name are told apart: whoever used the name first keeps it,
 * and the others get the beginning of their keys behind it, "bob.b33f".
 *
 * Layer:  app (loud).
 * Thread: any; a transcript is never shared.
 */
#ifndef MOOT_APP_TRANSCRIPT_INTERNAL_H
#define MOOT_APP_TRANSCRIPT_INTERNAL_H

#include "app/options.h"
#include "ui/format.h"

struct moot_transcript_name;

/* A zeroed struct, with its options set, is at the beginning. */
struct moot_transcript {
    bool json;
    struct moot_format format;
    struct moot_transcript_name *names;
};

void moot_transcript_fini(struct moot_transcript *t);

/* Was it said by whom the user asked for?  who: a name, the beginning of a key
 * (4 digits or more, blanks between them), or both as in "bob.b33f". */
bool moot_transcript_is_by(const struct moot_entry *e, const char *who);

/* How many lines the entry makes: 1 at least. */
unsigned moot_transcript_lines(const struct moot_entry *e);

/* Appends the lines of the entry, but for the first `skip` of them. */
void moot_transcript_put(struct moot_transcript *t, struct moot_entry *e,
                         unsigned skip, struct moot_buf *out);

#endif
