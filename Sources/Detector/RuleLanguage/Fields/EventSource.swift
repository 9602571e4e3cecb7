// SPDX-License-Identifier: Apache-2.0

/// Where events come from. A rule is about one source, and sees the fields of that source alone.
public enum EventSource: String, Sendable, CaseIterable {
    /// The kernel of this machine.
    case syscall
    /// The audit log of a Kubernetes API server.
    case kubernetesAudit = "k8s_audit"
    /// The audit log of an AWS account.
    case cloudTrail = "aws_cloudtrail"

    /// True when this version captures events of the source; rules of the others are loaded, checked
    /// and listed, and run on the documents that a person gives alone.
    public var isCaptured: Bool {
        switch self {
        case .syscall: true
        case .kubernetesAudit, .cloudTrail: false
        }
    }
}
