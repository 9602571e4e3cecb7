// SPDX-License-Identifier: Apache-2.0

public import SourceText

/// What came of loading playbook files.
public struct PlaybookLoadResult: Sendable {
    /// The playbooks; nil when there was any error, so that nothing is ever half loaded.
    public let playbooks: PlaybookSet?
    /// Everything that was found, errors and warnings.
    public let diagnostics: DiagnosticBag
}

/// Turns playbook files in Talon's format into playbooks: read, merge, check. What they match is asked later, for each alert.
public enum PlaybookLoader {
    /// Loads files in the order given, against the actions that exist. All faults of all files are told at once.
    public static func load(_ files: [SourceFile], cards: [ActionCard]) -> PlaybookLoadResult {
        var reader = BlockReader()
        for file in files { reader.read(file) }
        var bag = reader.bag
        let blocks = BlockMerge.merged(reader.blocks, &bag)
        var check = PlaybookCheck(cards: cards, shared: blocks.actions, bag: bag)
        let playbooks = blocks.playbooks.compactMap { check.playbook(from: $0) }
        return PlaybookLoadResult(
            playbooks: check.bag.hasErrors ? nil : PlaybookSet(playbooks: playbooks), diagnostics: check.bag)
    }
}
