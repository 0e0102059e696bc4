/*
 * boot/directory.h - groups that meet here: a table of them and of their
 * members, kept alive by what members tell.
 *
 * A group is there as long as it is heard of, a member as long as there is
 * evidence that it lives: it told us so itself, or another member has heard it.
 * Nobody gets in but with a record he signed.  A name is used once; of two
 * groups of one name the heavier stays, as when they meet on a link.
 *
 * It is no member of these groups, and knows nothing of what is said there.
 * Who the sender of a request is, is for the caller to check.
 *
 * Layer:  boot (quiet).
 * Thread: the caller's.
 */
#ifndef MOOT_BOOT_DIRECTORY_H
#define MOOT_BOOT_DIRECTORY_H

#include "base/time.h"
#include "wire/answer.h"
#include "wire/register.h"

#define MOOT_EVIDENCE_MS 30000 /* a member that is not heard so long is dead */
#define MOOT_BEAT_MS 3000      /* how often the three lowest members beat */
#define MOOT_BEAT_DEPUTY_MS 9000 /* some others, lest the three fail at once */
#define MOOT_BEAT_REST_MS 60000  /* all the rest */
#define MOOT_CHALLENGE_MS 10000  /* a challenge is good for one to two of it */

struct moot_directory;

struct moot_directory_config {
    unsigned groups_max;  /* up to MOOT_HOSTED_GROUPS_MAX */
    unsigned members_max; /* of one group */
    moot_ms timeout;      /* a group that is not heard of so long is gone */
    uint8_t secret[32];   /* of this process alone */
};

struct moot_directory *
moot_directory_create(const struct moot_directory_config *config);
void moot_directory_destroy(struct moot_directory *d);

/* --- who may ask --- */

/* For whoever asks from that host: only from there it can be given back. */
void moot_directory_challenge(const struct moot_directory *d, moot_ms now,
                              const char *host,
                              char out[MOOT_CHALLENGE_LEN + 1]);
bool moot_directory_fresh(const struct moot_directory *d, moot_ms now,
                          const char *host, const char *challenge);

/* May one more request from that host cost us anything?  If not, ret_wait is
 * how long until the next may. */
bool moot_directory_admits(struct moot_directory *d, moot_ms now,
                           const char *host, moot_ms *ret_wait);

/* --- groups --- */

enum moot_directory_verdict {
    MOOT_DIRECTORY_TAKEN,
    MOOT_DIRECTORY_CLASH,   /* another group of that name is here, and stays */
    MOOT_DIRECTORY_FULL,    /* no room for one more group */
    MOOT_DIRECTORY_CROWDED, /* the group has no room for one more member */
    MOOT_DIRECTORY_FORGED   /* a record was not signed by whom it is about */
};

/*
 * Somebody whose request this is, as its signature shows, asks from there: his
 * is the first record.  ret_lack (MOOT_LACK_MAX): members he has heard whose
 * records are not here.
 */
enum moot_directory_verdict
moot_directory_take(struct moot_directory *d, moot_ms now,
                    const struct moot_register *r, const char *host,
                    struct moot_id *ret_lack, unsigned *ret_lack_count);

/* Is that group full, and this one not in it? */
bool moot_directory_crowded(struct moot_directory *d, moot_ms now,
                            const char *name, const struct moot_id *id);

/* When the directory wants to hear of this member again. */
moot_ms moot_directory_again(struct moot_directory *d, moot_ms now,
                             const char *name, const struct moot_id *id);

/* A number that changes with all that is listed of the group called so.
 * MOOT_ENONE: there is none. */
int moot_directory_print(struct moot_directory *d, moot_ms now,
                         const char *name, uint64_t *ret_print);

/*
 * Fills in the group called so, and its live members but for those of skip:
 * addresses on loopback only when near.  MOOT_ENONE: there is none.
 * moot_answer_fini() gives back what it took.
 */
int moot_directory_list(struct moot_directory *d, moot_ms now, const char *name,
                        bool near, const struct moot_register *skip,
                        struct moot_answer *ret_answer);

/* How many there are now. */
void moot_directory_count(struct moot_directory *d, moot_ms now,
                          unsigned *ret_groups, unsigned *ret_members);

#endif
