// SPDX-License-Identifier: Apache-2.0

/// The names of parameters that are read from events, as `evt.arg.NAME` writes them; each is also in `EventParameters`.
enum ParameterName: String, CaseIterable, Sendable {
    case addr, arg2_int, arg2_str, args, backlog, cap_effective, cap_inheritable, cap_permitted, cgroups, cmd, comm, core
    case cq_entries, creat_flags, cwd, data, dev, dir, dirfd, domain, egid, entries, env, euid, exe, exe_ino, exe_ino_ctime
    case exe_ino_mtime, fd, fdlimit, features, filename, flags, gid, img, ino, length, linkdirfd, linkpath, loginuid, mode
    case msgcontrol, name, newdir, newdirfd, newfd, newpath, nstype, olddir, olddirfd, oldfd, oldpath, op, option, path, pathname
    case pgft_maj, pgft_min, pgid, pid, pid_fd, pidns_init_start_ts, prot, proto, ptid, queuelen, queuemax, queuepct, reaper_tid
    case request, res, resolve, ret, rgid, ruid, sgid, sig, size, sq_entries, sq_thread_cpu, sq_thread_idle, status, suid, target
    case target_fd, tid, trusted_exepath, tty, tuple, type, uargs, uid, vm_rss, vm_size, vm_swap, vpgid, vpid, vtid

    /// Its number, which operands carry.
    var index: Int { Self.indices[self]! }

    /// The name of that number.
    init(index: Int) { self = Self.allCases[index] }

    private static let indices = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}

/// One numbered parameter of a kind of event: what `evt.arg[n]`, `evt.arg.NAME` and `evt.args` print.
struct EventParameter: Sendable {
    /// Where the value is, and how its text is made. Numbers are those of the call's arguments, from 0.
    enum Source: Sendable {
        /// What the call returned; words for an error.
        case result
        /// The descriptor that the call made.
        case created
        /// A descriptor; in words what it stands for.
        case descriptor(Int)
        /// The id of a process.
        case process(Int)
        /// The id of a process or session that the call returned.
        case createdProcess
        /// A user; in words the name. All bits set is nobody.
        case user(Int)
        /// A group. All bits set is nobody.
        case group(Int)
        /// A string.
        case text(Int)
        /// A path: the string of the first number, from the directory that the descriptor of the second stands for.
        case path(Int, from: Int)
        /// Bits, each with a name.
        case flags(FlagNames, Int)
        /// One of several numbers with names.
        case choice(FlagNames, Int)
        /// Permission bits: an octal number, and their names.
        case mode(FlagNames, Int)
        /// A signal.
        case signal(Int)
        /// A number: 32 bits without sign, with sign, or 64 bits.
        case number(Int), signed(Int), wide(Int)
        /// A number in base 16, of 64 bits, and in base 8, of 32.
        case hexadecimal(Int), octal(Int)
        /// The socket address that was passed.
        case address
        /// Both ends of the socket.
        case tuple
        /// Bytes that were sent, received or loaded.
        case data
        /// How many bytes of a message there are.
        case received
        /// The control messages that came with them.
        case control
        /// The word of that number in the data: as a decimal, or with names.
        case dataWord(Int), dataFlags(FlagNames, Int)
        /// How full the queue of the listening socket is, in percent.
        case queueShare
        /// Capability sets.
        case inheritable, permitted, effective
        /// The two arguments of ptrace that depend on its request.
        case tracedAddress, tracedData
        /// The second argument of prctl: as a text, or as a number.
        case processText, processNumber
        /// A part of an open.
        case open(OpenPart)
        /// The descriptor of a connect, and where to.
        case connectDescriptor, connectAddress
        /// A part of a program, of the process that runs it, or of its end.
        case program(ProgramPart)
        /// Nothing reads it in this version.
        case absent
    }

    /// The parts of an open.
    enum OpenPart: Sendable {
        case name, flags, octalMode, directory, device, inode, resolve
    }

    /// The parts of a program put in place, of a process made or ended.
    enum ProgramPart: Sendable {
        case exe, arguments, name, path, asked, environment, folder, flags
        case thread, process, parent, virtual, group, terminal, login, user, groupID
        case status, code, signal
    }

    let name: ParameterName
    let source: Source

    init(_ name: ParameterName, _ source: Source) {
        self.name = name
        self.source = source
    }
}

/// What is known of the parameters of a kind.
struct ParameterList: Sendable {
    /// Which descriptor the `fd` fields are about.
    enum DescriptorUse: Sendable {
        /// None: they have no value.
        case none
        /// The one that the call makes.
        case created
        /// An argument.
        case argument(Int)
        /// The one that the call makes as a copy of the argument; the argument itself when it fails.
        case copied(Int)
    }

    /// What a path is to the call.
    enum PathRole: Sendable {
        /// The only one.
        case only
        /// What is moved, linked or mounted, and where to.
        case source, target
    }

    let parameters: [EventParameter]
    let descriptor: DescriptorUse
    private let paths: [EventParameter]

    init(_ descriptor: DescriptorUse, _ parameters: [EventParameter]) {
        self.descriptor = descriptor
        self.parameters = parameters
        paths = parameters.filter(\.isPath)
    }

    init(_ parameters: [EventParameter]) { self.init(.none, parameters) }

    /// The parameter that has that role.
    func path(_ role: PathRole) -> EventParameter? {
        guard paths.count == 2 else { return role == .only ? paths.first : nil }
        switch role {
        case .only: return nil
        case .source: return paths[0]
        case .target: return paths[1]
        }
    }
}

extension EventParameter {
    // What a link points to and what is mounted need be no path from anywhere, and are told as they were given.
    fileprivate var isPath: Bool {
        switch source {
        case .path, .open(.name): true
        case .text: name == .target || name == .dev || name == .path
        case .result, .created, .descriptor, .process, .createdProcess, .user, .group, .flags, .choice, .mode, .signal, .number, .signed,
            .wide, .hexadecimal, .octal, .address, .tuple, .data, .received, .control, .dataWord, .dataFlags, .queueShare, .inheritable,
            .permitted,
            .effective, .tracedAddress, .tracedData, .processText, .processNumber, .open, .connectDescriptor, .connectAddress, .program,
            .absent:
            false
        }
    }
}
