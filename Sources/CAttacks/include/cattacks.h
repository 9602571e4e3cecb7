// SPDX-License-Identifier: Apache-2.0
// Harmless versions of attacks and evasions for `saker selftest`: each acts on files of one folder, or on loopback, and nothing else.
#ifndef SAKER_CATTACKS_H
#define SAKER_CATTACKS_H

/// How an attack ended in its process; any other exit status is the errno of what failed.
enum saker_attack_end {
    /// It was carried out.
    SAKER_ATTACK_DONE = 0,
    /// This kernel or processor has no such way.
    SAKER_ATTACK_IMPOSSIBLE = 250,
};

/// Carries an attack out in a process of its own and waits for its end: its exit status. `folder` holds a file `secret-NAME`, and takes
/// what the attack makes; `port` is one on loopback that listens. Returns EINVAL for a name that is none of ours.
int saker_attack(const char *name, const char *folder, int port);

#endif
