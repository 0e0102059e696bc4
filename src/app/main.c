/*
 * app/main.c - moot: a group chat with no server.
 *
 * Reads the options; asks for a name, opens the profile and the sockets and
 * hands all of it to the engine, or only looks into the profile.
 *
 * Layer:  app (loud).
 * Thread: the loop's.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/engine.h"
#include "app/look.h"
#include "app/options.h"
#include "app/start.h"
#include "base/assert.h"
#include "ui/ask.h"
#include "ui/terminal.h"

static int chat(struct moot_options *o)
{
    struct moot_start start;
    struct moot_buf text = {0};
    struct ev_loop *loop;
    int code;

    if (o->invite_asked) {
        if (moot_ask_invite(STDIN_FILENO, STDOUT_FILENO, &o->invite) != MOOT_OK)
            return MOOT_EXIT_USAGE;
        o->invited = true;
    }
    /* The name says which profile it is. */
    if (*o->username == '\0' &&
        moot_ask_name(STDIN_FILENO, STDOUT_FILENO, o->username) != MOOT_OK)
        return MOOT_EXIT_USAGE;
    code = moot_start_init(&start, o);
    if (code != MOOT_EXIT_LEFT)
        return code;
    moot_start_describe(&start, o, &text);
    fputs(moot_buf_text(&text), stderr);
    moot_buf_fini(&text);

    loop = ev_default_loop(EVFLAG_AUTO);
    if (loop) {
        code = moot_engine_run(loop, o, &start, moot_terminal_present());
        ev_loop_destroy(loop);
    } else {
        fprintf(stderr, "moot: the event loop cannot be made\n");
        code = MOOT_EXIT_FAILED;
    }
    moot_start_fini(&start);
    return code;
}

static int run(struct moot_options *o)
{
    switch (o->task) {
    case MOOT_TASK_CHAT:
        return chat(o);
    case MOOT_TASK_HISTORY:
        return moot_look_history(o);
    case MOOT_TASK_VERIFY:
        return moot_look_verify(o);
    case MOOT_TASK_INVITE:
        return moot_look_invite(o);
    case MOOT_TASKS:
        break;
    }
    moot_assert(!"every task is done");
    return MOOT_EXIT_FAILED;
}

/* A socket must not become what is taken for the input or the output. */
static void keep_standard_fds(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

/* The XDG specification wants it ignored, and who set it should know. */
static void say_ignored(void)
{
    static const char *const names[] = {"XDG_CONFIG_HOME", "XDG_DATA_HOME",
                                        "XDG_CACHE_HOME"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && *value != '\0' && *value != '/')
            fprintf(stderr,
                    "moot: %s \"%s\" is ignored: it has to begin with /\n",
                    names[i], value);
    }
}

/* What --help and --version say; a reader who is gone is no failure. */
static int tell(const char *text)
{
    if ((fputs(text, stdout) >= 0 && fflush(stdout) == 0) || errno == EPIPE)
        return MOOT_EXIT_LEFT;
    fprintf(stderr, "moot: standard output: %s\n", strerror(errno));
    return MOOT_EXIT_FAILED;
}

int main(int argc, char *argv[])
{
    struct moot_options o;
    struct moot_buf text = {0};
    int rc;

    keep_standard_fds();
    rc = moot_options_read(argc, argv, &o, &text);
    if (rc != MOOT_OK) {
        int code = MOOT_EXIT_USAGE;

        if (rc == MOOT_ENONE)
            code = tell(moot_buf_text(&text));
        else
            fputs(moot_buf_text(&text), stderr);
        moot_buf_fini(&text);
        return code;
    }
    say_ignored();
    if (sodium_init() < 0) {
        fprintf(stderr, "moot: libsodium cannot be used\n");
        return MOOT_EXIT_FAILED;
    }
    signal(SIGPIPE, SIG_IGN);
    /* The workers allocate little; a heap of its own for each of them costs
     * more than many links. */
    mallopt(M_ARENA_MAX, 2);
    moot_log_set_level(o.log_level);
    moot_log_set_json(o.log_json);
    return run(&o);
}
