/*
 * tests/fuzz/dns_text.c - any bytes as TXT records, a line each.
 *
 * Whatever is found can be asked: it has a port and is no wildcard; and all of
 * it is still there, once, when it is in order.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <string.h>

#include "base/assert.h"
#include "net/dns_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t seed[32];
    struct dns_doors doors = {.count = 0};
    struct moot_rng rng;
    unsigned before;

    while (len > 0) {
        const uint8_t *end = memchr(data, '\n', len);
        size_t line = end != NULL ? (size_t)(end - data) : len;

        moot_dns_add_txt(&doors, moot_bytes_of(data, line));
        line += end != NULL;
        data += line;
        len -= line;
    }
    before = doors.count;
    moot_rng_init(&rng, seed);
    moot_dns_sort(&doors, &rng);
    moot_assert(doors.count == before && before <= MOOT_DNS_DOORS_MAX);
    for (unsigned i = 0; i < doors.count; i++) {
        moot_assert(doors.at[i].addr.port != 0);
        moot_assert(!moot_addr_wildcard(&doors.at[i].addr));
        for (unsigned k = 0; k < i; k++)
            moot_assert(!moot_addr_eq(&doors.at[i].addr, &doors.at[k].addr));
    }
    return 0;
}
