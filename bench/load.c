/* SPDX-License-Identifier: Apache-2.0 */
/* Work for a machine that is watched, as much as asked for and no more.
 *
 *   load open|fork|connect COUNT            so many of one kind, one after the other
 *   load opens PRODUCERS RATE SECONDS FOLDER
 *                                           RATE opens a second in all (0: as many as come), each file closed again; of each hundred
 *                                           one is of a file m0, m1, ... m9999 in FOLDER/0, FOLDER/1, ..., the others of FOLDER/other
 *   load pids COUNT                         so many processes that open a file and end
 *   load containers COUNT FOLDER            each in a cgroup of its own below FOLDER, named as container runtimes do
 *
 * Prints how many opens it made, and how many of them were of files m*; for the rest, how many. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARKED 10000
#define TICK_NS 1000000ULL

static void stop(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static void open_once(const char *path)
{
	int file = open(path, O_RDONLY);
	if (file < 0)
		stop(path);
	close(file);
}

static void produce(int producer, uint64_t rate, uint64_t seconds, const char *folder, uint64_t made[2])
{
	char other[512], marked[512];
	snprintf(other, sizeof other, "%s/other", folder);
	uint64_t start = now(), end = start + seconds * 1000000000ULL, told = 0;
	made[0] = made[1] = 0;
	for (uint64_t tick = start; tick < end; tick = rate ? tick + TICK_NS : now()) {
		uint64_t due = rate ? (tick - start + TICK_NS) * rate / 1000000000ULL : made[0] + 256;
		while (made[0] < due) {
			if (++made[0] % 100) {
				open_once(other);
				continue;
			}
			snprintf(marked, sizeof marked, "%s/%d/m%llu", folder, producer, (unsigned long long)(told++ % MARKED));
			open_once(marked);
		}
		if (!rate)
			continue;
		struct timespec next = {.tv_sec = (tick + TICK_NS) / 1000000000ULL, .tv_nsec = (tick + TICK_NS) % 1000000000ULL};
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	made[1] = told;
}

static void make_files(int producers, const char *folder)
{
	char path[512];
	snprintf(path, sizeof path, "%s/other", folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	for (int producer = 0; producer < producers; producer++) {
		snprintf(path, sizeof path, "%s/%d", folder, producer);
		if (mkdir(path, 0700) != 0)
			continue; /* made by an earlier run */
		for (int number = 0; number < MARKED; number++) {
			snprintf(path, sizeof path, "%s/%d/m%d", folder, producer, number);
			close(open(path, O_CREAT | O_WRONLY, 0600));
		}
	}
}

static void opens(int producers, uint64_t rate, uint64_t seconds, const char *folder)
{
	make_files(producers, folder);
	uint64_t(*made)[2] = mmap(NULL, producers * sizeof *made, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (made == MAP_FAILED)
		stop("mmap");
	for (int producer = 0; producer < producers; producer++) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			produce(producer, rate / producers, seconds, folder, made[producer]);
			_exit(0);
		}
	}
	uint64_t all = 0, told = 0;
	for (int producer = 0; producer < producers; producer++)
		wait(NULL);
	for (int producer = 0; producer < producers; producer++) {
		all += made[producer][0];
		told += made[producer][1];
	}
	printf("%llu %llu\n", (unsigned long long)all, (unsigned long long)told);
}

static void wait_for(pid_t child)
{
	int status;
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		stop("a child failed");
}

static void fork_exec(void)
{
	pid_t child = fork();
	if (child == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	wait_for(child);
}

static struct sockaddr_in listening(int *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	*server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(*server, (struct sockaddr *)&address, length) != 0 || listen(*server, 16) != 0
	    || getsockname(*server, (struct sockaddr *)&address, &length) != 0)
		stop("a listening socket");
	return address;
}

static void connect_once(int server, const struct sockaddr_in *address)
{
	/* Reset, not closed: else the ports run out. */
	struct linger reset = {.l_onoff = 1};
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	if (connect(client, (const struct sockaddr *)address, sizeof *address) != 0)
		stop("connect");
	int peer = accept(server, NULL, NULL);
	close(client);
	close(peer);
}

static void open_and_end(void)
{
	pid_t child = fork();
	if (child == 0) {
		open_once("/etc/hostname");
		_exit(0);
	}
	wait_for(child);
}

static void in_container(const char *folder, unsigned number)
{
	char path[512];
	/* 64 hex digits, which no other run uses. */
	snprintf(path, sizeof path, "%s/cri-containerd-%08x%048d%08x.scope", folder, number, 0, getpid());
	if (mkdir(path, 0700) != 0)
		stop(path);
	int cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* To write a pid into cgroup.procs takes milliseconds. */
	struct clone_args arguments = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = cgroup};
	pid_t child = syscall(SYS_clone3, &arguments, sizeof arguments);
	if (child == 0) {
		open_once("/etc/hostname");
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	close(cgroup);
	wait_for(child);
	while (rmdir(path) != 0)
		usleep(10);
}

int main(int count, char **arguments)
{
	if (count == 6 && strcmp(arguments[1], "opens") == 0) {
		opens(atoi(arguments[2]), strtoull(arguments[3], NULL, 10), strtoull(arguments[4], NULL, 10), arguments[5]);
		return 0;
	}
	if (count < 3) {
		fputs("usage: see the head of bench/load.c\n", stderr);
		return 2;
	}
	unsigned turns = strtoul(arguments[2], NULL, 10);
	const char *kind = arguments[1];
	int server = -1;
	struct sockaddr_in address = {0};
	if (strcmp(kind, "connect") == 0)
		address = listening(&server);
	for (unsigned turn = 0; turn < turns; turn++) {
		if (strcmp(kind, "open") == 0)
			open_once("/etc/hostname");
		else if (strcmp(kind, "fork") == 0)
			fork_exec();
		else if (strcmp(kind, "connect") == 0)
			connect_once(server, &address);
		else if (strcmp(kind, "pids") == 0)
			open_and_end();
		else if (strcmp(kind, "containers") == 0 && count == 4)
			in_container(arguments[3], turn);
		else
			return 2;
	}
	printf("%u\n", turns);
	return 0;
}
