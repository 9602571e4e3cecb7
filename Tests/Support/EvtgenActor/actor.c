// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { LINES = 512 };

static struct line lines[LINES];
static int line_count;

void fail(const char *what, const char *name) {
    dprintf(REPORT_FD, "%s %s: %s\n", what, name, strerror(errno));
    _exit(90);
}

// Reads %XX back in place.
static void unescape(char *text) {
    char *to = text;
    for (; *text; text++, to++) {
        unsigned byte;
        if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1) {
            *to = (char)byte;
            text += 2;
        } else {
            *to = *text;
        }
    }
    *to = 0;
}

void script_read(void) {
    struct stat facts;
    if (fstat(SCRIPT_FD, &facts) < 0) fail("read", "the script");
    char *text = calloc(1, facts.st_size + 1);
    if (pread(SCRIPT_FD, text, facts.st_size, 0) != facts.st_size) fail("read", "the script");
    for (char *rest = text, *row; (row = strsep(&rest, "\n")) && line_count < LINES;) {
        struct line *line = &lines[line_count++];
        for (char *field; line->count < FIELDS && (field = strsep(&row, "\t"));) {
            unescape(field);
            line->field[line->count++] = field;
        }
    }
}

int script_find(const char *word, int from) {
    for (int i = from; i < line_count; i++)
        if (lines[i].count && !strcmp(lines[i].field[0], word)) return i;
    return -1;
}

struct line *script_line(int index) { return &lines[index]; }

void make_parents(const char *path) {
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *at = copy + 1; (at = strchr(at, '/')); at++) {
        *at = 0;
        if (mkdir(copy, 0755) < 0 && errno != EEXIST) fail("make the directory", copy);
        *at = '/';
    }
}

// The capabilities of a file: two masks in hex, permitted and inheritable, and whether they become effective.
static void set_file_capabilities(const char *path, const char *permitted, const char *inheritable, const char *effective) {
    unsigned long long masks[2] = {strtoull(permitted, NULL, 16), strtoull(inheritable, NULL, 16)};
    struct vfs_cap_data data = {.magic_etc = VFS_CAP_REVISION_2 | (*effective == '1' ? VFS_CAP_FLAGS_EFFECTIVE : 0)};
    // More than this machine may have at all would make the kernel refuse to execute the file.
    for (int number = 0; number < 64; number++)
        if (prctl(PR_CAPBSET_READ, number) != 1)
            for (int kind = 0; kind < 2; kind++) masks[kind] &= ~(1ULL << number);
    for (int half = 0; half < 2; half++) {
        data.data[half].permitted = (__u32)(masks[0] >> (32 * half));
        data.data[half].inheritable = (__u32)(masks[1] >> (32 * half));
    }
    if (setxattr(path, "security.capability", &data, sizeof data, 0) < 0) fail("give capabilities to", path);
}

static void copy_self(const char *to) {
    int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    if (in < 0 || out < 0) fail("make the program", to);
    static char buffer[1 << 16];
    for (ssize_t got; (got = read(in, buffer, sizeof buffer)) > 0;)
        if (write(out, buffer, got) != got) fail("write the program", to);
    fchmod(out, 0755);
    close(in);
    close(out);
}

// All capabilities stay while the user changes: a program that only root can reach must be reached.
static void become(uid_t user, gid_t group, int without_root) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) < 0) fail("read", "capabilities");
    prctl(PR_SET_KEEPCAPS, 1);
    if (setgroups(0, NULL) < 0 && errno != EPERM) fail("give up", "groups");
    if (setresgid(group, group, group) < 0 || setresuid(user, user, user) < 0) fail("become", "the user");
    for (int half = 0; half < 2; half++) data[half].effective = data[half].permitted;
    if (syscall(SYS_capset, &header, data) < 0) fail("keep", "capabilities");
    // Root too gets no more than the program's file says.
    if (without_root && prctl(PR_SET_SECUREBITS, SECBIT_NOROOT) < 0) fail("set", "secure bits");
}

// WORD, program file, path to execute, user, group, permitted, inheritable, effective, root limited or not.
void chain_exec(int at, const char *part) {
    struct line *line = &lines[at];
    const char *program = line->field[1], *path = line->field[2];
    make_parents(program);
    copy_self(program);
    set_file_capabilities(program, line->field[5], line->field[6], line->field[7]);
    if (strcmp(program, path) && symlink(program, path) < 0) fail("link", path);
    char *argv[64] = {0}, *envp[64] = {0}, variable[64];
    int argc = 0, envc = 0;
    for (int i = at + 1; i < line_count && argc < 63 && envc < 62; i++) {
        if (!strcmp(lines[i].field[0], "arg")) argv[argc++] = lines[i].field[1];
        else if (!strcmp(lines[i].field[0], "env")) envp[envc++] = lines[i].field[1];
        else break;
    }
    snprintf(variable, sizeof variable, PART_VARIABLE "=%s", part);
    envp[envc] = variable;
    become(atoi(line->field[3]), atoi(line->field[4]), *line->field[8] == '1');
    execve(path, argv, envp);
    fail("execute", path);
}

int chain_next(int part) {
    int at = script_find("process", 0);
    for (int i = 0; i < part && at >= 0; i++) at = script_find("process", at + 1);
    if (at < 0) return -1;
    pid_t child = fork();
    if (child < 0) fail("fork for", lines[at].field[2]);
    if (!child) {
        char number[16];
        snprintf(number, sizeof number, "%d", part);
        chain_exec(at, number);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(void) {
    const char *part = getenv(PART_VARIABLE);
    if (part && !strcmp(part, "resource"))
        for (;;) pause();
    script_read();
    if (!part) {
        stage_set();
        int status = chain_next(0);
        // A container outlives what is done in it.
        if (script_find("cgroup", 0) >= 0) usleep(200000);
        return status;
    }
    int status = chain_next(atoi(part) + 1);
    if (status >= 0) return status;
    acts_play();
    return 0;
}
