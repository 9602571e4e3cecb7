// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Foundation

/// What the spool's thread owns: the files, and what is known of their records.
final class SpoolDisk {
    // An alert that the disk does not take waits in memory; more of them than this are lost.
    private static let memoryLimit = 4 << 20

    private(set) var index = SpoolIndex()
    private var folder: SpoolFolder
    private var memoryBytes = 0
    private var isFailing = false
    private let log: @Sendable (String) -> Void

    init(_ settings: Spool.Settings) throws(DeliveryError) {
        let segment = min(max(settings.capacity / 64, 4 << 10), 4 << 20)
        folder = try SpoolFolder(settings.folder, segmentBytes: segment)
        log = settings.log
    }

    /// Reads what an earlier run left, and accounts for it. Returns how many records are damaged.
    func recover(_ quota: inout SpoolQuota) throws(DeliveryError) -> Int {
        var index = SpoolIndex()
        var found: [(bytes: Int, owner: SpoolQuota.Owner)] = []
        let (damaged, bytes) = try folder.recover(
            { place, payload in
                guard let entry = SpoolIndex.Entry(payload, at: place) else { return false }
                index.add(entry)
                found.append((entry.bytes, entry.owner))
                return true
            }, log: log)
        for (bytes, owner) in found { quota.take(bytes, of: owner) }
        quota.free(quota.total - bytes)
        self.index = index
        return damaged
    }

    /// Writes an alert's line. Returns the bytes it takes, or why it is lost.
    func write(_ alert: Alert) -> Result<Int, SpoolLossError> {
        guard let line = try? AlertFormat.json.line(alert), line.utf8.count <= SpoolRecord.largestPayload else {
            return .failure(SpoolLossError(loss: .unwritable))
        }
        let payload = Array(line.utf8), bytes = payload.count + SpoolRecord.headerBytes
        let place: SpoolIndex.Place
        do throws(Errno) {
            place = .disk(try folder.append(payload))
            recovered()
        } catch {
            failed("cannot be written", error)
            guard memoryBytes + bytes <= Self.memoryLimit else { return .failure(SpoolLossError(loss: .disk)) }
            memoryBytes += bytes
            place = .memory(payload)
        }
        index.add(SpoolIndex.Entry(trace: alert.trace, owner: SpoolQuota.Owner(alert), bytes: bytes, place: place))
        return .success(bytes)
    }

    func sync() {
        do throws(Errno) { try folder.sync() } catch { failed("cannot be synced", error) }
    }

    /// Lets go of the files.
    func close() { folder.close() }

    /// The next alerts to send. What cannot be read any more is told to `lost`.
    func take(_ request: Spool.Request, lost: (UInt64) -> Void) -> [Spool.Item] {
        var items: [Spool.Item] = []
        var bytes = 0
        while items.count < request.limit, let (id, entry) = index.next() {
            guard items.isEmpty || bytes + entry.bytes <= request.bytes else {
                index.putBack(id)
                break
            }
            guard let line = line(entry.place) else {
                lost(id)
                continue
            }
            bytes += entry.bytes
            items.append(Spool.Item(id: id, trace: entry.trace, line: line))
        }
        return items
    }

    func putBack(_ ids: [UInt64]) {
        for id in ids.sorted(by: >) { index.putBack(id) }
    }

    /// Forgets an alert, and its file with the last one in it; what it was, and how many bytes that frees.
    func settle(_ id: UInt64) -> (entry: SpoolIndex.Entry, freed: Int)? {
        guard let entry = index.remove(id) else { return nil }
        switch entry.place {
        case .disk(let place): return (entry, folder.settle(place))
        case .memory:
            memoryBytes -= entry.bytes
            return (entry, entry.bytes)
        }
    }

    private func line(_ place: SpoolIndex.Place) -> [UInt8]? {
        switch place {
        case .disk(let place): folder.read(place)
        case .memory(let line): line
        }
    }

    private func failed(_ what: String, _ error: Errno) {
        if !isFailing { log("the spool \(what): \(error); alerts wait in memory until it can") }
        isFailing = true
    }

    private func recovered() {
        if isFailing { log("the spool can be written again") }
        isFailing = false
    }
}

/// Why an alert was not kept.
struct SpoolLossError: Error {
    let loss: SpoolLoss
}

extension SpoolIndex.Entry {
    /// Reads what must be known of an alert from its line; nil when it is none.
    init?(_ payload: [UInt8], at place: SpoolFolder.Place) {
        guard let json = try? JSONParser.parse(payload), let trace = json["trace_id"]?.string,
            let priority = json["priority"]?.string.flatMap({ Priority(name: $0) })
        else { return nil }
        let owner = SpoolQuota.Owner(
            container: json["subject"]?["container"]?.string ?? "", isCritical: priority >= .critical)
        self.init(trace: TraceID(trace), owner: owner, bytes: payload.count + SpoolRecord.headerBytes, place: .disk(place))
    }
}
