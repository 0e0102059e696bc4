/*
 * wire/beacon.c - a beacon's bytes, and whether somebody who knows the group
 * made them.
 *
 * Layer:  wire (quiet).
 * Thread: any.
 */
#include "wire/beacon.h"

#include <sodium.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"

#define VERSION 1
#define PORT_AT (1 + MOOT_BEACON_NONCE_LEN)
#define MAC_AT (PORT_AT + 2)
#define MAC_LEN (MOOT_BEACON_LEN - MAC_AT)

/* Of everything before it. */
static void make_mac(const uint8_t *beacon, const struct moot_hash *key,
                     uint8_t out[MAC_LEN])
{
    static const char label[] = "moot/1 beacon"; /* its zero is part of it */
    crypto_auth_hmacsha256_state hmac;
    uint8_t whole[crypto_auth_hmacsha256_BYTES];

    crypto_auth_hmacsha256_init(&hmac, key->b, sizeof key->b);
    crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)label, sizeof label);
    crypto_auth_hmacsha256_update(&hmac, beacon, MAC_AT);
    crypto_auth_hmacsha256_final(&hmac, whole);
    memcpy(out, whole, MAC_LEN);
}

void moot_beacon_encode(const struct moot_beacon *b,
                        const struct moot_hash *key,
                        uint8_t out[MOOT_BEACON_LEN])
{
    moot_assert(b->port != 0);
    out[0] = VERSION;
    memcpy(out + 1, b->nonce, sizeof b->nonce);
    out[PORT_AT] = (uint8_t)(b->port >> 8);
    out[PORT_AT + 1] = (uint8_t)b->port;
    make_mac(out, key, out + MAC_AT);
}

int moot_beacon_decode(struct moot_bytes bytes, const struct moot_hash *key,
                       struct moot_beacon *ret_beacon)
{
    uint8_t mac[MAC_LEN];
    unsigned port;

    if (bytes.len != MOOT_BEACON_LEN || bytes.data[0] != VERSION)
        return MOOT_EPROTO;
    port = (unsigned)bytes.data[PORT_AT] << 8 | bytes.data[PORT_AT + 1];
    if (port == 0)
        return MOOT_EPROTO;
    make_mac(bytes.data, key, mac);
    if (sodium_memcmp(mac, bytes.data + MAC_AT, sizeof mac) != 0)
        return MOOT_EPROOF;
    memcpy(ret_beacon->nonce, bytes.data + 1, sizeof ret_beacon->nonce);
    ret_beacon->port = (uint16_t)port;
    return MOOT_OK;
}
