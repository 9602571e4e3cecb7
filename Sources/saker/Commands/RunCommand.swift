// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// `saker run`: detection and response in one process.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Watch this host and answer what the playbooks name, until TERM.",
        discussion: "TERM and INT let answers under way end and stop within 10 s. HUP reloads configuration, rules and playbooks.")

    @OptionGroup var options: ConfigOptions
    @Option(help: "How long to wait for another saker that responds with the same journal to end, such as 60s (default: not at all).")
    var wait: String?

    func run() async throws {
        let options = options
        let patience = try Patience.read(wait)
        try await SakerRun(configuration: options.read(), patience: patience, readAgain: { try options.read() }).run()
    }

    func validate() throws { _ = try Patience.read(wait) }
}
