/*
 * ui/ask.c - one byte at a time, so that nothing is taken from the chat.
 *
 * Layer:  ui (loud).
 * Thread: the loop's, before the loop runs: it waits.
 */
#include "ui/ask.h"

#include <errno.h>
#include <poll.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/utf8.h"

/* A line longer than any name or invitation; the rest is read and thrown
 * away. */
#define LINE_MAX_LEN 1024

_Static_assert(MOOT_INVITE_TEXT_MAX < LINE_MAX_LEN, "it fits a line");

static const char question[] = "Enter your username to start the chat: ";
static const char invite_question[] = "Paste the invitation: ";

static void put(int fd, const char *text)
{
    if (write(fd, text, strlen(text)) < 0)
        return; /* who cannot be asked may still answer */
}

/* 1, 0 at the end, or -1. */
static int read_byte(int fd, char *ret_byte)
{
    for (;;) {
        ssize_t n = read(fd, ret_byte, 1);
        struct pollfd p = {.fd = fd, .events = POLLIN};

        if (n >= 0)
            return (int)n;
        if (errno == EAGAIN)
            poll(&p, 1, -1);
        else if (errno != EINTR)
            return -1;
    }
}

/* One line without its end; false when there is none. */
static bool read_line(int fd, char line[LINE_MAX_LEN], size_t *ret_len)
{
    size_t len = 0;
    char byte;
    int got;

    while ((got = read_byte(fd, &byte)) == 1 && byte != '\n') {
        if (len < LINE_MAX_LEN)
            line[len++] = byte;
    }
    if (got != 1 && len == 0)
        return false;
    if (len > 0 && line[len - 1] == '\r')
        len--;
    *ret_len = len;
    return true;
}

/* Blanks around a typed name are slips of the finger. */
static struct moot_bytes trimmed(const char *line, size_t len)
{
    while (len > 0 && line[len - 1] == ' ')
        len--;
    while (len > 0 && *line == ' ') {
        line++;
        len--;
    }
    return moot_bytes_of(line, len);
}

int moot_ask_name(int in, int out, char ret_name[MOOT_NAME_LEN_MAX + 1])
{
    char line[LINE_MAX_LEN];
    size_t len;

    for (;;) {
        put(out, question);
        if (!read_line(in, line, &len)) {
            put(STDERR_FILENO, "\nmoot: the input ended before a username "
                               "came; give one with --username NAME\n");
            return MOOT_ENONE;
        }

        struct moot_bytes name = trimmed(line, len);
        const char *fault = moot_name_fault(name);

        if (!isatty(in))
            put(out, "\n");
        if (!fault) {
            memcpy(ret_name, name.data, name.len);
            ret_name[name.len] = '\0';
            return MOOT_OK;
        }
        dprintf(STDERR_FILENO, "moot: that username %s; choose another\n",
                fault);
        if (!isatty(in))
            return MOOT_EINVAL;
    }
}

int moot_ask_invite(int in, int out, struct moot_invite *ret_invite)
{
    bool terminal = isatty(in);
    char line[LINE_MAX_LEN];
    size_t len;

    for (;;) {
        const char *fault;

        if (terminal)
            put(out, invite_question);
        if (!read_line(in, line, &len)) {
            put(STDERR_FILENO, "moot: the input ended before an invitation "
                               "came: it is to be its first line\n");
            return MOOT_ENONE;
        }
        fault = moot_invite_fault(trimmed(line, len), ret_invite);
        sodium_memzero(line, sizeof line);
        if (!fault)
            return MOOT_OK;
        dprintf(STDERR_FILENO, "moot: that %s\n", fault);
        if (!terminal)
            return MOOT_EINVAL;
    }
}
