// SPDX-License-Identifier: Apache-2.0

internal import SourceText

/// An `action` block, or one item of a playbook's `actions`, as the file says it.
struct ActionBlock: Sendable, Hashable {
    static let keys = [
        "action", "description", "actionner", "continue", "ignore_errors", "parameters", "additional_contexts", "output",
    ] + FlowCheck.keys

    var name: Located<String>?
    var place: SourceLocation
    var description: Located<String>?
    var actionner: Located<String>?
    var continues: Located<String>?
    var ignoresErrors: Located<String>?
    var parameters: [YAMLEntry] = []
    var contexts: [Located<String>] = []
    var outputTarget: Located<String>?
    var outputParameters: [YAMLEntry] = []
    /// The keys that Talon does not know, as they stand.
    var flow: [YAMLEntry] = []
    /// Which `parallel` item it stands in.
    var group: Int?
}

/// A `rule` block, as the file says it. It is called a playbook here, because `rule` is a detection rule's name too.
struct PlaybookBlock: Sendable, Hashable {
    static let keys = ["rule", "description", "match", "continue", "dry_run", "actions", "notifiers", "finally", "evidence_within"]
    static let matchKeys = ["rules", "priority", "tags", "output_fields", "source"]
    static let outputKeys = ["target", "parameters"]

    var name: Located<String>
    var description: Located<String>?
    var rules: [Located<String>] = []
    var priority: Located<String>?
    var tags: [Located<String>] = []
    var fields: [Located<String>] = []
    var source: Located<String>?
    var continues: Located<String>?
    var dryRun: Located<String>?
    var actions: [ActionBlock] = []
    var notifiers: [Located<String>] = []
    var finally: [ActionBlock] = []
    var evidence: Located<String>?
}

/// All blocks of all files: after reading in file order, after merging with each name once.
struct Blocks: Sendable {
    var actions: [ActionBlock] = []
    var playbooks: [PlaybookBlock] = []
}
