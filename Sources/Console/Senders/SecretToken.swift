// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Records

/// A token's hash: what is compared, so that neither the token's length nor how much of a guess is right shows in the time it takes.
struct SecretToken: Sendable, Hashable {
    /// A token below this length can be guessed.
    static let shortest = 16

    private let hash: [UInt8]

    init(_ token: some Collection<UInt8>) {
        var digest = Digest()
        digest.add(token)
        hash = digest.finish()
    }

    /// True when both are of the same token; looks at every byte of both hashes.
    func matches(_ other: SecretToken) -> Bool { zip(hash, other.hash).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0 }

    /// The tokens of a file, one a line; a rotation holds the old and the new one for a while.
    static let read: @Sendable (String) -> Result<[SecretToken], TokenProblem> = { path in
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            return .failure(TokenProblem(message: "the token file \(path) cannot be read: \(error.localizedDescription)"))
        }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard !lines.isEmpty else { return .failure(TokenProblem(message: "the token file \(path) is empty")) }
        guard lines.allSatisfy({ $0.utf8.count >= shortest }) else {
            return .failure(
                TokenProblem(
                    message: "the token file \(path) holds a token shorter than \(shortest) characters; `openssl rand -hex 32` makes one"))
        }
        return .success(lines.map { SecretToken($0.utf8) })
    }
}

/// Why a file of tokens cannot be used.
struct TokenProblem: Error, Sendable, Hashable {
    let message: String
}
