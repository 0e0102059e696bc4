/*
 * ui/tty.c - the settings of the terminal, and putting them back.
 *
 * A program that dies with the terminal in raw mode leaves its user with a
 * shell that shows nothing, so the old settings are kept where a signal handler
 * can reach them.
 *
 * Layer:  ui (loud).
 * Thread: the loop's; the handler runs on whichever thread failed.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <readline/readline.h>

#include "ui/keys.h"
#include "ui/terminal_internal.h"

static const int fatal[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV};

#define FATAL_COUNT (sizeof fatal / sizeof fatal[0])

static struct termios before;
static struct sigaction actions_before[FATAL_COUNT];
static volatile sig_atomic_t armed;

/* Only calls that are safe inside a signal handler. */
static void rescue(void)
{
    if (!armed)
        return;
    armed = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    if (write(STDOUT_FILENO, MOOT_PASTE_OFF "\r\n", sizeof MOOT_PASTE_OFF + 1) <
        0)
        return;
}

/* Then the signal does what it would have done without us. */
static void on_fatal(int number)
{
    rescue();
    for (size_t i = 0; i < FATAL_COUNT; i++) {
        if (fatal[i] == number)
            sigaction(number, &actions_before[i], NULL);
    }
    raise(number);
}

static void watch_fatal(void)
{
    static bool watched;
    struct sigaction action;

    if (watched)
        return;
    watched = true;
    atexit(rescue);
    memset(&action, 0, sizeof action);
    action.sa_handler = on_fatal;
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaction(fatal[i], &action, &actions_before[i]);
}

static bool is_dumb(void)
{
    const char *term = getenv("TERM");

    return !term || !*term || !strcmp(term, "dumb");
}

void moot_tty_prepare(struct moot_tty *t, int meta)
{
    struct termios now;

    if (t->prepared)
        return;
    t->prepared = true;
    if (tcgetattr(STDIN_FILENO, &before) == 0) {
        watch_fatal();
        armed = 1;
    }
    rl_prep_terminal(meta);
    if (tcgetattr(STDIN_FILENO, &now) == 0) {
        now.c_cc[VINTR] = _POSIX_VDISABLE;
        tcsetattr(STDIN_FILENO, TCSANOW, &now);
    }
    if (!is_dumb())
        fputs(MOOT_PASTE_ON, rl_outstream);
    fflush(rl_outstream);
}

void moot_tty_restore(struct moot_tty *t)
{
    if (!t->prepared)
        return;
    t->prepared = false;
    if (!is_dumb())
        fputs(MOOT_PASTE_OFF, rl_outstream);
    fflush(rl_outstream);
    rl_deprep_terminal();
    armed = 0;
}
