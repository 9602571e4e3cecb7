// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import ResponseLanguage

/// The texts of an alert under the names that Talon gives them: `proc.args[0]` is `PROC_ARGS_0`.
struct AlertTokens {
    private let values: [String: String]

    init(_ request: ActionRequest) {
        let alert = request.alert
        var values: [String: String] = [:]
        for (field, value) in alert.fields { values[Self.name(of: field)] = value.string ?? value.text }
        let fixed = [
            "PRIORITY": alert.priority.name, "HOSTNAME": alert.hostname, "RULE": alert.rule.text, "SOURCE": alert.source,
            "TAGS": alert.tags.joined(separator: ","), "FALCO-TALON_RULE": request.playbook.text,
            "FALCO-TALON_ACTION": request.step.name.text, "FALCO-TALON_ACTIONNER": request.step.card.name.text,
        ]
        values.merge(fixed) { _, fixed in fixed }
        self.values = values
    }

    init(values: [String: String]) { self.values = values }

    /// The value, without the byte 0, which no argument of a program can hold.
    subscript(_ name: some StringProtocol) -> String? { values[String(name)].map { $0.filter { $0 != "\0" } } }

    private static func name(of field: String) -> String {
        String(field.uppercased().filter { $0 != "]" }.map { $0 == "." || $0 == "[" ? "_" : $0 })
    }

    /// The token at the beginning of a text, `$X` or `${X}`, when the alert has it, and what is behind it.
    func token(at text: Substring) -> (name: Substring, rest: Substring)? {
        guard text.first == "$" else { return nil }
        let inner = text.dropFirst()
        if inner.first == "{" {
            guard let end = inner.firstIndex(of: "}"), values[String(inner[..<end].dropFirst())] != nil else { return nil }
            return (inner[..<end].dropFirst(), inner[inner.index(after: end)...])
        }
        let name = inner.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
        return values[String(name)] == nil ? nil : (name, inner[name.endIndex...])
    }

    /// The text with its tokens replaced by their values; for what no shell reads.
    func filled(_ text: String) -> String {
        var result = "", rest = text[...]
        while let first = rest.first {
            if let (name, behind) = token(at: rest) {
                result += self[name] ?? ""
                rest = behind
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}

/// A shell command in which an alert's texts are variables. The shell gets them as arguments and never reads them as its own language.
struct ShellCommand {
    /// The longest text that is handed over; arguments travel in an address.
    static let longest = 4096

    /// What the shell reads.
    let text: String
    /// What it gets as `$1` and so on.
    let arguments: [String]
    /// The tokens whose texts were cut.
    let cut: [String]
    /// A word of the command that reads others as a language of its own, where tokens stand in the same command; nil for none.
    let reader: String?

    // Behind these a text is source, in whatever quotes it stands.
    private static let readers: Set<String> = [
        "sh", "bash", "dash", "ash", "zsh", "ksh", "su", "ssh", "eval", "awk", "gawk", "mawk", "nawk", "sed", "perl", "python", "python2",
        "python3", "ruby", "node", "php", "lua", "watch",
    ]

    /// Replaces the tokens that the alert has. Whatever else begins with `$` is the shell's own.
    init(_ command: String, _ tokens: AlertTokens) {
        var walk = QuoteWalk(command, tokens)
        let body = walk.run()
        let values = walk.names.map { tokens[$0] ?? "" }
        arguments = values.map { value in String(decoding: value.utf8.prefix(Self.longest), as: UTF8.self) }
        let words = command.split { !($0.isLetter || $0.isNumber || "_-.".contains($0)) }
        let isArithmetic = command.contains("((") || command.contains("[[")
        reader = walk.names.isEmpty
            ? nil : words.map(String.init).first { Self.readers.contains($0) } ?? (isArithmetic ? "arithmetic" : nil)
        cut = zip(walk.names, values).filter { $0.1.utf8.count > Self.longest }.map(\.0)
        guard !walk.names.isEmpty else {
            text = command
            return
        }
        let variables = walk.names.indices.map(QuoteWalk.variable)
        let settings = variables.enumerated().map { "\($1)=${\($0 + 1)}; " }.joined()
        text = settings + "export \(variables.joined(separator: " ")); shift \(variables.count)\n" + body
    }
}

/// Goes through a command as a shell does, so that a variable is always within double quotes.
private struct QuoteWalk {
    private enum Mode { case bare, single, double, parenthesis, tick }

    private var rest: Substring
    private let tokens: AlertTokens
    private var modes: [Mode] = [.bare]
    private var isWordStart = true
    private(set) var names: [String] = []

    init(_ command: String, _ tokens: AlertTokens) {
        rest = command[...]
        self.tokens = tokens
    }

    static func variable(_ index: Int) -> String { "SAKER_\(index + 1)" }

    mutating func run() -> String {
        var result = ""
        while let next = rest.first {
            if let (name, behind) = tokens.token(at: rest) {
                result += reference(String(name))
                rest = behind
                isWordStart = false
                continue
            }
            let count = step(next)
            result += rest.prefix(count)
            isWordStart = next.isWhitespace || ";&|(".contains(next)
            rest = rest.dropFirst(count)
        }
        return result
    }

    private mutating func reference(_ name: String) -> String {
        let index = names.firstIndex(of: name) ?? names.count
        if index == names.count { names.append(name) }
        let variable = "${\(Self.variable(index))}"
        switch modes.last ?? .bare {
        case .double: return variable
        case .single: return "'\"\(variable)\"'"
        case .bare, .parenthesis, .tick: return "\"\(variable)\""
        }
    }

    /// How many characters go through as they are.
    private mutating func step(_ next: Character) -> Int {
        let mode = modes.last ?? .bare
        if mode == .single {
            if next == "'" { modes.removeLast() }
            return 1
        }
        switch next {
        case "\\": return min(2, rest.count)
        case "\"": if mode == .double { modes.removeLast() } else { modes.append(.double) }
        case "'" where mode != .double: modes.append(.single)
        case "`": if mode == .tick { modes.removeLast() } else { modes.append(.tick) }
        case "$" where rest.dropFirst().first == "(":
            modes.append(.parenthesis)
            return 2
        case "(" where mode == .parenthesis: modes.append(.parenthesis)
        case ")" where mode == .parenthesis: modes.removeLast()
        case "#" where mode != .double && isWordStart: return rest.prefix { $0 != "\n" }.count
        case _: break
        }
        return 1
    }
}
