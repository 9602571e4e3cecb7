// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "actor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// What later steps may refer to, such as `server.fd`: a name and a number.
static struct { char name[128]; long value; } bound[64];
static int bound_count;

static void bind_value(const char *owner, const char *field, long value) {
    if (bound_count == 64) fail("hold", "more values");
    snprintf(bound[bound_count].name, sizeof bound->name, "%s.%s", owner, field);
    bound[bound_count++].value = value;
}

// An argument: `i` and a number, `r` and the name of a bound value, or `s` and a text, whose address it is.
static long argument(const struct line *line, int index) {
    const char *text = index < line->count ? line->field[index] : "i0";
    if (*text == 'i') return strtol(text + 1, NULL, 10);
    if (*text == 's') return (long)(intptr_t)(text + 1);
    for (int i = 0; i < bound_count; i++)
        if (!strcasecmp(bound[i].name, text + 1)) return bound[i].value;
    errno = ENOENT;
    fail("find the value", text + 1);
}

static const char *text_argument(const struct line *line, int index) {
    return index < line->count && *line->field[index] == 's' ? line->field[index] + 1 : "";
}

// An address: `unix://PATH`, or `ADDRESS|PORT`.
static socklen_t read_address(const char *text, struct sockaddr_storage *address) {
    memset(address, 0, sizeof *address);
    if (!strncmp(text, "unix://", 7)) {
        struct sockaddr_un *local = (struct sockaddr_un *)address;
        local->sun_family = AF_UNIX;
        snprintf(local->sun_path, sizeof local->sun_path, "%s", text + 7);
        return sizeof *local;
    }
    char host[128];
    snprintf(host, sizeof host, "%s", text);
    char *bar = strchr(host, '|');
    if (!bar) fail("read the address", text);
    *bar = 0;
    struct sockaddr_in *four = (struct sockaddr_in *)address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
    if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(atoi(bar + 1));
        return sizeof *four;
    }
    if (inet_pton(AF_INET6, host, &six->sin6_addr) != 1) fail("read the address", text);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(atoi(bar + 1));
    return sizeof *six;
}

// resource NAME clientServer PROTOCOL ADDRESS
static void make_client_and_server(const struct line *line) {
    const char *name = line->field[1], *protocol = line->field[3];
    int type = *protocol == 'u' && strcmp(protocol, "unix") ? SOCK_DGRAM : SOCK_STREAM;
    struct sockaddr_storage address;
    socklen_t size = read_address(line->field[4], &address);
    int server = socket(address.ss_family, type | SOCK_NONBLOCK, 0);
    if (server < 0 || bind(server, (struct sockaddr *)&address, size) < 0) fail("bind", line->field[4]);
    if (type == SOCK_STREAM && listen(server, 8) < 0) fail("listen at", line->field[4]);
    int client = socket(address.ss_family, type | SOCK_NONBLOCK, 0);
    if (client < 0) fail("make", "a client");
    if (type == SOCK_STREAM && connect(client, (struct sockaddr *)&address, size) < 0 && errno != EINPROGRESS)
        fail("connect to", line->field[4]);
    bind_value(name, "client.fd", client);
    bind_value(name, "server.fd", server);
}

// resource NAME file|directory PATH
static int open_path(const char *path, int is_directory) {
    make_parents(path);
    if (is_directory) {
        if (mkdir(path, 0755) < 0 && errno != EEXIST) fail("make the directory", path);
        return open(path, O_RDONLY | O_DIRECTORY);
    }
    struct stat facts;
    return stat(path, &facts) < 0 ? open(path, O_RDWR | O_CREAT, 0) : open(path, O_RDWR);
}

static void make_pipe(const char *name) {
    int ends[2];
    if (pipe(ends) < 0) fail("make", "a pipe");
    bind_value(name, "readFd", ends[0]);
    bind_value(name, "writeFd", ends[1]);
}

// resource NAME process PROGRAM PATH USER GROUP ..., as a process line has it, followed by its arg and env lines.
static void start_process(int at, struct line *line) {
    const char *name = line->field[1];
    pid_t child = fork();
    if (child < 0) fail("fork for", name);
    if (!child) {
        memmove(&line->field[1], &line->field[3], sizeof line->field[0] * (FIELDS - 3));
        chain_exec(at, "resource");
    }
    bind_value(name, "pid", child);
}

static void make_resource(int at) {
    struct line *line = script_line(at);
    const char *name = line->field[1], *kind = line->field[2];
    int descriptor = -1;
    sigset_t none;
    sigemptyset(&none);
    if (!strcmp(kind, "clientServer")) return make_client_and_server(line);
    if (!strcmp(kind, "process")) return start_process(at, line);
    if (!strcmp(kind, "pipe")) return make_pipe(name);
    if (!strcmp(kind, "file")) descriptor = open_path(line->field[3], 0);
    else if (!strcmp(kind, "directory")) descriptor = open_path(line->field[3], 1);
    else if (!strcmp(kind, "event")) descriptor = eventfd(0, 0);
    else if (!strcmp(kind, "signalfd")) descriptor = signalfd(-1, &none, 0);
    else if (!strcmp(kind, "eventpoll")) descriptor = epoll_create1(0);
    else if (!strcmp(kind, "inotify")) descriptor = inotify_init1(0);
    else if (!strcmp(kind, "memfd")) descriptor = memfd_create(name, 0);
    if (descriptor < 0) fail("make the resource", name);
    bind_value(name, "fd", descriptor);
}

static long transfer(const struct line *line, int reads) {
    const char *text = text_argument(line, 4);
    size_t size = argument(line, 5);
    if (!size) size = strlen(text);
    char *buffer = calloc(1, size + strlen(text) + 1);
    memcpy(buffer, text, strlen(text));
    return reads ? syscall(SYS_read, argument(line, 3), buffer, size) : syscall(SYS_write, argument(line, 3), buffer, size);
}

static long send_to(const struct line *line) {
    struct sockaddr_storage address;
    const char *text = text_argument(line, 4);
    size_t size = argument(line, 5);
    socklen_t length = read_address(text_argument(line, 7), &address);
    return syscall(SYS_sendto, argument(line, 3), text, size ? size : strlen(text), argument(line, 6), &address, length);
}

// step NAME CALL ARGUMENT..., in the order of the call's own parameters.
static long call(const struct line *line) {
    const char *name = line->field[2];
    long a = argument(line, 3), b = argument(line, 4), c = argument(line, 5), d = argument(line, 6), e = argument(line, 7);
    struct sockaddr_storage address;
    if (!strcmp(name, "open")) return syscall(SYS_open, a, b, c);
    if (!strcmp(name, "openat")) return syscall(SYS_openat, a, b, c, d);
    if (!strcmp(name, "openat2")) {
        struct open_how how = {.flags = c, .mode = d, .resolve = e};
        return syscall(SYS_openat2, a, b, &how, sizeof how);
    }
    if (!strcmp(name, "symlink")) return syscall(SYS_symlink, a, b);
    if (!strcmp(name, "symlinkat")) return syscall(SYS_symlinkat, a, b, c);
    if (!strcmp(name, "link")) return syscall(SYS_link, a, b);
    if (!strcmp(name, "linkat")) return syscall(SYS_linkat, a, b, c, d, e);
    if (!strcmp(name, "dup")) return syscall(SYS_dup, a);
    if (!strcmp(name, "dup2")) return syscall(SYS_dup2, a, b);
    if (!strcmp(name, "dup3")) return syscall(SYS_dup3, a, b, c);
    if (!strcmp(name, "socket")) return syscall(SYS_socket, a, b, c);
    if (!strcmp(name, "connect")) return syscall(SYS_connect, a, &address, read_address(text_argument(line, 4), &address));
    if (!strcmp(name, "sendto")) return send_to(line);
    if (!strcmp(name, "read")) return transfer(line, 1);
    if (!strcmp(name, "write")) return transfer(line, 0);
    if (!strcmp(name, "kill")) return syscall(SYS_kill, a, b);
    if (!strcmp(name, "init_module")) return syscall(SYS_init_module, a, strlen(text_argument(line, 3)), b);
    if (!strcmp(name, "finit_module")) return syscall(SYS_finit_module, a, b, c);
    errno = ENOSYS;
    return -1;
}

// A shell that runs the script before, waits, and runs the script after: what the first leaves behind is there for the second.
struct scripts {
    int start_after, before_done;
};

static struct scripts start_scripts(const char *before, const char *after) {
    int down[2], up[2];
    if (pipe(down) < 0 || pipe(up) < 0) fail("make pipes for", "the scripts");
    size_t size = strlen(before) + strlen(after) + 128;
    char *text = malloc(size);
    snprintf(text, size, "%s\necho >&%d\nexec %d>&-\nread -r -u %d _\n%s\n", before, up[1], up[1], down[0], after);
    pid_t child = fork();
    if (child < 0) fail("fork for", "the scripts");
    if (!child) {
        close(down[1]);
        close(up[0]);
        // As a set-uid program's shell would be, it is root.
        if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) fail("become", "root");
        execl("/bin/bash", "bash", "-c", text, NULL);
        fail("execute", "bash");
    }
    close(up[1]);
    close(down[0]);
    free(text);
    return (struct scripts){.start_after = down[1], .before_done = up[0]};
}

static void wait_for(int descriptor) {
    char byte;
    while (read(descriptor, &byte, 1) < 0 && errno == EINTR) {}
    close(descriptor);
}

static void make_steps(void) {
    for (int at = -1; (at = script_find("step", at + 1)) >= 0;) {
        const struct line *line = script_line(at);
        long result = call(line);
        if (result < 0) {
            dprintf(REPORT_FD, "step %s: %s: %s\n", line->field[1], line->field[2], strerror(errno));
            return;
        }
        bind_value(line->field[1], "ret", result);
    }
}

void acts_play(void) {
    int before = script_find("before", 0), after = script_find("after", 0);
    struct scripts scripts = {-1, -1};
    if (before >= 0 || after >= 0) {
        scripts = start_scripts(before < 0 ? "" : script_line(before)->field[1], after < 0 ? "" : script_line(after)->field[1]);
        wait_for(scripts.before_done);
    }
    for (int at = -1; (at = script_find("resource", at + 1)) >= 0;) make_resource(at);
    make_steps();
    if (scripts.start_after >= 0) {
        close(scripts.start_after);
        while (waitpid(-1, NULL, WNOHANG) == 0) usleep(1000);
    }
}
