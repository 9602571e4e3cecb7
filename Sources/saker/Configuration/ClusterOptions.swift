// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// `--kubeconfig` and `--context`, over what the configuration says of the cluster.
struct ClusterOptions: ParsableArguments {
    @Option(help: "A kubeconfig file (default: the configuration's).") var kubeconfig: String?
    @Option(help: "A context of the kubeconfig (default: the configuration's, else its current-context).") var context: String?

    /// True when the person asks for a cluster.
    var isGiven: Bool { kubeconfig != nil || context != nil }

    func apply(to configuration: inout Configuration) {
        if let kubeconfig { configuration.kubernetes.kubeconfig = kubeconfig }
        if let context { configuration.kubernetes.context = context }
    }
}
