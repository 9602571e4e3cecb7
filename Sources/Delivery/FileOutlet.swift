// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Glibc
internal import Synchronization

/// Alerts at the end of a file, one line each. The file is readable by its owner only when Saker makes it.
public final class FileOutlet: Outlet {
    /// `file`.
    public let name = "file"
    private let path: String
    private let format: AlertFormat
    // The descriptor; -1 when the file could not be opened again.
    private let descriptor: Mutex<Int32>

    /// Opens the file, or makes it. Throws when that fails.
    public init(path: String, _ format: AlertFormat) throws(DeliveryError) {
        self.path = path
        self.format = format
        descriptor = Mutex(try Self.opened(path))
    }

    deinit { close() }

    /// Opens the path again, for whoever has moved the file away (log rotation). Throws when that fails; alerts then fail until it
    /// succeeds.
    public func reopen() throws(DeliveryError) {
        close()
        let opened = try Self.opened(path)
        descriptor.withLock { $0 = opened }
    }

    /// Appends the alert's line. Throws when it cannot be written.
    public func send(_ alert: Alert) throws(DeliveryError) {
        let line = try format.line(alert)
        let reason = descriptor.withLock { $0 < 0 ? EBADF : LineWriter.write(line, to: $0) }
        guard reason == 0 else {
            throw DeliveryError(
                .cannotWrite, "The alert file \(path) cannot be written: \(String(cString: strerror(reason))).", errno: reason)
        }
    }

    private func close() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { _ = Glibc.close(descriptor) }
            descriptor = -1
        }
    }

    private static func opened(_ path: String) throws(DeliveryError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = errno
            throw DeliveryError(
                .cannotOpen, "The alert file \(path) cannot be opened: \(String(cString: strerror(reason))).", errno: reason)
        }
        return descriptor
    }
}
