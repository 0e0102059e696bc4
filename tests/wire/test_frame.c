/*
 * tests/wire/test_frame.c - cutting a stream into frames.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <check.h>
#include <string.h>

#include "base/limits.h"
#include "wire/frame.h"
#include "words.h"

Suite *suite_wire_frame(void);

START_TEST(a_frame_comes_when_its_last_byte_has_come)
{
    static const uint8_t stream[] = {0, 0, 0, 3, 'a', 'b', 'c', 0, 0};
    struct moot_bytes frame = {0};

    for (size_t len = 0; len < 7; len++) {
        struct guarded g;

        guarded_init(&g, moot_bytes_of(stream, len));
        expect_error(moot_frame_first(guarded_view(&g), 10, &frame),
                     MOOT_EAGAIN);
        expect(frame.data == NULL);
        guarded_fini(&g);
    }
    for (size_t len = 7; len <= sizeof stream; len++) {
        expect_ok(moot_frame_first(moot_bytes_of(stream, len), 10, &frame));
        expect_bytes(frame, moot_bytes_text("abc"));
        expect(frame.data == stream + MOOT_FRAME_PREFIX);
    }
}
END_TEST

static int verdict(uint32_t len, size_t len_max)
{
    uint8_t prefix[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16),
                         (uint8_t)(len >> 8), (uint8_t)len};
    struct moot_bytes frame;

    return moot_frame_first(moot_bytes_of(prefix, 4), len_max, &frame);
}

/* A stranger's 2^31 is refused before a byte of it is waited for. */
START_TEST(the_length_is_judged_by_the_prefix_alone)
{
    expect_error(verdict(0, MOOT_FRAME_LEN_MAX), MOOT_EPROTO);
    expect_error(verdict(1, MOOT_FRAME_LEN_MAX), MOOT_EAGAIN);
    expect_error(verdict(MOOT_FRAME_LEN_MAX, MOOT_FRAME_LEN_MAX), MOOT_EAGAIN);
    expect_error(verdict(MOOT_FRAME_LEN_MAX + 1, MOOT_FRAME_LEN_MAX),
                 MOOT_EPROTO);
    expect_error(verdict(UINT32_C(1) << 31, MOOT_FRAME_LEN_MAX), MOOT_EPROTO);
    expect_error(verdict(UINT32_MAX, MOOT_FRAME_LEN_MAX), MOOT_EPROTO);
}
END_TEST

START_TEST(before_the_proofs_frames_are_shorter)
{
    expect_error(verdict(MOOT_FRAME_EARLY_LEN_MAX, MOOT_FRAME_EARLY_LEN_MAX),
                 MOOT_EAGAIN);
    expect_error(
        verdict(MOOT_FRAME_EARLY_LEN_MAX + 1, MOOT_FRAME_EARLY_LEN_MAX),
        MOOT_EPROTO);
}
END_TEST

Suite *suite_wire_frame(void)
{
    Suite *s = suite_create("wire/frame");
    TCase *t = tcase_create("frame");

    tcase_add_test(t, a_frame_comes_when_its_last_byte_has_come);
    tcase_add_test(t, the_length_is_judged_by_the_prefix_alone);
    tcase_add_test(t, before_the_proofs_frames_are_shorter);
    suite_add_tcase(s, t);
    return s;
}
