// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "actor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static void put(const char *path, const char *text) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, text, strlen(text)) < 0) fail("write", path);
    close(file);
}

static void join_cgroups(void) {
    char self[16];
    snprintf(self, sizeof self, "%d", getpid());
    for (int at = -1; (at = script_find("cgroup", at + 1)) >= 0;) put(script_line(at)->field[1], self);
}

static void add(const char *type, const char *source, const char *target, unsigned long flags, const char *options) {
    if (mkdir(target, 0755) < 0 && errno != EEXIST) fail("make", target);
    if (mount(source, target, type, flags, options) < 0) fail("mount", target);
}

// Devices of its own, so that nothing below /dev is the machine's.
static void make_devices(void) {
    static const struct { const char *name; int major, minor; } devices[] = {
        {"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7}, {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0},
    };
    add("tmpfs", "tmpfs", "dev", 0, "mode=755");
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        if (mknod(devices[i].name, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)) < 0) fail("make", devices[i].name);
        chmod(devices[i].name, 0666);
    }
    if (symlink("/proc/self/fd", "dev/fd") < 0) fail("link", "dev/fd");
    add("tmpfs", "tmpfs", "dev/shm", 0, "mode=1777");
}

// A root of its own: the machine's files below, and above them a layer in memory that takes all that is written.
static void make_root(const char *scratch) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail("make private", "/");
    if (mount("tmpfs", scratch, "tmpfs", 0, "mode=755") < 0 || chdir(scratch) < 0) fail("mount", scratch);
    if (mkdir("upper", 0755) < 0 || mkdir("work", 0755) < 0 || mkdir("root", 0755) < 0) fail("make", "layers");
    // What others left in /tmp is not to be seen.
    if (mkdir("upper/tmp", 01777) < 0 || chmod("upper/tmp", 01777) < 0) fail("make", "upper/tmp");
    if (setxattr("upper/tmp", "trusted.overlay.opaque", "y", 1, 0) < 0) fail("hide", "/tmp");
    char options[4096];
    snprintf(options, sizeof options, "lowerdir=/,upperdir=%s/upper,workdir=%s/work", scratch, scratch);
    add("overlay", "overlay", "root", 0, options);
}

static void enter_root(const char *users) {
    if (chdir("root") < 0) fail("enter", "root");
    make_devices();
    add("tmpfs", "tmpfs", "run", 0, "mode=755");
    add("sysfs", "sysfs", "sys", MS_RDONLY, NULL);
    add("proc", "proc", "proc", 0, NULL);
    char text[1 << 16];
    int from = open(users, O_RDONLY | O_CLOEXEC), to = open("etc/passwd", O_WRONLY | O_TRUNC | O_CLOEXEC);
    ssize_t got = from < 0 ? -1 : read(from, text, sizeof text);
    if (to < 0 || got < 0 || write(to, text, got) != got) fail("copy users to", "etc/passwd");
    close(from);
    close(to);
    if (syscall(SYS_pivot_root, ".", ".") < 0) fail("change", "the root");
    if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0) fail("leave", "the old root");
}

static void add_address(const char *text) {
    struct ifreq link = {.ifr_name = "lo:1"};
    struct in6_addr six;
    struct sockaddr_in *four = (struct sockaddr_in *)&link.ifr_addr;
    if (inet_pton(AF_INET6, text, &six) == 1) {
        struct in6_ifreq request = {.ifr6_addr = six, .ifr6_prefixlen = 128, .ifr6_ifindex = (int)if_nametoindex("lo")};
        int socket6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (ioctl(socket6, SIOCSIFADDR, &request) < 0 && errno != EEXIST) fail("add the address", text);
        close(socket6);
        return;
    }
    four->sin_family = AF_INET;
    if (inet_pton(AF_INET, text, &four->sin_addr) != 1) fail("read the address", text);
    int socket4 = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (ioctl(socket4, SIOCSIFADDR, &link) < 0) fail("add the address", text);
    close(socket4);
}

// A network that has nothing but loopback, which has the addresses that the case speaks to.
static void make_network(void) {
    struct ifreq link = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (ioctl(control, SIOCSIFFLAGS, &link) < 0) fail("start", "lo");
    close(control);
    for (int at = -1; (at = script_find("address", at + 1)) >= 0;) add_address(script_line(at)->field[1]);
}

// Goes on in a child that is the first process of its namespace, and ends as it ends. Being the first, its end ends all others.
static void fork_first(void) {
    pid_t child = fork();
    if (child < 0) fail("fork", "the first process");
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        return;
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void stage_set(void) {
    int at = script_find("stage", 0);
    if (at < 0) fail("find", "the stage line");
    const char *scratch = script_line(at)->field[1], *users = script_line(at)->field[2];
    join_cgroups();
    if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWPID) < 0) fail("leave", "the namespaces");
    make_root(scratch);
    make_network();
    fork_first();
    enter_root(users);
}
