/*
 * ui/terminal.c - GNU readline in callback mode, on the loop.
 *
 * Nothing here may wait for the terminal.  Keys are read by us and handed to
 * readline through its getc hook; what readline draws goes through a stream
 * into an outlet.  Lines of others are collected and drawn once per turn: the
 * edited line is taken off the screen, they are written, it is drawn again.
 *
 * readline's functions carry no context, hence the one static pointer.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#include "ui/terminal.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "ui/keys.h"
#include "ui/outlet.h"
#include "ui/terminal_internal.h"

#define HISTORY_MAX 500

struct terminal {
    struct moot_face face; /* first: a face is cast back */
    struct ev_loop *loop;
    const struct moot_face_owner *owner;
    struct moot_outlet_owner outlet_owner;
    struct moot_outlet *outlet;
    struct moot_tty tty;
    FILE *drawn; /* what readline writes */
    bool mute;   /* ... is thrown away */
    struct moot_keys keys;
    struct moot_buf feed;  /* keys on their way to readline */
    struct moot_buf above; /* lines to be shown above the edited one */
    unsigned long lost;
    char closed[48]; /* why nothing can be said; "": it can */
    bool prompt_changed, told_end;
    struct moot_log_pipe log;
    ev_io readable;
    ev_timer late;     /* an escape that stands alone is a key after all */
    ev_prepare redraw; /* once per turn, before the loop sleeps */
    ev_signal resized, suspended, continued;
};

static struct terminal *the;

static struct terminal *terminal_of(struct moot_face *f)
{
    return (struct terminal *)f;
}

bool moot_terminal_present(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* --- what readline calls --- */

static ssize_t take_drawn(void *cookie, const char *data, size_t len)
{
    struct terminal *t = cookie;

    if (!t->mute)
        moot_outlet_put(t->outlet, moot_bytes_of(data, len));
    return (ssize_t)len;
}

static bool key_within(int ms)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

    return poll(&p, 1, ms) > 0;
}

/*
 * One key.  readline is called only when there is one; the few functions that
 * read on by themselves get a short while and then a Ctrl-G, which ends them.
 */
static int get_key(FILE *stream)
{
    unsigned char key;

    (void)stream;
    if (the->feed.len > 0) {
        key = *moot_buf_view(&the->feed).data;
        moot_buf_consume(&the->feed, 1);
        return key;
    }
    if (key_within(500) && read(STDIN_FILENO, &key, 1) == 1)
        return key;
    return CTRL('g');
}

/* Asked whether more of an escape sequence is there. */
static int has_key(void)
{
    return the->feed.len > 0 || key_within(MOOT_KEYS_WAIT_MS);
}

static void tell_end(enum moot_face_end why)
{
    if (the->told_end)
        return;
    the->told_end = true;
    ev_io_stop(the->loop, &the->readable);
    the->owner->ended(the->owner->ctx, why);
}

/*
 * Enter.  A line that is not wanted stays where it is.  One that was taken is
 * taken off the screen first; then readline ends it in its own way, unheard.
 */
static int on_enter(int count, int key)
{
    struct moot_bytes text = moot_bytes_of(rl_line_buffer, (size_t)rl_end);

    (void)count;
    if (!the->owner->typed(the->owner->ctx, text, false))
        return 0;
    rl_clear_visible_line();
    fflush(the->drawn);
    the->mute = true;
    rl_newline(1, key);
    fflush(the->drawn);
    the->mute = false;
    return 0;
}

/* Clears the line; on an empty one it is the interrupt it always was. */
static int on_interrupt(int count, int key)
{
    (void)count;
    if (rl_end == 0) {
        tell_end(MOOT_FACE_INTERRUPTED);
        return 0;
    }
    /* A line higher than the screen would leave it without a prompt. */
    rl_clear_visible_line();
    rl_kill_full_line(1, key);
    rl_on_new_line();
    return 0;
}

static int on_end_of_file(int count, int key)
{
    if (rl_end > 0)
        return rl_delete(count, key);
    tell_end(MOOT_FACE_LEFT);
    return 0;
}

static void remember(const char *line)
{
    HIST_ENTRY *last = history_get(history_base + history_length - 1);

    if (*line && !strchr(line, '\n') && !(last && !strcmp(last->line, line)))
        add_history(line);
}

/* A line is done, or (NULL) readline saw Ctrl-D on an empty one. */
static void on_line(char *line)
{
    if (line)
        remember(line);
    else
        tell_end(MOOT_FACE_LEFT);
    free(line);
}

static void on_prepare(int meta)
{
    moot_tty_prepare(&the->tty, meta);
}

/* Between two lines readline would restore the terminal each time. */
static void on_restore(void)
{
}

/* --- keys --- */

static void insert_pasted(struct terminal *t, struct moot_bytes text)
{
    char *copy = moot_copy(text.data, text.len);

    /* A paste ends whatever search or argument was being typed. */
    if (RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_CHARSEARCH |
                   RL_STATE_MULTIKEY | RL_STATE_NUMERICARG)) {
        moot_buf_append(&t->feed, "\a", 1);
        rl_callback_read_char();
    }
    while (text.len > 0 && copy[text.len - 1] == '\n')
        copy[--text.len] = '\0';
    rl_insert_text(copy);
    free(copy);
    moot_size_fit(t->drawn);
    rl_redisplay();
    fflush(t->drawn);
}

static void refuse_pasted(struct terminal *t)
{
    static const char why[] =
        "=!= not taken: the pasted text is longer than 64 KiB\n";

    t->face.ops->print(&t->face, MOOT_CHANNEL_NOTE, moot_bytes_text(why));
}

static void take_keys(struct terminal *t, bool late)
{
    ev_timer_stop(t->loop, &t->late);
    while (!t->told_end) {
        struct moot_bytes part;

        switch (moot_keys_next(&t->keys, late, &part)) {
        case MOOT_KEYS_NONE:
            return;
        case MOOT_KEYS_WAITING:
            ev_timer_set(&t->late, MOOT_KEYS_WAIT_MS / 1000., 0.);
            ev_timer_start(t->loop, &t->late);
            return;
        case MOOT_KEYS_TYPED:
            moot_buf_append(&t->feed, part.data, part.len);
            while (t->feed.len > 0 && !t->told_end)
                rl_callback_read_char();
            moot_size_fit(t->drawn);
            break;
        case MOOT_KEYS_PASTED:
            insert_pasted(t, part);
            break;
        case MOOT_KEYS_TOO_LONG:
            refuse_pasted(t);
            break;
        }
    }
}

static void on_readable(struct ev_loop *loop, ev_io *w, int revents)
{
    struct terminal *t = w->data;
    char bytes[4096];
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);

    (void)loop;
    (void)revents;
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0) {
        tell_end(MOOT_FACE_HUNG_UP);
        return;
    }
    moot_size_look(t->drawn);
    t->owner->touched(t->owner->ctx);
    moot_keys_add(&t->keys, moot_bytes_of(bytes, (size_t)n));
    take_keys(t, false);
}

static void on_late(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    take_keys(w->data, true);
}

/* --- drawing --- */

static void set_prompt(struct terminal *t)
{
    char prompt[64];

    snprintf(prompt, sizeof prompt, "%s%s%s> ", *t->closed ? "(" : "",
             t->closed, *t->closed ? ") " : "");
    rl_set_prompt(prompt);
    t->prompt_changed = false;
}

static void add_lost(struct terminal *t)
{
    if (t->lost > 0)
        moot_buf_printf(&t->above,
                        "=!= %lu lines are not shown here: the terminal did "
                        "not take them\n",
                        t->lost);
    t->lost = 0;
}

/*
 * Draws what came since the last turn.  While the terminal takes nothing
 * (Ctrl-S) it is only collected, so drawing does not pile up either.
 */
static void redraw(struct terminal *t)
{
    fflush(t->drawn);
    moot_outlet_flush(t->outlet);
    if (t->above.len == 0 && !t->prompt_changed)
        return;
    if (moot_outlet_waiting(t->outlet) > 0)
        return;

    moot_size_look(t->drawn);
    add_lost(t);
    rl_clear_visible_line();
    fflush(t->drawn);
    moot_outlet_put(t->outlet, moot_buf_view(&t->above));
    moot_buf_clear(&t->above);
    if (t->prompt_changed)
        set_prompt(t);
    rl_on_new_line();
    rl_redisplay();
    fflush(t->drawn);
    moot_outlet_flush(t->outlet);
}

static void on_redraw(struct ev_loop *loop, ev_prepare *w, int revents)
{
    (void)loop;
    (void)revents;
    redraw(w->data);
}

static void on_drained(void *ctx)
{
    redraw(ctx);
}

static void on_broken(void *ctx)
{
    (void)ctx;
    tell_end(MOOT_FACE_HUNG_UP);
}

/* --- signals --- */

static void on_resized(struct ev_loop *loop, ev_signal *w, int revents)
{
    struct terminal *t = w->data;

    (void)loop;
    (void)revents;
    moot_size_follow(t->drawn);
    moot_size_fit(t->drawn);
}

/* Ctrl-Z: the shell gets its terminal back as it was. */
static void on_suspended(struct ev_loop *loop, ev_signal *w, int revents)
{
    struct terminal *t = w->data;

    (void)loop;
    (void)revents;
    rl_clear_visible_line();
    fflush(t->drawn);
    moot_outlet_flush(t->outlet);
    moot_tty_restore(&t->tty);
    raise(SIGSTOP);
}

/* Whoever had the terminal meanwhile may have changed its settings. */
static void on_continued(struct ev_loop *loop, ev_signal *w, int revents)
{
    struct terminal *t = w->data;

    (void)loop;
    (void)revents;
    moot_tty_restore(&t->tty);
    moot_tty_prepare(&t->tty, 1);
    rl_on_new_line();
    rl_redisplay();
    fflush(t->drawn);
}

static void start_signal(struct terminal *t, ev_signal *w, int number,
                         void (*handler)(struct ev_loop *, ev_signal *, int))
{
    ev_signal_init(w, handler, number);
    w->data = t;
    ev_signal_start(t->loop, w);
}

/* --- the face --- */

static void terminal_print(struct moot_face *f, enum moot_channel channel,
                           struct moot_bytes lines)
{
    struct terminal *t = terminal_of(f);

    (void)channel;
    if (t->above.len + lines.len <= MOOT_OUTLET_MAX) {
        moot_buf_append(&t->above, lines.data, lines.len);
        return;
    }
    for (size_t i = 0; i < lines.len; i++)
        t->lost += lines.data[i] == '\n';
}

static void print_log(void *ctx, struct moot_bytes lines)
{
    struct terminal *t = ctx;

    terminal_print(&t->face, MOOT_CHANNEL_NOTE, lines);
}

static void terminal_gate(struct moot_face *f, const char *closed)
{
    struct terminal *t = terminal_of(f);

    if (!closed)
        closed = "";
    if (strncmp(closed, t->closed, sizeof t->closed - 1) == 0)
        return;
    snprintf(t->closed, sizeof t->closed, "%s", closed);
    t->prompt_changed = true;
}

static int terminal_close(struct moot_face *f)
{
    struct terminal *t = terminal_of(f);
    int error;

    moot_log_pipe_close(&t->log);
    redraw(t);
    rl_clear_visible_line();
    rl_callback_handler_remove();
    moot_tty_restore(&t->tty);
    fclose(t->drawn);
    rl_outstream = NULL;
    clear_history();
    ev_io_stop(t->loop, &t->readable);
    ev_timer_stop(t->loop, &t->late);
    ev_prepare_stop(t->loop, &t->redraw);
    ev_signal_stop(t->loop, &t->resized);
    ev_signal_stop(t->loop, &t->suspended);
    ev_signal_stop(t->loop, &t->continued);
    error = moot_outlet_close(t->outlet, MOOT_FACE_CLOSE_MS);
    moot_keys_fini(&t->keys);
    moot_buf_fini(&t->feed);
    moot_buf_fini(&t->above);
    free(t);
    the = NULL;
    return error;
}

static const struct moot_face_ops terminal_ops = {terminal_print, terminal_gate,
                                                  terminal_close};

/* Whatever the user binds Enter to, it must come by on_enter(). */
static void bind_keys(void)
{
    Keymap maps[] = {rl_get_keymap_by_name("emacs-standard"),
                     rl_get_keymap_by_name("vi-insert"),
                     rl_get_keymap_by_name("vi-command")};

    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        rl_bind_key_in_map('\r', on_enter, maps[i]);
        rl_bind_key_in_map('\n', on_enter, maps[i]);
        rl_bind_key_in_map(CTRL('c'), on_interrupt, maps[i]);
        rl_bind_key_in_map(CTRL('d'), on_end_of_file, maps[i]);
    }
}

/* Everything said is UTF-8, so the terminal is spoken to in UTF-8. */
static void choose_charset(void)
{
    if (setlocale(LC_CTYPE, "") && !strcmp(nl_langinfo(CODESET), "UTF-8"))
        return;
    setenv("LC_ALL", "C.UTF-8", 1);
    setlocale(LC_CTYPE, "C.UTF-8");
}

static void start_readline(struct terminal *t)
{
    static cookie_io_functions_t functions = {.write = take_drawn};

    choose_charset();
    t->drawn = fopencookie(t, "w", functions);
    moot_assert(t->drawn);
    rl_readline_name = "moot";
    rl_instream = stdin;
    rl_outstream = t->drawn;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_getc_function = get_key;
    rl_input_available_hook = has_key;
    rl_prep_term_function = on_prepare;
    rl_deprep_term_function = on_restore;
    rl_attempted_completion_function = moot_completion;
    rl_initialize();
    rl_variable_bind("enable-bracketed-paste", "off"); /* see ui/keys.h */
    bind_keys();
    using_history();
    stifle_history(HISTORY_MAX);
    rl_callback_handler_install("> ", on_line);
    fflush(t->drawn);
}

struct moot_face *moot_terminal_open(struct ev_loop *loop,
                                     const struct moot_face_owner *owner)
{
    struct terminal *t = moot_alloc(sizeof *t);

    moot_assert(!the);
    the = t;
    t->face.ops = &terminal_ops;
    t->loop = loop;
    t->owner = owner;
    t->outlet_owner = (struct moot_outlet_owner){on_drained, on_broken, t};
    t->outlet = moot_outlet_open(loop, STDOUT_FILENO, &t->outlet_owner);
    start_readline(t);
    moot_log_pipe_open(&t->log, loop, print_log, t);

    ev_io_init(&t->readable, on_readable, STDIN_FILENO, EV_READ);
    t->readable.data = t;
    ev_io_start(loop, &t->readable);
    ev_timer_init(&t->late, on_late, 0., 0.);
    t->late.data = t;
    ev_prepare_init(&t->redraw, on_redraw);
    t->redraw.data = t;
    ev_prepare_start(loop, &t->redraw);
    start_signal(t, &t->resized, SIGWINCH, on_resized);
    start_signal(t, &t->suspended, SIGTSTP, on_suspended);
    start_signal(t, &t->continued, SIGCONT, on_continued);
    return &t->face;
}
