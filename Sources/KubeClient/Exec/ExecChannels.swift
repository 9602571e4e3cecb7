// SPDX-License-Identifier: Apache-2.0

internal import EventModel

/// The messages of `v4.channel.k8s.io` and `v5.channel.k8s.io`: the first byte names the channel.
struct ExecChannels {
    /// The protocols, the best first. The fifth differs in that a channel can be closed.
    static let protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"]
    /// What closes the command's standard input, by the fifth protocol.
    static let endOfInput: [UInt8] = [255, 0]

    private let limit: Int
    private(set) var stdout: [UInt8] = []
    private(set) var stderr: [UInt8] = []
    private var verdict: [UInt8] = []
    private(set) var isFull = false

    init(limit: Int) { self.limit = limit }

    static func input(_ bytes: ArraySlice<UInt8>) -> [UInt8] { [0] + bytes }

    /// Takes one message of the server's.
    mutating func take(_ message: [UInt8]) {
        let room = max(0, limit - stdout.count - stderr.count)
        let data = message.dropFirst()
        switch message.first {
        case 1: stdout += data.prefix(room)
        case 2: stderr += data.prefix(room)
        // A Status of more than this is none.
        case 3: verdict += data.prefix(max(0, 64 * 1024 - verdict.count))
        // The server may say that a channel is closed; nobody asked for another.
        case _: return
        }
        if message.first != 3, data.count > room { isFull = true }
    }

    /// True when the server said how the command ended; nothing comes behind that.
    var hasVerdict: Bool { end != nil }

    /// How the command ended; nil as long as the server has not said it.
    var end: ExecResult.End? {
        guard let status = JSONText.read(verdict), let word = status["status"]?.string else { return nil }
        guard word != "Success" else { return .exited(0) }
        let causes = status["details"]?["causes"]?.array ?? []
        let code = causes.first { $0["reason"]?.string == "ExitCode" }?["message"]?.string.flatMap { Int($0) }
        if status["reason"]?.string == "NonZeroExitCode", let code { return .exited(code) }
        return .refused(status["message"]?.string ?? "no reason is given")
    }
}
