// SPDX-License-Identifier: Apache-2.0
import Enrichment
import EventModel
import Guardrails
import Records
import ResponseLanguage

/// A value as the file or the environment gives it: one text, or a list of texts.
enum ConfigValue: Equatable {
    case scalar(String)
    case list([String])
}

/// One key of `saker.yaml`: its path, and how it is read. The table of all is the only place that knows the keys.
struct ConfigKey: Sendable {
    /// Path in the file, joined with dots.
    let path: String
    /// What the key wants, for the error that says so.
    let wanted: String
    /// Puts the value in place; false when it is not what the key wants.
    let apply: @Sendable (inout Configuration, ConfigValue) -> Bool

    /// The environment variable that overrides it, such as `SAKER_GUARDRAILS_STOP_FILE`.
    var variable: String { "SAKER_" + path.uppercased().map { $0 == "." ? "_" : String($0) }.joined() }

    static let all: [ConfigKey] = [
        choice("mode", \.mode),
        list("rules", \.rules),
        list("responses", \.responses),
        priority("minimum_priority", \.minimumPriority),
        choice("rule_matching", \.ruleMatching),
        choice("symlinks", \.symlinks),
        text("node", \.node),
        flag("kubernetes.enabled", \.kubernetes.enabled),
        text("kubernetes.kubeconfig", \.kubernetes.kubeconfig),
        text("kubernetes.context", \.kubernetes.context),
        seconds("kubernetes.timeout", \.kubernetes.timeoutSeconds, 1...300),
        text("journal", \.journal),
        ConfigKey(path: "results", wanted: "a folder, or s3://bucket/prefix") {
            guard case .scalar(let text) = $1, ResultsPlace(text) != nil else { return false }
            $0.results = text
            return true
        },
        text("aws.region", \.aws.region),
        text("aws.endpoint", \.aws.endpoint),
        flag("aws.path_style", \.aws.pathStyle),
        text("aws.profile", \.aws.profile),
        choice("alerts.stdout", \.alerts.stdout),
        text("alerts.file", \.alerts.file),
        priority("notify.minimum_priority", \.notify.minimumPriority),
        text("notify.slack.url_file", \.notify.slackURLFile),
        text("notify.webhook.url", \.notify.webhookURL),
        text("notify.webhook.secret_file", \.notify.webhookSecretFile),
        text("notify.webhook.token_file", \.notify.webhookTokenFile),
        flag("notify.kubernetes_events", \.notify.kubernetesEvents),
        list("guardrails.protected_namespaces", \.guardrails.protectedNamespaces),
        number("guardrails.budget_per_workload", \.guardrails.budgetPerWorkload, 0...1_000),
        number("guardrails.budget_per_cluster", \.guardrails.budgetPerCluster, 0...10_000),
        seconds("guardrails.budget_window", \.guardrails.budgetWindowSeconds, 1...86_400),
        seconds("guardrails.cooldown", \.guardrails.cooldownSeconds, 0...86_400),
        text("guardrails.stop_file", \.guardrails.stopFile),
        ConfigKey(path: "guardrails.stop_configmap", wanted: "namespace/name or namespace/name/key") {
            guard case .scalar(let text) = $1, text.isEmpty || GuardrailSettings.ConfigMapKey(text) != nil else { return false }
            $0.guardrails.stopConfigMap = text
            return true
        },
        ConfigKey(path: "guardrails.protected_labels", wanted: "a list of labels such as [team=payments, critical]") {
            guard case .list(let texts) = $1, texts.allSatisfy({ LabelTerm($0) != nil }) else { return false }
            $0.guardrails.protectedLabels = texts
            return true
        },
        list("guardrails.protected_nodes", \.guardrails.protectedNodes),
        flag("guardrails.protect_control_plane", \.guardrails.protectsControlPlane),
        number("guardrails.breaker.errors", \.guardrails.breakerErrors, 0...1_000),
        number("guardrails.breaker.percent", \.guardrails.breakerPercent, 1...100),
        seconds("guardrails.breaker.window", \.guardrails.breakerWindowSeconds, 1...86_400),
        seconds("guardrails.breaker.pause", \.guardrails.breakerPauseSeconds, 1...86_400),
        ConfigKey(path: "guardrails.approval.kinds", wanted: "a list of observe, reversible, destructive") {
            guard case .list(let texts) = $1, case let kinds = texts.compactMap(ActKind.init), kinds.count == texts.count else {
                return false
            }
            $0.guardrails.approvalKinds = kinds
            return true
        },
        number("guardrails.approval.people", \.guardrails.approvalPeople, 1...2),
        seconds("guardrails.approval.expires", \.guardrails.approvalExpiresSeconds, 1...604_800),
        choice("guardrails.approval.otherwise", \.guardrails.approvalOtherwise),
        number("guardrails.blast_radius", \.guardrails.blastRadius, 1...100_000),
        ConfigKey(path: "capture.ring_mebibytes", wanted: "a power of two from 1 to 1024") {
            guard case .scalar(let text) = $1, let value = Int(text), (1...1_024).contains(value), value.nonzeroBitCount == 1 else {
                return false
            }
            $0.capture.ringMebibytes = value
            return true
        },
        choice("capture.filter", \.capture.filter),
        number("flights.seconds", \.flights.seconds, 0...3_600),
        text("flights.folder", \.flights.folder),
        number("flights.memory_mebibytes", \.flights.memoryMebibytes, 1...65_536),
        number("flights.folder_mebibytes", \.flights.folderMebibytes, 1...1_048_576),
        sockets("metadata.runtimes", \.metadata.runtimes),
        text("metadata.host_root", \.metadata.hostRoot),
        milliseconds("metadata.wait", \.metadata.waitMilliseconds, 0...10_000),
        text("status.socket", \.status.socket),
        text("status.listen", \.status.listen),
        text("detect.to", \.detect.to),
        text("detect.spool", \.detect.spool),
        number("detect.spool_mebibytes", \.detect.spoolMebibytes, 1...65_536),
        text("detect.token_file", \.detect.tokenFile),
        text("detect.certificate", \.detect.certificate),
        text("detect.key", \.detect.key),
        text("detect.authority", \.detect.authority),
        text("respond.listen", \.respond.listen),
        text("respond.certificate", \.respond.certificate),
        text("respond.key", \.respond.key),
        text("respond.client_authority", \.respond.clientAuthority),
        text("respond.senders", \.respond.senders),
        text("respond.approvals.slack_secret_file", \.respond.slackSecretFile),
        text("respond.approvals.secret_file", \.respond.approvalSecretFile),
        seconds("respond.act_within", \.respond.actWithinSeconds, 1...86_400),
    ]
}

extension ConfigKey {
    private static func text(_ path: String, _ place: WritableKeyPath<Configuration, String> & Sendable) -> ConfigKey {
        ConfigKey(path: path, wanted: "a text") {
            guard case .scalar(let text) = $1 else { return false }
            $0[keyPath: place] = text
            return true
        }
    }

    private static func list(_ path: String, _ place: WritableKeyPath<Configuration, [String]> & Sendable) -> ConfigKey {
        ConfigKey(path: path, wanted: "a list of texts") {
            guard case .list(let texts) = $1 else { return false }
            $0[keyPath: place] = texts
            return true
        }
    }

    private static func flag(_ path: String, _ place: WritableKeyPath<Configuration, Bool> & Sendable) -> ConfigKey {
        ConfigKey(path: path, wanted: "true or false") {
            guard case .scalar(let text) = $1, let value = Bool(text) else { return false }
            $0[keyPath: place] = value
            return true
        }
    }

    private static func number(
        _ path: String, _ place: WritableKeyPath<Configuration, Int> & Sendable, _ range: ClosedRange<Int>
    ) -> ConfigKey {
        ConfigKey(path: path, wanted: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
            guard case .scalar(let text) = $1, let value = Int(text), range.contains(value) else { return false }
            $0[keyPath: place] = value
            return true
        }
    }

    private static func priority(_ path: String, _ place: WritableKeyPath<Configuration, Priority> & Sendable) -> ConfigKey {
        ConfigKey(path: path, wanted: "one of \(Priority.allCases.map { $0.name.lowercased() }.joined(separator: ", "))") {
            guard case .scalar(let text) = $1, let priority = Priority(name: text) else { return false }
            $0[keyPath: place] = priority
            return true
        }
    }

    private static func seconds(
        _ path: String, _ place: WritableKeyPath<Configuration, Int> & Sendable, _ range: ClosedRange<Int>
    ) -> ConfigKey {
        ConfigKey(path: path, wanted: "a duration such as 30s, 10m or 1h, from \(range.lowerBound)s to \(range.upperBound)s") {
            guard case .scalar(let text) = $1, let value = duration(text), range.contains(value) else { return false }
            $0[keyPath: place] = value
            return true
        }
    }

    private static func sockets(_ path: String, _ place: WritableKeyPath<Configuration, [RuntimeSocket]> & Sendable) -> ConfigKey {
        ConfigKey(path: path, wanted: "a list of docker:, podman: or cri: with the path of a socket, such as cri:/run/crio/crio.sock") {
            guard case .list(let texts) = $1 else { return false }
            let sockets = texts.compactMap { RuntimeSocket($0) }
            guard sockets.count == texts.count else { return false }
            $0[keyPath: place] = sockets
            return true
        }
    }

    private static func milliseconds(
        _ path: String, _ place: WritableKeyPath<Configuration, Int> & Sendable, _ range: ClosedRange<Int>
    ) -> ConfigKey {
        ConfigKey(path: path, wanted: "a time such as 100ms, from \(range.lowerBound)ms to \(range.upperBound)ms") {
            guard case .scalar(let text) = $1, text.hasSuffix("ms"), let value = Int(text.dropLast(2)), range.contains(value) else {
                return false
            }
            $0[keyPath: place] = value
            return true
        }
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable & SendableMetatype>(
        _ path: String, _ place: WritableKeyPath<Configuration, Choice> & Sendable
    ) -> ConfigKey {
        ConfigKey(path: path, wanted: "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))") {
            guard case .scalar(let text) = $1, let value = Choice(rawValue: text) else { return false }
            $0[keyPath: place] = value
            return true
        }
    }

    /// Seconds of `30s`, `10m`, `1h`; nil for any other text.
    static func duration(_ text: String) -> Int? { DurationText.seconds(text) }
}
