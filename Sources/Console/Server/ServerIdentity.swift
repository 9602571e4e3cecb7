// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// The certificate with which the intake proves itself. Certificates are short-lived on a cluster, so it can be renewed while
/// connections come in: each handshake takes the one of that moment.
final class ServerIdentity: Sendable {
    private let files: IntakeSettings.TLSFiles
    private let current: Mutex<NIOSSLContextConfigurationOverride>

    /// Reads the files. Throws when they cannot be used.
    init(_ files: IntakeSettings.TLSFiles) throws(IntakeError) {
        self.files = files
        current = Mutex(try Self.read(files))
    }

    /// Reads certificate and key again. Throws, with the former still in use, when they cannot be used or do not belong together.
    func renew() throws(IntakeError) {
        let fresh = try Self.read(files)
        current.withLock { $0 = fresh }
    }

    /// How to speak TLS with it. The authorities of clients are read once.
    func configuration() throws(IntakeError) -> TLSConfiguration {
        var settings = Self.server(current.withLock { $0 })
        settings.sslContextCallback = { [self] _, promise in promise.succeed(current.withLock { $0 }) }
        guard let authority = files.clientAuthority else { return settings }
        do {
            // A client without a certificate may still show a token; one whose certificate is wrong is turned away.
            settings.certificateVerification = .optionalVerification
            settings.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
            return settings
        } catch {
            throw Self.unusable([authority], error)
        }
    }

    private static func read(_ files: IntakeSettings.TLSFiles) throws(IntakeError) -> NIOSSLContextConfigurationOverride {
        do {
            var identity = NIOSSLContextConfigurationOverride()
            identity.certificateChain = try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) }
            identity.privateKey = .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
            // Making a context is what finds a key that is another certificate's.
            _ = try NIOSSLContext(configuration: server(identity))
            return identity
        } catch {
            throw unusable([files.certificate, files.key], error)
        }
    }

    private static func server(_ identity: NIOSSLContextConfigurationOverride) -> TLSConfiguration {
        guard let chain = identity.certificateChain, let key = identity.privateKey else {
            preconditionFailure("an identity is read with both its parts")
        }
        var settings = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
        settings.minimumTLSVersion = .tlsv12
        return settings
    }

    private static func unusable(_ files: [String], _ error: any Error) -> IntakeError {
        IntakeError(.certificate, "the intake's certificates cannot be used (\(files.joined(separator: ", "))): \(error)")
    }
}
