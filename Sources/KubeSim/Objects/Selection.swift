// SPDX-License-Identifier: Apache-2.0

/// Which objects of a kind a list or a watch wants: by namespace, labels and fields.
struct Selection: Sendable {
    var resource: Resource
    var namespace: String?
    var labels = LabelSelector()
    var fields: [Field] = []

    struct Field: Sendable {
        var path: FieldPath
        var value: String
        var isEqual: Bool
    }

    enum FieldPath: String, Sendable {
        case name = "metadata.name"
        case namespace = "metadata.namespace"
        case nodeName = "spec.nodeName"
        case phase = "status.phase"
        case involvedName = "involvedObject.name"
        case involvedNamespace = "involvedObject.namespace"
        case involvedKind = "involvedObject.kind"
        case involvedUID = "involvedObject.uid"
        case involvedVersion = "involvedObject.apiVersion"
        case involvedPath = "involvedObject.fieldPath"
        case reason
        case type
        case unschedulable = "spec.unschedulable"
        case podIP = "status.podIP"
        case serviceAccount = "spec.serviceAccountName"
    }

    init(_ resource: Resource, namespace: String?, labels: String = "", fields: String = "") throws(APIStatus) {
        self.resource = resource
        self.namespace = namespace
        self.labels = try LabelSelector(query: labels)
        for term in fields.split(separator: ",") { self.fields.append(try Selection.field(String(term), of: resource)) }
    }

    func contains(_ object: JSON) -> Bool {
        (namespace == nil || object["metadata", "namespace"]?.string == namespace)
            && labels.selects(object["metadata", "labels"]?.strings ?? [:])
            && fields.allSatisfy { (Selection.value(of: $0.path, in: object) == $0.value) == $0.isEqual }
    }

    private static func field(_ term: String, of resource: Resource) throws(APIStatus) -> Field {
        for (sign, isEqual) in [("!=", false), ("==", true), ("=", true)] {
            guard let place = term.firstRange(of: sign) else { continue }
            let name = String(term[..<place.lowerBound])
            guard let path = FieldPath(rawValue: name), supports(path, resource) else {
                throw .badRequest("field label not supported: \(name)")
            }
            return Field(path: path, value: String(term[place.upperBound...]), isEqual: isEqual)
        }
        throw .badRequest("invalid field selector: \(term)")
    }

    private static func supports(_ path: FieldPath, _ resource: Resource) -> Bool {
        switch path {
        case .name: true
        case .namespace: resource.isNamespaced
        case .nodeName, .podIP, .serviceAccount: resource == .pods
        case .phase: [.pods, .namespaces, .persistentvolumeclaims].contains(resource)
        case .unschedulable: resource == .nodes
        case .type: resource == .events || resource == .secrets
        case .involvedName, .involvedNamespace, .involvedKind, .involvedUID, .involvedVersion, .involvedPath, .reason:
            resource == .events
        }
    }

    private static func value(of path: FieldPath, in object: JSON) -> String {
        let names = path.rawValue.split(separator: ".").map(String.init)
        let value = names.reduce(Optional(object)) { $0?.member($1) }
        return value?.string ?? (path == .unschedulable ? String(value?.isTrue == true) : "")
    }
}
