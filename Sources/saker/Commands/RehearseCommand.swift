// SPDX-License-Identifier: Apache-2.0
import Actions
import ArgumentParser
import EventModel
import KubeClient
import Records
import Responder
import ResponseLanguage

/// `saker rehearse`: what playbooks would do about an alert.
struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse", abstract: "Show what each action of a playbook would do about an alert, and why not.",
        discussion: """
            Every call is made with the API server's dry run, so missing rights and admission refusals show, and nothing is changed
            or recorded. The budget and the cooldown count what the journal holds.
            """)

    @Argument(help: "A playbook file, or a directory of them.") var playbook: String
    @Option(help: "A file with one alert in Falco's JSON, such as a line of alerts.file.") var alert: String
    @OptionGroup var options: ConfigOptions

    func run() async throws {
        var configuration = try options.read()
        configuration.responses = [playbook]
        let playbooks = try Loading.playbooks(configuration)
        let alert = try JSONText.read(Alert.self, from: alert)
        let client = try Loading.cluster(configuration.kubernetes)
        for playbook in playbooks.playbooks {
            let rehearsal = Rehearsal(
                kube: DryRunKube(client), settings: configuration.guardrailSettings, recent: await Self.recent(configuration))
            print(RehearsalText.block(await rehearsal.rehearse(playbook, about: alert)))
        }
        client.shutDown()
    }

    /// The acts that budget and cooldown count; none where there is no journal yet.
    private static func recent(_ configuration: Configuration) async -> [PastAct] {
        let window = max(configuration.guardrails.budgetWindowSeconds, configuration.guardrails.cooldownSeconds)
        let since = Timestamp(nanoseconds: Clock.now.nanoseconds - UInt64(window) * 1_000_000_000)
        return (try? await JournalReader(path: configuration.journal).recentActs(since: since)) ?? []
    }
}
