// SPDX-License-Identifier: Apache-2.0

internal import Foundation

extension ClusterConnection {
    /// Reads one context of a kubeconfig file; a nil context means its `current-context`.
    ///
    /// `environment` is what a credential plugin inherits; nil means that of this process. Throws `config` that names file, line, key and
    /// what to do.
    public static func kubeconfig(
        path: String, context: String? = nil, environment: [String: String]? = nil
    ) throws(KubeError) -> ClusterConnection {
        let text = String(decoding: try SecretFile.bytes(path, for: "the kubeconfig"), as: UTF8.self)
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        return try kubeconfig(text, name: path, directory: directory, context: context, environment: environment)
    }

    /// Reads a kubeconfig's text; relative paths in it count from `directory`, and `name` stands for it in messages.
    public static func kubeconfig(
        _ text: String, name: String, directory: String, context: String? = nil,
        environment: [String: String]? = nil
    ) throws(KubeError) -> ClusterConnection {
        var set = KubeconfigSet()
        try set.add(text, KubeconfigNode.File(name: name, directory: directory))
        return try set.context(context).connection(environment: environment ?? ProcessInfo.processInfo.environment)
    }

    /// Reads what `KUBECONFIG` names, several files parted by colons, else `~/.kube/config`, and merges them as kubectl does.
    ///
    /// Files of the list that are not there are passed over; none at all is an error.
    public static func kubeconfig(
        environment: [String: String], context: String? = nil
    ) throws(KubeError) -> ClusterConnection {
        let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        let paths = listed.isEmpty ? [(environment["HOME"] ?? "/root") + "/.kube/config"] : listed
        let found = paths.filter { FileManager.default.fileExists(atPath: $0) }
        guard !found.isEmpty else {
            throw KubeError(.config, "There is no kubeconfig at \(paths.joined(separator: " or ")): set KUBECONFIG to an existing file.")
        }
        var set = KubeconfigSet()
        for path in found {
            let text = String(decoding: try SecretFile.bytes(path, for: "the kubeconfig"), as: UTF8.self)
            let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try set.add(text, KubeconfigNode.File(name: path, directory: directory))
        }
        return try set.context(context).connection(environment: environment)
    }
}
