// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// `saker respond`: response alone, with alerts from other machines.
struct RespondCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "respond", abstract: "Take alerts over the network and answer what the playbooks name, until TERM.",
        discussion: """
            Alerts come by POST to / from `saker detect`, Falco (http_output) or Falcosidekick; respond.senders says who may send and
            what about. An alert is acknowledged once it is in the journal. It needs no right on the host. GET /healthz and /readyz
            say how it is. HUP reloads playbooks, guardrails and senders.
            """)

    @Option(help: "Where to listen, such as :8443 (default: respond.listen of the configuration).") var listen: String?
    @Option(help: "How long to wait for another saker that responds with the same journal to end, such as 60s (default: not at all).")
    var wait: String?
    @OptionGroup var options: ConfigOptions

    func validate() throws { _ = try Patience.read(wait) }

    func run() async throws {
        let options = options
        var configuration = try options.read()
        if let listen { configuration.respond.listen = listen }
        let patience = try Patience.read(wait)
        try await SakerRespond(configuration: configuration, patience: patience, readAgain: { try options.read() }).run()
    }
}

/// `--wait`: how long a responder waits for its predecessor.
enum Patience {
    /// No time when it is not given. Throws when it is no duration.
    static func read(_ wait: String?) throws -> Duration {
        guard let wait else { return .zero }
        guard let seconds = ConfigKey.duration(wait) else {
            throw ValidationError("--wait expects a duration such as 60s, found '\(wait)'")
        }
        return .seconds(seconds)
    }
}
