// SPDX-License-Identifier: Apache-2.0

import SourceText

/// What became of all cases of all files.
public struct RuleTestReport: Sendable {
    /// One file of cases.
    public struct File: Sendable {
        /// The file's name.
        public let name: String
        /// Its cases, in order.
        public let outcomes: [RuleTestOutcome]
        /// The rules that its cases were tried on.
        public let rules: [String]

        /// Tries all cases of a file.
        public init(_ file: RuleTestFile, _ tester: RuleTester) {
            name = file.name
            outcomes = file.cases.map(tester.run)
            rules = tester.ruleNames
        }

        var failed: Int { outcomes.count { !$0.hasPassed } }
    }

    /// The files, in order.
    public let files: [File]

    /// Brings the files together.
    public init(_ files: [File]) { self.files = files }

    /// How many cases there are.
    public var count: Int { files.map(\.outcomes.count).reduce(0, +) }
    /// How many of them failed.
    public var failed: Int { files.map(\.failed).reduce(0, +) }

    /// The rules that no case wants to fire, sorted.
    public var untried: [String] {
        let tried = Set(files.flatMap { $0.outcomes.flatMap(\.fires) })
        return Set(files.flatMap(\.rules)).subtracting(tried).sorted()
    }

    /// A line a file, what failed with the reasons, and the sum; for a terminal of that width.
    public func text(width: Int = 140) -> String {
        var lines = files.map { file in
            "\(file.name): \(file.outcomes.count) cases, " + (file.failed == 0 ? "all passed" : "\(file.failed) failed")
        }
        for outcome in files.flatMap(\.outcomes) where !outcome.hasPassed {
            lines += ["", "FAILED \(outcome.location): \(outcome.name)"] + outcome.details(width: width - 2).map { "  " + $0 }
        }
        if !untried.isEmpty {
            lines += ["", "no case fires \(untried.count == 1 ? "this rule" : "these rules"):"] + untried.map { "  " + $0 }
        }
        lines += ["", "\(count) cases, \(failed == 0 ? "all passed" : "\(failed) failed")"]
        return lines.map { $0.visible.withoutTrailingBlanks + "\n" }.joined()
    }

    /// The Test Anything Protocol, version 14.
    public var tap: String {
        var lines = ["TAP version 14", "1..\(count)"]
        var number = 0
        for file in files {
            for outcome in file.outcomes {
                number += 1
                let title = "\(file.name): \(outcome.name)".split { $0.isNewline }.joined(separator: " ")
                let escaped = title.map { $0 == "\\" || $0 == "#" ? "\\\($0)" : String($0) }.joined()
                lines.append("\(outcome.hasPassed ? "ok" : "not ok") \(number) - \(escaped)")
                guard !outcome.hasPassed else { continue }
                lines += ["  ---", "  at: |", "    \(outcome.location)", "  message: |"]
                lines += outcome.details(width: 120).map { ("    " + $0).withoutTrailingBlanks } + ["  ..."]
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// JUnit's XML: a suite a file.
    public var junit: String {
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            "<testsuites name=\"saker rules test\" tests=\"\(count)\" failures=\"\(failed)\">",
        ]
        for file in files {
            let name = XMLText.escaped(file.name)
            lines.append("  <testsuite name=\"\(name)\" tests=\"\(file.outcomes.count)\" failures=\"\(file.failed)\">")
            for outcome in file.outcomes {
                let head = "    <testcase classname=\"\(name)\" name=\"\(XMLText.escaped(outcome.name))\""
                    + " file=\"\(name)\" line=\"\(outcome.location.line)\""
                guard let first = outcome.failures.first else {
                    lines.append(head + "/>")
                    continue
                }
                let details = outcome.details(width: 120).joined(separator: "\n")
                lines.append(head + ">")
                let message = XMLText.escaped(first.message), body = XMLText.escaped(details, keepsLines: true)
                lines.append("      <failure message=\"\(message)\">\(body)</failure>")
                lines.append("    </testcase>")
            }
            lines.append("  </testsuite>")
        }
        return (lines + ["</testsuites>"]).map { $0 + "\n" }.joined()
    }
}

extension RuleTestOutcome {
    /// What failed, in lines: each with its place and why.
    func details(width: Int) -> [String] {
        failures.flatMap { failure -> [String] in
            let place = failure.location.map { $0 == location ? "" : "\($0): " } ?? ""
            let message = (place + failure.message).split(separator: "\n").map(String.init)
            guard let why = failure.why else { return message }
            let lines = why.text(width: width - 2).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            return message + lines.map { "  " + $0 }
        }
    }
}

/// Text within XML.
enum XMLText {
    /// In an attribute, line ends must be written as references; in the text of an element they may stay.
    static func escaped(_ text: String, keepsLines: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += keepsLines ? "\n" : "&#10;"
            case "\t": result += "&#9;"
            // XML 1.0 has no way to write the other control characters.
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
            case _: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
