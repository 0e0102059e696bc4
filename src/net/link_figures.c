/*
 * net/link_figures.c - what is counted of links, and told of them in the log.
 *
 * Layer:  net (loud).
 * Thread: the loop's.
 */
#include "loop/log.h"
#include "loop/metrics.h"
#include "net/link_internal.h"

static struct moot_metric opened = {
    .name = "moot_links_opened_total",
    .help = "Connections to or from an identity, before it proved membership.",
    .labels = {"direction"}};
static struct moot_metric closed = {.name = "moot_links_closed_total",
                                    .help = "Those that ended, by reason.",
                                    .labels = {"reason"}};
static struct moot_metric congested = {
    .name = "moot_link_queue_full_total",
    .help = "Times a link's queue passed its soft bound."};
static struct moot_metric queued = {
    .name = "moot_link_queue_bytes",
    .help = "Bytes that wait to be sent, all links.",
    .kind = MOOT_GAUGE};
static struct moot_metric received = {
    .name = "moot_link_received_bytes_total",
    .help = "Bytes received on links, encrypted."};
static struct moot_metric sent = {.name = "moot_link_sent_bytes_total",
                                  .help = "Bytes sent on links, encrypted."};

void links_list_figures(void)
{
    moot_metric_list(&opened);
    moot_metric_list(&closed);
    moot_metric_list(&congested);
    moot_metric_list(&queued);
    moot_metric_list(&received);
    moot_metric_list(&sent);
}

static const char *direction(const struct conn *c)
{
    return c->inbound ? "in" : "out";
}

static void log_link(const struct conn *c, const char *event,
                     const struct moot_id *id, const char *reason)
{
    struct moot_addr addr;
    char remote[MOOT_ADDR_TEXT_MAX], hex[MOOT_HEX_LEN + 1];

    if (!moot_log_wants(MOOT_LOG_INFO))
        return;
    moot_sockaddr_addr(&c->remote, &addr);
    moot_addr_format(&addr, remote);
    if (id != NULL)
        moot_hex(id->b, hex);
    moot_log(MOOT_LOG_INFO, event, "#link",
             moot_log_int((int64_t)c->handle).text, "direction", direction(c),
             "remote", remote, "identity", id == NULL ? NULL : hex, "reason",
             reason, NULL);
}

void conn_note_open(const struct conn *c, const struct moot_id *id)
{
    moot_metric_add_for(&opened, direction(c), NULL, 1);
    log_link(c, "link_open", id, NULL);
}

void conn_note_up(const struct conn *c)
{
    log_link(c, "link_up", NULL, NULL);
}

void conn_note_closed(const struct conn *c)
{
    moot_metric_add_for(&closed, moot_error_word(c->why), NULL, 1);
    log_link(c, "link_closed", NULL, moot_error_word(c->why));
}

void conn_note_full(const struct conn *c)
{
    moot_metric_add(&congested, 1);
    log_link(c, "link_full", NULL, NULL);
}

void conn_count_received(uint64_t len)
{
    moot_metric_add(&received, (int64_t)len);
}

void conn_count_sent(size_t len)
{
    moot_metric_add(&sent, (int64_t)len);
}

void conn_count_queue(struct conn *c)
{
    size_t now = c->state == CONN_DEAD ? 0 : conn_waiting(c);

    if (now == c->counted)
        return;
    moot_metric_add(&queued, (int64_t)now - (int64_t)c->counted);
    c->counted = now;
}
