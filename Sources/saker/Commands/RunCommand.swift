// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// `saker run`: detection and response in one process.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Watch this host and answer what the playbooks name, until TERM.",
        discussion: "TERM and INT let answers under way end and stop within 10 s. HUP reloads configuration, rules and playbooks.")

    @OptionGroup var options: ConfigOptions

    func run() async throws {
        let options = options
        try await SakerRun(configuration: options.read(), readAgain: { try options.read() }).run()
    }
}
