// SPDX-License-Identifier: Apache-2.0
internal import Hummingbird
internal import NIOCore

/// Writes a watch to its client: one JSON line an event, until time is up, the client is gone or a fault cuts it.
struct WatchWriter: Sendable {
    /// Ends the connection in the middle of a line.
    struct Cut: Error {}

    var feed: WatchFeed
    var table: Table?
    var allowsBookmarks: Bool
    /// Whether the client waits to be told that all initial events have come.
    var endsInitialEvents: Bool
    var timeout: Duration
    var bookmarkInterval: Duration
    /// The number of events after which a fault cuts the watch.
    var cutAfter: Int?

    private var sent = 0
    private var version: Int64

    init(_ feed: WatchFeed, table: Table?, query: [String: String], bookmarkInterval: Duration, cutAfter: Int?) {
        self.feed = feed
        self.table = table
        self.cutAfter = cutAfter
        self.bookmarkInterval = cutAfter == nil ? bookmarkInterval : .seconds(1)
        version = feed.version
        allowsBookmarks = query["allowWatchBookmarks"] == "true" || query["allowWatchBookmarks"] == "1"
        endsInitialEvents = query["sendInitialEvents"] == "true" && allowsBookmarks
        // Half an hour is the shortest that a real server gives a watch that names no limit.
        timeout = .seconds(query["timeoutSeconds"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 1800)
    }

    mutating func run(_ body: inout any ResponseBodyWriter) async throws {
        let timers = startTimers()
        let end = feed.end
        do {
            try await writeAll(&body)
        } catch {
            for timer in timers { timer.cancel() }
            await end()
            throw error
        }
        for timer in timers { timer.cancel() }
        await end()
    }

    private mutating func writeAll(_ body: inout any ResponseBodyWriter) async throws {
        for event in feed.past { try await write(event, &body) }
        if endsInitialEvents { try await write(.bookmark(feed.selection.resource, version: version, endsInitialEvents: true), &body) }
        for await signal in feed.signals {
            switch signal {
            case .change(let change):
                version = change.version
                if let event = WatchEvent(change, feed.selection) { try await write(event, &body) }
            case .bookmarkDue:
                if allowsBookmarks || cutAfter.map({ sent >= $0 }) == true { try await writeBookmark(&body) }
            case .timeUp:
                if allowsBookmarks { try await writeBookmark(&body) }
                return
            }
        }
    }

    private mutating func writeBookmark(_ body: inout any ResponseBodyWriter) async throws {
        try await write(.bookmark(feed.selection.resource, version: version), &body)
    }

    private mutating func write(_ event: WatchEvent, _ body: inout any ResponseBodyWriter) async throws {
        let line = WatchWriter.line(event, table, isFirst: sent == 0)
        if let cutAfter, sent >= cutAfter {
            try await body.write(ByteBuffer(string: String(line.prefix(line.count / 2))))
            throw Cut()
        }
        try await body.write(ByteBuffer(string: line))
        sent += 1
    }

    static func line(_ event: WatchEvent, _ table: Table?, isFirst: Bool) -> String {
        var object = event.object
        if let table, event.type != "BOOKMARK", event.type != "ERROR" {
            object = table.json([object], listMetadata: ["resourceVersion": object["metadata", "resourceVersion"] ?? ""])
            if !isFirst { object["columnDefinitions"] = .null }
        }
        let line: JSON = ["type": .string(event.type), "object": object]
        return line.text + "\n"
    }

    private func startTimers() -> [Task<Void, Never>] {
        let (control, timeout, interval) = (feed.control, timeout, bookmarkInterval)
        let limit = Task {
            guard (try? await Task.sleep(for: timeout)) != nil else { return }
            control.yield(.timeUp)
        }
        guard allowsBookmarks || cutAfter != nil else { return [limit] }
        let bookmarks = Task {
            while (try? await Task.sleep(for: interval)) != nil { control.yield(.bookmarkDue) }
        }
        return [limit, bookmarks]
    }
}
