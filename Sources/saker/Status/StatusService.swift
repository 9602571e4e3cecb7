// SPDX-License-Identifier: Apache-2.0
import Console
import Dispatch
import Foundation
import Glibc

/// Tells the figures of this process to `saker top`, on a UNIX socket, and to Prometheus, at an address where one is configured.
struct StatusService {
    private let servers: [StatusServer]

    // Prometheus asks every minute unless told otherwise: its series must not have gaps. A person looks every few seconds.
    private static let scrapeSeconds: UInt64 = 150
    private static let lookSeconds: UInt64 = 10

    /// Begins to tell. A socket that cannot be made is said and done without; throws when the address that was asked for cannot be had.
    static func start(
        _ settings: Configuration.Status, of detector: DetectorHalf, losses: @escaping DetectorHalf.Losses
    ) async throws -> StatusService {
        let pages = StatusPages(
            metrics: { MetricsText.text(detector.status(askingFor: scrapeSeconds, losses)) },
            status: { detector.status(askingFor: lookSeconds, losses).json + "\n" })
        var servers: [StatusServer] = []
        if !settings.listen.isEmpty {
            guard let address = ListenAddress(settings.listen) else {
                throw UserError("status.listen is '\(settings.listen)': give an address and a port, such as 127.0.0.1:9464 or :9464")
            }
            let server = try await StatusServer(at: .address(address), pages)
            Terminal.say("figures for Prometheus: http://\(address.with(port: server.port))/metrics")
            servers.append(server)
        }
        if !settings.socket.isEmpty {
            do {
                let folder = URL(filePath: settings.socket).deletingLastPathComponent()
                try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                servers.append(try await StatusServer(at: .socket(settings.socket), pages))
            } catch {
                Terminal.say("`saker top` will not find this process: \(error)")
            }
        }
        return StatusService(servers: servers)
    }

    /// Tells no more.
    func stop() async {
        for server in servers { await server.stop() }
    }
}
