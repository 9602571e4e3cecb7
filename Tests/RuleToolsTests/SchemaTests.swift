// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import SourceText
import Testing

@testable import RuleTools

@Suite("The schema of rule files") struct SchemaTests {
    @Test("is the one that is shipped as rules/schema.json; saker rules schema prints it") func shipped() throws {
        let text = try Place.text("rules/schema.json")
        #expect(try JSONParser.parse(Array(text.utf8)) == RuleFileSchema.json)
    }

    @Test("has an entry for every key that the loader reads, and no other") func keys() throws {
        for kind in RuleFileItem.all {
            for key in kind.keys { #expect(RuleFileSchema.property(key, of: kind) != nil, "\(kind.name): \(key)") }
            let properties = RuleFileSchema.json["$defs"]?[kind.name]?["properties"]?.object
            #expect(properties.map { $0.keys.sorted() } == kind.keys.sorted(), "\(kind.name)")
        }
    }

    @Test("lets override append to and replace what the loader lets it") func overrides() throws {
        for kind in RuleFileItem.all {
            let override = RuleFileSchema.json["$defs"]?[kind.name]?["properties"]?["override"]?["properties"]?.object ?? [:]
            for key in kind.keys where !["append", "override", kind.name].contains(key) && kind.keys.contains("override") {
                let ways = override[key]?["enum"]?.array?.compactMap(\.string) ?? []
                for way in ["append", "replace"] {
                    let text = "- \(kind.name): x\n  override: {\(key): \(way)}\n"
                    let result = RuleLoader.load([SourceFile(name: "r.yaml", text: text)])
                    let isRefused = result.diagnostics.all.contains { $0.message.contains("cannot be overridden with '\(way)'") }
                    #expect(isRefused != ways.contains(way), "\(kind.name): \(key): \(way)")
                }
            }
        }
    }
}
