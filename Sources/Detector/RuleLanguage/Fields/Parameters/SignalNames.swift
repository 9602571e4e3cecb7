// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The names of Linux's signals on x86-64 (asm/signal.h), by number.
enum SignalNames {
    static let all: [StaticString] = [
        "", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
        "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU",
        "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ]

    /// Writes the name; nothing for a number that has none.
    static func write(_ number: UInt64, to buffer: ByteBuffer) {
        if number > 0, number < UInt64(all.count) { buffer.append(all[Int(number)]) }
    }
}
