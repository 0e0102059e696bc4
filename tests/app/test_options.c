/*
 * tests/app/test_options.c - what the user asked for, as tables: what is
 * understood, what is refused and with which words, which source wins.
 *
 * Each test has a directory of its own for the configuration file, and an
 * environment without any MOOT_ variable.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/options.h"
#include "words.h"

Suite *suite_app_options(void);

extern char **environ;

static char *dir;
static struct moot_options o;
static struct moot_buf text;

static void setup(void)
{
    dir = temp_dir_create();
    for (char **e = environ; *e;) {
        char name[64];

        if (strncmp(*e, "MOOT_", 5) != 0) {
            e++;
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*e, "="), *e);
        unsetenv(name);
    }
    setenv("XDG_CONFIG_HOME", dir, 1);
    memset(&o, 0, sizeof o);
}

static void teardown(void)
{
    moot_buf_fini(&text);
    temp_dir_destroy(dir);
}

/* Words separated by blanks; '' is an empty one. */
static int options_of(const char *line)
{
    char copy[1024], *argv[64] = {"moot"}, *rest;
    int argc = 1;

    snprintf(copy, sizeof copy, "%s", line);
    for (char *w = strtok_r(copy, " ", &rest); w && argc < 63;
         w = strtok_r(NULL, " ", &rest))
        argv[argc++] = strcmp(w, "''") == 0 ? "" : w;
    argv[argc] = NULL;
    moot_buf_clear(&text);
    return moot_options_read(argc, argv, &o, &text);
}

static void config(const char *lines)
{
    char path[512];

    snprintf(path, sizeof path, "%s/moot", dir);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/moot/config", dir);
    write_file(path, moot_bytes_text(lines));
}

START_TEST(nothing_given_means_the_defaults)
{
    expect_ok(options_of(""));
    expect_int(o.mode, MOOT_STANDARD);
    expect_uint(o.w_port, 0);
    expect_uint(o.b_port, 0);
    expect_uint(o.endpoint_count, 0);
    expect_text(o.username, "");
    expect_text(o.group, "lobby");
    expect(!o.group_asked);
    expect(o.strict);
    expect_int(o.timeout, 10000);
    expect_int(o.afk_timeout, 0);
    expect_text(o.bind, "");
    expect_int(o.log_level, MOOT_LOG_WARN);
    expect_int(o.task, MOOT_TASK_CHAT);
    expect_text(o.data_dir, "");
    expect_text(o.cache_file, "");
    expect(!o.temp);
    expect(!o.history_bounded);
    expect_uint(o.history_limit, (uint64_t)1 << 30);
}
END_TEST

START_TEST(the_commands_of_the_source_document_are_understood)
{
    expect_ok(options_of("--mode bootstrap --w_port 8081 --b_port 8080"));
    expect_int(o.mode, MOOT_BOOTSTRAP);
    expect_uint(o.w_port, 8081);
    expect_uint(o.b_port, 8080);

    expect_ok(options_of("--mode bootstrap --w_port 8083 --b_port 8082 "
                         "--remote_endpoint localhost:8080"));
    expect_uint(o.endpoint_count, 1);
    expect_text(o.endpoints[0].host, "localhost");
    expect_uint(o.endpoints[0].port, 8080);

    expect_ok(options_of(
        "--mode standard --w_port 8085 --remote_endpoint localhost:8080"));
    expect_int(o.mode, MOOT_STANDARD);
    expect_uint(o.w_port, 8085);
}
END_TEST

START_TEST(every_option_is_understood)
{
    expect_ok(options_of(
        "--username bob --group tea --join partial --timeout 3 --afk_timeout "
        "600 --bind ::1 --advertise chat.example.org --advertise [::2]:9 "
        "--remote_endpoint [::1]:8080 --remote_endpoint=b.example:1 "
        "--remote-endpoint b.example:1 --lan on --log_level trace"));
    expect_text(o.username, "bob");
    expect_text(o.group, "tea");
    expect(o.group_asked);
    expect(!o.strict);
    expect_int(o.timeout, 3000);
    expect_int(o.afk_timeout, 600000);
    expect_text(o.bind, "::1");
    expect_uint(o.advertised_count, 2);
    expect_text(o.advertised[0].host, "chat.example.org");
    expect_uint(o.advertised[0].port, 0);
    expect_text(o.advertised[1].host, "::2");
    expect_uint(o.advertised[1].port, 9);
    expect_uint(o.endpoint_count, 2); /* the same twice is one */
    expect_text(o.endpoints[0].host, "::1");
    expect_int(o.lan, MOOT_LAN_ALL);
    expect_uint(o.dns_server.port, 0);
    expect_ok(options_of("--remote_endpoint Example.org --dns_server ::1"));
    expect_uint(o.endpoint_count, 1);
    expect_text(o.endpoints[0].host, "example.org");
    expect_uint(o.endpoints[0].port, 0);
    expect_text(o.dns_server.host, "::1");
    expect_uint(o.dns_server.port, 53);
    expect_ok(options_of("--dns_server 127.0.0.1:5353 --log_level trace"));
    expect_uint(o.dns_server.port, 5353);
    expect_int(o.log_level, MOOT_LOG_TRACE);

    expect_ok(options_of("--mode bootstrap --b_auth t/o --log_format json"));
    expect_text(o.b_auth, "t/o");
    expect_uint(o.b_connections, 256);
    expect(o.log_json);
    expect_ok(options_of("--log_format logfmt"));
    expect(!o.log_json);

    expect_ok(options_of("--data_dir d/e --history none --history_limit 2g"));
    expect_text(o.data_dir, "d/e");
    expect_ok(options_of("--cache_file /var/cache/moot.json"));
    expect_text(o.cache_file, "/var/cache/moot.json");
    expect_ok(options_of("--history none --history_limit 2g"));
    expect(o.history_bounded);
    expect_uint(o.history_max, 0);
    expect_uint(o.history_limit, (uint64_t)2 << 30);
    expect_ok(options_of("--temp --history 100 --history_limit 16777216"));
    expect(o.temp);
    expect(o.history_bounded);
    expect_uint(o.history_max, 100);
    expect_uint(o.history_limit, (uint64_t)16 << 20);
    expect_ok(options_of("--history all --history_limit 20000K"));
    expect(!o.history_bounded);
    expect_uint(o.history_limit, (uint64_t)20000 << 10);
    expect_ok(options_of("--mode bootstrap --b_connections 10000"));
    expect_uint(o.b_connections, 10000);
}
END_TEST

START_TEST(a_first_word_names_what_else_there_is_to_do)
{
    setenv("TZ", "UTC", 1);
    expect_ok(options_of("history --username bob --group tea --last 3 --since "
                         "1970-01-02 --until=1970-01-03 --author ann --json"));
    expect_int(o.task, MOOT_TASK_HISTORY);
    expect_text(o.username, "bob");
    expect_text(o.group, "tea");
    expect(o.group_asked);
    expect_uint(o.query.last, 3);
    expect_int(o.query.since, 86400000);
    expect_int(o.query.until, 3 * 86400000);
    expect_text(o.query.author, "ann");
    expect(o.query.json);

    /* What the file says of the chat is no mistake here. */
    config("mode = bootstrap\nb_port = 8080\ntemp = yes\n");
    expect_ok(options_of("verify --data_dir d"));
    expect_int(o.task, MOOT_TASK_VERIFY);
    expect(!o.temp);
    expect_error(options_of("verify --help"), MOOT_ENONE);
}
END_TEST

START_TEST(of_two_places_for_a_profile_the_stronger_source_names_the_one)
{
    config("data_dir = /of/the/file\n");
    expect_ok(options_of("--temp"));
    expect(o.temp);
    expect_text(o.data_dir, "");
    setenv("MOOT_TEMP", "yes", 1);
    expect_ok(options_of(""));
    expect(o.temp);
    expect_ok(options_of("--data_dir d"));
    expect(!o.temp);
    expect_text(o.data_dir, "d");
    setenv("MOOT_TEMP", "no", 1);
    expect_ok(options_of(""));
    expect(!o.temp);
    expect_text(o.data_dir, "/of/the/file");
    setenv("MOOT_TEMP", "perhaps", 1);
    expect_error(options_of(""), MOOT_EINVAL);
    expect_text(moot_buf_text(&text),
                "moot: MOOT_TEMP \"perhaps\" is neither yes nor no\n");
}
END_TEST

static const struct {
    const char *line, *message;
} refused[] = {
    {"--no_such_option",
     "moot: option \"--no_such_option\" is no option; see moot --help\n"},
    {"--w_prot 80",
     "moot: option \"--w_prot\" is no option; did you mean --w_port?\n"},
    {"--remote_endpont=x:1", "moot: option \"--remote_endpont=x:1\" is no "
                             "option; did you mean --remote_endpoint?\n"},
    {"-x", "moot: option \"-x\" is no option; see moot --help\n"},
    {"--w_port", "moot: option \"--w_port\" needs a value: --w_port PORT\n"},
    {"--help=yes", "moot: option \"--help=yes\" takes no value\n"},
    {"lobby",
     "moot: command \"lobby\" is none: there are moot join, invite, "
     "history and verify, and to chat there are only options, see moot "
     "--help\n"},
    {"--username bob lobby",
     "moot: argument \"lobby\" means nothing here: a command comes first, and "
     "all else is an option, see moot --help\n"},
    {"history --username bob --w_port 1",
     "moot: --w_port is not for moot history; see moot --help\n"},
    {"verify --username bob --group tea",
     "moot: --group is not for moot verify; see moot --help\n"},
    {"--last 5", "moot: --last is for moot history: moot history comes first, "
                 "its options behind it\n"},
    {"history", "moot: history needs to know whose: give --username NAME, or "
                "--data_dir DIR\n"},
    {"history --last 0",
     "moot: --last \"0\" is no number of lines, from 1 on\n"},
    {"history --since yesterday",
     "moot: --since \"yesterday\" is no time: give YYYY-MM-DD, or \"YYYY-MM-DD "
     "HH:MM\", perhaps with :SS\n"},
    {"history --until 2026-02-30",
     "moot: --until \"2026-02-30\" is no time: give YYYY-MM-DD, or "
     "\"YYYY-MM-DD HH:MM\", perhaps with :SS\n"},
    {"--temp --data_dir d", "moot: --temp and --data_dir are two places for "
                            "one profile: give one of them\n"},
    {"--temp=yes", "moot: option \"--temp=yes\" takes no value\n"},
    {"--data_dir ''", "moot: --data_dir \"\" is no directory: give its path\n"},
    {"--data_dir=~/chat",
     "moot: --data_dir \"~/chat\" begins with ~, which only a shell "
     "understands: write the whole path\n"},
    {"--cache_file ''", "moot: --cache_file \"\" is no file: give its path, or "
                        "none\n"},
    {"--cache_file ~/peers",
     "moot: --cache_file \"~/peers\" begins with ~, which only a shell "
     "understands: write the whole path\n"},
    {"--history some", "moot: --history \"some\" is none of all, none and a "
                       "number of entries\n"},
    {"--history_limit 15M",
     "moot: --history_limit \"15M\" is too little: 16M is the least\n"},
    {"--history_limit 2GB", "moot: --history_limit \"2GB\" is no size: give "
                            "bytes, or a number and K, M or G, such as 2G\n"},
    {"--history_limit M", "moot: --history_limit \"M\" is no size: give "
                          "bytes, or a number and K, M or G, such as 2G\n"},
    {"--mode sideways",
     "moot: --mode \"sideways\" is neither standard nor bootstrap\n"},
    {"--w_port 65536", "moot: --w_port \"65536\" is no port: give a number "
                       "from 0 (any free one) to 65535\n"},
    {"--w_port -1", "moot: --w_port \"-1\" is no port: give a number from 0 "
                    "(any free one) to 65535\n"},
    {"--w_port http", "moot: --w_port \"http\" is no port: give a number from "
                      "0 (any free one) to 65535\n"},
    {"--w_port ''", "moot: --w_port \"\" is no port: give a number from 0 (any "
                    "free one) to 65535\n"},
    {"--w_port 99999999999999999999",
     "moot: --w_port \"99999999999999999999\" is no port: give a number from 0 "
     "(any free one) to 65535\n"},
    {"--b_port 8080", "moot: --b_port is for bootstrap peers: add --mode "
                      "bootstrap, or leave it out\n"},
    {"--b_port 8080 --mode standard",
     "moot: --b_port is for bootstrap peers: add --mode bootstrap, or leave it "
     "out\n"},
    {"--b_auth token",
     "moot: --b_auth is for bootstrap peers: add --mode bootstrap, or leave it "
     "out\n"},
    {"--mode bootstrap --b_connections 15",
     "moot: --b_connections \"15\" is no number of connections, from 16 to "
     "10000\n"},
    {"--mode standard --b_connections 20",
     "moot: --b_connections is for bootstrap peers: add --mode bootstrap, or "
     "leave it out\n"},
    {"--mode bootstrap --b_auth ''",
     "moot: --b_auth \"\" is no file: give its path\n"},
    {"--log_format xml",
     "moot: --log_format \"xml\" is neither logfmt nor json\n"},
    {"--mode bootstrap --w_port 80 --b_port 80",
     "moot: --w_port and --b_port are the same: give each a port of its own\n"},
    {"--remote_endpoint localhost",
     "moot: --remote_endpoint \"localhost\" is no endpoint: give HOST:PORT, "
     "such as localhost:8080 or [::1]:8080\n"},
    {"--remote_endpoint localhost:0",
     "moot: --remote_endpoint \"localhost:0\" is no endpoint: give HOST:PORT, "
     "such as localhost:8080 or [::1]:8080\n"},
    {"--join perhaps", "moot: --join \"perhaps\" is neither strict nor "
                       "partial\n"},
    {"--timeout 0", "moot: --timeout \"0\" is no time: give whole seconds, "
                    "from 1 to 604800 (a week)\n"},
    {"--timeout 604801", "moot: --timeout \"604801\" is no time: give whole "
                         "seconds, from 1 to 604800 (a week)\n"},
    {"--afk_timeout 1.5", "moot: --afk_timeout \"1.5\" is no time: give whole "
                          "seconds, from 0 (never) to 604800 (a week)\n"},
    {"--bind a:b:c:", "moot: --bind \"a:b:c:\" is no address: give that of one "
                      "interface, such as 127.0.0.1\n"},
    {"--advertise 0.0.0.0", "moot: --advertise \"0.0.0.0\" is no address that "
                            "others can reach\n"},
    {"--dns_server dns.example", "moot: --dns_server \"dns.example\" is no "
                                 "server: give ADDRESS or ADDRESS:PORT, such "
                                 "as 192.0.2.53 or [::1]:5353\n"},
    {"--remote_endpoint 192.0.2.7",
     "moot: --remote_endpoint \"192.0.2.7\" is no endpoint: give HOST:PORT, "
     "such as localhost:8080 or [::1]:8080\n"},
    {"--lan perhaps", "moot: --lan \"perhaps\" is neither on nor off\n"},
    {"--username ''", "moot: --username \"\" is empty\n"},
    {"--group a\x1b[31m", "moot: --group \"a\\x1b[31m\" holds a character that "
                          "cannot be seen\n"},
    {"--log_level loud", "moot: --log_level \"loud\" is none of error, warn, "
                         "info, debug, trace\n"},
};

START_TEST(what_is_wrong_is_said_in_one_line)
{
    expect_error(options_of(refused[_i].line), MOOT_EINVAL);
    expect_text(moot_buf_text(&text), refused[_i].message);
}
END_TEST

static const struct {
    const char *name, *values[2];
} once[] = {
    {"username", {"a", "b"}},
    {"group", {"a", "b"}},
    {"mode", {"standard", "bootstrap"}},
    {"w_port", {"1", "1"}}, /* the same again is a slip, too */
    {"b_port", {"1", "2"}},
    {"join", {"strict", "partial"}},
    {"timeout", {"1", "2"}},
    {"bind", {"127.0.0.1", "127.0.0.2"}},
    {"afk_timeout", {"1", "2"}},
    {"log_level", {"warn", "info"}},
    {"log_format", {"json", "logfmt"}},
    {"b_auth", {"a", "b"}},
    {"b_connections", {"20", "30"}},
    {"data_dir", {"a", "b"}},
    {"history", {"all", "none"}},
    {"history_limit", {"1G", "2G"}},
};

START_TEST(what_may_be_given_once_is_refused_when_given_twice)
{
    char line[128], message[128];

    snprintf(line, sizeof line, "--%s %s --%s=%s", once[_i].name,
             once[_i].values[0], once[_i].name, once[_i].values[1]);
    snprintf(message, sizeof message,
             "moot: --%s is given twice: it may be given once\n",
             once[_i].name);
    expect_error(options_of(line), MOOT_EINVAL);
    expect_text(moot_buf_text(&text), message);
}
END_TEST

START_TEST(seventeen_endpoints_are_one_too_many)
{
    char line[1024] = "";

    for (int i = 0; i < MOOT_ENDPOINTS_MAX + 1; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line),
                 "--remote_endpoint h:%d ", i + 1);
    expect_error(options_of(line), MOOT_EINVAL);
    expect_within("one too many", moot_buf_text(&text));
}
END_TEST

START_TEST(five_advertised_addresses_are_one_too_many)
{
    expect_error(options_of("--advertise a --advertise b --advertise c "
                            "--advertise d --advertise e"),
                 MOOT_EINVAL);
    expect_within("one too many", moot_buf_text(&text));
}
END_TEST

START_TEST(the_command_line_wins_over_the_environment_and_that_over_the_file)
{
    config("# my settings\n\n w_port = 1 \nusername=file\ngroup = of file\n"
           "remote_endpoint = f:1, f:2\nremote_endpoint = f:3\n");
    setenv("MOOT_W_PORT", "2", 1);
    setenv("MOOT_USERNAME", "env", 1);
    setenv("MOOT_REMOTE_ENDPOINT", "e:1 e:2", 1);
    setenv("MOOT_GROUP", "", 1); /* empty is as if it were not there */

    expect_ok(options_of("--w_port 3"));
    expect_uint(o.w_port, 3);
    expect_text(o.username, "env");
    expect_text(o.group, "of file");
    expect_uint(o.endpoint_count, 2);
    expect_text(o.endpoints[0].host, "e");

    expect_ok(options_of("--remote_endpoint a:1"));
    expect_uint(o.endpoint_count, 1);
    expect_text(o.endpoints[0].host, "a");

    unsetenv("MOOT_REMOTE_ENDPOINT");
    expect_ok(options_of(""));
    expect_uint(o.endpoint_count, 3);
    expect_uint(o.w_port, 2);
}
END_TEST

START_TEST(the_file_of_a_bootstrap_peer_does_not_stop_a_standard_one)
{
    config("mode = bootstrap\nb_port = 8080\n");
    expect_ok(options_of(""));
    expect_int(o.mode, MOOT_BOOTSTRAP);
    expect_ok(options_of("--mode standard"));
    expect_int(o.mode, MOOT_STANDARD);
}
END_TEST

static const struct {
    const char *lines, *name;
} quoted[] = {
    {"username = \"Ann Lee\"\n", "Ann Lee"},
    {"username = 'Ann Lee' \n", "Ann Lee"},
    {"username = Ann \"the\" Lee\n", "Ann \"the\" Lee"},
    {"username = O'Neil\n", "O'Neil"},
    {"username = \"'t Hooft\"\n", "'t Hooft"},
    {"username = '\"Ann\" Lee'\n", "\"Ann\" Lee"},
};

START_TEST(quotes_around_a_value_of_the_file_are_no_part_of_it)
{
    config(quoted[_i].lines);
    expect_ok(options_of(""));
    expect_text(o.username, quoted[_i].name);
}
END_TEST

START_TEST(a_list_may_be_in_quotes_as_a_whole)
{
    config("remote_endpoint = \"a:1, b:2\"\nw_port = '3'\n");
    expect_ok(options_of(""));
    expect_uint(o.endpoint_count, 2);
    expect_text(o.endpoints[1].host, "b");
    expect_uint(o.w_port, 3);
}
END_TEST

static const struct {
    const char *lines, *message;
} bad_files[] = {
    {"w_port = x\n", "config:1: \"x\" is no port"},
    {"\nw_prot = 1\n", "config:2: \"w_prot\" is no option; did you mean "
                       "w_port?"},
    {"last = 3\n", "config:1: \"last\" is no option that can stand here"},
    {"temp = maybe\n", "config:1: \"maybe\" is neither yes nor no"},
    {"help = yes\n", "config:1: \"help\" is no option that can stand here"},
    {"just words\n", "config:1: \"just words\" is not of the form key = value"},
    {"username = \"Ann\n", "config:1: \"\"Ann\" needs one pair of quotes"},
    {"username = \"\n", "config:1: \"\"\" needs one pair of quotes"},
    {"username = \"Ann\" Lee\n", "Lee\" needs one pair of quotes, or none\n"},
    {"username = 't Hooft\n", "\"'t Hooft\" needs one pair of quotes"},
    {"remote_endpoint = \"a:1\", \"b:2\"\n", "needs one pair of quotes"},
    {"username = \"\"\n", "config:1: \"\" "},
};

START_TEST(a_mistake_in_the_file_names_file_and_line)
{
    config(bad_files[_i].lines);
    expect_error(options_of(""), MOOT_EINVAL);
    expect_within(bad_files[_i].message, moot_buf_text(&text));
    expect_error(options_of("--help"), MOOT_ENONE); /* help comes anyway */
}
END_TEST

START_TEST(a_file_without_end_is_refused)
{
    struct moot_buf long_file = {0};

    for (int i = 0; i < MOOT_CONFIG_LEN_MAX / 8; i++)
        moot_buf_append(&long_file, "# words\n", 8);
    config(moot_buf_text(&long_file));
    expect_ok(options_of(""));
    moot_buf_append(&long_file, "# words\n", 8);
    config(moot_buf_text(&long_file));
    expect_error(options_of(""), MOOT_EINVAL);
    expect_within("too long", moot_buf_text(&text));

    moot_buf_clear(&long_file);
    for (int i = 0; i < 2000; i++)
        moot_buf_append(&long_file, "x", 1);
    config(moot_buf_text(&long_file));
    expect_error(options_of(""), MOOT_EINVAL);
    moot_buf_fini(&long_file);
}
END_TEST

/* A directory, what never ends, what never begins. */
static const char *const no_files[] = {"", "/dev/zero", "fifo"};

START_TEST(what_is_no_regular_file_is_no_configuration)
{
    char path[512];

    expect_ok(options_of("")); /* none at all is fine */
    snprintf(path, sizeof path, "%s/moot", dir);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/moot/config", dir);
    if (*no_files[_i] == '\0')
        expect_int(mkdir(path, 0700), 0);
    else if (*no_files[_i] == '/')
        expect_int(symlink(no_files[_i], path), 0);
    else
        expect_int(mkfifo(path, 0600), 0);
    expect_error(options_of(""), MOOT_EINVAL);
    expect_within("/moot/config is no regular file\n", moot_buf_text(&text));
}
END_TEST

/* A hole of the file system costs nothing to make and gives zeros for hours. */
START_TEST(a_file_of_zeros_is_refused_at_its_first_line)
{
    char path[512];

    config("");
    snprintf(path, sizeof path, "%s/moot/config", dir);
    expect_int(truncate(path, (off_t)1 << 30), 0);
    expect_error(options_of(""), MOOT_EINVAL);
    expect_within("config:1: too long", moot_buf_text(&text));
}
END_TEST

START_TEST(a_mistake_in_the_environment_names_the_variable)
{
    setenv("MOOT_TIMEOUT", "soon", 1);
    expect_error(options_of(""), MOOT_EINVAL);
    expect_text(moot_buf_text(&text),
                "moot: MOOT_TIMEOUT \"soon\" is no time: give whole seconds, "
                "from 1 to 604800 (a week)\n");
}
END_TEST

START_TEST(help_names_every_option_and_fits_a_terminal)
{
    char copy[8192], *rest;

    expect_error(options_of("--help"), MOOT_ENONE);
    expect_within("--remote_endpoint HOST[:PORT]", moot_buf_text(&text));
    expect_within("--afk_timeout SECONDS", moot_buf_text(&text));
    snprintf(copy, sizeof copy, "%s", moot_buf_text(&text));
    for (char *l = strtok_r(copy, "\n", &rest); l;
         l = strtok_r(NULL, "\n", &rest))
        ck_assert_msg(strlen(l) <= 80, "%s", l);
    expect_error(options_of("-h"), MOOT_ENONE);
}
END_TEST

START_TEST(version_is_told)
{
    expect_error(options_of("--version"), MOOT_ENONE);
    expect_text(moot_buf_text(&text), "moot " MOOT_VERSION "\n");
}
END_TEST

/* The man page is written by hand but for these two sections. */
START_TEST(the_man_page_holds_the_table_as_it_is)
{
    struct moot_buf page = {0}, part = {0};

    read_file("docs/moot.1", &page);
    moot_options_man(&part);
    expect_within(moot_buf_text(&part), moot_buf_text(&page));
    moot_buf_clear(&part);
    moot_options_man_history(&part);
    expect_within(moot_buf_text(&part), moot_buf_text(&page));
    moot_buf_clear(&part);
    moot_options_man_codes(&part);
    expect_within(moot_buf_text(&part), moot_buf_text(&page));
    moot_buf_fini(&page);
    moot_buf_fini(&part);
}
END_TEST

Suite *suite_app_options(void)
{
    Suite *s = suite_create("app/options");
    TCase *t = tcase_create("options");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, nothing_given_means_the_defaults);
    tcase_add_test(t, the_commands_of_the_source_document_are_understood);
    tcase_add_test(t, every_option_is_understood);
    tcase_add_test(t, a_first_word_names_what_else_there_is_to_do);
    tcase_add_test(
        t, of_two_places_for_a_profile_the_stronger_source_names_the_one);
    tcase_add_loop_test(t, what_is_wrong_is_said_in_one_line, 0,
                        sizeof refused / sizeof refused[0]);
    tcase_add_loop_test(t, what_may_be_given_once_is_refused_when_given_twice,
                        0, sizeof once / sizeof once[0]);
    tcase_add_test(t, seventeen_endpoints_are_one_too_many);
    tcase_add_test(t, five_advertised_addresses_are_one_too_many);
    tcase_add_test(
        t, the_command_line_wins_over_the_environment_and_that_over_the_file);
    tcase_add_test(t,
                   the_file_of_a_bootstrap_peer_does_not_stop_a_standard_one);
    tcase_add_loop_test(t, quotes_around_a_value_of_the_file_are_no_part_of_it,
                        0, sizeof quoted / sizeof quoted[0]);
    tcase_add_test(t, a_list_may_be_in_quotes_as_a_whole);
    tcase_add_loop_test(t, a_mistake_in_the_file_names_file_and_line, 0,
                        sizeof bad_files / sizeof bad_files[0]);
    tcase_add_test(t, a_file_without_end_is_refused);
    tcase_add_loop_test(t, what_is_no_regular_file_is_no_configuration, 0,
                        sizeof no_files / sizeof no_files[0]);
    tcase_add_test(t, a_file_of_zeros_is_refused_at_its_first_line);
    tcase_add_test(t, a_mistake_in_the_environment_names_the_variable);
    tcase_add_test(t, help_names_every_option_and_fits_a_terminal);
    tcase_add_test(t, version_is_told);
    tcase_add_test(t, the_man_page_holds_the_table_as_it_is);
    suite_add_tcase(s, t);
    return s;
}
