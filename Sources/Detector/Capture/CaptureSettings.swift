// SPDX-License-Identifier: Apache-2.0
public import EventModel
public import Glibc

/// What to take from the kernel: only what somebody asked for is attached, copied or sent.
public struct CaptureSettings: Sendable, Hashable {
    /// The kinds of event that are wanted; the process table needs execve, procexit and the ways to fork.
    public var kinds: Set<EventKind>
    /// Those of them whose strings are read when the call begins too, and compared when it ends: only kinds of `EventKind.comparable` can
    /// be. Whatever is among them, each call of the machine then pays for one more program.
    public var compared: Set<EventKind>
    /// Whether the begin of those calls is watched at the kernel's own functions, where it lets us: then no other call pays for it.
    public var watchesFunctions: Bool
    /// What of these kinds is told at all, from the moment of attaching; `KernelTap.use` puts another in its place.
    public var filter: EventFilter
    /// Whether what the filter would keep back is told all the same, with a mark: to prove that no rule matches it.
    public var checksFilter: Bool
    /// The names whose values may be copied from a new program's environment: at most 64 names of at most 63 bytes.
    public var environmentNames: [String]
    /// The ring's size in bytes; rounded up to a power of two of at least 4096. 8 MiB hold 40 to 90 ms of the fastest flood seen.
    public var ringBytes: Int
    /// The thread group whose own doings are never captured; 0 for nobody. Saker names itself here.
    public var ignoredProcess: Int32

    /// Brings the parts together.
    public init(
        kinds: Set<EventKind> = Set(EventKind.allCases), compared: Set<EventKind> = [], watchesFunctions: Bool = true,
        filter: EventFilter = EventFilter(), checksFilter: Bool = false, environmentNames: [String] = [], ringBytes: Int = 8 << 20,
        ignoredProcess: Int32 = getpid()
    ) {
        self.kinds = kinds
        self.compared = compared
        self.watchesFunctions = watchesFunctions
        self.filter = filter
        self.checksFilter = checksFilter
        self.environmentNames = environmentNames
        self.ringBytes = ringBytes
        self.ignoredProcess = ignoredProcess
    }
}
