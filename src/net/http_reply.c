/*
 * net/http_reply.c - the way every answer of the bootstrap socket goes out.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <stdio.h>

#include "net/accept_internal.h"
#include "net/http_internal.h"

static void log_status(const struct moot_asked *a, unsigned status)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(a->c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char why[128];

    snprintf(why, sizeof why, "%u %.64s", status, a->path);
    moot_log_refused("bootstrap",
                     (const union moot_sockaddr *)info->client_addr, why);
}

enum MHD_Result moot_http_reply(const struct moot_asked *a,
                                const struct moot_reply *reply)
{
    enum MHD_Result rc;
    struct MHD_Response *r = MHD_create_response_from_buffer(
        reply->body.len, (void *)reply->body.data, MHD_RESPMEM_MUST_COPY);

    if (r == NULL)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", reply->type);
    MHD_add_response_header(r, "Cache-Control", "no-store");
    MHD_add_response_header(r, "Connection", "close");
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    for (unsigned i = 0; i < MOOT_REPLY_HEADERS_MAX; i++) {
        const struct moot_reply_header *h = &reply->headers[i];

        if (h->name == NULL)
            break;
        MHD_add_response_header(r, h->name, h->value);
    }
    if (reply->status >= MHD_HTTP_BAD_REQUEST)
        log_status(a, reply->status);
    rc = MHD_queue_response(a->c, reply->status, r);
    MHD_destroy_response(r);
    return rc;
}

enum MHD_Result moot_http_say(const struct moot_asked *a, unsigned status,
                              const char *text)
{
    const struct moot_reply r = {
        .status = status, .type = "text/plain", .body = moot_bytes_text(text)};

    return moot_http_reply(a, &r);
}
