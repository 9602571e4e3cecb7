// SPDX-License-Identifier: Apache-2.0
internal import Hummingbird
internal import NIOCore

/// A container's output on its way to a client: what there is and, when followed, what comes until the container is over.
struct LogFeed: Sendable {
    var options: LogOptions
    var request: PodLogRequest
    var book: LogBook
    /// The lines there were when the log was opened.
    var first: [PodLogLine]
    var now: Int64
    /// Whether nothing more can come.
    var isOver: @Sendable () async -> Bool

    /// Writes the lines, at most `limitBytes` in all; a followed log is looked at five times a second while `isConnected`.
    func write(_ body: inout any ResponseBodyWriter, isConnected: @Sendable () -> Bool) async throws {
        var room = options.limitBytes ?? .max
        var seen = first.count
        try await write(options.selected(first, now: now), &body, &room)
        while options.follows, room > 0, isConnected() {
            let wasOver = await isOver()
            let lines = await book.lines(request) ?? []
            if lines.count > seen { try await write(lines[seen...], &body, &room) }
            seen = lines.count
            if wasOver { return }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func write(_ lines: ArraySlice<PodLogLine>, _ body: inout any ResponseBodyWriter, _ room: inout Int) async throws {
        var buffer = ByteBuffer()
        for line in lines where room > 0 {
            let bytes = options.text(line).utf8.prefix(room)
            room -= bytes.count
            buffer.writeBytes(bytes)
        }
        if buffer.readableBytes > 0 { try await body.write(buffer) }
    }
}
