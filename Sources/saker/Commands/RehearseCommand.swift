// SPDX-License-Identifier: Apache-2.0
import Actions
import ArgumentParser
import EventModel
import KubeClient
import ResponseLanguage

/// `saker rehearse`: what playbooks would do about an alert.
struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse", abstract: "Show what each action of a playbook would do about an alert, and why not.",
        discussion: """
            Every call is made with the API server's dry run, so missing rights and admission refusals show, and nothing is changed
            or recorded. Rights that only an undo needs are asked for besides. The budget and the cooldown count what the journal
            holds. Exit code 1 when a right is missing or an action would fail.
            """)

    @Argument(help: "A playbook file, or a directory of them.") var playbook: String
    @Option(help: "A file with one alert in Falco's JSON, such as a line of alerts.file.") var alert: String
    @OptionGroup var cluster: ClusterOptions
    @OptionGroup var options: ConfigOptions

    func run() async throws {
        var configuration = try options.read()
        cluster.apply(to: &configuration)
        configuration.responses = [playbook]
        let playbooks = try Loading.playbooks(configuration)
        let alert = try JSONText.read(Alert.self, from: alert)
        let client = try Loading.cluster(configuration.kubernetes)
        defer { client.shutDown() }
        var isFine = try await Trial.show(playbooks, about: alert, configuration, client)
        let review = try await RightsReview(of: playbooks.requiredRights, client)
        if !review.missing.isEmpty {
            print(review.text)
            isFine = false
        }
        if !isFine { throw ExitCode(1) }
    }
}
