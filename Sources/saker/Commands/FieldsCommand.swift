// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import RuleLanguage
import SourceText

/// `saker fields`: what conditions and outputs of rules can name.
struct FieldsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fields",
        abstract: "Show the fields that detection rules can name: type, meaning, and what is needed to compute each.",
        discussion: """
            After the meaning stands in brackets what is needed to compute the field. A field marked + has values in this version.
            One marked - is known, so that rules that name it load: it has no value, and every comparison with it is false.
            """)

    @Argument(help: "A field, for all about it, or the beginning of names, such as proc or fd.s.") var name: String?
    @Option(help: "Only fields of this source: \(EventSource.allCases.map(\.rawValue).joined(separator: ", ")).") var source: String?
    @Flag(help: "One JSON object a line instead of text.") var json = false

    func run() throws {
        let fields = try chosen()
        guard !json else { return try fields.forEach { print(try JSONText.line(FieldRecord($0))) } }
        if fields.count == 1, let only = fields.first, only.name == name { return print(FieldText.whole(only)) }
        print(FieldText.list(fields, isWhole: name == nil))
    }

    func validate() throws {
        guard let source, EventSource(rawValue: source) == nil else { return }
        let known = EventSource.allCases.map(\.rawValue)
        throw ValidationError(
            "'\(source)' is no source\(NearestName.hint(source, among: known)); the sources are \(known.joined(separator: ", "))")
    }

    private func chosen() throws -> [FieldFacts] {
        let wanted = source.flatMap(EventSource.init(rawValue:))
        let all = FieldTable.all.filter { facts in wanted.map { facts.sources.contains($0) } ?? true }
        guard let name else { return all }
        // The name alone when it is one; what begins with it otherwise.
        if let exact = all.first(where: { $0.name == name }) { return [exact] }
        let found = all.filter { $0.name.hasPrefix(name) }
        guard found.isEmpty else { return found }
        let groups = Set(all.map { String($0.name.prefix { $0 != "." }) }).sorted()
        let hint = NearestName.hint(name, among: groups + all.map(\.name))
        throw UserError("no field is called '\(name)', and none begins so\(hint); saker fields lists them all")
    }
}

/// A field as `--json` writes it.
private struct FieldRecord: Encodable {
    var name: String
    var type: String
    var list: Bool
    var argument: String
    var argumentRequired: Bool
    var sources: [String]
    var meaning: String
    var needs: String
    var computed: Bool
    var deprecated: Bool
    var conditionOnly: Bool
    var operators: [String]

    init(_ facts: FieldFacts) {
        name = facts.name
        type = facts.type.rawValue
        list = facts.isList
        argument = facts.argument.rawValue
        argumentRequired = facts.isArgumentRequired
        sources = facts.sources.map(\.rawValue).sorted()
        meaning = facts.meaning
        needs = facts.need.rawValue
        computed = facts.isComputed
        deprecated = facts.isDeprecated
        conditionOnly = facts.isConditionOnly
        operators = facts.operators
    }
}
