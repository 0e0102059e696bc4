/*
 * tests/cast.h - who plays in the tests, what they say, and messages in words.
 *
 * Twenty-six identities, 'A' to 'Z', whose ids are in the order of their
 * letters; each goes by its small letter.  Everybody is in his first run and in
 * one group until told otherwise.
 *
 *     B:3        the third entry of B's first run
 *     B/2a:3     of B's run 0x2a
 *     B:1..3     a range
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#ifndef MOOT_TESTS_CAST_H
#define MOOT_TESTS_CAST_H

#include "wire/message.h"

#define CAST_RUN 1      /* the run everybody is in at first */
#define CAST_WALL 10000 /* when it began, and when all is written */

/* A new play, in this group.  The end releases all that was written in it. */
void cast_begin(const struct moot_hash *group);
void cast_end(void);
struct moot_hash cast_group(void);

const struct moot_key *cast_key(char who);
const struct moot_id *cast_id(char who);
struct moot_run cast_run(char who);
void cast_set_run(char who, uint64_t run); /* "B:3" means this run from now */

/* '?' for a stranger. */
char cast_letter(const struct moot_id *id);

/* --- what they write --- */

/* The next entry of who's run; borrowed until the end of the play. */
struct moot_entry *cast_writes(char who, const char *text);

/* The same, after it had seen these; the last one is NULL. */
struct moot_entry *cast_replies(char who, const char *text,
                                const struct moot_entry *cause,
                                const struct moot_entry *other);

/* An entry as drafted, which no clock and no chain need agree with. */
struct moot_entry *cast_drafts(char who, struct moot_draft *d);

/* The draft that cast_writes would make; its line is text. */
struct moot_draft cast_draft(char who, const char *text);

/* A sealed record of this run: named by the small letter, joined, standard,
 * with the welcoming socket at 10.0.0.<1 for A, 2 for B, ...>:8081. */
struct moot_record cast_record(char who, uint64_t run, uint64_t serial);
struct moot_addr cast_addr(char who);

/* --- in words --- */

void cast_put_run(struct moot_buf *out, const struct moot_run *in);
void cast_put_id(struct moot_buf *out, const struct moot_id *id);
void cast_put_range(struct moot_buf *out, const struct moot_range *r);

/* One line without its end; digests, hashes and nonces are left out. */
void cast_put_message(struct moot_buf *out, const struct moot_message *m);

/* All frames in bytes, " + " between them. */
void cast_put_frames(struct moot_buf *out, struct moot_bytes bytes);

#endif
