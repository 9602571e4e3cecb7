// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation
internal import Glibc

extension ExecPlugin {
    /// Runs the program once and reads what it hands out. Throws `credential`, naming the command and how to install it.
    func obtain(at now: Timestamp) async throws(KubeError) -> PluginCredential {
        let run = await onOwnThread("saker-credential") { runOnThisThread() }
        switch run.end {
        case .exited(0): return try PluginCredential.read(run.output, from: self, at: now)
        case .exited(let code): throw failure("ended with code \(code)" + Self.said(run.complaint))
        case .killed(let signal): throw failure("was ended by signal \(signal)" + Self.said(run.complaint))
        case .timedOut: throw failure("did not answer within \(timeLimit) and was ended" + Self.said(run.complaint))
        case .wroteTooMuch: throw failure("printed more than a credential can be and was ended")
        case .notStarted(ENOENT): throw failure("is not there: it was looked for as \(candidates.joined(separator: ", "))")
        case .notStarted(let code): throw failure("cannot be started: \(String(cString: strerror(code)))")
        }
    }

    private func runOnThisThread() -> ChildProcess {
        var environment = environment
        environment["KUBERNETES_EXEC_INFO"] = String(decoding: JSONText.write(information), as: UTF8.self)
        let path = candidates.first { access($0, X_OK) == 0 } ?? candidates.first ?? command
        return ChildProcess.run(path, arguments, environment: environment, limits: ChildProcess.Limits(time: timeLimit))
    }

    /// The last words of a program that failed: mostly they say what the user must do, such as log in again.
    private static func said(_ complaint: [UInt8]) -> String {
        let text = String(decoding: complaint.suffix(500), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? "" : "; it said: " + text
    }
}
