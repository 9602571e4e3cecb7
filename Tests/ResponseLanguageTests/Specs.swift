// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import ResponseLanguage
import SourceText
import Testing
import Yams

/// One case of `Tests/Specs/responses`.
struct Spec: Decodable, Sendable, CustomTestStringConvertible {
    struct Question: Decodable, Sendable {
        var alert: AlertSpec
        var answered: [String]
    }

    struct AlertSpec: Decodable, Sendable {
        var rule: String?
        var priority: String?
        var source: String?
        var tags: [String]?
        var fields: [String: JSONValue]?
        var namespace: String?
    }

    var `case`: String
    var files: [String]
    /// All diagnostics as printed.
    var says: String?
    /// Each playbook and action on a line; nil when the set must not load.
    var playbooks: [String]?
    var match: [Question]?

    var testDescription: String { `case` }

    static func all(_ name: String) throws -> [Spec] {
        try YAMLDecoder().decode([Spec].self, from: String(contentsOf: folder.appending(path: name), encoding: .utf8))
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Specs/responses")

    var sources: [SourceFile] {
        zip(["a.yaml", "b.yaml"], files).map { SourceFile(name: $0, text: $1) }
    }
}

/// Cards with every shape of parameter; the three Kubernetes ones have Talon's parameters and defaults.
enum SpecCards {
    static let all = [
        card(
            "kubernetes:label", continues: true,
            [ActionParameter("labels", .textMap, isRequired: true, "x"), ActionParameter("level", .choice(["pod"]), "x")]),
        card(
            "kubernetes:networkpolicy", continues: true,
            [ActionParameter("allow_cidr", .networks, "x"), ActionParameter("allow_namespaces", .texts, "x")]),
        card(
            "kubernetes:terminate", continues: false,
            [
                ActionParameter("grace_period_seconds", .wholeNumber(least: 0), "x"), ActionParameter("ignore_daemonsets", .flag, "x"),
                ActionParameter("ignore_statefulsets", .flag, "x"), ActionParameter("ignore_standalone_pods", .flag, "x"),
                ActionParameter("min_healthy_replicas", .countOrPercent, "x"),
            ]),
        card("test:gather", continues: true, [ActionParameter("words", .text, "x")], allowsOutput: true),
        card(
            "test:any", continues: true,
            [ActionParameter("flag", .flag, "x"), ActionParameter("list", .texts, "x"), ActionParameter("map", .textMap, "x")]),
    ]

    private static func card(
        _ name: ActuatorName, continues: Bool, _ parameters: [ActionParameter], allowsOutput: Bool = false
    ) -> ActionCard {
        ActionCard(
            name: name, summary: "", kind: .reversible, defaultContinue: continues, parameters: parameters, permissions: [],
            requiredFields: [], allowsOutput: allowsOutput)
    }
}

extension Spec.AlertSpec {
    var alert: Alert {
        Alert(
            trace: "t", time: Timestamp(nanoseconds: 0), rule: RuleName(rule ?? "Shell"),
            priority: Priority(name: priority ?? "Notice") ?? .debug, source: source ?? "syscall", tags: tags ?? [], output: "",
            fields: fields ?? [:], hostname: "", subject: Subject(namespace: namespace.map { NamespaceName($0) }))
    }
}

extension PlaybookSet {
    /// One line a playbook and one an action, with everything that was read.
    var lines: [String] {
        playbooks.flatMap { playbook in
            let flags = (playbook.steps.isRehearsal ? " (dry run)" : "") + (playbook.allowsOthers ? "" : " (last)")
            let evidence = playbook.steps.evidenceSeconds.map { " (evidence within \($0) s)" } ?? ""
            return ["\(playbook.steps.name)\(flags)\(evidence)"] + playbook.steps.actions.map(\.line)
                + playbook.steps.finally.map { "finally" + $0.line.dropFirst() }
        }
    }
}

extension PlannedOutput {
    fileprivate var line: String {
        switch self {
        case .folder(let folder): folder
        case .s3(let bucket, let prefix, let region): "s3://\(bucket)/\(prefix) in \(region ?? "the configured region")"
        case .minio(let bucket, let prefix): "minio://\(bucket)/\(prefix)"
        }
    }
}

extension PlannedAction {
    fileprivate var line: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(JSONValue.object(parameters))).map { String(decoding: $0, as: UTF8.self) } ?? "?"
        let flags = (continues ? "" : " (then stop)") + (ignoresErrors ? " (errors ignored)" : "")
        return "- \(name): \(card.name) \(json)" + flags + (output.map { " -> \($0.line)" } ?? "") + flow.line
    }
}

extension StepFlow {
    fileprivate var line: String {
        var parts = conditions.map { "when \($0.text)" }
        parts += [
            offence.map { "offence \($0.times) of \($0.windowSeconds) s" }, timeoutSeconds.map { "within \($0) s" },
            retry.map { "\($0.times) more tries after \($0.backoffSeconds) s on \($0.codes.joined(separator: ","))" },
            lastsSeconds.map { "for \($0) s" },
            approval.map { "\($0.people) people within \($0.expiresSeconds) s, else \($0.otherwise.rawValue)" }, group.map { _ in "group" },
        ].compactMap { $0 }
        return parts.map { " (\($0))" }.joined()
    }
}
