/*
 * app/options.c - reads three sources, the weakest first; a stronger one
 * replaces what a weaker one said, lists as a whole.
 *
 * Layer:  app (loud).
 * Thread: the loop's, before the loop runs.
 */
#include "app/options.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/options_internal.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "ui/harmless.h"
#include "ui/nearest.h"

enum source {
    SOURCE_DEFAULT,
    SOURCE_FILE,
    SOURCE_ENVIRONMENT,
    SOURCE_ARGUMENT
};

struct reader {
    struct moot_options o;
    enum source source[MOOT_OPTIONS]; /* where each value came from */
    enum source invited;              /* and the invitation */
    bool joining;                     /* moot join */
    struct moot_buf *text;
};

/* Ends with a message of one line; what others wrote in it is harmless. */
static int wrong(struct reader *r, const char *where, const char *value,
                 const char *what)
{
    struct moot_buf shown = {0};
    const char *payload = value ? strstr(value, "/#") : NULL;
    size_t len = value ? strlen(value) : 0;

    if (payload) /* of an invitation: there may be a secret in it */
        len = (size_t)(payload - value) + 1;
    if (value)
        moot_harmless(moot_bytes_of(value, len < 80 ? len : 80), &shown);
    moot_buf_clear(r->text);
    moot_buf_printf(r->text, "moot: %s%s%s%s %s\n", where, value ? " \"" : "",
                    value ? moot_buf_text(&shown) : "", value ? "\"" : "",
                    what);
    moot_buf_fini(&shown);
    return MOOT_EINVAL;
}

/* Who asks for a secret through the environment is the only one to read it. */
static const char *misplaced_secret(enum source source)
{
    if (source == SOURCE_ENVIRONMENT)
        return NULL;
    return source == SOURCE_FILE
               ? "holds a secret, which has no place in this file: run moot "
                 "join and paste it, or set MOOT_INVITE"
               : "holds a secret, and others on this machine can read the "
                 "command line: run moot join and paste it, or give it to "
                 "moot join as the first line of standard input, or set "
                 "MOOT_INVITE";
}

/* An invitation and endpoints of a weaker source go together: both say where
 * to ask. */
static int set_invite(struct reader *r, enum source source,
                      enum moot_option_id id, const char *where,
                      const char *value)
{
    const char *fault;

    if (r->invited < source)
        moot_options_uninvite(&r->o);
    if (r->source[MOOT_OPTION_REMOTE_ENDPOINT] < source)
        r->o.endpoint_count = 0;
    r->invited = r->source[id] = source;
    fault = moot_options_invite(&r->o, value);
    if (!fault && r->o.invited && r->o.invite.closed)
        fault = misplaced_secret(source);
    return fault ? wrong(r, where, value, fault) : MOOT_OK;
}

static int set(struct reader *r, enum source source, enum moot_option_id id,
               const char *where, const char *value)
{
    const struct moot_option *option = &moot_option_table[id];
    const char *fault;

    if (id == MOOT_OPTION_INVITE ||
        (id == MOOT_OPTION_REMOTE_ENDPOINT &&
         moot_invite_looks_like_one(moot_bytes_text(value))))
        return set_invite(r, source, id, where, value);
    if (r->invited < source && id == MOOT_OPTION_REMOTE_ENDPOINT)
        moot_options_uninvite(&r->o);
    if (r->source[id] < source && id == MOOT_OPTION_REMOTE_ENDPOINT)
        r->o.endpoint_count = 0;
    if (r->source[id] < source && id == MOOT_OPTION_ADVERTISE)
        r->o.advertised_count = 0;
    r->source[id] = source;
    fault = option->set(&r->o, value);
    return fault ? wrong(r, where, value, fault) : MOOT_OK;
}

/* The next of a list; there are commas in an invitation.  NULL: no more. */
static char *take_word(char **rest)
{
    char *word = *rest + strspn(*rest, ", \t");
    bool invite = moot_invite_looks_like_one(moot_bytes_text(word));
    char *end = word + strcspn(word, invite ? " \t" : ", \t");

    *rest = *end ? end + 1 : end;
    *end = '\0';
    return *word ? word : NULL;
}

/* A list in one string: separated by commas or blanks. */
static int set_all(struct reader *r, enum source source, enum moot_option_id id,
                   const char *where, const char *value)
{
    char *copy, *word, *rest;
    int rc = MOOT_OK;

    if (!moot_option_table[id].list)
        return set(r, source, id, where, value);
    copy = moot_copy(value, strlen(value));
    rest = copy;
    while (rc == MOOT_OK && (word = take_word(&rest)) != NULL)
        rc = set(r, source, id, where, word);
    free(copy);
    return rc;
}

/* May it stand in the environment and in the file? */
static bool lasting(unsigned id)
{
    return moot_option_table[id].set &&
           moot_option_table[id].tasks != MOOT_FOR_HISTORY;
}

/* The option of this name, dash and underscore being one; or MOOT_OPTIONS. */
static unsigned find(struct moot_bytes name)
{
    for (unsigned i = 0; i < MOOT_OPTIONS; i++) {
        const char *known = moot_option_table[i].name;
        size_t at = 0;

        while (at < name.len && known[at] &&
               (name.data[at] == (uint8_t)known[at] ||
                (name.data[at] == '-' && known[at] == '_')))
            at++;
        if (at == name.len && known[at] == '\0')
            return i;
    }
    return MOOT_OPTIONS;
}

static const char *near(struct moot_bytes name)
{
    const char *best = NULL;
    unsigned best_distance = 0;

    for (unsigned i = 0; i < MOOT_OPTIONS; i++) {
        struct moot_bytes known = moot_bytes_text(moot_option_table[i].name);
        unsigned distance = moot_spelling_distance(name, known);

        if (moot_spelling_near(name, known) &&
            (!best || distance < best_distance)) {
            best = moot_option_table[i].name;
            best_distance = distance;
        }
    }
    return best;
}

/* --- the configuration file --- */

static bool config_path(struct moot_buf *path)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    if (config && config[0] == '/')
        moot_buf_printf(path, "%s/moot/config", config);
    else if (home && *home)
        moot_buf_printf(path, "%s/.config/moot/config", home);
    else
        return false;
    return true;
}

static char *trim(char *text)
{
    size_t len;

    while (*text == ' ' || *text == '\t')
        text++;
    len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]))
        text[--len] = '\0';
    return text;
}

/* Without the quotes around it; NULL when a quote begins it and does not end
 * it, or ends it too early.  Quotes elsewhere are part of the text. */
static char *unquote(char *text)
{
    char *end;

    if (*text != '"' && *text != '\'')
        return text;
    end = strchr(text + 1, *text);
    if (!end || end[1] != '\0')
        return NULL;
    *end = '\0';
    return text + 1;
}

static int read_config_line(struct reader *r, const char *where, char *line)
{
    char *value = strchr(line, '='), *plain;
    struct moot_bytes name;
    unsigned id;
    char mend[96] = "is no option that can stand here; see moot --help";

    line = trim(line);
    if (*line == '\0' || *line == '#')
        return MOOT_OK;
    if (!value)
        return wrong(r, where, line, "is not of the form key = value");
    *value++ = '\0';
    line = trim(line);
    name = moot_bytes_text(line);
    id = find(name);
    if (id == MOOT_OPTIONS && near(name))
        snprintf(mend, sizeof mend, "is no option; did you mean %s?",
                 near(name));
    if (id == MOOT_OPTIONS || !lasting(id))
        return wrong(r, where, line, mend);
    value = trim(value);
    plain = unquote(value);
    if (!plain)
        return wrong(r, where, value, "needs one pair of quotes, or none");
    return set_all(r, SOURCE_FILE, (enum moot_option_id)id, where, plain);
}

static int read_config(struct reader *r, FILE *file, const char *path)
{
    char line[1024];
    struct moot_buf where = {0};
    size_t total = 0;
    int rc = MOOT_OK;

    for (unsigned n = 1; rc == MOOT_OK && fgets(line, sizeof line, file); n++) {
        size_t len = strlen(line);

        total += len;
        moot_buf_clear(&where);
        moot_buf_printf(&where, "%s:%u:", path, n);
        /* fgets() says nothing of NUL bytes, but what follows one is cut. */
        if (total > MOOT_CONFIG_LEN_MAX || len == 0 ||
            (line[len - 1] != '\n' && !feof(file)))
            rc = wrong(r, moot_buf_text(&where), NULL,
                       "too long for a setting, or no text");
        else
            rc = read_config_line(r, moot_buf_text(&where), line);
    }
    if (rc == MOOT_OK && ferror(file))
        rc = wrong(r, path, NULL, strerror(errno));
    moot_buf_fini(&where);
    return rc;
}

/*
 * NULL and why not: what is no regular file could give bytes without end, or
 * none ever.  Not to wait is for a pipe that nobody has opened for writing.
 */
static FILE *open_config(const char *path, const char **ret_why)
{
    struct stat st;
    FILE *file = NULL;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    *ret_why = NULL;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return NULL;
    if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
        *ret_why = "is no regular file";
    else if (fd >= 0)
        file = fdopen(fd, "r");
    if (!file && !*ret_why)
        *ret_why = strerror(errno);
    if (!file && fd >= 0)
        close(fd);
    return file;
}

static int read_file(struct reader *r)
{
    struct moot_buf path = {0};
    FILE *file = NULL;
    const char *why;
    int rc = MOOT_OK;

    if (config_path(&path)) {
        file = open_config(moot_buf_text(&path), &why);
        if (file)
            rc = read_config(r, file, moot_buf_text(&path));
        else if (why)
            rc = wrong(r, moot_buf_text(&path), NULL, why);
    }
    if (file)
        fclose(file);
    moot_buf_fini(&path);
    return rc;
}

/* --- the environment --- */

static int read_environment(struct reader *r)
{
    for (unsigned i = 0; i < MOOT_OPTIONS; i++) {
        char name[48] = "MOOT_";
        const char *value;
        size_t at = strlen(name);
        int rc;

        for (const char *c = moot_option_table[i].name; *c; c++)
            name[at++] = (char)(*c == '_' ? '_' : *c & ~0x20);
        name[at] = '\0';
        value = getenv(name);
        if (!value || !*value || !lasting(i))
            continue;
        rc =
            set_all(r, SOURCE_ENVIRONMENT, (enum moot_option_id)i, name, value);
        if (rc != MOOT_OK)
            return rc;
    }
    return MOOT_OK;
}

/* --- the command line --- */

static int wrong_argument(struct reader *r, const char *word)
{
    struct moot_bytes name = moot_bytes_text(word + strspn(word, "-"));
    const uint8_t *equals = memchr(name.data, '=', name.len);
    char mend[96] = "is no option; see moot --help";
    unsigned id;

    if (equals)
        name.len = (size_t)(equals - name.data);
    id = find(name);
    if (id != MOOT_OPTIONS && moot_option_table[id].value)
        snprintf(mend, sizeof mend, "needs a value: --%s %s",
                 moot_option_table[id].name, moot_option_table[id].value);
    else if (id != MOOT_OPTIONS && equals)
        snprintf(mend, sizeof mend, "takes no value");
    else if (near(name))
        snprintf(mend, sizeof mend, "is no option; did you mean --%s?",
                 near(name));
    return wrong(r, "option", word, mend);
}

/* What there is to say of an option that belongs to another task. */
static const char *misplaced(enum moot_task task)
{
    switch (task) {
    case MOOT_TASK_CHAT:
        return "is for moot history: moot history comes first, its options "
               "behind it";
    case MOOT_TASK_HISTORY:
        return "is not for moot history; see moot --help";
    case MOOT_TASK_VERIFY:
        return "is not for moot verify; see moot --help";
    case MOOT_TASK_INVITE:
        return "is not for moot invite; see moot --help";
    case MOOT_TASKS:
        break;
    }
    moot_assert(!"there is no such task");
    return NULL;
}

static int take_argument(struct reader *r, int id)
{
    char where[48];

    if (id == MOOT_OPTION_HELP || id == MOOT_OPTION_VERSION) {
        r->source[id] = SOURCE_ARGUMENT;
        return MOOT_OK;
    }
    snprintf(where, sizeof where, "--%s", moot_option_table[id].name);
    if (!(moot_option_table[id].tasks & 1u << r->o.task))
        return wrong(r, where, NULL, misplaced(r->o.task));
    if (r->source[id] == SOURCE_ARGUMENT && !moot_option_table[id].list)
        return wrong(r, where, NULL, "is given twice: it may be given once");
    return set(r, SOURCE_ARGUMENT, (enum moot_option_id)id, where,
               moot_option_table[id].value ? optarg : "yes");
}

static int read_arguments(struct reader *r, int argc, char *const argv[])
{
    struct option known[MOOT_OPTIONS + 1];
    int id, rc = MOOT_OK;

    memset(known, 0, sizeof known);
    for (int i = 0; i < MOOT_OPTIONS; i++) {
        known[i].name = moot_option_table[i].name;
        known[i].has_arg =
            moot_option_table[i].value ? required_argument : no_argument;
        known[i].val = i;
    }
    optind = 0; /* begins anew, also in the second test of a process */
    opterr = 0;
    while (rc == MOOT_OK) {
        int at = optind > 0 ? optind : 1;

        id = getopt_long(argc, argv, "+h", known, NULL);
        if (id == -1)
            break;
        if (id == 'h')
            id = MOOT_OPTION_HELP;
        rc = id == '?' ? wrong_argument(r, argv[at]) : take_argument(r, id);
    }
    if (rc == MOOT_OK && optind < argc && r->joining &&
        r->source[MOOT_OPTION_INVITE] < SOURCE_ARGUMENT)
        rc =
            set(r, SOURCE_ARGUMENT, MOOT_OPTION_INVITE, "join", argv[optind++]);
    if (rc == MOOT_OK && optind < argc)
        rc = wrong(r, "argument", argv[optind],
                   "means nothing here: a command comes first, and all else "
                   "is an option, see moot --help");
    return rc;
}

/* "join", and perhaps the invitation. */
static int read_join(struct reader *r, int argc, char *const argv[],
                     int *ret_words)
{
    r->joining = true;
    *ret_words = 1;
    if (argc < 3 || (argv[2][0] == '-' && argv[2][1] != '\0'))
        return MOOT_OK;
    *ret_words = 2;
    return set(r, SOURCE_ARGUMENT, MOOT_OPTION_INVITE, "join", argv[2]);
}

/* A first word without a dash names the task; *ret_words: how many belong to
 * that. */
static int read_task(struct reader *r, int argc, char *const argv[],
                     int *ret_words)
{
    *ret_words = 0;
    if (argc < 2 || argv[1][0] == '-')
        return MOOT_OK;
    if (strcmp(argv[1], "join") == 0)
        return read_join(r, argc, argv, ret_words);
    for (int t = MOOT_TASK_HISTORY; t < MOOT_TASKS; t++) {
        if (strcmp(argv[1], moot_task_word((enum moot_task)t)) != 0)
            continue;
        r->o.task = (enum moot_task)t;
        *ret_words = 1;
        return MOOT_OK;
    }
    return wrong(r, "command", argv[1],
                 "is none: there are moot join, invite, history and verify, "
                 "and to chat there are only options, see moot --help");
}

/* Underscores for dashes in the names of options; the strings are ours. */
static char **with_underscores(int argc, char *const argv[])
{
    char **out = moot_alloc(((size_t)argc + 1) * sizeof *out);

    for (int i = 0; i < argc; i++) {
        out[i] = moot_copy(argv[i], strlen(argv[i]));
        if (strncmp(out[i], "--", 2) != 0)
            continue;
        for (char *c = out[i] + 2; *c && *c != '='; c++) {
            if (*c == '-')
                *c = '_';
        }
    }
    return out;
}

/* --- all together --- */

/* What the file says of bootstrap peers is no mistake of who asks for a
 * standard one on the command line. */
static bool out_of_place(const struct reader *r, enum moot_option_id id)
{
    return r->o.mode == MOOT_STANDARD && r->source[id] != SOURCE_DEFAULT &&
           r->source[id] >= r->source[MOOT_OPTION_MODE];
}

static int check(struct reader *r)
{
    static const char why[] =
        "is for bootstrap peers: add --mode bootstrap, or leave it out";
    const struct moot_options *o = &r->o;

    if (out_of_place(r, MOOT_OPTION_B_PORT))
        return wrong(r, "--b_port", NULL, why);
    if (out_of_place(r, MOOT_OPTION_B_AUTH))
        return wrong(r, "--b_auth", NULL, why);
    if (out_of_place(r, MOOT_OPTION_B_CONNECTIONS))
        return wrong(r, "--b_connections", NULL, why);
    if (o->host_groups > 0 && out_of_place(r, MOOT_OPTION_HOST_GROUPS))
        return wrong(r, "--host_groups", NULL, why);
    if (o->temp && *o->data_dir &&
        r->source[MOOT_OPTION_TEMP] == r->source[MOOT_OPTION_DATA_DIR])
        return wrong(r, "--temp and --data_dir", NULL,
                     "are two places for one profile: give one of them");
    if (o->task != MOOT_TASK_CHAT && !*o->username && !*o->data_dir)
        return wrong(r, moot_task_word(o->task), NULL,
                     "needs to know whose: give --username NAME, or "
                     "--data_dir DIR");
    if (o->breaker.pause_min > o->breaker.pause_max)
        return wrong(r, "--breaker_backoff_min and --breaker_backoff_max", NULL,
                     "are the wrong way round: the first is the shorter one");
    if (o->mode == MOOT_BOOTSTRAP && o->w_port != 0 && o->w_port == o->b_port)
        return wrong(r, "--w_port and --b_port", NULL,
                     "are the same: give each a port of its own");
    return MOOT_OK;
}

/* Of two places for the profile, the stronger source names the one. */
static void choose_place(struct reader *r)
{
    if (r->source[MOOT_OPTION_TEMP] > r->source[MOOT_OPTION_DATA_DIR] &&
        r->o.temp)
        r->o.data_dir[0] = '\0';
    if (r->source[MOOT_OPTION_DATA_DIR] > r->source[MOOT_OPTION_TEMP] ||
        r->o.task != MOOT_TASK_CHAT)
        r->o.temp = false;
}

static int conclude(struct reader *r, int weaker, struct moot_buf *why)
{
    if (r->source[MOOT_OPTION_HELP] == SOURCE_ARGUMENT) {
        moot_options_help(r->text);
        return MOOT_ENONE;
    }
    if (r->source[MOOT_OPTION_VERSION] == SOURCE_ARGUMENT) {
        moot_buf_printf(r->text, "moot %s\n", MOOT_VERSION);
        return MOOT_ENONE;
    }
    if (weaker != MOOT_OK) {
        moot_buf_printf(r->text, "%s", moot_buf_text(why));
        return weaker;
    }
    if (r->joining && !r->o.invited)
        r->o.invite_asked = true;
    choose_place(r);
    return check(r);
}

int moot_options_read(int argc, char *const argv[],
                      struct moot_options *ret_options, struct moot_buf *text)
{
    struct moot_buf why = {0};
    struct reader r = {.text = &why, .o = {.group = "lobby"}};
    char **args = with_underscores(argc, argv);
    int rc, weaker, words;

    r.o.mode = MOOT_STANDARD;
    r.o.history_limit = MOOT_HISTORY_LIMIT;
    r.o.strict = true;
    r.o.timeout = 10 * 1000;
    r.o.breaker = MOOT_BREAKER_DEFAULT;
    r.o.group_timeout = 15 * 1000;
    r.o.b_connections = MOOT_EARLY_MAX;
    r.o.log_level = MOOT_LOG_WARN;

    weaker = read_file(&r);
    if (weaker == MOOT_OK)
        weaker = read_environment(&r);

    /* --help has to work even where the configuration file is wrong. */
    r.text = text;
    rc = read_task(&r, argc, args, &words);
    if (rc == MOOT_OK)
        rc = read_arguments(&r, argc - words, args + words);
    if (rc == MOOT_OK)
        rc = conclude(&r, weaker, &why);
    if (rc == MOOT_OK)
        *ret_options = r.o;
    for (int i = 0; i < argc; i++)
        free(args[i]);
    free(args);
    moot_buf_fini(&why);
    return rc;
}
