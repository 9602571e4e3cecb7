// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What the answer of a comparison depends on, and so how long it can be remembered. A field that is in neither list depends on the
/// event: that is always right.
enum Scope {
    /// On the event's `Shape` alone.
    case shape
    /// On the programs of the process and its ancestors, and on the container: on a `Line`.
    case line
    /// On anything.
    case event

    private static let shapeFields: Set<Field> = [
        .eventType, .eventDirection, .eventResult, .eventRawResult, .eventFailed, .eventIsOpenRead,
        .eventIsOpenWrite, .eventIsOpenExec, .eventSource, .eventHostname, .descriptorNumber, .descriptorTypeCharacter,
        .descriptorType, .descriptorProtocol, .descriptorFamily, .descriptorConnected,
    ]

    private static let lineFields: Set<Field> = [
        .processName, .processExe, .processExePath, .processCommandLine, .processArguments, .processEnvironment,
        .processIsUpperLayer, .processIsFromMemfd, .processIsWritable, .parentName, .parentCommandLine, .parentExe, .parentExePath,
        .ancestorName, .ancestorExe, .ancestorExePath, .ancestorCommandLine, .sessionLeaderName, .containerID, .containerName,
        .containerImageRepository, .containerImageTag, .containerFact, .containerIsPrivileged, .containerSharesHostPID,
        .containerSharesHostNetwork, .containerSharesHostIPC, .podNamespace, .podName, .podUID,
    ]

    init(of predicate: Predicate) {
        let own = predicate.left.field.map { Scope(of: $0) } ?? .event
        switch predicate.comparison {
        case .operand(_, let right), .operandText(_, let right):
            // A number of a shape is cut off where only constants are compared with it exactly.
            self = own == .line && right.field.map({ Scope(of: $0) }) == .line ? .line : .event
        case .number(_, let number): self = own == .shape && !Shape.tells(number) ? .event : own
        case .numbers(let numbers): self = own == .shape && !numbers.allSatisfy(Shape.tells) ? .event : own
        case .exists, .flag, .text, .texts, .paths, .address, .addresses: self = own
        // Each part has its own constants.
        case .elements, .every: self = own == .line ? .line : .event
        }
    }

    private init(of field: Field) {
        self = Self.shapeFields.contains(field) ? .shape : Self.lineFields.contains(field) ? .line : .event
    }

    /// How many generations a field looks up, itself for 1; nil for all that there are.
    static func generations(of operand: Operand) -> Int? {
        switch operand.field {
        case .parentName, .parentCommandLine, .parentExe, .parentExePath: 2
        case .sessionLeaderName: nil
        case _ where operand.isAnyAncestor: nil
        case _:
            if case .generation(let number) = operand.argument { number + 1 } else { 1 }
        }
    }
}

/// What events of one kind have in common beside their texts and numbers without end: two events of equal shape answer every
/// comparison of that scope alike.
struct Shape: Hashable {
    private var what: UInt64
    private var socket: UInt64

    /// The lowest result that has a name is -133 (EHWPOISON); what lies below is told by one number, and so is what lies above 0.
    private static let range: ClosedRange<Int64> = -134...1

    /// True when a comparison of a result or a descriptor with this number comes out the same for the number as a shape keeps it.
    static func tells(_ number: Int64) -> Bool { number > range.lowerBound && number < range.upperBound }

    /// What was opened is handed on, since to get at it copies it.
    @inline(__always)
    init(_ event: UnsafePointer<Event>, _ opened: (Event.Open) -> Void) {
        let result = UInt64(Self.clamped(event.pointee.result)), kind = event.pointee.kind
        what = UInt64(kind.rawValue) | result << 8
        socket = 0
        switch event.pointee.detail {
        case .open(let open):
            opened(open)
            let mayExecute: UInt64 = open.createsExecutable(kind) ? 1 : 0, isDirectory: UInt64 = open.isDirectory ? 1 : 0
            what |= 1 << 24 | UInt64(open.flags & 3) << 32 | isDirectory << 34 | mayExecute << 35
        case .connect(let connect):
            what |= 2 << 24 | UInt64(Self.clamped(Int64(connect.descriptor))) << 16
            socket = UInt64(connect.family) | UInt64(connect.socketType) << 16 | UInt64(connect.ipProtocol) << 32
        case .call:
            what |= 4 << 24 | UInt64(Self.clamped(event.pointee.descriptorNumber ?? -1)) << 16
            guard let descriptor = event.pointee.descriptorDetail else { return }
            what |= 1 << 32 | UInt64(descriptor.kind.character[0]) << 40 | (descriptor.remote == nil ? 0 : 1 << 48)
            socket = UInt64(descriptor.family) | UInt64(descriptor.socketType) << 16 | UInt64(descriptor.ipProtocol) << 32
        case .exec, .fork, .exit, .snapshot: what |= 3 << 24
        }
    }

    private static func clamped(_ number: Int64) -> UInt8 {
        UInt8(min(max(number, range.lowerBound), range.upperBound) - range.lowerBound)
    }

    /// A number that spreads over tables.
    var spread: UInt64 {
        let mixed = (what ^ socket &* 0x9e37_79b9_7f4a_7c15) &* 0x9e37_79b9_7f4a_7c15
        return mixed >> 32
    }
}
