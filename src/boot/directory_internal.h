/*
 * boot/directory_internal.h - the directory's memory.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_BOOT_DIRECTORY_INTERNAL_H
#define MOOT_BOOT_DIRECTORY_INTERNAL_H

#include "boot/directory.h"

#define MOOT_BEATERS 3        /* who beat every MOOT_BEAT_MS */
#define MOOT_BEAT_DEPUTIES 8  /* who, with those, beat more often than rarely */
#define MOOT_BEATING_MS 10000 /* who beat since then does so now */

/* A member, as long as it is held to be alive. */
struct place {
    struct moot_id id;
    moot_ms seen; /* the newest evidence */
    moot_ms beat; /* it told us itself; -1: never */
    moot_wall_ms run_ms;
    uint64_t run, serial; /* of its record: a newer one takes its place */
    enum moot_standing standing;
    uint8_t *raw;
    size_t raw_len;
    struct moot_sig sig;
    char host[MOOT_LITERAL_LEN_MAX + 1]; /* where it is seen; "": nowhere */
};

struct hosted {
    struct moot_hash id;
    char name[MOOT_NAME_LEN_MAX + 1];
    enum moot_weight weight;
    moot_ms heard;
    struct place *places; /* sorted by id */
    unsigned place_count, place_max;
};

/* How many requests an address, or those that share its bucket, may make. */
struct source {
    uint32_t used;
    moot_ms at;
};

struct moot_directory {
    struct moot_directory_config config;
    struct hosted *groups;
    unsigned group_count, group_max;
    unsigned place_count; /* of all groups */
    moot_ms purge_at;     /* before that no group has to go */
    struct source sources[MOOT_DIRECTORY_SOURCES];
};

/* --- places.c: the members of one group --- */

struct place *moot_place_find(const struct hosted *g, const struct moot_id *id);
/* Drops those that are dead. */
void moot_place_purge(struct moot_directory *d, struct hosted *g, moot_ms now);
void moot_place_drop_all(struct moot_directory *d, struct hosted *g);

/* A record that was given us, with what shows that its owner lives.  TAKEN,
 * CROWDED, FORGED. */
enum moot_directory_verdict moot_place_take(struct moot_directory *d,
                                            struct hosted *g,
                                            const struct moot_record *r,
                                            moot_ms seen);
bool moot_place_alive(const struct place *p, moot_ms now);

#endif
