/*
 * net/http_pages.c - which page of the bootstrap socket answers what, and to
 * whom.
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
    bool guarded; /* by the pass, if there is one */
};

void moot_http_ends(const struct moot_asked *a, struct moot_addr *local,
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

/* --- what is this --- */

static enum MHD_Result get_root(const struct moot_asked *a)
{
    static const char text[] =
        "<!DOCTYPE html>\n"
        "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>moot</title>"
        "</head><body>\n"
        "<h1>moot</h1>\n"
        "<p>This is the bootstrap socket of a peer of moot, a group chat "
        "without a server.\n"
        "Programs ask here who is in the group; to join it, run\n"
        "<code>moot --remote_endpoint</code> with the address of this "
        "page.</p>\n"
        "<ul>\n"
        "<li><a href=\"/bootstrap\">/bootstrap</a>: who is in the group, "
        "signed</li>\n"
        "<li><a href=\"/health\">/health</a>: is this peer alive</li>\n"
        "<li><a href=\"/peers\">/peers</a>: the live members</li>\n"
        "<li><a href=\"/metrics\">/metrics</a>: figures, for Prometheus</li>\n"
        "</ul>\n"
        "</body></html>\n";
    const struct moot_reply r = {
        .status = MHD_HTTP_OK,
        .type = "text/html; charset=utf-8",
        .body = {(const uint8_t *)text, sizeof text - 1},
        .headers = {{"Content-Security-Policy", "default-src 'none'"}}};

    return moot_http_reply(a, &r);
}

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

static enum MHD_Result get_bootstrap(const struct moot_asked *a)
{
    const char *nonce =
        MHD_lookup_connection_value(a->c, MHD_GET_ARGUMENT_KIND, "nonce");
    const char *marks =
        MHD_lookup_connection_value(a->c, MHD_GET_ARGUMENT_KIND, "marks");
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
    moot_http_ends(a, &local, &asker);
    moot_node_answer(a->node, nonce, marks, &local, &asker, &json, signature);
    if (*signature == '\0')
        r.headers[0].name = NULL; /* it is sealed with the rest */
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

static const struct page pages[] = {{"/", get_root, false},
                                    {"/bootstrap", get_bootstrap, false},
                                    {"/health", get_health, false},
                                    {"/peers", moot_http_get_peers, true},
                                    {"/workers", moot_http_get_peers, true},
                                    {"/metrics", moot_http_get_metrics, true}};

static enum MHD_Result not_allowed(const struct moot_asked *a)
{
    const struct moot_reply r = {.status = MHD_HTTP_METHOD_NOT_ALLOWED,
                                 .type = "text/plain; charset=utf-8",
                                 .body = moot_bytes_text("only GET\n"),
                                 .headers = {{"Allow", "GET, HEAD"}}};

    return moot_http_reply(a, &r);
}

static enum MHD_Result not_without_pass(const struct moot_asked *a,
                                        const char *offered)
{
    const struct moot_reply r = {
        .status = MHD_HTTP_UNAUTHORIZED,
        .type = "text/plain; charset=utf-8",
        .body = moot_bytes_text("a bearer token is needed\n"),
        .headers = {{"WWW-Authenticate",
                     offered == NULL
                         ? "Bearer realm=\"moot\""
                         : "Bearer realm=\"moot\", error=\"invalid_token\""}}};

    return moot_http_reply(a, &r);
}

static enum MHD_Result open_page(const struct moot_asked *a,
                                 const struct page *page)
{
    const char *offered = MHD_lookup_connection_value(
        a->c, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);

    /* Who and how many there are is nobody's business in a closed group. */
    if (page->guarded && a->pass == NULL && moot_node_closed(a->node))
        return moot_http_say(a, MHD_HTTP_FORBIDDEN,
                             "this group is closed: see --b_auth\n");
    if (page->guarded && !moot_pass_fits(a->pass, offered))
        return not_without_pass(a, offered);
    return page->get(a);
}

enum MHD_Result moot_http_page(struct moot_asked *a)
{
    const struct page *page = NULL;

    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(a->path, pages[i].path) == 0)
            page = &pages[i];
    }
    a->page = page == NULL ? "other" : page->path;
    if (strcmp(a->method, MHD_HTTP_METHOD_GET) != 0 &&
        strcmp(a->method, MHD_HTTP_METHOD_HEAD) != 0)
        return not_allowed(a);
    if (page == NULL)
        return moot_http_say(a, MHD_HTTP_NOT_FOUND,
                             "try /, /bootstrap, /health, /peers or "
                             "/metrics\n");
    return open_page(a, page);
}
