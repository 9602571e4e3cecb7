// SPDX-License-Identifier: Apache-2.0

public import EventModel
public import SourceText

/// What came of loading rule files.
public struct RuleLoadResult: Sendable {
    /// The rules; nil when anything was wrong: nothing is ever half loaded.
    public let ruleSet: RuleSet?
    /// All findings, errors and warnings, of all files.
    public let diagnostics: DiagnosticBag
}

/// Loads rule files in Falco's dialect.
public enum RuleLoader {
    /// Loads the files as one set, later ones over earlier ones; rules less grave than `minimumPriority` are left out.
    public static func load(_ files: [SourceFile], minimumPriority: Priority = .debug) -> RuleLoadResult {
        load(files, minimumPriority, keepsOutlines: false).result
    }

    /// Loads the files as `load` does, and keeps each rule's condition as a tree that can be shown.
    public static func study(_ files: [SourceFile]) -> RuleStudy { load(files, .debug, keepsOutlines: true) }

    private static func load(_ files: [SourceFile], _ minimumPriority: Priority, keepsOutlines: Bool) -> RuleStudy {
        var diagnostics = DiagnosticBag()
        let items = files.flatMap { Read.items(of: $0, into: &diagnostics) }
        let collected = Collect.merge(items, into: &diagnostics)
        var compiler = Compiler(collected, minimumPriority: minimumPriority, keepsOutlines: keepsOutlines)
        let set = compiler.compile()
        diagnostics.add(compiler.diagnostics)
        let result = RuleLoadResult(ruleSet: diagnostics.hasErrors ? nil : set, diagnostics: diagnostics)
        return RuleStudy(
            result: result, outlines: diagnostics.hasErrors ? [] : compiler.outlines,
            words: SharedWords(keepsOutlines ? collected : Collected()))
    }
}
