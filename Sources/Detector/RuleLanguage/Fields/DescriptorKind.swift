// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What a descriptor stands for, as `fd.type` and `fd.typechar` tell it.
enum DescriptorKind {
    case file, directory, socket(SocketFamily), pipe, event, signals, poll, inotify, timer, bpf, userfault, ring, memory, process, other

    /// `fd.typechar`.
    var character: ByteView {
        switch self {
        case .file: ByteView("f")
        case .directory: ByteView("d")
        case .socket(let family): family.character
        case .pipe: ByteView("p")
        case .event: ByteView("e")
        case .signals: ByteView("s")
        case .poll: ByteView("l")
        case .inotify: ByteView("i")
        case .timer: ByteView("t")
        case .bpf: ByteView("b")
        case .userfault: ByteView("u")
        case .ring: ByteView("r")
        case .memory: ByteView("m")
        case .process: ByteView("P")
        case .other: ByteView("o")
        }
    }

    /// `fd.type`.
    var name: ByteView {
        switch self {
        case .file: ByteView("file")
        case .directory: ByteView("directory")
        case .socket(let family): family.name
        case .pipe: ByteView("pipe")
        case .event: ByteView("event")
        case .signals: ByteView("signalfd")
        case .poll: ByteView("eventpoll")
        case .inotify: ByteView("inotify")
        case .timer: ByteView("timerfd")
        case .bpf: ByteView("bpf")
        case .userfault: ByteView("userfaultfd")
        case .ring: ByteView("io_uring")
        case .memory: ByteView("memfd")
        case .process: ByteView("pidfd")
        case .other: ByteView("other")
        }
    }

    // What anonymous inodes are called in the kernel; a file of a filesystem begins with a slash.
    private static let anonymous: [(name: StaticString, kind: DescriptorKind)] = [
        ("memfd:", .memory), ("[eventfd]", .event), ("[eventpoll]", .poll), ("[signalfd]", .signals), ("[timerfd]", .timer),
        ("inotify", .inotify), ("[io_uring]", .ring), ("[userfaultfd]", .userfault), ("[pidfd]", .process), ("bpf", .bpf), ("btf", .bpf),
    ]
    // linux/magic.h.
    private static let processFilesystem: UInt32 = 0x5049_4446

    init(_ descriptor: Event.Descriptor) {
        switch descriptor.fileType {
        case 0o140000: self = .socket(SocketFamily(descriptor.family))
        case 0o040000: self = .directory
        case 0o010000: self = .pipe
        case _ where descriptor.filesystem == Self.processFilesystem: self = .process
        case _:
            let path = descriptor.path
            let found = path.first == UInt8(ascii: "/") ? nil : Self.anonymous.first { path.starts(with: ByteView($0.name)) }
            self = found?.kind ?? (descriptor.fileType == 0 ? .other : .file)
        }
    }
}

extension Event.Descriptor {
    var kind: DescriptorKind { DescriptorKind(self) }

    // sockfs, pipefs, pidfs and nsfs have no directories, so their files' paths say nothing.
    private static let nameless: [UInt32] = [0x534f_434b, 0x5049_5045, 0x5049_4446, 0x6e73_6673]

    /// The path of a file; nothing for one that has none.
    var name: ByteView { Self.nameless.contains(filesystem) ? .empty : path }
}

extension ByteView {
    /// The first byte.
    var first: UInt8? { isEmpty ? nil : self[0] }
}
