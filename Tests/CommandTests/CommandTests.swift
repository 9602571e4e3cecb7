// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Testing

@Suite("The commands, as a user types them")
struct CommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String...) throws -> (code: Int32?, text: String) {
        let saker = try SakerProcess(arguments, in: folder)
        return (saker.end(within: 60), saker.text)
    }

    @Test("A wrong rule file is shown with file, line, column, source line, caret and the nearest right name")
    func wrongRules() throws {
        let rule = "- rule: x\n  desc: d\n  condition: evt.type = execve and proc.nme = sh\n  output: o\n  priority: notice\n"
        let file = try folder.write("r.yaml", rule)
        let (code, text) = try run("rules", "check", file)
        #expect(code == 1)
        #expect(
            text == """
                \(file):3:36: error: nonexistent field 'proc.nme' (did you mean 'proc.name'?) (rule "x") [LOAD_ERR_COMPILE_CONDITION]
                      condition: evt.type = execve and proc.nme = sh
                                                       ^

                """)
    }

    @Test("A playbook with an unknown actionner is refused with its place and the nearest right name")
    func wrongPlaybook() throws {
        let file = try folder.write("p.yaml", "- rule: x\n  actions:\n    - action: mark\n      actionner: kubernetes:labl\n")
        let (code, text) = try run("responses", "check", file)
        #expect(code == 1)
        #expect(text.hasPrefix("\(file):4:18: error: "))
        #expect(text.contains("kubernetes:label"))
    }

    @Test("Our own rules and playbooks load without a finding")
    func ownData() throws {
        let root = ConfigurationTests.root
        let rules = try run("rules", "check", root.appending(path: "rules").path)
        let responses = try run("responses", "check", root.appending(path: "responses").path)
        #expect(rules.code == 0 && !rules.text.contains("warning"), "\(rules.text)")
        #expect(responses.code == 0 && !responses.text.contains("warning"), "\(responses.text)")
    }

    @Test("Our own playbook tests pass, and one that expects otherwise fails with what was found, in JUnit's XML too")
    func playbookTests() throws {
        let own = try run("responses", "test", ConfigurationTests.root.appending(path: "responses/tests").path)
        #expect(own.code == 0 && own.text.contains("all passed"), "\(own.text)")
        _ = try folder.write("p.yaml", "- rule: x\n  actions: [{action: m, actionner: kubernetes:label, parameters: {labels: {a: b}}}]\n")
        let pod = "{kind: Pod, metadata: {name: p, namespace: shop}, spec: {containers: [{name: c, image: i}]}, status: {phase: Running}}"
        let file = try folder.write("t.yaml", """
            - test: wrong on purpose
              playbooks: [p.yaml]
              cluster: [\(pod)]
              alerts: [{rule: r, pod: shop/p}]
              expect:
                actions: [{action: m, outcome: refused, guardrail: budget}]
                cluster: [{resource: pods, namespace: shop, name: p, has: {metadata: {labels: {a: c}}}}]
            """)
        let junit = folder.url.appending(path: "junit.xml").path
        let (code, text) = try run("responses", "test", file, "--junit", junit)
        #expect(code == 1)
        #expect(text.contains("action 1: expected m refused by budget, found m done: "), "\(text)")
        #expect(text.contains("expected \"c\", found \"b\""), "\(text)")
        let xml = try String(contentsOfFile: junit, encoding: .utf8)
        #expect(xml.contains("tests=\"1\" failures=\"1\"") && xml.contains("<failure message="))
    }

    @Test("Actions are stopped and go on by a file with the reason in it")
    func stopActions() throws {
        let stop = folder.url.appending(path: "stop").path
        let journal = folder.url.appending(path: "journal.db").path
        let config = try folder.write("saker.yaml", "guardrails: {stop_file: \(stop)}\njournal: \(journal)\n")
        #expect(try run("stop-actions", "--reason", "a drill", "--config", config).code == 0)
        #expect(try String(contentsOfFile: stop, encoding: .utf8) == "a drill\n")
        #expect(try run("resume-actions", "--config", config).text.contains("actions go on"))
        #expect(!FileManager.default.fileExists(atPath: stop))
        #expect(try run("resume-actions", "--config", config).text.contains("is not there"))
    }

    @Test("A history that is not there is an error that names the file, and no file is made")
    func noHistory() throws {
        let path = folder.url.appending(path: "none.db").path
        let (code, text) = try run("history", "--journal", path)
        #expect(code == 1)
        #expect(text.contains(path))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("A file that cannot be read is named together with the reason")
    func unreadable() throws {
        let (code, text) = try run("rules", "check", "/nowhere/rules.yaml")
        #expect(code == 1)
        #expect(text.contains("/nowhere/rules.yaml"))
    }

    static let mayRun =
        geteuid() == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0
        || ProcessInfo.processInfo.environment["SAKER_REQUIRE_ALL"] == "1"

    @Test(
        "saker run watches, keeps its rules when a reload brings wrong ones, takes right ones, and ends within ten seconds of TERM",
        .enabled(if: mayRun, "needs root and a kernel with BTF"))
    func lifeOfARun() throws {
        let rule = "- rule: x\n  desc: d\n  condition: evt.type = connect and proc.name = none\n  output: o\n  priority: notice\n"
        let rules = try folder.write("rules/r.yaml", rule)
        try folder.write("responses/p.yaml", "")
        let configuration = try folder.write(
            "saker.yaml",
            """
            rules: [\(folder.url.path)/rules]
            responses: [\(folder.url.path)/responses]
            kubernetes: {enabled: false}
            journal: \(folder.url.path)/journal/j.db
            results: \(folder.url.path)/results
            """)
        let manager = try NotifySocket(folder.url.path + "/notify")
        let saker = try SakerProcess(["run", "--config", configuration], environment: ["NOTIFY_SOCKET": manager.path], in: folder)
        try #require(saker.says("ready", within: 60), "\(saker.text)")
        #expect(manager.hears(within: 5) == "READY=1")
        try folder.write("rules/r.yaml", rule + "- rule: y\n")
        saker.signal(SIGHUP)
        #expect(saker.says("NOT reloaded", within: 20))
        #expect(saker.text.contains("\(rules):6:9: error: "))
        try folder.write("rules/r.yaml", rule + rule.replacing("rule: x", with: "rule: y"))
        saker.signal(SIGHUP)
        #expect(saker.says("reloaded: 2 rules", within: 20))
        saker.signal(SIGTERM)
        #expect(manager.hears(within: 5) == "STOPPING=1")
        #expect(saker.end(within: 10) == 0)
    }

    @Test(
        "saker run tells the first alert of a group at once and the others in one summary; it says which limits are in doubt",
        .enabled(if: mayRun, "needs root and a kernel with BTF"))
    func limits() throws {
        let folder = try TemporaryFolder()
        let secret = try folder.write("secret", "x")
        try folder.write(
            "rules/r.yaml",
            """
            - rule: Secret read
              desc: d
              condition: evt.type in (open, openat) and fd.name = \(secret)
              output: secret (proc=%proc.name)
              priority: WARNING

            """)
        try FileManager.default.createDirectory(at: folder.url.appending(path: "responses"), withIntermediateDirectories: true)
        let configuration = try folder.write(
            "saker.yaml",
            """
            rules: [\(folder.url.path)/rules]
            responses: [\(folder.url.path)/responses]
            kubernetes: {enabled: false}
            journal: \(folder.url.path)/journal/j.db
            results: \(folder.url.path)/results
            alerts:
              stdout: json
              limits:
                - {rule: Secret*, every: 2s, group_by: [container.id, fd.name]}
                - {rule: Secrets read}
            """)
        let saker = try SakerProcess(["run", "--config", configuration], in: folder)
        try #require(saker.says("ready", within: 60), "\(saker.text)")
        #expect(saker.text.contains("the output of rule 'Secret read' does not name fd.name"))
        #expect(saker.text.contains("no rule is named 'Secrets read' (did you mean 'Secret read'?)"))
        for _ in 0..<50 { close(open(secret, O_RDONLY)) }
        #expect(saker.says("\"saker.held\":49", within: 20), "\(saker.text)")
        #expect(saker.text.components(separatedBy: "\"output\":").count == 3)
        for _ in 0..<5 { close(open(secret, O_RDONLY)) }
        saker.signal(SIGTERM)
        #expect(saker.end(within: 10) == 0)
        #expect(saker.text.contains("\"saker.held\":4,"), "what is held back at the end is told")
    }
}
