// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite("saker fields")
struct FieldsCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String...) throws -> (code: Int32?, text: String) {
        let saker = try SakerProcess(["fields"] + arguments, in: folder)
        return (saker.end(within: 60), saker.text)
    }

    @Test("lists all fields in 80 columns and says which have values")
    func all() throws {
        let (code, text) = try run()
        #expect(code == 0)
        let lines = text.split(separator: "\n")
        #expect(lines.filter { $0.count > 80 }.isEmpty)
        #expect(lines.contains { $0.hasPrefix("+ proc.name ") && $0.contains("the program's name, up to 15 bytes") })
        #expect(lines.contains { $0.hasPrefix("- container.healthcheck ") })
        #expect(lines.contains { $0.hasPrefix("+ proc.aname[n] ") })
        #expect(lines.contains("ka (k8s_audit)"))
        #expect(lines.contains("ct (aws_cloudtrail)"))
        #expect(text.contains("true for a privileged container [the") && !text.contains("evt.rawarg.fd"))
    }

    @Test("tells all about one field")
    func one() throws {
        let (code, text) = try run("proc.aname")
        #expect(code == 0)
        #expect(
            text == """
                proc.aname
                  type       string
                  argument   optional: how many generations up; without it, any ancestor from
                             the parent on
                  sources    syscall
                  meaning    an ancestor's proc.name
                  needs      process events
                  value      read in this version
                  operators  <= < >= > = != contains icontains startswith endswith glob iglob
                             regex in intersects pmatch exists
                  limits     is compared with constants only; stands in no transformer

                """)
    }

    @Test("lists what begins with a name, and of one source")
    func some() throws {
        let (code, text) = try run("evt.rawarg.f")
        #expect(code == 0 && text.contains("- evt.rawarg.fd ") && !text.contains("evt.arg"))
        let (sourceCode, source) = try run("--source", "aws_cloudtrail")
        #expect(sourceCode == 0 && source.contains("+ s3.bucket ") && source.contains("+ evt.num ") && !source.contains("proc.name"))
    }

    @Test("names the nearest field or source for one that is not there")
    func nearest() throws {
        let (code, text) = try run("proc.nmae")
        #expect(code == 1 && text.contains("no field is called 'proc.nmae'") && text.contains("did you mean 'proc.name'?"))
        #expect(try run("prc").text.contains("did you mean 'proc'?"))
        let (sourceCode, source) = try run("--source", "k8saudit")
        #expect(sourceCode != 0 && source.contains("did you mean 'k8s_audit'?"))
    }

    @Test("prints one JSON object a field")
    func json() throws {
        let (code, text) = try run("--json", "fd.types")
        #expect(code == 0)
        #expect(
            text == """
                {"argument":"index","argumentRequired":false,"computed":false,"conditionOnly":false,"deprecated":false,"list":true,\
                "meaning":"the types of all open descriptors, or of the one with that number","name":"fd.types",\
                "needs":"a table of open descriptors","operators":["in","intersects","exists"],"sources":["syscall"],"type":"string"}

                """)
        let all = try run("--json")
        #expect(all.code == 0 && all.text.split(separator: "\n").count > 500)
    }
}
