// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import RuleTools

/// `saker rules schema`: a schema of rule files for editors.
struct RulesSchema: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print a JSON Schema (2020-12) of rule files, for editors.",
        discussion: """
            It is rules/schema.json of the source. An editor with the YAML language server takes it from a first line such as
            # yaml-language-server: $schema=schema.json
            """)

    func run() throws { print(try JSONText.pretty(RuleFileSchema.json)) }
}
