// SPDX-License-Identifier: Apache-2.0

import EventModel
import SourceText
import Testing

@testable import RuleLanguage

@Suite struct FirstLightTests {
    private let rules = """
        - list: shells
          items: [sh, bash]
        - macro: in_container
          condition: container.id != host
        - rule: shell
          desc: a shell starts in a container
          condition: evt.type in (execve, execveat) and evt.rawres >= 0 and in_container and proc.name in (shells)
          output: "shell %proc.cmdline in %k8s.pod.name (%proc.pname)"
          priority: WARNING
        """

    @Test("a rule file loads and matches an event, whose output is rendered") func loadsAndMatches() throws {
        let result = RuleLoader.load([SourceFile(name: "a.yaml", text: rules)])
        let set = try #require(result.ruleSet, "\(result.diagnostics.rendered(from: []))")
        #expect(set.kinds == [.execve, .execveat])
        let process = ProcessFixture.node("sh", arguments: ["-c", "id"], container: ProcessFixture.container())
        let fixture = EventFixture(kind: .execve, process: process, detail: .exec(rawPath: "/bin/sh", flags: []))
        var matcher = RuleMatcher(set)
        var names: [String] = []
        matcher.match(fixture.event) { names.append($0.name.text) }
        #expect(names == ["shell"])
        let rendered = matcher.render(set.rules[0], fixture.event)
        #expect(rendered.message == "shell sh -c id in web-1 (<NA>)")
        #expect(rendered.fields["proc.pname"] == .null)
        #expect(rendered.fields["container.id"] == "0123456789ab")
    }
}
