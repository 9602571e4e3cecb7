// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("The arrows between modules")
struct ArrowTests {
    /// Which modules of ours each module may import, and where it lives. Whoever adds an arrow adds it here, with a reason in
    /// ARCHITECTURE.md.
    private static let table: [String: (path: String, may: Set<String>)] = [
        "EventModel": ("EventModel", []),
        "SourceText": ("SourceText", []),
        "Hashing": ("Hashing", ["COpenSSL"]),
        "RuleLanguage": ("Detector/RuleLanguage", ["EventModel", "SourceText"]),
        "RuleTools": ("Detector/RuleTools", ["EventModel", "SourceText", "RuleLanguage"]),
        "ResponseLanguage": ("Responder/ResponseLanguage", ["EventModel", "SourceText"]),
        "Capture": ("Detector/Capture", ["EventModel", "CProbe"]),
        "Transport": ("Transport", ["CCurl", "COpenSSL"]),
        "KubeClient": ("KubeClient", ["EventModel", "Transport"]),
        "AWSClient": ("AWSClient", ["EventModel", "Hashing", "Transport"]),
        "Enrichment": ("Detector/Enrichment", ["EventModel", "Transport", "KubeClient"]),
        "EventSources": ("Detector/EventSources", ["EventModel", "CZstd", "Capture"]),
        "Delivery": ("Delivery", ["EventModel", "COpenSSL", "Transport", "KubeClient"]),
        "Records": ("Records", ["EventModel", "Hashing", "AWSClient"]),
        "Guardrails": ("Responder/Guardrails", ["EventModel"]),
        "Actions": ("Responder/Actions", ["EventModel", "Hashing", "ResponseLanguage", "KubeClient", "AWSClient", "Records"]),
        "Detector": ("Detector/Pipeline", ["EventModel", "RuleLanguage", "Capture", "Enrichment", "EventSources", "Delivery"]),
        "Responder": ("Responder/Engine", ["EventModel", "ResponseLanguage", "Guardrails", "Actions", "KubeClient", "Records"]),
        "Console": ("Console", ["EventModel", "SourceText", "Hashing", "Records", "COpenSSL"]),
        "KubeSim": ("KubeSim", ["COpenSSL"]),
    ]
    private static let ours = Set(table.keys).union(["CProbe", "CAttacks", "CCurl", "COpenSSL", "CZstd", "saker"])
    /// On the path of every event: Foundation would cost allocations and start-up time there.
    private static let withoutFoundation = ["EventModel", "SourceText", "RuleLanguage", "Capture", "Detector"]

    private let repository = Repository.shared

    @Test("Every module imports only the modules that the table lets it import", arguments: table.keys.sorted())
    func arrows(module: String) throws {
        let entry = try #require(Self.table[module])
        let files = sources(of: entry.path)
        #expect(!files.isEmpty, "Sources/\(entry.path) is empty")
        let forbidden = files.flatMap { file in
            Self.imports(file).filter { Self.ours.contains($0) && !entry.may.contains($0) }.map { "\(file.path) imports \($0)" }
        }
        #expect(forbidden == [])
    }

    @Test("Every folder with Swift in Sources belongs to a module of the table")
    func everyFolder() {
        let homes = Self.table.values.map { "Sources/\($0.path)/" } + ["Sources/saker/", "Sources/CProbe/"]
        let stray = repository.paths.filter { path in
            path.hasPrefix("Sources/") && path.hasSuffix(".swift") && !homes.contains { path.hasPrefix($0) }
        }
        #expect(stray == [])
    }

    @Test("Package.swift declares the arrows of the table and no others", arguments: table.keys.sorted())
    func declared(module: String) throws {
        let package = try #require(repository.text("Package.swift"))
        let line = try #require(package.split(separator: "\n").map(\.trimmingSpaces).first { $0.hasPrefix("part(\"\(module)\"") })
        let list = line.range(of: "needs: [").map { line[$0.upperBound...].prefix { $0 != "]" } } ?? ""
        let names = list.split(separator: ",").map(\.trimmingSpaces).filter { $0.hasPrefix("\"") }.map { $0.filter { $0 != "\"" } }
        #expect(Set(names) == Self.table[module]?.may)
    }

    @Test("Modules on the path of every event do not import Foundation", arguments: withoutFoundation)
    func noFoundation(module: String) throws {
        let entry = try #require(Self.table[module])
        // Starting and stopping the detection thread is on no event's path.
        let files = sources(of: entry.path).filter { $0.path != "Sources/Detector/Pipeline/DetectorRun.swift" }
        let found = files.filter { Self.imports($0).contains { $0.hasPrefix("Foundation") } }
        #expect(found.map(\.path) == [])
    }

    private func sources(of path: String) -> [Repository.File] {
        repository.files { $0.hasPrefix("Sources/\(path)/") && $0.hasSuffix(".swift") }
    }

    private static func imports(_ file: Repository.File) -> [String] {
        file.code.lines.compactMap { line in
            let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
            guard let place = words.firstIndex(of: "import"), place <= 1, place + 1 < words.count else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let name = kinds.contains(words[place + 1]) ? words[words.count - 1] : words[place + 1]
            return String(name.prefix { $0 != "." })
        }
    }
}
