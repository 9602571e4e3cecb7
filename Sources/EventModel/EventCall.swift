// SPDX-License-Identifier: Apache-2.0

extension Event {
    /// A call that is told as it was made. What an argument means is its kind's affair; `EventParameters` in the rule language knows.
    public struct Call: Sendable {
        /// The six arguments as they were passed; those of a 32-bit call have no upper half. For sendmsg and recvmsg, and for each
        /// message of sendmmsg and recvmmsg, the fourth is how many bytes the parts of the message have room for.
        public var arguments: InlineArray<6, UInt64>
        /// The strings among the arguments, in their order, without the NUL; of a socket's call, the address that was passed.
        public var text: ByteView, secondText: ByteView, thirdText: ByteView
        /// What descriptors among the arguments, or the one that the call made, stand for: see `Descriptor`. Empty when there is none.
        public var descriptor: ByteView, secondDescriptor: ByteView
        /// What else belongs to the kind, such as the first bytes that were sent.
        public var data: ByteView
        /// Where a string was another one when the call began, or could not be read any more: what the first two were, each with a NUL and
        /// cut at 255 bytes; empty else.
        public var entry: ByteView

        /// Brings the parts together.
        public init(
            arguments: InlineArray<6, UInt64>, text: ByteView = .empty, secondText: ByteView = .empty, thirdText: ByteView = .empty,
            descriptor: ByteView = .empty, secondDescriptor: ByteView = .empty, data: ByteView = .empty, entry: ByteView = .empty
        ) {
            self.arguments = arguments
            self.text = text
            self.secondText = secondText
            self.thirdText = thirdText
            self.descriptor = descriptor
            self.secondDescriptor = secondDescriptor
            self.data = data
            self.entry = entry
        }
    }

    /// What a descriptor stands for when the call has returned, read out of the kernel's own tables.
    public struct Descriptor: Sendable {
        /// Its number; `AT_FDCWD` (-100) stands for the working directory.
        public var number: Int32
        /// A socket's family (AF_INET is 2, AF_INET6 is 10, AF_UNIX is 1), type and protocol; 0 for what is no socket.
        public var family: UInt16 = 0, socketType: UInt16 = 0, ipProtocol: UInt16 = 0
        /// Ports in host order; 0 when there is none.
        public var localPort: UInt16 = 0, remotePort: UInt16 = 0
        /// Addresses; nil when there is none.
        public var local: IPAddress?, remote: IPAddress?
        /// S_IFMT bits of the file's mode; 0 for an anonymous inode.
        public var fileType: UInt32
        /// Device and inode of the file.
        public var device: UInt32 = 0, inode: UInt64 = 0
        /// The magic number of its filesystem.
        public var filesystem: UInt32 = 0
        /// The file's own path, or a UNIX socket's; an abstract one begins with NUL.
        public var path: ByteView

        /// Makes a file's.
        public init(number: Int32, fileType: UInt32, path: ByteView) {
            self.number = number
            self.fileType = fileType
            self.path = path
        }
    }
}

/// The bytes of a descriptor, as `struct saker_descriptor` in bpf/wire.h lays them out.
extension Event.Descriptor {
    /// How many bytes stand before the path.
    public static let fixedBytes = 72
    private static let sockets: UInt32 = 0o140000, inet: UInt16 = 2, inet6: UInt16 = 10, unix: UInt16 = 1

    /// Reads what a record has; nil for fewer bytes than the fixed part.
    public init?(_ bytes: ByteView) {
        guard bytes.count >= Self.fixedBytes else { return nil }
        let raw = bytes.raw
        func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Number {
            raw.loadUnaligned(fromByteOffset: offset, as: Number.self)
        }
        self.init(number: load(0), fileType: load(48), path: bytes.slice(Self.fixedBytes, bytes.count))
        (device, inode, filesystem) = (load(52), load(56), load(64))
        guard fileType == Self.sockets else { return }
        (family, socketType, ipProtocol) = (load(4), load(6), load(8))
        (localPort, remotePort) = (load(10), load(12))
        let remoteFamily: UInt16 = load(14)
        if family == Self.unix { path = path.withoutTail }
        guard family == Self.inet || family == Self.inet6 else { return }
        local = IPAddress(networkOrder: UnsafeRawBufferPointer(rebasing: raw[16..<32]), isV6: family == Self.inet6)
        if remoteFamily != 0 {
            remote = IPAddress(networkOrder: UnsafeRawBufferPointer(rebasing: raw[32..<48]), isV6: remoteFamily == Self.inet6)
        }
        if let remote, !remote.isV6 { family = Self.inet }
    }

    /// The bytes that the initialiser reads the same from.
    public var bytes: [UInt8] {
        var fixed = [UInt8](repeating: 0, count: Self.fixedBytes)
        fixed.withUnsafeMutableBytes { raw in
            raw.storeBytes(of: number, toByteOffset: 0, as: Int32.self)
            for (index, part) in [family, socketType, ipProtocol, localPort, remotePort].enumerated() {
                raw.storeBytes(of: part, toByteOffset: 4 + 2 * index, as: UInt16.self)
            }
            raw.storeBytes(of: remote.map { $0.isV6 ? Self.inet6 : Self.inet } ?? 0, toByteOffset: 14, as: UInt16.self)
            local?.store(networkOrder: UnsafeMutableRawBufferPointer(rebasing: raw[16..<32]))
            remote?.store(networkOrder: UnsafeMutableRawBufferPointer(rebasing: raw[32..<48]))
            raw.storeBytes(of: fileType, toByteOffset: 48, as: UInt32.self)
            raw.storeBytes(of: device, toByteOffset: 52, as: UInt32.self)
            raw.storeBytes(of: inode, toByteOffset: 56, as: UInt64.self)
            raw.storeBytes(of: filesystem, toByteOffset: 64, as: UInt32.self)
        }
        return fixed + Array(path.raw)
    }

    /// True for a socket.
    public var isSocket: Bool { fileType == Self.sockets }

    /// A socket's two ends, as connect tells them.
    public var connection: Event.Connect {
        Event.Connect(
            descriptor: number, family: family, socketType: socketType, ipProtocol: ipProtocol, localPort: localPort,
            remotePort: remotePort, local: local, remote: remote, unixPath: path)
    }
}

extension ByteView {
    /// A UNIX socket's path without its NUL and what the caller left behind it; an abstract name begins with NUL and is taken whole.
    public var withoutTail: ByteView {
        guard let end = raw.firstIndex(of: 0), end > 0 else { return self }
        return slice(0, end)
    }
}
