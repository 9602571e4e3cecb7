// SPDX-License-Identifier: Apache-2.0

/// The fields of the Kubernetes audit log, with the names and types of Falco's k8saudit plugin: all are texts, also "true" and 443.
enum AuditFields {
    static let all = request + binding + objects + containers + JSONFields.all

    private static func row(
        _ name: String, _ meaning: String, list: Bool = false, _ argument: FieldFacts.Argument = .none, isRequired: Bool = false,
        limits: FieldFacts.Limits = []
    ) -> FieldFacts {
        FieldFacts(
            name, .text, meaning, .auditEvents, list: list, argument: argument, isRequired: isRequired, sources: [.kubernetesAudit],
            limits: limits)
    }

    private static let request: [FieldFacts] = [
        row("ka.auditid", "the id of the request"),
        row("ka.stage", "how far the request is, such as ResponseComplete"),
        row("ka.auth.decision", "allow or forbid"),
        row("ka.auth.reason", "why it was allowed or forbidden"),
        row("ka.auth.openshift.decision", "the decision of OpenShift's own authentication"),
        row("ka.auth.openshift.username", "the user that OpenShift authenticated"),
        row("ka.validations.admission.policy.failure", "why a validating admission policy refused"),
        row("ka.security.pod.violations", "how the pod breaks the pod security standards"),
        row("ka.user.name", "who asked"),
        row("ka.user.groups", "the groups of who asked", list: true),
        row("ka.impuser.name", "whom the user impersonates"),
        row("ka.verb", "what was asked for, such as create"),
        row("ka.uri", "the request's path and query"),
        row("ka.uri.param", "a parameter of the query", .name, isRequired: true),
        row("ka.target.name", "the object's name"),
        row("ka.target.namespace", "the object's namespace"),
        row("ka.target.resource", "the object's resource, such as pods"),
        row("ka.target.subresource", "the subresource, such as exec"),
        row("ka.target.pod.name", "the pod's name"),
        row("ka.resp.name", "the name of the object in the response"),
        row("ka.response.code", "the status code of the response"),
        row("ka.response.reason", "the reason in the response, mostly of failures"),
        row("ka.useragent", "the client's own name"),
        row("ka.sourceips", "the client's addresses", list: true, .index),
        row("ka.cluster.name", "the cluster's name"),
    ]

    private static let binding: [FieldFacts] = [
        row("ka.req.binding.subjects", "whom a role is bound to", list: true),
        row("ka.req.binding.subjects.user_names", "the users among them", list: true),
        row("ka.req.binding.subjects.group_names", "the groups among them", list: true),
        row("ka.req.binding.subjects.serviceaccount_names", "the service accounts among them", list: true),
        row("ka.req.binding.subjects.serviceaccount_ns_names", "the service accounts among them, as namespace:name", list: true),
        row("ka.req.binding.role", "the role that is bound"),
        row("ka.req.binding.subject.has_name", "always true", .name, isRequired: true, limits: .deprecated),
        row("ka.req.role.rules", "the rules of a role", list: true),
        row("ka.req.role.rules.apiGroups", "the API groups of a role's rules", list: true, .index),
        row("ka.req.role.rules.nonResourceURLs", "the paths of a role's rules", list: true, .index),
        row("ka.req.role.rules.verbs", "the verbs of a role's rules", list: true, .index),
        row("ka.req.role.rules.resources", "the resources of a role's rules", list: true, .index),
    ]

    private static let objects: [FieldFacts] = [
        row("ka.req.configmap.name", "the config map's name"),
        row("ka.req.configmap.obj", "the config map's data"),
        row("ka.req.service.type", "the service's type"),
        row("ka.req.service.ports", "the service's ports", list: true, .index),
        row("ka.req.pod.host_ipc", "the pod's hostIPC"),
        row("ka.req.pod.host_network", "the pod's hostNetwork"),
        row("ka.req.pod.host_pid", "the pod's hostPID"),
        row("ka.req.pod.run_as_user", "the pod's runAsUser"),
        row("ka.req.pod.run_as_group", "the pod's runAsGroup"),
        row("ka.req.pod.fs_group", "the pod's fsGroup"),
        row("ka.req.pod.supplemental_groups", "the pod's supplementalGroups", list: true),
        row("ka.req.pod.volumes.hostpath", "the host paths of the pod's volumes", list: true, .index),
        row("ka.req.pod.volumes.flexvolume_driver", "the flex drivers of the pod's volumes", list: true, .index),
        row("ka.req.pod.volumes.volume_type", "the types of the pod's volumes", list: true, .index),
        row("ka.req.container.image", "the first container's image", limits: .deprecated),
        row("ka.req.container.image.repository", "the first container's image without tag", limits: .deprecated),
        row("ka.req.container.host_network", "the pod's hostNetwork", limits: .deprecated),
        row("ka.req.container.privileged", "true when a container is privileged", limits: .deprecated),
        row("ka.req.volume.hostpath", "true when a volume is that host path", .name, isRequired: true, limits: .deprecated),
    ]

    private static let containers: [FieldFacts] = ["containers", "initContainers", "ephemeralContainers"].flatMap { list in
        let ports = [("host_port", "hostPort of each port")].filter { _ in list != "ephemeralContainers" }
        return (perContainer + ports).map { name, meaning in
            row("ka.req.pod.\(list).\(name)", "\(meaning) of \(list)", list: true, .index)
        }
    }

    private static let perContainer = [
        ("name", "the names"), ("image", "the images"), ("image.repository", "the images without tag and digest"),
        ("command", "the commands"), ("args", "the arguments"), ("privileged", "privileged"),
        ("allow_privilege_escalation", "allowPrivilegeEscalation"), ("read_only_fs", "readOnlyRootFilesystem"),
        ("run_as_user", "runAsUser"), ("eff_run_as_user", "runAsUser, else the pod's, else 0,"), ("run_as_group", "runAsGroup"),
        ("eff_run_as_group", "runAsGroup, else the pod's, else 0,"), ("proc_mount", "procMount"),
        ("add_capabilities", "the capabilities that are added"),
    ]
}

/// The fields that read any place of a JSON event.
enum JSONFields {
    private static let sources: Set<EventSource> = [.kubernetesAudit, .cloudTrail]

    static let all: [FieldFacts] = ["json", "jevt"].flatMap { family in
        let limits: FieldFacts.Limits = family == "jevt" ? .deprecated : []
        return [
            FieldFacts(
                "\(family).value", .text, "the value at a JSON pointer", .auditEvents, argument: .pointer, isRequired: true,
                sources: sources, limits: limits),
            FieldFacts("\(family).obj", .text, "the whole event as text", .auditEvents, sources: sources, limits: limits),
            FieldFacts(
                "\(family).rawtime", .text, "when it happened, in nanoseconds since 1970", .auditEvents, sources: sources,
                limits: limits),
        ]
    }
}
