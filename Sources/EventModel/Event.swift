// SPDX-License-Identifier: Apache-2.0

/// One thing that happened, as the kernel reported it. Its byte views are good until the handler of its record returns.
public struct Event: Sendable {
    /// What happened.
    public var kind: EventKind
    /// Counts events from 1 (`evt.num`).
    public var number: UInt64
    /// When, in wall-clock time.
    public var time: Timestamp
    /// When, in nanoseconds since boot (CLOCK_BOOTTIME); orders events and gives ages.
    public var bootTime: UInt64
    /// What the syscall returned: a file descriptor, a pid, 0, or a negative errno.
    public var result: Int64
    /// Who did it, as the kernel knew at that moment.
    public var caller: Caller
    /// What is special to this kind.
    public var detail: Detail
    /// What is to be known of how it was seen.
    public var marks: Marks
    /// The process that did it, with its ancestry and container; nil until the process table has seen the event.
    public var process: ProcessNode?

    /// Brings the parts together.
    public init(
        kind: EventKind, number: UInt64, time: Timestamp, bootTime: UInt64, result: Int64, caller: Caller, detail: Detail,
        marks: Marks = [], process: ProcessNode? = nil
    ) {
        self.kind = kind
        self.number = number
        self.time = time
        self.bootTime = bootTime
        self.result = result
        self.caller = caller
        self.detail = detail
        self.marks = marks
        self.process = process
    }

    /// An event that nobody has told anything of yet: a place to decode into.
    public init() {
        self.init(
            kind: .procexit, number: 0, time: Timestamp(nanoseconds: 0), bootTime: 0, result: 0, caller: Caller(),
            detail: .exit(Exit(code: 0, signal: 0)))
    }

    /// What is to be known of how an event was seen.
    public struct Marks: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// A string among the arguments was another one when the call began: the kernel may have used either (`evt.race`).
        public static let raced = Marks(rawValue: 1)
        /// The kernel's filter would have kept it back; it is told because the filter is being checked.
        public static let filtered = Marks(rawValue: 8)
        /// It was made through io_uring, and no system call of its own (`evt.io_uring`).
        public static let throughRing = Marks(rawValue: 2)
        /// The kernel was asked to tell nothing of a success: what is told is the request, and its result is not known
        /// (`evt.io_uring.unanswered`).
        public static let unanswered = Marks(rawValue: 4)
        /// The peer of a socket that has none of its own is another one than in the socket's event before (`fd.name_changed`).
        public static let newPeer = Marks(rawValue: 8)
    }

    /// What is special to a kind of event.
    public enum Detail: Sendable {
        /// A new program image, or the failed try (`result` < 0: then the views of the image are empty but `rawPath`).
        case exec(Image)
        /// A new process or thread.
        case fork(Fork)
        /// A thread group ended.
        case exit(Exit)
        /// A file was opened, or could not be.
        case open(Open)
        /// A socket was connected, or could not be.
        case connect(Connect)
        /// A process that ran before Saker did.
        case snapshot(Image)
        /// Any other call, with its arguments.
        case call(Call)
    }

    /// The facts of the calling thread.
    public struct Caller: Sendable {
        /// Thread-group id in the host's pid namespace (`proc.pid`).
        public var pid: Int32
        /// Thread id in the host's pid namespace.
        public var tid: Int32
        /// Parent's thread-group id in the host's pid namespace.
        public var ppid: Int32
        /// Thread-group id in the process's own pid namespace.
        public var vpid: Int32
        /// Session id in the host's pid namespace.
        public var session: Int32
        /// Process group id in the process's own pid namespace.
        public var vpgid: Int32
        /// Real and effective user and group.
        public var uid: UInt32, gid: UInt32, euid: UInt32, egid: UInt32
        /// The login uid, 0xFFFFFFFF when unset.
        public var loginuid: UInt32
        /// Device number of the controlling terminal; 0 for none.
        public var tty: UInt32
        /// Effective and permitted capabilities, one bit each.
        public var capEffective: UInt64, capPermitted: UInt64
        /// When the thread group's leader started, nanoseconds since boot: with `pid` it names a process for ever.
        public var startTime: UInt64
        /// Ids of the v2 cgroup and of the v1 cgroup (memory, else pids controller); 0 when the hierarchy is not there.
        public var cgroupV2: UInt64, cgroupV1: UInt64
        /// The thread's name, up to 15 bytes (`comm`).
        public var comm: ByteView

        /// Nobody.
        public init() {
            self.init(
                pid: 0, tid: 0, ppid: 0, vpid: 0, session: 0, vpgid: 0, uid: 0, gid: 0, euid: 0, egid: 0, loginuid: 0, tty: 0,
                capEffective: 0, capPermitted: 0, startTime: 0, cgroupV2: 0, cgroupV1: 0, comm: .empty)
        }

        /// Brings the parts together.
        public init(
            pid: Int32, tid: Int32, ppid: Int32, vpid: Int32, session: Int32, vpgid: Int32, uid: UInt32, gid: UInt32, euid: UInt32,
            egid: UInt32, loginuid: UInt32, tty: UInt32, capEffective: UInt64, capPermitted: UInt64, startTime: UInt64,
            cgroupV2: UInt64, cgroupV1: UInt64, comm: ByteView
        ) {
            self.pid = pid
            self.tid = tid
            self.ppid = ppid
            self.vpid = vpid
            self.session = session
            self.vpgid = vpgid
            self.uid = uid
            self.gid = gid
            self.euid = euid
            self.egid = egid
            self.loginuid = loginuid
            self.tty = tty
            self.capEffective = capEffective
            self.capPermitted = capPermitted
            self.startTime = startTime
            self.cgroupV2 = cgroupV2
            self.cgroupV1 = cgroupV1
            self.comm = comm
        }
    }
}
