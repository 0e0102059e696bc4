/*
 * net/http_pages.c - which page of the bootstrap socket answers what.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "net/http_internal.h"
#include "net/socket_internal.h"

struct page {
    const char *path;
    enum MHD_Result (*get)(const struct moot_asked *a);
};

/* --- who is in the group --- */

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

/* Where the asker is, and under which address he found us. */
static void ends_of(const struct moot_asked *a, struct moot_addr *local,
                    struct moot_addr *asker)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(a->c, MHD_CONNECTION_INFO_CONNECTION_FD);
    union moot_sockaddr end;
    socklen_t len = sizeof end;

    memset(&end, 0, sizeof end);
    end.any.sa_family = AF_INET;
    (void)getsockname(info->connect_fd, &end.any, &len);
    moot_sockaddr_addr(&end, local);
    info = MHD_get_connection_info(a->c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    moot_sockaddr_addr((const union moot_sockaddr *)info->client_addr, asker);
}

static enum MHD_Result get_bootstrap(const struct moot_asked *a)
{
    const char *nonce =
        MHD_lookup_connection_value(a->c, MHD_GET_ARGUMENT_KIND, "nonce");
    struct moot_addr local, asker;
    struct moot_buf json = {NULL, 0, 0, 0};
    char signature[MOOT_HEX_LEN + 1 + 128 + 1];
    struct moot_reply r = {.status = MHD_HTTP_OK,
                           .type = "application/json",
                           .headers = {{"Moot-Signature", signature}}};
    enum MHD_Result rc;

    if (nonce == NULL)
        nonce = ""; /* somebody who only looks, and trusts nobody for it */
    if (!nonce_valid(nonce))
        return moot_http_say(
            a, MHD_HTTP_BAD_REQUEST,
            "nonce: an even number of hex digits, 128 at most\n");
    ends_of(a, &local, &asker);
    moot_node_answer(a->node, nonce, &local, &asker, &json, signature);
    r.body = moot_buf_view(&json);
    rc = moot_http_reply(a, &r);
    moot_buf_fini(&json);
    return rc;
}

/* --- is anybody there --- */

static enum MHD_Result get_health(const struct moot_asked *a)
{
    return moot_http_say(a, MHD_HTTP_OK, "ok\n");
}

/* --- which of them --- */

static const struct page pages[] = {{"/bootstrap", get_bootstrap},
                                    {"/health", get_health}};

static enum MHD_Result not_allowed(const struct moot_asked *a)
{
    const struct moot_reply r = {.status = MHD_HTTP_METHOD_NOT_ALLOWED,
                                 .type = "text/plain",
                                 .body = moot_bytes_text("only GET\n"),
                                 .headers = {{"Allow", "GET, HEAD"}}};

    return moot_http_reply(a, &r);
}

enum MHD_Result moot_http_page(const struct moot_asked *a)
{
    if (strcmp(a->method, MHD_HTTP_METHOD_GET) != 0 &&
        strcmp(a->method, MHD_HTTP_METHOD_HEAD) != 0)
        return not_allowed(a);
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(a->path, pages[i].path) == 0)
            return pages[i].get(a);
    }
    return moot_http_say(a, MHD_HTTP_NOT_FOUND, "try /bootstrap or /health\n");
}
