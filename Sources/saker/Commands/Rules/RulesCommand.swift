// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import RuleLanguage
import RuleTools
import SourceText

/// `saker rules`: work with detection rules.
struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Check, list, explain, try and compare detection rules in Falco's format.",
        subcommands: [
            RulesCheck.self, RulesList.self, RulesExplain.self, RulesWhy.self, RulesTest.self, RulesDiff.self, RulesCost.self,
            RulesCoverage.self, RulesSchema.self,
        ])
}

/// The rule files that a command is about.
struct RuleFiles: ParsableArguments {
    @Argument(help: "Files, and directories whose *.yaml are taken in order of name; later ones stand over earlier ones.")
    var paths: [String]

    /// Loads them. Throws a `UserError` with all errors when there are any; what is only a warning goes unsaid, as `saker rules
    /// check` says it.
    func load() throws -> RuleSet {
        let files = try SourceFiles.read(all: paths)
        let result = RuleLoader.load(files)
        guard let set = result.ruleSet else { throw UserError(result.diagnostics.errors.rendered(from: files)) }
        return set
    }

    /// Loads them with the conditions as trees. Throws as `load` does.
    func study() throws -> RuleStudy { try Self.study(paths) }

    static func study(_ paths: [String]) throws -> RuleStudy {
        let files = try SourceFiles.read(all: paths)
        let study = RuleLoader.study(files)
        guard study.result.ruleSet != nil else { throw UserError(study.result.diagnostics.errors.rendered(from: files)) }
        return study
    }

    /// What tries cases on them. Throws as `load` does.
    static func tester(_ paths: [String]) throws -> RuleTester {
        guard let tester = RuleTester(try study(paths)) else { throw UserError("the rules could not be loaded") }
        return tester
    }
}

extension DiagnosticBag {
    /// The errors alone.
    var errors: DiagnosticBag {
        var bag = DiagnosticBag()
        all.filter { $0.severity == .error }.forEach { bag.add($0) }
        return bag
    }
}
