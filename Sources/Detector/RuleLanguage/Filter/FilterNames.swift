// SPDX-License-Identifier: Apache-2.0

import EventModel

/// What a path must have among its names for a comparison with it to hold.
///
/// A constant is cut at its slashes: what stands between two of them is a whole name of any path that the constant is in, what stands
/// before the first or after the last is the end or the beginning of one. The longest is asked for. Cleaning a path takes names away
/// and adds none, so the names of what was given and of where it begins are enough.
enum FilterNames {
    /// Nil when paths without any certain name could satisfy it. Of two names of a length the deeper one is asked for.
    static func names(of comparison: Comparison) -> Set<EventFilter.Name>? {
        switch comparison {
        case .text(.relation(.equal), let text): one(literals: [Literal(text, isStart: true, isEnd: true)])
        case .text(.startsWith, let text): one(literals: [Literal(text, isStart: true, isEnd: false)])
        case .text(.endsWith, let text): one(literals: [Literal(text, isStart: false, isEnd: true)])
        case .text(.contains, let text): one(literals: [Literal(text, isStart: false, isEnd: false)])
        case .text(.glob, let pattern): one(literals: literals(ofGlob: pattern))
        case .texts(let texts): each(texts.map { one(literals: [Literal($0, isStart: true, isEnd: true)]) })
        case .paths(let paths): each(paths.map { one(literals: [plainFolder($0)]) })
        case .text, .exists, .number, .numbers, .flag, .address, .addresses, .operand, .operandText, .elements, .every: nil
        }
    }

    /// A text that must stand in the path, at its start or end where that is known.
    private struct Literal {
        var text: [UInt8]
        var isStart: Bool
        var isEnd: Bool

        init(_ text: [UInt8], isStart: Bool, isEnd: Bool) {
            self.text = text
            self.isStart = isStart
            self.isEnd = isEnd
        }
    }

    private static func each(_ found: [Set<EventFilter.Name>?]) -> Set<EventFilter.Name>? {
        var all: Set<EventFilter.Name> = []
        for names in found {
            guard let names else { return nil }
            all.formUnion(names)
        }
        return all
    }

    private static func one(literals: [Literal]) -> Set<EventFilter.Name>? {
        literals.flatMap(names(in:)).reversed().max { weight($0) < weight($1) }.map { [$0] }
    }

    private static func names(in literal: Literal) -> [EventFilter.Name] {
        // What begins with a bracket is a word of ours for what is not known, and no path.
        guard literal.text.first != UInt8(ascii: "<") else { return [] }
        let parts = literal.text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
        return parts.enumerated().compactMap { index, part in
            guard !part.isEmpty else { return nil }
            let begins = index > 0 || literal.isStart
            let ends = index < parts.count - 1 || literal.isEnd
            return switch (begins, ends) {
            case (true, true): .whole(part)
            case (true, false): .start(Array(part.prefix(8)))
            case (false, true): .end(Array(part.suffix(8)))
            case (false, false): nil
            }
        }
    }

    // A whole name says more than a part of one, and a long one more than a short one.
    private static func weight(_ name: EventFilter.Name) -> Int {
        switch name {
        case .whole(let bytes): 100 + bytes.count
        case .start(let bytes), .end(let bytes): bytes.count
        }
    }

    private static func literals(ofGlob pattern: [UInt8]) -> [Literal] {
        guard !pattern.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "\\") }) else { return [] }
        let parts = pattern.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }
        return parts.enumerated().map { Literal(Array($1), isStart: $0 == 0, isEnd: $0 == parts.count - 1) }
    }

    // Each name of it is a pattern of its own; one that is plain must be there.
    private static func plainFolder(_ path: [UInt8]) -> Literal {
        let slash = UInt8(ascii: "/")
        let plain = path.split(separator: slash).filter { !$0.contains { "*?[\\".utf8.contains($0) } }
        return Literal(plain.reduce([slash]) { $0 + $1 + [slash] }, isStart: false, isEnd: false)
    }
}
