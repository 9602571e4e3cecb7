// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// `saker detect`: detection alone, with the responder on another machine.
struct DetectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect", abstract: "Watch this host and send alerts to a responder on another machine, until TERM.",
        discussion: """
            It changes nothing in a cluster and needs no right to. Alerts wait in detect.spool until the responder has them on its
            disk, over restarts and crashes of either side. HUP reloads the rules.
            """)

    @Option(help: "The responder's address, such as https://saker-respond.saker:8443 (default: detect.to of the configuration).")
    var to: String?
    @OptionGroup var options: ConfigOptions

    func run() async throws {
        let options = options
        var configuration = try options.read()
        if let to { configuration.detect.to = to }
        try await SakerDetect(configuration: configuration, readAgain: { try options.read() }).run()
    }
}
