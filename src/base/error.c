/*
 * base/error.c - the phrases for what can go wrong.
 *
 * Knows no errno: that is spoken where it happens.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#include "base/error.h"

#include <stddef.h>

static const char *const texts[MOOT_ERRORS] = {
    "no error",
    "not yet",
    "the protocol was broken",
    "a limit is reached",
    "that cannot be right",
    "the operating system refused",
    "there is no such thing",
    "it speaks another version of the protocol",
    "it has another key than expected",
    "timed out",
    "connection refused",
    "connection reset",
    "connection closed",
    "no way to that host",
    "the name does not resolve",
    "the TLS handshake failed",
    "it is in another group",
    "it refused us: wrong group or secret",
    "it has no room for one more",
    "it was too slow in taking what was sent",
    "it stopped answering",
    "the address is in use",
    "its answer makes no sense",
    "that is this peer itself",
    "this group is closed: an invitation is needed",
    "the secret does not fit: ask a member for a new invitation",
    "it is in an open group, and yours is closed",
    "its group directory is full",
    "it has had too many requests from here",
    "it could not be met on a link where it says it is",
    "its answer is to another question",
    "its answer is not signed by who it says it is",
    "it points elsewhere",
    "it answers with an HTTP error",
    "the group has a new secret, which is not for it",
    "its certificate is not trusted: it has to be valid, for that name, and of "
    "an authority this system knows (ca-certificates has the usual ones, "
    "update-ca-certificates adds one)"};

const char *moot_error_text(int error)
{
    if (error > 0 || error <= -MOOT_ERRORS)
        return "unknown error";
    return texts[-error];
}

const char *moot_error_word(int error)
{
    static const char *const words[MOOT_ERRORS] = {
        "ok",         "again",  "protocol",  "limit",     "invalid",
        "system",     "none",   "version",   "key",       "timeout",
        "refused",    "reset",  "closed",    "unreached", "name",
        "tls",        "group",  "proof",     "full",      "slow",
        "silent",     "busy",   "answer",    "self",      "invite",
        "secret",     "open",   "directory", "many",      "unmet",
        "stale",      "signed", "redirect",  "status",    "outside",
        "certificate"};

    if (error > 0 || error <= -MOOT_ERRORS)
        return "unknown";
    return words[-error];
}
