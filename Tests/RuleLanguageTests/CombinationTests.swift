// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText
import Testing

@testable import RuleLanguage

@Suite("Values that are put together") struct CombinationTests {
    private static func load(_ conditions: [String], output: String = "o") throws -> RuleLoadResult {
        let rules = conditions.enumerated().map { index, condition in
            "- {rule: r\(index), desc: d, priority: ERROR, output: '\(output)', condition: 'evt.type = execve and \(condition)'}\n"
        }
        return RuleLoader.load([SourceFile(name: "rules.yaml", text: rules.joined())])
    }

    @Test("have the environment variables in them copied out of processes") func environment() throws {
        let set = try #require(try Self.load(["concat(proc.env[ONE], \"x\") = y"], output: "%join(\",\", (proc.env[TWO]))").ruleSet)
        #expect(set.environmentNames == ["ONE", "TWO"])
    }

    @Test("are compared once for all rules that ask the same") func shared() throws {
        let same = "concat(proc.name, \"x\") = shx"
        let set = try #require(try Self.load([same, same, "not \(same)", "concat(proc.name, \"y\") = shx"]).ruleSet)
        #expect(set.predicateCount == 3)
        #expect(set.rules[0].fields == ["concat(proc.name,\"x\")", "evt.type"])
    }

    @Test("are null where nothing reads a part, and the rule says so") func unread() throws {
        let known = try Self.load(["concat(proc.name, fd.uid) = x"])
        #expect(known.ruleSet != nil)
        #expect(known.diagnostics.all.contains { $0.message.hasPrefix("nothing reads concat(proc.name,fd.uid) in this version") })
    }

    @Test("take getopt(3)'s letters, with and without values", arguments: [
        ("ab:", ["-a", "-bx", "-b", "y", "z", "-a"], ["a", "b", "x", "b", "y"]),
        ("a::b", ["-ax", "-b"], ["a", "x", "b"]),
        (":a:", ["-a"], [""]),
        ("", ["-a"], ["?"]),
        ("a", [], []),
        ("a", ["-a", "-"], ["a"]),
        ("-", ["--", "-a"], []),
    ])
    func options(_ letters: String, _ arguments: [String], _ expected: [String]) {
        let found = OptionScan(Array(letters.utf8)).list(arguments.map { Array($0.utf8) })
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == expected)
    }
}
