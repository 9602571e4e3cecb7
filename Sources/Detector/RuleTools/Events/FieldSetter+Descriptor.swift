// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage

/// The fields of files and connections.
extension FieldSetter {
    static let descriptors: [String: FieldSetter] = [
        "fd.name": FieldSetter { draft, value throws(Unfit) in try draft.setName(value.text) },
        "fd.nameraw": FieldSetter { draft, value throws(Unfit) in draft.file.rawPath = value.text },
        "fd.realpath": FieldSetter { draft, value throws(Unfit) in draft.file.realPath = value.text },
        "fd.directory": FieldSetter { draft, value throws(Unfit) in draft.file.directory = value.text },
        "fd.filename": FieldSetter { draft, value throws(Unfit) in draft.file.name = value.text },
        "fd.num": FieldSetter { draft, value throws(Unfit) in try draft.setDescriptor(value.number("a file descriptor, or -1")) },
        "fd.typechar": FieldSetter { draft, value throws(Unfit) in try draft.setType(value.text, \.character) },
        "fd.type": FieldSetter { draft, value throws(Unfit) in try draft.setType(value.text, \.name) },
        "fd.sockfamily": FieldSetter { draft, value throws(Unfit) in
            // Which of the two IP families follows from the addresses.
            if value.text == "unix" { draft.connection.family = DescriptorType.unix.family }
        },
        "fd.l4proto": FieldSetter { draft, value throws(Unfit) in
            guard let transport = EventDraft.Transport(rawValue: value.text) else { throw Unfit(wanted: "tcp, udp, icmp or raw") }
            draft.connection.transport = transport
        },
        "fd.connected": FieldSetter { draft, value throws(Unfit) in draft.connection.succeeds = try value.flag() },
        "fd.sip": address(\.remote), "fd.rip": address(\.remote), "fd.cip": address(\.local), "fd.lip": address(\.local),
        "fd.sport": port(\.remotePort), "fd.rport": port(\.remotePort), "fd.cport": port(\.localPort), "fd.lport": port(\.localPort),
    ]

    private static func address(_ end: WritableKeyPath<EventDraft.ConnectionDraft, IPAddress?> & Sendable) -> FieldSetter {
        FieldSetter { draft, value throws(Unfit) in
            guard let address = IPAddress(value.text) else { throw Unfit(wanted: "an IPv4 or IPv6 address") }
            draft.connection[keyPath: end] = address
        }
    }

    private static func port(_ end: WritableKeyPath<EventDraft.ConnectionDraft, UInt16> & Sendable) -> FieldSetter {
        FieldSetter { draft, value throws(Unfit) in draft.connection[keyPath: end] = try value.number("a port from 0 to 65535") }
    }
}

/// What a descriptor can be, as far as events tell.
enum DescriptorType: CaseIterable {
    case file, directory, ipv4, ipv6, unix, netlink, other

    /// `fd.typechar` and `fd.type`.
    var character: String { names.character }
    var name: String { names.name }

    /// The socket's family (linux/socket.h); nil for what is no socket.
    var family: UInt16? {
        switch self {
        case .file, .directory: nil
        case .ipv4: 2
        case .ipv6: 10
        case .unix: 1
        case .netlink: 16
        // AF_X25, as good as any that has no name of its own.
        case .other: 9
        }
    }

    private var names: (character: String, name: String) {
        switch self {
        case .file: ("f", "file")
        case .directory: ("d", "directory")
        case .ipv4: ("4", "ipv4")
        case .ipv6: ("6", "ipv6")
        case .unix: ("u", "unix")
        case .netlink: ("n", "netlink")
        case .other: ("o", "other")
        }
    }
}

extension EventDraft {
    mutating func setType(_ text: String, _ name: (DescriptorType) -> String) throws(FieldSetter.Unfit) {
        guard let type = DescriptorType.allCases.first(where: { name($0) == text }) else {
            throw FieldSetter.Unfit(wanted: "one of " + DescriptorType.allCases.map(name).joined(separator: ", "))
        }
        file.isDirectory = type == .directory
        if let family = type.family { connection.family = family }
    }

    mutating func setDescriptor(_ number: Int64) throws(FieldSetter.Unfit) {
        guard let descriptor = Int32(exactly: number) else { throw FieldSetter.Unfit(wanted: "a file descriptor") }
        if kind == .connect { return connection.descriptor = descriptor }
        if case .argument(let index) = CallDraft.descriptorUse(of: kind) { return call.set(argument: index, to: number) }
        // The descriptor of an open is what it returned; -1 stands for any failure.
        result = result ?? (number < 0 ? -Int64(2) : number)
    }

    mutating func setName(_ text: String) throws(FieldSetter.Unfit) {
        let isSocket = kind == .connect || kind.family == .call && (connection.family != nil || (try? Self.endpoint(text[...])) != nil)
        guard isSocket || text.contains("->") && kind.family == .call else { return file.path = text }
        if let ends = text.firstRange(of: "->") {
            let local = try Self.endpoint(text[..<ends.lowerBound]), remote = try Self.endpoint(text[ends.upperBound...])
            (connection.local, connection.localPort) = (local.address, local.port)
            (connection.remote, connection.remotePort) = (remote.address, remote.port)
        } else if let remote = try? Self.endpoint(text[...]) {
            (connection.remote, connection.remotePort) = (remote.address, remote.port)
        } else {
            connection.unixPath = text
        }
    }

    private static func endpoint(_ text: Substring) throws(FieldSetter.Unfit) -> (address: IPAddress, port: UInt16) {
        guard let colon = text.lastIndex(of: ":"), let address = IPAddress(String(text[..<colon])),
            let port = UInt16(text[text.index(after: colon)...])
        else { throw FieldSetter.Unfit(wanted: "a connection, such as 10.0.0.5:40000->198.51.100.7:443") }
        return (address, port)
    }

    /// The flags of an open, or those of a program image.
    mutating func setFlags(_ text: String) throws(FieldSetter.Unfit) {
        guard kind.family != .call else { return try set("flags", to: text) }
        var bits: UInt32 = 0
        for name in text.split(separator: "|").map(String.init) {
            if let flag = Self.imageFlags[name] {
                processes[0].flags.insert(flag)
            } else if let flag = OpenFlags.bits(named: name) {
                bits |= flag
            } else {
                throw FieldSetter.Unfit(wanted: "names of flags with | between them; '\(name)' is none that an event tells")
            }
        }
        file.flags = bits
    }

    /// A parameter of a call, by its name.
    mutating func set(_ parameter: String, to text: String) throws(FieldSetter.Unfit) {
        if let wanted = call.set(parameter, of: kind, to: text) { throw FieldSetter.Unfit(wanted: wanted) }
    }

    private static let imageFlags: [String: Event.Image.Flags] = [
        "EXE_WRITABLE": .writable, "EXE_UPPER_LAYER": .upperLayer, "EXE_LOWER_LAYER": .lowerLayer, "EXE_FROM_MEMFD": .fromMemfd,
    ]
}
