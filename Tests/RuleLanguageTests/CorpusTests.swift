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

    private func load(_ names: [String]) throws -> (result: RuleLoadResult, files: [SourceFile]) {
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
        let (result, files) = try load(["falco-0.34.1/rules/\(name).yaml"])
        let errors = Set(result.diagnostics.all.filter { $0.severity == .error }.map(\.code))
        #expect(errors == (expected.isEmpty ? [] : [expected]), "\(result.diagnostics.rendered(from: files))")
        #expect((result.ruleSet == nil) == !expected.isEmpty)
    }

    static let upstream = [
        "falco-rules/falco_rules.yaml", "falco-rules/falco-incubating_rules.yaml", "plugin-rules/k8s_audit_rules.yaml",
        "plugin-rules/aws_cloudtrail_rules.yaml",
    ]

    @Test("load without an error, all together", .enabled(if: isThere, "the corpus is not beside the checkout"))
    func allLoad() throws {
        let (result, files) = try load(Self.upstream)
        #expect(!result.diagnostics.hasErrors, "\(result.diagnostics.rendered(from: files))")
        let set = try #require(result.ruleSet)
        let counts = Dictionary(grouping: set.rules, by: \.source).mapValues(\.count)
        #expect(counts == ["syscall": 56, "k8s_audit": 48, "aws_cloudtrail": 22])
        #expect(!result.diagnostics.all.contains { $0.code == "LOAD_UNKNOWN_SOURCE" || $0.code == "LOAD_UNKNOWN_FILTER" })
    }

    @Test("load without an error, each alone", .enabled(if: isThere, "the corpus is not beside the checkout"), arguments: upstream)
    func eachLoads(_ name: String) throws {
        let (result, files) = try load([name])
        #expect(!result.diagnostics.hasErrors, "\(result.diagnostics.rendered(from: files))")
        #expect(result.ruleSet?.rules.isEmpty == false)
    }

    @Test("of another source are checked and listed, never run, and that is said once")
    func otherSources() throws {
        let rules = ["a", "b"].map { name in
            "- {rule: \(name), desc: d, source: k8s_audit, condition: ka.verb exists or jevt.rawtime exists, output: o, priority: INFO}\n"
        }
        let result = RuleLoader.load([SourceFile(name: "r.yaml", text: rules.joined())])
        let set = try #require(result.ruleSet)
        #expect(set.rules.map(\.source) == ["k8s_audit", "k8s_audit"])
        #expect(set.kinds.isEmpty)
        #expect(result.diagnostics.all.map(\.code) == ["LOAD_WARNING_EXTENSION"])
        #expect(result.diagnostics.all.first?.message.contains("k8s_audit") == true)
    }

    @Test("match the event types that Falco runs them for", .enabled(if: isThere, "the corpus is not beside the checkout"))
    func eventTypes() throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent("expected/event-types.txt"), encoding: .utf8)
        let expected = text.split(separator: "\n").map { $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init) }
        var checked = 0
        for name in Self.upstream {
            let rules = try #require(load([name]).result.ruleSet).rules
            let file = name.split(separator: "/").last.map(String.init) ?? name
            for line in expected where line[0] == file {
                let rule = try #require(rules.first { $0.name.text == line[1] }, "\(line[1])")
                #expect(rule.eventTypes.joined(separator: ",") == line[4], "\(line[1])")
                checked += 1
            }
        }
        #expect(checked == expected.count)
    }
}
