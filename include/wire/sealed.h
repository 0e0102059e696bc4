/*
 * wire/sealed.h - the bootstrap answer of a closed group.  (JSON, RFC 8259)
 *
 *     {"moot":1,"sealed":"<base64url, no padding>"}
 *
 * What is sealed (ident/secret.h) is the value of the Moot-Signature header, a
 * line feed, and the answer.  Without the secret it says that there is a peer,
 * and no more.
 *
 * A question carries marks: which secrets the asker has, told so that only who
 * has them understands it.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_SEALED_H
#define MOOT_WIRE_SEALED_H

#include "ident/ring.h"

#define MOOT_MARKS_MAX 4 /* always so many, those too many are random */
#define MOOT_MARKS_TEXT_LEN (MOOT_MARKS_MAX * 16) /* hex digits */

/* The most that sealed is not longer than a bootstrap answer may be. */
#define MOOT_SEALED_TEXT_MAX (MOOT_ANSWER_LEN_MAX / 4 * 3 - 8192)

/* Appends the JSON text. */
void moot_sealed_encode(const struct moot_secret *s,
                        const uint8_t nonce[MOOT_SEAL_NONCE_LEN],
                        struct moot_bytes answer, const char *signature,
                        struct moot_buf *out);

/* Is this one, whether we can open it or not? */
bool moot_sealed_is(struct moot_bytes json);

/*
 * Opens it with the newest secret of the ring that fits: text is then the
 * header's value, a zero byte, and the answer, which begins at *ret_at.
 * *ret_by, unless NULL, is that secret.  MOOT_EANSWER: it is no such thing;
 * MOOT_ESECRET: none fits.
 */
int moot_sealed_open(struct moot_bytes json, const struct moot_ring *r,
                     struct moot_buf *text, size_t *ret_at,
                     const struct moot_ring_secret **ret_by);

/* The marks for a question with this nonce; pad is for those we have not. */
void moot_marks_make(const struct moot_ring *r, const char *nonce,
                     const uint8_t pad[8 * MOOT_MARKS_MAX],
                     char out[MOOT_MARKS_TEXT_LEN + 1]);

/* The newest secret that is meant by one of them; NULL: none, or no marks. */
const struct moot_ring_secret *moot_marks_find(const struct moot_ring *r,
                                               const char *nonce,
                                               const char *marks);

#endif
