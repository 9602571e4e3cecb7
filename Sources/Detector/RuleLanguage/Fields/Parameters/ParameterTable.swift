// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The parameters of each kind of event, in the order of Falco's event table (driver/event_table.c).
enum ParameterTable {
    /// By the kind's raw value; kinds without parameters that are read have an empty list.
    static let all: [ParameterList] = {
        var lists = [ParameterList](repeating: ParameterList([]), count: EventKind.highest + 1)
        for part in [lives, opens, files, owners, identities, processes, objects, sockets] {
            for (kind, list) in part { lists[Int(kind.rawValue)] = list }
        }
        return lists
    }()

    private static func p(_ name: ParameterName, _ source: EventParameter.Source) -> EventParameter { EventParameter(name, source) }
    private static let res = EventParameter(.res, .result)

    private static let program = [res, p(.exe, .program(.exe)), p(.args, .program(.arguments))]
    private static let numbers = [p(.tid, .program(.thread)), p(.pid, .program(.process)), p(.ptid, .program(.parent))]
    // What is not kept of a process is told as unknown: its limits, faults and memory.
    private static let memory = [ParameterName.fdlimit, .pgft_maj, .pgft_min, .vm_size, .vm_rss, .vm_swap].map { p($0, .absent) }
    private static let begin = program + numbers + [p(.cwd, .program(.folder))] + memory + [p(.comm, .program(.name))]

    private static let executed = begin
        + [
            p(.cgroups, .absent), p(.env, .program(.environment)), p(.tty, .program(.terminal)), p(.vpgid, .program(.group)),
            p(.loginuid, .program(.login)), p(.flags, .program(.flags)), p(.cap_inheritable, .absent), p(.cap_permitted, .permitted),
            p(.cap_effective, .effective), p(.exe_ino, .absent), p(.exe_ino_ctime, .absent), p(.exe_ino_mtime, .absent),
            p(.uid, .program(.user)), p(.trusted_exepath, .program(.path)), p(.pgid, .absent), p(.gid, .program(.groupID)),
        ]
    private static let forked = ParameterList(
        begin
            + [
                p(.cgroups, .absent), p(.flags, .program(.flags)), p(.uid, .program(.user)), p(.gid, .program(.groupID)), p(.vtid, .absent),
                p(.vpid, .program(.virtual)), p(.pidns_init_start_ts, .absent),
            ])

    private static let lives: [EventKind: ParameterList] = [
        .execve: ParameterList(executed + [p(.filename, .program(.asked))]),
        .execveat: ParameterList(executed),
        .fork: forked, .vfork: forked, .clone: forked, .clone3: forked,
        .procexit: ParameterList([
            p(.status, .program(.status)), p(.ret, .program(.code)), p(.sig, .program(.signal)), p(.core, .absent), p(.reaper_tid, .absent),
        ]),
    ]

    private static let opens: [EventKind: ParameterList] = [
        .open: ParameterList(.created, [p(.fd, .created)] + asked + place),
        .openat: ParameterList(.created, [p(.fd, .created), p(.dirfd, .open(.directory))] + asked + place),
        .openat2: ParameterList(
            .created, [p(.fd, .created), p(.dirfd, .open(.directory))] + asked + [p(.resolve, .open(.resolve))] + place),
        .creat: ParameterList(
            .created, [p(.fd, .created), p(.name, .open(.name)), p(.mode, .open(.octalMode))] + place + [p(.creat_flags, .absent)]),
        .connect: ParameterList(
            .argument(0), [res, p(.tuple, .tuple), p(.fd, .connectDescriptor), p(.addr, .connectAddress)]),
    ]
    private static let asked = [p(.name, .open(.name)), p(.flags, .open(.flags)), p(.mode, .open(.octalMode))]
    private static let place = [p(.dev, .open(.device)), p(.ino, .open(.inode))]

    private static func path(_ name: ParameterName, _ more: EventParameter...) -> ParameterList {
        ParameterList([res, p(name, .path(0, from: 0))] + more)
    }

    private static func pathAt(_ name: ParameterName, _ more: EventParameter...) -> ParameterList {
        ParameterList(.argument(0), [res, p(.dirfd, .descriptor(0)), p(name, .path(0, from: 0))] + more)
    }

    private static let twoPaths = ParameterList([res, p(.oldpath, .path(0, from: 0)), p(.newpath, .path(1, from: 0))])

    private static func twoPathsAt(_ old: ParameterName, _ new: ParameterName, _ more: EventParameter...) -> ParameterList {
        ParameterList(
            [
                res, p(old, .descriptor(0)), p(.oldpath, .path(0, from: 0)), p(new, .descriptor(2)), p(.newpath, .path(1, from: 1)),
            ] + more)
    }

    private static let files: [EventKind: ParameterList] = [
        .unlink: path(.path),
        .rmdir: path(.path),
        .chroot: path(.path),
        .unlinkat: pathAt(.name, p(.flags, .flags(.unlink, 2))),
        .rename: twoPaths,
        .link: twoPaths,
        .renameat: twoPathsAt(.olddirfd, .newdirfd),
        .renameat2: twoPathsAt(.olddirfd, .newdirfd, p(.flags, .flags(.rename, 4))),
        .linkat: twoPathsAt(.olddir, .newdir, p(.flags, .flags(.link, 4))),
        .symlink: ParameterList([res, p(.target, .text(0)), p(.linkpath, .path(1, from: 0))]),
        .symlinkat: ParameterList(
            .argument(1), [res, p(.target, .text(0)), p(.linkdirfd, .descriptor(1)), p(.linkpath, .path(1, from: 0))]),
        .mkdir: path(.path, p(.mode, .hexadecimal(1))),
        .mkdirat: pathAt(.path, p(.mode, .hexadecimal(2))),
        .mknod: path(.path, p(.mode, .mode(.node, 1)), p(.dev, .number(2))),
        .mknodat: pathAt(.path, p(.mode, .mode(.node, 2)), p(.dev, .number(3))),
        .chdir: ParameterList([res, p(.path, .text(0))]),
        .fchdir: ParameterList(.argument(0), [res, p(.fd, .descriptor(0))]),
        .mount: ParameterList([
            res, p(.dev, .text(0)), p(.dir, .path(1, from: 0)), p(.type, .text(2)), p(.flags, .flags(.mount, 3)),
        ]),
        .umount2: path(.name, p(.flags, .flags(.unmount, 1))),
    ]

    private static let owners: [EventKind: ParameterList] = [
        .chmod: path(.filename, p(.mode, .mode(.permissions, 1))),
        .fchmod: ParameterList(.argument(0), [res, p(.fd, .descriptor(0)), p(.mode, .mode(.permissions, 1))]),
        .fchmodat: pathAt(.filename, p(.mode, .mode(.permissions, 2))),
        .fchmodat2: pathAt(.filename, p(.mode, .mode(.permissions, 2)), p(.flags, .flags(.owner, 3))),
        .chown: path(.path, p(.uid, .number(1)), p(.gid, .number(2))),
        .lchown: path(.path, p(.uid, .number(1)), p(.gid, .number(2))),
        .fchown: ParameterList(.argument(0), [res, p(.fd, .descriptor(0)), p(.uid, .number(1)), p(.gid, .number(2))]),
        .fchownat: pathAt(.pathname, p(.uid, .number(2)), p(.gid, .number(3)), p(.flags, .flags(.owner, 4))),
    ]

    private static let identities: [EventKind: ParameterList] = [
        .setuid: ParameterList([res, p(.uid, .user(0))]),
        .setgid: ParameterList([res, p(.gid, .group(0))]),
        .setreuid: ParameterList([res, p(.ruid, .user(0)), p(.euid, .user(1))]),
        .setregid: ParameterList([res, p(.rgid, .group(0)), p(.egid, .group(1))]),
        .setresuid: ParameterList([res, p(.ruid, .user(0)), p(.euid, .user(1)), p(.suid, .user(2))]),
        .setresgid: ParameterList([res, p(.rgid, .group(0)), p(.egid, .group(1)), p(.sgid, .group(2))]),
        .setsid: ParameterList([p(.res, .createdProcess)]),
        .setpgid: ParameterList([res, p(.pid, .process(0)), p(.pgid, .process(1))]),
        .capset: ParameterList([res, p(.cap_inheritable, .inheritable), p(.cap_permitted, .permitted), p(.cap_effective, .effective)]),
        .prctl: ParameterList([
            res, p(.option, .choice(.process, 0)), p(.arg2_str, .processText), p(.arg2_int, .processNumber),
        ]),
    ]

    private static let processes: [EventKind: ParameterList] = [
        .setns: ParameterList(.argument(0), [res, p(.fd, .descriptor(0)), p(.nstype, .flags(.clone, 1))]),
        .unshare: ParameterList([res, p(.flags, .flags(.clone, 0))]),
        .ptrace: ParameterList([
            res, p(.addr, .tracedAddress), p(.data, .tracedData), p(.request, .choice(.tracing, 0)), p(.pid, .process(1)),
        ]),
        .kill: ParameterList([res, p(.pid, .process(0)), p(.sig, .signal(1))]),
        .tkill: ParameterList([res, p(.tid, .process(0)), p(.sig, .signal(1))]),
        .tgkill: ParameterList([res, p(.pid, .process(0)), p(.tid, .process(1)), p(.sig, .signal(2))]),
        .seccomp: ParameterList([res, p(.op, .wide(0)), p(.flags, .hexadecimal(1))]),
        .mprotect: ParameterList([res, p(.addr, .hexadecimal(0)), p(.length, .wide(1)), p(.prot, .flags(.protection, 2))]),
    ]

    private static let objects: [EventKind: ParameterList] = [
        .bpf: ParameterList(.created, [p(.fd, .created), p(.cmd, .choice(.bpf, 0))]),
        .userfaultfd: ParameterList(.created, [res, p(.flags, .flags(.made, 0))]),
        .memfd_create: ParameterList(.created, [p(.fd, .created), p(.name, .text(0)), p(.flags, .flags(.memory, 1))]),
        .init_module: ParameterList([res, p(.img, .data), p(.length, .wide(1)), p(.uargs, .text(0))]),
        .finit_module: ParameterList(.argument(0), [res, p(.fd, .descriptor(0)), p(.uargs, .text(0)), p(.flags, .flags(.moduleLoad, 2))]),
        .delete_module: ParameterList([res, p(.name, .text(0)), p(.flags, .flags(.moduleUnload, 1))]),
        .dup: ParameterList(.copied(0), [p(.res, .created), p(.oldfd, .descriptor(0))]),
        .dup2: ParameterList(.copied(0), [p(.res, .created), p(.oldfd, .descriptor(0)), p(.newfd, .descriptor(1))]),
        .dup3: ParameterList(
            .copied(0), [p(.res, .created), p(.oldfd, .descriptor(0)), p(.newfd, .descriptor(1)), p(.flags, .flags(.copy, 2))]),
        .pidfd_open: ParameterList(.created, [p(.fd, .created), p(.pid, .process(0)), p(.flags, .flags(.processDescriptor, 1))]),
        .pidfd_getfd: ParameterList(
            .created, [p(.fd, .created), p(.pid_fd, .descriptor(0)), p(.target_fd, .signed(1)), p(.flags, .hexadecimal(2))]),
        .io_uring_setup: ParameterList(
            .created,
            [
                res, p(.entries, .number(0)), p(.sq_entries, .dataWord(0)), p(.cq_entries, .dataWord(1)),
                p(.flags, .dataFlags(.ringSetup, 2)), p(.sq_thread_cpu, .dataWord(3)), p(.sq_thread_idle, .dataWord(4)),
                p(.features, .dataFlags(.ringFeatures, 5)),
            ]),
    ]

    private static let queue = [p(.tuple, .tuple), p(.queuepct, .queueShare), p(.queuelen, .dataWord(0)), p(.queuemax, .dataWord(1))]
    private static let onSocket = p(.fd, .descriptor(0)), data = p(.data, .data), tuple = p(.tuple, .tuple)

    private static let sockets: [EventKind: ParameterList] = [
        .socket: ParameterList(
            .created, [p(.fd, .created), p(.domain, .choice(.families, 0)), p(.type, .number(1)), p(.proto, .number(2))]),
        .bind: ParameterList(.argument(0), [res, p(.addr, .address), onSocket]),
        .listen: ParameterList(.argument(0), [res, onSocket, p(.backlog, .signed(1))]),
        .accept: ParameterList(.created, [p(.fd, .created)] + queue),
        .accept4: ParameterList(.created, [p(.fd, .created)] + queue + [p(.flags, .hexadecimal(3))]),
        .sendto: ParameterList(.argument(0), [res, data, onSocket, p(.size, .number(2)), tuple]),
        .sendmsg: ParameterList(.argument(0), [res, data, onSocket, p(.size, .number(3)), tuple]),
        .recvfrom: ParameterList(.argument(0), [res, data, tuple, onSocket, p(.size, .number(2))]),
        .recvmsg: ParameterList(.argument(0), [res, p(.size, .number(3)), data, tuple, p(.msgcontrol, .control), onSocket]),
        .sendmmsg: ParameterList(.argument(0), [res, onSocket, p(.size, .number(3)), data, tuple]),
        .recvmmsg: ParameterList(.argument(0), [res, onSocket, p(.size, .received), data, tuple, p(.msgcontrol, .control)]),
    ]
}

extension EventKind {
    /// What is known of its parameters.
    var parameterList: ParameterList { ParameterTable.all[Int(rawValue)] }
}
