/*
 * store/store_internal.h - what the loop hands to the store's two threads.
 *
 *     loop: requests gather --batch--> writer --batch--> loop: delivers
 *     loop: fetches, scans  --reads--> reader --reads--> loop: delivers
 *
 * Layer:  store (loud).
 * Thread: a batch belongs to whoever holds it.
 */
#ifndef MOOT_STORE_STORE_INTERNAL_H
#define MOOT_STORE_STORE_INTERNAL_H

#include "loop/jobs.h"
#include "store/db.h"
#include "store/store.h"

enum store_kind {
    STORE_PUT,
    STORE_END,
    STORE_REMEMBER,
    STORE_DROP /* a damaged row */
};

struct store_request {
    enum store_kind kind;
    moot_token token;
    struct moot_entry *entry;    /* PUT: one reference, the loop's to touch */
    bool own;                    /* PUT: somebody waits for the mark on it */
    bool refused;                /* it does not fit what is kept */
    struct moot_fx_end_run *end; /* END: its proof is .proof */
    uint8_t *proof;
    struct moot_fx_remember *group; /* REMEMBER */
    struct moot_db_place place;     /* DROP */
};

/* The writer's side.  Touched by the thread that runs a batch only. */
struct store_writer {
    struct moot_db_config config;
    struct moot_db *db; /* NULL: to be opened */
    bool opened;        /* ... and it was */
    unsigned failures;  /* in a row, since then */
    bool over;          /* more is kept than bytes_max */
    uint64_t bytes_max;
};

struct store_batch {
    struct moot_job job; /* first: a job is its batch */
    struct moot_store *store;
    struct store_request *requests;
    unsigned count, max;
    bool reindex; /* before all else: the indexes may be what fails */

    /* What came of it. */
    enum moot_db_trouble trouble; /* FINE: all of it is safe */
    unsigned refused;             /* of the requests, how many */
    char words[128];              /* SQLite's, when there was trouble */
    uint64_t usage;               /* bytes; 0: was not looked at */
    bool over;                    /* there is more to be dropped */
    int64_t took_us;
};

/* Does all the batch asks for, or nothing of it. */
void store_write(struct store_writer *w, struct store_batch *b);

struct store_fetch {
    struct moot_fx_fetch what;
    struct moot_db_page page;
};

struct store_reader {
    struct moot_db_config config;
    struct moot_db *db; /* NULL: to be opened */
    int64_t scan_at;
};

struct store_reads {
    struct moot_job job; /* first: a job is its reads */
    struct moot_store *store;
    struct store_fetch *fetches;
    unsigned count, max;
    bool scan;

    /* What came of it. */
    struct moot_db_scan scanned;
    enum moot_db_trouble trouble;
    char words[128];
};

void store_read(struct store_reader *r, struct store_reads *reads);

#endif
