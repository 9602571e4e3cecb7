// SPDX-License-Identifier: Apache-2.0
internal import CProbe
internal import EventModel

/// Someone who told more than its share of events while the ring was half full, and how much of it was held back.
public struct Flood: Sendable, Hashable {
    /// Who it is: a cgroup by its numbers in both hierarchies, or a thread group where the cgroups are the roots.
    public struct Source: Sendable, Hashable {
        /// The number in the v2 hierarchy; 1 is the root.
        public var cgroupV2: UInt64
        /// The number in v1's memory, else pids hierarchy; 0 when there is none.
        public var cgroupV1: UInt64
        /// The thread group; 0 when it is a cgroup.
        public var pid: Int32

        /// Names one.
        public init(cgroupV2: UInt64, cgroupV1: UInt64, pid: Int32) {
            self.cgroupV2 = cgroupV2
            self.cgroupV1 = cgroupV1
            self.pid = pid
        }
    }

    /// Who it is.
    public var source: Source
    /// Events that were not told, since the probe was loaded.
    public var heldBack: UInt64
    /// The process that was held back last.
    public var pid: Int32
    /// That process's name.
    public var name: String

    /// Brings the parts together.
    public init(source: Source, heldBack: UInt64, pid: Int32, name: String) {
        self.source = source
        self.heldBack = heldBack
        self.pid = pid
        self.name = name
    }

    init(_ who: saker_flooder, _ flood: saker_flood) {
        source = Source(cgroupV2: who.cgroup_v2, cgroupV1: who.cgroup_v1, pid: who.pid)
        heldBack = flood.held_back
        pid = flood.pid
        name = withUnsafeBytes(of: flood.comm) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension EventKind {
    /// How this kind is treated when the reader falls behind (bpf/overload.h).
    var overloadClass: saker_class {
        switch self {
        case .execve, .execveat, .fork, .vfork, .clone, .clone3, .procexit, .chdir, .fchdir, .snapshot: SAKER_STATE
        case .open, .openat, .openat2, .creat, .dup, .dup2, .dup3, .mprotect, .socket, .accept, .accept4, .sendto, .sendmsg,
            .recvfrom, .recvmsg, .sendmmsg, .recvmmsg:
            SAKER_BULK
        case .connect, .unlink, .unlinkat, .rename, .renameat, .renameat2, .mkdir, .mkdirat, .rmdir, .link, .linkat, .symlink,
            .symlinkat, .chmod, .fchmod, .fchmodat, .fchmodat2, .chown, .lchown, .fchown, .fchownat, .mknod, .mknodat, .chroot, .mount,
            .umount2, .setuid, .setgid, .setreuid, .setregid, .setresuid, .setresgid, .setsid, .setpgid, .capset, .prctl, .setns,
            .unshare, .ptrace, .kill, .tkill, .tgkill, .seccomp, .bpf, .userfaultfd, .memfd_create, .init_module, .finit_module,
            .delete_module, .pidfd_open, .pidfd_getfd, .io_uring_setup, .bind, .listen:
            SAKER_RARE
        }
    }
}
