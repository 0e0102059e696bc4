/*
 * net/holder.c - who listens on a port?  As far as /proc tells this user.
 *
 * Layer:  net (loud).
 * Thread: the loop's; only while the program starts, for it takes its time.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/listen.h"

#define STATE_LISTEN 0x0a

/* The inode of the socket that listens on port; 0: none. */
static unsigned long listening_inode(const char *table, uint16_t port)
{
    FILE *f = fopen(table, "re");
    char line[512];
    unsigned long found = 0;

    if (f == NULL)
        return 0;
    while (found == 0 && fgets(line, sizeof line, f) != NULL) {
        unsigned at, state;
        unsigned long inode;

        if (sscanf(line, "%*s %*[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %*s %*s %lu",
                   &at, &state, &inode) == 3 &&
            at == port && state == STATE_LISTEN)
            found = inode;
    }
    fclose(f);
    return found;
}

static bool holds(const char *pid, const char *wanted)
{
    char path[300], target[64];
    DIR *fds;
    const struct dirent *e;
    bool found = false;

    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    fds = opendir(path);
    if (fds == NULL)
        return false;
    while (!found && (e = readdir(fds)) != NULL) {
        ssize_t n;

        n = readlinkat(dirfd(fds), e->d_name, target, sizeof target - 1);
        if (n > 0) {
            target[n] = '\0';
            found = strcmp(target, wanted) == 0;
        }
    }
    closedir(fds);
    return found;
}

static void name_process(const char *pid, char *out, size_t max)
{
    char path[300], name[64] = "";
    FILE *f;

    snprintf(path, sizeof path, "/proc/%s/comm", pid);
    f = fopen(path, "re");
    if (f == NULL || fgets(name, sizeof name, f) == NULL)
        snprintf(name, sizeof name, "a process");
    if (f != NULL)
        fclose(f);
    name[strcspn(name, "\n")] = '\0';
    snprintf(out, max, "%s (pid %s)", name, pid);
}

void moot_listen_holder(uint16_t port, char *out, size_t max)
{
    unsigned long inode = listening_inode("/proc/net/tcp", port);
    char wanted[64];
    DIR *all;
    const struct dirent *e;

    out[0] = '\0';
    if (inode == 0)
        inode = listening_inode("/proc/net/tcp6", port);
    all = inode == 0 ? NULL : opendir("/proc");
    if (all == NULL)
        return;
    snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    while ((e = readdir(all)) != NULL) {
        if (isdigit((unsigned char)e->d_name[0]) && holds(e->d_name, wanted)) {
            name_process(e->d_name, out, max);
            break;
        }
    }
    closedir(all);
}
