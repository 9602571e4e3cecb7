// SPDX-License-Identifier: Apache-2.0

import EventModel

/// Where the fields of the Kubernetes audit log stand in its events (`audit.k8s.io/v1`).
enum AuditReaders {
    typealias Reader = DocumentFields.Reader

    static let all: [String: Reader] =
        [request, objects, bindings, made, containers].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    private static let spec = ["requestObject", "spec"]

    private static let request: [String: Reader] = [
        "ka.auditid": .member(["auditID"]),
        "ka.stage": .member(["stage"]),
        "ka.auth.decision": annotation("authorization.k8s.io/decision"),
        "ka.auth.reason": annotation("authorization.k8s.io/reason"),
        "ka.auth.openshift.decision": annotation("authentication.openshift.io/decision"),
        "ka.auth.openshift.username": annotation("authentication.openshift.io/username"),
        "ka.validations.admission.policy.failure": annotation("validation.policy.admission.k8s.io/validation_failure"),
        "ka.security.pod.violations": annotation("pod-security.kubernetes.io/audit-violations"),
        "ka.user.name": .member(["user", "username"]),
        "ka.user.groups": .elements(["user", "groups"]),
        "ka.impuser.name": .member(["impersonatedUser", "username"]),
        "ka.verb": .member(["verb"]),
        "ka.uri": .member(["requestURI"]),
        "ka.target.name": .member(["objectRef", "name"]),
        "ka.target.namespace": .member(["objectRef", "namespace"]),
        "ka.target.resource": .member(["objectRef", "resource"]),
        "ka.target.subresource": .member(["objectRef", "subresource"]),
        "ka.resp.name": .member(["responseObject", "metadata", "name"]),
        "ka.response.code": .member(["responseStatus", "code"]),
        "ka.response.reason": .member(["responseStatus", "reason"]),
        "ka.useragent": .member(["userAgent"]),
        "ka.sourceips": .elements(["sourceIPs"]),
        "ka.cluster.name": annotation("cluster_name"),
    ]

    private static let objects: [String: Reader] = [
        "ka.req.configmap.name": .member(["objectRef", "name"]),
        "ka.req.configmap.obj": .member(["requestObject", "data"]),
        "ka.req.service.type": .member(spec + ["type"]),
        "ka.req.service.ports": .elements(spec + ["ports"]),
        "ka.req.pod.host_ipc": .member(spec + ["hostIPC"]),
        "ka.req.pod.host_network": .member(spec + ["hostNetwork"]),
        "ka.req.container.host_network": .member(spec + ["hostNetwork"]),
        "ka.req.pod.host_pid": .member(spec + ["hostPID"]),
        "ka.req.pod.run_as_user": .member(spec + ["securityContext", "runAsUser"]),
        "ka.req.pod.run_as_group": .member(spec + ["securityContext", "runAsGroup"]),
        "ka.req.pod.fs_group": .member(spec + ["securityContext", "fsGroup"]),
        "ka.req.pod.supplemental_groups": .elements(spec + ["securityContext", "supplementalGroups"]),
        "ka.req.pod.volumes.hostpath": .elements(spec + ["volumes"], inner: ["hostPath", "path"]),
        "ka.req.pod.volumes.flexvolume_driver": .elements(spec + ["volumes"], inner: ["flexVolume", "driver"]),
        "ka.req.container.image": .member(spec + ["containers", "0", "image"]),
        "ka.req.container.image.repository": DocumentFields.text { document in
            document.body.at(spec + ["containers", "0", "image"])?.string.map(repository)
        },
    ]

    private static let bindings: [String: Reader] = [
        "ka.req.binding.subjects": .elements(["requestObject", "subjects"]),
        "ka.req.binding.subjects.user_names": subjects("User"),
        "ka.req.binding.subjects.group_names": subjects("Group"),
        "ka.req.binding.subjects.serviceaccount_names": subjects("ServiceAccount"),
        "ka.req.binding.subjects.serviceaccount_ns_names": subjects("ServiceAccount", withNamespace: true),
        "ka.req.binding.role": .member(["requestObject", "roleRef", "name"]),
        "ka.req.binding.subject.has_name": DocumentFields.text { _ in "true" },
        "ka.req.role.rules": .elements(["requestObject", "rules"]),
        "ka.req.role.rules.apiGroups": .elements(["requestObject", "rules"], inner: ["apiGroups"]),
        "ka.req.role.rules.nonResourceURLs": .elements(["requestObject", "rules"], inner: ["nonResourceURLs"]),
        "ka.req.role.rules.verbs": .elements(["requestObject", "rules"], inner: ["verbs"]),
        "ka.req.role.rules.resources": .elements(["requestObject", "rules"], inner: ["resources"]),
    ]

    private static let made: [String: Reader] = [
        "ka.uri.param": .made { document, argument in
            guard case .name(let name) = argument, let uri = document.body["requestURI"]?.string else { return nil }
            return QueryText.value(of: name, in: uri).map { FieldValue($0) }
        },
        "ka.target.pod.name": DocumentFields.text { document in
            let isPod = document.body.at(["objectRef", "resource"])?.string == "pods"
            guard isPod, document.body.at(["objectRef", "subresource"])?.asText ?? "" == "" else { return nil }
            return document.body.at(["responseObject", "metadata", "name"])?.asText
        },
        "ka.req.pod.volumes.volume_type": .made { document, argument in
            guard let volumes = document.body.elements(at: spec + ["volumes"], argument) else { return nil }
            return .texts(volumes.flatMap { ($0.object ?? [:]).keys.filter { $0 != "name" }.sorted() })
        },
        "ka.req.volume.hostpath": .made { document, argument in
            guard case .name(let wanted) = argument, let volumes = document.body.elements(at: spec + ["volumes"]) else { return nil }
            let paths = volumes.compactMap { $0.at(["hostPath", "path"])?.string }
            let isThere = paths.contains { wanted.hasSuffix("*") ? $0.hasPrefix(wanted.dropLast()) : $0 == wanted }
            return FieldValue(isThere ? "true" : "false")
        },
        "ka.req.container.privileged": DocumentFields.text { document in
            guard let containers = document.body.elements(at: spec + ["containers"]) else { return nil }
            return containers.contains { $0.at(["securityContext", "privileged"])?.bool == true } ? "true" : "false"
        },
    ]

    private static let containers: [String: Reader] =
        ["containers", "initContainers", "ephemeralContainers"].reduce(into: [:]) { all, list in
            for (name, reader) in ContainerReaders.of(list: spec + [list], pod: spec) { all["ka.req.pod.\(list).\(name)"] = reader }
            // Kubernetes gives ephemeral containers no ports.
            if list == "ephemeralContainers" { all["ka.req.pod.\(list).host_port"] = nil }
        }

    private static func annotation(_ name: String) -> Reader { .member(["annotations", name]) }

    private static func subjects(_ kind: String, withNamespace: Bool = false) -> Reader {
        .made { document, _ in
            let subjects = document.body.at(["requestObject", "subjects"])?.array ?? []
            return .texts(
                subjects.compactMap { subject in
                    guard subject["kind"]?.string == kind, let name = subject["name"]?.asText else { return nil }
                    return withNamespace ? subject["namespace"]?.asText.map { $0 + ":" + name } : name
                })
        }
    }

    /// The image without tag and digest; a colon before a slash belongs to the registry's port.
    static func repository(_ image: String) -> String {
        let whole = image.prefix { $0 != "@" }
        let start = whole.lastIndex(of: "/") ?? whole.startIndex
        return String(whole[..<(whole[start...].firstIndex(of: ":") ?? whole.endIndex)])
    }
}
