/*
 * node/beacon.c - making a beacon, and judging one that was heard.
 *
 * Both are keyed by the group we are in, by its secret when it is closed: for
 * all others it is noise.
 *
 * Layer:  node (quiet).
 * Thread: the caller's.
 */
#include <string.h>

#include "node_internal.h"

bool moot_node_beacon(struct moot_node *n, uint8_t out[MOOT_BEACON_LEN])
{
    struct moot_hash key = moot_node_key(n);
    struct moot_beacon b = {.port = n->port};

    if (n->leaving || n->port == 0)
        return false;
    moot_rng_bytes(&n->rng, b.nonce, sizeof b.nonce);
    memcpy(n->beacons[n->beacon_next], b.nonce, sizeof b.nonce);
    n->beacon_next = (n->beacon_next + 1) % MOOT_BEACONS_OWN;
    moot_beacon_encode(&b, &key, out);
    return true;
}

/* What is sent to all comes back to us, too. */
static bool is_own(const struct moot_node *n, const struct moot_beacon *b)
{
    for (unsigned i = 0; i < MOOT_BEACONS_OWN; i++)
        if (memcmp(n->beacons[i], b->nonce, sizeof b->nonce) == 0)
            return true;
    return false;
}

/* Of our group?  Who was away while its secret was changed still beacons with
 * an older one; what he may come in with is settled on a link. */
static bool is_ours(const struct moot_node *n, struct moot_bytes bytes,
                    struct moot_beacon *b)
{
    struct moot_hash key = moot_node_key(n);

    if (moot_beacon_decode(bytes, &key, b) == MOOT_OK)
        return true;
    for (unsigned i = 0; i < n->ring.count; i++) {
        key = moot_secret_key(&n->group_id, &n->ring.at[i].secret);
        if (moot_beacon_decode(bytes, &key, b) == MOOT_OK)
            return true;
    }
    return false;
}

void moot_beacon_heard(struct moot_node *n, const struct moot_ev_beacon *ev,
                       struct moot_effects *fx)
{
    struct moot_way way = {.kind = MOOT_WAY_TOLD, .seed = true};
    struct moot_boot_event told = {
        .kind = MOOT_BOOT_SEED, .ways = &way, .way_count = 1};
    struct moot_beacon b;

    if (!is_ours(n, ev->bytes, &b) || is_own(n, &b) ||
        moot_addr_wildcard(&ev->from))
        return;
    moot_addr_set(&way.addr, ev->from.host, b.port);
    moot_minds_boot(n, &told, fx);
}
