/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a file and waits until standard input, which is the detector's output, names it.
 *
 *   alerts first FOLDER SINCE   prints the milliseconds from SINCE (nanoseconds since 1970) to the first line that names its file,
 *                               which it opens every millisecond
 *   alerts rounds FOLDER COUNT  prints the median and the 99th percentile of COUNT rounds, in microseconds, from before the open to the
 *                               end of the line's reading; a random pause of 5 to 25 ms goes before each
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char text[1 << 16];
static size_t used;

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void open_file(const char *folder, const char *name)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	int file = open(path, O_RDONLY | O_CREAT, 0600);
	if (file < 0) {
		perror(path);
		exit(1);
	}
	close(file);
	unlink(path);
}

/* Waits so many milliseconds for a line with that name, and forgets what came before it. */
static int told(const char *name, int milliseconds)
{
	for (;;) {
		text[used] = 0;
		char *end = strrchr(text, '\n'), *found = strstr(text, name);
		if (found && end > found) {
			used -= end + 1 - text;
			memmove(text, end + 1, used);
			return 1;
		}
		if (used > sizeof text / 2)
			used = 0;
		struct pollfd input = {.fd = 0, .events = POLLIN};
		if (poll(&input, 1, milliseconds) <= 0)
			return 0;
		ssize_t got = read(0, text + used, sizeof text - 1 - used);
		if (got <= 0) {
			fputs("the detector's output has ended\n", stderr);
			exit(1);
		}
		used += got;
	}
}

static int ascending(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
	return (left > right) - (left < right);
}

static void first(const char *folder, uint64_t since)
{
	uint64_t start = now();
	do {
		open_file(folder, "first");
		if (now() - start > 20000000000ULL) {
			fputs("no alert came within 20 s\n", stderr);
			exit(1);
		}
	} while (!told("/first", 1));
	printf("%llu\n", (unsigned long long)((now() - since) / 1000000));
}

static void rounds(const char *folder, int count)
{
	uint64_t *times = calloc(count, sizeof *times);
	char name[64], wanted[80];
	for (int round = 0; round < count; round++) {
		usleep(5000 + rand() % 20000);
		snprintf(name, sizeof name, "round-%d-", round);
		snprintf(wanted, sizeof wanted, "/%s", name);
		uint64_t start = now();
		open_file(folder, name);
		if (!told(wanted, 5000)) {
			fprintf(stderr, "no alert about %s came within 5 s\n", name);
			exit(1);
		}
		times[round] = now() - start;
	}
	qsort(times, count, sizeof *times, ascending);
	printf("%.0f %.0f\n", times[count / 2] / 1e3, times[count * 99 / 100] / 1e3);
}

int main(int count, char **arguments)
{
	if (count != 4) {
		fputs("usage: alerts first FOLDER SINCE | rounds FOLDER COUNT\n", stderr);
		return 2;
	}
	if (strcmp(arguments[1], "first") == 0)
		first(arguments[2], strtoull(arguments[3], NULL, 10));
	else
		rounds(arguments[2], atoi(arguments[3]));
	return 0;
}
