/*
 * ui/nearest.c - three rows of the edit distance table are enough.
 *
 * Layer:  ui (loud).
 * Thread: any.
 */
#include "ui/nearest.h"

#include <limits.h>
#include <string.h>

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned moot_spelling_distance(struct moot_bytes a, struct moot_bytes b)
{
    unsigned rows[3][MOOT_NEAREST_LEN_MAX + 1];
    unsigned *above2 = rows[0];
    unsigned *above = rows[1];
    unsigned *row = rows[2];

    if (a.len > MOOT_NEAREST_LEN_MAX || b.len > MOOT_NEAREST_LEN_MAX)
        return UINT_MAX;
    memset(rows, 0, sizeof rows);
    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;

    for (unsigned i = 1; i <= a.len; i++) {
        unsigned *spare = above2;

        above2 = above;
        above = row;
        row = spare;
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            uint8_t x = lower(a.data[i - 1]);
            uint8_t y = lower(b.data[j - 1]);

            row[j] = least(least(above[j], row[j - 1]) + 1,
                           above[j - 1] + (x != y ? 1 : 0));
            if (i > 1 && j > 1 && x == lower(b.data[j - 2]) &&
                y == lower(a.data[i - 2]))
                row[j] = least(row[j], above2[j - 2] + 1);
        }
    }
    return row[b.len];
}

bool moot_spelling_near(struct moot_bytes a, struct moot_bytes b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;

    return moot_spelling_distance(a, b) <= (shorter < 4 ? 1 : 2);
}
