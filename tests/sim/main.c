/*
 * tests/sim/main.c - the program moot-sim: lives many random lives and says
 * what they were like.
 *
 *     moot-sim --seeds 0..9999       ten thousand lives on all processors
 *     moot-sim --seed 137 --trace    one of them, narrated
 *     moot-sim --seed 137 --frames   the same with every message
 *     moot-sim -n 100 --twice        each twice; both must be the same
 *     moot-sim -n 100 --sqlite       with real databases and signatures
 *     moot-sim -n 3000 --one         until one fails
 *
 * A life that breaks a promise is named in a line that begins with FAIL; the
 * seed brings it back, byte for byte.
 *
 * Layer:  tests.
 * Thread: main; each worker is a process of its own.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model_sign.h"
#include "swarm.h"

#define JOBS_MAX 64
#define FAILURES_MAX 20

struct range {
    uint64_t min, max, sum;
};

/* What a worker found out; shared with its parent. */
struct tally {
    uint64_t seed; /* being lived */
    uint64_t next; /* the one after it */
    uint64_t count, failed, digest;
    struct range peers, lives, lines, entries, faults, kinds, virtual_ms;
    struct range healed_ms, fresh_ms, events;
    uint64_t of_kind[SWARM_FAULTS];
    uint64_t joined, left, unheard, unreached, refused, died;
    uint64_t late, shown, steps, bytes, dials, dials_failed, links, dead, split;
    uint64_t full, slow, pauses, ended, resumed, lost, stored, cuts;
    uint64_t closed, rekeys, strangers, hosted, posts, listed;
};

struct plan {
    uint64_t first, last;
    unsigned jobs;
    bool twice, one; /* one: that fails is enough */
    const struct tally *tallies;
    struct swarm_options options;
};

static volatile uint64_t *current_seed;

/* --- counting --- */

static void count_in(struct range *r, uint64_t value, uint64_t count_before)
{
    if (count_before == 0 || value < r->min)
        r->min = value;
    if (value > r->max)
        r->max = value;
    r->sum += value;
}

static void count_life(struct tally *t, const struct swarm_result *r)
{
    const struct sim_figures *f = &r->figures;
    uint64_t n = t->count, faults = 0, kinds = 0;

    for (unsigned i = 0; i < SWARM_FAULTS; i++) {
        t->of_kind[i] += r->faults[i];
        faults += r->faults[i];
        kinds += r->faults[i] > 0;
    }
    count_in(&t->peers, r->peers, n);
    count_in(&t->lives, r->lives, n);
    count_in(&t->lines, f->lines, n);
    count_in(&t->entries, f->entries, n);
    count_in(&t->faults, faults, n);
    count_in(&t->kinds, kinds, n);
    count_in(&t->virtual_ms, (uint64_t)r->virtual_ms, n);
    count_in(&t->healed_ms, (uint64_t)r->healed_ms, n);
    count_in(&t->fresh_ms, (uint64_t)r->fresh_ms, n);
    count_in(&t->events, f->events, n);
    t->joined += r->joined;
    t->left += r->left;
    t->unheard += r->unheard;
    t->unreached += r->unreached;
    t->refused += r->refused;
    t->died += r->died;
    t->late += f->late;
    t->shown += f->shown;
    t->steps += f->steps;
    t->bytes += f->bytes;
    t->dials += f->dials;
    t->dials_failed += f->dials_failed;
    t->links += f->links;
    t->dead += f->dead;
    t->full += f->full;
    t->slow += f->slow;
    t->pauses += f->pauses;
    t->ended += f->ended;
    t->resumed += f->resumed;
    t->lost += f->lost;
    t->cuts += f->cuts;
    t->stored += f->stored;
    t->split += f->groups > 1;
    t->closed += r->closed;
    t->hosted += r->hosted;
    t->posts += f->posts;
    t->listed += f->listed;
    t->rekeys += f->rekeys;
    t->strangers += r->strangers;
    t->digest ^= r->digest;
    t->count++;
}

/* --- living --- */

static void fail(struct tally *t, uint64_t seed, const char *why)
{
    t->failed++;
    if (t->failed <= FAILURES_MAX)
        printf("FAIL seed=%llu %s\n", (unsigned long long)seed, why);
    fflush(stdout);
}

static void live_one(struct tally *t, const struct plan *plan, uint64_t seed)
{
    struct swarm_result r, again;

    swarm_live(seed, &plan->options, &r);
    count_life(t, &r);
    if (r.fault != NULL)
        fail(t, seed, r.fault);
    if (plan->twice) {
        swarm_live(seed, &plan->options, &again);
        if (again.digest != r.digest)
            fail(t, seed, "lived twice, it is not the same");
        free(again.fault);
    }
    free(r.fault);
}

/* An assertion of the code under test ends the worker: name the seed first. */
static void on_signal(int number)
{
    char text[64];
    int len = snprintf(text, sizeof text, "FAIL seed=%llu signal %d\n",
                       (unsigned long long)*current_seed, number);

    if (write(STDOUT_FILENO, text, (size_t)len) != len)
        _exit(2);
    signal(number, SIG_DFL);
    raise(number);
}

static bool goes_on(const struct tally *t, const struct plan *plan)
{
    for (unsigned i = 0; plan->one && i < plan->jobs; i++)
        if (plan->tallies[i].failed > 0)
            return false;
    return t->next <= plan->last;
}

static void work(struct tally *t, const struct plan *plan)
{
    static const int numbers[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

    current_seed = &t->seed;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        signal(numbers[i], on_signal);
    while (goes_on(t, plan)) {
        t->seed = t->next;
        t->next += plan->jobs;
        live_one(t, plan, t->seed);
    }
    fflush(stdout);
}

/* A worker that dies is followed by another, which goes on after that seed. */
static void run_worker(struct tally *t, const struct plan *plan)
{
    while (goes_on(t, plan)) {
        pid_t child = fork();
        int status;

        if (child < 0) {
            perror("moot-sim: fork");
            exit(EXIT_FAILURE);
        }
        if (child == 0) {
            work(t, plan);
            _exit(0);
        }
        if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) ||
            WEXITSTATUS(status) != 0)
            t->failed++;
    }
}

static void run_all(struct tally *tallies, const struct plan *plan)
{
    fflush(stdout);
    for (unsigned i = 0; i < plan->jobs; i++) {
        pid_t child;

        tallies[i].next = plan->first + i;
        if (plan->jobs == 1) {
            run_worker(&tallies[i], plan);
            return;
        }
        child = fork();
        if (child < 0) {
            perror("moot-sim: fork");
            exit(EXIT_FAILURE);
        }
        if (child == 0) {
            run_worker(&tallies[i], plan);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        continue;
}

/* --- saying --- */

static void merge(struct range *all, const struct range *one, bool first)
{
    if (first || one->min < all->min)
        all->min = one->min;
    if (one->max > all->max)
        all->max = one->max;
    all->sum += one->sum;
}

static void add(struct tally *all, const struct tally *one)
{
    bool first = all->count == 0;

    all->failed += one->failed;
    all->digest ^= one->digest;
    if (one->count == 0)
        return;
    merge(&all->peers, &one->peers, first);
    merge(&all->lives, &one->lives, first);
    merge(&all->lines, &one->lines, first);
    merge(&all->entries, &one->entries, first);
    merge(&all->faults, &one->faults, first);
    merge(&all->kinds, &one->kinds, first);
    merge(&all->virtual_ms, &one->virtual_ms, first);
    merge(&all->healed_ms, &one->healed_ms, first);
    merge(&all->fresh_ms, &one->fresh_ms, first);
    merge(&all->events, &one->events, first);
    for (unsigned i = 0; i < SWARM_FAULTS; i++)
        all->of_kind[i] += one->of_kind[i];
    all->joined += one->joined;
    all->left += one->left;
    all->unheard += one->unheard;
    all->unreached += one->unreached;
    all->refused += one->refused;
    all->died += one->died;
    all->late += one->late;
    all->shown += one->shown;
    all->steps += one->steps;
    all->bytes += one->bytes;
    all->dials += one->dials;
    all->dials_failed += one->dials_failed;
    all->links += one->links;
    all->dead += one->dead;
    all->full += one->full;
    all->slow += one->slow;
    all->pauses += one->pauses;
    all->ended += one->ended;
    all->resumed += one->resumed;
    all->lost += one->lost;
    all->cuts += one->cuts;
    all->stored += one->stored;
    all->split += one->split;
    all->closed += one->closed;
    all->hosted += one->hosted;
    all->posts += one->posts;
    all->listed += one->listed;
    all->rekeys += one->rekeys;
    all->strangers += one->strangers;
    all->count += one->count;
}

static void say_range(const char *what, const struct range *r, uint64_t count)
{
    printf("%-28s %8llu .. %llu, %.1f on average\n", what,
           (unsigned long long)r->min, (unsigned long long)r->max,
           (double)r->sum / (double)count);
}

static void say_count(const char *what, uint64_t count)
{
    printf("%-28s %8llu\n", what, (unsigned long long)count);
}

static void say_lives(const struct tally *t)
{
    say_range("hosts", &t->peers, t->count);
    say_range("lives of processes", &t->lives, t->count);
    say_range("virtual ms", &t->virtual_ms, t->count);
    say_range("events", &t->events, t->count);
    say_range("lines said", &t->lines, t->count);
    say_range("entries at the end", &t->entries, t->count);
    say_range("faults", &t->faults, t->count);
    say_range("kinds of faults", &t->kinds, t->count);
    say_range("ms until healed", &t->healed_ms, t->count);
    say_range("ms for a fresh line", &t->fresh_ms, t->count);
    for (unsigned i = 0; i < SWARM_FAULTS; i++)
        say_count(swarm_fault_name((enum swarm_fault)i), t->of_kind[i]);
}

static void say_sums(const struct tally *t)
{
    say_count("in the group at the end", t->joined);
    say_count("left", t->left);
    say_count("died", t->died);
    say_count("nobody answered (4)", t->unheard);
    say_count("somebody unreached (5)", t->unreached);
    say_count("refused (6)", t->refused);
    say_count("entries shown", t->shown);
    say_count("  of these marked late", t->late);
    say_count("entries stored", t->stored);
    say_count("  of these lost", t->lost);
    say_count("power cuts of databases", t->cuts);
    say_count("lives that went on from earlier", t->resumed);
    say_count("forked runs ended", t->ended);
    say_count("steps of nodes", t->steps);
    say_count("bytes sent", t->bytes);
    say_count("dials", t->dials);
    say_count("  of these failed", t->dials_failed);
    say_count("connections", t->links);
    say_count("links found dead", t->dead);
    say_count("queues past the soft bound", t->full);
    say_count("links closed as too slow", t->slow);
    say_count("pauses of links that made too much work", t->pauses);
    say_count("lives with two groups", t->split);
    say_count("lives of closed groups", t->closed);
    say_count("  secrets changed", t->rekeys);
    say_count("  strangers who wanted in", t->strangers);
    say_count("lives at a directory", t->hosted);
    say_count("  requests to it", t->posts);
    say_count("  members that it lists, a second", t->listed);
}

static double clock_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run(struct plan *plan)
{
    struct tally *tallies =
        mmap(NULL, plan->jobs * sizeof *tallies, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct tally all = {0};
    double began = clock_s();

    if (tallies == MAP_FAILED) {
        perror("moot-sim: mmap");
        return EXIT_FAILURE;
    }
    plan->tallies = tallies;
    run_all(tallies, plan);
    for (unsigned i = 0; i < plan->jobs; i++)
        add(&all, &tallies[i]);

    double took = clock_s() - began;

    if (all.count > 0 && !plan->options.narrate) {
        say_lives(&all);
        say_sums(&all);
    }
    printf("digest %016llx\n", (unsigned long long)all.digest);
    printf("%llu seeds, %llu failed, %.1f s, %.0f seeds a second, %.0f an "
           "hour\n",
           (unsigned long long)all.count, (unsigned long long)all.failed, took,
           (double)all.count / took, 3600 * (double)all.count / took);
    return all.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* --- options --- */

static _Noreturn void usage(void)
{
    fputs("usage: moot-sim [--seed N | --seeds A..B | --from A -n COUNT]\n"
          "                [--jobs N] [--peers 3..8] [--without KIND]...\n"
          "                [--trace] [--frames] [--twice] [--sqlite] [--one]\n",
          stderr);
    exit(2);
}

static uint64_t number_of(const char *text)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 10);

    if (end == text || *end != '\0')
        usage();
    return n;
}

static void take_seeds(struct plan *plan, const char *text)
{
    char *end;

    plan->first = strtoull(text, &end, 10);
    if (strncmp(end, "..", 2) != 0)
        usage();
    plan->last = number_of(end + 2);
}

static uint32_t kind_of(const char *name)
{
    for (unsigned i = 0; i < SWARM_FAULTS; i++)
        if (strcmp(swarm_fault_name((enum swarm_fault)i), name) == 0)
            return 1u << i;
    usage();
}

static void read_options(struct plan *plan, int argc, char **argv)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"seeds", required_argument, NULL, 'S'},
        {"from", required_argument, NULL, 'f'},
        {"jobs", required_argument, NULL, 'j'},
        {"peers", required_argument, NULL, 'p'},
        {"without", required_argument, NULL, 'w'},
        {"trace", no_argument, NULL, 't'},
        {"frames", no_argument, NULL, 'F'},
        {"twice", no_argument, NULL, '2'},
        {"sqlite", no_argument, NULL, 'q'},
        {"one", no_argument, NULL, '1'},
        {NULL, 0, NULL, 0}};
    uint64_t count = 1;
    int c;

    while ((c = getopt_long(argc, argv, "n:", options, NULL)) != -1) {
        if (c == 's' || c == 'f')
            plan->first = plan->last = number_of(optarg);
        else if (c == 'S')
            take_seeds(plan, optarg);
        else if (c == 'n')
            count = number_of(optarg);
        else if (c == 'j')
            plan->jobs = (unsigned)number_of(optarg);
        else if (c == 'p')
            plan->options.peers = (unsigned)number_of(optarg);
        else if (c == 'w')
            plan->options.without |= kind_of(optarg);
        else if (c == 't')
            plan->options.narrate = true;
        else if (c == 'F')
            plan->options.narrate = plan->options.frames = true;
        else if (c == 'q')
            plan->options.sqlite = sim_sign_really = true;
        else if (c == '2')
            plan->twice = true;
        else if (c == '1')
            plan->one = true;
        else
            usage();
    }
    if (plan->last == plan->first && count > 0)
        plan->last = plan->first + count - 1;
}

int main(int argc, char **argv)
{
    struct plan plan = {0};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    setvbuf(stdout, NULL, _IOLBF, 0);
    plan.jobs = processors > 0 ? (unsigned)processors : 1;
    read_options(&plan, argc, argv);
    if (plan.last < plan.first || plan.jobs < 1 || plan.jobs > JOBS_MAX ||
        (plan.options.peers != 0 && (plan.options.peers < SWARM_PEERS_MIN ||
                                     plan.options.peers > SWARM_PEERS_MAX)))
        usage();
    if (plan.last - plan.first + 1 < plan.jobs)
        plan.jobs = (unsigned)(plan.last - plan.first + 1);
    return run(&plan);
}
