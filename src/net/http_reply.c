/*
 * net/http_reply.c - the way every answer of the bootstrap socket goes out, and
 * how it is counted.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <stdio.h>

#include "loop/metrics.h"
#include "net/accept_internal.h"
#include "net/http_internal.h"

static struct moot_metric requests = {
    .name = "moot_http_requests_total",
    .help = "Requests answered on the bootstrap socket.",
    .labels = {"page", "status"}};

struct status {
    unsigned code;
    const char *text;
    const char *reason; /* of a refusal */
};

static const struct status statuses[] = {
    {200, "200", NULL},        {400, "400", "invalid"},
    {401, "401", "token"},     {403, "403", "closed"},
    {404, "404", "not_found"}, {405, "405", "method"},
    {409, "409", "taken"},     {411, "411", "invalid"},
    {413, "413", "too_large"}, {415, "415", "invalid"},
    {429, "429", "rate"},      {503, "503", "full"},
    {0, "other", "other"}};

static const struct status *status_of(unsigned code)
{
    const struct status *s = statuses;

    while (s->code != code && s->code != 0)
        s++;
    return s;
}

static void account(const struct moot_asked *a, unsigned code)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(a->c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct status *s = status_of(code);
    char why[128];

    moot_metric_add_for(&requests, a->page, s->text, 1);
    if (code < MHD_HTTP_BAD_REQUEST)
        return;
    snprintf(why, sizeof why, "%u %.64s", code, a->path);
    moot_log_refused("bootstrap",
                     (const union moot_sockaddr *)info->client_addr, s->reason,
                     why);
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
    account(a, reply->status);
    rc = MHD_queue_response(a->c, reply->status, r);
    MHD_destroy_response(r);
    return rc;
}

enum MHD_Result moot_http_say(const struct moot_asked *a, unsigned status,
                              const char *text)
{
    const struct moot_reply r = {.status = status,
                                 .type = "text/plain; charset=utf-8",
                                 .body = moot_bytes_text(text)};

    return moot_http_reply(a, &r);
}

void moot_http_reply_open(void)
{
    moot_metric_list(&requests);
}
