// SPDX-License-Identifier: Apache-2.0

/// AWS's shared files, `~/.aws/credentials` and `~/.aws/config`.
struct SharedFiles: Sendable {
    private let credentials: [String: [String: String]]
    private let config: [String: [String: String]]
    /// Where the files are looked for, in words.
    let places: String

    init(_ surroundings: AWSSurroundings) {
        let home = surroundings.variable("HOME") ?? "/root"
        let paths = [("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ("AWS_CONFIG_FILE", "config")].map { variable, name in
            surroundings.variable(variable) ?? home + "/.aws/" + name
        }
        let sections = paths.map { path in
            surroundings.readFile(path).map { Self.sections(String(decoding: $0, as: UTF8.self)) } ?? [:]
        }
        credentials = sections[0]
        config = sections[1]
        places = paths.joined(separator: " and ")
    }

    /// What both files say of a profile, where the credentials file stands over the config file; nil when neither names it.
    func profile(_ name: String) -> [String: String]? {
        // The config file writes "profile x" for all but the default; the credentials file the bare name.
        let known = [credentials[name], config["profile " + name] ?? (name == "default" ? config[name] : nil)].compactMap { $0 }
        return known.isEmpty ? nil : known.reduce([:]) { $0.merging($1) { first, _ in first } }
    }

    /// Sections of `key = value` lines; keys in lower case, and indented lines, which nest below a key, left out.
    static func sections(_ text: String) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var name: String?
        for line in text.split(whereSeparator: \.isNewline) {
            guard let first = line.first, first != "#", first != ";", first != " ", first != "\t" else { continue }
            if first == "[" {
                name = line.dropFirst().prefix { $0 != "]" }.split(separator: " ").joined(separator: " ")
                if let name { sections[name, default: [:]].merge([:]) { $1 } }
            } else if let name, let sign = line.firstIndex(of: "=") {
                let key = trimmed(line[..<sign]).lowercased()
                let value = trimmed(line[line.index(after: sign)...])
                if !value.isEmpty { sections[name]?[key] = value }
            }
        }
        return sections
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
