// SPDX-License-Identifier: Apache-2.0
import Yams

/// A value of a suite's file. Scalars stay texts: what they mean is known where they are used.
indirect enum SuiteValue: Hashable {
    case null
    case text(String)
    case list([SuiteValue])
    case map([String: SuiteValue])

    /// Reads a whole file.
    init(yaml: String) throws {
        guard let node = try Yams.compose(yaml: Self.quotingParameters(yaml)) else { throw SuiteError("the file is empty") }
        self.init(node)
    }

    private init(_ node: Node) {
        switch node {
        case .scalar(let scalar):
            let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            self = isNull ? .null : .text(scalar.string)
        case .sequence(let items): self = .list(items.map(SuiteValue.init))
        case .mapping(let pairs):
            self = .map(Dictionary(pairs.map { ($0.key.string ?? "", SuiteValue($0.value)) }) { $1 })
        case .alias: self = .null
        }
    }

    /// Puts quotes round plain `%{ item.NAME }`: the suites' own reader takes them, YAML does not let a plain text begin with `%`.
    static func quotingParameters(_ yaml: String) -> String {
        yaml.split(separator: "\n", omittingEmptySubsequences: false).map { quotingParameters(line: $0) }.joined(separator: "\n")
    }

    private static func quotingParameters(line: Substring) -> String {
        var result = "", rest = line, quote: Character?
        while let character = rest.first {
            let begins = quote == nil && rest.hasPrefix("%{") && mayBegin(after: result)
            if begins, let end = rest.firstIndex(of: "}") {
                result += "\"\(rest[...end])\""
                rest = rest[rest.index(after: end)...]
                continue
            }
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                if mayBegin(after: result) { quote = character }
            } else if character == "#", result.last.map({ $0 == " " }) ?? true {
                return result + rest
            }
            result.append(character)
            rest = rest.dropFirst()
        }
        return result
    }

    /// Whether a scalar may begin after what stands on a line before it.
    private static func mayBegin(after text: String) -> Bool {
        guard let last = text.last(where: { $0 != " " }) else { return true }
        return text.last == " " && ":-,[{?".contains(last) || "[{".contains(last)
    }

    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    var list: [SuiteValue] {
        guard case .list(let list) = self else { return [] }
        return list
    }

    var map: [String: SuiteValue]? {
        guard case .map(let map) = self else { return nil }
        return map
    }

    subscript(key: String) -> SuiteValue { map?[key] ?? .null }

    /// Whether something is said at all: `{}` is, `null` is not.
    var isThere: Bool { self != .null }

    /// With each text that is `%{ item.NAME }` replaced by that value of a case.
    func filled(with values: [String: SuiteValue]) throws -> SuiteValue {
        switch self {
        case .null: return self
        case .list(let list): return .list(try list.map { try $0.filled(with: values) })
        case .map(let map): return .map(try map.mapValues { try $0.filled(with: values) })
        case .text(let text):
            guard let match = text.wholeMatch(of: /\s*%\{\s*item\.(\S+?)\s*\}\s*/) else { return self }
            guard let value = values[String(match.1)] else { throw SuiteError("no value for \(text)") }
            return value
        }
    }
}

/// What is wrong with a suite's file, or with this machine for it.
struct SuiteError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
