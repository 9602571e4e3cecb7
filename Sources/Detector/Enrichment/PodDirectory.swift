// SPDX-License-Identifier: Apache-2.0

public import EventModel
internal import KubeClient
internal import Synchronization

/// Which pod and which of its containers an id belongs to, as the API server tells. Read by the detection thread, written by the
/// task that follows the API: one lock, held for a look-up.
public final class PodDirectory: Sendable {
    private struct Entry {
        // The pod with no container's name and image: for containers that the kubelet has not told of yet, and for its sandbox.
        let pod: EventModel.Pod
        let byContainer: [ContainerID: EventModel.Pod]
        // A static pod's cgroups carry the hash of its file, which the API keeps as an annotation.
        let cgroupUID: PodUID
    }

    private struct Index {
        var pods: [PodUID: Entry] = [:]
        var uidByCgroup: [PodUID: PodUID] = [:]
        var uidByContainer: [ContainerID: PodUID] = [:]
    }

    private let index = Mutex(Index())

    /// An empty directory.
    public init() {}

    /// How many pods are known.
    public var count: Int { index.withLock { $0.pods.count } }

    /// The pod of a container.
    ///
    /// A pod UID from the cgroup path decides: if the API gives that container to another pod, the answer is nil. When the pod is
    /// known but not this container of it, the answer has an empty container name and image.
    public func pod(of container: ContainerID, podUID: PodUID?) -> EventModel.Pod? {
        index.withLock { index in
            guard let podUID else { return index.uidByContainer[container].flatMap { index.pods[$0]?.byContainer[container] } }
            guard let entry = index.pods[index.uidByCgroup[podUID] ?? podUID] else { return nil }
            return entry.byContainer[container] ?? entry.pod
        }
    }

    /// Takes the API's whole list; what is not in it is forgotten.
    public func replaceAll(_ pods: [JSONValue]) {
        let entries = pods.compactMap(Self.entry)
        index.withLock { index in
            index = Index()
            for entry in entries { Self.add(entry, to: &index) }
        }
    }

    /// Takes a pod that is new or changed; one that cannot be read is left as it was.
    public func update(_ pod: JSONValue) {
        guard let entry = Self.entry(pod) else { return }
        index.withLock { index in
            Self.remove(entry.pod.uid, from: &index)
            Self.add(entry, to: &index)
        }
    }

    /// Forgets a pod.
    public func remove(_ pod: PodUID) { index.withLock { Self.remove(pod, from: &$0) } }

    private static func add(_ entry: Entry, to index: inout Index) {
        index.pods[entry.pod.uid] = entry
        if entry.cgroupUID != entry.pod.uid { index.uidByCgroup[entry.cgroupUID] = entry.pod.uid }
        for container in entry.byContainer.keys { index.uidByContainer[container] = entry.pod.uid }
    }

    private static func remove(_ uid: PodUID, from index: inout Index) {
        guard let old = index.pods.removeValue(forKey: uid) else { return }
        if index.uidByCgroup[old.cgroupUID] == uid { index.uidByCgroup[old.cgroupUID] = nil }
        for container in old.byContainer.keys where index.uidByContainer[container] == uid { index.uidByContainer[container] = nil }
    }

    private static func entry(_ json: JSONValue) -> Entry? {
        guard let pod = try? KubePod(json: json), !pod.metadata.uid.isEmpty else { return nil }
        let uid = PodUID(pod.metadata.uid)
        func facts(container: String, image: String) -> EventModel.Pod {
            let reference = ImageReference(image)
            return EventModel.Pod(
                uid: uid, name: pod.metadata.name, namespace: pod.metadata.namespace ?? "", containerName: container,
                imageRepository: reference.repository, imageTag: reference.tag)
        }
        let asked = Dictionary(pod.containers.map { ($0.name, $0.image) }, uniquingKeysWith: { first, _ in first })
        let told = pod.containerStatuses.compactMap { status in
            status.id.map { ($0, facts(container: status.name, image: asked[status.name] ?? status.image)) }
        }
        return Entry(
            pod: facts(container: "", image: ""), byContainer: Dictionary(told, uniquingKeysWith: { first, _ in first }),
            cgroupUID: pod.metadata.annotations["kubernetes.io/config.hash"].map { PodUID($0) } ?? uid)
    }
}
