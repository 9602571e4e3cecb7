// SPDX-License-Identifier: Apache-2.0
import EventModel
import SourceText
import Testing

@testable import RuleLanguage

@Suite("The plan of a rule set")
struct PlanTests {
    private func program(_ conditions: String...) throws -> Program {
        let rules = conditions.enumerated().map { index, condition in
            "- rule: r\(index)\n  desc: d\n  condition: \(condition)\n  output: o\n  priority: notice\n  warn_evttypes: false\n"
        }
        return try #require(RuleLoader.load([SourceFile(name: "r.yaml", text: rules.joined())]).ruleSet).program
    }

    /// The fields asked for on every way through a walk, each step once.
    private func fields(_ program: Program, from entry: Int32) -> [Field] {
        var found: [Field] = [], seen: Set<Int32> = [], left = [entry]
        while let place = left.popLast() {
            guard place >= 0, seen.insert(place).inserted else { continue }
            let step = program.steps[Int(place)]
            found.append(program.tests[Int(step.slot)].left.field)
            left += [step.whenFalse, step.whenTrue]
        }
        return found
    }

    private func rules(_ program: Program, _ kind: EventKind) -> UInt64 { program.kindRows[Int(kind.rawValue) * program.rowWords] }

    @Test("Rules are filed under the kinds that they can match")
    func kinds() throws {
        let program = try program("evt.type in (open, openat) and proc.name = cat", "evt.type = connect or user.uid = 0", "evt.num = 0")
        #expect(rules(program, .open) == 0b11)
        #expect(rules(program, .openat2) == 0b10)
        #expect(rules(program, .connect) == 0b10)
        #expect(rules(program, .snapshot) == 0)
    }

    @Test("A condition is split by what its parts depend on")
    func split() throws {
        let program = try program("evt.type = open and not (user.uid = 0 or proc.name = cat) and evt.rawres >= 0 and fd.name = /x")
        #expect(Set(fields(program, from: program.walks[0].shape)) == [.eventType, .eventRawResult])
        #expect(fields(program, from: program.walks[0].line) == [.processName])
        #expect(Set(fields(program, from: program.walks[0].rest)) == [.userID, .descriptorName])
        #expect(Set(fields(program, from: program.walks[0].lineAndRest)) == [.processName, .userID, .descriptorName])
    }

    @Test("A number that shapes do not keep apart is asked of the event")
    func shapes() throws {
        let program = try program("evt.type = open and evt.rawres = 5")
        #expect(fields(program, from: program.walks[0].shape) == [.eventType])
        #expect(fields(program, from: program.walks[0].rest) == [.eventRawResult])
    }

    @Test("What is the same for every event is folded, and equal comparisons share a slot")
    func folding() throws {
        let program = try program(
            "evt.type = open and (evt.num = 0 or proc.name = cat)", "proc.name = cat and evt.num > 0",
            "proc.name startswith anyof (cat, dog) and not proc.name startswith cat")
        let wanted = ["evt.type = open", "proc.name = cat", "proc.name startswith cat", "proc.name startswith dog"]
        #expect(program.predicates.map(\.text) == wanted)
    }

    @Test("Texts of one field are looked up together")
    func units() throws {
        let program = try program(
            "fd.name = /a or fd.name in (/b, /c) or fd.name startswith /d or fd.name pmatch (/e)", "fd.name endswith .f",
            "fd.name contains g or fd.name contains h", "fd.name glob *x or fd.name pmatch (/y*)")
        #expect(program.units.map(\.slots.count) == [4, 2, 1])
    }

    @Test("A rule is given by the rarest of what it needs")
    func covers() throws {
        let program = try program("evt.type = open and fd.name startswith / and (fd.name = /etc/a or fd.name endswith .key)")
        let giving = program.slots.indices.filter { program.slots[$0].gives.count > 0 }.map { program.predicates[$0].text }
        #expect(giving == ["fd.name = /etc/a", "fd.name endswith .key"])
    }
}
