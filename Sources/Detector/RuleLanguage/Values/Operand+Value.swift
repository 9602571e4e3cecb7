// SPDX-License-Identifier: Apache-2.0

import EventModel

extension Operand {
    /// The value as a copy; `read` gives that of a field before anything is done to it.
    func value(_ read: (Operand) -> FieldValue?) -> FieldValue? {
        let bare = if let combination { combination.value(read) } else { read(self) }
        guard var value = bare else { return nil }
        for transformer in transformers {
            guard let next = transformer.applied(to: value) else { return nil }
            value = next
        }
        return value
    }

    /// False when nothing reads it from events of that source: then it is null in each.
    func isRead(from source: EventSource) -> Bool {
        guard combination == nil else { return fields.allSatisfy { $0.isRead(from: source) } }
        return source == .syscall ? field != nil : DocumentFields.readers[facts.name] != nil
    }

    /// The fields that it reads: itself, or those that it is put together of.
    var fields: [Operand] { combination.map { $0.parts.flatMap(\.operands).flatMap(\.fields) } ?? [self] }
}

extension Operand.Transformer {
    /// What it makes of a value, of a list's values one by one; nil when it can make nothing of it.
    func applied(to value: FieldValue) -> FieldValue? {
        switch (self, value) {
        case (.length, .list(let values)): return .number(Int64(values.count))
        case (.length, .text(let bytes)): return .number(Int64(bytes.count))
        case (_, .list(let values)):
            let made = values.compactMap { applied(to: $0) }
            return made.count == values.count ? .list(made) : nil
        case (_, .text(let bytes)):
            let buffer = ByteBuffer(capacity: bytes.count + 1)
            let isMade = bytes.withUnsafeBytes { apply(to: ByteView($0), into: buffer) }
            return isMade ? .text(Array(buffer.view.raw)) : nil
        case (_, .number), (_, .flag), (_, .address): return nil
        }
    }
}
