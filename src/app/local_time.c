/*
 * app/local_time.c - see app/local_time.h.
 *
 * Layer:  app (loud).
 * Thread: any.
 */
#include "app/local_time.h"

#include <string.h>
#include <time.h>

/* What one shape of text leads to; an end is one unit later. */
static const struct shape {
    const char *text;
    bool minutes, seconds;
} shapes[] = {
    {"dddd-dd-dd", false, false},
    {"dddd-dd-dd dd:dd", true, false},
    {"dddd-dd-dd dd:dd:dd", true, true},
};

static bool fits(const char *text, const char *shape)
{
    for (; *text && *shape; text++, shape++) {
        if (*shape == 'd' ? *text < '0' || *text > '9' : *text != *shape)
            return false;
    }
    return *text == *shape;
}

static int number(const char *digits, int count)
{
    int n = 0;

    for (int i = 0; i < count; i++)
        n = n * 10 + (digits[i] - '0');
    return n;
}

/* -1 when there is no such moment.  A moment that the change of the clock
 * leaves out is taken for the one after it. */
static moot_wall_ms moment(struct tm tm)
{
    struct tm asked = tm;
    time_t seconds;

    tm.tm_isdst = -1;
    seconds = mktime(&tm);
    if (seconds < 0 || tm.tm_mday != asked.tm_mday || tm.tm_mon != asked.tm_mon)
        return -1;
    return (moot_wall_ms)seconds * 1000;
}

static moot_wall_ms day_after(struct tm tm)
{
    tm.tm_mday++;
    tm.tm_isdst = -1;
    return (moot_wall_ms)mktime(&tm) * 1000;
}

bool moot_time_parse(const char *text, moot_wall_ms *ret_begin,
                     moot_wall_ms *ret_end)
{
    const struct shape *shape = NULL;
    struct tm tm = {0};
    moot_wall_ms begin;

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (fits(text, shapes[i].text))
            shape = &shapes[i];
    }
    if (!shape)
        return false;
    tm.tm_year = number(text, 4) - 1900;
    tm.tm_mon = number(text + 5, 2) - 1;
    tm.tm_mday = number(text + 8, 2);
    tm.tm_hour = shape->minutes ? number(text + 11, 2) : 0;
    tm.tm_min = shape->minutes ? number(text + 14, 2) : 0;
    tm.tm_sec = shape->seconds ? number(text + 17, 2) : 0;
    if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59)
        return false;
    begin = moment(tm);
    if (begin < 0)
        return false;
    *ret_begin = begin;
    if (shape->seconds)
        *ret_end = begin + 1000;
    else if (shape->minutes)
        *ret_end = begin + 60 * 1000;
    else
        *ret_end = day_after(tm);
    return true;
}
