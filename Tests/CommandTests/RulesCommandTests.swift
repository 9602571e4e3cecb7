// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("saker rules, as a user types it")
struct RulesCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String...) throws -> (code: Int32?, text: String) {
        let saker = try SakerProcess(["rules"] + arguments, in: folder, directory: ConfigurationTests.root)
        return (saker.end(within: 60), saker.text)
    }

    @Test("list prints a table, and with --json an array with the keys that are documented")
    func list() throws {
        let table = try run("list", "rules")
        #expect(table.code == 0)
        #expect(table.text.hasPrefix("PRIORITY"))
        let (code, text) = try run("list", "rules", "--json")
        let rules = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        #expect(code == 0 && rules.count >= 12)
        #expect(rules[0].keys.sorted() == ["enabled", "event_types", "fields", "name", "priority", "source", "tags"])
    }

    @Test("check --json tells of each file in falco's shape, also of one that cannot be read; exit code 1")
    func check() throws {
        let file = try folder.write("r.yaml", "- list: l\n  itms: [a]\n")
        let (code, text) = try run("check", "--json", file, "/nowhere/r.yaml")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let files = try #require(report["falco_load_results"] as? [[String: Any]])
        #expect(code == 1)
        #expect(files.map { $0["name"] as? String } == [file, "/nowhere/r.yaml"])
        #expect(files.allSatisfy { $0["successful"] as? Bool == false })
    }

    @Test("test tries our own cases, and writes JUnit's XML and TAP")
    func tests() throws {
        let junit = folder.url.appending(path: "junit.xml").path
        let (code, text) = try run("test", "rules/tests", "--junit", junit)
        #expect(code == 0, "\(text)")
        #expect(text.contains("all passed"))
        #expect(try String(contentsOfFile: junit, encoding: .utf8).contains("failures=\"0\""))
        #expect(try run("test", "rules/tests", "--tap").text.hasPrefix("TAP version 14\n1.."))
    }

    @Test("test fails with the reason when a rule does not fire, and refuses what is no file of cases")
    func failing() throws {
        let rules = ConfigurationTests.root.appending(path: "rules").path
        let file = try folder.write(
            "t.yaml",
            "rules: [\(rules)]\ncases: [{name: a, event: {evt.type: execve, proc.name: bash}, fires: [Shell started in a container]}]\n")
        let (code, text) = try run("test", file)
        #expect(code == 1)
        #expect(text.contains("because container.id != host is false: it is host (not given)"))
        #expect(try run("test", "rules/common.yaml").code == 1)
        #expect(try run("test", folder.url.path + "/none").code == 1)
        let empty = try folder.write("empty/readme.txt", "")
        #expect(try run("test", URL(filePath: empty).deletingLastPathComponent().path).text.contains("there is no file of cases"))
    }

    @Test("explain and why know a rule by its name, and say which was meant when there is none")
    func names() throws {
        let explained = try run("explain", "Program run from memory", "rules")
        #expect(explained.code == 0 && explained.text.contains("run for: execve, execveat"))
        let wrong = try run("explain", "Program run from memry", "rules")
        #expect(wrong.code == 1 && wrong.text.contains("did you mean 'Program run from memory'?"))
        let event = try folder.write("e.yaml", "{evt.type: execve, proc.is_exe_from_memfd: true, proc.name: x}")
        #expect(try run("why", "Program run from memory", "rules", "--event", event).code == 0)
        let alert = try folder.write("a.json", "{\"output_fields\":{\"proc.name\":\"x\",\"container.id\":\"host\"}}\n")
        let why = try run("why", "Shell started in a container", "rules", "--event", alert)
        #expect(why.code == 1 && why.text.contains("it is taken for execve, as the rule's"))
    }

    @Test("why and test take documents for rules about audit logs")
    func documents() throws {
        let rules = try folder.write(
            "audit.yaml",
            "- {rule: Exec, desc: d, priority: notice, source: k8s_audit, condition: ka.verb = get, output: by %ka.user.name}")
        let event = try folder.write("event.json", "{\"auditID\":\"1\",\"verb\":\"list\"}\n")
        let why = try run("why", "Exec", rules, "--event", event)
        #expect(why.code == 1 && why.text.contains("does not match this k8s_audit event") && why.text.contains("it is list"))
        let cases = try folder.write(
            "cases.yaml",
            "source: k8s_audit\ncases: [{name: a, json: {auditID: 1, verb: get, user: {username: eve}}, fires: Exec, output: by eve}]")
        #expect(try run("test", cases, "--rules", rules).code == 0)
    }

    @Test("diff ends with 0 for the same rules and 1 for others")
    func diff() throws {
        #expect(try run("diff", "rules", "rules").code == 0)
        let text = try String(contentsOf: ConfigurationTests.root.appending(path: "rules/common.yaml"), encoding: .utf8)
        let new = try folder.write("new/common.yaml", text.replacingOccurrences(of: "items: [sh, bash,", with: "items: [sh, bash, elvish,"))
        for name in ["credential_access", "escape_and_persistence", "execution", "network", "network_cut_off"] {
            let rest = try String(contentsOf: ConfigurationTests.root.appending(path: "rules/\(name).yaml"), encoding: .utf8)
            try folder.write("new/\(name).yaml", rest)
        }
        let (code, said) = try run("diff", "rules", URL(filePath: new).deletingLastPathComponent().path)
        #expect(code == 1)
        #expect(said.contains("changed  Shell started in a container\n    condition, in macro is_shell: proc.name in: with elvish\n"))
    }

    @Test("cost counts what each rule and comparison of a recording cost")
    func cost() throws {
        let (code, text) = try run("cost", "rules", "--recording", "demo/attack.sakerrec", "--json")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let rules = try #require(report["rules"] as? [[String: Any]]), comparisons = report["comparisons"] as? [[String: Any]] ?? []
        #expect(code == 0)
        #expect((report["events"] as? Int ?? 0) > 0 && (report["nanoseconds"] as? Int ?? 0) > 0)
        let shell = try #require(rules.first { $0["name"] as? String == "Shell started in a container" })
        #expect((shell["walks"] as? Int ?? 0) > 0 && (shell["matches"] as? Int ?? 0) > 0)
        #expect(!comparisons.isEmpty && comparisons.allSatisfy { ($0["asked"] as? Int ?? 0) > 0 })
        let table = try run("cost", "rules", "--recording", "demo/attack.sakerrec", "--top", "1")
        #expect(table.text.contains("ns an event") && table.text.contains("more comparisons"))
        #expect(try run("cost", "rules", "--recording", "rules/common.yaml").code == 1)
        #expect(try run("cost", "rules", "--recording", "/nowhere").text.contains("/nowhere"))
    }

    static let corpus = ConfigurationTests.root.deletingLastPathComponent().appending(path: "shared/corpus")
    static let mayValidate = Tool.isThere("check-jsonschema") && FileManager.default.fileExists(atPath: corpus.path)

    @Test(
        "schema validates our rules and those of the field, and finds a wrong key",
        .enabled(if: mayValidate, "needs check-jsonschema (scripts/setup-tests) and the corpus beside the checkout"))
    func schema() throws {
        let schema = try folder.write("schema.json", try run("schema").text)
        let names = ["falco-rules/falco_rules.yaml", "falco-rules/falco-incubating_rules.yaml", "plugin-rules/k8s_audit_rules.yaml"]
        for path in names.map({ Self.corpus.appending(path: $0).path }) + ["rules/common.yaml", "rules/execution.yaml"] {
            let (code, text) = try Tool.run("check-jsonschema", "--schemafile", schema, path)
            #expect(code == 0, "\(path): \(text)")
        }
        let wrong = try folder.write("wrong.yaml", "- rule: x\n  conditon: evt.num > 0\n")
        #expect(try Tool.run("check-jsonschema", "--schemafile", schema, wrong).code != 0)
    }
}
