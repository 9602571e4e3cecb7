// SPDX-License-Identifier: Apache-2.0
import Actions
import ArgumentParser
import ResponseLanguage
import SourceText

/// `saker responses`: work with playbooks.
struct ResponsesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "responses", abstract: "Work with playbooks in Falco Talon's format.", subcommands: [Check.self])

    /// Loads and says what is wrong.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Load playbook files and show all findings with file, line and column; exit code 1 on an error.")

        @Argument(help: "Files, and directories whose *.yaml are taken in order of name; later ones stand over earlier ones.")
        var paths: [String]

        func run() throws {
            let files = try SourceFiles.read(all: paths)
            let result = PlaybookLoader.load(files, cards: ActionCatalogue().cards)
            print(result.diagnostics.rendered(from: files), terminator: "")
            guard let set = result.playbooks else { throw ExitCode(1) }
            print("\(files.count) files, \(set.playbooks.count) playbooks")
            for playbook in set.playbooks {
                let actions = playbook.steps.actions.map { "\($0.name) (\($0.card.name))" }
                print("  \(playbook.steps.name): \(actions.joined(separator: ", "))")
            }
        }
    }
}
