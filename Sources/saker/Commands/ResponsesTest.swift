// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import SourceText

extension ResponsesCommand {
    /// Tries playbooks on a cluster that is simulated in this process.
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run playbook tests against a simulated cluster; exit code 1 when one fails.",
            discussion: """
                A test is an item of a YAML list: `test` (its name), `playbooks` (files, from the test's folder), `config` (keys of
                saker.yaml), `cluster` (manifests), `alerts` (rule, priority, tags, output_fields, pod: NAMESPACE/NAME) and
                `expect`: `actions` in order, each with action, outcome, guardrail and a part of what it says, and `cluster`, objects with
                resource, namespace, name and gone: true or has: (what must be in them). responses/tests has examples.
                No cluster is asked and nothing is kept.
                """)

        @Argument(help: "Files of tests, and directories whose *.yaml are taken in order of name.") var paths: [String]
        @Option(help: ArgumentHelp("Write the results to a file in JUnit's XML.", valueName: "file")) var junit: String?

        func run() async throws {
            let names = try SourceFiles.read(all: paths).map(\.name)
            var files: [ResponseTestFile] = []
            for name in names {
                let folder = URL(filePath: name).deletingLastPathComponent()
                var results: [ResponseTestFile.Result] = []
                for test in try ResponseTest.read(name) {
                    let failures = try await ResponseTestRun(test: test, folder: folder).failures()
                    results.append(ResponseTestFile.Result(name: test.test, failures: failures))
                }
                files.append(ResponseTestFile(path: name, results: results))
                print(files[files.count - 1].text)
            }
            if let junit {
                do {
                    try ResponseTestFile.junit(files).write(toFile: junit, atomically: true, encoding: .utf8)
                } catch {
                    throw UserError("cannot write \(junit): \(error.localizedDescription)")
                }
            }
            guard files.allSatisfy({ $0.failed == 0 }) else { throw ExitCode(1) }
        }
    }
}
