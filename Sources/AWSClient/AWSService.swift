// SPDX-License-Identifier: Apache-2.0

internal import EventModel
internal import Transport

/// One service in one region: signs what is asked of it, sends it, and asks again where that is safe.
struct AWSService: Sendable {
    let name: String
    let region: String
    let http: HTTPClient
    let credentials: CredentialCache
    let surroundings: AWSSurroundings
    var limits = HTTPLimits(connect: .seconds(3), total: .seconds(15), bodyBytes: 16 << 20)

    private static let tryLimit = 3

    /// The answer, when it is a success.
    func send(_ request: AWSRequest, _ call: AWSCall) async throws(AWSError) -> HTTPResponse {
        var tries = 0
        while true {
            tries += 1
            do throws(AWSError) {
                return try await once(request, call)
            } catch {
                guard tries < Self.tryLimit, mayRepeat(call, after: error) else { throw error }
                if error.code == .expiredCredentials { await credentials.forget() }
                try await pause(after: tries, call)
            }
        }
    }

    /// A call that is not repeatable is sent again only when the service is known not to have begun with it.
    private func mayRepeat(_ call: AWSCall, after error: AWSError) -> Bool {
        switch error.code {
        case .expiredCredentials, .throttled: true
        case .serverError, .timeout, .transport, .conflict: call.isRepeatable || error.isKnownUnsent
        case .config, .noCredentials, .badCredentials, .accessDenied, .clockSkew, .wrongRegion, .noSuchBucket, .notFound,
            .alreadyExists, .invalid, .functionFailed, .decode, .cancelled:
            false
        }
    }

    private func once(_ request: AWSRequest, _ call: AWSCall) async throws(AWSError) -> HTTPResponse {
        let key = try await credentials.current()
        let signed = SigV4Signer(key, region: region, service: name).signed(request, at: surroundings.now())
        let response: HTTPResponse
        do {
            response = try await http.send(signed.sendable(limits))
        } catch {
            throw AWSError(call, error)
        }
        guard (200..<300).contains(response.status) else {
            throw ServiceAnswer(response).error(of: call, asked: region, key, at: surroundings.now())
        }
        return response
    }

    private func pause(after tries: Int, _ call: AWSCall) async throws(AWSError) {
        do {
            try await surroundings.sleep(.milliseconds(150 * tries * tries) * (1 - surroundings.jitter() / 2))
        } catch {
            throw AWSError(.cancelled, "\(call): given up by the caller while waiting to try again.", isKnownUnsent: true)
        }
    }
}

extension AWSError {
    /// Puts a failed exchange into the terms of the call.
    init(_ call: AWSCall, _ error: TransportError) {
        let code: Code =
            switch error.code {
            case .timeout: .timeout
            case .cancelled: .cancelled
            case .tooLarge: .decode
            case .connect, .tls, .resolve, .protocol: .transport
            }
        self.init(code, "\(call): \(error.message).", isKnownUnsent: error.isKnownUnsent)
    }
}
