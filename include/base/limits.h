/*
 * base/limits.h - every bound, with its reason.  A test reaches each of them.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#ifndef MOOT_BASE_LIMITS_H
#define MOOT_BASE_LIMITS_H

/* --- what is said --- */

#define MOOT_NAME_LEN_MAX 64    /* a name has to fit beside a line */
#define MOOT_REASON_LEN_MAX 256 /* why somebody left: one screen line or two */
#define MOOT_LINE_LEN_MAX 4096  /* what a terminal line can hold (N_TTY) */
#define MOOT_ENTRY_LINES_MAX 256
#define MOOT_BODY_LEN_MAX (32 * 1024)  /* half a frame, so two never overflow */
#define MOOT_HEADER_LEN_MAX (8 * 1024) /* 64 cites and room to grow */
#define MOOT_CITES_MAX 64
#define MOOT_SEQ_MAX ((uint64_t)1 << 62) /* sums of a few never overflow */
#define MOOT_LAMPORT_MAX ((uint64_t)1 << 62)
#define MOOT_LAMPORT_STEP_MAX ((uint64_t)1 << 32) /* one liar, one jump */

/* --- the wire --- */

#define MOOT_FRAME_LEN_MAX (64 * 1024)      /* length prefix not counted */
#define MOOT_FRAME_EARLY_LEN_MAX (4 * 1024) /* before both proofs */
#define MOOT_RECORD_LEN_MAX 1536            /* four host names and a name */
#define MOOT_RECORD_ADDRS_MAX 4
#define MOOT_HOST_LEN_MAX 253 /* RFC 1035 */
#define MOOT_ADDR_TEXT_MAX (MOOT_HOST_LEN_MAX + 2 + 1 + 5 + 1)
#define MOOT_ANSWER_LEN_MAX (1024 * 1024) /* a bootstrap answer */
#define MOOT_NONCE_LEN_MAX 64             /* of a bootstrap request, bytes */
#define MOOT_PAGE_MAX 512   /* items of one list message: 40 KiB at most */
#define MOOT_PEERS_MAX 1500 /* in the address book: a full group, and more */
#define MOOT_PEERS_LEN_MAX (4 * 1024 * 1024) /* all of them at their longest */
#define MOOT_TRIPPED_MAX 256    /* breakers remembered: the newest */
#define MOOT_SOURCE_LEN_MAX 512 /* what a source is called: a short URL */

/* --- the group --- */

#define MOOT_LINKS_MAX 1024
#define MOOT_MEMBERS_MAX 1024
#define MOOT_CHAINS_MAX 65536
#define MOOT_CHAINS_PER_LINK_MINUTE 64 /* new ones; delayed, never refused */
#define MOOT_FORKS_BYTES_MAX (16 * 1024 * 1024) /* proofs, in memory */
#define MOOT_SCREEN_HELD_MAX 4096 /* entries waiting for their causes */
#define MOOT_EARLIER_MAX 100 /* earlier lines shown on joining: a few screens */
#define MOOT_TAIL_MAX 128    /* entries read for them at the start */
#define MOOT_SAY_WAITING_MAX 4096 /* own lines not yet in an entry */
#define MOOT_SAY_PACE_MS                                                       \
    1                         /* between entries that are not full: others are
                                 busy with one author for 6 % of a core */
#define MOOT_SAY_AHEAD_MAX 64 /* own entries on their way to the disk ... */
#define MOOT_SAY_WAIT_MS 20   /* ... the next waits so long for it, no longer */
#define MOOT_DIAL_UNPROVEN_BURST 64 /* a whole group met at once */
#define MOOT_DIAL_UNPROVEN_MINUTE 8 /* afterwards, per introducer */
#define MOOT_SEEDS_MAX                                                         \
    32 /* addresses of nobody we know, each dialled by turns */
#define MOOT_ENDPOINTS_MAX 16    /* --remote_endpoint on one command line */
#define MOOT_SOURCES_MAX 64      /* to be asked: these, and those told of */
#define MOOT_URLS_MAX 4          /* --peers_url on one command line */
#define MOOT_RECALLED_MAX 256    /* members of earlier runs that are dialled */
#define MOOT_KEPT_SECRETS_MAX 64 /* who was away proves an older one */
#define MOOT_KEPT_DOORS_MAX 3    /* its bootstrap peers: what an invite holds */
#define MOOT_KEPT_SEEDS_MAX 16   /* members met of late: some of them live */
#define MOOT_RING_NAMES_MAX (MOOT_MEMBERS_MAX + 64) /* by a new secret */
#define MOOT_LOST_MAX 4096 /* losses in groups not entered: a scan of 16 s */
#define MOOT_HELLO_OLDER_MAX 7 /* older secrets proven: several cuts, healed */

/* --- a group directory --- */

#define MOOT_HOSTED_GROUPS_MAX 1024 /* --host_groups: an afternoon's meetings */
#define MOOT_HOSTED_MEMBERS_MAX 16384     /* of all groups: some 16 MiB */
#define MOOT_REGISTER_LEN_MAX (64 * 1024) /* a request with all that follows */
#define MOOT_REGISTER_RECORDS_MAX 16      /* of one request: 35 KiB */
#define MOOT_REGISTER_HEARD_MAX 128 /* ... 19 KiB; a large group takes turns */
#define MOOT_LACK_MAX 15            /* what fits into the next request */
#define MOOT_DIRECTORY_SOURCES 4096 /* addresses with a budget of their own */
#define MOOT_DIRECTORY_BURST 1024   /* requests of one address at once ... */
#define MOOT_DIRECTORY_RATE                                                    \
    256                         /* ... and each second: 2,000 members there
                                       beat, and a core is 2 % busy with it */
#define MOOT_HOSTED_KEPT_MAX 16 /* answers kept for askers: 16 MiB */
#define MOOT_HOSTS_MAX 4        /* directories that a member beats */

/* --- links --- */

#define MOOT_QUEUE_SOFT (256 * 1024)  /* no live entries above it */
#define MOOT_QUEUE_HARD (1024 * 1024) /* closed above it */
#define MOOT_EARLY_MAX 256            /* unauthenticated connections, socket */
#define MOOT_EARLY_SHARE_FROM 128     /* per-address shares from here on */
#define MOOT_GUESTS_MIN 16            /* --b_connections: the least ... */
#define MOOT_GUESTS_MAX 10000         /* ... and the most, some 40 MiB */
#define MOOT_EARLY_PER_ADDRESS 8      /* the share */
#define MOOT_WRONG_BURST 32           /* wrong proofs an address has free */
#define MOOT_WRONG_PER_S 1            /* ... and how they come back */
#define MOOT_WRONG_MEMBER_FACTOR 16   /* of that, where a member is */
#define MOOT_WRONG_MEMBER_MS 600000   /* ... or was, so long ago */
#define MOOT_DOUBTED_MAX 256          /* addresses: as many as may wait */
#define MOOT_WORKERS_MAX 32           /* dials under way */
#define MOOT_DIAL_TARGETS_MAX 16      /* sockets of one dial, all at once */
#define MOOT_JOBS_WAITING_MAX 4096    /* every member, every endpoint, twice */
#define MOOT_VERIFY_THREADS_MAX 8     /* more would starve the loop */
#define MOOT_VERIFY_PART_MIN 16       /* 1 ms of work: worth a thread */
#define MOOT_VERIFY_WAITING_MAX 1024  /* above it the loop does it itself */
#define MOOT_STORE_WAIT_MS 50         /* entries of others gather that long */
#define MOOT_STORE_REST_MS 10         /* between transactions, at most */
#define MOOT_CACHE_SOON_MS 300        /* news is kept so soon ... */
#define MOOT_CACHE_EVERY_MS 10000     /* ... and in the long run so often */
#define MOOT_CACHE_LOCK_MS 10000      /* for a queue of fifty slow disks */
#define MOOT_CACHE_LAST_LOCK_MS 2000  /* nobody waits longer to leave */
#define MOOT_STORE_RETRY_MS 1000      /* a disk that failed is tried again */
#define MOOT_STORE_SCAN_ROWS 256      /* some 2 ms of reading ... */
#define MOOT_STORE_SCAN_MS 1000 /* ... that often, while nobody else reads */
#define MOOT_STORE_SCAN_REST_MS 3600000 /* when all was looked at */

/* --- names --- */

#define MOOT_DNS_DOORS_MAX 16 /* bootstrap sockets one name leads to */
#define MOOT_DNS_WAYS_MAX 32  /* ... and where these are */

/* --- the local network --- */

#define MOOT_LAN_NETS_MAX 32     /* interfaces; some hosts have one a guest */
#define MOOT_LAN_SENDERS_MAX 256 /* listened to at a time: a /24 */
#define MOOT_LAN_SENDER_BURST 64 /* beacons of one: many peers start on it */
#define MOOT_LAN_SENDER_MS 100   /* ... afterwards one each */

/* --- the work a link makes, in microseconds of one core --- */

#define MOOT_WORK_CHECK 64    /* of a signature; measured: 60 */
#define MOOT_WORK_FORGED 1024 /* of a wrong one: no honest peer sends it */
#define MOOT_WORK_FRAME 4     /* to decode a small one and to answer it */
#define MOOT_WORK_KIB 2       /* to decrypt, to hash and to copy */
#define MOOT_WORK_PER_MS 500  /* half a core, so there is always another half */
#define MOOT_WORK_BURST 16000 /* 250 checks: the records of a large group */
#define MOOT_PAUSE_MAX_MS 1000 /* far below the silence that ends a link */

/* --- sockets, threads, the log --- */

#define MOOT_LINK_SLOTS 2048     /* every link twice, while two are compared */
#define MOOT_ACCEPTS_PER_TURN 10 /* a flood gets its turn like all others */
#define MOOT_READ_PER_TURN (64 * 1024) /* of one link: a whole frame */
#define MOOT_EARLY_MS 10000            /* accepted but not proven, absolute */
#define MOOT_DRAIN_MS 1000             /* for the other side's last word */
#define MOOT_STUCK_MS 30000            /* a queue may stand still this long */
#define MOOT_HTTP_TIMEOUT_S 10         /* accepted but not answered, absolute */
#define MOOT_LOG_PER_SECOND 10         /* of one event, on average */
#define MOOT_LOG_BURST 512 /* all that a socket can hold unproven, twice */
#define MOOT_LOG_CLASSES_MAX 128

/* Open files.  The rest is what listens, what the loop and its threads wake
 * each other with, and what the terminal and the libraries take. */
#define MOOT_FDS_REST 64
#define MOOT_FDS_WANTED                                                        \
    (MOOT_LINK_SLOTS + MOOT_EARLY_MAX +                                        \
     MOOT_WORKERS_MAX * MOOT_DIAL_TARGETS_MAX + MOOT_FDS_REST)

#endif
