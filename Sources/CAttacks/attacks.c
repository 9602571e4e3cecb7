// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "attacks.h"

#include "cattacks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

long attack_check(long result) {
    if (result < 0) _exit(errno > 0 && errno < SAKER_ATTACK_IMPOSSIBLE ? errno : EIO);
    return result;
}

void attack_impossible(void) { _exit(SAKER_ATTACK_IMPOSSIBLE); }

const char *attack_path(const struct attack *attack, const char *name, char buffer[PATH_BYTES]) {
    if (snprintf(buffer, PATH_BYTES, "%s/%s", attack->folder, name) >= PATH_BYTES) {
        errno = ENAMETOOLONG;
        attack_check(-1);
    }
    return buffer;
}

static void attack_symlink(const struct attack *attack) {
    char link[PATH_BYTES];
    attack_check(symlink(attack->secret, attack_path(attack, "harmless-link", link)));
    attack_check(open(link, O_RDONLY | O_CLOEXEC));
}

static void attack_relative(const struct attack *attack) {
    char below[PATH_BYTES];
    attack_check(mkdir(attack_path(attack, "below", below), 0700));
    attack_check(chdir(below));
    attack_check(open("../below/../secret-relative", O_RDONLY | O_CLOEXEC));
}

static void attack_directory(const struct attack *attack) {
    int folder = (int)attack_check(open(attack->folder, O_PATH | O_DIRECTORY | O_CLOEXEC));
    attack_check(openat(folder, "secret-directory", O_RDONLY | O_CLOEXEC));
}

static void attack_root(const struct attack *attack) {
    char path[PATH_BYTES + 32];
    snprintf(path, sizeof path, "/proc/self/root%s", attack->secret);
    attack_check(open(path, O_RDONLY | O_CLOEXEC));
}

static void attack_openat2(const struct attack *attack) {
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
    long file = syscall(SYS_openat2, AT_FDCWD, attack->secret, &how, sizeof how);
    if (file < 0 && errno == ENOSYS) attack_impossible();
    attack_check(file);
}

// A path that another thread changes all the time between a harmless file's and the secret's, which are of one length.
struct swap {
    char path[PATH_BYTES];
    size_t at;
    _Atomic int ends;
};

static void *swap_path(void *context) {
    struct swap *swap = context;
    while (!atomic_load(&swap->ends)) {
        memcpy(swap->path + swap->at, "public", 6);
        memcpy(swap->path + swap->at, "secret", 6);
    }
    return NULL;
}

static void attack_race(const struct attack *attack) {
    static struct swap swap;
    char public[PATH_BYTES];
    close((int)attack_check(open(attack_path(attack, "public-race", public), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
    strcpy(swap.path, public);
    swap.at = strlen(attack->folder) + 1;
    struct stat secret, opened;
    attack_check(stat(attack->secret, &secret));
    pthread_t thread;
    if ((errno = pthread_create(&thread, NULL, swap_path, &swap))) attack_check(-1);
    int hits = 0;
    for (int i = 0; i < 20000 && hits < 20; i++) {
        int file = open(swap.path, O_RDONLY | O_CLOEXEC);
        if (file < 0) continue;
        if (!fstat(file, &opened) && opened.st_ino == secret.st_ino) hits++;
        close(file);
    }
    atomic_store(&swap.ends, 1);
    pthread_join(thread, NULL);
    errno = EAGAIN;
    if (!hits) attack_check(-1);
}

static void attack_compat(const struct attack *attack) {
#if defined(__x86_64__)
    // A 32-bit call takes a pointer of 32 bits.
    char *path = mmap(NULL, PATH_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (path == MAP_FAILED) attack_check(-1);
    strcpy(path, attack->secret);
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(5L), "b"(path), "c"((long)O_RDONLY), "d"(0L) : "memory", "r8", "r9", "r10", "r11");
    if ((int)result == -ENOSYS) attack_impossible();
    errno = -(int)result;
    attack_check((int)result);
#else
    attack_impossible();
#endif
}

static const struct { const char *name; void (*perform)(const struct attack *); } attacks[] = {
    {"symlink", attack_symlink}, {"relative", attack_relative}, {"directory", attack_directory}, {"root", attack_root},
    {"openat2", attack_openat2}, {"race", attack_race}, {"compat", attack_compat}, {"renamed", attack_renamed},
    {"ring-open", attack_ring_open}, {"ring-connect", attack_ring_connect}, {"memfd", attack_memfd}, {"execveat", attack_execveat},
    {"long-arguments", attack_long_arguments}, {"deep-chain", attack_deep_chain},
};

int saker_attack(const char *name, const char *folder, int port) {
    struct attack attack = {.name = name, .folder = folder, .port = port};
    void (*perform)(const struct attack *) = NULL;
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++)
        if (!strcmp(attacks[i].name, name)) perform = attacks[i].perform;
    if (!perform || snprintf(attack.secret, PATH_BYTES, "%s/secret-%s", folder, name) >= PATH_BYTES) return EINVAL;
    pid_t child = fork();
    if (child < 0) return errno;
    if (!child) {
        perform(&attack);
        _exit(SAKER_ATTACK_DONE);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return errno;
    // A kernel without 32-bit calls ends the caller by a signal.
    return WIFEXITED(status) ? WEXITSTATUS(status) : SAKER_ATTACK_IMPOSSIBLE;
}
