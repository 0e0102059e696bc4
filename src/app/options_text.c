/*
 * app/options_text.c - the table of options as people read it: --help, and two
 * sections of the man page.
 *
 * Layer:  app (loud).
 * Thread: any.
 */
#include <string.h>

#include "app/options_internal.h"

#define HELP_WIDTH 72

static const struct {
    enum moot_exit code;
    const char *what;
} codes[] = {
    {MOOT_EXIT_LEFT, "left as asked"},
    {MOOT_EXIT_FAILED, "something failed at run time, or a line of piped "
                       "input could not be said"},
    {MOOT_EXIT_USAGE, "wrong or contradictory options"},
    {MOOT_EXIT_BIND, "a port or address cannot be used"},
    {MOOT_EXIT_NO_ANSWER, "no bootstrap peer answered"},
    {MOOT_EXIT_UNREACHED, "somebody who must be reached could not be"},
    {MOOT_EXIT_REFUSED, "the group refused"},
    {MOOT_EXIT_INTERRUPTED, "interrupted during the join"},
};

/* Breaks at spaces, six columns in. */
static void put_wrapped(const char *text, struct moot_buf *out)
{
    size_t column = 0;

    while (*text) {
        size_t word = strcspn(text, " ");

        if (column > 0 && column + 1 + word > HELP_WIDTH) {
            moot_buf_printf(out, "\n");
            column = 0;
        }
        moot_buf_printf(out, "%s%.*s", column == 0 ? "      " : " ", (int)word,
                        text);
        column += word + 1;
        text += word;
        text += strspn(text, " ");
    }
    moot_buf_printf(out, ".\n");
}

static void put_option(const struct moot_option *option, struct moot_buf *out)
{
    moot_buf_printf(out, "  --%s%s%s\n", option->name, option->value ? " " : "",
                    option->value ? option->value : "");
    put_wrapped(option->what, out);
}

static bool is_of_history(const struct moot_option *option)
{
    return option->tasks == MOOT_FOR_HISTORY;
}

void moot_options_help(struct moot_buf *out)
{
    moot_buf_printf(
        out, "moot - a group chat with no server\n\n"
             "  moot --mode bootstrap --w_port 8081 --b_port 8080\n"
             "  moot --remote_endpoint localhost:8080\n\n"
             "The first starts a group, the second joins it.\n\n"
             "usage: moot [OPTION...]                takes part in a group\n"
             "       moot join [STRING] [OPTION...]  joins where somebody was "
             "invited\n"
             "       moot invite [OPTION...]         prints an invitation\n"
             "       moot history [OPTION...]        prints what was said in "
             "it\n"
             "       moot verify [OPTION...]         checks all that a profile "
             "keeps\n\n");
    for (unsigned i = 0; i < MOOT_OPTIONS; i++) {
        if (!is_of_history(&moot_option_table[i]))
            put_option(&moot_option_table[i], out);
    }
    moot_buf_printf(out,
                    "\nmoot history takes --username, --data_dir, --group, "
                    "--log_level and\n--log_format, and these; moot invite "
                    "the same without these, and moot verify\nwithout "
                    "--group, too:\n\n");
    for (unsigned i = 0; i < MOOT_OPTIONS; i++) {
        if (is_of_history(&moot_option_table[i]))
            put_option(&moot_option_table[i], out);
    }
    moot_buf_printf(out, "\nAn option of the chat can also stand in the "
                         "environment (MOOT_W_PORT=8081) or in\nthe file "
                         "$XDG_CONFIG_HOME/moot/config (w_port = 8081).  The "
                         "command line wins\nover the environment, and that "
                         "over the file.  In the chat, /help shows the\n"
                         "commands.\n");
}

/* A hyphen that is not to be broken or made beautiful is "\-" in roff. */
static void put_roff(const char *text, struct moot_buf *out)
{
    for (; *text; text++) {
        if (*text == '-')
            moot_buf_printf(out, "\\-");
        else
            moot_buf_append(out, text, 1);
    }
}

static void put_man(bool of_history, struct moot_buf *out)
{
    for (unsigned i = 0; i < MOOT_OPTIONS; i++) {
        const struct moot_option *option = &moot_option_table[i];

        if (is_of_history(option) != of_history)
            continue;
        moot_buf_printf(out, ".TP\n.BR \\-\\-%s", option->name);
        if (option->value)
            moot_buf_printf(out, " \" \" \\fI%s\\fR", option->value);
        moot_buf_printf(out, "\n");
        put_roff(option->what, out);
        moot_buf_printf(out, ".\n");
    }
}

void moot_options_man(struct moot_buf *out)
{
    put_man(false, out);
}

void moot_options_man_history(struct moot_buf *out)
{
    put_man(true, out);
}

void moot_options_man_codes(struct moot_buf *out)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        moot_buf_printf(out, ".TP\n.B %d\n%s.\n", (int)codes[i].code,
                        codes[i].what);
}
