// SPDX-License-Identifier: Apache-2.0
import Actions
import ArgumentParser
import EventModel
import Foundation
import Records

/// `saker pending`: what waits for people.
struct PendingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pending", abstract: "Show the acts that wait for somebody's approval.")

    @OptionGroup var options: ConfigOptions
    @Flag(help: "One JSON object a line instead of text.") var json = false

    func run() async throws {
        let now = Clock.now
        let pending = try await JournalReader(path: try options.read().journal).pending()
        guard !json else { return try pending.forEach { print(try JSONText.line(PendingText.Object($0, now))) } }
        print(pending.isEmpty ? "nothing waits" : pending.map { PendingText.block($0, now) }.joined(separator: "\n"))
    }
}

/// `saker approve`: say yes to an act.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approve an act that waits, by its number.",
        discussion: """
            The responder reads facts and guardrails again and then acts, within a second. The history keeps who approved. Who may run
            this command may approve: where two people are asked for, each needs an account of their own to be told apart.
            """)

    @Argument(help: "The act's number, as `saker pending` shows it.") var number: Int64
    @Option(name: .customLong("as"), help: "Who approves, for the history (default: the user's name).") var name: String?
    @OptionGroup var options: ConfigOptions

    func run() async throws {
        try await Voting.vote(number, ApprovalVote(by: try Voting.person(name), approves: true, at: Clock.now), try options.read())
    }
}

/// `saker deny`: say no to an act.
struct DenyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny", abstract: "Deny an act that waits, by its number; it is not done then.")

    @Argument(help: "The act's number, as `saker pending` shows it.") var number: Int64
    @Option(help: "Why; it is kept in the history.") var reason: String
    @Option(name: .customLong("as"), help: "Who denies, for the history (default: the user's name).") var name: String?
    @OptionGroup var options: ConfigOptions

    func run() async throws {
        let vote = ApprovalVote(by: try Voting.person(name), approves: false, reason: reason, at: Clock.now)
        try await Voting.vote(number, vote, try options.read())
    }
}

/// Puts an answer into the journal.
private enum Voting {
    static func person(_ name: String?) throws -> String {
        let who = name ?? ProcessInfo.processInfo.environment["SUDO_USER"] ?? NSUserName()
        let trimmed = who.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty else { throw UserError("--as wants a name") }
        return trimmed
    }

    static func vote(_ number: Int64, _ vote: ApprovalVote, _ configuration: Configuration) async throws {
        let journal = try Journal(path: configuration.journal, role: .visitor)
        let result: Result<ApprovalState, any Error>
        do { result = .success(try await journal.vote(vote, on: IntentionID(number))) } catch { result = .failure(error) }
        await journal.close()
        print(PendingText.state(try result.get(), now: vote.time))
    }
}

/// A question to people, as a person or a program reads it.
enum PendingText {
    static func block(_ pending: PendingAct, _ now: Timestamp) -> String {
        let target = pending.act.intention.target.sentence
        var lines = ["#\(pending.id)  \(pending.act.intention.actuator)  \(target)  \(state(pending.state(at: now), now: now))"]
        let intention = pending.act.intention
        lines.append("    because of rule \"\(pending.alert.rule)\", by playbook \"\(intention.playbook)\", trace \(intention.trace)")
        lines += pending.votes.map { "    \($0.by) \($0.approves ? "approved" : "denied")" + ($0.reason.isEmpty ? "" : ": \($0.reason)") }
        lines.append("    saker approve \(pending.id)   or   saker deny \(pending.id) --reason WHY")
        return lines.joined(separator: "\n")
    }

    /// Where a question stands, in a few words.
    static func state(_ state: ApprovalState, now: Timestamp) -> String {
        switch state {
        case .waiting(let missing, let until):
            let seconds = until.nanoseconds(since: now) / 1_000_000_000
            return "waits for \(missing) more \(missing == 1 ? "person" : "people"), for \(seconds) s"
        case .approved(let by, _): return "approved by \(by.joined(separator: " and "))"
        case .denied(let vote): return "denied by \(vote.by)"
        case .expired(.skip): return "its time is over, and it is left out"
        case .expired(.act): return "its time is over, and it is done"
        }
    }

    struct Object: Encodable {
        let id: IntentionID
        let asked: Timestamp
        let trace: TraceID
        let rule: RuleName
        let act: PlannedAct
        let votes: [ApprovalVote]
        let state: String

        init(_ pending: PendingAct, _ now: Timestamp) {
            id = pending.id
            asked = pending.asked
            trace = pending.alert.trace
            rule = pending.alert.rule
            act = pending.act
            votes = pending.votes
            state = PendingText.state(pending.state(at: now), now: now)
        }
    }
}
