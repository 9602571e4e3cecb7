// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder that goes when its holder does.
final class Scratch: Sendable {
    let path = NSTemporaryDirectory() + "kubeclient-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String, isExecutable: Bool = false) throws -> String {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        if isExecutable { try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file) }
        return file
    }

    /// Writes a program in shell and returns its path.
    @discardableResult
    func program(_ name: String, _ script: String) throws -> String { try write(name, "#!/bin/sh\n" + script, isExecutable: true) }

    func text(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }
}
