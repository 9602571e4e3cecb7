// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Transport

/// The responder that alerts are sent to, and how this machine proves itself there. Files are read before each batch: a rotated token
/// or certificate counts from the next one on.
public struct ResponderAddress: Sendable, Hashable {
    /// The address, such as `https://saker-respond.saker:8443`.
    public let url: String
    /// The file with the bearer token; nil for none.
    public let tokenFile: String?
    /// The file with this machine's certificate, PEM; nil for none.
    public let certificateFile: String?
    /// The file with the certificate's key, PEM.
    public let keyFile: String?
    /// The file with the authorities to trust, PEM; nil for the system's.
    public let authorityFile: String?

    /// Checks the address. Throws when it is none, or would send alerts to another machine in the clear.
    public init(
        _ url: String, tokenFile: String?, certificateFile: String?, keyFile: String?, authorityFile: String?,
        isLoopback: (String) -> Bool
    ) throws(DeliveryError) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty, parts.query == nil, parts.user == nil
        else {
            throw DeliveryError(.cannotOpen, "'\(url)' is no address of a responder: give one such as https://saker-respond.saker:8443")
        }
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        guard scheme == "https" || isLoopback(bare) else {
            throw DeliveryError(
                .cannotOpen, "'\(url)' would send alerts and token in the clear: use https, which only a responder on 127.0.0.1 may lack")
        }
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw DeliveryError(.cannotOpen, "detect.certificate and detect.key belong together: set both or neither")
        }
        self.url = url.hasSuffix("/") ? url : url + "/"
        self.tokenFile = tokenFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.authorityFile = authorityFile
    }

    /// The header lines of a batch, with the token as it is now. Throws when its file cannot be read.
    func headers() throws(DeliveryError) -> [HTTPHeader] {
        let kind = HTTPHeader("Content-Type", "application/x-ndjson")
        guard let tokenFile else { return [kind] }
        let token = String(decoding: try Self.bytes(tokenFile), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else { throw DeliveryError(.cannotOpen, "The token file \(tokenFile) is empty.") }
        return [kind, HTTPHeader("Authorization", "Bearer " + token)]
    }

    /// Whom to trust and who we are, as the files are now. Throws when one cannot be read.
    func tls() throws(DeliveryError) -> TLSSettings {
        TLSSettings(
            authorities: try authorityFile.map { path throws(DeliveryError) in try Self.bytes(path) },
            certificate: try certificateFile.map { path throws(DeliveryError) in try Self.bytes(path) },
            key: try keyFile.map { path throws(DeliveryError) in try Self.bytes(path) })
    }

    private static func bytes(_ path: String) throws(DeliveryError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw DeliveryError(.cannotOpen, "The file \(path) cannot be read: \(error.localizedDescription)")
        }
    }
}
