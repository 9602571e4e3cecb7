// SPDX-License-Identifier: Apache-2.0

import EventModel

/// O_* flags of x86-64 (asm-generic/fcntl.h) and their names, in the order in which the dialect prints them.
package enum OpenFlags {
    private static let named: [(name: StaticString, bits: UInt32)] = [
        ("O_LARGEFILE", 0o100000), ("O_DIRECTORY", 0o200000), ("O_DIRECT", 0o40000), ("O_TRUNC", 0o1000), ("O_SYNC", 0o4010000),
        ("O_NONBLOCK", 0o4000), ("O_EXCL", 0o200), ("O_DSYNC", 0o10000), ("O_APPEND", 0o2000), ("O_CREAT", 0o100),
    ]

    static func creates(_ flags: UInt32) -> Bool { flags & 0o100 != 0 || flags & 0o20200000 == 0o20200000 }

    /// The bits of the flag of that name.
    package static func bits(named name: String) -> UInt32? {
        switch name {
        case "O_RDONLY": 0
        case "O_WRONLY": 1
        case "O_RDWR": 2
        case "O_CLOEXEC": 0o2000000
        case "O_TMPFILE": 0o20200000
        case _: named.first { ByteView($0.name).string == name }?.bits
        }
    }

    static func write(_ flags: UInt32, to buffer: ByteBuffer) {
        var left = flags
        // O_TMPFILE contains O_DIRECTORY, and O_SYNC contains O_DSYNC: the larger one is printed alone.
        let isTemporary = flags & 0o20200000 == 0o20200000
        if isTemporary { left &= ~0o20200000 }
        for index in 0..<named.count where left & named[index].bits == named[index].bits {
            left &= ~named[index].bits
            add(named[index].name, to: buffer)
        }
        add(flags & 3 == 2 ? "O_RDWR" : flags & 3 == 1 ? "O_WRONLY" : "O_RDONLY", to: buffer)
        if flags & 0o2000000 != 0 { add("O_CLOEXEC", to: buffer) }
        if isTemporary { add("O_TMPFILE", to: buffer) }
    }

    // The dialect's own numbers: reading and writing have a bit each, and O_RDWR has both.
    private static let toldBits: [(bits: UInt32, told: UInt32)] = [
        (0o100, 1 << 2), (0o2000, 1 << 3), (0o10000, 1 << 4), (0o200, 1 << 5), (0o4000, 1 << 6), (0o4010000, 1 << 7), (0o1000, 1 << 8),
        (0o40000, 1 << 9), (0o200000, 1 << 10), (0o100000, 1 << 11), (0o2000000, 1 << 12), (0o20200000, 1 << 13),
    ]

    /// The flags as the dialect numbers them.
    static func told(_ flags: UInt32) -> UInt32 {
        let access: UInt32 = flags & 3 == 2 ? 3 : flags & 3 == 1 ? 2 : 1
        return toldBits.reduce(access) { told, flag in flags & flag.bits == flag.bits ? told | flag.told : told }
    }

    static func add(_ name: StaticString, to buffer: ByteBuffer) {
        if buffer.count > 0 { buffer.append(UInt8(ascii: "|")) }
        buffer.append(name)
    }
}

extension FieldReader {
    /// The flags of an open, or those of a program image; nil for other events and when an exec failed.
    func flags(_ event: Event) -> ByteView? {
        text.clear()
        switch event.detail {
        case .open(let open): OpenFlags.write(open.flags, to: text)
        case .exec(let image) where event.result >= 0:
            if image.flags.contains(.writable) { OpenFlags.add("EXE_WRITABLE", to: text) }
            if image.flags.contains(.upperLayer) { OpenFlags.add("EXE_UPPER_LAYER", to: text) }
            if image.flags.contains(.fromMemfd) { OpenFlags.add("EXE_FROM_MEMFD", to: text) }
            if image.flags.contains(.lowerLayer) { OpenFlags.add("EXE_LOWER_LAYER", to: text) }
        case .call, .fork: return parameter(named: .flags, event)
        case .exec, .exit, .connect, .snapshot: return nil
        }
        return text.view
    }
}
