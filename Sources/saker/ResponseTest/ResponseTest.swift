// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import SourceText
import Yams

/// One test of playbooks: alerts about a cluster, and what must come of them.
struct ResponseTest: Decodable, Sendable {
    /// An alert, in the words of Falco; the pod's UID is taken from the cluster.
    struct Event: Decodable, Sendable {
        var rule: String
        var priority: String?
        var source: String?
        var tags: [String]?
        var output_fields: [String: JSONValue]?
        /// `namespace/name`; nil for an event of the host.
        var pod: String?
    }

    /// How one action must end.
    struct Ending: Decodable, Sendable {
        var action: String
        var outcome: String
        var guardrail: String?
        /// A part of the sentence.
        var says: String?
    }

    /// An object as it must be afterwards.
    struct Object: Decodable, Sendable {
        /// The resource's plural, such as `pods`.
        var resource: String
        var namespace: String?
        var name: String
        /// True when it must not be there.
        var gone: Bool?
        /// What must be in it; what is not named does not matter, and null stands for a field that must not be there.
        var has: JSONValue?
    }

    /// What must come of it.
    struct Expectation: Decodable, Sendable {
        /// All actions in order.
        var actions: [Ending]
        var cluster: [Object]?
    }

    /// What it is about, in one sentence.
    var test: String
    /// Playbook files or folders, relative to the test's file.
    var playbooks: [String]
    /// Keys of saker.yaml; `mode` is act unless it says otherwise.
    var config: JSONValue?
    /// Manifests of what is in the cluster before.
    var cluster: [JSONValue]?
    /// The alerts, one after the other.
    var alerts: [Event]
    var expect: Expectation

    /// The tests of a file. Throws a `UserError` that names the file when it holds something else.
    static func read(_ path: String) throws -> [ResponseTest] {
        let file = try SourceFiles.read(path)
        do {
            return try YAMLDecoder().decode([ResponseTest].self, from: file.text)
        } catch let error as DecodingError {
            throw UserError("\(path) does not hold playbook tests: \(JSONText.explain(error))")
        } catch {
            throw UserError("\(path) is no YAML: \(error)")
        }
    }
}

/// What became of the tests of one file.
struct ResponseTestFile: Sendable {
    /// What became of one test.
    struct Result: Sendable {
        let name: String
        /// What was otherwise than expected.
        let failures: [String]
    }

    let path: String
    let results: [Result]

    var failed: Int { results.count { !$0.failures.isEmpty } }

    /// The file's line, and what failed.
    var text: String {
        let head = "\(path): \(results.count) tests, \(failed == 0 ? "all passed" : "\(failed) failed")"
        let failures = results.filter { !$0.failures.isEmpty }.flatMap { result in
            ["", "FAILED \(path): \(result.name)"] + result.failures.map { "  \($0)" }
        }
        return ([head] + failures).joined(separator: "\n")
    }

    /// JUnit's XML: a suite a file.
    static func junit(_ files: [ResponseTestFile]) -> String {
        let suites = files.map { file in
            let cases = file.results.map { result in
                let open = "    <testcase classname=\"\(escaped(file.path))\" name=\"\(escaped(result.name))\""
                guard !result.failures.isEmpty else { return open + "/>" }
                let message = escaped(result.failures.joined(separator: "\n"))
                return open + "><failure message=\"\(escaped(result.failures[0]))\">\(message)</failure></testcase>"
            }
            let head = "  <testsuite name=\"\(escaped(file.path))\" tests=\"\(file.results.count)\" failures=\"\(file.failed)\">"
            return ([head] + cases + ["  </testsuite>"]).joined(separator: "\n")
        }
        return (["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>"] + suites + ["</testsuites>", ""]).joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        let entities: [Character: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"]
        // XML has no place for other control characters, even escaped.
        let legal = text.filter { character in character.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" || $0 == "\t" } }
        return legal.map { entities[$0] ?? String($0) }.joined()
    }
}
