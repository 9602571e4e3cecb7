// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Reads what a configuration points to.
enum SecretFile {
    /// The file's bytes. Throws `config`, naming the file and what it is for.
    static func bytes(_ path: String, for purpose: String) throws(KubeError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw KubeError(.config, "Cannot read \(purpose) in \(path): \(error.localizedDescription)")
        }
    }

    /// The file's text without white space at its ends. Throws `config` when nothing is left.
    static func text(_ path: String, for purpose: String) throws(KubeError) -> String {
        let text = String(decoding: try bytes(path, for: purpose), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { throw KubeError(.config, "The file \(path) for \(purpose) is empty.") }
        return text
    }
}
