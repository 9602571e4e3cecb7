// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The files of this repository: those that git knows and those it would take; without git, all but build products.
struct Repository: Sendable {
    /// A file with its lines.
    struct File: Sendable {
        /// From the repository's root, such as `Sources/EventModel/Event.swift`.
        var path: String
        var text: String
        /// Comments and strings blanked out.
        var code: SwiftText { Self.codes[path] ?? SwiftText(text) }

        private static let codes: [String: SwiftText] = Dictionary(
            uniqueKeysWithValues: Repository.shared.files { $0.hasSuffix(".swift") }.map { ($0.path, SwiftText($0.text)) })

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var ending: String { String(path.split(separator: ".").last ?? "") }
        var isSwift: Bool { ending == "swift" }
        var isC: Bool { ["c", "h"].contains(ending) }
    }

    let root: URL
    let paths: [String]

    static let shared = Repository(here: #filePath)

    init(here: String) {
        let file = URL(fileURLWithPath: here).resolvingSymlinksInPath()
        root = file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let known = Self.git(["ls-files", "--cached", "--others", "--exclude-standard"], in: root) ?? Self.all(in: root)
        let base = root
        paths = known.filter { FileManager.default.fileExists(atPath: base.appendingPathComponent($0).path) }.sorted()
    }

    /// The files that git has under its care; nil where there is no git.
    var tracked: [String]? { Self.git(["ls-files", "--cached"], in: root) }

    /// The texts of all files that `wanted` picks; what is not UTF-8 is left out.
    func files(where wanted: (String) -> Bool = { _ in true }) -> [File] {
        paths.filter(wanted).compactMap { path in text(path).map { File(path: path, text: $0) } }
    }

    /// Swift and C of ours, kernel side included.
    var sources: [File] { files { $0.hasSuffix(".swift") || $0.hasSuffix(".c") || $0.hasSuffix(".h") } }

    func text(_ path: String) -> String? { try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) }

    private static func all(in root: URL) -> [String] {
        let found = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return found.filter { path in !path.hasPrefix(".git/") && !path.hasPrefix(".build") && !path.hasPrefix("out/") }
    }

    private static func git(_ arguments: [String], in root: URL) -> [String]? {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-c", "safe.directory=*", "-c", "core.quotePath=false", "-C", root.path] + arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

extension Repository {
    /// Whether a file has a zero byte among its first 8,000, which is git's own test.
    func isBinary(_ path: String) -> Bool {
        guard let handle = try? FileHandle(forReadingFrom: root.appendingPathComponent(path)) else { return false }
        defer { try? handle.close() }
        return (try? handle.read(upToCount: 8_000))?.contains(0) == true
    }
}
