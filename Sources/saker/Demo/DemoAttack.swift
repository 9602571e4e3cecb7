// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What an attacker does in a pod, through one interactive shell on a terminal, as after `kubectl exec -it`.
final class DemoAttack: Sendable {
    /// What a step showed.
    struct Step: Sendable {
        /// What the attacker typed.
        var typed: String
        /// What the terminal answered, without the echo of what was typed.
        var answer: String
        /// Whether the attacker got what he wanted.
        var succeeded: Bool
    }

    private let pod: DemoPod
    private let shell: ChildProcess

    /// Opens the shell: the pod's first exec of /bin/sh with a terminal.
    ///
    /// Throws when no prompt comes.
    init(in pod: DemoPod, transcript: URL) throws(DemoError) {
        self.pod = pod
        let quoted = pod.entering(["/bin/sh"]).map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }
        let command = "exec " + quoted.joined(separator: " ")
        let environment = ["PATH": ChildProcess.searchPath, "SHELL": "/bin/sh"]
        shell = try ChildProcess(["script", "-qefc", command, "/dev/null"], output: transcript, environment: environment)
        guard waitFor(seconds: 5, { shell.text.contains(Self.prompt) }) else {
            shell.kill()
            throw DemoError(code: .command, message: "no shell came up in pod \(pod.description.name): \(shell.text)")
        }
    }

    /// Reads the pod's password hashes.
    func readShadow() -> Step { type("/bin/cat /etc/shadow") { $0.contains("root:$6$") } }

    /// Connects to the attacker's machine.
    func connectOut() -> Step {
        type("/bin/nc -w 2 \(DemoNode.attackerAddress) \(DemoNode.attackerPort) </dev/null") { $0.contains(DemoScripts.greeting) }
    }

    /// Types a line and waits for the next prompt, or for the shell's end, at most `seconds` long.
    func type(_ line: String, seconds: Double = 5, wants: (String) -> Bool) -> Step {
        let before = shell.text.count
        shell.write(line + "\n")
        _ = waitFor(seconds: seconds) { shell.text.dropFirst(before).contains("\n" + Self.prompt) || hasEnded }
        return Self.step(line, String(shell.text.dropFirst(before)), wants: wants)
    }

    /// Whether the shell is gone, by whoever's hand.
    var hasEnded: Bool { shell.wait(seconds: 0) }

    /// Leaves the shell.
    func close() {
        shell.write("exit\n")
        shell.closeInput()
        if !shell.wait(seconds: 1) { shell.kill() }
    }

    private static let prompt = "# "

    /// Takes the echo, the prompts and the terminal's control sequences out of what the terminal showed.
    static func step(_ line: String, _ shown: String, wants: (String) -> Bool) -> Step {
        let plain = shown.replacingOccurrences(of: "\u{1B}\\[[0-9;]*[A-Za-z]", with: "", options: .regularExpression)
            .replacingOccurrences(of: "\r", with: "")
        let lines = plain.split(separator: "\n").map { String($0) }
            .filter { !$0.contains(line) && $0.trimmingCharacters(in: .whitespaces) != "#" }
        let answer = lines.joined(separator: "\n")
        return Step(typed: line, answer: answer, succeeded: wants(answer))
    }
}
