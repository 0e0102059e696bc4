/*
 * ui/completion.c - Tab: the commands.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#include <stdio.h>
#include <string.h>

#include <readline/readline.h>

#include "base/alloc.h"
#include "ui/command.h"
#include "ui/terminal_internal.h"

static char *next_command(const char *text, int state)
{
    static unsigned at;
    const char *word;

    if (state == 0)
        at = 0;
    while ((word = moot_command_spelling(at++)) != NULL) {
        if (!strncmp(text + 1, word, strlen(text + 1))) {
            size_t len = strlen(word) + 1;
            char *match = moot_alloc(len + 1);

            match[0] = '/';
            memcpy(match + 1, word, len);
            return match;
        }
    }
    return NULL;
}

/* Commands can be completed; file names are nobody's business here. */
char **moot_completion(const char *text, int start, int end)
{
    (void)end;
    rl_attempted_completion_over = 1;
    if (start != 0 || text[0] != '/')
        return NULL;
    return rl_completion_matches(text, next_command);
}
