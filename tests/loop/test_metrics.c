/*
 * tests/loop/test_metrics.c - counting, and how it looks in the text format.
 *
 * Each test counts in families of its own; the process has one registry.
 *
 * Layer:  tests.
 * Thread: main; two tests start others.
 */
#include "loop/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

Suite *suite_loop_metrics(void);

static struct moot_buf text;

static const char *printed(void)
{
    moot_buf_clear(&text);
    moot_metrics_print(&text);
    return moot_buf_text(&text);
}

static void tear_down(void)
{
    moot_buf_fini(&text);
}

START_TEST(a_family_without_labels_is_shown_from_its_listing_on)
{
    static struct moot_metric m = {.name = "t_plain_total", .help = "Plain."};

    expect(strstr(printed(), "t_plain_total") == NULL);
    moot_metric_list(&m);
    moot_metric_list(&m);
    expect_within("# HELP t_plain_total Plain.\n# TYPE t_plain_total counter\n"
                  "t_plain_total 0\n",
                  printed());
    moot_metric_add(&m, 41);
    moot_metric_add(&m, 1);
    expect_within("\nt_plain_total 42\n", printed());
    expect_int(moot_metric_count(&m, NULL, NULL), 42);
}
END_TEST

START_TEST(a_family_with_labels_shows_what_occurred)
{
    static struct moot_metric m = {
        .name = "t_two_total", .help = "Two.", .labels = {"socket", "reason"}};
    char same[] = "full";

    moot_metric_add_for(&m, "link", "full", 1);
    moot_metric_add_for(&m, "link", same, 1); /* by its text, not its place */
    moot_metric_add_for(&m, "any", "full", 5);
    expect_within("t_two_total{socket=\"link\",reason=\"full\"} 2\n"
                  "t_two_total{socket=\"any\",reason=\"full\"} 5\n",
                  printed());
    expect_int(moot_metric_count(&m, "any", "full"), 5);
    expect_int(moot_metric_count(&m, "any", "no"), 0);
}
END_TEST

START_TEST(a_gauge_is_set_and_raised)
{
    static struct moot_metric m = {
        .name = "t_depth", .help = "Depth.", .kind = MOOT_GAUGE};

    moot_metric_set(&m, -7);
    expect_within("# TYPE t_depth gauge\nt_depth -7\n", printed());
    moot_metric_raise(&m, 3);
    moot_metric_raise(&m, 2);
    expect_within("\nt_depth 3\n", printed());
}
END_TEST

START_TEST(what_is_counted_finely_is_shown_in_base_units)
{
    static struct moot_metric m = {.name = "t_age_seconds",
                                   .help = "Age.",
                                   .kind = MOOT_GAUGE,
                                   .unit = 1000000};

    moot_metric_set(&m, 1500000);
    expect_within("\nt_age_seconds 1.5\n", printed());
    moot_metric_set(&m, -1);
    expect_within("\nt_age_seconds -0.000001\n", printed());
    moot_metric_set(&m, 2000000);
    expect_within("\nt_age_seconds 2\n", printed());
    moot_metric_set(&m, INT64_MIN);
    expect_within("\nt_age_seconds -9223372036854.775808\n", printed());
}
END_TEST

START_TEST(a_histogram_adds_up_from_the_left)
{
    static const int64_t bounds[] = {1000, 20000, 1000000};
    static struct moot_metric m = {.name = "t_flush_seconds",
                                   .help = "Flush.",
                                   .kind = MOOT_HISTOGRAM,
                                   .unit = 1000000,
                                   .bounds = bounds,
                                   .bound_count = 3};

    moot_metric_observe(&m, 1000); /* a bound is inside */
    moot_metric_observe(&m, 1001);
    moot_metric_observe(&m, 5000000);
    expect_within("# TYPE t_flush_seconds histogram\n"
                  "t_flush_seconds_bucket{le=\"0.001\"} 1\n"
                  "t_flush_seconds_bucket{le=\"0.02\"} 2\n"
                  "t_flush_seconds_bucket{le=\"1\"} 2\n"
                  "t_flush_seconds_bucket{le=\"+Inf\"} 3\n"
                  "t_flush_seconds_sum 5.002001\n"
                  "t_flush_seconds_count 3\n",
                  printed());
    expect_int(moot_metric_count(&m, NULL, NULL), 3);
}
END_TEST

/* MOOT_METRIC_CELLS_MAX: nobody makes the page grow. */
START_TEST(values_beyond_the_bound_are_counted_together)
{
    static struct moot_metric m = {
        .name = "t_many_total", .help = "Many.", .labels = {"x"}};
    static char values[2 * MOOT_METRIC_CELLS_MAX][8];

    for (int i = 0; i < 2 * MOOT_METRIC_CELLS_MAX; i++) {
        snprintf(values[i], sizeof values[i], "v%d", i);
        moot_metric_add_for(&m, values[i], NULL, 1);
    }
    moot_metric_add_for(&m, "v0", NULL, 1);
    expect_int(moot_metric_count(&m, "v0", NULL), 2);
    expect_int(moot_metric_count(&m, "v46", NULL), 1);
    expect_int(moot_metric_count(&m, "v47", NULL), 0);
    expect_int(moot_metric_count(&m, "other", NULL), MOOT_METRIC_CELLS_MAX + 1);
}
END_TEST

START_TEST(families_stand_by_name)
{
    static struct moot_metric b = {.name = "t_order_b", .help = "B."};
    static struct moot_metric c = {.name = "t_order_c", .help = "C."};
    static struct moot_metric a = {.name = "t_order_a", .help = "A."};

    moot_metric_list(&b);
    moot_metric_list(&c);
    moot_metric_list(&a);
    expect_within("t_order_a 0\n# HELP t_order_b B.\n# TYPE t_order_b counter\n"
                  "t_order_b 0\n# HELP t_order_c",
                  printed());
}
END_TEST

START_TEST(a_label_keeps_its_value_inside_its_quotes)
{
    struct moot_buf labels = {0};

    moot_metrics_label(&labels, "source", "a\"b\\c\nd");
    moot_metrics_label(&labels, "state", "");
    expect_text(moot_buf_text(&labels),
                "source=\"a\\\"b\\\\c\\nd\",state=\"\"");
    moot_metrics_family(&text, "t_made", MOOT_GAUGE, "Made.");
    moot_metrics_sample(&text, "t_made", moot_buf_text(&labels), 5, 10);
    expect_text(moot_buf_text(&text),
                "# HELP t_made Made.\n# TYPE t_made gauge\n"
                "t_made{source=\"a\\\"b\\\\c\\nd\",state=\"\"} 0.5\n");
    moot_buf_fini(&labels);
}
END_TEST

#define THREADS 4
#define TURNS 2000

static const int64_t race_bounds[] = {1};
static struct moot_metric race = {
    .name = "t_race_total", .help = "Race.", .labels = {"who"}};
static struct moot_metric race_deep = {.name = "t_race_deep",
                                       .help = "Deep.",
                                       .kind = MOOT_HISTOGRAM,
                                       .bounds = race_bounds,
                                       .bound_count = 1};

static void *count_on(void *arg)
{
    static const char *const who[] = {"a", "b", "c", "d"};
    const unsigned *first = arg;

    for (unsigned i = 0; i < TURNS; i++) {
        moot_metric_add_for(&race, who[(*first + i) % 4], NULL, 1);
        moot_metric_observe(&race_deep, i % 2 == 0 ? 1 : 2);
    }
    return NULL;
}

/* Under the thread sanitizer this says more. */
START_TEST(threads_count_while_it_is_shown)
{
    pthread_t threads[THREADS];
    unsigned first[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        first[i] = i;
        pthread_create(&threads[i], NULL, count_on, &first[i]);
    }
    for (unsigned i = 0; i < 50; i++)
        printed();
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    expect_int(moot_metric_count(&race, "a", NULL), THREADS * TURNS / 4);
    expect_int(moot_metric_count(&race, "d", NULL), THREADS * TURNS / 4);
    expect_int(moot_metric_count(&race_deep, NULL, NULL), THREADS * TURNS);
    expect_within("t_race_deep_sum 12000\n", printed());
}
END_TEST

Suite *suite_loop_metrics(void)
{
    Suite *s = suite_create("loop/metrics");
    TCase *t = tcase_create("metrics");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_add_test(t, a_family_without_labels_is_shown_from_its_listing_on);
    tcase_add_test(t, a_family_with_labels_shows_what_occurred);
    tcase_add_test(t, a_gauge_is_set_and_raised);
    tcase_add_test(t, what_is_counted_finely_is_shown_in_base_units);
    tcase_add_test(t, a_histogram_adds_up_from_the_left);
    tcase_add_test(t, values_beyond_the_bound_are_counted_together);
    tcase_add_test(t, families_stand_by_name);
    tcase_add_test(t, a_label_keeps_its_value_inside_its_quotes);
    tcase_add_test(t, threads_count_while_it_is_shown);
    suite_add_tcase(s, t);
    return s;
}
