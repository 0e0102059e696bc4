/*
 * ui/command.c - one table of commands, from which all is read.
 *
 * Layer:  ui (loud).
 * Thread: any.
 */
#include "ui/command.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "node/node.h"
#include "ui/harmless.h"
#include "ui/nearest.h"

static const struct spelling {
    const char *word;
    enum moot_command_kind kind;
    const char *shape; /* NULL: another spelling of the one above */
    const char *what;
} spellings[] = {
    {"me", MOOT_COMMAND_ME, "/me TEXT", "says what you do: * alice waves"},
    {"nick", MOOT_COMMAND_NICK, "/nick NAME", "changes your name"},
    {"who", MOOT_COMMAND_WHO, "/who", "who is here, and how you reach them"},
    {"names", MOOT_COMMAND_WHO, NULL, NULL},
    {"list", MOOT_COMMAND_WHO, NULL, NULL},
    {"seen", MOOT_COMMAND_SEEN, "/seen [N]", "who has your last N lines"},
    {"digest", MOOT_COMMAND_DIGEST, "/digest", "who holds the same as you"},
    {"rekey", MOOT_COMMAND_REKEY, "/rekey [without NAME]",
     "a new secret for a closed group"},
    {"invite", MOOT_COMMAND_INVITE, "/invite", "what lets others join"},
    {"help", MOOT_COMMAND_HELP, "/help [COMMAND]", "shows this"},
    {"quit", MOOT_COMMAND_QUIT, "/quit [REASON]", "leaves; so does Ctrl-D"},
    {"exit", MOOT_COMMAND_QUIT, NULL, NULL},
};

#define SPELLING_COUNT (sizeof spellings / sizeof spellings[0])

const char *moot_command_spelling(unsigned n)
{
    return n < SPELLING_COUNT ? spellings[n].word : NULL;
}

static bool same_word(struct moot_bytes word, const char *spelling)
{
    return word.len == strlen(spelling) &&
           moot_spelling_distance(word, moot_bytes_text(spelling)) == 0;
}

static const struct spelling *find(struct moot_bytes word)
{
    for (size_t i = 0; i < SPELLING_COUNT; i++) {
        if (same_word(word, spellings[i].word))
            return &spellings[i];
    }
    return NULL;
}

static const struct spelling *find_near(struct moot_bytes word)
{
    const struct spelling *best = NULL;
    unsigned best_distance = 0;

    for (size_t i = 0; i < SPELLING_COUNT; i++) {
        struct moot_bytes other = moot_bytes_text(spellings[i].word);
        unsigned distance = moot_spelling_distance(word, other);

        if (moot_spelling_near(word, other) &&
            (!best || distance < best_distance)) {
            best = &spellings[i];
            best_distance = distance;
        }
    }
    return best;
}

static void set_wrong(struct moot_command *c, const char *what,
                      const char *mend)
{
    c->kind = MOOT_COMMAND_WRONG;
    snprintf(c->error, sizeof c->error, "%s%s", what, mend);
}

/* An unknown word, quoted so that it is short and does nothing. */
static void set_unknown(struct moot_command *c, struct moot_bytes word)
{
    const struct spelling *near = find_near(word);
    struct moot_buf shown = {0};

    if (word.len > 24)
        word.len = 24;
    moot_harmless(word, &shown);
    c->kind = MOOT_COMMAND_WRONG;
    if (word.len == 0)
        snprintf(c->error, sizeof c->error,
                 "a slash alone is no command; see /help, or type // to "
                 "say a line that begins with one");
    else if (near)
        snprintf(c->error, sizeof c->error,
                 "there is no command /%s; did you mean /%s?",
                 moot_buf_text(&shown), near->word);
    else
        snprintf(c->error, sizeof c->error,
                 "there is no command /%s; see /help, or type // to say "
                 "a line that begins with /",
                 moot_buf_text(&shown));
    moot_buf_fini(&shown);
}

static void set_say(struct moot_command *c, enum moot_command_kind kind,
                    struct moot_bytes text)
{
    const char *fault = moot_line_fault(text);

    c->kind = kind;
    c->text = text;
    if (!fault)
        return;
    c->kind = MOOT_COMMAND_WRONG;
    snprintf(c->error, sizeof c->error, "not said: the line %s%s", fault,
             text.len > MOOT_LINE_LEN_MAX ? "; shorten it" : "");
}

static struct moot_bytes trimmed(struct moot_bytes text)
{
    while (text.len > 0 && text.data[0] == ' ') {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && text.data[text.len - 1] == ' ')
        text.len--;
    return text;
}

static void set_nick(struct moot_command *c, struct moot_bytes name)
{
    const char *fault = moot_name_fault(name);

    c->kind = MOOT_COMMAND_NICK;
    c->text = name;
    if (name.len == 0) {
        set_wrong(c, "which name? ", "Type /nick NAME");
    } else if (fault) {
        c->kind = MOOT_COMMAND_WRONG;
        snprintf(c->error, sizeof c->error, "that name %s; choose another",
                 fault);
    }
}

static void set_quit(struct moot_command *c, struct moot_bytes reason)
{
    c->kind = MOOT_COMMAND_QUIT;
    c->text = reason;
    if (reason.len > MOOT_REASON_LEN_MAX)
        set_wrong(c, "not left: the reason is longer than 256 bytes", "");
    else if (reason.len > 0 && moot_line_fault(reason))
        set_wrong(c, "not left: the reason ", moot_line_fault(reason));
}

static void set_seen(struct moot_command *c, struct moot_bytes number)
{
    unsigned n = number.len == 0 ? MOOT_COMMAND_SEEN_COUNT : 0;

    for (size_t i = 0; i < number.len && n <= MOOT_SEEN_MAX; i++) {
        unsigned digit = (unsigned)number.data[i] - '0';

        n = digit <= 9 ? n * 10 + digit : MOOT_SEEN_MAX + 1;
    }
    c->kind = MOOT_COMMAND_SEEN;
    c->count = n;
    if (n == 0 || n > MOOT_SEEN_MAX)
        set_wrong(c, "how many? ", "Type /seen N, with N from 1 to 32");
}

static void set_rekey(struct moot_command *c, struct moot_bytes rest)
{
    static const char without[] = "without ";
    size_t len = sizeof without - 1;

    c->kind = MOOT_COMMAND_REKEY;
    c->text = rest;
    if (rest.len == 0)
        return;
    if (rest.len <= len || memcmp(rest.data, without, len) != 0) {
        set_wrong(
            c, "nothing was changed: ", "type /rekey, or /rekey without NAME");
        return;
    }
    c->text = trimmed(moot_bytes_of(rest.data + len, rest.len - len));
}

static void set_command(struct moot_command *c, struct moot_bytes line)
{
    struct moot_bytes word = moot_bytes_of(line.data + 1, line.len - 1);
    const uint8_t *space = memchr(word.data, ' ', word.len);

    if (space)
        word.len = (size_t)(space - word.data);

    const struct spelling *s = find(word);
    struct moot_bytes rest =
        trimmed(moot_bytes_of(word.data + word.len, line.len - 1 - word.len));

    if (!s) {
        set_unknown(c, word);
    } else if (s->kind == MOOT_COMMAND_ME && rest.len == 0) {
        set_wrong(c, "do what? ", "Type /me TEXT");
    } else if (s->kind == MOOT_COMMAND_ME) {
        set_say(c, s->kind, rest);
    } else if (s->kind == MOOT_COMMAND_NICK) {
        set_nick(c, rest);
    } else if (s->kind == MOOT_COMMAND_QUIT) {
        set_quit(c, rest);
    } else if (s->kind == MOOT_COMMAND_SEEN) {
        set_seen(c, rest);
    } else if (s->kind == MOOT_COMMAND_REKEY) {
        set_rekey(c, rest);
    } else {
        c->kind = s->kind;
        c->text = rest;
    }
}

void moot_command_parse(struct moot_bytes line, struct moot_command *c)
{
    memset(c, 0, sizeof *c);
    if (line.len == 0)
        c->kind = MOOT_COMMAND_NONE;
    else if (line.data[0] != '/' || line.len > MOOT_TYPED_LEN_MAX)
        set_say(c, MOOT_COMMAND_SAY, line);
    else if (line.len > 1 && line.data[1] == '/')
        set_say(c, MOOT_COMMAND_SAY,
                moot_bytes_of(line.data + 1, line.len - 1));
    else
        set_command(c, line);
}

void moot_command_literal(struct moot_bytes line, struct moot_command *c)
{
    memset(c, 0, sizeof *c);
    if (line.len == 0)
        c->kind = MOOT_COMMAND_NONE;
    else
        set_say(c, MOOT_COMMAND_SAY, line);
}

bool moot_command_help(struct moot_bytes about, struct moot_buf *out)
{
    const struct spelling *only = NULL;

    if (about.len > 0 && about.data[0] == '/')
        about = moot_bytes_of(about.data + 1, about.len - 1);
    if (about.len > 0) {
        only = find(about);
        if (!only)
            return false;
    }
    for (size_t i = 0; i < SPELLING_COUNT; i++) {
        const struct spelling *s = &spellings[i];

        if (s->shape && (!only || only->kind == s->kind))
            moot_buf_printf(out, "%-22s %s\n", s->shape, s->what);
    }
    if (!only)
        moot_buf_printf(out, "%-22s %s\n", "//TEXT",
                        "says a line that begins with /");
    return true;
}
