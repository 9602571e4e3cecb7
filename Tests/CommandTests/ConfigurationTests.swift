// SPDX-License-Identifier: Apache-2.0
import Delivery
import EventModel
import Foundation
import Guardrails
import SourceText
import Testing

@testable import saker

@Suite("saker.yaml")
struct ConfigurationTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func reading(_ text: String, environment: [String: String] = [:]) -> (ConfigReader, String) {
        var reader = ConfigReader()
        let file = SourceFile(name: "saker.yaml", text: text)
        reader.read(file)
        reader.read(environment: environment)
        return (reader, reader.diagnostics.rendered(from: [file]))
    }

    @Test("The example file names every key, and says the defaults")
    func example() throws {
        let text = try String(contentsOf: Self.root.appending(path: "saker.yaml"), encoding: .utf8)
        let (reader, findings) = reading(text)
        #expect(findings == "")
        #expect(reader.configuration == Configuration())
        for key in ConfigKey.all {
            let name = key.path.split(separator: ".").last ?? ""
            #expect(text.contains("\(name):"), "\(key.path) is missing")
        }
    }

    @Test("Budgets are read with all that they say, and a fault in one names its place and what is wanted")
    func budgets() {
        let (reader, findings) = reading("guardrails:\n  budgets:\n    - {per: [rule, target], acts: reversible, most: 1, within: 5m}\n")
        #expect(findings == "")
        #expect(
            reader.configuration.guardrails.budgets
                == [Budget(per: [.rule, .target], kinds: [.reversible], most: 1, windowSeconds: 300)])
        let (_, faults) = reading(
            "guardrails:\n  budgets: [{per: pod, most: x, withi: 1}]\n  stop_configmap: a\n  protected_labels: ['=']\n")
        for wanted in [
            "saker.yaml:2:19: error: 'per' expects rule, target, workload, namespace, cluster, or a list", "'most' expects a whole number",
            "unknown key 'withi' in a budget (did you mean 'within'?)", "'guardrails.stop_configmap' expects namespace/name",
            "'guardrails.protected_labels' expects a list of labels",
        ] {
            #expect(faults.contains(wanted), "\(faults)")
        }
    }

    @Test("A fresh install rehearses")
    func rehearses() { #expect(Configuration().mode == .rehearse) }

    @Test("An unknown key is an error with its place and the nearest right name")
    func unknownKey() {
        let (_, findings) = reading("mode: act\nguardrails:\n  cooldwn: 5s\n")
        #expect(
            findings == """
                saker.yaml:3:3: error: unknown key 'guardrails.cooldwn' (did you mean 'guardrails.cooldown'?) [CONFIG]
                      cooldwn: 5s
                      ^

                """)
    }

    @Test("All wrong values are reported at once, each with what was expected")
    func wrongValues() {
        let text = "mode: maybe\nrules: 5\nresults: gs://b\ncapture: {ring_mebibytes: 3}\nguardrails: {cooldown: 5}\n"
        let (_, findings) = reading(text)
        for wanted in ["one of rehearse, act", "a list of texts", "s3://bucket/prefix", "a power of two", "a duration such as 30s"] {
            #expect(findings.contains(wanted))
        }
    }

    @Test("Text that is no YAML is reported with its place")
    func noYAML() { #expect(reading("mode: [act\n").1.hasPrefix("saker.yaml:2:1: error: this is no YAML")) }

    @Test("The environment stands over the file, and an unknown SAKER_ variable is an error")
    func environment() {
        let environment = ["SAKER_MODE": "act", "SAKER_RULES": "/a,/b", "SAKER_MDOE": "act"]
        let (reader, findings) = reading("mode: rehearse\n", environment: environment)
        #expect(reader.configuration.mode == .act)
        #expect(reader.configuration.rules == ["/a", "/b"])
        #expect(findings.contains("unknown variable SAKER_MDOE (did you mean 'SAKER_MODE'?)"))
    }

    @Test("Limits of alerts are read, and what is wrong in one is said with its place")
    func limits() {
        let text = "alerts:\n  limits:\n    - {rule: A*, first: 3, every: 5m, group_by: [proc.name]}\n    - {tag: t}\n"
        let (reader, findings) = reading(text)
        #expect(findings == "")
        #expect(
            reader.configuration.alerts.limits == [
                AlertLimit(rule: "A*", first: 3, seconds: 300, groupBy: ["proc.name"]), AlertLimit(tag: "t"),
            ])
        let (_, wrong) = reading("alerts:\n  limits:\n    - {rule: A, firstt: 3, first: 0, every: 5}\n    - {first: 2}\n    - x\n")
        #expect(
            wrong == """
                saker.yaml:3:17: error: unknown key 'firstt' in a limit (did you mean 'first'?) [CONFIG]
                        - {rule: A, firstt: 3, first: 0, every: 5}
                                    ^
                saker.yaml:3:35: error: 'first' expects a whole number from 1 to 1000 [CONFIG]
                        - {rule: A, firstt: 3, first: 0, every: 5}
                                                      ^
                saker.yaml:3:45: error: 'every' expects a duration such as 30s, 10m or 1h, from 1s to 24h [CONFIG]
                        - {rule: A, firstt: 3, first: 0, every: 5}
                                                                ^
                saker.yaml:4:7: error: a limit names its rules with 'rule' (a name, * for all) or 'tag' [CONFIG]
                        - {first: 2}
                          ^
                saker.yaml:5:7: error: a limit is a map of rule, tag, first, every, group_by [CONFIG]
                        - x
                          ^

                """)
    }
}
