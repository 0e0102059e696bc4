/*
 * wire/answer_hosted_internal.h - what an answer holds besides when a group
 * directory gives it.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#ifndef MOOT_WIRE_ANSWER_HOSTED_INTERNAL_H
#define MOOT_WIRE_ANSWER_HOSTED_INTERNAL_H

#include <jansson.h>

#include "wire/answer.h"

/* Appends the members of the object that only a hosted answer has. */
void moot_answer_put_hosted(const struct moot_answer *a, struct moot_buf *out);
void moot_answer_put_record(const struct moot_answer *a,
                            const struct moot_listed *l, struct moot_buf *out);

/* Reads them; MOOT_EANSWER.  An answer that is not hosted has none. */
int moot_answer_get_hosted(const json_t *root, struct moot_answer *a);

/* What the member says of itself is believed instead of what is said of it. */
bool moot_answer_get_record(const json_t *from, struct moot_answer *a,
                            struct moot_listed *l);

#endif
