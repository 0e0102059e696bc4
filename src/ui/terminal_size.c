/*
 * ui/terminal_size.c - the edited line and the size of the terminal.
 *
 * Layer:  ui (loud).
 * Thread: the loop's.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <readline/readline.h>
#include <utf8proc.h>

#include "ui/terminal_internal.h"

/* The columns that readline gives to a character at this column. */
static int columns_of(utf8proc_int32_t point, int column)
{
    if (point == '\t')
        return 8 - column % 8;
    if (point < ' ' || point == 0x7f)
        return 2; /* ^X */
    return utf8proc_charwidth(point);
}

/* Moves on past the text; returns how many rows further down that is. */
static int rows_past(struct moot_bytes text, int width, int *column)
{
    int rows = 0;

    while (text.len > 0) {
        utf8proc_int32_t point;
        utf8proc_ssize_t len =
            utf8proc_iterate(text.data, (utf8proc_ssize_t)text.len, &point);
        int columns = len < 1 ? 1 : columns_of(point, *column);

        if (len < 1)
            len = 1;
        if (point == '\n') {
            rows++;
            *column = 0;
        } else if (*column + columns > width) {
            rows++;
            *column = columns;
        } else {
            *column += columns;
        }
        text.data += len;
        text.len -= (size_t)len;
    }
    return rows;
}

/*
 * The rows from the start of the prompt down to the cursor.  Behind a row that
 * is just full the cursor counts as still in it: terminals differ in this, and
 * the smaller number is the one that takes nothing of others off the screen.
 */
static int rows_above_cursor(int width)
{
    struct moot_bytes typed = moot_bytes_of(rl_line_buffer, (size_t)rl_point);
    int column = 0;
    int rows = rows_past(moot_bytes_text(rl_display_prompt), width, &column);

    return rows + rows_past(typed, width, &column);
}

static bool scrolls_sideways(void)
{
    const char *up = rl_get_termcap("up");
    const char *value = rl_variable_value("horizontal-scroll-mode");

    return !up || !*up || (value && !strcmp(value, "on"));
}

/* So high that next to nothing of what others say is in view above it. */
static bool too_high(void)
{
    struct moot_bytes line = moot_bytes_of(rl_line_buffer, (size_t)rl_end);
    int height, width, rows, column = 0;

    rl_get_screen_size(&height, &width);
    rows = rows_past(moot_bytes_text(rl_display_prompt), width, &column);
    rows += rows_past(line, width, &column) + 1;
    return rows > height - height / 6;
}

/*
 * What goes off the top of the screen readline can neither clear nor draw
 * again, and with it go the prompt, what others say, and why a line is
 * refused.  So a line as high as that is shown in one row, around the cursor.
 */
void moot_size_fit(FILE *drawn)
{
    static bool sideways;

    if (!sideways && scrolls_sideways())
        return; /* the terminal, or its user, will have it so always */
    if (too_high() == sideways)
        return;
    sideways = !sideways;
    rl_clear_visible_line();
    rl_variable_bind("horizontal-scroll-mode", sideways ? "on" : "off");
    rl_on_new_line();
    rl_redisplay();
    fflush(drawn);
}

/*
 * Some terminals wrap the edited line anew when their width changes, others
 * leave or cut its rows, and none says which.  readline's own answer goes up
 * by the rows there were, and where there are fewer now it clears lines of
 * others.  This goes up by the smaller number: a rest of the edited line may
 * stay behind, but nothing that was said is lost.
 */
void moot_size_follow(FILE *drawn)
{
    int width_before, width, rows, rows_now;

    rl_get_screen_size(NULL, &width_before);
    rows = rows_above_cursor(width_before);
    rl_reset_screen_size();
    rl_get_screen_size(NULL, &width);
    if (width == width_before || scrolls_sideways()) {
        rl_resize_terminal();
        return;
    }
    rows_now = rows_above_cursor(width);
    if (rows > rows_now)
        rows = rows_now;
    if (rows > 0)
        fprintf(drawn, "\033[%dA", rows);
    fputs("\r\033[J", drawn);
    rl_on_new_line();
    rl_redisplay();
    fflush(drawn);
}

/* The signal may come behind keys and lines that are drawn for the new size. */
void moot_size_look(FILE *drawn)
{
    struct winsize size;
    int height, width;

    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return;
    rl_get_screen_size(&height, &width);
    if (size.ws_col != width)
        moot_size_follow(drawn);
}
