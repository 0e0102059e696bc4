/*
 * tests/fuzz/replay.c - feeds files to a fuzz target without a fuzzer.
 *
 * Arguments are files and directories of them (not deeper).  Each input gets
 * memory of exactly its size, so that a sanitizer sees one byte too many.
 *
 * Layer:  tests.
 * Thread: main.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void die(const char *path)
{
    perror(path);
    exit(EXIT_FAILURE);
}

static void replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (f == NULL || fseek(f, 0, SEEK_END) != 0)
        die(path);

    long len = ftell(f);

    if (len < 0 || fseek(f, 0, SEEK_SET) != 0)
        die(path);

    uint8_t *data = malloc(len == 0 ? 1 : (size_t)len);

    if (data == NULL || fread(data, 1, (size_t)len, f) != (size_t)len)
        die(path);
    fclose(f);
    LLVMFuzzerTestOneInput(data, (size_t)len);
    free(data);
}

static unsigned replay_dir(DIR *dir, const char *path)
{
    struct dirent *item;
    unsigned count = 0;

    while ((item = readdir(dir)) != NULL) {
        char name[4096];

        if (item->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, item->d_name);
        replay_file(name);
        count++;
    }
    return count;
}

int main(int argc, char **argv)
{
    unsigned count = 0;

    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);

        if (dir == NULL) {
            replay_file(argv[i]);
            count++;
            continue;
        }
        count += replay_dir(dir, argv[i]);
        closedir(dir);
    }
    printf("%s: %u inputs replayed\n", argv[0], count);
    if (count == 0)
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
