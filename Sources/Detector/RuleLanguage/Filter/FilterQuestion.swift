// SPDX-License-Identifier: Apache-2.0

import EventModel

/// One comparison as far as the kernel can answer it for events of a kind: what it lets through is what the comparison, or its negation,
/// could hold for.
struct FilterQuestion {
    private let predicate: Predicate
    private let isNegated: Bool
    private let kind: EventKind

    init(_ predicate: Predicate, isNegated: Bool, _ kind: EventKind) {
        self.predicate = predicate
        self.isNegated = isNegated
        self.kind = kind
    }

    var alternative: EventFilter.Alternative {
        guard let field = predicate.left.field, predicate.operands.count == 1, Self.isSimple(predicate.comparison) else {
            return EventFilter.Alternative()
        }
        switch field {
        case .eventType: return constant(.text(Array(kind.nameBytes.raw)))
        case .eventDirection: return constant(.text([UInt8(ascii: "<")]))
        case .eventSource: return constant(FieldValue("syscall"))
        // One that was raced is let through whatever else is asked.
        case .eventRace: return constant(.flag(false))
        case .eventFailed: return byResult { .values([.flag($0 != .success)]) }
        case .eventResult: return byResult { .values(Self.names(of: $0)) }
        case .eventRawResult: return byResult { Self.numbers(of: $0) }
        case .descriptorNumber where kind.family == .open: return byResult { $0 == .success ? .range(0, .max) : .range(-1, -1) }
        case .eventIsOpenRead: return byAccess { kind != .creat && ($0.mode == 0 || $0.mode == 2) }
        case .eventIsOpenWrite: return byAccess { kind != .creat && ($0.mode == 1 || $0.mode == 2) }
        case .eventIsOpenExec: return byAccess { $0.isExecutable && (kind == .creat || $0.creates) }
        case .descriptorTypeCharacter: return byObject { texts($0, \.character) }
        case .descriptorType: return byObject { texts($0, \.name) }
        case .descriptorName, .descriptorRawName, .descriptorRealPath, .descriptorDirectory, .descriptorFilename: return named
        case .descriptorServerPort, .descriptorRemotePort: return ported
        case .descriptorServerIP, .descriptorRemoteIP, .descriptorServerNetwork, .descriptorRemoteNetwork: return addressed
        case _: return EventFilter.Alternative()
        }
    }

    // Comparisons of other comparisons, and those that are no question of one value, are left to user space.
    private static func isSimple(_ comparison: Comparison) -> Bool {
        switch comparison {
        case .exists, .number, .numbers, .flag, .text, .texts, .paths, .address, .addresses: true
        case .operand, .operandText, .elements, .every: false
        }
    }

    // MARK: Answers

    private enum Truth { case always, never, sometimes }

    /// What the compared value can be; nil among the values is none.
    private enum Possible {
        case values([FieldValue?])
        case range(Int64, Int64)
    }

    private func allows(_ truth: Truth) -> Bool { isNegated ? truth != .always : truth != .never }

    private func truth(of possible: Possible) -> Truth {
        switch possible {
        case .values(let values):
            let test = ValueTest(predicate)
            return Self.truth(values.map { value in test.holds { _ in value } })
        case .range(let low, let high): return truth(from: low, to: high)
        }
    }

    private static func truth(_ each: [Bool]) -> Truth { each.allSatisfy { $0 } ? .always : each.contains(true) ? .sometimes : .never }

    private func truth(from low: Int64, to high: Int64) -> Truth {
        guard predicate.left.transformers.isEmpty else { return .sometimes }
        switch predicate.comparison {
        case .exists: return .always
        case .number(let relation, let number):
            // A relation changes its answer at the number and right beside it, so these and the ends tell all.
            let looked = [low, high, number, number &- 1, number &+ 1].filter { (low...high).contains($0) }
            return Self.truth(looked.map { relation.holds($0, number) })
        case .numbers(let numbers):
            guard low < high else { return numbers.contains(low) ? .always : .never }
            return numbers.contains { (low...high).contains($0) } ? .sometimes : .never
        case .flag, .text, .texts, .paths, .address, .addresses, .operand, .operandText, .elements, .every: return .sometimes
        }
    }

    private func constant(_ value: FieldValue) -> EventFilter.Alternative {
        var alternative = EventFilter.Alternative()
        if !allows(truth(of: .values([value]))) { alternative.results = 0 }
        return alternative
    }

    // MARK: The call

    private func byResult(_ possible: (EventFilter.Result) -> Possible) -> EventFilter.Alternative {
        var alternative = EventFilter.Alternative()
        for result in EventFilter.Result.allCases where !allows(truth(of: possible(result))) {
            alternative.results &= ~(1 << result.rawValue)
        }
        return alternative
    }

    private static let inProgress: Int64 = 115
    // include/linux/err.h: MAX_ERRNO.
    private static let highestError: Int64 = 4095

    private static func names(of result: EventFilter.Result) -> [FieldValue?] {
        switch result {
        case .success: [FieldValue("SUCCESS")]
        case .inProgress: [FieldValue("EINPROGRESS")]
        case .failure:
            [nil]
                + (1..<Int64(ErrorNames.all.count)).filter { $0 != inProgress }.compactMap(ErrorNames.name(of:))
                .map { .text(Array($0.raw)) }
        }
    }

    private static func numbers(of result: EventFilter.Result) -> Possible {
        switch result {
        case .success: .range(0, .max)
        case .inProgress: .range(-inProgress, -inProgress)
        case .failure: .range(-highestError, -1)
        }
    }

    private func byAccess(_ value: (EventFilter.Access) -> Bool) -> EventFilter.Alternative {
        guard kind.family == .open else { return constant(.flag(false)) }
        var alternative = EventFilter.Alternative()
        for access in EventFilter.Access.all where !allows(truth(of: .values([.flag(value(access))]))) {
            alternative.accesses &= ~(1 << access.rawValue)
        }
        return alternative
    }

    // MARK: What it is about

    private func byObject(_ possible: (EventFilter.Object) -> [FieldValue?]?) -> EventFilter.Alternative {
        var alternative = EventFilter.Alternative()
        for object in EventFilter.Object.allCases {
            guard let values = possible(object), !allows(truth(of: .values(values))) else { continue }
            alternative.objects &= ~(1 << object.rawValue)
        }
        return alternative
    }

    private func texts(_ object: EventFilter.Object, _ text: KeyPath<DescriptorKind, ByteView>) -> [FieldValue?]? {
        possibleKinds(object)?.map { kind in kind.map { .text(Array($0[keyPath: text].raw)) } }
    }

    /// What user space could call it; nil where nothing is known.
    private func possibleKinds(_ object: EventFilter.Object) -> [DescriptorKind?]? {
        switch kind.family {
        case .open: return object == .directory ? [.directory] : object == .unknown ? [nil, .file, .directory] : [nil, .file]
        case .connect: return Self.families(object)?.map { .socket($0) } ?? Self.anySocket
        case .call:
            guard kind.isOnDescriptor, object != .unknown else { return nil }
            return Self.families(object)?.map { .socket($0) } ?? Self.anyButSocket
        case .exec, .fork, .exit, .snapshot: return nil
        }
    }

    // A socket of IPv6 may be connected to a mapped address of IPv4, and is then told as one of IPv4.
    private static func families(_ object: EventFilter.Object) -> [SocketFamily]? {
        switch object {
        case .ipv4: [.ipv4]
        case .ipv6: [.ipv4, .ipv6]
        case .unix: [.unix]
        case .netlink: [.netlink]
        case .otherSocket: [.other]
        case .none, .pipe, .characterDevice, .directory, .blockDevice, .regular, .link, .unknown: nil
        }
    }

    private static let anySocket: [DescriptorKind?] = [
        nil, .socket(.ipv4), .socket(.ipv6), .socket(.unix), .socket(.netlink), .socket(.other),
    ]
    private static let anyButSocket: [DescriptorKind?] = [
        nil, .file, .directory, .pipe, .event, .signals, .poll, .inotify, .timer, .bpf, .userfault, .ring, .memory, .process, .other,
    ]

    private var named: EventFilter.Alternative {
        var alternative = EventFilter.Alternative()
        guard !isNegated, kind.family == .open, predicate.left.transformers.isEmpty else { return alternative }
        alternative.names = FilterNames.names(of: predicate.comparison)
        return alternative
    }

    // MARK: Whom it is to

    private var ported: EventFilter.Alternative {
        var alternative = EventFilter.Alternative()
        guard !isNegated, kind.family == .connect, predicate.left.transformers.isEmpty else { return alternative }
        switch predicate.comparison {
        case .number(.equal, let number): alternative.peers = Self.ports([number])
        case .numbers(let numbers): alternative.peers = Self.ports(numbers)
        case .exists, .number, .flag, .text, .texts, .paths, .address, .addresses, .operand, .operandText, .elements, .every: break
        }
        return alternative
    }

    private static func ports(_ numbers: [Int64]) -> Set<EventFilter.Peer> {
        Set(numbers.compactMap { UInt16(exactly: $0).map { .port($0) } })
    }

    private var addressed: EventFilter.Alternative {
        var alternative = EventFilter.Alternative()
        guard kind.family == .connect, predicate.left.transformers.isEmpty else { return alternative }
        let blocks: [AddressBlock], isEqual: Bool
        switch predicate.comparison {
        case .address(let equal, let block): (blocks, isEqual) = ([block], equal)
        case .addresses(let several): (blocks, isEqual) = (several, true)
        case .exists, .number, .numbers, .flag, .text, .texts, .paths, .operand, .operandText, .elements, .every: return alternative
        }
        for remote in EventFilter.Remote.allCases {
            guard let inside = Self.truth(of: remote, in: blocks) else { continue }
            let truth = isEqual ? inside : inside == .always ? .never : inside == .never ? .always : .sometimes
            if !allows(truth) { alternative.remotes &= ~(1 << remote.rawValue) }
        }
        if isEqual, !isNegated, blocks.allSatisfy({ $0.prefix == ($0.address.isV6 ? 128 : 32) }) {
            alternative.peers = Set(blocks.map { .address($0.address) })
        }
        return alternative
    }

    /// Whether addresses of a class are in one of the blocks; nil where the class says nothing.
    private static func truth(of remote: EventFilter.Remote, in blocks: [AddressBlock]) -> Truth? {
        guard let own = remote.block else { return nil }
        if blocks.contains(where: { $0.prefix <= own.prefix && own.address.isIn($0.address, prefix: $0.prefix) }) { return .always }
        return blocks.contains { $0.address.isIn(own.address, prefix: own.prefix) } ? .sometimes : .never
    }
}

extension EventFilter.Remote {
    /// The addresses of the class; nil for one that is no block.
    fileprivate var block: AddressBlock? {
        switch self {
        case .unknown, .other: nil
        case .loopback: AddressBlock(address: IPAddress(v4: 0x7f00_0000), prefix: 8)
        case .unspecified: AddressBlock(address: IPAddress(v4: 0), prefix: 32)
        case .loopbackV6: AddressBlock(address: IPAddress(v6High: 0, low: 1), prefix: 128)
        }
    }
}

extension EventKind {
    /// True for the calls of which `fd` is what the call was made on, or made.
    fileprivate var isOnDescriptor: Bool {
        switch self {
        case .socket, .bind, .listen, .accept, .accept4, .sendto, .sendmsg, .recvfrom, .recvmsg, .dup, .dup2, .dup3: true
        case _: false
        }
    }
}
