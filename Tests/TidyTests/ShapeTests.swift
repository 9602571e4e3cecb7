// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("The shape of the source")
struct ShapeTests {
    private let repository = Repository.shared

    @Test("No source file has more than 600 lines")
    func fileLength() {
        #expect(repository.sources.count > 10)
        #expect(repository.sources.filter { $0.lines.count > 601 }.map { "\($0.path): \($0.lines.count - 1) lines" } == [])
    }

    @Test("No Swift function has more than 70 lines")
    func functionLength() {
        let functions = repository.sources.filter { $0.isSwift }.flatMap { file in
            file.code.functions.map { (file: file.path, function: $0) }
        }
        #expect(functions.count > 100)
        let long = functions.filter { $0.function.length > 70 }
        #expect(long.map { "\($0.file):\($0.function.line): \($0.function.name) has \($0.function.length) lines" } == [])
    }

    @Test("No line of source has more than 140 columns")
    func lineLength() {
        let files = repository.sources + repository.files { $0.hasPrefix("scripts/") }
        let long = files.flatMap { file in
            file.lines.enumerated().filter { $0.element.utf8.count > 140 && $0.element.count > 140 }
                .map { "\(file.path):\($0.offset + 1): \($0.element.count) columns" }
        }
        #expect(long == [])
    }

    @Test("Every Swift and C file begins with its licence, after a shebang or the tools version where those must come first")
    func licence() {
        let files = repository.sources + repository.files { $0.hasPrefix("scripts/") || $0 == ".ci/run" }
        let without = files.filter { file in
            let mayComeFirst = file.lines.first.map { $0.hasPrefix("#!") || $0.hasPrefix("// swift-tools-version") } == true
            let line = mayComeFirst && file.path != "Package.swift" ? file.lines.dropFirst().first : file.lines.first
            return file.path != "Package.swift" && line?.contains("SPDX-License-Identifier: ") != true
        }
        #expect(without.map { $0.path } == [])
    }

    @Test("No source holds a reminder to finish it later")
    func reminders() throws {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
        let files = repository.sources + repository.files { path in
            ["scripts/", "rules/", "responses/", "bench/", ".ci/"].contains { path.hasPrefix($0) } || path == "Makefile"
        }
        let reminders = files.flatMap { file in
            file.lines.enumerated().filter { line in
                let parts = line.element.split { !$0.isLetter }
                return words.contains { word in parts.contains { $0 == word } }
            }.map { "\(file.path):\($0.offset + 1): \($0.element)" }
        }
        #expect(reminders == [])
    }

    @Test("Nothing built is committed: no binary file and no Package.resolved")
    func nothingBuilt() {
        guard let tracked = repository.tracked else { return }
        #expect(tracked.filter { $0.hasSuffix("Package.resolved") } == [])
        // Recorded events are bytes by nature; images are for the README.
        let bytes = [".sakerrec", ".png"]
        let binary = tracked.filter { path in !bytes.contains { path.hasSuffix($0) } }
            .filter { repository.isBinary($0) }
        #expect(binary == [])
    }
}
