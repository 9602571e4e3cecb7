// SPDX-License-Identifier: Apache-2.0

/// The fields of users, groups, containers and pods.
enum IdentityFields {
    static let all = users + containers + images + mounts + pods + retired

    private static let users: [FieldFacts] = [
        FieldFacts(.userID, .integer, "the effective user id", .event),
        FieldFacts(.userName, .text, "the effective user's name; <NA> when unknown", .users),
        FieldFacts("user.homedir", .text, "the effective user's home directory", .accounts),
        FieldFacts("user.shell", .text, "the effective user's login shell", .accounts),
        FieldFacts(.userLoginID, .integer, "the id of the user who logged in; -1 for none", .event),
        FieldFacts(.userLoginName, .text, "the name of the user who logged in; <NA> when unknown", .users),
        FieldFacts(.groupID, .integer, "the effective group id", .event),
        FieldFacts("group.name", .text, "the effective group's name", .accounts),
    ]

    private static let containers: [FieldFacts] = [
        FieldFacts(.containerID, .text, "the first 12 digits of the container's id; host for none", .cgroups),
        FieldFacts("container.full_id", .text, "the container's whole id", .runtime),
        FieldFacts(.containerName, .text, "the container's name; host for none", .pods),
        FieldFacts("container.type", .text, "the runtime, such as containerd or docker", .runtime),
        FieldFacts("container.privileged", .boolean, "true for a privileged container", .runtime),
        FieldFacts("container.host_pid", .boolean, "true when it shares the host's pid namespace", .runtime),
        FieldFacts("container.host_network", .boolean, "true when it shares the host's network namespace", .runtime),
        FieldFacts("container.host_ipc", .boolean, "true when it shares the host's IPC namespace", .runtime),
        FieldFacts("container.start_ts", .time, "when the container began", .runtime),
        FieldFacts("container.duration", .duration, "how long the container has run", .runtime),
        FieldFacts("container.ip", .text, "the container's address", .runtime),
        FieldFacts("container.cni.json", .text, "what the network plugins said of the container", .runtime),
        FieldFacts("container.label", .text, "a label of the container", .runtime, argument: .name, isRequired: true),
        FieldFacts("container.labels", .text, "all labels of the container, as name:value", .runtime),
        FieldFacts("container.healthcheck", .text, "the command of the health check; N/A for none", .runtime),
        FieldFacts("container.liveness_probe", .text, "the command of the liveness probe; N/A for none", .runtime),
        FieldFacts("container.readiness_probe", .text, "the command of the readiness probe; N/A for none", .runtime),
    ]

    private static let images: [FieldFacts] = [
        FieldFacts("container.image", .text, "the image's name with its tag or digest", .runtime),
        FieldFacts("container.image.id", .text, "the image's id", .runtime),
        FieldFacts(.containerImageRepository, .text, "the image's name without tag and digest", .pods),
        FieldFacts(.containerImageTag, .text, "the image's tag", .pods),
        FieldFacts("container.image.digest", .text, "the image's digest", .runtime),
    ]

    private static let mounts: [FieldFacts] = [
        FieldFacts("container.mounts", .text, "all mounts, as source:destination:mode:rdwr:propagation", .runtime),
        mount("container.mount", "a mount, by its number or source"),
        mount("container.mount.source", "a mount's source, by its number or destination"),
        mount("container.mount.dest", "a mount's destination, by its number or source"),
        mount("container.mount.mode", "a mount's mode, by its number or source"),
        mount("container.mount.rdwr", "whether a mount can be written, by its number or source"),
        mount("container.mount.propagation", "how a mount propagates, by its number or source"),
    ]

    private static func mount(_ name: String, _ meaning: String) -> FieldFacts {
        FieldFacts(name, .text, meaning, .runtime, argument: .place, isRequired: true)
    }

    private static let pods: [FieldFacts] = [
        FieldFacts(.podNamespace, .text, "the pod's namespace", .pods),
        FieldFacts(.podName, .text, "the pod's name", .pods),
        FieldFacts(.podUID, .text, "the pod's metadata.uid", .pods),
        FieldFacts("k8s.pod.id", .text, "the pod's metadata.uid, by its old name", .podDetails, limits: .deprecated),
        FieldFacts("k8s.pod.sandbox_id", .text, "the first 12 digits of the id of the pod's sandbox", .runtime),
        FieldFacts("k8s.pod.full_sandbox_id", .text, "the whole id of the pod's sandbox", .runtime),
        FieldFacts("k8s.pod.label", .text, "a label of the pod", .podDetails, argument: .name, isRequired: true),
        FieldFacts("k8s.pod.labels", .text, "all labels of the pod, as name:value", .podDetails),
        FieldFacts("k8s.pod.ip", .text, "the pod's address", .podDetails),
        FieldFacts("k8s.pod.cni.json", .text, "what the network plugins said of the pod", .runtime),
    ]

    // What owns a pod was once asked of the API server for each event; the names stay so that old rules load.
    private static let retired: [FieldFacts] = ["rc", "svc", "ns", "rs", "deployment"].flatMap { kind in
        let owner = ["rc": "replication controller", "svc": "service", "ns": "namespace", "rs": "replica set"][kind] ?? kind
        let name = FieldFacts("k8s.\(kind).name", .text, "the \(owner)'s name", .retired, limits: .deprecated)
        return (kind == "ns" ? [] : [name]) + [
            FieldFacts("k8s.\(kind).id", .text, "the \(owner)'s id", .retired, limits: .deprecated),
            FieldFacts(
                "k8s.\(kind).label", .text, "a label of the \(owner)", .retired, argument: .name, isRequired: true,
                limits: .deprecated),
            FieldFacts("k8s.\(kind).labels", .text, "all labels of the \(owner)", .retired, limits: .deprecated),
        ]
    }
}
