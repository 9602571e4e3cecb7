// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EventModel
import Foundation
import KubeClient
import Records
import Responder

/// `saker undo`: take one act back.
struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take an act back by its number in the history.",
        discussion: "Exit code 0 when it was taken back, 1 when it was not; the reason is printed and journalled.")

    @Argument(help: "The act's number, as `saker history` shows it.") var number: Int64
    @Option(help: "Who asks, for the history (default: the user's name).") var by: String?
    @Flag(help: "Show what it would do, by the API server's dry run; nothing is changed or recorded.") var dryRun = false
    @OptionGroup var options: ConfigOptions

    func run() async throws {
        let configuration = try options.read()
        let journal = try Journal(path: configuration.journal, role: .visitor)
        let client = try Loading.cluster(configuration.kubernetes)
        // The notice waits in the journal for whoever responds with it.
        let notices = Notifying.policy(configuration, try Notifying.notifiers(configuration, client))
        let parts = try ResponderHalf.parts(configuration, client, journal, ReportPrinter(format: .off), notices)
        let who = by ?? ProcessInfo.processInfo.environment["SUDO_USER"] ?? NSUserName()
        guard !dryRun else {
            let outcome = try await UndoRun(parts).rehearse(IntentionID(number))
            await journal.close()
            client.shutDown()
            guard let outcome else { throw missing(configuration) }
            print("\(outcome.label): \(outcome.sentence)")
            guard case .rehearsed = outcome else { throw ExitCode(1) }
            return
        }
        let report = try await UndoRun(parts).undo(IntentionID(number), by: who)
        await journal.close()
        client.shutDown()
        guard let report else { throw missing(configuration) }
        print("\(report.outcome.label): \(report.outcome.sentence)")
        guard case .done = report.outcome else { throw ExitCode(1) }
    }

    private func missing(_ configuration: Configuration) -> UserError {
        UserError("there is no act number \(number) in \(configuration.journal); `saker history` lists them")
    }
}
