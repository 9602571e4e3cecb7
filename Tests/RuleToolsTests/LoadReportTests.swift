// SPDX-License-Identifier: Apache-2.0

import EventModel
import RuleLanguage
import SourceText
import Testing

@testable import RuleTools

@Suite("Findings in the shape of falco -V") struct LoadReportTests {
    private func report(_ texts: String...) -> LoadReport {
        let files = texts.enumerated().map { SourceFile(name: "\($0 + 1).yaml", text: $1) }
        return LoadReport(files: files, diagnostics: RuleLoader.load(files).diagnostics)
    }

    @Test("tell of an error with code, item, place and snippet") func error() throws {
        let text = "- rule: ärger\n  desc: d\n  condition: evt.type = execve and proc.nme = sh\n  output: o\n  priority: notice\n"
        let file = try #require(report(text).json["falco_load_results"]?.array?.first)
        #expect(file["name"] == "1.yaml" && file["successful"] == false && file["schema_valid"] == true)
        #expect(file["warnings"] == [] && file["schema_warnings"] == [])
        let expected: JSONValue = [
            "code": "LOAD_ERR_COMPILE_CONDITION", "codedesc": "a condition could not be compiled",
            "message": "nonexistent field 'proc.nme' (did you mean 'proc.name'?)",
            "context": [
                "locations": [
                    [
                        "item_type": "rule", "item_name": "ärger",
                        "position": ["name": "1.yaml", "line": 3, "column": 36, "offset": 60],
                    ]
                ],
                "snippet": "  condition: evt.type = execve and proc.nme = sh\n                                   ^\n",
            ],
        ]
        #expect(file["errors"] == [expected])
        let offset = text.utf8.index(text.utf8.startIndex, offsetBy: 60)
        #expect(text[offset...].hasPrefix("proc.nme"))
    }

    @Test("share findings out to their files") func files() {
        let report = report("- macro: unused\n  condition: evt.type = open\n", "- list: l\n", "- what: x\n")
        #expect(report.files.map(\.successful) == [true, false, true])
        #expect(report.files.map { $0.warnings.map(\.code) } == [["LOAD_UNUSED_MACRO"], [], ["LOAD_UNKNOWN_ITEM"]])
        #expect(report.files.map { $0.errors.map(\.code) } == [[], ["LOAD_ERR_YAML_VALIDATE"], []])
        #expect(report.files.map(\.schemaWarnings.count) == [0, 1, 1])
        #expect(!report.successful)
    }

    @Test("name a file that cannot be read") func unreadable() {
        let report = LoadReport(files: [], diagnostics: DiagnosticBag(), unreadable: [("/no/file", "no such file")])
        #expect(report.files[0].errors.map(\.code) == ["LOAD_ERR_FILE_READ"])
        #expect(report.json["falco_load_results"]?.array?.first?["name"] == "/no/file")
    }
}
