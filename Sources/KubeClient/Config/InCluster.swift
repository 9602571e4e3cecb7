// SPDX-License-Identifier: Apache-2.0

internal import Transport

extension ClusterConnection {
    /// Where the kubelet puts a pod's service account.
    public static let serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The connection that every pod is given. Throws `config`, naming what is missing, outside of a pod.
    public static func inCluster(
        environment: [String: String], directory: String = serviceAccountDirectory
    ) throws(KubeError) -> ClusterConnection {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"], !host.isEmpty else {
            throw KubeError(
                .config, "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod. "
                    + "Name a kubeconfig instead, or set KUBECONFIG.")
        }
        _ = try SecretFile.text(directory + "/token", for: "the service account's token")
        let authorities = try SecretFile.bytes(directory + "/ca.crt", for: "the cluster's CA")
        let namespace = try SecretFile.text(directory + "/namespace", for: "the pod's namespace")
        return try ClusterConnection(
            server: "https://" + (host.contains(":") ? "[\(host)]" : host) + ":" + port, tls: TLSSettings(authorities: authorities),
            credential: .tokenFile(directory + "/token"), namespace: namespace)
    }

    /// The connection of a program that was told none: a pod's own, or, outside of a pod, what `KUBECONFIG` names.
    ///
    /// `context` is one of that kubeconfig; nil means its current one.
    public static func found(in environment: [String: String], context: String? = nil) throws(KubeError) -> ClusterConnection {
        let isPod = !(environment["KUBERNETES_SERVICE_HOST"] ?? "").isEmpty
        let isNamed = !(environment["KUBECONFIG"] ?? "").isEmpty
        return isNamed && !isPod ? try kubeconfig(environment: environment, context: context) : try inCluster(environment: environment)
    }
}
