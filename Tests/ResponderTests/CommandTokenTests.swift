// SPDX-License-Identifier: Apache-2.0
import EventModel
import Foundation
import Testing

@testable import Actions

@Suite("An alert's texts in commands")
struct CommandTokenTests {
    static let tokens = AlertTokens(values: ["FD_NAME": "/etc/x", "PROC_NAME": "sh", "FALCO-TALON_RULE": "r"])
    static let commands: [(String, String)] = [
        ("cat ${FD_NAME}", #"cat "${SAKER_1}""#), ("cat $FD_NAME.old", #"cat "${SAKER_1}".old"#),
        (#"cat "a ${FD_NAME} b""#, #"cat "a ${SAKER_1} b""#), ("echo 'a ${FD_NAME} b'", #"echo 'a '"${SAKER_1}"' b'"#),
        (#"echo "$(cat ${FD_NAME})" ${PROC_NAME}"#, #"echo "$(cat "${SAKER_1}")" "${SAKER_2}""#),
        ("echo `cat ${FD_NAME}`", #"echo `cat "${SAKER_1}"`"#), ("echo ${FALCO-TALON_RULE}", #"echo "${SAKER_1}""#),
        ("# it's\ncat ${FD_NAME}", "# it's\ncat \"${SAKER_1}\""), (#"echo \" ${FD_NAME}"#, #"echo \" "${SAKER_1}""#),
        (#"echo $((1 + (2))) "${PROC_NAME}""#, #"echo $((1 + (2))) "${SAKER_1}""#),
    ]

    @Test("A token becomes a variable within double quotes, wherever it stands", arguments: commands.indices)
    func quotes(_ index: Int) {
        let (command, expected) = Self.commands[index]
        #expect(ShellCommand(command, Self.tokens).text.split(separator: "\n", maxSplits: 1).last.map(String.init) == expected)
    }

    @Test("What is no token of the alert is the shell's own", arguments: ["awk '{print $2}' $? $HOME ${x:-d} $(id) ${FD_NAME2}", "id"])
    func own(command: String) {
        #expect(ShellCommand(command, Self.tokens).text == command)
    }

    @Test("Beside what reads a text as its own language no token is taken; without a token anything may stand", arguments: [
        ("sh -c 'ls ${FD_NAME}'", "sh"), ("/bin/bash -c \"ls $FD_NAME\"", "bash"), ("eval ls ${FD_NAME}", "eval"),
        ("awk '/$PROC_NAME/' /etc/passwd", "awk"), ("echo $(( ${FD_NAME} ))", "arithmetic"), ("sh -c 'id'", nil),
        ("cat ${FD_NAME}", nil), ("sha256sum ${FD_NAME}", nil),
    ] as [(String, String?)])
    func readers(command: String, reader: String?) {
        #expect(ShellCommand(command, Self.tokens).reader == reader)
    }

    @Test(
        "Real shells take every text as data", arguments: ["/bin/sh", "/bin/bash"],
        [
            "plain", "a b", "$(touch /tmp/saker-injected)", "`id`", "'; id; '", "\"; id; \"", "line 1\nline 2\n",
            "-n *", "\\", "${HOME}", "é\u{1F4A5}",
        ])
    func data(shell: String, value: String) throws {
        let tokens = AlertTokens(values: ["V": value])
        for command in ["printf %s ${V}", "printf %s \"$V\"", "printf %s '${V}'", "printf %s \"$(printf %s. $V)\" | sed '$ s/[.]$//'"] {
            let shellCommand = ShellCommand(command, tokens)
            let process = Process(), pipe = Pipe()
            process.executableURL = URL(filePath: shell)
            process.arguments = ["-c", shellCommand.text, "saker"] + shellCommand.arguments
            process.standardOutput = pipe
            try process.run()
            let said = try pipe.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            #expect(String(decoding: said, as: UTF8.self).trimmingCharacters(in: .newlines) == value.trimmingCharacters(in: .newlines))
        }
        #expect(!FileManager.default.fileExists(atPath: "/tmp/saker-injected"))
    }
}
