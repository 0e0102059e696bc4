/*
 * net/http_bootstrap.c - /bootstrap: who is in our group, or in one that is
 * hosted here, and registering such a one.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "loop/clock.h"
#include "net/http_internal.h"
#include "net/socket_internal.h"

/* Hex digits, so that it means the same to everybody, and not too many. */
static bool nonce_valid(const char *nonce)
{
    size_t len = strlen(nonce);

    for (size_t i = 0; i < len; i++) {
        if (!isxdigit((unsigned char)nonce[i]))
            return false;
    }
    return len <= (size_t)2 * MOOT_NONCE_LEN_MAX && len % 2 == 0;
}

static enum MHD_Result give(const struct moot_asked *a,
                            struct moot_reception *got)
{
    struct moot_reply r = {.status = got->status,
                           .type = "application/json",
                           .body = moot_buf_view(&got->json)};
    char retry[16];
    unsigned count = 0;
    enum MHD_Result rc;

    if (got->text != NULL) {
        r.type = "text/plain; charset=utf-8";
        r.body = moot_bytes_text(got->text);
    } else if (got->signature[0] != '\0') { /* else it is sealed with it */
        r.headers[count++] =
            (struct moot_reply_header){"Moot-Signature", got->signature};
    }
    if (got->challenge[0] != '\0')
        r.headers[count++] =
            (struct moot_reply_header){"Moot-Challenge", got->challenge};
    if (got->status == MHD_HTTP_UNAUTHORIZED)
        r.headers[count++] =
            (struct moot_reply_header){"WWW-Authenticate", "Moot"};
    snprintf(retry, sizeof retry, "%u", got->retry_s);
    if (got->retry_s > 0)
        r.headers[count++] = (struct moot_reply_header){"Retry-After", retry};
    rc = moot_http_reply(a, &r);
    moot_reception_fini(got);
    return rc;
}

static const char *argument(const struct moot_asked *a, const char *name)
{
    return MHD_lookup_connection_value(a->c, MHD_GET_ARGUMENT_KIND, name);
}

enum MHD_Result moot_http_get_bootstrap(const struct moot_asked *a)
{
    struct moot_visit v = {.now = moot_clock_ms(),
                           .nonce = argument(a, "nonce"),
                           .marks = argument(a, "marks"),
                           .group = argument(a, "group"),
                           .identity = argument(a, "identity")};
    struct moot_reception got;

    if (v.nonce == NULL)
        v.nonce = ""; /* somebody who only looks, and trusts nobody for it */
    if (!nonce_valid(v.nonce))
        return moot_http_say(
            a, MHD_HTTP_BAD_REQUEST,
            "nonce: an even number of hex digits, 128 at most\n");
    memset(&got, 0, sizeof got);
    moot_http_ends(a, &v.local, &v.asker);
    moot_node_visit(a->node, &v, &got);
    return give(a, &got);
}

enum MHD_Result moot_http_post_bootstrap(const struct moot_asked *a)
{
    struct moot_visit v = {.now = moot_clock_ms(), .body = a->body};
    struct moot_reception got;

    if (a->large)
        return moot_http_say(a, MHD_HTTP_CONTENT_TOO_LARGE, "too large\n");
    v.signature =
        MHD_lookup_connection_value(a->c, MHD_HEADER_KIND, "Moot-Signature");
    memset(&got, 0, sizeof got);
    moot_http_ends(a, &v.local, &v.asker);
    moot_node_register(a->node, &v, &got);
    return give(a, &got);
}
