// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import SourceText
import Testing

@testable import RuleLanguage

/// Rule files as they are in the field: the dialect is what these say.
@Suite("Rules of the field") struct CorpusTests {
    static let folder = Specs.root.deletingLastPathComponent().appendingPathComponent("shared/corpus")
    static let isThere = FileManager.default.fileExists(atPath: folder.path)
        || ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1"

    private func load(_ names: String...) throws -> (result: RuleLoadResult, files: [SourceFile]) {
        let files = try names.map {
            SourceFile(name: $0, text: try String(contentsOf: Self.folder.appendingPathComponent($0), encoding: .utf8))
        }
        return (RuleLoader.load(files), files)
    }

    // Files of Falco 0.34.1's own tests; an empty verdict means that the file loads. A verdict of one word is a code that must be
    // among the errors.
    static let verdicts: [(String, String)] = [
        ("single_rule", ""), ("detect_connect_using_in", ""), ("endswith", ""),
        ("disabled_rule_using_enabled_flag_only", ""), ("enabled_rule_using_enabled_flag_only", ""),
        ("empty_rules", ""), ("list_append", ""), ("list_append_false", ""), ("list_order", ""),
        ("list_sub_bare", ""), ("list_sub_end", ""), ("list_sub_front", ""), ("list_sub_mid", ""),
        ("list_sub_whitespace", ""), ("list_substring", ""), ("macro_append", ""), ("macro_append_false", ""),
        ("macro_order", ""), ("multiple_docs", ""), ("null_output_field", ""), ("rule_append", ""),
        ("rule_append_false", ""), ("rule_names_with_regex_chars", ""), ("rule_names_with_spaces", ""),
        ("rule_order", ""), ("single_rule_enabled_flag", ""), ("single_rule_with_tags", ""), ("tagged_rules", ""),
        ("engine_version_mismatch", "LOAD_ERR_VALIDATE"), ("invalid_append_macro", "LOAD_ERR_VALIDATE"),
        ("invalid_append_macro_dangling", "LOAD_ERR_VALIDATE"),
        ("invalid_append_macro_multiple_docs", "LOAD_ERR_COMPILE_CONDITION"),
        ("invalid_append_rule", "LOAD_ERR_VALIDATE"),
        ("invalid_append_rule_multiple_docs", "LOAD_ERR_COMPILE_CONDITION"),
        ("invalid_append_rule_without_condition", "LOAD_ERR_YAML_VALIDATE"),
        ("invalid_array_item_not_object", "LOAD_ERR_YAML_VALIDATE"), ("invalid_base_macro", ""),
        ("invalid_base_rule", ""), ("invalid_condition_not_rule", "LOAD_ERR_YAML_VALIDATE"),
        ("invalid_engine_version_not_number", "LOAD_ERR_YAML_VALIDATE"),
        ("invalid_list_without_items", "LOAD_ERR_YAML_VALIDATE"),
        ("invalid_macro_comple_error", "LOAD_ERR_VALIDATE"), ("invalid_macro_loop", "LOAD_ERR_VALIDATE"),
        ("invalid_macro_without_condition", "LOAD_ERR_YAML_VALIDATE"),
        ("invalid_missing_list_name", "LOAD_ERR_YAML_VALIDATE"),
        ("invalid_missing_macro_name", "LOAD_ERR_YAML_VALIDATE"),
        ("invalid_missing_rule_name", "LOAD_ERR_YAML_VALIDATE"), ("invalid_not_array", "LOAD_ERR_YAML_VALIDATE"),
        ("invalid_not_yaml", "LOAD_ERR_YAML_VALIDATE"), ("invalid_overwrite_macro", "LOAD_ERR_VALIDATE"),
        ("invalid_overwrite_macro_multiple_docs", "LOAD_ERR_VALIDATE"),
        ("invalid_overwrite_rule", "LOAD_ERR_VALIDATE"),
        ("invalid_overwrite_rule_multiple_docs", "LOAD_ERR_VALIDATE"),
        ("invalid_rule_output", "LOAD_ERR_COMPILE_OUTPUT"),
        ("invalid_rule_without_output", "LOAD_ERR_YAML_VALIDATE"),
        ("invalid_yaml_parse_error", "LOAD_ERR_YAML_PARSE"), ("list_append_failure", "LOAD_ERR_VALIDATE"),
        ("rule_append_failure", "LOAD_ERR_VALIDATE"), ("override_list", ""), ("override_macro", ""),
        ("override_rule", ""), ("override_nested_list", ""), ("skip_unknown_error", "LOAD_ERR_COMPILE_CONDITION"),
        ("skip_unknown_unspec", "LOAD_ERR_COMPILE_CONDITION"),
        ("exceptions/append_item_fields_values_len_mismatch", "LOAD_ERR_YAML_VALIDATE"),
        ("exceptions/append_item_no_name", "LOAD_ERR_YAML_VALIDATE"),
        ("exceptions/item_comps_fields_len_mismatch", "LOAD_ERR_YAML_VALIDATE"),
        ("exceptions/item_fields_values_len_mismatch", "LOAD_ERR_YAML_VALIDATE"),
        ("exceptions/item_no_fields", "LOAD_ERR_YAML_VALIDATE"),
        ("exceptions/item_no_name", "LOAD_ERR_YAML_VALIDATE"),
        ("exceptions/item_unknown_comp", "LOAD_ERR_YAML_VALIDATE"),
        ("exceptions/item_unknown_fields", "LOAD_ERR_YAML_VALIDATE"), ("exceptions/rule_exception_append_comp", ""),
        ("exceptions/rule_exception_append_multiple", ""), ("exceptions/rule_exception_append_one_value", ""),
        ("exceptions/rule_exception_append_second_item", ""), ("exceptions/rule_exception_append_second_value", ""),
        ("exceptions/rule_exception_append_third_item", ""), ("exceptions/rule_exception_comp", ""),
        ("exceptions/rule_exception_no_values", ""), ("exceptions/rule_exception_one_value", ""),
        ("exceptions/rule_exception_quoted", ""), ("exceptions/rule_exception_second_item", ""),
        ("exceptions/rule_exception_second_value", ""), ("exceptions/rule_exception_single_field", ""),
        ("exceptions/rule_exception_single_field_append", ""), ("exceptions/rule_exception_third_item", ""),
        ("exceptions/rule_exception_values_list", ""), ("exceptions/rule_exception_values_listref", ""),
        ("exceptions/rule_exception_values_listref_noparens", ""),
    ]

    @Test("have the verdict that Falco gives them", .enabled(if: isThere, "the corpus is not beside the checkout"), arguments: verdicts)
    func verdict(_ name: String, _ expected: String) throws {
        let (result, files) = try load("falco-0.34.1/rules/\(name).yaml")
        let errors = Set(result.diagnostics.all.filter { $0.severity == .error }.map(\.code))
        #expect(errors == (expected.isEmpty ? [] : [expected]), "\(result.diagnostics.rendered(from: files))")
        #expect((result.ruleSet == nil) == !expected.isEmpty)
    }

    @Test("parse to their end, whatever fields they name", .enabled(if: isThere, "the corpus is not beside the checkout"))
    func wholeFilesParse() throws {
        let (result, files) = try load(
            "falco-rules/falco_rules.yaml", "falco-rules/falco-incubating_rules.yaml", "plugin-rules/k8s_audit_rules.yaml",
            "plugin-rules/aws_cloudtrail_rules.yaml")
        let errors = result.diagnostics.all.filter { $0.severity == .error }
        // Only fields and plugins that are not there yet may stand in the way: no grammar, no merging, no list, no macro.
        let known = ["nonexistent field", "Plugin requirement", "proc.env needs"]
        let others = errors.filter { error in !known.contains { error.message.contains($0) } }
        #expect(others.isEmpty, "\(others.map { "\($0)" }.joined(separator: "\n"))")
        #expect(!errors.isEmpty)
        #expect(!result.diagnostics.rendered(from: files).isEmpty)
        let skipped = result.diagnostics.all.filter { $0.code == "LOAD_UNKNOWN_SOURCE" }
        #expect(skipped.count > 40)
    }

    @Test("match the event types that Falco runs them for", .enabled(if: isThere, "the corpus is not beside the checkout"))
    func eventTypes() throws {
        let (_, files) = try load("falco-rules/falco_rules.yaml", "falco-rules/falco-incubating_rules.yaml")
        var checked = 0
        let text = try String(contentsOf: Self.folder.appendingPathComponent("expected/event-types.txt"), encoding: .utf8)
        let expected = Dictionary(
            text.split(separator: "\n").map { $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init) }
                .filter { $0.count == 5 && $0[0].hasPrefix("falco") }.map { ("\($0[0])|\($0[1])", $0[4]) }, uniquingKeysWith: { $1 })
        for file in files {
            let name = file.name.split(separator: "/").last.map(String.init) ?? ""
            for (rule, types) in Self.classified(file) {
                guard let wanted = expected["\(name)|\(rule)"] else { continue }
                #expect(types == wanted, "\(rule)")
                checked += 1
            }
        }
        #expect(checked > 50)
    }

    // Fields that are not there yet count as "any event", which is what the classification says of a field that is.
    private static func classified(_ file: SourceFile) -> [(String, String)] {
        var bag = DiagnosticBag()
        let collected = Collect.merge(Read.items(of: file, into: &bag), into: &bag)
        var lists = ListSubstitution(collected.lists)
        var trees: [ParsedCondition?] = []
        for macro in collected.macros { trees.append(try? Parse.condition(lists.substitute(in: macro.condition))) }
        var resolve = Resolve(collected.macros, trees: trees)
        return collected.rules.compactMap { rule in
            guard let parsed = try? Parse.condition(lists.substitute(in: ExceptionFolder.fold(rule))) else { return nil }
            var check = Check()
            let condition = check.check(resolve.resolve(parsed, item: ""))
            guard case .only(let names) = Classify.eventTypes(of: condition) else { return (rule.name.text, "*") }
            return (rule.name.text, names.sorted().joined(separator: ","))
        }
    }
}
