// SPDX-License-Identifier: Apache-2.0

/// Masks what looks like a secret before a value leaves for an alert: an alert goes to logs, chats and tickets.
///
/// It looks for values, not for what they may be: `--password=x`, `--token x`, `AWS_SECRET_ACCESS_KEY=x`, `Authorization: Bearer x`,
/// `https://user:x@host`.
public struct Redaction: Sendable {
    /// Words that, as part of a name, make its value secret; lower case.
    public var words: [String]
    /// Options whose next argument is secret.
    public var options: Set<String>
    /// What stands for a secret.
    public var mask: String

    /// The words and options that most programs use.
    public static let standard = Redaction(
        words: ["password", "passwd", "passphrase", "secret", "token", "api_key", "api-key", "apikey", "access_key", "access-key",
            "private_key", "private-key", "credential", "authorization", "pgpassword", "mysql_pwd"],
        options: ["--pass", "--pw", "--oauth2-bearer"],
        mask: "***")

    /// Masks nothing.
    public static let none = Redaction(words: [], options: [], mask: "")

    /// Brings the parts together.
    public init(words: [String], options: Set<String>, mask: String) {
        self.words = words
        self.options = options
        self.mask = mask
    }

    /// A command line, or any text of words with blanks between, its secrets masked.
    public func apply(toCommandLine text: String) -> String {
        guard !words.isEmpty || !options.isEmpty else { return text }
        var hidesNext = false, isUserNext = false
        let parts = text.split(separator: " ", omittingEmptySubsequences: false).map { part -> String in
            let word = String(part)
            if hidesNext, !word.isEmpty {
                // "Authorization: Bearer x": the scheme is none of the secret.
                hidesNext = ["bearer", "basic", "token"].contains(word.lowercased())
                return hidesNext ? word : mask
            }
            defer { isUserNext = Self.userOptions.contains(word) }
            hidesNext = announcesSecret(word)
            return isUserNext ? maskedUser(word) : masked(word)
        }
        return parts.joined(separator: " ")
    }

    /// The value of an environment variable: only whether it is set is worth telling, unless `LD_`, `PATH` and the like.
    public func apply(toVariable name: String, value: String) -> String {
        guard !words.isEmpty || !options.isEmpty else { return value }
        return Self.isHarmless(name) ? apply(toCommandLine: value) : mask
    }

    // Loader, path and locale variables hold paths, which are what a rule that names them is about.
    private static func isHarmless(_ name: String) -> Bool {
        name.hasPrefix("LD_") || name.hasPrefix("LC_") || name.hasSuffix("PATH")
            || ["HOME", "SHELL", "TERM", "USER", "LANG", "PWD", "HISTFILE", "HISTSIZE", "BASH_ENV", "GCONV_PATH"].contains(name)
    }

    // What curl, and tools like it, take as name:secret; elsewhere these options take a name alone, which is kept.
    private static let userOptions: Set<String> = ["-u", "--user", "--proxy-user"]

    private func maskedUser(_ word: String) -> String {
        guard let colon = word.firstIndex(of: ":"), word.index(after: colon) < word.endIndex else { return masked(word) }
        return word[...colon] + mask
    }

    // True for "--password", "-token" and "Authorization:": the next word is the value.
    private func announcesSecret(_ word: String) -> Bool {
        if options.contains(word) { return true }
        guard !word.contains("=") else { return false }
        let isOption = word.hasPrefix("-") && word.count > 2
        let isHeader = word.hasSuffix(":")
        return (isOption || isHeader) && isSecretName(word)
    }

    private func isSecretName(_ name: String) -> Bool {
        let lower = name.lowercased()
        return words.contains { lower.contains($0) }
    }

    private func masked(_ word: String) -> String {
        if let sign = word.firstIndex(of: "="), isSecretName(String(word[..<sign])), word.index(after: sign) < word.endIndex {
            return word[...sign] + mask
        }
        return maskedURL(word)
    }

    // scheme://user:secret@host
    private func maskedURL(_ word: String) -> String {
        var index = word.startIndex
        while index < word.endIndex, !word[index...].hasPrefix("://") { index = word.index(after: index) }
        guard index < word.endIndex else { return word }
        let start = word.index(index, offsetBy: 3)
        let authority = word[start...].prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else { return word }
        return word[...colon] + mask + word[at...]
    }
}
