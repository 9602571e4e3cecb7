// SPDX-License-Identifier: Apache-2.0

/// Which events somebody wants, as far as the kernel can tell before anything is copied: of each kind all, or those that satisfy one of
/// several alternatives. It may want more than anybody asked for, and never less.
public struct EventFilter: Sendable, Hashable {
    /// The kinds of which not all are wanted, with what is. A kind that is not here is wanted whole.
    public private(set) var alternatives: [EventKind: [Alternative]] = [:]

    /// Wants everything.
    public init() {}

    /// Wants of a kind only what satisfies one of these; everything when one of them asks for nothing.
    public mutating func narrow(_ kind: EventKind, to wanted: [Alternative]) {
        alternatives[kind] = wanted.contains(Alternative()) ? nil : wanted
    }

    /// Wants a kind whole.
    public mutating func widen(_ kind: EventKind) { alternatives[kind] = nil }

    /// True when nothing is kept back.
    public var isOpen: Bool { alternatives.isEmpty }

    /// How a call ended.
    public enum Result: UInt8, Sendable, CaseIterable {
        case success, inProgress, failure
    }

    /// How a file is opened, as one of sixteen numbers: the access mode (O_ACCMODE) in the lowest two bits, and the flags below.
    public struct Access: Sendable, Hashable {
        /// 0 to 15.
        public var rawValue: UInt8
        /// Takes the number.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// All of them.
        public static let all = (UInt8(0)..<16).map(Access.init(rawValue:))
        /// 0: read, 1: write, 2: both; 3 is Linux's own mode without either.
        public var mode: UInt8 { rawValue & 3 }
        /// Whether a file may be made.
        public var creates: Bool { rawValue & 4 != 0 }
        /// Whether the permissions that are asked for let somebody execute it.
        public var isExecutable: Bool { rawValue & 8 != 0 }
    }

    /// What a descriptor stands for: a file of a type (S_IFMT >> 12), nothing or an anonymous inode (0), or a socket of a family.
    public enum Object: UInt8, Sendable, CaseIterable {
        case none = 0, pipe = 1, characterDevice = 2, directory = 4, blockDevice = 6, regular = 8, link = 10
        case ipv4 = 16, ipv6, unix, netlink, otherSocket
        case unknown = 31
    }

    /// Which address a connection goes to, as far as one look tells.
    public enum Remote: UInt8, Sendable, CaseIterable {
        case unknown, loopback, unspecified, loopbackV6, other
    }

    /// What a name in a path must be.
    public enum Name: Sendable, Hashable {
        /// The name as a whole.
        case whole([UInt8])
        /// What it begins with: 1 to 8 bytes.
        case start([UInt8])
        /// What it ends with: 1 to 8 bytes.
        case end([UInt8])
    }

    /// Whom a connection goes to.
    public enum Peer: Sendable, Hashable {
        case port(UInt16)
        case address(IPAddress)
    }

    /// What an event must be like: each part narrows.
    public struct Alternative: Sendable, Hashable {
        /// A bit a `Result`; so for the next three.
        public var results: UInt8 = 0b111
        /// A bit an `Access`: of opens.
        public var accesses: UInt16 = .max
        /// A bit an `Object`: of what was opened, or what the call was made on.
        public var objects: UInt32 = .max
        /// A bit a `Remote`: of connections.
        public var remotes: UInt8 = .max
        /// One of these must be among the names of the path that is opened; nil for any path.
        public var names: Set<Name>?
        /// One of these must be the peer; nil for any.
        public var peers: Set<Peer>?

        /// Asks for nothing.
        public init() {}

        /// False when nothing can satisfy it.
        public var isPossible: Bool {
            results != 0 && accesses != 0 && objects != 0 && remotes != 0 && names?.isEmpty != true && peers?.isEmpty != true
        }

        /// What satisfies both, or more: of two sets of names the smaller is kept, since a path has many.
        public func and(_ other: Alternative) -> Alternative {
            var both = self
            both.results &= other.results
            both.accesses &= other.accesses
            both.objects &= other.objects
            both.remotes &= other.remotes
            both.names = Self.smaller(names, other.names)
            both.peers = Self.smaller(peers, other.peers)
            return both
        }

        /// What satisfies one of both, as one alternative; nil when they differ in more than one part.
        public func or(_ other: Alternative) -> Alternative? {
            func with(_ part: WritableKeyPath<Alternative, some FixedWidthInteger>) -> Alternative? {
                var joined = self
                joined[keyPath: part] = other[keyPath: part]
                guard joined == other else { return nil }
                joined[keyPath: part] |= self[keyPath: part]
                return joined
            }
            return with(\.results) ?? with(\.accesses) ?? with(\.objects) ?? with(\.remotes) ?? withNames(of: other)
        }

        private func withNames(of other: Alternative) -> Alternative? {
            var joined = self
            joined.names = other.names
            guard joined == other else { return nil }
            joined.names = names.flatMap { own in other.names.map(own.union) }
            return joined
        }

        private static func smaller<Element>(_ one: Set<Element>?, _ other: Set<Element>?) -> Set<Element>? {
            guard let one, let other else { return one ?? other }
            return one.count <= other.count ? one : other
        }
    }
}

extension EventFilter: CustomStringConvertible {
    /// A line a kind: what of it is told.
    public var description: String {
        alternatives.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, wanted in
            "\(kind.name): " + (wanted.isEmpty ? "nothing" : wanted.map(\.description).joined(separator: "; or "))
        }.joined(separator: "\n")
    }
}

extension EventFilter.Alternative: CustomStringConvertible {
    /// What it asks for, in words.
    public var description: String {
        var parts: [String] = []
        if results != 0b111 { parts.append(Self.list(EventFilter.Result.allCases.filter { results & 1 << $0.rawValue != 0 })) }
        if accesses != .max {
            parts.append("access " + Self.list(EventFilter.Access.all.map(\.rawValue).filter { accesses & 1 << $0 != 0 }))
        }
        if objects != .max { parts.append(Self.list(EventFilter.Object.allCases.filter { objects & 1 << $0.rawValue != 0 })) }
        if remotes != .max { parts.append("to " + Self.list(EventFilter.Remote.allCases.filter { remotes & 1 << $0.rawValue != 0 })) }
        if let names { parts.append("name " + names.map(\.description).sorted().joined(separator: "/")) }
        if let peers { parts.append("peer " + peers.map(\.description).sorted().joined(separator: "/")) }
        return parts.isEmpty ? "all" : parts.joined(separator: ", ")
    }

    private static func list<Value>(_ values: [Value]) -> String { values.map { "\($0)" }.joined(separator: "/") }
}

extension EventFilter.Name: CustomStringConvertible {
    /// The name, with a star where anything may stand.
    public var description: String {
        switch self {
        case .whole(let bytes): String(decoding: bytes, as: UTF8.self)
        case .start(let bytes): String(decoding: bytes, as: UTF8.self) + "*"
        case .end(let bytes): "*" + String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension EventFilter.Peer: CustomStringConvertible {
    /// The port or the address.
    public var description: String {
        switch self {
        case .port(let port): "port \(port)"
        case .address(let address): "\(address)"
        }
    }
}
