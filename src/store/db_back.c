/*
 * store/db_back.c - how a group is come back to, as the columns of its row.
 *
 *     secrets   generation (8 bytes), secret (32), and so on
 *     doors     identity (32), length (2) and text of the address, and so on
 *     seeds     likewise
 *     named     1 or, for one who is left out, 2; 16 bytes of his identity, and
 *               so on
 *
 * Numbers are big-endian.  The checksum of the row is over these bytes.  The
 * column "grown" is 1 when others have seen a line of the group, and 2 more
 * when it is closed.
 *
 * Layer:  store (loud).
 * Thread: the caller's.
 */
#include <sodium.h>
#include <string.h>

#include "store/db_internal.h"

#define SECRET_LEN 40
#define ADDR_LEN_MIN 34
#define NAME_LEN 17
#define NAMED_IN 1
#define NAMED_OUT 2

/* --- there --- */

static void put_number(struct moot_buf *out, uint64_t value, unsigned len)
{
    while (len-- > 0) {
        uint8_t b = (uint8_t)(value >> (8 * len));

        moot_buf_append(out, &b, 1);
    }
}

static void pack_addrs(const struct moot_kept_addr *at, unsigned count,
                       struct moot_buf *out)
{
    char text[MOOT_ADDR_TEXT_MAX];

    for (unsigned i = 0; i < count; i++) {
        moot_addr_format(&at[i].addr, text);
        moot_buf_append(out, at[i].id.b, sizeof at[i].id.b);
        put_number(out, strlen(text), 2);
        moot_buf_append(out, text, strlen(text));
    }
}

void db_back_pack(const struct moot_back *ways,
                  struct moot_buf out[DB_BACK_COLUMNS])
{
    for (unsigned i = 0; i < ways->secret_count; i++) {
        put_number(&out[0], ways->secrets[i].generation, 8);
        moot_buf_append(&out[0], ways->secrets[i].b, 32);
    }
    pack_addrs(ways->doors, ways->door_count, &out[1]);
    pack_addrs(ways->seeds, ways->seed_count, &out[2]);
    for (unsigned i = 0; i < ways->named_count; i++) {
        put_number(&out[3], ways->named[i].out ? NAMED_OUT : NAMED_IN, 1);
        moot_buf_append(&out[3], ways->named[i].id.b, NAME_LEN - 1);
    }
}

void db_back_fini(struct moot_buf packed[DB_BACK_COLUMNS])
{
    if (packed[0].data != NULL) /* the secrets */
        sodium_memzero(packed[0].data, packed[0].max);
    for (unsigned i = 0; i < DB_BACK_COLUMNS; i++)
        moot_buf_fini(&packed[i]);
}

/* --- and back --- */

static uint64_t number_at(const uint8_t *at, unsigned len)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < len; i++)
        value = value << 8 | at[i];
    return value;
}

static bool unpack_secrets(struct moot_bytes b, struct moot_back *out)
{
    while (b.len >= SECRET_LEN && out->secret_count < MOOT_KEPT_SECRETS_MAX) {
        struct moot_kept_secret *s = &out->secrets[out->secret_count++];

        s->generation = number_at(b.data, 8);
        memcpy(s->b, b.data + 8, sizeof s->b);
        b = moot_bytes_of(b.data + SECRET_LEN, b.len - SECRET_LEN);
    }
    return b.len == 0;
}

/* Stops at the first that cannot be read: where the next begins is not known
 * then. */
static bool unpack_addrs(struct moot_bytes b, struct moot_kept_addr *out,
                         unsigned max, unsigned *ret_count)
{
    while (b.len >= ADDR_LEN_MIN && *ret_count < max) {
        size_t len = (size_t)number_at(b.data + 32, 2);
        struct moot_kept_addr *c = &out[*ret_count];

        if (len > b.len - ADDR_LEN_MIN ||
            moot_addr_parse(moot_bytes_of(b.data + ADDR_LEN_MIN, len),
                            &c->addr) != MOOT_OK)
            return false;
        memcpy(c->id.b, b.data, sizeof c->id.b);
        len += ADDR_LEN_MIN;
        b = moot_bytes_of(b.data + len, b.len - len);
        (*ret_count)++;
    }
    return b.len == 0;
}

static bool unpack_named(struct moot_bytes b, struct moot_back *out)
{
    while (b.len >= NAME_LEN && out->named_count < MOOT_RING_NAMES_MAX &&
           (b.data[0] == NAMED_IN || b.data[0] == NAMED_OUT)) {
        struct moot_ring_name *name = &out->named[out->named_count++];

        name->out = b.data[0] == NAMED_OUT;
        memcpy(name->id.b, b.data + 1, sizeof name->id.b);
        b = moot_bytes_of(b.data + NAME_LEN, b.len - NAME_LEN);
    }
    return b.len == 0;
}

bool db_back_unpack(const struct moot_bytes packed[DB_BACK_COLUMNS],
                    struct moot_back *out)
{
    bool whole;

    memset(out, 0, sizeof *out);
    whole = unpack_secrets(packed[0], out);
    whole = unpack_addrs(packed[1], out->doors, MOOT_KEPT_DOORS_MAX,
                         &out->door_count) &&
            whole;
    whole = unpack_addrs(packed[2], out->seeds, MOOT_KEPT_SEEDS_MAX,
                         &out->seed_count) &&
            whole;
    return unpack_named(packed[3], out) && whole;
}
