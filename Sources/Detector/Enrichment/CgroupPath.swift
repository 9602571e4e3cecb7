// SPDX-License-Identifier: Apache-2.0

public import EventModel

/// What a cgroup path says of its processes.
public struct CgroupMembership: Sendable, Hashable {
    /// The container.
    public let container: ContainerID
    /// The pod UID, with dashes; nil when the path is not one that a kubelet makes.
    public let podUID: PodUID?
    /// What runs the container, such as `docker` or `cri-containerd`; empty when the path does not say.
    public let runtime: String
    /// False where an unprivileged user or a foreign container engine may name cgroups as it likes: such a container is never
    /// taken for one of a pod, whatever id it carries.
    public let mayBelongToPod: Bool
    /// False below a login's cgroups, where a user may give any container's id: nobody is asked about such a container.
    public let mayBeAsked: Bool
}

/// Reads container id and pod UID out of cgroup paths. Pure: no file is read.
///
/// The matching ancestor nearest the root wins: a privileged container can make cgroups below its own with any name, but none above.
public enum CgroupPath {
    /// Reads the paths of both hierarchies. A path in the kubelet's form outranks any other; else v1 goes first, because on a
    /// host with both the container runtimes use v1.
    public static func membership(v2: ByteView, v1: ByteView) -> CgroupMembership? {
        let first = membership(of: v1)
        guard first?.podUID == nil else { return first }
        let second = membership(of: v2)
        return second?.podUID == nil ? first ?? second : second
    }

    /// Reads one path below the hierarchy's root; nil when no component names a container.
    public static func membership(of path: ByteView) -> CgroupMembership? {
        var walk = Ancestors()
        var start = 0
        while start < path.count {
            var end = start
            while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
            let component = path.slice(start, end)
            start = end + 1
            // A reader in a cgroup namespace of its own sees its siblings below "/../..".
            if component.isEmpty || component.equals(StaticBytes.view("..")) { continue }
            if let found = ContainerName(component) { return walk.membership(found) }
            walk.descend(to: component)
        }
        return nil
    }

    /// What the components above a container's say.
    private struct Ancestors {
        /// How far down the kubelet's own chain of names the walk has come.
        private enum Kubelet { case outside, root, quality, pod }

        private var kubelet = Kubelet.outside
        private var uid: ByteView?
        private var parent = ByteView.empty
        private var isForeign = false
        private var isForeignAboveParent = false
        private var isOfUser = false

        mutating func descend(to component: ByteView) {
            isForeignAboveParent = isForeign
            isOfUser = isOfUser || Self.namesUserTree(component)
            let next = step(to: component)
            // Whoever leaves the kubelet's chain cannot come back to it further down.
            isForeign = isForeign || Self.namesForeignTree(component) || (kubelet != .outside && next == .outside)
            kubelet = isForeign ? .outside : next
            parent = component
        }

        private mutating func step(to component: ByteView) -> Kubelet {
            let name = component.withoutSuffix(".slice")
            let isSlice = name.count < component.count
            switch kubelet {
            case .outside: return name.isKubepods ? .root : .outside
            case .root where name.isQualityOfService: return .quality
            case .root, .quality:
                // With systemd a slice's name repeats its parent's.
                let expected = isSlice ? parent.withoutSuffix(".slice") : .empty
                guard let pod = PodName(name), pod.prefix.equals(expected) else { return .outside }
                uid = pod.uid
                return .pod
            case .pod: return .outside
            }
        }

        func membership(_ found: ContainerName) -> CgroupMembership {
            let uid = kubelet == .pod ? uid : found.slice.flatMap(podUID(ofSlice:))
            return CgroupMembership(
                container: ContainerID(found.id.string), podUID: uid.map { PodUID($0.dashed) }, runtime: found.runtime.string,
                mayBelongToPod: !isForeign || uid != nil, mayBeAsked: !isOfUser)
        }

        /// containerd with the cgroupfs driver takes a kubelet's systemd slice for a plain name, below its own service.
        private func podUID(ofSlice slice: ByteView) -> ByteView? {
            let isAtHome = parent.equals(StaticBytes.view("containerd.service")) && !isForeignAboveParent
            guard isAtHome || !isForeign, let pod = PodName(slice.withoutSuffix(".slice")) else { return nil }
            return pod.prefix.isKubepods || pod.prefix.isQualityOfService ? pod.uid : nil
        }

        /// Below these, names are chosen by a login's user, or by the root user of a guest.
        private static func namesUserTree(_ component: ByteView) -> Bool {
            component.equals(StaticBytes.view("user.slice")) || component.starts(with: StaticBytes.view("lxc"))
        }

        /// Below these, names are chosen by a login's user, by a service that was given its subtree, or by another engine's guests.
        private static func namesForeignTree(_ component: ByteView) -> Bool {
            component.equals(StaticBytes.view("user.slice")) || component.equals(StaticBytes.view("machine.slice"))
                || component.starts(with: StaticBytes.view("lxc")) || component.ends(with: StaticBytes.view(".service"))
                || component.ends(with: StaticBytes.view(".scope"))
        }
    }
}
