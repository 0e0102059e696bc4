/*
 * ui/command.h - what a typed line asks for.
 *
 * A slash in the first column makes a command, two say a line that begins with
 * one.  Nothing that was not understood is ever said.
 *
 * Layer:  ui (loud).
 * Thread: any.
 */
#ifndef MOOT_UI_COMMAND_H
#define MOOT_UI_COMMAND_H

#include "base/bytes.h"
#include "base/limits.h"

/* The longest thing to type is a line behind "/me " and a few spaces. */
#define MOOT_TYPED_LEN_MAX (MOOT_LINE_LEN_MAX + 8)

/* How many of the own lines /seen shows when it is not told. */
#define MOOT_COMMAND_SEEN_COUNT 10

enum moot_command_kind {
    MOOT_COMMAND_NONE, /* an empty line: nothing to do */
    MOOT_COMMAND_SAY,  /* .text is the line */
    MOOT_COMMAND_ME,   /* .text is the action */
    MOOT_COMMAND_NICK, /* .text is the new name */
    MOOT_COMMAND_WHO,
    MOOT_COMMAND_SEEN, /* .count own lines */
    MOOT_COMMAND_DIGEST,
    MOOT_COMMAND_INVITE,
    MOOT_COMMAND_REKEY, /* .text is whom it is not for, or empty */
    MOOT_COMMAND_HELP,  /* .text is the command asked about, or empty */
    MOOT_COMMAND_QUIT,  /* .text is the reason, or empty */
    MOOT_COMMAND_WRONG  /* .error says what is wrong and how to mend it */
};

struct moot_command {
    enum moot_command_kind kind;
    struct moot_bytes text; /* borrowed from the line */
    unsigned count;
    char error[240]; /* harmless whatever was typed */
};

/* Total: any bytes without a line feed come back as one of the above. */
void moot_command_parse(struct moot_bytes line, struct moot_command *c);

/* As a line of a pasted text, where a slash is only a slash. */
void moot_command_literal(struct moot_bytes line, struct moot_command *c);

/* What /help shows: appends one line per command, or of the one asked about
 * (with or without its slash); false when there is no such command. */
bool moot_command_help(struct moot_bytes about, struct moot_buf *out);

/* The n-th spelling of a command, for completion; NULL behind the last. */
const char *moot_command_spelling(unsigned n);

#endif
