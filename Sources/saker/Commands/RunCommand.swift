// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Watch this host and answer what the playbooks name, until TERM.")

    @OptionGroup var options: ConfigOptions

    func run() async throws {
        print(try options.read())
    }
}
