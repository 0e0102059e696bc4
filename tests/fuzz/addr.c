/*
 * tests/fuzz/addr.c - any bytes as an address.
 *
 * What is accepted has one canonical text, and the C library agrees about what
 * is a literal.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "wire/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct moot_addr a;
    struct moot_addr again;
    char text[MOOT_ADDR_TEXT_MAX];
    uint8_t ip[16];
    int verdict = moot_addr_parse(moot_bytes_of(data, len), &a);

    if (verdict != MOOT_OK) {
        moot_assert(verdict == MOOT_EINVAL);
        return 0;
    }
    moot_assert(a.port != 0 && strlen(a.host) >= 1);
    moot_addr_format(&a, text);
    moot_assert(moot_addr_parse(moot_bytes_text(text), &again) == MOOT_OK);
    moot_assert(moot_addr_eq(&a, &again));
    moot_addr_set(&again, a.host, a.port);
    moot_assert(moot_addr_eq(&a, &again));

    bool literal = inet_pton(AF_INET, a.host, ip) == 1 ||
                   inet_pton(AF_INET6, a.host, ip) == 1;

    moot_assert(moot_addr_literal(&a) == literal);
    moot_assert(literal || !moot_addr_wildcard(&a));
    return 0;
}
