// SPDX-License-Identifier: Apache-2.0
// What the files of attacks share: they run in a forked process, which ends with the attack.
#ifndef SAKER_ATTACKS_H
#define SAKER_ATTACKS_H

#include <stddef.h>

#define PATH_BYTES 4096

// What an attack is given; `secret` is the file that it is not to read.
struct attack {
    const char *name;
    const char *folder;
    char secret[PATH_BYTES];
    int port;
};

// Ends the process with errno when the number is negative; the number otherwise.
long attack_check(long result);
// Ends the process: this machine has no such way.
_Noreturn void attack_impossible(void);
// The path of `name` in the folder, in a buffer that the caller gives.
const char *attack_path(const struct attack *attack, const char *name, char buffer[PATH_BYTES]);

// Programs of some hundred bytes: nothing on a machine must be copied or run for an attack that executes something. The starter
// starts its own first argument with the ones after it, waits, and ends; without arguments it just ends. The renamer takes its first
// argument as its name and opens the second.
enum program { STARTER, RENAMER };
// The bytes of a program; 0 for a processor that there is none for.
size_t program_image(enum program program, unsigned char *buffer, size_t size);
// Writes a program to an open file.
void program_write(enum program program, int descriptor);
// Makes a program's file; open for reading.
int program_make(enum program program, const char *path);

// The attacks, a function each.
void attack_ring_open(const struct attack *attack);
void attack_ring_connect(const struct attack *attack);
void attack_renamed(const struct attack *attack);
void attack_memfd(const struct attack *attack);
void attack_execveat(const struct attack *attack);
void attack_long_arguments(const struct attack *attack);
void attack_deep_chain(const struct attack *attack);

#endif
