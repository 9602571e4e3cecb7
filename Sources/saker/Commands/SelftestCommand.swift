// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Capture
import Foundation

/// `saker selftest`: prove that this machine's probe sees attacks and evasions.
struct SelftestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest", abstract: "Make harmless attacks and evasions, and prove that each is seen on this machine; needs root.",
        discussion: """
            It loads a probe and rules of its own, and acts on files in a folder that it makes and removes, and on loopback. A running
            Saker may tell of it too. The exit code is 0 when each attack that this machine allows is seen, 1 when one is not, and 2 when
            the test could not be made. --json prints one object a line: attack, what, verdict (seen, not seen, impossible,
            failed), detail and milliseconds.
            """)

    @Flag(help: "Print one JSON object a line.") var json = false

    func run() async throws {
        let findings = await (try begin()).perform()
        for finding in findings { print(json ? try JSONText.line(finding) : Self.line(finding)) }
        let seen = findings.count { $0.verdict == .seen }, wanted = findings.count { $0.verdict != .impossible }
        if !json { print("\(seen) of \(wanted) attacks that this machine allows were seen") }
        if seen < wanted { throw ExitCode(1) }
    }

    private func begin() throws -> SelftestRun {
        do {
            return try SelftestRun()
        } catch {
            Terminal.say((error as? CaptureError)?.message ?? "\(error)")
            throw ExitCode(2)
        }
    }

    private static func line(_ finding: SelftestRun.Finding) -> String {
        let time = finding.milliseconds.map { " in \(($0 * 10).rounded() / 10) ms" } ?? ""
        let columns = [(finding.verdict.rawValue.uppercased(), 10), (finding.attack, 14)].map { text, width in
            text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
        }
        return "\(columns.joined(separator: "  "))  \(finding.what)\(time)\n" + String(repeating: " ", count: 28) + finding.detail
    }
}
