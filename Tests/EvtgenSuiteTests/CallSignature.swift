// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What a step may say of a system call's parameters, in the order in which the call takes them.
struct CallSignature {
    struct Parameter {
        /// Where the step says it; below another, as `how.flags`.
        var name: String
        var kind: Kind
        /// What stands for it where nothing is said; nil when it must be said.
        var fallback: CallArgument?
    }

    enum Kind {
        case number, text, address
        /// One of these words or a number.
        case oneOf([String: Int])
        /// These words with `|` between them, or a number.
        case anyOf([String: Int])
    }

    var parameters: [Parameter]

    private init(_ parameters: [Parameter]) { self.parameters = parameters }

    /// The arguments that a step's `args` stand for. Names are read without regard to case.
    func arguments(_ value: SuiteValue) throws -> [CallArgument] {
        let said = Self.flattened(value, below: "")
        let unknown = Set(said.keys).subtracting(parameters.map { $0.name.lowercased() })
        guard unknown.isEmpty else { throw SuiteError("unknown arguments: \(unknown.sorted())") }
        return try parameters.map { parameter in
            if let text = said[parameter.name.lowercased()] { return try parameter.kind.read(text) }
            guard let fallback = parameter.fallback else { throw SuiteError("\(parameter.name) is not said") }
            return fallback
        }
    }

    private static func flattened(_ value: SuiteValue, below prefix: String) -> [String: String] {
        var all: [String: String] = [:]
        for (name, value) in value.map ?? [:] {
            if let text = value.text { all[prefix + name.lowercased()] = text }
            all.merge(flattened(value, below: prefix + name.lowercased() + ".")) { $1 }
        }
        return all
    }

    private static func must(_ name: String, _ kind: Kind) -> Parameter { Parameter(name: name, kind: kind) }
    private static func may(_ name: String, _ kind: Kind, _ fallback: Int = 0) -> Parameter {
        Parameter(name: name, kind: kind, fallback: .number(fallback))
    }
    private static func directory(_ name: String) -> Parameter { may(name, .number, Int(AT_FDCWD)) }
    private static let emptyText = Parameter(name: "paramValues", kind: .text, fallback: .text(""))
    private static let buffer = Parameter(name: "buffer", kind: .text, fallback: .text(""))
    private static let open = Kind.anyOf(CallWords.open), mode = Kind.anyOf(CallWords.modes)

    /// The calls that a step may name.
    static let all: [String: CallSignature] = [
        "open": .init([must("pathname", .text), must("flags", open), may("mode", mode)]),
        "openat": .init([directory("dirFd"), must("pathname", .text), must("flags", open), may("mode", mode)]),
        "openat2": .init([
            directory("dirFd"), must("pathname", .text), may("how.flags", open), may("how.mode", mode),
            may("how.resolve", .anyOf(CallWords.resolve)),
        ]),
        "symlink": .init([must("target", .text), must("linkPath", .text)]),
        "symlinkat": .init([must("target", .text), directory("newDirFd"), must("linkPath", .text)]),
        "link": .init([must("oldPath", .text), must("newPath", .text)]),
        "linkat": .init([
            directory("oldDirFd"), must("oldPath", .text), directory("newDirFd"), must("newPath", .text),
            may("flags", .anyOf(CallWords.links)),
        ]),
        "dup": .init([must("oldFd", .number)]),
        "dup2": .init([must("oldFd", .number), must("newFd", .number)]),
        "dup3": .init([must("oldFd", .number), must("newFd", .number), may("flags", open)]),
        "socket": .init([
            must("domain", .oneOf(CallWords.domains)), must("type", .oneOf(CallWords.types)),
            must("protocol", .oneOf(CallWords.protocols)),
        ]),
        "connect": .init([must("fd", .number), must("address", .address)]),
        "sendto": .init([
            must("fd", .number), must("buf", .text), may("len", .number), may("flags", .anyOf(CallWords.sends)), must("destAddr", .address),
        ]),
        "read": .init([must("fd", .number), buffer, may("len", .number)]),
        "write": .init([must("fd", .number), buffer, may("len", .number)]),
        "kill": .init([must("pid", .number), must("sig", .oneOf(CallWords.signals))]),
        "init_module": .init([must("moduleImage", .text), emptyText]),
        "finit_module": .init([must("fd", .number), emptyText, may("flags", .anyOf(CallWords.modules))]),
    ]
}

extension CallSignature.Kind {
    /// What a step's text means as this kind of argument; `${ NAME.FIELD }` is the value of an earlier resource or step.
    func read(_ text: String) throws -> CallArgument {
        if let match = text.wholeMatch(of: /\s*\$\{\s*(\S+?)\s*\}\s*/) { return .reference(String(match.1)) }
        switch self {
        case .text: return .text(text)
        case .address: return .text(try SocketAddress.read(text))
        case .number: return .number(try Self.number(text, [:]))
        case .oneOf(let words): return .number(try Self.number(text, words))
        case .anyOf(let words):
            return .number(try text.split(separator: "|").reduce(0) { try $0 | Self.number(String($1), words) })
        }
    }

    /// A word, or a number in the notations of YAML.
    private static func number(_ text: String, _ words: [String: Int]) throws -> Int {
        if let word = words[text] { return word }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2), ("0", 8)] where text.hasPrefix(prefix) && text.count > prefix.count {
            if let number = Int(text.dropFirst(prefix.count), radix: radix) { return number }
        }
        guard let number = Int(text) else { throw SuiteError("'\(text)' is neither a number nor one of \(words.keys.sorted())") }
        return number
    }
}

/// Where a socket is bound or sends to.
enum SocketAddress {
    /// `HOST:PORT`, `[HOST]:PORT` or `unix://PATH`, as the actor takes it: `HOST|PORT` or `unix://PATH`.
    static func read(_ text: String) throws -> String {
        if text.hasPrefix("unix://") { return text }
        guard let colon = text.lastIndex(of: ":"), UInt16(text[text.index(after: colon)...]) != nil else {
            throw SuiteError("'\(text)' is no address with a port")
        }
        return text[..<colon].trimmingPrefix("[").split(separator: "]").joined() + "|" + text[text.index(after: colon)...]
    }
}
