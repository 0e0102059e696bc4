/*
 * app/option_table.c - every option: its name, its words, what it accepts.
 *
 * Layer:  app (loud).
 * Thread: the loop's, before the loop runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/local_time.h"
#include "app/options_internal.h"
#include "base/utf8.h"

/* Digits only: strtoul would take signs and blanks. */
static bool parse_number(const char *text, unsigned long max,
                         unsigned long *ret_number)
{
    unsigned long number = 0;

    if (*text == '\0' || strlen(text) > 9)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10 + (unsigned long)(*text - '0');
    }
    if (number > max)
        return false;
    *ret_number = number;
    return true;
}

static const char *set_name(char name[MOOT_NAME_LEN_MAX + 1], const char *value)
{
    const char *fault = moot_name_fault(moot_bytes_text(value));

    if (!fault)
        memcpy(name, value, strlen(value) + 1);
    return fault;
}

static const char *set_username(struct moot_options *o, const char *value)
{
    return set_name(o->username, value);
}

static const char *set_group(struct moot_options *o, const char *value)
{
    o->group_asked = true;
    return set_name(o->group, value);
}

static const char *set_path(char path[MOOT_DATA_DIR_LEN_MAX + 1],
                            const char *value)
{
    size_t len = strlen(value);

    if (len > MOOT_DATA_DIR_LEN_MAX)
        return "is too long: 1024 bytes are the most";
    if (*value == '~')
        return "begins with ~, which only a shell understands: write the "
               "whole path";
    memcpy(path, value, len + 1);
    return NULL;
}

static const char *set_data_dir(struct moot_options *o, const char *value)
{
    return *value == '\0' ? "is no directory: give its path"
                          : set_path(o->data_dir, value);
}

static const char *set_cache_file(struct moot_options *o, const char *value)
{
    return *value == '\0' ? "is no file: give its path, or none"
                          : set_path(o->cache_file, value);
}

static const char *set_bool(bool *flag, const char *value)
{
    if (!strcmp(value, "yes") || !strcmp(value, "1"))
        *flag = true;
    else if (!strcmp(value, "no") || !strcmp(value, "0"))
        *flag = false;
    else
        return "is neither yes nor no";
    return NULL;
}

static const char *set_temp(struct moot_options *o, const char *value)
{
    return set_bool(&o->temp, value);
}

static const char *set_history(struct moot_options *o, const char *value)
{
    unsigned long number = 0;

    o->history_bounded = strcmp(value, "all") != 0;
    if (o->history_bounded && strcmp(value, "none") != 0 &&
        !parse_number(value, 999999999, &number))
        return "is none of all, none and a number of entries";
    o->history_max = number;
    return NULL;
}

static const char *set_history_limit(struct moot_options *o, const char *value)
{
    static const char units[] = "KMG";
    char digits[16];
    size_t len = strspn(value, "0123456789");
    const char *unit = value[len] ? strchr(units, value[len] & ~0x20) : NULL;
    unsigned long number;

    snprintf(digits, sizeof digits, "%.*s", (int)len, value);
    if (!parse_number(digits, 999999999, &number) ||
        (value[len] && (!unit || value[len + 1])))
        return "is no size: give bytes, or a number and K, M or G, such as 2G";
    o->history_limit = number;
    if (unit)
        o->history_limit <<= 10 * (unit - units + 1);
    if (o->history_limit < MOOT_HISTORY_LIMIT_MIN)
        return "is too little: 16M is the least";
    return NULL;
}

static const char *set_mode(struct moot_options *o, const char *value)
{
    if (!strcmp(value, "standard"))
        o->mode = MOOT_STANDARD;
    else if (!strcmp(value, "bootstrap"))
        o->mode = MOOT_BOOTSTRAP;
    else
        return "is neither standard nor bootstrap";
    return NULL;
}

static const char *set_private(struct moot_options *o, const char *value)
{
    return set_bool(&o->closed, value);
}

static const char *set_port(uint16_t *port, const char *value)
{
    unsigned long number;

    if (!parse_number(value, UINT16_MAX, &number))
        return "is no port: give a number from 0 (any free one) to 65535";
    *port = (uint16_t)number;
    return NULL;
}

static const char *set_w_port(struct moot_options *o, const char *value)
{
    return set_port(&o->w_port, value);
}

static const char *set_b_port(struct moot_options *o, const char *value)
{
    return set_port(&o->b_port, value);
}

/* A host that moot_addr_parse() accepts, alone or with a port. */
static bool parse_host(const char *value, struct moot_addr *ret_addr)
{
    struct moot_buf b = {0};
    bool v6 = strchr(value, ':') && value[0] != '[';
    int rc;

    moot_buf_printf(&b, v6 ? "[%s]:1" : "%s:1", value);
    rc = moot_addr_parse(moot_buf_view(&b), ret_addr);
    moot_buf_fini(&b);
    ret_addr->port = 0;
    return rc == MOOT_OK;
}

/* A name alone is looked up; one without a dot is a host whose port was
 * forgotten. */
static bool parse_endpoint(const char *value, struct moot_addr *ret_addr)
{
    if (moot_addr_parse(moot_bytes_text(value), ret_addr) == MOOT_OK)
        return true;
    return strchr(value, '.') && !strchr(value, ':') &&
           parse_host(value, ret_addr) && !moot_addr_literal(ret_addr);
}

static const char *set_remote_endpoint(struct moot_options *o,
                                       const char *value)
{
    struct moot_addr addr;

    if (moot_invite_looks_like_one(moot_bytes_text(value)))
        return moot_options_invite(o, value);
    if (!parse_endpoint(value, &addr))
        return "is no endpoint: give HOST:PORT, such as localhost:8080 or "
               "[::1]:8080";
    for (unsigned i = 0; i < o->endpoint_count; i++) {
        if (moot_addr_eq(&o->endpoints[i], &addr))
            return NULL;
    }
    if (o->endpoint_count == MOOT_ENDPOINTS_MAX)
        return "is one too many: 16 endpoints are the most";
    o->endpoints[o->endpoint_count++] = addr;
    return NULL;
}

static const char *set_join(struct moot_options *o, const char *value)
{
    if (!strcmp(value, "strict"))
        o->strict = true;
    else if (!strcmp(value, "partial"))
        o->strict = false;
    else
        return "is neither strict nor partial";
    return NULL;
}

static const char *set_timeout(struct moot_options *o, const char *value)
{
    unsigned long seconds;

    if (!parse_number(value, MOOT_SECONDS_MAX, &seconds) || seconds == 0)
        return "is no time: give whole seconds, from 1 to 604800 (a week)";
    o->timeout = (moot_ms)seconds * 1000;
    return NULL;
}

static const char *set_peers_url(struct moot_options *o, const char *value)
{
    size_t len = strlen(value), scheme = 0;

    if (!strncmp(value, "http://", 7))
        scheme = 7;
    else if (!strncmp(value, "https://", 8))
        scheme = 8;
    if (scheme == 0 || len == scheme || len > MOOT_SOURCE_LEN_MAX)
        return "is no page: give http://... or https://..., up to 512 bytes";
    for (const char *c = value; *c; c++)
        if (*c <= ' ' || *c >= 0x7f)
            return "is no page: only printable ASCII stands in a URL";
    for (unsigned i = 0; i < o->url_count; i++)
        if (!strcmp(o->urls[i], value))
            return NULL;
    if (o->url_count == MOOT_URLS_MAX)
        return "is one too many: 4 pages are the most";
    memcpy(o->urls[o->url_count++], value, len + 1);
    return NULL;
}

static const char *set_breaker_failures(struct moot_options *o,
                                        const char *value)
{
    unsigned long number;

    if (!parse_number(value, 100, &number) || number == 0)
        return "is no number of failures, from 1 to 100";
    o->breaker.failures_max = (unsigned)number;
    return NULL;
}

static const char *set_pause(moot_ms *pause, const char *value)
{
    unsigned long seconds;

    if (!parse_number(value, 86400, &seconds) || seconds == 0)
        return "is no time: give whole seconds, from 1 to 86400 (a day)";
    *pause = (moot_ms)seconds * 1000;
    return NULL;
}

static const char *set_breaker_reset(struct moot_options *o, const char *value)
{
    return set_pause(&o->breaker.reset, value);
}

static const char *set_breaker_min(struct moot_options *o, const char *value)
{
    return set_pause(&o->breaker.pause_min, value);
}

static const char *set_breaker_max(struct moot_options *o, const char *value)
{
    return set_pause(&o->breaker.pause_max, value);
}

static const char *set_host_groups(struct moot_options *o, const char *value)
{
    unsigned long number;

    if (!parse_number(value, MOOT_HOSTED_GROUPS_MAX, &number))
        return "is no number of groups, from 0 (none) to 1024";
    o->host_groups = (unsigned)number;
    return NULL;
}

static const char *set_group_timeout(struct moot_options *o, const char *value)
{
    unsigned long seconds;

    if (!parse_number(value, 3600, &seconds) || seconds < 10)
        return "is no time: give whole seconds, from 10 to 3600 (an hour)";
    o->group_timeout = (moot_ms)seconds * 1000;
    return NULL;
}

static const char *set_max_members(struct moot_options *o, const char *value)
{
    unsigned long number;

    if (!parse_number(value, MOOT_MEMBERS_MAX, &number) || number < 2)
        return "is no number of members, from 2 to 1024";
    o->members_max = (unsigned)number;
    return NULL;
}

static const char *set_afk_timeout(struct moot_options *o, const char *value)
{
    unsigned long seconds;

    if (!parse_number(value, MOOT_SECONDS_MAX, &seconds))
        return "is no time: give whole seconds, from 0 (never) to 604800 (a "
               "week)";
    o->afk_timeout = (moot_ms)seconds * 1000;
    return NULL;
}

static const char *set_bind(struct moot_options *o, const char *value)
{
    struct moot_addr addr;

    if (!parse_host(value, &addr))
        return "is no address: give that of one interface, such as 127.0.0.1";
    memcpy(o->bind, addr.host, sizeof o->bind);
    return NULL;
}

static const char *set_advertise(struct moot_options *o, const char *value)
{
    struct moot_addr addr;

    if (moot_addr_parse(moot_bytes_text(value), &addr) != MOOT_OK &&
        !parse_host(value, &addr))
        return "is no address: give HOST or HOST:PORT, as others can reach you";
    if (moot_addr_wildcard(&addr))
        return "is no address that others can reach";
    if (o->advertised_count == MOOT_RECORD_ADDRS_MAX)
        return "is one too many: 4 addresses are the most";
    o->advertised[o->advertised_count++] = addr;
    return NULL;
}

static const char *set_lan(struct moot_options *o, const char *value)
{
    if (!strcmp(value, "on"))
        o->lan = MOOT_LAN_ALL;
    else if (!strcmp(value, "off"))
        o->lan = MOOT_LAN_OFF;
    else
        return "is neither on nor off";
    return NULL;
}

static const char *set_b_connections(struct moot_options *o, const char *value)
{
    unsigned long number;

    if (!parse_number(value, MOOT_GUESTS_MAX, &number) ||
        number < MOOT_GUESTS_MIN)
        return "is no number of connections, from 16 to 10000";
    o->b_connections = (unsigned)number;
    return NULL;
}

static const char *set_b_auth(struct moot_options *o, const char *value)
{
    return *value == '\0' ? "is no file: give its path"
                          : set_path(o->b_auth, value);
}

static const char *set_log_format(struct moot_options *o, const char *value)
{
    if (!moot_log_format_parse(value, &o->log_json))
        return "is neither logfmt nor json";
    return NULL;
}

static const char *set_dns_server(struct moot_options *o, const char *value)
{
    struct moot_addr addr;

    if ((moot_addr_parse(moot_bytes_text(value), &addr) != MOOT_OK &&
         !parse_host(value, &addr)) ||
        !moot_addr_literal(&addr) || moot_addr_wildcard(&addr))
        return "is no server: give ADDRESS or ADDRESS:PORT, such as "
               "192.0.2.53 or [::1]:5353";
    o->dns_server = addr;
    if (addr.port == 0)
        o->dns_server.port = 53;
    return NULL;
}

static const char *set_log_level(struct moot_options *o, const char *value)
{
    if (!moot_log_level_parse(value, &o->log_level))
        return "is none of error, warn, info, debug, trace";
    return NULL;
}

/* --- of moot history --- */

static const char *set_last(struct moot_options *o, const char *value)
{
    unsigned long number;

    if (!parse_number(value, 999999999, &number) || number == 0)
        return "is no number of lines, from 1 on";
    o->query.last = number;
    return NULL;
}

static const char time_shape[] =
    "is no time: give YYYY-MM-DD, or \"YYYY-MM-DD HH:MM\", perhaps with :SS";

static const char *set_since(struct moot_options *o, const char *value)
{
    moot_wall_ms end;

    return moot_time_parse(value, &o->query.since, &end) ? NULL : time_shape;
}

static const char *set_until(struct moot_options *o, const char *value)
{
    moot_wall_ms begin;

    return moot_time_parse(value, &begin, &o->query.until) ? NULL : time_shape;
}

static const char *set_author(struct moot_options *o, const char *value)
{
    return set_name(o->query.author, value);
}

static const char *set_json(struct moot_options *o, const char *value)
{
    return set_bool(&o->query.json, value);
}

const struct moot_option moot_option_table[MOOT_OPTIONS] = {
    [MOOT_OPTION_USERNAME] =
        {"username", "NAME",
         "Your name: 1 to 64 bytes of UTF-8.  Asked for when it is not given.  "
         "Each name has a profile of its own: a key, and what was said",
         false, set_username, MOOT_FOR_ALL},
    [MOOT_OPTION_GROUP] =
        {"group", "NAME",
         "The name of the group to found or to join.  Without it: whichever "
         "the bootstrap peer is in; with nobody to ask, the one this profile "
         "was in last, else lobby",
         false, set_group, MOOT_FOR_CHAT | MOOT_FOR_HISTORY | MOOT_FOR_INVITE},
    [MOOT_OPTION_PRIVATE] =
        {"private", NULL,
         "Found a closed group: it has a secret, and only who has that comes "
         "in, by an invitation.  A closed group that the profile knows is "
         "gone on with",
         false, set_private, MOOT_FOR_CHAT},
    [MOOT_OPTION_DATA_DIR] =
        {"data_dir", "DIR",
         "The directory of the profile, whatever your name is.  Default: one "
         "for each name, $XDG_DATA_HOME/moot/NAME",
         false, set_data_dir, MOOT_FOR_ALL},
    [MOOT_OPTION_TEMP] =
        {"temp", NULL,
         "Use a profile that is made for this run and removed at its end: a "
         "new key, and nothing kept",
         false, set_temp, MOOT_FOR_CHAT},
    [MOOT_OPTION_CACHE_FILE] =
        {"cache_file", "FILE|none",
         "Where peers that were met are remembered, so that the group is found "
         "again without a bootstrap peer; all processes that name one file "
         "share it.  Default: $XDG_CACHE_HOME/moot/peers.json, and none with "
         "--temp",
         false, set_cache_file, MOOT_FOR_CHAT},
    [MOOT_OPTION_HISTORY] =
        {"history", "N|none|all",
         "How much of what was said before a newcomer fetches: the last N "
         "entries of each run of each author, none, or all of it.  Default: "
         "all",
         false, set_history, MOOT_FOR_CHAT},
    [MOOT_OPTION_HISTORY_LIMIT] =
        {"history_limit", "SIZE",
         "How large the database may grow: bytes, or with K, M or G behind "
         "it, 16M or more.  Near the limit the oldest lines of others go.  "
         "Default: 1G",
         false, set_history_limit, MOOT_FOR_CHAT},
    [MOOT_OPTION_MODE] =
        {"mode", "standard|bootstrap",
         "A bootstrap peer also tells others who is in the group.  Default: "
         "standard",
         false, set_mode, MOOT_FOR_CHAT},
    [MOOT_OPTION_W_PORT] =
        {"w_port", "PORT",
         "The port of the welcoming socket, where links come in.  Default: 0, "
         "any free one; the program says which it got",
         false, set_w_port, MOOT_FOR_CHAT},
    [MOOT_OPTION_B_PORT] =
        {"b_port", "PORT",
         "The port of the bootstrap socket; only with --mode bootstrap.  "
         "Default: 0, any free one",
         false, set_b_port, MOOT_FOR_CHAT},
    [MOOT_OPTION_REMOTE_ENDPOINT] =
        {"remote_endpoint", "HOST[:PORT]",
         "The bootstrap socket of somebody in the group, or an invitation; "
         "without a port, a name under which the DNS has SRV or TXT records of "
         "some.  May be given up to 16 times; the first good answer is enough",
         true, set_remote_endpoint, MOOT_FOR_CHAT},
    [MOOT_OPTION_INVITE] =
        {"invite", "STRING|-",
         "Join where this invitation leads, a string that moot invite prints; "
         "moot join STRING is the same.  With - it is the first line of "
         "standard input, or asked for on a terminal.  One that holds a secret "
         "is refused on the command line and in the configuration file",
         false, moot_options_invite, MOOT_FOR_CHAT},
    [MOOT_OPTION_JOIN] =
        {"join", "strict|partial",
         "With strict nothing can be said before everybody who must be "
         "reached is linked, and the program gives up at --timeout.  With "
         "partial it goes in and keeps trying.  Default: strict",
         false, set_join, MOOT_FOR_CHAT},
    [MOOT_OPTION_PEERS_URL] =
        {"peers_url", "URL",
         "A page that lists peers: JSON as in the cache, or one address of a "
         "bootstrap socket a line.  http or https; redirects are not followed. "
         " May be given up to 4 times.  It only finds addresses: when nobody "
         "is there the group is founded, or gone on with, alone",
         true, set_peers_url, MOOT_FOR_CHAT},
    [MOOT_OPTION_BREAKER_FAILURES] =
        {"breaker_failures", "N",
         "A source that failed so often in a row is left alone for a while.  "
         "Default: 5",
         false, set_breaker_failures, MOOT_FOR_CHAT},
    [MOOT_OPTION_BREAKER_RESET] =
        {"breaker_reset", "SECONDS",
         "When its last failure is so long ago it is as good as new.  Default: "
         "300",
         false, set_breaker_reset, MOOT_FOR_CHAT},
    [MOOT_OPTION_BREAKER_BACKOFF_MIN] =
        {"breaker_backoff_min", "SECONDS",
         "How long it is left alone at first; then it is tried once, and after "
         "a failure left alone twice as long.  Default: 1",
         false, set_breaker_min, MOOT_FOR_CHAT},
    [MOOT_OPTION_BREAKER_BACKOFF_MAX] =
        {"breaker_backoff_max", "SECONDS",
         "The longest it is left alone; an endpoint you named, 2 seconds while "
         "you join.  Default: 60",
         false, set_breaker_max, MOOT_FOR_CHAT},
    [MOOT_OPTION_HOST_GROUPS] =
        {"host_groups", "N",
         "For --mode bootstrap: be the meeting place of up to N groups that "
         "this peer is no member of, at most 1024.  Default: 0",
         false, set_host_groups, MOOT_FOR_CHAT},
    [MOOT_OPTION_GROUP_TIMEOUT] =
        {"group_timeout", "SECONDS",
         "Forget a group of --host_groups that was not heard of for so long.  "
         "Default: 15",
         false, set_group_timeout, MOOT_FOR_CHAT},
    [MOOT_OPTION_MAX_MEMBERS] =
        {"max_members", "N",
         "Let no more than N members into a group of --host_groups, nor link "
         "to more in our own, at most 1024.  Default: 1024",
         false, set_max_members, MOOT_FOR_CHAT},
    [MOOT_OPTION_TIMEOUT] = {"timeout", "SECONDS",
                             "How long a join may take.  Default: 10", false,
                             set_timeout, MOOT_FOR_CHAT},
    [MOOT_OPTION_BIND] =
        {"bind", "ADDRESS",
         "Listen on this address only.  Default: all of them, IPv4 and IPv6",
         false, set_bind, MOOT_FOR_CHAT},
    [MOOT_OPTION_ADVERTISE] =
        {"advertise", "HOST[:PORT]",
         "Where others can reach this peer, if it cannot know that by itself "
         "(behind a router).  May be given up to 4 times",
         true, set_advertise, MOOT_FOR_CHAT},
    [MOOT_OPTION_LAN] =
        {"lan", "on|off",
         "Whether to be found by others of the group on the local network, and "
         "to find them, with no address given.  Default: on where the network "
         "has private-range addresses, off with --bind and a loopback or "
         "public one",
         false, set_lan, MOOT_FOR_CHAT},
    [MOOT_OPTION_DNS_SERVER] =
        {"dns_server", "ADDRESS[:PORT]",
         "The DNS server to ask about names given without a port.  Default: "
         "those of the system",
         false, set_dns_server, MOOT_FOR_CHAT},
    [MOOT_OPTION_AFK_TIMEOUT] =
        {"afk_timeout", "SECONDS",
         "Leave when nothing was typed for so long; a warning comes before.  "
         "Default: 0, never",
         false, set_afk_timeout, MOOT_FOR_CHAT},
    [MOOT_OPTION_B_AUTH] =
        {"b_auth", "FILE",
         "On the bootstrap socket, /peers and /metrics are for those who send "
         "the token in this file (Authorization: Bearer).  In a closed group "
         "they are shut without it.  Nobody else may read the file",
         false, set_b_auth, MOOT_FOR_CHAT},
    [MOOT_OPTION_B_CONNECTIONS] =
        {"b_connections", "N",
         "So many may stand at the bootstrap socket at a time, 4 KiB each; "
         "then the oldest without progress gives way.  Default: 256",
         false, set_b_connections, MOOT_FOR_CHAT},
    [MOOT_OPTION_LOG_LEVEL] =
        {"log_level", "LEVEL",
         "What is logged to standard error: error, warn, info, debug or "
         "trace.  Default: warn",
         false, set_log_level, MOOT_FOR_ALL},
    [MOOT_OPTION_LOG_FORMAT] =
        {"log_format", "logfmt|json",
         "How a line of log is written.  Default: logfmt", false,
         set_log_format, MOOT_FOR_ALL},
    [MOOT_OPTION_HELP] = {"help", NULL, "Show this", false, NULL, MOOT_FOR_ALL},
    [MOOT_OPTION_VERSION] = {"version", NULL, "Show the version", false, NULL,
                             MOOT_FOR_ALL},
    [MOOT_OPTION_LAST] = {"last", "N", "Only the last N lines", false, set_last,
                          MOOT_FOR_HISTORY},
    [MOOT_OPTION_SINCE] =
        {"since", "TIME",
         "Only what was said from then on.  TIME is local: YYYY-MM-DD, or "
         "\"YYYY-MM-DD HH:MM\", perhaps with :SS",
         false, set_since, MOOT_FOR_HISTORY},
    [MOOT_OPTION_UNTIL] =
        {"until", "TIME",
         "Only what was said up to then: the day, minute or second named is "
         "part of it",
         false, set_until, MOOT_FOR_HISTORY},
    [MOOT_OPTION_AUTHOR] =
        {"author", "NAME|KEY",
         "Only what was said under this name, or by the one whose key begins "
         "with these digits (4 or more)",
         false, set_author, MOOT_FOR_HISTORY},
    [MOOT_OPTION_JSON] =
        {"json", NULL,
         "One JSON object a line: group, hash, author, run, seq, lamport, "
         "wall, name, line, kind and text; line counts within one pasted text",
         false, set_json, MOOT_FOR_HISTORY},
};

const char *moot_task_word(enum moot_task task)
{
    static const char *const words[MOOT_TASKS] = {
        [MOOT_TASK_HISTORY] = "history",
        [MOOT_TASK_VERIFY] = "verify",
        [MOOT_TASK_INVITE] = "invite"};

    return words[task];
}
