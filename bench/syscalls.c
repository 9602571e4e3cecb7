/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the nanoseconds of processor time of one getpid, one open+close, one fork+exec+wait and one connect over loopback (accepted and
 * closed again): the 10th percentile of many short windows. Processor time, because on a busy machine the wall clock tells mostly how long
 * others ran; that of children counts, and so does what the kernel does for a call in its caller's time. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WINDOWS_MAX 400

static int server;
static struct sockaddr_in address;

static void stop(const char *what)
{
	perror(what);
	exit(1);
}

static double own_time(void)
{
	struct timespec time;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static double time_with_children(void)
{
	struct rusage children;
	getrusage(RUSAGE_CHILDREN, &children);
	return own_time() + (children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1e9
	       + (children.ru_utime.tv_usec + children.ru_stime.tv_usec) * 1e3;
}

static int ascending(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

static double measure(void (*call)(void), double (*now)(void), int windows, int turns)
{
	static double found[WINDOWS_MAX];
	for (int window = 0; window < windows; window++) {
		double start = now();
		for (int turn = 0; turn < turns; turn++)
			call();
		found[window] = (now() - start) / turns;
	}
	qsort(found, windows, sizeof(found[0]), ascending);
	return found[windows / 10];
}

static void call_getpid(void) { syscall(SYS_getpid); }

static void call_open(void)
{
	int file = open("/etc/hostname", O_RDONLY);
	if (file < 0)
		stop("/etc/hostname");
	close(file);
}

static void call_exec(void)
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		stop("/bin/true");
}

static void begin_to_listen(void)
{
	socklen_t length = sizeof address;
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(server, (struct sockaddr *)&address, length) != 0 || listen(server, 16) != 0
	    || getsockname(server, (struct sockaddr *)&address, &length) != 0)
		stop("a listening socket");
}

static void call_connect(void)
{
	struct linger reset = {.l_onoff = 1}; /* else the ports run out */
	int client = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	if (connect(client, (struct sockaddr *)&address, sizeof address) != 0)
		stop("connect");
	int peer = accept(server, NULL, NULL);
	close(client);
	close(peer);
}

int main(void)
{
	begin_to_listen();
	double pid = measure(call_getpid, own_time, 400, 1000), opened = measure(call_open, own_time, 400, 200);
	double ran = measure(call_exec, time_with_children, 40, 10), connected = measure(call_connect, own_time, 200, 20);
	printf("%.1f %.1f %.1f %.1f\n", pid, opened, ran, connected);
	return 0;
}
