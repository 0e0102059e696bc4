/*
 * tests/boot/directory_words.h - a directory, and members who tell it things.
 *
 * Members are the cast: A, B, C, ... each with a record of its own.  Time is
 * what the test says it is.
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#ifndef MOOT_TESTS_BOOT_DIRECTORY_WORDS_H
#define MOOT_TESTS_BOOT_DIRECTORY_WORDS_H

#include "boot/directory.h"
#include "cast.h"
#include "words.h"

extern struct moot_directory *directory;
extern moot_ms directory_now;
extern struct moot_id directory_lack[MOOT_LACK_MAX];
extern unsigned directory_lack_count;

/* A directory with room for so many; the cast is in its play. */
void directory_open(unsigned groups_max, unsigned members_max);
void directory_close(void);

/* The request of the first of who in a group called name; he has heard the
 * others just now.  moot_register_fini() gives it back. */
struct moot_register request_of(const char *who, const char *name);

/* That request, taken: the verdict. */
enum moot_directory_verdict tells(const char *who, const char *name);

/* The letters of those who are listed in that group; NULL: there is none.
 * Borrowed until the next call. */
const char *listed_in(const char *name);

#endif
