// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc

/// Certificates for one test, made with the openssl command in a directory that goes when this does.
public final class TestCertificates: Sendable {
    /// Where the PEM files lie: `ca`, `server`, `elsewhere`, `expired`, `client` and `stranger`, each `.crt` and `.key`.
    public let directory: String

    /// Makes an authority, server certificates (for 127.0.0.1, for the name api.elsewhere.test, and one for 127.0.0.1 that ended in 2020),
    /// a client certificate, and an authority that signed none of them.
    public init() throws {
        directory = NSTemporaryDirectory() + "certificates-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try make("ca", ["-addext", "basicConstraints=critical,CA:TRUE"])
        try make("stranger", ["-addext", "basicConstraints=critical,CA:TRUE"])
        let signed = ["-CA", directory + "/ca.crt", "-CAkey", directory + "/ca.key", "-addext", "basicConstraints=critical,CA:FALSE"]
        try make("server", signed + ["-addext", "subjectAltName=IP:127.0.0.1"])
        try make("elsewhere", signed + ["-addext", "subjectAltName=DNS:api.elsewhere.test"])
        try make("client", signed)
        try makeExpired()
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// A file's bytes, such as of `ca.crt`.
    public func pem(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name)))
    }

    private func make(_ name: String, _ more: [String]) throws {
        try openssl(["req", "-x509", "-days", "2", "-out", "\(directory)/\(name).crt"] + fresh(name) + more)
    }

    private func fresh(_ name: String) -> [String] {
        [
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
            "-keyout", "\(directory)/\(name).key",
        ]
    }

    // Only `openssl ca` can date a certificate back, and it wants a configuration and a register.
    private func makeExpired() throws {
        let settings = """
            [ca]
            default_ca = own
            [own]
            database = \(directory)/register
            new_certs_dir = \(directory)
            policy = any
            default_md = sha256
            rand_serial = yes
            x509_extensions = server
            [any]
            commonName = supplied
            [server]
            subjectAltName = IP:127.0.0.1
            """
        try Data(settings.utf8).write(to: URL(fileURLWithPath: directory + "/ca.cnf"))
        try Data().write(to: URL(fileURLWithPath: directory + "/register"))
        try openssl(["req", "-new", "-out", directory + "/expired.csr"] + fresh("expired"))
        try openssl([
            "ca", "-batch", "-notext", "-config", directory + "/ca.cnf", "-cert", directory + "/ca.crt", "-keyfile", directory + "/ca.key",
            "-startdate", "20200101000000Z", "-enddate", "20200102000000Z", "-in", directory + "/expired.csr",
            "-out", directory + "/expired.crt",
        ])
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }
}

/// A real TLS server on loopback, OpenSSL's own, that answers GET with files which hold whole HTTP answers.
public final class TLSPeer: @unchecked Sendable {  // `process` is only told to end, which Foundation allows from any thread.
    /// Its address, such as `https://127.0.0.1:40123`.
    public let url: String
    private let process = Process()
    private let root: String

    /// Starts the server; `answers` maps a path to the body of a 200, and `name` is the certificate that it shows.
    public init(
        _ certificates: TestCertificates, answers: [String: String], asksForClientCertificate: Bool = false, showing name: String = "server"
    ) throws {
        root = certificates.directory + "/" + UUID().uuidString
        for (path, body) in answers {
            let file = URL(fileURLWithPath: root + path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n\(body)".utf8).write(to: file)
        }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.currentDirectoryURL = URL(fileURLWithPath: root)
        let named = certificates.directory + "/"
        process.arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-cert", "\(named)\(name).crt", "-key", "\(named)\(name).key", "-HTTP"]
            + (asksForClientCertificate ? ["-CAfile", named + "ca.crt", "-Verify", "1", "-verify_return_error"] : [])
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var said = ""
        while !said.contains("\n") || !said.contains("ACCEPT 127.0.0.1:") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw CocoaError(.executableLoad) }
            said += String(decoding: data, as: UTF8.self)
        }
        url = "https://127.0.0.1:" + (said.components(separatedBy: "ACCEPT 127.0.0.1:").last ?? "").prefix { $0.isNumber }
        // What it goes on saying must not fill the pipe.
        output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    deinit { stop() }

    /// Ends the server. By KILL: a child of a thread that blocks signals, as the test's do, starts with TERM blocked.
    public func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
