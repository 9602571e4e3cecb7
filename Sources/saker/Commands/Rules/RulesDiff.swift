// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import RuleTools

/// `saker rules diff`: what a rules update changes.
struct RulesDiff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what a new version of rule files changes; exit code 1 when a rule differs, as with diff.",
        discussion: """
            Conditions are compared with macros and lists put in: one that changed shows in each rule that it changes, with what changed.
            --json prints an object: added and removed (names), and changed, an object a rule with rule and what differs of it: enabled,
            priority, output, desc, source (old and new), tags, condition (change, macros, text, added, removed), exceptions.
            """)

    @Argument(help: "The old file or directory.") var old: String
    @Argument(help: "The new file or directory.") var new: String
    @Flag(help: "Print the difference as JSON.") var json = false

    func run() throws {
        let diff = RuleDiff(try RuleFiles.study([old]), try RuleFiles.study([new]))
        print(json ? try JSONText.line(diff.json) + "\n" : diff.text(width: Terminal.width ?? 140), terminator: "")
        if !diff.isEmpty { throw ExitCode(1) }
    }
}
