// SPDX-License-Identifier: Apache-2.0

/// Where a container runtime answers, and in which language.
public struct RuntimeSocket: Sendable, Hashable, CustomStringConvertible {
    /// The languages that runtimes speak.
    public enum Kind: String, Sendable, CaseIterable {
        /// Docker's HTTP API.
        case docker
        /// The same, as Podman speaks it.
        case podman
        /// The Kubernetes Container Runtime Interface: containerd, CRI-O.
        case cri
    }

    /// The language.
    public let kind: Kind
    /// The UNIX socket.
    public let path: String

    /// Names a socket.
    public init(_ kind: Kind, _ path: String) {
        self.kind = kind
        self.path = path
    }

    /// Reads `docker:/var/run/docker.sock`; nil when the kind is unknown, or the path is not absolute or longer than the 107 bytes that a
    /// socket's address holds.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), parts[1].hasPrefix("/"), parts[1].utf8.count <= 107 else {
            return nil
        }
        self.init(kind, String(parts[1]))
    }

    public var description: String { "\(kind.rawValue):\(path)" }

    /// The same below the place where the host's root is mounted.
    public func below(_ root: String) -> RuntimeSocket {
        RuntimeSocket(kind, (root.hasSuffix("/") ? String(root.dropLast()) : root) + path)
    }

    /// Where runtimes listen unless told otherwise (falcosecurity/plugins, `container`).
    public static let standard = [
        RuntimeSocket(.docker, "/var/run/docker.sock"), RuntimeSocket(.podman, "/run/podman/podman.sock"),
        RuntimeSocket(.cri, "/run/containerd/containerd.sock"), RuntimeSocket(.cri, "/run/k3s/containerd/containerd.sock"),
        RuntimeSocket(.cri, "/run/host-containerd/containerd.sock"), RuntimeSocket(.cri, "/run/crio/crio.sock"),
    ]

    /// True when the hint that a cgroup's path gives (such as `libpod`) speaks for this runtime.
    func fits(hint: String) -> Bool {
        switch kind {
        case .docker: hint == "docker"
        case .podman: hint == "libpod"
        case .cri: hint == "cri-containerd" || hint == "crio" || hint == "containerd"
        }
    }
}
