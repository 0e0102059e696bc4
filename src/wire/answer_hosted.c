/*
 * wire/answer_hosted.c - answers of a group directory: their members speak for
 * themselves, so that the directory cannot invent what they say.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include <stdlib.h>
#include <string.h>

#include "answer_hosted_internal.h"
#include "base/alloc.h"
#include "base/error.h"
#include "json_internal.h"
#include "signed_internal.h"

void moot_answer_put_hosted(const struct moot_answer *a, struct moot_buf *out)
{
    char hex[MOOT_HEX_LEN + 1];

    if (!a->hosted)
        return;
    moot_buf_printf(out, ",\"hosted\":true,\"again\":%u,\"lack\":[",
                    (unsigned)a->again_ms);
    for (unsigned i = 0; i < a->lack_count; i++) {
        moot_hex(a->lack[i].b, hex);
        moot_buf_printf(out, "%s\"%s\"", i > 0 ? "," : "", hex);
    }
    moot_buf_printf(out, "]");
}

void moot_answer_put_record(const struct moot_answer *a,
                            const struct moot_listed *l, struct moot_buf *out)
{
    struct moot_bytes all = moot_buf_view(&a->records);

    if (!a->hosted)
        return;
    moot_buf_printf(out, ",");
    moot_signed_put(out, moot_bytes_of(all.data + l->record_at, l->record_len),
                    &l->sig);
}

static bool get_lack(const json_t *root, struct moot_answer *a)
{
    const json_t *list = json_object_get(root, "lack");
    size_t count = json_array_size(list);

    if (!json_is_array(list) || count > MOOT_LACK_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);

        if (!json_is_string(one) ||
            !moot_unhex(json_string_value(one), a->lack[i].b))
            return false;
    }
    a->lack_count = (unsigned)count;
    return true;
}

int moot_answer_get_hosted(const json_t *root, struct moot_answer *a)
{
    const json_t *again = json_object_get(root, "again");

    a->hosted = json_is_true(json_object_get(root, "hosted"));
    if (!a->hosted)
        return MOOT_OK;
    if (!json_is_integer(again) || json_integer_value(again) < 0 ||
        json_integer_value(again) > UINT32_MAX || !get_lack(root, a))
        return MOOT_EANSWER;
    a->again_ms = (uint32_t)json_integer_value(again);
    return MOOT_OK;
}

bool moot_answer_get_record(const json_t *from, struct moot_answer *a,
                            struct moot_listed *l)
{
    struct moot_record r;

    if (!a->hosted)
        return true;
    if (moot_signed_get(from, &r) != MOOT_OK || !moot_id_eq(&r.id, &l->id) ||
        !moot_hash_eq(&r.group, &a->group) || !moot_record_verify(&r))
        return false;
    memcpy(l->name, r.name, sizeof l->name);
    l->mode = r.mode;
    l->standing = r.standing;
    l->record_at = a->records.len;
    l->record_len = r.raw_len;
    l->sig = r.sig;
    moot_buf_append(&a->records, r.raw, r.raw_len);
    return true;
}
