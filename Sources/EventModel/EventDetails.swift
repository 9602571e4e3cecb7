// SPDX-License-Identifier: Apache-2.0

extension Event {
    /// A program image, at the moment it was put in place.
    public struct Image: Sendable {
        /// What an image file is, beyond its path.
        public struct Flags: OptionSet, Sendable {
            public let rawValue: UInt32
            public init(rawValue: UInt32) { self.rawValue = rawValue }
            /// The caller may write the file.
            public static let writable = Flags(rawValue: 1)
            /// The file is in an overlay's upper layer: it is not from the container's image.
            public static let upperLayer = Flags(rawValue: 2)
            /// The file is in an overlay's lower layer.
            public static let lowerLayer = Flags(rawValue: 4)
            /// The file is a memfd.
            public static let fromMemfd = Flags(rawValue: 8)
        }

        /// The path as the caller gave it.
        public var rawPath: ByteView
        /// The path of the file itself, from its dentries.
        public var exePath: ByteView
        /// argv, each argument ended by NUL, cut at 4096 bytes.
        public var argv: ByteView
        /// `NAME=value` pairs ended by NUL: only the names that were asked for.
        public var environment: ByteView
        /// The working directory.
        public var cwd: ByteView
        /// The v2 cgroup's path below its root; empty when it is the root or there is none.
        public var cgroupPathV2: ByteView
        /// The v1 cgroup's path (memory, else pids controller) below its root.
        public var cgroupPathV1: ByteView
        /// What the file is.
        public var flags: Flags

        /// Brings the parts together.
        public init(
            rawPath: ByteView, exePath: ByteView, argv: ByteView, environment: ByteView, cwd: ByteView, cgroupPathV2: ByteView,
            cgroupPathV1: ByteView, flags: Flags
        ) {
            self.rawPath = rawPath
            self.exePath = exePath
            self.argv = argv
            self.environment = environment
            self.cwd = cwd
            self.cgroupPathV2 = cgroupPathV2
            self.cgroupPathV1 = cgroupPathV1
            self.flags = flags
        }
    }

    /// A new process or thread; the caller is the parent.
    public struct Fork: Sendable {
        /// The child's thread-group and thread id in the host's pid namespace; they differ for a new thread.
        public var childPid: Int32, childTid: Int32
        /// The child's thread-group id in its own pid namespace.
        public var childVpid: Int32
        /// When the child started, nanoseconds since boot.
        public var childStartTime: UInt64
        /// CLONE_* flags.
        public var flags: UInt64
        /// The child's cgroup paths; see `Image`.
        public var cgroupPathV2: ByteView, cgroupPathV1: ByteView

        /// Brings the parts together.
        public init(
            childPid: Int32, childTid: Int32, childVpid: Int32, childStartTime: UInt64, flags: UInt64, cgroupPathV2: ByteView,
            cgroupPathV1: ByteView
        ) {
            self.childPid = childPid
            self.childTid = childTid
            self.childVpid = childVpid
            self.childStartTime = childStartTime
            self.flags = flags
            self.cgroupPathV2 = cgroupPathV2
            self.cgroupPathV1 = cgroupPathV1
        }
    }

    /// The end of a thread group.
    public struct Exit: Sendable {
        /// The exit code, 0 to 255; meaningless when a signal ended it.
        public var code: Int32
        /// The signal that ended it; 0 for none.
        public var signal: Int32

        /// Brings the parts together.
        public init(code: Int32, signal: Int32) {
            self.code = code
            self.signal = signal
        }
    }

    /// A file that was opened, or could not be (`result` < 0: then `path` is empty).
    public struct Open: Sendable {
        /// The path as the caller gave it.
        public var rawPath: ByteView
        /// The path of the file itself, from its dentries: no link and no `..` can disguise it.
        public var path: ByteView
        /// O_* flags as the kernel's x86-64 ABI numbers them.
        public var flags: UInt32
        /// Permission bits asked for with O_CREAT or O_TMPFILE.
        public var mode: UInt32
        /// The directory descriptor that a relative path starts from; AT_FDCWD is -100.
        public var directory: Int32
        /// S_IFMT bits of the file's mode; 0 when the open failed.
        public var fileType: UInt32
        /// Device and inode of the file.
        public var device: UInt32, inode: UInt64
        /// RESOLVE_* flags of openat2.
        public var resolve: UInt32
        /// The bytes of a `Descriptor`: what `directory` stands for, where a relative path starts from it; empty else.
        public var folder: ByteView
        /// Where the path was another one when the call began, or could not be read any more: what it was, with a NUL; empty else.
        public var entry: ByteView

        /// Brings the parts together.
        public init(
            rawPath: ByteView, path: ByteView, flags: UInt32, mode: UInt32, directory: Int32, fileType: UInt32, device: UInt32,
            inode: UInt64, resolve: UInt32 = 0, folder: ByteView = .empty, entry: ByteView = .empty
        ) {
            self.rawPath = rawPath
            self.path = path
            self.flags = flags
            self.mode = mode
            self.directory = directory
            self.fileType = fileType
            self.device = device
            self.inode = inode
            self.resolve = resolve
            self.folder = folder
            self.entry = entry
        }
    }

    /// A connect call.
    public struct Connect: Sendable {
        /// The descriptor of the socket.
        public var descriptor: Int32
        /// AF_INET is 2, AF_INET6 is 10, AF_UNIX is 1.
        public var family: UInt16
        /// SOCK_STREAM is 1, SOCK_DGRAM is 2.
        public var socketType: UInt16
        /// IPPROTO_TCP is 6, IPPROTO_UDP is 17.
        public var ipProtocol: UInt16
        /// Ports in host order; 0 when there is none.
        public var localPort: UInt16, remotePort: UInt16
        /// Addresses; nil when the family is another.
        public var local: IPAddress?, remote: IPAddress?
        /// The path of a UNIX socket; an abstract one begins with NUL.
        public var unixPath: ByteView

        /// Brings the parts together.
        public init(
            descriptor: Int32, family: UInt16, socketType: UInt16, ipProtocol: UInt16, localPort: UInt16, remotePort: UInt16,
            local: IPAddress?, remote: IPAddress?, unixPath: ByteView
        ) {
            self.descriptor = descriptor
            self.family = family
            self.socketType = socketType
            self.ipProtocol = ipProtocol
            self.localPort = localPort
            self.remotePort = remotePort
            self.local = local
            self.remote = remote
            self.unixPath = unixPath
        }
    }
}
