/*
 * net/http_pages.c - which page of the bootstrap socket answers what, and to
 * whom.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include <string.h>

#include "base/limits.h"
#include "net/http_internal.h"
#include "net/socket_internal.h"

struct page {
    const char *path;
    enum MHD_Result (*get)(const struct moot_asked *a);
    bool guarded; /* by the pass, if there is one */
    enum MHD_Result (*post)(
        const struct moot_asked *a); /* while there is a directory */
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

/* --- is anybody there --- */

static enum MHD_Result get_health(const struct moot_asked *a)
{
    return moot_http_say(a, MHD_HTTP_OK, "ok\n");
}

/* --- which of them --- */

static const struct page pages[] = {
    {"/", get_root, false, NULL},
    {"/bootstrap", moot_http_get_bootstrap, false, moot_http_post_bootstrap},
    {"/health", get_health, false, NULL},
    {"/peers", moot_http_get_peers, true, NULL},
    {"/workers", moot_http_get_peers, true, NULL},
    {"/metrics", moot_http_get_metrics, true, NULL}};

static enum MHD_Result not_allowed(const struct moot_asked *a, bool posts)
{
    const struct moot_reply r = {
        .status = MHD_HTTP_METHOD_NOT_ALLOWED,
        .type = "text/plain; charset=utf-8",
        .body = moot_bytes_text(posts ? "only GET and POST\n" : "only GET\n"),
        .headers = {{"Allow", posts ? "GET, HEAD, POST" : "GET, HEAD"}}};

    return moot_http_reply(a, &r);
}

static enum MHD_Result not_found(const struct moot_asked *a)
{
    size_t last = sizeof pages / sizeof pages[0] - 1;
    struct moot_buf text = {0};
    enum MHD_Result result;

    moot_buf_printf(&text, "try %s", pages[0].path);
    for (size_t i = 1; i < last; i++)
        moot_buf_printf(&text, ", %s", pages[i].path);
    moot_buf_printf(&text, " or %s\n", pages[last].path);
    result = moot_http_say(a, MHD_HTTP_NOT_FOUND, moot_buf_text(&text));
    moot_buf_fini(&text);
    return result;
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
    if (page->guarded && !a->pass->set && moot_node_closed(a->node))
        return moot_http_say(a, MHD_HTTP_FORBIDDEN,
                             "this group is closed: see --b_auth\n");
    if (page->guarded && !moot_pass_fits(a->pass, offered))
        return not_without_pass(a, offered);
    return page->get(a);
}

enum MHD_Result moot_http_page(struct moot_asked *a)
{
    const struct page *page = NULL;
    bool posts;

    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(a->path, pages[i].path) == 0)
            page = &pages[i];
    }
    a->page = page == NULL ? "other" : page->path;
    posts = page != NULL && page->post != NULL && moot_node_keeps(a->node);
    if (posts && strcmp(a->method, MHD_HTTP_METHOD_POST) == 0)
        return page->post(a);
    if (strcmp(a->method, MHD_HTTP_METHOD_GET) != 0 &&
        strcmp(a->method, MHD_HTTP_METHOD_HEAD) != 0)
        return not_allowed(a, posts);
    if (page == NULL)
        return not_found(a);
    return open_page(a, page);
}
