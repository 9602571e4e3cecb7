// SPDX-License-Identifier: Apache-2.0

import Foundation
import SourceText
import Testing
import Yams

@testable import RuleLanguage

/// Cases as data: each YAML file under Tests/Specs/rules holds a list of them.
enum Specs {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// With UPDATE_SPECS=FOLDER in the environment, what each accepted or rejected case really printed is written there, to be read.
    static var updates: URL? { ProcessInfo.processInfo.environment["UPDATE_SPECS"].map { URL(fileURLWithPath: $0) } }

    static func record(_ spec: SpecCase, _ rendered: String, in folder: URL) {
        let name = (spec.text("name") ?? "?").replacingOccurrences(of: "/", with: "-")
        try? rendered.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }

    /// The cases of one folder, each with the name of its file in front.
    static func cases(_ folder: String) -> [SpecCase] {
        let place = root.appendingPathComponent("Tests/Specs/rules/\(folder)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path))?.sorted() ?? []
        return names.filter { $0.hasSuffix(".yaml") }.flatMap { name -> [SpecCase] in
            let text = (try? String(contentsOf: place.appendingPathComponent(name), encoding: .utf8)) ?? ""
            guard let node = try? Yams.compose(yaml: text), let entries = node.sequence else {
                return [SpecCase(title: "\(folder)/\(name) is no list of cases", node: Node([(Node, Node)]()))]
            }
            return entries.map { SpecCase(title: "\(name): \($0["name"]?.string ?? "?")", node: $0) }
        }
    }
}

/// One case of a spec file.
struct SpecCase: CustomTestStringConvertible, @unchecked Sendable {
    // Sendable because a node is never changed after it was read.
    let title: String
    let node: Node

    var testDescription: String { title }

    func text(_ key: String) -> String? { node[key]?.string }

    func texts(_ key: String) -> [String] { node[key]?.sequence?.compactMap(\.string) ?? [] }

    /// The rules of the case as files: `rules` is one, `files` are several.
    var files: [SourceFile] {
        if let rules = text("rules") { return [SourceFile(name: "rules.yaml", text: rules)] }
        return (node["files"]?.sequence?.compactMap(\.string) ?? []).enumerated().map { SourceFile(name: "\($0 + 1).yaml", text: $1) }
    }
}
