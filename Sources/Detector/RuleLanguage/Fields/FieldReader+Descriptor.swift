// SPDX-License-Identifier: Apache-2.0

import EventModel

/// The fields of the file or socket.
extension FieldReader {
    mutating func descriptorName(_ event: Event) -> ByteView? {
        switch event.detail {
        case .open: fileTexts(event)?.pointee.name
        case .connect(let connect): socketName(connect, isServer: false)
        case .call:
            if let connect = event.connectDetail {
                socketName(connect, isServer: event.isServerSide) ?? .empty
            } else {
                event.descriptorDetail?.name
            }
        case .exec, .fork, .exit, .snapshot: nil
        }
    }

    /// The path of the file itself, as the kernel tells it; nil for what has none.
    func realPath(_ event: Event) -> ByteView? {
        switch event.detail {
        case .open(let open): open.realPath
        case .call: event.descriptorDetail.flatMap { $0.isSocket || $0.name.isEmpty ? nil : $0.name }
        case .exec, .fork, .exit, .connect, .snapshot: nil
        }
    }

    func descriptorTypeCharacter(_ event: Event) -> ByteView? {
        switch event.detail {
        case .open(let open): open.isDirectory ? ByteView("d") : ByteView("f")
        case .connect(let connect): SocketFamily(connect.family).character
        case .call: event.descriptorDetail?.kind.character
        case .exec, .fork, .exit, .snapshot: nil
        }
    }

    func descriptorType(_ event: Event) -> ByteView? {
        switch event.detail {
        case .open(let open): event.result < 0 ? nil : open.isDirectory ? ByteView("directory") : ByteView("file")
        case .connect(let connect): SocketFamily(connect.family).name
        case .call: event.descriptorDetail?.kind.name
        case .exec, .fork, .exit, .snapshot: nil
        }
    }

    mutating func descriptorDirectory(_ event: Event) -> ByteView? {
        if let opened = fileTexts(event) { return opened.pointee.directory }
        var called = calledFile(event)
        return called?.directory
    }

    mutating func descriptorFilename(_ event: Event) -> ByteView? {
        if let opened = fileTexts(event) { return opened.pointee.filename }
        var called = calledFile(event)
        return called?.filename ?? nil
    }

    // The file that a call other than an open was made on.
    private func calledFile(_ event: Event) -> FileTexts? {
        guard let descriptor = event.descriptorDetail, !descriptor.name.isEmpty else { return nil }
        switch descriptor.kind {
        case .directory: return FileTexts(name: descriptor.name, raw: .empty, isDirectory: true, isOpened: true)
        case .file: return FileTexts(name: descriptor.name, raw: .empty, isDirectory: false, isOpened: true)
        case .socket, .pipe, .event, .signals, .poll, .inotify, .timer, .bpf, .userfault, .ring, .memory, .process, .other: return nil
        }
    }

    func descriptorProtocol(_ event: Event) -> ByteView? {
        if let connect = event.connectDetail { return SocketProtocol(connect)?.name ?? ByteView("<NA>") }
        return event.openDetail == nil && event.descriptorDetail == nil ? nil : ByteView("<NA>")
    }

    func descriptorFamily(_ event: Event) -> ByteView? {
        guard let connect = event.connectDetail else { return nil }
        let family = SocketFamily(connect.family)
        return family.isIP ? ByteView("ip") : family == .unix ? ByteView("unix") : nil
    }

    private mutating func socketName(_ connect: Event.Connect, isServer: Bool) -> ByteView? {
        let family = SocketFamily(connect.family)
        guard family.isIP || family == .unix else { return nil }
        guard !hasName else { return name.view }
        hasName = true
        name.clear()
        SocketName.write(connect, isServer: isServer, to: name)
        return name.view
    }
}

extension Event.Open {
    /// True for a directory that was opened.
    var isDirectory: Bool { fileType & 0o170000 == 0o040000 }

    /// The kernel's own path; nil when it gave none, and for what has no name anywhere, such as a pipe.
    var realPath: ByteView? {
        let isNameless = path.count == 1 && path[0] == UInt8(ascii: "/") && !isDirectory
        return path.isEmpty || isNameless ? nil : path
    }
}

/// The families that the fields tell apart.
enum SocketFamily {
    case ipv4, ipv6, unix, netlink, other

    init(_ number: UInt16) {
        switch number {
        case 1: self = .unix
        case 2: self = .ipv4
        case 10: self = .ipv6
        case 16: self = .netlink
        case _: self = .other
        }
    }

    var isIP: Bool { self == .ipv4 || self == .ipv6 }

    var character: ByteView {
        switch self {
        case .ipv4: ByteView("4")
        case .ipv6: ByteView("6")
        case .unix: ByteView("u")
        case .netlink: ByteView("n")
        case .other: ByteView("o")
        }
    }

    var name: ByteView {
        switch self {
        case .ipv4: ByteView("ipv4")
        case .ipv6: ByteView("ipv6")
        case .unix: ByteView("unix")
        case .netlink: ByteView("netlink")
        case .other: ByteView("other")
        }
    }
}

extension ByteView {
    /// True for an absolute path that cleaning would leave as it is; false for some of these too.
    var isCleanPath: Bool {
        guard count > 1, self[0] == UInt8(ascii: "/"), self[count - 1] != UInt8(ascii: "/") else { return false }
        return !contains(ByteView("//")) && !contains(ByteView("/."))
    }
}

extension ByteBuffer {
    /// Each component with a `/` before it; `.` and empty ones are left out, `..` takes the last one back.
    func append(cleaned path: ByteView) {
        let slash = UInt8(ascii: "/"), dot = UInt8(ascii: ".")
        var start = 0
        while start < path.count {
            var end = start
            while end < path.count, path[end] != slash { end += 1 }
            let part = path.slice(start, end)
            if part.count == 2, part[0] == dot, part[1] == dot {
                truncate(to: view.lastSlash ?? count)
            } else if !part.isEmpty, !(part.count == 1 && part[0] == dot) {
                append(slash)
                append(part)
            }
            start = end + 1
        }
    }

    /// The address as `IPAddress.description` writes it, without making a String.
    func append(_ address: IPAddress) {
        guard address.isV6 else {
            for index in 0..<4 {
                if index > 0 { append(UInt8(ascii: ".")) }
                append(decimal: address.low >> UInt64(24 - 8 * index) & 0xff)
            }
            return
        }
        let gap = Self.longestGap(address)
        var index = 0
        while index < 8 {
            if index == gap.start {
                append("::")
                index += gap.count
                continue
            }
            if index > 0, index != gap.start + gap.count { append(UInt8(ascii: ":")) }
            append(hexadecimal: Self.group(address, index))
            index += 1
        }
    }

    private static func group(_ address: IPAddress, _ index: Int) -> UInt64 {
        (index < 4 ? address.high : address.low) >> UInt64(48 - 16 * (index & 3)) & 0xffff
    }

    // The longest run of two or more zero groups, the first of equals; starts at 8 when there is none.
    private static func longestGap(_ address: IPAddress) -> (start: Int, count: Int) {
        var best = (start: 8, count: 1)
        var index = 0
        while index < 8 {
            var end = index
            while end < 8, group(address, end) == 0 { end += 1 }
            if end - index > best.count { best = (index, end - index) }
            index = max(end, index + 1)
        }
        return best
    }
}
