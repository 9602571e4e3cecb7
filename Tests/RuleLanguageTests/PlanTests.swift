// SPDX-License-Identifier: Apache-2.0
import EventModel
import SourceText
import Testing

@testable import RuleLanguage

@Suite("The walk through the rules of a kind")
struct PlanTests {
    private func program(_ conditions: String...) throws -> Program {
        let rules = conditions.enumerated().map { index, condition in
            "- rule: r\(index)\n  desc: d\n  condition: \(condition)\n  output: o\n  priority: notice\n  warn_evttypes: false\n"
        }
        return try #require(RuleLoader.load([SourceFile(name: "r.yaml", text: rules.joined())]).ruleSet).program
    }

    /// The fields asked for on every way through the walk, each step once.
    private func fields(_ program: Program, _ kind: EventKind) -> [Field] {
        var found: [Field] = [], seen: Set<Int32> = [], left = [program.entries[Int(kind.rawValue)]]
        while let place = left.popLast() {
            guard place >= 0, seen.insert(place).inserted else { continue }
            let step = program.steps[Int(place)]
            if step.slot >= 0 { found.append(program.tests[Int(step.slot)].left.field) }
            left += [step.whenFalse, step.whenTrue]
        }
        return found
    }

    @Test("A test of evt.type is never made where the kind decides it")
    func eventType() throws {
        let program = try program("evt.type in (open, openat) and proc.name = cat", "evt.type = connect or user.uid = 0")
        #expect(fields(program, .open) == [.processName, .userID])
        #expect(fields(program, .openat2) == [.userID])
        #expect(fields(program, .connect) == [])
        #expect(program.entries[Int(EventKind.connect.rawValue)] != Step.end)
    }

    @Test("An execveat is asked for its type, since it is called execve when it succeeded")
    func execveat() throws {
        #expect(fields(try program("evt.type = execve"), .execveat) == [.eventType])
        #expect(fields(try program("evt.type in (execve, execveat)"), .execveat) == [])
    }

    @Test("A rule that begins as the one before is passed over when that beginning fails")
    func sharing() throws {
        let program = try program("proc.name = cat and user.uid = 0", "proc.name = cat and user.uid = 1")
        let first = program.steps[Int(program.entries[Int(EventKind.open.rawValue)])]
        #expect(program.tests[Int(first.slot)].left.field == .processName)
        #expect(first.whenFalse == Step.end)
    }
}
