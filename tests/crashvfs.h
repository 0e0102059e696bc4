/*
 * tests/crashvfs.h - a disk in memory that forgets what was not flushed.
 *
 * A VFS of SQLite.  What is written is seen at once, but reaches the disk when
 * it is flushed only; a power cut keeps of the rest each sector of 512 bytes
 * with a chance of one half.  A flush that fails does as Linux does: what it
 * should have made safe is neither safe nor dirty any more.
 *
 * Layer:  tests.
 * Thread: any; one lock around all of a disk.
 */
#ifndef MOOT_TESTS_CRASHVFS_H
#define MOOT_TESTS_CRASHVFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct crash_disk;

enum crash_fault {
    CRASH_NONE,
    CRASH_POWER, /* nothing is done any more, until crash_power_back */
    CRASH_EIO,   /* this one fails, half done */
    CRASH_EIOS,  /* and the two that follow */
    CRASH_FULL   /* this one and all writes that follow, until crash_plan */
};

/* Registers a VFS of this name, which is borrowed for the disk's life. */
struct crash_disk *crash_disk_create(const char *name, uint64_t seed);
void crash_disk_destroy(struct crash_disk *d);

/*
 * The n-th change from now on (writes, flushes, truncations, deletions; 1 is
 * the next) has this fault.  flushes_only: only flushes are counted.
 */
void crash_plan(struct crash_disk *d, uint64_t n, enum crash_fault fault,
                bool flushes_only);

/* Changes since the disk was created, failed ones included. */
uint64_t crash_changes(const struct crash_disk *d);

/* Has the fault that was planned come? */
bool crash_struck(const struct crash_disk *d);

/* Nothing is done any more, as with CRASH_POWER. */
void crash_power_cut(struct crash_disk *d);

/* Every connection is closed by now: decides what is left on the disk. */
void crash_power_back(struct crash_disk *d);

/* Only the process died: what it wrote is all there, as far as one can see. */
void crash_process_back(struct crash_disk *d);

/* What the file holds, to be meddled with while nobody has it open: borrowed
 * until it is written to.  NULL: there is no such file. */
uint8_t *crash_file(struct crash_disk *d, const char *path, size_t *ret_len);
void crash_truncate(struct crash_disk *d, const char *path, size_t len);

/* A copy of a file under another name; the other one is replaced. */
void crash_copy(struct crash_disk *d, const char *from, const char *to);

#endif
