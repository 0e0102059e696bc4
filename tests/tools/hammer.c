/*
 * tests/tools/hammer.c - many processes change one cache file while they are
 * killed at random.
 *
 *     hammer FILE SECONDS [PROCESSES [SEED]]
 *
 * Each change adds one to a counter of the process's own and one to a counter
 * of all.  So at any moment the file must be whole, and its counter of all the
 * sum of the others; and in the end each counter must hold every change that
 * its process was told to be done, and at most one more for each time that it
 * was killed in between.
 *
 * Layer:  tests.
 * Thread: main; the processes share nothing but the numbers below.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/rng.h"
#include "loop/clock.h"
#include "store/cache.h"

#define PROCESSES_MAX 200
#define LOCK_MS 20000

/* What outlives a process that is killed. */
struct tally {
    atomic_ullong told[PROCESSES_MAX]; /* changes that were said to be done */
    atomic_ullong reads, busy;
    atomic_bool over, bad;
};

static struct tally *tally;
static const char *path;
static unsigned process_count = 50;
static pid_t pids[PROCESSES_MAX];
static unsigned long long kills[PROCESSES_MAX], all_kills, held;

static void complain(const char *what, const char *why)
{
    fprintf(stderr, "hammer: %s%s%s\n", what, *why ? ": " : "", why);
    atomic_store(&tally->bad, true);
}

static void note(struct moot_peers *news, const char *host, unsigned port)
{
    struct moot_contact c = {.kind = MOOT_CONTACT_MET, .at = moot_clock_wall()};

    moot_addr_set(&c.peer.addr, host, (uint16_t)port);
    moot_book_note(news, &c);
}

/* --- those who change it --- */

static void change_once(unsigned number)
{
    struct moot_peers news = {0};
    char why[MOOT_WHY_MAX];
    int error;

    note(&news, "one", number + 1);
    note(&news, "all", 1);
    error =
        moot_cache_merge(path, &news, moot_clock_wall(), LOCK_MS, NULL, why);
    if (error == MOOT_OK && why[0] == '\0')
        atomic_fetch_add(&tally->told[number], 1);
    else if (error == MOOT_EBUSY)
        atomic_fetch_add(&tally->busy, 1);
    else
        complain("a change went wrong", why);
    moot_peers_fini(&news);
}

static void start(unsigned number)
{
    pids[number] = fork();
    if (pids[number] < 0) {
        perror("hammer: fork");
        exit(EXIT_FAILURE);
    }
    if (pids[number] > 0)
        return;
    while (!atomic_load(&tally->over))
        change_once(number);
    _exit(0);
}

/* --- the one who reads it --- */

static unsigned long long counters[PROCESSES_MAX], counter_of_all;

static void read_once(void)
{
    struct moot_peers book;
    char why[MOOT_WHY_MAX];
    unsigned long long sum = 0;

    memset(counters, 0, sizeof counters);
    counter_of_all = 0;
    if (moot_cache_read(path, moot_clock_wall(), &book, why) != MOOT_OK ||
        why[0] != '\0')
        complain("it cannot be read", why);
    for (unsigned i = 0; i < book.peer_count; i++) {
        const struct moot_peer *p = &book.peers[i];

        if (strcmp(p->addr.host, "all") == 0) {
            counter_of_all = p->success_count;
        } else {
            counters[p->addr.port - 1] = p->success_count;
            sum += p->success_count;
        }
    }
    if (sum != counter_of_all)
        complain("it holds half a change", "");
    moot_peers_fini(&book);
}

static pid_t start_reader(void)
{
    unsigned long long seen = 0;
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    while (!atomic_load(&tally->over)) {
        read_once();
        if (counter_of_all < seen)
            complain("what was there is gone", "");
        seen = counter_of_all;
        atomic_fetch_add(&tally->reads, 1);
    }
    _exit(0);
}

/* --- the one who kills --- */

static void rest(unsigned us)
{
    struct timespec pause = {0, (long)us * 1000};

    nanosleep(&pause, NULL);
}

static unsigned number_of(pid_t pid)
{
    for (unsigned i = 0; i < process_count; i++)
        if (pids[i] == pid)
            return i;
    return process_count;
}

/* Who holds the lock and is in the middle of a change; process_count: nobody
 * just now. */
static unsigned holder(void)
{
    FILE *f = fopen("/proc/locks", "r");
    unsigned found = process_count;
    char line[256];
    int pid;

    while (f != NULL && found == process_count && fgets(line, sizeof line, f))
        if (sscanf(line, "%*s FLOCK ADVISORY WRITE %d", &pid) == 1)
            found = number_of(pid);
    if (f != NULL)
        fclose(f);
    return found;
}

static void kill_one(unsigned number)
{
    kill(pids[number], SIGKILL);
    waitpid(pids[number], NULL, 0);
    kills[number]++;
    all_kills++;
    start(number);
}

static void judge(void)
{
    unsigned long long told = 0;

    read_once();
    for (unsigned i = 0; i < process_count; i++) {
        unsigned long long mine = atomic_load(&tally->told[i]);

        told += mine;
        if (counters[i] < mine)
            complain("a change is lost", "");
        if (counters[i] > mine + kills[i])
            complain("a change was made twice", "");
    }
    if (told == 0)
        complain("nobody changed anything", "");
    printf("%u processes, %llu killed, %llu with the lock in their hands: %llu "
           "changes told, %llu in the file; %llu reads; %llu waited in vain\n",
           process_count, all_kills, held, told, counter_of_all,
           (unsigned long long)tally->reads, (unsigned long long)tally->busy);
}

static void hammer(moot_ms within, struct moot_rng *rng)
{
    moot_ms until = moot_clock_ms() + within;
    unsigned victim;
    pid_t reader;

    for (unsigned i = 0; i < process_count; i++)
        start(i);
    reader = start_reader();
    while (moot_clock_ms() < until && !atomic_load(&tally->bad)) {
        rest((unsigned)moot_rng_below(rng, 20000));
        victim = holder();
        held += victim < process_count;
        if (victim == process_count)
            victim = (unsigned)moot_rng_below(rng, process_count);
        kill_one(victim);
    }
    atomic_store(&tally->over, true);
    for (unsigned i = 0; i < process_count; i++)
        waitpid(pids[i], NULL, 0);
    waitpid(reader, NULL, 0);
    judge();
}

static unsigned number(const char *text, unsigned max)
{
    unsigned long n = strtoul(text, NULL, 10);

    if (n == 0 || n > max) {
        fprintf(stderr, "hammer: %s: from 1 to %u\n", text, max);
        exit(EXIT_FAILURE);
    }
    return (unsigned)n;
}

int main(int argc, char **argv)
{
    uint8_t seed[32] = {1};
    struct moot_rng rng;

    if (argc < 3) {
        fprintf(stderr, "usage: hammer FILE SECONDS [PROCESSES [SEED]]\n");
        return EXIT_FAILURE;
    }
    path = argv[1];
    if (argc > 3)
        process_count = number(argv[3], PROCESSES_MAX);
    if (argc > 4) {
        uint64_t chosen = strtoull(argv[4], NULL, 10);

        memcpy(seed, &chosen, sizeof chosen);
    }
    tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (tally == MAP_FAILED) {
        perror("hammer: mmap");
        return EXIT_FAILURE;
    }
    moot_rng_init(&rng, seed);
    hammer((moot_ms)number(argv[2], 86400) * 1000, &rng);
    return atomic_load(&tally->bad) ? EXIT_FAILURE : EXIT_SUCCESS;
}
