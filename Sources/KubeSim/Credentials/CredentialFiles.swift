// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc

/// Puts credentials where child processes find them: a directory of mode 0700, files of mode 0600.
struct CredentialFiles {
    var directory: String

    func write(authorityPEM: String, kubeconfig: String) throws(KubeSimError) {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw failure("make the directory", directory) }
        let attributes = try? FileManager.default.attributesOfItem(atPath: directory)
        let owner = attributes?[.ownerAccountID] as? NSNumber
        guard attributes?[.posixPermissions] as? Int == 0o700, owner?.uint32Value == geteuid() else {
            throw KubeSimError(.file, "the credentials directory \(directory) must belong to this user with mode 0700")
        }
        try write(authorityPEM, to: directory + "/ca.crt")
        try write(kubeconfig, to: directory + "/admin.kubeconfig")
    }

    private func write(_ text: String, to path: String) throws(KubeSimError) {
        // An old file may be readable by others: it goes, and the new one is made with its mode.
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("make", path) }
        defer { close(descriptor) }
        let written = text.utf8.withContiguousStorageIfAvailable { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard written == text.utf8.count else { throw failure("write", path) }
    }

    private func failure(_ what: String, _ path: String) -> KubeSimError {
        KubeSimError(.file, "cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
