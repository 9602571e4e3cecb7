// SPDX-License-Identifier: Apache-2.0

/// What happened: the syscall (or scheduler event) that an event reports. A case is called what rules compare `evt.type` with.
///
/// `snapshot` describes a process that ran before Saker did: it feeds the process table and matches no rule.
public enum EventKind: UInt8, Sendable, CaseIterable, Hashable {
    case execve = 1, execveat, fork, vfork, clone, clone3, procexit, open, openat, openat2, creat, connect, snapshot
    case unlink, unlinkat, rename, renameat, renameat2, mkdir, mkdirat, rmdir, link, linkat, symlink, symlinkat
    case chmod, fchmod, fchmodat, chown, lchown, fchown, fchownat, mknod, mknodat, chdir, fchdir, chroot, mount, umount2
    case setuid, setgid, setreuid, setregid, setresuid, setresgid, setsid, setpgid, capset, prctl
    case setns, unshare, ptrace, kill, tkill, tgkill, seccomp, bpf, userfaultfd, memfd_create, mprotect
    case init_module, finit_module, delete_module, dup, dup2, dup3, pidfd_open, pidfd_getfd, io_uring_setup
    case socket, bind, listen, accept, accept4, sendto, sendmsg, recvfrom, recvmsg
    case fchmodat2, sendmmsg, recvmmsg

    /// What the events of several kinds have in common: the kind of `Event.Detail` that they carry.
    public enum Family: Sendable, Hashable {
        /// A program put in place.
        case exec
        /// A process or thread made.
        case fork
        /// A process ended.
        case exit
        /// A file opened.
        case open
        /// A socket connected.
        case connect
        /// A process that ran before.
        case snapshot
        /// Any other call.
        case call
    }

    /// What its events carry.
    @inlinable public var family: Family {
        switch self {
        case .execve, .execveat: .exec
        case .fork, .vfork, .clone, .clone3: .fork
        case .procexit: .exit
        case .open, .openat, .openat2, .creat: .open
        case .connect: .connect
        case .snapshot: .snapshot
        case .unlink, .unlinkat, .rename, .renameat, .renameat2, .mkdir, .mkdirat, .rmdir, .link, .linkat, .symlink, .symlinkat,
            .chmod, .fchmod, .fchmodat, .chown, .lchown, .fchown, .fchownat, .mknod, .mknodat, .chdir, .fchdir, .chroot, .mount,
            .umount2, .setuid, .setgid, .setreuid, .setregid, .setresuid, .setresgid, .setsid, .setpgid, .capset, .prctl, .setns,
            .unshare, .ptrace, .kill, .tkill, .tgkill, .seccomp, .bpf, .userfaultfd, .memfd_create, .mprotect, .init_module,
            .finit_module, .delete_module, .dup, .dup2, .dup3, .pidfd_open, .pidfd_getfd, .io_uring_setup, .socket, .bind, .listen,
            .accept, .accept4, .sendto, .sendmsg, .recvfrom, .recvmsg, .fchmodat2, .sendmmsg, .recvmmsg:
            .call
        }
    }

    /// True for the calls that send and receive messages, each of which may go to or come from another address.
    @inlinable public var carriesDatagrams: Bool {
        self == .sendto || self == .sendmsg || self == .sendmmsg || self == .recvfrom || self == .recvmsg || self == .recvmmsg
    }

    /// The name in the rule language. Allocates.
    public var name: String { Self.names[Int(rawValue)].string }

    /// The name in the rule language, as bytes that live as long as the program.
    public var nameBytes: ByteView { Self.names[Int(rawValue)].view }

    private static let names: [ByteString] = {
        var names = [ByteString](repeating: ByteString([]), count: Int(allCases.map(\.rawValue).max() ?? 0) + 1)
        for kind in allCases { names[Int(kind.rawValue)] = ByteString("\(kind)") }
        return names
    }()
}

extension EventKind {
    /// The calls that are made with paths of which the kernel keeps no object, at the least when they fail: what these were can be
    /// compared with what they are when the call ends.
    public static let comparable: Set<EventKind> = [
        .open, .openat, .openat2, .creat, .unlink, .unlinkat, .rename, .renameat, .renameat2, .mkdir, .mkdirat, .rmdir, .link, .linkat,
        .symlink, .symlinkat, .chmod, .fchmodat, .fchmodat2, .chown, .lchown, .fchownat, .mknod, .mknodat, .chroot, .mount, .umount2,
        .delete_module,
    ]
}
