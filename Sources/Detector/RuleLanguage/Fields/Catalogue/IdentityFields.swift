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
        FieldFacts(.fullID, "the container's whole id; host for none", .cgroups),
        FieldFacts(.containerName, .text, "the container's name; host for none", .pods),
        FieldFacts(.runtimeName, "the runtime, such as containerd or docker; host for none"),
        FieldFacts(.metadata, "who told the rest: cri, docker, podman, kubernetes, cgroup or unknown", .cgroups),
        FieldFacts(.containerIsPrivileged, .boolean, "true for a privileged container", .runtime),
        FieldFacts(.containerSharesHostPID, .boolean, "true when it shares the host's pid namespace", .runtime),
        FieldFacts(.containerSharesHostNetwork, .boolean, "true when it shares the host's network namespace", .runtime),
        FieldFacts(.containerSharesHostIPC, .boolean, "true when it shares the host's IPC namespace", .runtime),
        FieldFacts(.containerStart, .time, "when the container began", .processes),
        FieldFacts(.containerDuration, .duration, "how long the container has run", .processes),
        FieldFacts(.ip, "the container's address"),
        FieldFacts(.networkResult, "what the network plugins said of the container"),
        FieldFacts(.label, "a label of the container", argument: .name),
        FieldFacts(.labels, "all labels of the container, as name:value"),
        FieldFacts("container.healthcheck", .text, "the command of the health check; N/A for none", .runtime),
        FieldFacts("container.liveness_probe", .text, "the command of the liveness probe; N/A for none", .runtime),
        FieldFacts("container.readiness_probe", .text, "the command of the readiness probe; N/A for none", .runtime),
    ]

    private static let images: [FieldFacts] = [
        FieldFacts(.image, "the image's name with its tag or digest"),
        FieldFacts(.imageID, "the image's id"),
        FieldFacts(.containerImageRepository, .text, "the image's name without tag and digest", .pods),
        FieldFacts(.containerImageTag, .text, "the image's tag", .pods),
        FieldFacts(.imageDigest, "the image's digest"),
    ]

    private static let mounts: [FieldFacts] = [
        FieldFacts(.mounts, "all mounts, as source:destination:mode:rdwr:propagation"),
        mount(.mount, "a mount, by its number or source"),
        mount(.mountSource, "a mount's source, by its number or destination"),
        mount(.mountDestination, "a mount's destination, by its number or source"),
        mount(.mountMode, "a mount's mode, by its number or source"),
        mount(.mountIsWritable, "whether a mount can be written, by its number or source"),
        mount(.mountPropagation, "how a mount propagates, by its number or source"),
    ]

    private static func mount(_ fact: ContainerFact, _ meaning: String) -> FieldFacts {
        FieldFacts(fact, meaning, argument: .place)
    }

    private static let pods: [FieldFacts] = [
        FieldFacts(.podNamespace, .text, "the pod's namespace", .pods),
        FieldFacts(.podName, .text, "the pod's name", .pods),
        FieldFacts(.podUID, .text, "the pod's metadata.uid", .pods),
        FieldFacts(.podID, "the pod's metadata.uid, by its old name", .pods, limits: .deprecated),
        FieldFacts(.sandboxID, "the first 12 digits of the id of the pod's sandbox"),
        FieldFacts(.fullSandboxID, "the whole id of the pod's sandbox"),
        FieldFacts(.podLabel, "a label of the pod", argument: .name),
        FieldFacts(.podLabels, "all labels of the pod, as name:value"),
        FieldFacts(.podIP, "the pod's address"),
        FieldFacts(.podNetworkResult, "what the network plugins said of the pod"),
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
