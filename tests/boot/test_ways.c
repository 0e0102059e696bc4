/*
 * tests/boot/test_ways.c - every way in: sources that are given, told of,
 * remembered, cached, found or listed, members of earlier runs; and what their
 * word is worth.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <stdio.h>
#include <string.h>

#include "boot_words.h"

Suite *suite_boot_ways(void);

static struct seeker s;
static struct moot_way ways[300];
static struct seeker_options o;

static void setup(void)
{
    memset(ways, 0, sizeof ways);
    o = (struct seeker_options){.ways = ways};
}

static void teardown(void)
{
    seeker_end(&s);
}

/* A bootstrap socket at h<n>:8080. */
static void add_source(enum moot_way_kind kind, unsigned n)
{
    struct moot_way *w = &ways[o.way_count++];
    char host[16];

    snprintf(host, sizeof host, "h%u", n);
    w->kind = kind;
    moot_addr_set(&w->addr, host, 8080);
}

/* Somebody of the cast, who was met in an earlier run. */
static void add_member(char who)
{
    struct moot_way *w = &ways[o.way_count++];

    w->kind = MOOT_WAY_CACHED;
    w->seed = w->has_id = true;
    w->id = *cast_id(who);
    w->addr = cast_addr(who);
}

static void begin(void)
{
    seeker_create(&s, &o);
    s.group = SEEKER_GROUP;
    start(&s);
}

/* Before the cast is there. */
static void begin_with_members(const char *who)
{
    struct seeker_options none = {.endpoints = 0};

    seeker_create(&s, &none);
    for (; *who != '\0'; who++)
        add_member(*who);
    seeker_end(&s);
    o.known = true;
    begin();
}

/* --- members of earlier runs --- */

/* P6: nothing but the cache. */
START_TEST(a_group_is_found_again_by_one_who_was_met_before)
{
    begin_with_members("BC");
    expect(ms_until(&s, "dial C", 100) >= 0);
    expect_sought_of(&s, "dial ready", "dial B pinned\ndial C pinned\n");
    dial_fails(&s, 'B', MOOT_EREFUSED);
    dial_links(&s, 'C');
    meets(&s, 'C', MOOT_JOINED, true, 0);
    meets(&s, 'D', MOOT_JOINED, false, 'C');
    expect(ms_until(&s, "dial D", 1000) >= 0);
    run_ms(&s, 500);
    expect_sought_of(&s, "ready", "");
    dial_links(&s, 'D');
    expect_sought_of(&s, "ready", "ready\n");
}
END_TEST

/* MOOT_ALONE_MS at most; sooner when all were tried. */
START_TEST(when_nobody_is_there_we_go_on_alone_and_keep_looking)
{
    begin_with_members("BC");
    run_ms(&s, 100);
    dial_fails(&s, 'B', MOOT_EREFUSED);
    expect_sought_of(&s, "ready", "");
    dial_fails(&s, 'C', MOOT_ETIMEOUT);
    expect_sought_of(&s, "notice ready",
                     "notice: nobody of the group was found yet; looking for "
                     "them goes on\nready\n");
    expect(ms_until(&s, "dial B", 2500) >= 0);
}
END_TEST

/* Who said goodbye before the secret was changed, say, and comes back. */
START_TEST(who_is_alone_because_the_secret_does_not_fit_is_told_so)
{
    o.closed = true;
    begin_with_members("BC");
    run_ms(&s, 100);
    dial_fails(&s, 'B', MOOT_ESECRET);
    dial_fails(&s, 'C', MOOT_EREFUSED);
    expect_sought_of(&s, "notice ready",
                     "notice: a member is there and lets nobody in with this "
                     "secret: ask for a new invitation; until then what you "
                     "say stays here\nready\n");
}
END_TEST

START_TEST(who_does_not_answer_at_all_holds_us_up_for_3_s)
{
    begin_with_members("B");
    expect_int(ms_until(&s, "ready", 10000), MOOT_ALONE_MS);
}
END_TEST

/* MOOT_RECALL_PAUSE_MS to MOOT_RECALL_PAUSE_MAX_MS. */
START_TEST(one_of_an_earlier_run_is_dialled_ever_more_rarely_and_for_ever)
{
    moot_ms last = 0;

    begin_with_members("B");
    run_ms(&s, 10);
    for (unsigned i = 0; i < 20; i++) {
        forget_sought(&s);
        dial_fails(&s, 'B', MOOT_EREFUSED);
        last = ms_until(&s, "dial B", 100000);
        expect(last >= 800);
        expect(last <= MOOT_RECALL_PAUSE_MAX_MS * 6 / 5);
    }
    expect(last >= MOOT_RECALL_PAUSE_MAX_MS * 4 / 5);
}
END_TEST

/* Others are linked with it: it is there, and perhaps a cut is over. */
START_TEST(one_of_an_earlier_run_is_dialled_soon_when_others_meet_it)
{
    begin_with_members("BC");
    run_ms(&s, 100);
    dial_links(&s, 'C');
    meets(&s, 'C', MOOT_JOINED, true, 0);
    for (unsigned i = 0; i < 10; i++) {
        dial_fails(&s, 'B', MOOT_ETIMEOUT);
        expect(ms_until(&s, "dial B", MOOT_RECALL_IDLE_MAX_MS * 6 / 5) >= 0);
        forget_sought(&s);
    }
    dial_fails(&s, 'B', MOOT_ETIMEOUT);
    meets(&s, 'B', MOOT_JOINED, false, 'C');
    expect(ms_until(&s, "dial B", MOOT_DIAL_AGAIN_MS * 6 / 5) >= 0);
}
END_TEST

START_TEST(somebody_else_at_the_address_is_no_member_of_earlier_runs)
{
    begin_with_members("B");
    run_ms(&s, 10);
    dial_fails(&s, 'B', MOOT_EKEY);
    forget_sought(&s);
    run_ms(&s, 600000);
    expect_sought_of(&s, "dial", "");
}
END_TEST

/* MOOT_RECALLED_AT_ONCE, MOOT_RECALLED_MAX. */
START_TEST(sixteen_are_dialled_at_once_and_256_in_all)
{
    unsigned dialled = 0;

    for (unsigned i = 0; i < 300; i++) {
        struct moot_way *w = &ways[o.way_count++];

        w->seed = w->has_id = true;
        w->kind = MOOT_WAY_CACHED;
        w->id.b[0] = 0xee;
        w->id.b[1] = (uint8_t)(i >> 8);
        w->id.b[2] = (uint8_t)i;
        moot_addr_set(&w->addr, "192.0.2.1", (uint16_t)(1000 + i));
    }
    o.known = true;
    begin();
    expect_uint(s.b->recalled_count, MOOT_RECALLED_MAX);
    run_ms(&s, 2000);
    for (unsigned i = 0; i < s.b->target_count; i++)
        dialled += s.b->targets[i]->token != 0;
    expect_uint(dialled, MOOT_RECALLED_AT_ONCE);
}
END_TEST

/* The endpoint is dead, and so would be the join without them. */
START_TEST(a_dead_endpoint_does_not_keep_us_from_those_we_know)
{
    o.endpoints = 1;
    begin_with_members("B");
    run_ms(&s, 10);
    ask_fails(&s, 0, MOOT_EREFUSED);
    dial_links(&s, 'B');
    meets(&s, 'B', MOOT_JOINED, true, 0);
    expect(ms_until(&s, "ready", 1000) >= 0);
}
END_TEST

/* He was named to bring us to a group, perhaps another one. */
START_TEST(who_was_named_goes_before_those_we_know)
{
    o.endpoints = 1;
    begin_with_members("B");
    run_ms(&s, 10);
    dial_links(&s, 'B');
    meets(&s, 'B', MOOT_JOINED, true, 0);
    run_ms(&s, 1000);
    expect_sought_of(&s, "ready", "");
    expect(ms_until(&s, "ready", MOOT_NAMED_FIRST_MS) >= 0);
}
END_TEST

static void begin_with_an_older_secret(void)
{
    o.endpoints = 1;
    o.closed = true;
    begin_with_members("B");
    run_ms(&s, 10);
    answers(&s, 0, "b");
    s.always = "b";
    dial_links(&s, 'B');
    meets(&s, 'B', MOOT_JOINED, true, 0);
    run_ms(&s, 1000);
    expect_sought_of(&s, "ready", "");
}

/* His first answer names nobody else and says that he is joining; once he has
 * given us the newest secret on the link, he tells whom else to reach. */
START_TEST(who_answers_under_an_older_secret_is_asked_again)
{
    begin_with_an_older_secret();
    s.always = "BC";
    run_ms(&s, 500);
    expect_sought_of(&s, "ready", "");
    dial_links(&s, 'C');
    expect(ms_until(&s, "ready", 100) >= 0);
}
END_TEST

START_TEST(who_never_answers_better_does_not_keep_us)
{
    begin_with_an_older_secret();
    expect(ms_until(&s, "ready", MOOT_MET_WAIT_MS) >= 0);
}
END_TEST

/* He is joining, as he says, and the other one was never there. */
START_TEST(nor_does_he_when_another_endpoint_is_dead)
{
    o.endpoints = 2;
    o.closed = true;
    begin_with_members("C");
    run_ms(&s, 10);
    answers(&s, 0, "b");
    s.always = "b";
    s.dead[1] = MOOT_EREFUSED;
    ask_fails(&s, 1, MOOT_EREFUSED);
    dial_links(&s, 'C');
    meets(&s, 'C', MOOT_JOINED, true, 0);
    links_itself(&s, 'B', 0);
    meets(&s, 'B', MOOT_JOINING, true, 0);
    expect(ms_until(&s, "ready", MOOT_MET_WAIT_MS + 500) >= 0);
}
END_TEST

START_TEST(a_newcomer_with_a_dead_endpoint_is_told_so)
{
    o.endpoints = 1;
    add_source(MOOT_WAY_LISTED, 7);
    begin();
    ask_fails(&s, 0, MOOT_EREFUSED);
    ask_fails(&s, 7, MOOT_ETIMEOUT);
    run_ms(&s, 10000);
    expect_sought_of(&s, "fail ready",
                     "fail 4: no bootstrap peer answered: h0:8080 (connection "
                     "refused), h7:8080 (timed out)\n");
}
END_TEST

/* --- sources --- */

START_TEST(a_source_of_the_cache_leads_back)
{
    add_source(MOOT_WAY_CACHED, 3);
    o.known = true;
    begin();
    expect_sought_of(&s, "ask", "ask h3:8080\n");
    answers(&s, 3, "B");
    expect_sought_of(&s, "dial adopt", "dial B pinned\n");
    dial_links(&s, 'B');
    expect(ms_until(&s, "ready", 1000) >= 0);
}
END_TEST

START_TEST(a_source_of_the_cache_brings_us_to_no_other_group)
{
    add_source(MOOT_WAY_CACHED, 3);
    o.known = true;
    begin();
    s.group = OTHER_GROUP;
    s.weight = MOOT_GROWN;
    answers(&s, 3, "B");
    expect_sought_of(&s, "dial adopt", "");
}
END_TEST

/* MOOT_ASK_OTHERS_MAX, MOOT_ASK_CACHED_MAX. */
START_TEST(never_only_the_cache_is_asked)
{
    for (unsigned i = 0; i < 10; i++)
        add_source(MOOT_WAY_CACHED, i);
    for (unsigned i = 10; i < 13; i++)
        add_source(MOOT_WAY_LISTED, i);
    begin();
    expect_sought_of(&s, "ask",
                     "ask h0:8080\nask h1:8080\nask h2:8080\nask h3:8080\n"
                     "ask h4:8080\nask h5:8080\nask h10:8080\n"
                     "ask h11:8080\n");
    ask_fails(&s, 10, MOOT_EREFUSED);
    expect_sought_of(&s, "ask", "ask h12:8080\n");
    ask_fails(&s, 0, MOOT_EREFUSED);
    expect_sought_of(&s, "ask", "ask h6:8080\n");
}
END_TEST

START_TEST(what_failed_less_often_is_asked_first)
{
    static const struct moot_tripped tripped[] = {
        {.source = "h0:8080", .failures = 3, .opened = 4999000},
        {.source = "h1:8080", .failures = 1, .opened = 4999000}};

    for (unsigned i = 0; i < 3; i++)
        add_source(MOOT_WAY_CACHED, i);
    o.tripped = tripped;
    o.tripped_count = 2;
    begin();
    expect_sought_of(&s, "ask", "ask h2:8080\nask h1:8080\nask h0:8080\n");
}
END_TEST

/* MOOT_SOURCES_MAX. */
START_TEST(sources_are_bounded)
{
    for (unsigned i = 0; i < 100; i++)
        add_source(MOOT_WAY_LISTED, i % 16 + 100 * i);
    o.way_count = 100;
    seeker_create(&s, &o);
    expect_uint(s.b->source_count, MOOT_SOURCES_MAX);
}
END_TEST

START_TEST(
    a_bootstrap_peer_tells_of_another_one_that_is_asked_when_all_are_gone)
{
    struct moot_boot_event met = {.kind = MOOT_BOOT_MET};
    struct moot_addr addr;

    o.endpoints = 1;
    begin();
    addr = cast_addr('C');
    answers(&s, 0, "B");
    dial_links(&s, 'B');
    expect_sought_of(&s, "ready", "ready\n");
    met.met = (struct moot_boot_met){.id = *cast_id('C'),
                                     .name = "c",
                                     .addrs = &addr,
                                     .addr_count = 1,
                                     .standing = MOOT_JOINED,
                                     .bootstrap = true,
                                     .introducer = *cast_id('B')};
    moot_addr_set(&met.met.boot, "h9", 8080);
    seeker_step(&s, &met);
    dial_links(&s, 'C');
    forget_sought(&s);
    run_ms(&s, 60000);
    expect_sought_of(&s, "ask", "");
    link_breaks(&s, 'B');
    link_breaks(&s, 'C');
    expect(ms_until(&s, "ask h9", 6000) >= 0);
}
END_TEST

START_TEST(who_did_not_answer_while_we_joined_is_asked_on)
{
    o.endpoints = 2;
    begin();
    ask_fails(&s, 1, MOOT_EREFUSED);
    answers(&s, 0, "B");
    dial_links(&s, 'B');
    expect(ms_until(&s, "ready", 1000) >= 0);
    forget_sought(&s);
    expect(ms_until(&s, "ask h1", 3000) >= 0);
    answers(&s, 1, "C"); /* an island that nobody else knew of */
    expect(ms_until(&s, "dial C", MOOT_DIAL_YIELD_MS) >= 0);
    dial_links(&s, 'C');
    forget_sought(&s);
    run_ms(&s, 600000);
    expect_sought_of(&s, "ask", "");
}
END_TEST

/* --- breakers --- */

START_TEST(five_failures_trip_a_source_and_that_is_remembered)
{
    o.endpoints = 1;
    o.timeout = 100000;
    begin();
    for (unsigned i = 0; i < 5; i++) {
        expect(ms_until(&s, "ask h0", 3000) >= 0);
        forget_sought(&s);
        ask_fails(&s, 0, MOOT_EREFUSED);
    }
    expect_sought(&s, "tripped h0:8080\n");
    expect_uint(s.tripped.failures, 5);
    expect_int(s.tripped.pause, 1000);
    expect(ms_until(&s, "ask h0", 3000) >= 1000);
    forget_sought(&s);
    run_ms(&s, 5000); /* the one probe is under way */
    expect_sought_of(&s, "ask", "");
    answers(&s, 0, "B");
    expect_sought_of(&s, "healed", "healed h0:8080\n");
    expect_uint(s.tripped.failures, 0);
}
END_TEST

START_TEST(one_that_was_open_is_still_open_after_a_restart)
{
    static const struct moot_tripped tripped = {
        .source = "h3:8080", .failures = 9, .opened = 4990000, .wait = 40000};

    add_source(MOOT_WAY_CACHED, 3);
    o.tripped = &tripped;
    o.tripped_count = 1;
    begin();
    expect_int(ms_until(&s, "ask h3", 100000), 30000);
}
END_TEST

START_TEST(whom_the_user_names_is_probed_at_once_all_the_same)
{
    static const struct moot_tripped tripped = {
        .source = "h0:8080", .failures = 9, .opened = 4990000, .wait = 40000};

    o.endpoints = 1;
    o.tripped = &tripped;
    o.tripped_count = 1;
    begin();
    expect_sought(&s, "ask h0:8080\n");
}
END_TEST

/* --- pins --- */

static struct moot_pins pin_of(char who)
{
    struct moot_pins p = {.count = 1};

    memcpy(p.id[0], cast_id(who)->b, MOOT_PIN_LEN);
    return p;
}

START_TEST(only_who_is_pinned_may_answer)
{
    struct moot_pins pins;

    seeker_create(&s, &o);
    pins = pin_of('C');
    seeker_end(&s);
    o.endpoints = 1;
    o.pins = &pins;
    begin();
    answers(&s, 0, "B");
    expect_sought_of(&s, "dial adopt", "");
    expect(ms_until(&s, "ask h0", 1000) >= 0);
    answers(&s, 0, "CB");
    expect(ms_until(&s, "dial C", 100) >= 0);
}
END_TEST

START_TEST(no_other_group_than_the_one_we_were_invited_to)
{
    struct moot_pins pins = {.has_group = true};
    struct moot_hash group = hash_of(OTHER_GROUP);

    memcpy(pins.group, group.b, MOOT_PIN_LEN);
    o.endpoints = 1;
    o.pins = &pins;
    begin();
    s.group = 0x33;
    answers(&s, 0, "B");
    expect_within("fail 6: no such group there: h0:8080",
                  moot_buf_text(&s.text));
}
END_TEST

/* --- pages and names --- */

static void leads(uint64_t token, const struct moot_way *to, unsigned count)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_FOUND,
                                 .token = token,
                                 .ways = to,
                                 .way_count = count};

    seeker_step(&s, &ev);
}

START_TEST(a_page_leads_to_sources_and_members)
{
    struct moot_way to[2] = {{.kind = MOOT_WAY_LISTED},
                             {.kind = MOOT_WAY_LISTED, .seed = true}};

    ways[o.way_count++] = (struct moot_way){.kind = MOOT_WAY_LISTED,
                                            .url = "https://a.example/peers"};
    begin();
    expect_sought(&s, "read https://a.example/peers\n");
    moot_addr_set(&to[0].addr, "h5", 8080);
    to[1].has_id = true;
    to[1].id = *cast_id('B');
    to[1].addr = cast_addr('B');
    leads(s.read.token, to, 2);
    expect_sought(&s, "ask h5:8080\n");
    expect(ms_until(&s, "dial B", 100) >= 0);
    answers(&s, 5, "B");
    dial_links(&s, 'B');
    expect(ms_until(&s, "ready", 1000) >= 0);
}
END_TEST

START_TEST(a_page_that_cannot_be_read_is_told_and_no_reason_to_fail)
{
    struct moot_boot_event ev = {.kind = MOOT_BOOT_ASK_FAILED,
                                 .why = MOOT_EREDIRECT};

    ways[o.way_count++] = (struct moot_way){.kind = MOOT_WAY_LISTED,
                                            .url = "https://a.example/peers"};
    begin();
    ev.token = s.read.token;
    seeker_step(&s, &ev);
    expect_sought_of(&s, "notice ready fail",
                     "notice: nothing came of https://a.example/peers: it "
                     "points elsewhere\n"
                     "notice: nobody of the group was found yet; looking for "
                     "them goes on\nready\n");
}
END_TEST

START_TEST(a_name_that_is_given_leads_to_those_who_decide)
{
    struct moot_way to = {.kind = MOOT_WAY_FOUND};

    ways[o.way_count++] = (struct moot_way){.kind = MOOT_WAY_GIVEN};
    moot_addr_set(&ways[0].addr, "chat.example", 1);
    ways[0].addr.port = 0;
    begin();
    expect_sought(&s, "look up chat.example\n");
    moot_addr_set(&to.addr, "h5", 8080);
    leads(s.lookup.token, &to, 1);
    expect_sought(&s, "ask h5:8080\n");
    ask_fails(&s, 5, MOOT_EREFUSED);
    run_ms(&s, 10000);
    expect_sought_of(&s, "fail",
                     "fail 4: no bootstrap peer answered: chat.example (led to "
                     "others), h5:8080 (connection refused)\n");
}
END_TEST

/* --- those whose word cannot be checked --- */

static void begin_two(void)
{
    o.endpoints = 2;
    begin();
    s.group = OTHER_GROUP;
    s.weight = MOOT_GROWN;
}

/* A liar lists a member that is nowhere; who signed is nowhere either. */
START_TEST(a_liar_does_not_keep_us_from_an_honest_one)
{
    begin_two();
    answers(&s, 0, "XYZ");
    answers(&s, 1, "B");
    dial_links(&s, 'B');
    dial_fails(&s, 'X', MOOT_EREFUSED);
    expect(ms_until(&s, "ready", MOOT_DOUBT_SOON_MS + 200) >= 0);
}
END_TEST

START_TEST(one_who_only_keeps_us_waiting_is_doubted_after_3_s)
{
    begin_two();
    answers(&s, 0, "XYZ");
    answers(&s, 1, "B");
    dial_links(&s, 'B');
    expect_int(ms_until(&s, "ready", 5000), MOOT_DOUBT_MS);
}
END_TEST

/* He tells of a group of his own, and is the first. */
START_TEST(a_group_where_nobody_is_met_is_left_for_one_that_is_there)
{
    begin_two();
    answers(&s, 0, "XYZ");
    s.group = 0x33;
    answers(&s, 1, "B");
    expect_sought_of(&s, "adopt", "adopt 22 lobby\n");
    dial_fails(&s, 'B', MOOT_EGROUP); /* he is there, in his group */
    expect(ms_until(&s, "adopt 33", MOOT_DOUBT_SOON_MS) >= 0);
    expect(ms_until(&s, "ask h1", 1500) >= 0);
    forget_sought(&s);
    answers(&s, 1, "B");
    dial_links(&s, 'B');
    expect(ms_until(&s, "ready", 1000) >= 0);
}
END_TEST

START_TEST(a_group_where_somebody_is_met_is_not_left)
{
    begin_two();
    answers(&s, 0, "AC");
    s.group = 0x33;
    answers(&s, 1, "B");
    dial_links(&s, 'A');
    dial_fails(&s, 'B', MOOT_EGROUP);
    run_ms(&s, 3000);
    expect_sought_of(&s, "adopt", "adopt 22 lobby\n");
}
END_TEST

START_TEST(a_liar_alone_is_told_of)
{
    begin_two();
    answers(&s, 0, "X");
    ask_fails(&s, 1, MOOT_ESIGNED);
    dial_fails(&s, 'X', MOOT_EREFUSED);
    run_ms(&s, 10000);
    expect_within("fail 5: could not reach x at", moot_buf_text(&s.text));
    expect_within("h0:8080 (answered)", moot_buf_text(&s.text));
}
END_TEST

/* MOOT_STRANGERS_MAX: else the honest one's members would wait for a worker. */
START_TEST(few_of_those_are_dialled_for_whom_nobody_vouches)
{
    begin_two();
    answers(&s, 0, "XABCDEFGHIJKLNOP");
    expect_sought_of(&s, "dial",
                     "dial A pinned\ndial B pinned\ndial C pinned\n"
                     "dial D pinned\ndial E pinned\ndial F pinned\n"
                     "dial G pinned\ndial H pinned\ndial X pinned\n");
    dial_links(&s, 'X');
    expect_sought_of(&s, "dial",
                     "dial I pinned\ndial J pinned\ndial K pinned\n"
                     "dial L pinned\ndial N pinned\ndial O pinned\n"
                     "dial P pinned\n");
}
END_TEST

/* --- verdicts --- */

/* MOOT_PROBE_AFTER_MS. */
START_TEST(a_dial_that_takes_a_second_is_doubtful)
{
    o.endpoints = 1;
    begin();
    answers(&s, 0, "BC");
    dial_links(&s, 'B');
    forget_sought(&s);
    expect_int(ms_until(&s, "probe C", 5000), MOOT_PROBE_AFTER_MS);
    forget_sought(&s);
    verdict(&s, 'B', 'C', false);
    expect(ms_until(&s, "ready", 100) >= 0);
}
END_TEST

static TCase *make_case(const char *name)
{
    TCase *t = tcase_create(name);

    tcase_add_checked_fixture(t, setup, teardown);
    return t;
}

static TCase *earlier(void)
{
    TCase *t = make_case("earlier");

    tcase_add_test(t, a_group_is_found_again_by_one_who_was_met_before);
    tcase_add_test(t, when_nobody_is_there_we_go_on_alone_and_keep_looking);
    tcase_add_test(t, who_is_alone_because_the_secret_does_not_fit_is_told_so);
    tcase_add_test(t, who_does_not_answer_at_all_holds_us_up_for_3_s);
    tcase_add_test(
        t, one_of_an_earlier_run_is_dialled_ever_more_rarely_and_for_ever);
    tcase_add_test(t,
                   one_of_an_earlier_run_is_dialled_soon_when_others_meet_it);
    tcase_add_test(t,
                   somebody_else_at_the_address_is_no_member_of_earlier_runs);
    tcase_add_test(t, sixteen_are_dialled_at_once_and_256_in_all);
    tcase_add_test(t, a_dead_endpoint_does_not_keep_us_from_those_we_know);
    tcase_add_test(t, who_was_named_goes_before_those_we_know);
    tcase_add_test(t, who_answers_under_an_older_secret_is_asked_again);
    tcase_add_test(t, who_never_answers_better_does_not_keep_us);
    tcase_add_test(t, nor_does_he_when_another_endpoint_is_dead);
    tcase_add_test(t, a_newcomer_with_a_dead_endpoint_is_told_so);
    return t;
}

static TCase *sources(void)
{
    TCase *t = make_case("sources");

    tcase_add_test(t, a_source_of_the_cache_leads_back);
    tcase_add_test(t, a_source_of_the_cache_brings_us_to_no_other_group);
    tcase_add_test(t, never_only_the_cache_is_asked);
    tcase_add_test(t, what_failed_less_often_is_asked_first);
    tcase_add_test(t, sources_are_bounded);
    tcase_add_test(
        t,
        a_bootstrap_peer_tells_of_another_one_that_is_asked_when_all_are_gone);
    tcase_add_test(t, who_did_not_answer_while_we_joined_is_asked_on);
    tcase_add_test(t, five_failures_trip_a_source_and_that_is_remembered);
    tcase_add_test(t, one_that_was_open_is_still_open_after_a_restart);
    tcase_add_test(t, whom_the_user_names_is_probed_at_once_all_the_same);
    tcase_add_test(t, only_who_is_pinned_may_answer);
    tcase_add_test(t, no_other_group_than_the_one_we_were_invited_to);
    tcase_add_test(t, a_page_leads_to_sources_and_members);
    tcase_add_test(t, a_page_that_cannot_be_read_is_told_and_no_reason_to_fail);
    tcase_add_test(t, a_name_that_is_given_leads_to_those_who_decide);
    return t;
}

static TCase *doubts(void)
{
    TCase *t = make_case("doubts");

    tcase_add_test(t, a_liar_does_not_keep_us_from_an_honest_one);
    tcase_add_test(t, one_who_only_keeps_us_waiting_is_doubted_after_3_s);
    tcase_add_test(t,
                   a_group_where_nobody_is_met_is_left_for_one_that_is_there);
    tcase_add_test(t, a_group_where_somebody_is_met_is_not_left);
    tcase_add_test(t, a_liar_alone_is_told_of);
    tcase_add_test(t, few_of_those_are_dialled_for_whom_nobody_vouches);
    tcase_add_test(t, a_dial_that_takes_a_second_is_doubtful);
    return t;
}

Suite *suite_boot_ways(void)
{
    Suite *suite = suite_create("boot/ways");

    suite_add_tcase(suite, earlier());
    suite_add_tcase(suite, sources());
    suite_add_tcase(suite, doubts());
    return suite;
}
