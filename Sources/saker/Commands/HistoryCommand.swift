// SPDX-License-Identifier: Apache-2.0
import AWSClient
import ArgumentParser
import EventModel
import Foundation
import Records

/// `saker history`: what was done, and whether the record of it is whole.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show what was done to which object, why, with what result.",
        subcommands: [Show.self, Verify.self], defaultSubcommand: Show.self)

    /// Shows acts, the latest last.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show acts, the latest last (the default).")

        @OptionGroup var options: ConfigOptions
        @Option(help: "The journal (default: the configuration's).") var journal: String?
        @Option(help: "Only acts on objects in this namespace.") var namespace: String?
        @Option(help: "Only acts on this pod.") var pod: String?
        @Option(help: "Only acts of this playbook.") var playbook: String?
        @Option(help: "Only acts for alerts of this detection rule.") var rule: String?
        @Option(help: "Only this actuator's acts, such as kubernetes:label.") var actuator: String?
        @Option(help: "Only acts that ended so: done, skipped, refused, rehearsed, awaiting, failed, unknown, or open.")
        var outcome: String?
        @Option(help: "Only acts for the alert with this trace id.") var trace: String?
        @Option(help: "Only acts since this time, as RFC 3339 or a duration such as 2h.") var since: String?
        @Option(help: "Only acts before this time.") var until: String?
        @Flag(help: "Only acts that were taken back.") var undone = false
        @Option(help: "At most so many, the latest.") var limit = 100
        @Flag(help: "One JSON object a line instead of text.") var json = false

        func run() async throws {
            let path = try journal ?? options.read().journal
            let entries = try await JournalReader(path: path).history(try query(now: Clock.now)).reversed()
            guard !json else { return try entries.forEach { print(try JSONText.line($0)) } }
            print(entries.isEmpty ? "no acts" : entries.map(HistoryText.block).joined(separator: "\n"))
        }

        func validate() throws { _ = try query(now: Clock.now) }

        private func query(now: Timestamp) throws -> HistoryQuery {
            var query = HistoryQuery(limit: limit)
            query.namespace = namespace.map { NamespaceName($0) }
            query.pod = pod.map { PodName($0) }
            query.playbook = playbook.map { PlaybookName($0) }
            query.rule = rule.map { RuleName($0) }
            query.actuator = actuator.map { ActuatorName($0) }
            query.trace = trace.map { TraceID($0) }
            query.outcome = outcome
            query.since = try since.map { try Moment.read($0, now: now) }
            query.until = try until.map { try Moment.read($0, now: now) }
            query.isUndone = undone ? true : nil
            return query
        }
    }

    /// Walks the hash chain and holds it to the result files.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that the history is whole and unedited; exit code 1 when it is not.")

        @OptionGroup var options: ConfigOptions
        @Option(help: "The journal (default: the configuration's).") var journal: String?
        @Option(help: "Folder or s3://bucket/prefix of results, whose chain heads vouch for the journal (default: the configuration's).")
        var results: String?

        func run() async throws {
            let configuration = try options.read()
            let anchors = try await Self.anchors(results ?? configuration.results, configuration.aws)
            let verification = try await JournalReader(path: journal ?? configuration.journal).verify(anchors: anchors)
            print(HistoryText.verdict(verification))
            if !verification.isSound { throw ExitCode(1) }
        }

        /// None where there is no such folder yet; a bucket that cannot be read is an error.
        private static func anchors(_ results: String, _ aws: Configuration.AWS) async throws -> [Anchor] {
            guard case .bucket(let bucket, let prefix) = ResultsPlace(results) else {
                return FileManager.default.fileExists(atPath: results) ? try FolderResultStore(folder: results).anchors() : []
            }
            let cloud = try Loading.cloud(aws)
            defer { cloud.shutDown() }
            return try await S3ResultStore(try cloud.bucket(bucket), prefix: prefix).anchors()
        }
    }
}
