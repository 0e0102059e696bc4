/*
 * tests/boot/directory_words.c - see directory_words.h.
 *
 * Layer:  tests.
 * Thread: the main thread of a test.
 */
#include "directory_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct moot_directory *directory;
moot_ms directory_now;
struct moot_id directory_lack[MOOT_LACK_MAX];
unsigned directory_lack_count;

void directory_open(unsigned groups_max, unsigned members_max)
{
    struct moot_directory_config c = {.groups_max = groups_max,
                                      .members_max = members_max,
                                      .timeout = 15000,
                                      .secret = {7}};
    struct moot_hash group = hash_of(0x40);

    cast_begin(&group);
    directory_now = 100000;
    directory = moot_directory_create(&c);
}

void directory_close(void)
{
    moot_directory_destroy(directory);
    cast_end();
}

struct moot_register request_of(const char *who, const char *name)
{
    struct moot_register r = {.group = cast_group(),
                              .weight = MOOT_PROVISIONAL};

    memcpy(r.group_name, name, strlen(name) + 1);
    r.records = moot_alloc(MOOT_REGISTER_RECORDS_MAX * sizeof *r.records);
    r.heard = moot_alloc(MOOT_REGISTER_HEARD_MAX * sizeof *r.heard);
    r.records[r.record_count++] = cast_record(who[0], CAST_RUN, 1);
    for (const char *w = who + 1; *w; w++)
        r.heard[r.heard_count++].id = *cast_id(*w);
    return r;
}

enum moot_directory_verdict tells(const char *who, const char *name)
{
    struct moot_register r = request_of(who, name);
    enum moot_directory_verdict v =
        moot_directory_take(directory, directory_now, &r, "192.0.2.1",
                            directory_lack, &directory_lack_count);

    moot_register_fini(&r);
    return v;
}

const char *listed_in(const char *name)
{
    static char letters[64];
    struct moot_answer a;
    unsigned count = 0;

    if (moot_directory_list(directory, directory_now, name, false, NULL, &a) !=
        MOOT_OK)
        return NULL;
    for (char who = 'A'; who <= 'Z'; who++)
        for (unsigned i = 0; i < a.member_count; i++)
            if (moot_id_eq(&a.members[i].id, cast_id(who)))
                letters[count++] = who;
    letters[count] = '\0';
    moot_answer_fini(&a);
    return letters;
}
