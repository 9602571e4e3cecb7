// SPDX-License-Identifier: Apache-2.0
// What the parts of the actor share. The actor plays one case of an attack suite: it reads a script, sets its own stage up in
// namespaces, becomes the chain of processes that the script names, and makes the system calls of the last one.
#ifndef SAKER_ACTOR_H
#define SAKER_ACTOR_H

#include <stddef.h>

enum {
    // The script, and where faults are told: inherited through every exec, and above all that a step may name.
    SCRIPT_FD = 250,
    REPORT_FD = 251,
    FIELDS = 24,
};

// One line of the script: its fields, with what was escaped read back.
struct line {
    int count;
    char *field[FIELDS];
};

// The number of the process to become: the variable by which each learns its part.
#define PART_VARIABLE "SAKER_ACTOR_PART"

// Reads the whole script and cuts it into lines; once a process.
void script_read(void);
// The first line at or after `from` whose first field is `word`; -1 when none is left.
int script_find(const char *word, int from);
struct line *script_line(int index);

// Ends the process with what failed and errno's text.
_Noreturn void fail(const char *what, const char *name);

// Joins cgroups and leaves the machine's mounts, network and, for a container, its processes; returns in the process to go on with.
void stage_set(void);

// Starts the program of the `part`-th process line and waits for its end; its exit status.
int chain_next(int part);
// Executes the program that a process or resource line describes, from its second field on; does not return.
_Noreturn void chain_exec(int line, const char *part);

// The resources, system calls and scripts of the last process.
void acts_play(void);

// Makes all directories above `path`.
void make_parents(const char *path);

#endif
