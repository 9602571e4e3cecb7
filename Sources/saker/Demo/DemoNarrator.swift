// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Glibc
import Records

/// Tells the story on the terminal as it happens; with colour where a person reads along.
struct DemoNarrator: Sendable {
    private enum Style: String {
        case heading = "1", quiet = "2", good = "32", bad = "31", notice = "33"
    }

    private let coloured: Bool

    /// Colours only a terminal, and none where `NO_COLOR` is set.
    init(environment: [String: String]) {
        coloured = isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
    }

    /// What begins now.
    func heading(_ text: String) { say("\n" + styled(text, .heading)) }

    /// A fact about the scene.
    func fact(_ label: String, _ text: String) { line(label, text, .quiet) }

    /// What the attacker typed, and what came of it.
    func attack(_ step: DemoAttack.Step) {
        line("attacker", "# \(step.typed)", .notice)
        let answer = step.answer.isEmpty ? "(nothing)" : step.answer
        line("", answer, step.succeeded ? .bad : .good)
    }

    /// A rule matched.
    func alert(_ alert: Alert) {
        line("alert", "\(alert.rule) (\(alert.priority))", .bad)
        line("", alert.output, .quiet)
    }

    /// An act of a playbook ended.
    func act(_ entry: HistoryEntry) {
        line("playbook", "\(entry.playbook)", .notice)
        let delay = entry.nanosecondsSinceEvent.map { ", \(Milliseconds.text($0)) after the syscall" } ?? ""
        line("action", "\(entry.actuator) on \(entry.targetName): \(entry.label.uppercased())\(delay)", style(entry.ending?.outcome))
        line("", entry.sentence, .quiet)
    }

    /// Something that a person can see for himself.
    func seen(_ text: String) { line("seen", text, .good) }

    /// What does not fit the story.
    func trouble(_ text: String) { line("trouble", text, .bad) }

    /// A command and what it printed.
    func command(_ typed: String, _ output: String) {
        say("\n" + styled("$ \(typed)", .heading))
        say(output.hasSuffix("\n") ? String(output.dropLast()) : output)
    }

    /// Writes past the buffer of `print`, which would keep a pipe's reader waiting.
    private func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    private func style(_ outcome: Outcome?) -> Style {
        switch outcome {
        case .done: .good
        case .skipped, .rehearsed, .awaiting: .notice
        case .refused, .failed, .unknown, nil: .bad
        }
    }

    private func line(_ label: String, _ text: String, _ style: Style) {
        let margin = label + String(repeating: " ", count: max(0, 10 - label.count))
        for (number, part) in text.split(separator: "\n").enumerated() {
            say("  " + (number == 0 ? margin : String(repeating: " ", count: 10)) + styled(String(part), style))
        }
    }

    private func styled(_ text: String, _ style: Style) -> String {
        coloured ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }
}
