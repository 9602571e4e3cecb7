// SPDX-License-Identifier: Apache-2.0
internal import CProbe
public import EventModel

/// What became of one of the probe's programs.
public struct ProgramStatus: Sendable, Hashable {
    /// How it stands.
    public enum State: Sendable, Hashable {
        /// It runs (for a tap), or could be loaded (for a report).
        case active
        /// Nobody asked for the kinds it tells.
        case unneeded
        /// The kernel refused it.
        case refused(reason: String, fix: String)
    }

    /// Its name, as `bpftool prog` shows it.
    public var name: String
    /// The kinds of event that it tells.
    public var kinds: Set<EventKind>
    /// How it stands.
    public var state: State

    /// True when it runs.
    public var isActive: Bool { state == .active }
}

/// The programs of bpf/, by their names in the object.
enum ProbeProgram: String, CaseIterable {
    case exec = "saker_exec"
    case fork = "saker_fork"
    case exit = "saker_exit"
    /// Asked once, for what runs already.
    case task = "saker_task"
    case enter = "saker_enter"
    /// In its place, one at each function that serves a call that is compared: of these there is no one program.
    case begin = "saker_begin"
    case syscall = "saker_syscall"
    // In this order, so that each request that is kept is seen to end.
    case ringEnd = "saker_ring_end"
    case ringOverflow = "saker_ring_over"
    case ringAsk = "saker_ring_ask"

    var kinds: Set<EventKind> {
        switch self {
        case .exec: [.execve, .execveat]
        case .fork: [.fork, .vfork, .clone, .clone3]
        case .exit: [.procexit]
        case .task: [.snapshot]
        case .enter, .begin: EventKind.comparable
        case .syscall: Self.endOfCall
        case .ringAsk, .ringEnd, .ringOverflow: EventKind.throughRings
        }
    }

    /// True when what is asked for needs it, on any kernel.
    func isNeeded(for settings: CaptureSettings) -> Bool {
        switch self {
        case .enter: !kinds.isDisjoint(with: settings.compared.intersection(settings.kinds))
        case .begin: false
        case .exec, .fork, .exit, .task, .syscall, .ringEnd, .ringOverflow, .ringAsk: !kinds.isDisjoint(with: settings.kinds)
        }
    }

    // A success of exec has its own program; those that fork and exit are not told when the call ends.
    private static let endOfCall = Set(
        EventKind.allCases.filter { kind in
            switch kind.family {
            case .exec, .open, .connect, .call: true
            case .fork, .exit, .snapshot: false
            }
        })

    func status(_ state: ProgramStatus.State) -> ProgramStatus { ProgramStatus(name: rawValue, kinds: kinds, state: state) }
}

extension CaptureSettings {
    /// The settings as the kernel side reads them.
    var wire: saker_settings {
        var wire = saker_settings()
        wire.ignored_tgid = UInt32(bitPattern: ignoredProcess)
        wire.environment_names = UInt32(environmentNames.count)
        wire.checks_filter = checksFilter ? 1 : 0
        withUnsafeMutableBytes(of: &wire.kinds) { table in
            for kind in kinds { table[Int(kind.rawValue)] = UInt8(kind.overloadClass.rawValue) }
            // A successful execveat is told as execve.
            if kinds.contains(.execveat) { table[Int(EventKind.execve.rawValue)] = UInt8(EventKind.execve.overloadClass.rawValue) }
        }
        withUnsafeMutableBytes(of: &wire.compared) { table in
            for kind in compared.intersection(EventKind.comparable).intersection(kinds) { table[Int(kind.rawValue)] = 1 }
        }
        return wire
    }

    /// The ring's size as the kernel accepts it; nil when it is too large for its 32-bit length.
    var ringSize: UInt32? {
        guard ringBytes <= 1 << 30 else { return nil }
        var size: UInt32 = 4096
        while Int(size) < ringBytes { size <<= 1 }
        return size
    }
}

extension EventKind {
    /// The calls that io_uring makes in a program's place, without a system call; see bpf/io_uring.bpf.c.
    public static let throughRings: Set<EventKind> = [
        .openat, .openat2, .connect, .unlinkat, .renameat2, .mkdirat, .symlinkat, .linkat, .socket, .bind, .listen, .accept4, .sendto,
        .sendmsg, .recvfrom, .recvmsg,
    ]
}

extension EventKind {
    /// What the kernel calls the functions that serve this call, behind their prefixes; those of 16-bit ids serve 32-bit programs.
    var kernelNames: [String] {
        guard self != .umount2 else { return ["umount"] }
        return self == .chown || self == .lchown ? [name, name + "16"] : [name]
    }
}
