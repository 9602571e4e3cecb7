// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import Glibc

/// Alerts on standard output, one line each, written at once.
public struct StdoutOutlet: Outlet {
    /// `stdout`.
    public let name = "stdout"
    private let format: AlertFormat
    private let descriptor: Int32

    /// Writes in that format; to another descriptor than standard output where one is given.
    public init(_ format: AlertFormat, descriptor: Int32 = 1) {
        self.format = format
        self.descriptor = descriptor
    }

    /// Writes the alert's line. Throws when the descriptor cannot be written.
    public func send(_ alert: Alert) throws(DeliveryError) {
        let line = try format.line(alert)
        let reason = LineWriter.write(line, to: descriptor)
        guard reason == 0 else {
            throw DeliveryError(
                .cannotWrite, "Alerts cannot be written to standard output: \(String(cString: strerror(reason))).", errno: reason)
        }
    }
}

enum LineWriter {
    /// Writes a whole line; returns 0 or an errno.
    static func write(_ line: String, to descriptor: Int32) -> Int32 {
        var line = line
        return line.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let written = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if written < 0 && errno != EINTR { return errno }
                done += max(0, written)
            }
            return 0
        }
    }
}
