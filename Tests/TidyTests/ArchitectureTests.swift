// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("ARCHITECTURE.md tells the truth")
struct ArchitectureTests {
    private let repository = Repository.shared

    @Test("Every file that it names is there")
    func files() throws {
        let named = try names().filter { name in [".swift", ".c", ".h", ".md", ".yaml"].contains { name.hasSuffix($0) } }
        #expect(!named.isEmpty)
        let absent = named.filter { name in !repository.paths.contains { $0 == name || $0.hasSuffix("/" + name) } }
        #expect(absent == [])
    }

    @Test("Every type that it names is declared, and every member in a file that declares or extends that type")
    func members() throws {
        let declared = Declarations(repository.sources.filter { $0.isSwift && $0.path.hasPrefix("Sources/") })
        let named = try names().filter(Self.isMember)
        #expect(named.count > 10)
        #expect(named.filter { !declared.holds($0) } == [])
    }

    @Test("The check sees a member that is not there")
    func check() {
        let text = "struct A {\n    func b() {}\n    static let c = 1\n}\n"
        let declared = Declarations([.init(path: "Sources/M/NotThere.swift", text: text)])
        #expect(declared.holds("A.b") && declared.holds("A.c") && declared.holds("M.A") && declared.holds("A"))
        #expect(!declared.holds("A.d") && !declared.holds("B.b") && !declared.holds("B"))
    }

    /// What stands between backticks.
    private func names() throws -> [String] {
        let text = try #require(repository.text("ARCHITECTURE.md"), "ARCHITECTURE.md is missing")
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }.filter { !$0.contains("\n") && !$0.contains(" ") }
    }

    /// `Type` or `Type.member`, such as `WireDecoder.decode`.
    private static func isMember(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        let isWord = parts.allSatisfy { part in !part.isEmpty && part.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }
        return isWord && parts.count <= 2 && parts[0].first?.isUppercase == true && !["swift", "md"].contains(parts.last)
    }
}

/// Which types, and which words after a declaring keyword, each Swift file has.
private struct Declarations {
    private var membersByType: [Substring: Set<Substring>] = [:]
    private var typesByModule: [Substring: Set<Substring>] = [:]

    init(_ files: [Repository.File]) {
        for file in files {
            var types: Set<Substring> = [], members: Set<Substring> = []
            for line in file.code.lines {
                let words = line[...].split { !$0.isLetter && !$0.isNumber && $0 != "_" }
                for (keyword, name) in zip(words, words.dropFirst()) {
                    if ["struct", "class", "enum", "actor", "protocol", "extension", "typealias"].contains(keyword) { types.insert(name) }
                    if ["func", "var", "let", "case"].contains(keyword) { members.insert(name) }
                }
                if words.contains("init") { members.insert("init") }
            }
            for type in types { membersByType[type, default: []].formUnion(members.union(types)) }
            for folder in file.path.split(separator: "/") { typesByModule[folder, default: []].formUnion(types.union(members)) }
        }
    }

    func holds(_ name: String) -> Bool {
        let parts = name.split(separator: ".")
        guard parts.count == 2 else { return membersByType[parts[0]] != nil || typesByModule[parts[0]] != nil }
        // Free functions and types of a module are named with the module before them.
        return membersByType[parts[0]]?.contains(parts[1]) == true || typesByModule[parts[0]]?.contains(parts[1]) == true
    }
}
