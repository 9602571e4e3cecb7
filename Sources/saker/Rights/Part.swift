// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import ResponseLanguage

/// The parts of Saker that ask a cluster for something, each under an account of its own.
enum Part: String, CaseIterable, ExpressibleByArgument {
    case detect, respond, run

    /// What the part itself asks for and what the playbooks' actions do, as far as the part runs them.
    func rights(_ configuration: Configuration, _ playbooks: PlaybookSet?) -> Set<RequiredRight> {
        switch self {
        case .detect: Self.seeing(configuration)
        case .respond: playbooks?.requiredRights ?? []
        case .run: Self.seeing(configuration).union(playbooks?.requiredRights ?? [])
        }
    }

    /// `PodFeed`: RBAC knows no nodes, so the right to one node's pods is the right to all.
    private static func seeing(_ configuration: Configuration) -> Set<RequiredRight> {
        guard configuration.kubernetes.enabled else { return [] }
        return Set(["list", "watch"].map { RequiredRight("pods", $0, for: "the names of pods on alerts") })
    }
}
