// SPDX-License-Identifier: Apache-2.0
import Actions
import ArgumentParser
import EventModel
import KubeClient
import Responder
import ResponseLanguage
import SourceText

/// `saker responses`: work with playbooks.
struct ResponsesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "responses", abstract: "Work with playbooks in Falco Talon's format.",
        subcommands: [Check.self, Test.self, Actions.self])

    /// Says what there is to answer with.
    struct Actions: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the actions of this version with their parameters; with a name, that one alone.")

        @Argument(help: "An action, such as kubernetes:cordon.") var name: String?

        func run() throws {
            let cards = ActionCatalogue().cards.sorted { $0.name.text < $1.name.text }.filter { name == nil || $0.name.text == name }
            guard !cards.isEmpty else { throw UserError("there is no action '\(name ?? "")'; without a name all are listed") }
            print(cards.map(CardText.block).joined(separator: "\n\n"))
        }
    }

    /// Loads and says what is wrong.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Load playbook files and show all findings with file, line and column; exit code 1 on an error.",
            discussion: """
                With --kubeconfig or --context the cluster is asked too: whether that user has each right that the playbooks need, and with
                --pod how each action would end on that pod, by the API server's own dry run. --pod alone asks the configuration's
                cluster: in Saker's own pod, as the user that Saker is. Nothing is changed. Exit code 1 when a right is missing or an
                action would fail.
                """)

        @Argument(help: "Files, and directories whose *.yaml are taken in order of name; later ones stand over earlier ones.")
        var paths: [String]
        @Option(help: "A pod of the cluster, as NAMESPACE/NAME, on which every action is tried with the dry run.") var pod: String?
        @OptionGroup var cluster: ClusterOptions
        @OptionGroup var options: ConfigOptions

        func run() async throws {
            let files = try SourceFiles.read(all: paths)
            let result = PlaybookLoader.load(files, cards: ActionCatalogue().cards)
            print(result.diagnostics.rendered(from: files), terminator: "")
            guard let set = result.playbooks else { throw ExitCode(1) }
            print("\(files.count) files, \(set.playbooks.count) playbooks")
            for playbook in set.playbooks {
                let actions = playbook.steps.actions.map { "\($0.name) (\($0.card.name))" }
                print("  \(playbook.steps.name): \(actions.joined(separator: ", "))")
            }
            if cluster.isGiven || pod != nil { try await ask(set) }
        }

        func validate() throws {
            guard let pod else { return }
            guard pod.split(separator: "/", omittingEmptySubsequences: false).count == 2 else {
                throw ValidationError("--pod wants NAMESPACE/NAME, found '\(pod)'")
            }
        }

        private func ask(_ set: PlaybookSet) async throws {
            var configuration = try options.read()
            cluster.apply(to: &configuration)
            let client = try Loading.cluster(configuration.kubernetes)
            defer { client.shutDown() }
            let review = try await RightsReview(of: set.requiredRights, client)
            print(review.text)
            var isFine = review.missing.isEmpty
            if let pod {
                let parts = pod.split(separator: "/").map(String.init)
                let alert = try await Trial.alert(pod: parts[1], namespace: parts[0], client)
                isFine = try await Trial.show(set, about: alert, isTrial: true, configuration, client) && isFine
            }
            if !isFine { throw ExitCode(1) }
        }
    }
}
