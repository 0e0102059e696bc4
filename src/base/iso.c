/*
 * base/iso.c - counting days without a C library's time zones.
 *
 * Layer:  base (quiet).
 * Thread: any.
 */
#include "base/iso.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)
#define LAST_MS INT64_C(253402300799999) /* the end of the year 9999 */

/* Days since 1970-01-01.  The year is taken to begin with March, so that the
 * day that may be missing is its last one. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 -
           719468;
}

static int64_t days_in(int64_t year, int64_t month)
{
    if (month == 12)
        return 31;
    return days_of(year, month + 1, 1) - days_of(year, month, 1);
}

/* The number is counted up to, not computed back: a few steps each. */
void moot_iso_format(moot_wall_ms when, char out[MOOT_ISO_LEN + 1])
{
    int64_t ms = when < 0 ? 0 : when > LAST_MS ? LAST_MS : when;
    int64_t days = ms / DAY_MS;
    int64_t seconds = ms % DAY_MS / 1000;
    int64_t year = 1970 + days / 366;
    int64_t month = 1;

    while (days_of(year + 1, 1, 1) <= days)
        year++;
    while (month < 12 && days_of(year, month + 1, 1) <= days)
        month++;
    snprintf(out, MOOT_ISO_LEN + 1, "%04u-%02u-%02uT%02u:%02u:%02uZ",
             (unsigned)year % 10000, (unsigned)month % 100,
             (unsigned)(days - days_of(year, month, 1) + 1) % 100,
             (unsigned)(seconds / 3600) % 100,
             (unsigned)(seconds / 60 % 60) % 100, (unsigned)(seconds % 60));
}

/* --- reading --- */

struct text {
    const uint8_t *at, *end;
};

static bool take(struct text *t, const char *any_of)
{
    if (t->at == t->end)
        return false;
    for (const char *c = any_of; *c; c++) {
        if ((uint8_t)*c == *t->at) {
            t->at++;
            return true;
        }
    }
    return false;
}

/* Exactly so many digits. */
static bool take_number(struct text *t, unsigned digits, int64_t first,
                        int64_t last, int64_t *ret_number)
{
    int64_t n = 0;

    for (unsigned i = 0; i < digits; i++) {
        uint8_t c = t->at < t->end ? *t->at : 0;

        if (c < '0' || c > '9')
            return false;
        n = n * 10 + (c - '0');
        t->at++;
    }
    *ret_number = n;
    return n >= first && n <= last;
}

static bool take_date(struct text *t, int64_t *ret_days)
{
    int64_t year, month, day;

    if (!take_number(t, 4, 1970, 9999, &year) || !take(t, "-") ||
        !take_number(t, 2, 1, 12, &month) || !take(t, "-") ||
        !take_number(t, 2, 1, days_in(year, month), &day))
        return false;
    *ret_days = days_of(year, month, day);
    return true;
}

static bool take_fraction(struct text *t, int64_t *ret_ms)
{
    int64_t ms = 0, digit, worth = 100;

    if (take(t, ".")) {
        if (!take_number(t, 1, 0, 9, &digit))
            return false;
        do {
            ms += digit * worth;
            worth /= 10;
        } while (take_number(t, 1, 0, 9, &digit));
    }
    *ret_ms = ms;
    return true;
}

/* A leap second is taken for the first of the next minute. */
static bool take_time(struct text *t, int64_t *ret_ms)
{
    int64_t hour, minute, second, ms;

    if (!take_number(t, 2, 0, 23, &hour) || !take(t, ":") ||
        !take_number(t, 2, 0, 59, &minute) || !take(t, ":") ||
        !take_number(t, 2, 0, 60, &second) || !take_fraction(t, &ms))
        return false;
    *ret_ms = ((hour * 60 + minute) * 60 + second) * 1000 + ms;
    return true;
}

static bool take_offset(struct text *t, int64_t *ret_ms)
{
    int64_t hour, minute, sign = t->at < t->end && *t->at == '-' ? -1 : 1;

    *ret_ms = 0;
    if (take(t, "Zz"))
        return true;
    if (!take(t, "+-") || !take_number(t, 2, 0, 23, &hour) || !take(t, ":") ||
        !take_number(t, 2, 0, 59, &minute))
        return false;
    *ret_ms = sign * (hour * 60 + minute) * 60 * 1000;
    return true;
}

bool moot_iso_parse(struct moot_bytes text, moot_wall_ms *ret_when)
{
    struct text t;
    int64_t days, ms, offset, when;

    if (text.len == 0)
        return false;
    t = (struct text){text.data, text.data + text.len};
    if (!take_date(&t, &days) || !take(&t, "Tt ") || !take_time(&t, &ms) ||
        !take_offset(&t, &offset) || t.at != t.end)
        return false;
    when = days * DAY_MS + ms - offset;
    if (when < 0 || when > LAST_MS)
        return false;
    *ret_when = when;
    return true;
}
